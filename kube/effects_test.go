package kube

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/transport"
)

// effect is ui.Effect, by shape.
type effect interface {
	String() string
	Run(ctx context.Context) error
}

// effects has one of each effect; TestEffectsAreRefused finds those missing.
func effects(c *Cluster) map[string]effect {
	pods := Resource{GroupVersionResource: podsResource, Kind: "Pod", Namespaced: true}
	ref := kinds.Ref{GroupKind: schema.GroupKind{Kind: "Pod"}, Namespace: "shop", Name: "web-1"}
	return map[string]effect{"Delete": c.Delete(ref, "uid-web-1", pods)}
}

func TestEffectsAreRefusedWithoutWrite(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-1", "Running"))
	all := effects(s.open(t))
	for _, name := range effectTypes(t) {
		e := all[name]
		if e == nil {
			t.Errorf("%s has a Run method, but is not among the effects of this test", name)
			continue
		}
		err := e.Run(t.Context())
		if !errors.Is(err, transport.ErrReadOnly) || !strings.Contains(err.Error(), "/api/v1/namespaces/shop/pods/web-1") {
			t.Errorf("%s without write: %v", name, err)
		}
	}
	for _, r := range s.Requests("") {
		if !strings.HasPrefix(r, "GET ") {
			t.Errorf("the server was asked %s", r)
		}
	}
}

// effectTypes are the types of this package with a method Run(context.Context)
// error.
func effectTypes(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Run" {
				continue
			}
			receiver := f.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			out = append(out, receiver.(*ast.Ident).Name)
		}
	}
	if len(out) == 0 {
		t.Fatal("no effects found")
	}
	return out
}

func TestDelete(t *testing.T) {
	s := newServer(t)
	s.put(pod("shop", "web-1", "Running"))
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodDelete {
			return false
		}
		s.remove("Pod", "web-1")
		writeJSON(w, object{"kind": "Status", "apiVersion": "v1", "status": "Success"})
		return true
	})
	c := s.open(t, func(o *Options) { o.Write = true })
	l, _ := look(t, c.Listing(Scope{GroupVersionResource: podsResource}))
	l.live(t, 1)
	d := effects(c)["Delete"]
	if got := d.String(); got != "delete pod shop/web-1 in test" {
		t.Errorf("it says %q", got)
	}
	if err := d.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.live(t, 0)
	s.Intercept(
		failing("web-1", http.StatusConflict, metav1.StatusReasonConflict, "the UID in the precondition does not match"),
	)
	err := d.Run(t.Context())
	if !apierrors.IsConflict(err) || !strings.HasPrefix(err.Error(), "delete pod shop/web-1 in test: ") {
		t.Errorf("a refused deletion says %v", err)
	}
	if err := c.SetWritable(false); err != nil {
		t.Fatal(err)
	}
	if err := d.Run(t.Context()); !errors.Is(err, ErrReadOnly) {
		t.Errorf("after write mode a deletion says %v", err)
	}
}
