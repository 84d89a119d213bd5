package memapi

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// selectable are the field selectors of a kind besides name and namespace, as the
// conversion functions of k8s.io/kubernetes/pkg/apis have them.
var selectable = map[schema.GroupKind][]string{
	{Kind: "Pod"}: {
		"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
		"status.phase", "status.podIP", "status.nominatedNodeName",
	},
	{Kind: "Event"}: {
		"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
		"involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
		"reason", "reportingComponent", "source", "type",
	},
	{Kind: "Node"}:                  {"spec.unschedulable"},
	{Kind: "Namespace"}:             {"status.phase"},
	{Kind: "Secret"}:                {"type"},
	{Kind: "Service"}:               {"spec.clusterIP", "spec.type"},
	{Kind: "ReplicationController"}: {"status.replicas"},
	{Group: "batch", Kind: "Job"}:   {"status.successful"},
	{Group: "certificates.k8s.io", Kind: "CertificateSigningRequest"}: {"spec.signerName"},
}

// zero is what a field selector sees where the object has no value.
var zero = map[string]string{
	"spec.hostNetwork": "false", "spec.unschedulable": "false", "status.replicas": "0", "status.successful": "0",
}

// renamed returns the name that a kind's other version gives to a field.
func renamed(gvk schema.GroupVersionKind, field string) string {
	if gvk.GroupKind() == (schema.GroupKind{Kind: "Pod"}) && field == "spec.host" {
		return "spec.nodeName"
	}
	if gvk.Group != "events.k8s.io" {
		return field
	}
	if of, ok := strings.CutPrefix(field, "regarding."); ok {
		return "involvedObject." + of
	}
	switch field {
	case "reportingController":
		return "reportingComponent"
	case "reason", "type":
		return field
	}
	return "" // the names of core events do not mean anything there
}

// Fields returns the values of a built-in kind's field selectors besides name and
// namespace; nil for a kind that has none. The object is not changed.
func Fields(gvk schema.GroupVersionKind, object map[string]any) fields.Set {
	if names := selectable[familyOf(gvk)]; len(names) > 0 {
		return values(gvk, names, object)
	}
	return nil
}

func values(gvk schema.GroupVersionKind, names []string, object map[string]any) fields.Set {
	values := make(fields.Set, len(names))
	for _, name := range names {
		value, found := zero[name]
		for _, path := range paths(gvk, name) {
			if v, ok, _ := unstructured.NestedFieldNoCopy(object, path...); ok && v != nil && v != "" {
				value, found = fmt.Sprint(v), true
				break
			}
		}
		if found {
			values[name] = value
		}
	}
	return values
}

// paths returns where an object has the value of a field selector, best first.
func paths(gvk schema.GroupVersionKind, name string) [][]string {
	other := gvk.Group == "events.k8s.io"
	switch of, about := strings.CutPrefix(name, "involvedObject."); {
	case other && about:
		return [][]string{{"regarding", of}}
	case name == "source" && other:
		return [][]string{{"deprecatedSource", "component"}, {"reportingController"}}
	case name == "source":
		return [][]string{{"source", "component"}, {"reportingComponent"}}
	case name == "reportingComponent" && other:
		return [][]string{{"reportingController"}}
	}
	return [][]string{strings.Split(name, ".")}
}

// selects returns the values of the object's field selectors.
func (i *item) selects(r *resource) fields.Set {
	if known := i.fields.Load(); known != nil {
		return *known
	}
	names, builtin := selectable[familyOf(i.gvk)]
	names = append(slices.Clip(names), r.selectable...)
	found := fields.Set{}
	if len(names) > 0 {
		var object map[string]any
		if text, err := i.json(i.gvk); err == nil && utiljson.Unmarshal(text, &object) == nil {
			found = values(i.gvk, names, object)
		}
	}
	if builtin {
		i.fields.Store(&found) // a definition may add names later
	}
	return found
}

