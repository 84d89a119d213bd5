package memapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
)

// serveOther answers requests that are not about objects.
func (a *API) serveOther(req *http.Request, parts []string) (*http.Response, error) {
	var serve func(*http.Request, []string) (*http.Response, error)
	switch parts[0] {
	case "api", "apis":
		serve = a.discover
	case "openapi":
		serve = a.openapi
	case "version":
		serve = a.about
	case "healthz", "livez", "readyz":
		serve = func(req *http.Request, _ []string) (*http.Response, error) {
			return answer(req, http.StatusOK, "text/plain; charset=utf-8", []byte("ok")), nil
		}
	default:
		return nil, errNoPage
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return nil, apierrors.NewMethodNotSupported(schema.GroupResource{Resource: parts[0]}, strings.ToLower(req.Method))
	}
	return serve(req, parts)
}

func (a *API) about(req *http.Request, _ []string) (*http.Response, error) {
	a.mu.Lock()
	said := a.options.Version
	a.mu.Unlock()
	numbers := append(strings.Split(strings.TrimPrefix(said, "v"), "."), "", "")
	info := version.Info{Major: numbers[0], Minor: numbers[1], GitVersion: said}
	return answer(req, http.StatusOK, jsonMedia, encode(info)), nil
}

// SetVersion makes text the server's gitVersion.
func (a *API) SetVersion(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.options.Version = text
}

// SetOpenAPI gives the OpenAPI v3 documents (JSON) to serve, by their path below
// /openapi/v3: "api/v1", "apis/apps/v1". The map is neither changed nor kept.
func (a *API) SetOpenAPI(documents map[string][]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.documents = maps.Clone(documents)
}

func (a *API) openapi(req *http.Request, parts []string) (*http.Response, error) {
	a.mu.Lock()
	documents := a.documents
	a.mu.Unlock()
	if len(parts) < 2 || parts[1] != "v3" || len(documents) == 0 {
		return nil, errNoPage
	}
	if len(parts) > 2 {
		document, ok := documents[strings.Join(parts[2:], "/")]
		if !ok {
			return nil, errNoPage
		}
		return answer(req, http.StatusOK, jsonMedia, document), nil
	}
	type entry struct {
		URL string `json:"serverRelativeURL"`
	}
	paths := map[string]entry{}
	for _, path := range slices.Sorted(maps.Keys(documents)) {
		paths[path] = entry{"/openapi/v3/" + path}
	}
	return answer(req, http.StatusOK, jsonMedia, encode(map[string]any{"paths": paths})), nil
}
