package memapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// request is a parsed request for objects.
type request struct {
	*http.Request
	query                 url.Values
	resource              *resource
	namespace, name, part string
	form                  form
}

// RoundTrip answers a request. It fails only when the request was cancelled; what
// a server refuses is a Status in the response.
func (a *API) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	res, err := a.serve(req)
	if err != nil {
		return refusal(req, err), nil
	}
	return res, nil
}

func (a *API) serve(req *http.Request) (_ *http.Response, err error) {
	defer a.options.Panicked.Recover(req.URL, &err)
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	if parts[0] != "api" && parts[0] != "apis" || len(parts) < 3 || parts[0] == "apis" && len(parts) == 3 {
		return a.serveOther(req, parts)
	}
	gv, rest := schema.GroupVersion{Version: parts[1]}, parts[2:]
	if parts[0] == "apis" {
		gv, rest = schema.GroupVersion{Group: parts[1], Version: parts[2]}, parts[3:]
	}
	if req.Method == http.MethodPost && (gv.Group == "authorization.k8s.io" || gv.Group == "authentication.k8s.io") {
		return a.review(req, gv, rest[0])
	}
	r := &request{Request: req, query: req.URL.Query()}
	if rest[0] == "watch" { // the old way to ask for a watch
		rest = rest[1:]
		r.query.Set("watch", "true")
	}
	if len(rest) > 2 && rest[0] == "namespaces" && rest[2] != "status" && rest[2] != "finalize" {
		r.namespace, rest = rest[1], rest[2:]
	}
	rest = append(rest, "", "")
	r.name, r.part = rest[1], rest[2]
	a.mu.Lock()
	a.noteRequest()
	r.resource = a.byPath[gv.WithResource(rest[0])]
	a.mu.Unlock()
	if r.resource == nil || r.namespace != "" && !r.resource.namespaced ||
		r.name != "" && r.namespace == "" && r.resource.namespaced {
		return nil, errNoPage
	}
	return a.objects(r)
}

func (a *API) objects(r *request) (*http.Response, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, r.refuse()
	}
	if r.part == "log" && r.resource.gvk == podKind {
		return a.log(r)
	}
	if r.part != "" && r.part != "status" {
		return nil, errNoPage
	}
	watch := r.query.Get("watch") == "true" || r.query.Get("watch") == "1"
	if watch && r.name != "" {
		selector := "metadata.name=" + r.name
		if asked := r.query.Get("fieldSelector"); asked != "" {
			selector += "," + asked
		}
		r.query.Set("fieldSelector", selector)
		r.name = ""
	}
	if err := r.negotiate(r.name == "" && !watch); err != nil {
		return nil, err
	}
	switch {
	case r.name != "":
		return a.get(r)
	case watch:
		return a.watch(r)
	}
	return a.list(r)
}

// refuse returns the answer to every verb that would change something.
func (r *request) refuse() error {
	verb := map[string]string{
		http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "patch", http.MethodDelete: "delete",
	}[r.Method]
	if verb == "" {
		return apierrors.NewMethodNotSupported(r.group(), strings.ToLower(r.Method))
	}
	return apierrors.NewForbidden(r.group(), r.name, fmt.Errorf("this API is read-only: it cannot %s", verb))
}

func (r *request) group() schema.GroupResource { return r.resource.gvr().GroupResource() }

var podKind = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}

func (a *API) get(r *request) (*http.Response, error) {
	wanted, err := a.parse(r.query.Get("resourceVersion"))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	i := r.resource.store.items[keyOf(r.namespace, r.name)]
	version := a.version
	a.mu.Unlock()
	if wanted > version {
		return nil, tooNew(wanted, version)
	}
	if i == nil {
		return nil, apierrors.NewNotFound(r.group(), r.name)
	}
	body, err := a.render(r, i)
	if err != nil {
		return nil, err
	}
	return r.answer(body), nil
}

// errNoPage is the answer of a server to a path that it does not serve.
var errNoPage = &apierrors.StatusError{ErrStatus: metav1.Status{
	Status: metav1.StatusFailure, Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
	Message: "the server could not find the requested resource", Details: &metav1.StatusDetails{},
}}

// refusal returns an error as a server answers it.
func refusal(req *http.Request, err error) *http.Response {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		status = apierrors.NewInternalError(err)
	}
	s := status.Status()
	s.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	return answer(req, int(s.Code), jsonMedia, encode(s))
}