// selection says which objects a list or a watch is for.
type selection struct {
	resource  *resource
	namespace string
	labels    labels.Selector
	fields    fields.Selector
	name      string // when the fields want one name
	values    bool   // more than name and namespace is selected by
}

func (r *request) selection() (selection, error) {
	s := selection{resource: r.resource, namespace: r.namespace}
	var err error
	if s.labels, err = labels.Parse(r.query.Get("labelSelector")); err != nil {
		return s, apierrors.NewBadRequest(fmt.Sprintf("unable to parse requirement: %v", err))
	}
	if s.fields, err = fields.ParseSelector(r.query.Get("fieldSelector")); err != nil {
		return s, apierrors.NewBadRequest(err.Error())
	}
	s.fields, err = s.fields.Transform(func(name, value string) (string, string, error) {
		name, err := r.resource.selector(name)
		s.values = s.values || name != "metadata.name" && name != "metadata.namespace"
		return name, value, err
	})
	if err != nil {
		return s, apierrors.NewBadRequest(err.Error())
	}
	s.name, _ = s.fields.RequiresExactMatch("metadata.name")
	return s, nil
}

// selector returns the name under which a field can be selected, or the error
// with which a server refuses to.
func (r *resource) selector(name string) (string, error) {
	own := selectable[familyOf(r.gvk)]
	switch {
	case name == "metadata.name", name == "metadata.namespace" && (r.namespaced || len(own) == 0):
		return name, nil
	case slices.Contains(own, renamed(r.gvk, name)):
		return renamed(r.gvk, name), nil
	case slices.Contains(r.selectable, name):
		return name, nil
	case r.gvk.Kind == "Job" && r.gvk.Group == "batch":
		return "", fmt.Errorf("field label %q not supported for Job", name)
	case len(own) > 0 || r.defined != "":
		return "", fmt.Errorf("field label not supported: %s", name)
	}
	return "", fmt.Errorf("%q is not a known field selector: only %q, %q", name, "metadata.name", "metadata.namespace")
}

func (s *selection) empty() bool { return s.labels.Empty() && s.fields.Empty() }

func (s *selection) has(i *item) bool {
	if i == nil || s.namespace != "" && i.namespace() != s.namespace ||
		s.name != "" && i.name() != s.name || !s.labels.Matches(i.labels) {
		return false
	}
	if s.fields.Empty() {
		return true
	}
	all := fields.Set{}
	if s.values {
		all = maps.Clone(i.selects(s.resource))
	}
	all["metadata.name"], all["metadata.namespace"] = i.name(), i.namespace()
	return s.fields.Matches(all)
}

// of returns what is selected from a sorted slice, after a key: at most limit objects,
// if that is not 0. left is how many follow.
func (s *selection) of(sorted []*item, after string, limit int) (list []*item, left int) {
	if s.namespace != "" {
		sorted = inside(sorted, s.namespace+"/", s.namespace+"0") // "0" follows "/"
	}
	if after != "" {
		from, found := slices.BinarySearchFunc(sorted, after, byKey)
		if found {
			from++
		}
		sorted = sorted[from:]
	}
	if limit > 0 && s.empty() {
		n := min(limit, len(sorted))
		return sorted[:n], len(sorted) - n
	}
	for _, i := range sorted {
		if !s.has(i) {
			continue
		}
		if limit > 0 && len(list) == limit {
			return list, 1 // a server does not count what it would have to read
		}
		list = append(list, i)
	}
	return list, 0
}

func byKey(i *item, key string) int { return strings.Compare(i.key, key) }

func inside(sorted []*item, from, to string) []*item {
	first, _ := slices.BinarySearchFunc(sorted, from, byKey)
	last, _ := slices.BinarySearchFunc(sorted, to, byKey)
	return sorted[first:last]
}

func (r *request) number(name string) (int, error) {
	text := r.query.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, apierrors.NewBadRequest(fmt.Sprintf("unable to convert %s: %v", name, err))
	}
	return n, nil
}
