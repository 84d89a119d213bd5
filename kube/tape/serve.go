package tape

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes/scheme"
)

const compressFrom = 128 * 1024

// request is a request for objects, taken apart.
type request struct {
	*http.Request
	resource              *resource
	namespace, name, part string
	form                  form
}

// form is what the client wants to read: the media type and what objects are
// turned into ("", Table, PartialObjectMetadata, PartialObjectMetadataList).
type form struct{ media, as string }

const (
	jsonMedia     = "application/json"
	protobufMedia = "application/vnd.kubernetes.protobuf"
)

// RoundTrip answers a request. It never fails but when the request was
// cancelled; what a server refuses is a Status in the response.
func (a *API) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	res, err := a.serve(req)
	if err != nil {
		status, ok := err.(apierrors.APIStatus)
		if !ok {
			status = apierrors.NewInternalError(err)
		}
		s := status.Status()
		s.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		return answer(req, int(s.Code), encode(s)), nil
	}
	return res, nil
}

func (a *API) serve(req *http.Request) (*http.Response, error) {
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	if parts[0] != "api" && parts[0] != "apis" || len(parts) < 3 || parts[0] == "apis" && len(parts) == 3 {
		return a.page(req, parts)
	}
	gv, rest := schema.GroupVersion{Version: parts[1]}, parts[2:]
	if parts[0] == "apis" {
		gv, rest = schema.GroupVersion{Group: parts[1], Version: parts[2]}, parts[3:]
	}
	if gv.Group == "authorization.k8s.io" && req.Method == http.MethodPost {
		return a.review(req, rest[0])
	}
	r := request{Request: req}
	if rest[0] == "namespaces" && len(rest) > 2 && rest[2] != "status" && rest[2] != "finalize" {
		r.namespace, rest = rest[1], rest[2:]
	}
	rest = append(rest, "", "")
	r.name, r.part = rest[1], rest[2]
	a.mu.Lock()
	for _, known := range a.resources {
		if known.name == rest[0] && known.gvk.GroupVersion() == gv {
			r.resource = known
		}
	}
	a.mu.Unlock()
	if r.resource == nil || r.namespace != "" && !r.resource.namespaced || r.name != "" && r.namespace == "" && r.resource.namespaced {
		return pageNotFound(req), nil
	}
	return a.objects(&r)
}

func (a *API) objects(r *request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return nil, apierrors.NewForbidden(r.group(), r.name, fmt.Errorf("this API is read-only"))
	}
	if r.part == "log" && r.resource.name == "pods" {
		return a.log(r)
	}
	if r.part != "" && r.part != "status" {
		return pageNotFound(r.Request), nil
	}
	if err := r.negotiate(); err != nil {
		return nil, err
	}
	switch {
	case r.name != "":
		return a.get(r)
	case r.URL.Query().Get("watch") == "true" || r.URL.Query().Get("watch") == "1":
		return a.watch(r)
	}
	return a.list(r)
}

func (r *request) group() schema.GroupResource {
	return schema.GroupResource{Group: r.resource.gvk.Group, Resource: r.resource.name}
}

// negotiate picks the first type of the Accept header that can be served.
func (r *request) negotiate() error {
	accept := r.Header.Get("Accept")
	if accept == "" {
		accept = jsonMedia
	}
	for one := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(strings.TrimSpace(one))
		if err != nil {
			continue
		}
		as := params["as"]
		switch {
		case as != "" && (params["g"] != "meta.k8s.io" || params["v"] != "v1"):
			continue
		case as != "" && as != "Table" && as != "PartialObjectMetadata" && as != "PartialObjectMetadataList":
			continue
		case media == "*/*" || media == "application/*":
			media = jsonMedia
		case media == protobufMedia && (as == "Table" || as == "" && !scheme.Scheme.Recognizes(r.resource.gvk)):
			continue
		case media != jsonMedia && media != protobufMedia:
			continue
		}
		r.form = form{media, as}
		return nil
	}
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
		Message: "only the following media types are accepted: " + jsonMedia + ", " + protobufMedia,
	}}
}

func (a *API) get(r *request) (*http.Response, error) {
	a.mu.Lock()
	i := r.resource.items[r.namespace+"/"+r.name]
	a.mu.Unlock()
	if i == nil {
		return nil, apierrors.NewNotFound(r.group(), r.name)
	}
	body, err := a.render(r, i)
	if err != nil {
		return nil, err
	}
	return r.answer(body), nil
}

// render returns one object in the form that the client asked for.
func (a *API) render(r *request, i *item) ([]byte, error) {
	switch r.form.as {
	case "Table":
		return encode(a.table(r, []*item{i}, metav1.ListMeta{ResourceVersion: fmt.Sprint(i.version)})), nil
	case "":
		return r.binary(i.json, r.resource.gvk)
	}
	return r.binary(encode(partial(i)), schema.GroupVersionKind{Group: "meta.k8s.io", Version: "v1", Kind: "PartialObjectMetadata"})
}

