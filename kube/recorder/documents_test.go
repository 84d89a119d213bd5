package recorder

import (
	"net/http"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// TestADocumentThatIsTooLongIsLeftOut has schemas below, at and above the limit, one
// that the server refuses, and a last one whose request shows that the others are read.
func TestADocumentThatIsTooLongIsLeftOut(t *testing.T) {
	const last = "/openapi/v3/z"
	r := record(t, Options{Kinds: []string{"nodes"}}, func(s *kubetest.Server) {
		s.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
			sizes := map[string]int{"/openapi/v3/a": 100, "/openapi/v3/b": documentMax, "/openapi/v3/c": documentMax + 1}
			size, known := sizes[req.URL.Path]
			switch {
			case req.URL.Path == "/openapi/v3":
				_, _ = w.Write([]byte(`{"paths": {"a": {}, "b": {}, "c": {}, "d": {}, "z": {}}}`))
			case known:
				_, _ = w.Write([]byte(`"` + strings.Repeat("x", size-2) + `"`))
			case req.URL.Path == "/openapi/v3/d":
				w.WriteHeader(http.StatusForbidden)
			default:
				return false
			}
			return true
		})
	})
	r.until(t, "the last schema", func(Progress) bool { return len(r.server.Requests(last)) > 0 })
	p := r.end(t)
	documents, err := p.Tape().Documents(p.Tape().End())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, d := range documents {
		if name, found := strings.CutPrefix(d.Path, tape.OpenAPIPrefix); found {
			got[name] = len(d.Body)
		}
	}
	delete(got, "z") // the recording may have ended before it came
	if len(got) != 2 || got["a"] != 100 || got["b"] != documentMax {
		t.Errorf("recorded, by their lengths: %v", got)
	}
}
