package tape

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// selectable are the field selectors of a resource beside name and namespace.
var selectable = map[string][]string{
	"pods":        {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"},
	"events":      {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "reason", "reportingComponent", "source", "type"},
	"nodes":       {"spec.unschedulable"},
	"namespaces":  {"status.phase"},
	"secrets":     {"type"},
	"services":    {"spec.clusterIP", "spec.type"},
	"replicasets": {"status.replicas"},
	"jobs":        {"status.successful"},
}

func (r *resource) fieldsOf(u *unstructured.Unstructured) map[string]string {
	values := map[string]string{}
	for _, name := range r.selectable {
		path := strings.Split(name, ".")
		if name == "source" {
			path = []string{"source", "component"}
		}
		if value, found, _ := unstructured.NestedFieldNoCopy(u.Object, path...); found && value != nil {
			values[name] = fmt.Sprint(value)
		} else if name == "spec.hostNetwork" || name == "spec.unschedulable" {
			values[name] = "false"
		}
	}
	return values
}

// selection is which objects a list or a watch wants.
type selection struct {
	namespace string
	labels    labels.Selector
	fields    fields.Selector
}

func (r *request) selection() (selection, error) {
	s := selection{namespace: r.namespace}
	var err error
	if s.labels, err = labels.Parse(r.URL.Query().Get("labelSelector")); err != nil {
		return s, apierrors.NewBadRequest(fmt.Sprintf("unable to parse requirement: %v", err))
	}
	if s.fields, err = fields.ParseSelector(r.URL.Query().Get("fieldSelector")); err != nil {
		return s, apierrors.NewBadRequest(err.Error())
	}
	for _, f := range s.fields.Requirements() {
		if f.Field != "metadata.name" && f.Field != "metadata.namespace" && !slices.Contains(r.resource.selectable, f.Field) {
			return s, apierrors.NewBadRequest("field label not supported: " + f.Field)
		}
	}
	return s, nil
}

func (s selection) empty() bool { return s.labels.Empty() && s.fields.Empty() }

func (s selection) has(i *item) bool {
	if i == nil || s.namespace != "" && i.namespace != s.namespace || !s.labels.Matches(i.labels) {
		return false
	}
	if s.fields.Empty() {
		return true
	}
	all := fields.Set(maps.Clone(i.fields))
	all["metadata.name"], all["metadata.namespace"] = i.name, i.namespace
	return s.fields.Matches(all)
}

func (s selection) of(items map[string]*item) []*item {
	var list []*item
	for _, i := range items {
		if s.has(i) {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(x, y *item) int { return strings.Compare(x.key(), y.key()) })
	return list
}

// token is where a list goes on. Of keeps it from being used for another list.
type token struct {
	Version uint64 `json:"rv"`
	After   string `json:"start"`
	Of      string `json:"of"`
}

func (r *request) listed() string { return r.URL.Path + "?" + selectors(r.URL.Query()) }

func selectors(q url.Values) string {
	return url.Values{"l": q["labelSelector"], "f": q["fieldSelector"]}.Encode()
}

func (a *API) list(r *request) (*http.Response, error) {
	s, err := r.selection()
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	if q.Get("resourceVersion") == "0" {
		limit = 0 // as a server that answers from its cache
	}
	a.mu.Lock()
	from, err := a.start(r, q)
	if err != nil {
		a.mu.Unlock()
		return nil, err
	}
	items, ok := a.at(r.resource, from.Version)
	a.mu.Unlock()
	if !ok {
		return nil, apierrors.NewResourceExpired("The provided continue parameter is too old to display a consistent list result.")
	}
	list := s.of(items)
	list = slices.DeleteFunc(list, func(i *item) bool { return from.After != "" && i.key() <= from.After })
	about := metav1.ListMeta{ResourceVersion: strconv.FormatUint(from.Version, 10)}
	if left := int64(len(list) - limit); limit > 0 && left > 0 {
		list = list[:limit]
		from.After, from.Of = list[limit-1].key(), r.listed()
		about.Continue = base64.RawURLEncoding.EncodeToString(encode(from))
		if s.empty() {
			about.RemainingItemCount = &left
		}
	}
	body, err := a.renderList(r, list, about)
	if err != nil {
		return nil, err
	}
	return r.answer(body), nil
}

// start says at which version and after which object a list begins.
func (a *API) start(r *request, q url.Values) (token, error) {
	version, match := q.Get("resourceVersion"), q.Get("resourceVersionMatch")
	if text := q.Get("continue"); text != "" {
		var t token
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(raw, &t)
		}
		if err != nil || t.Of != r.listed() {
			return t, apierrors.NewBadRequest("continue key is not valid: it is not of this list")
		}
		if version != "" && version != "0" {
			return t, apierrors.NewBadRequest("specifying resource version is not allowed when using continue")
		}
		return t, nil
	}
	asked, err := a.parse(version)
	switch {
	case err != nil:
		return token{}, err
	case match != "" && version == "" || match == "Exact" && version == "0":
		return token{}, apierrors.NewBadRequest("resourceVersionMatch is forbidden for this resourceVersion")
	case match == "Exact":
		return token{Version: asked}, nil
	}
	return token{Version: a.version}, nil
}

func (a *API) parse(version string) (uint64, error) {
	if version == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return 0, apierrors.NewBadRequest("invalid resource version " + strconv.Quote(version))
	}
	if n > a.version {
		late := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", n, a.version), 1)
		late.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version"}}
		return 0, late
	}
	return n, nil
}

func (a *API) renderList(r *request, list []*item, about metav1.ListMeta) ([]byte, error) {
	switch r.form.as {
	case "Table":
		return encode(a.table(r, list, about)), nil
	case "":
		gvk := r.resource.gvk
		gvk.Kind += "List"
		var out bytes.Buffer
		fmt.Fprintf(&out, `{"kind":%q,"apiVersion":%q,"metadata":%s,"items":[`, gvk.Kind, gvk.GroupVersion(), encode(about))
		for n, i := range list {
			if n > 0 {
				out.WriteByte(',')
			}
			out.Write(i.json)
		}
		out.WriteString("]}")
		return r.binary(out.Bytes(), gvk)
	}
	gvk := metav1.SchemeGroupVersion.WithKind("PartialObjectMetadataList")
	gvk.Group = "meta.k8s.io"
	all := metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{Kind: gvk.Kind, APIVersion: "meta.k8s.io/v1"}, ListMeta: about, Items: []metav1.PartialObjectMetadata{}}
	for _, i := range list {
		all.Items = append(all.Items, partial(i))
	}
	return r.binary(encode(all), gvk)
}