// binary returns the JSON of an object as protobuf when that was asked for.
func (r *request) binary(text []byte, gvk schema.GroupVersionKind) ([]byte, error) {
	if r.form.media != protobufMedia {
		return text, nil
	}
	var obj runtime.Object
	var err error
	switch gvk.Kind {
	case "PartialObjectMetadata":
		obj = &metav1.PartialObjectMetadata{}
	case "PartialObjectMetadataList":
		obj = &metav1.PartialObjectMetadataList{}
	default:
		obj, err = scheme.Scheme.New(gvk)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, obj); err != nil {
		return nil, err
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	var out bytes.Buffer
	err = protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(obj, &out)
	return out.Bytes(), err
}

func partial(i *item) metav1.PartialObjectMetadata {
	return metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: "meta.k8s.io/v1"}, ObjectMeta: metaOf(i),
	}
}

func (r *request) answer(body []byte) *http.Response {
	res := answer(r.Request, http.StatusOK, body)
	res.Header.Set("Content-Type", r.form.media)
	return res
}

// page answers what is not about objects.
func (a *API) page(req *http.Request, parts []string) (*http.Response, error) {
	known := parts[0] == "version" || parts[0] == "api" || parts[0] == "apis"
	probe := len(parts) == 1 && (parts[0] == "healthz" || parts[0] == "livez" || parts[0] == "readyz")
	switch {
	case !known && !probe:
		return pageNotFound(req), nil
	case req.Method != http.MethodGet:
		return nil, apierrors.NewMethodNotSupported(schema.GroupResource{Resource: parts[0]}, strings.ToLower(req.Method))
	case probe:
		res := answer(req, http.StatusOK, []byte("ok"))
		res.Header.Set("Content-Type", "text/plain")
		return res, nil
	case parts[0] == "version":
		numbers := append(strings.Split(strings.TrimPrefix(a.options.Version, "v"), "."), "", "")
		return answer(req, http.StatusOK, encode(version.Info{Major: numbers[0], Minor: numbers[1], GitVersion: a.options.Version})), nil
	}
	return a.discover(req, parts), nil
}

// review answers what the user may do: read everything that exists.
func (a *API) review(req *http.Request, what string) (*http.Response, error) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(text, nil, nil)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	switch review := obj.(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		review.Status.Allowed = a.allowed(review.Spec)
	case *authorizationv1.SelfSubjectRulesReview:
		review.Status.ResourceRules = []authorizationv1.ResourceRule{{Verbs: verbs, APIGroups: []string{"*"}, Resources: []string{"*"}}}
		review.Status.NonResourceRules = []authorizationv1.NonResourceRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"*"}}}
	default:
		return nil, apierrors.NewForbidden(schema.GroupResource{Group: "authorization.k8s.io", Resource: what}, "", fmt.Errorf("this API is read-only"))
	}
	return answer(req, http.StatusCreated, encode(obj)), nil
}

func (a *API) allowed(spec authorizationv1.SelfSubjectAccessReviewSpec) bool {
	if path := spec.NonResourceAttributes; path != nil {
		return path.Verb == "get"
	}
	ask := spec.ResourceAttributes
	if ask == nil || ask.Verb != "get" && ask.Verb != "list" && ask.Verb != "watch" {
		return false
	}
	if ask.Subresource != "" && (ask.Resource != "pods" || ask.Subresource != "log") && ask.Subresource != "status" {
		return false
	}
	for _, r := range a.sorted() {
		if (ask.Group == "*" || ask.Group == r.gvk.Group) && (ask.Resource == "*" || ask.Resource == r.name) {
			return true
		}
	}
	return false
}

func pageNotFound(req *http.Request) *http.Response {
	return answer(req, http.StatusNotFound, encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Code: http.StatusNotFound,
		Reason: metav1.StatusReasonNotFound, Message: "the server could not find the requested resource",
	}))
}

// answer returns a JSON response, compressed when the client asks and it pays.
func answer(req *http.Request, code int, body []byte) *http.Response {
	header := http.Header{"Content-Type": {jsonMedia}}
	if len(body) > compressFrom && strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		var out bytes.Buffer
		w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		_, _ = w.Write(body)
		_ = w.Close()
		body = out.Bytes()
		header.Set("Content-Encoding", "gzip")
	}
	return stream(req, code, header, io.NopCloser(bytes.NewReader(body)), int64(len(body)))
}

func stream(req *http.Request, code int, header http.Header, body io.ReadCloser, size int64) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), StatusCode: code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: body, ContentLength: size, Request: req,
	}
}

// encode never fails: what it gets are the API's own types.
func encode(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}
