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
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func TestIsRead(t *testing.T) {
	for _, c := range []struct {
		request string
		prefix  string
		header  string
		want    bool
	}{
		{request: "GET /api/v1/pods", want: true},
		{request: "HEAD /api/v1/pods", want: true},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/log?follow=true", want: true},
		{request: "GET /version", want: true},
		{request: "GET /", want: true},
		{request: "GET /apis/", want: true},
		{request: "GET /apis/metrics.k8s.io/v1beta1/namespaces/proxy/pods/exec", want: true},
		{request: "GET /api/v1/namespaces/proxy/pods/exec", want: true},
		{request: "GET /api/v1/namespaces/exec", want: true},
		{request: "GET /api/v1/nodes/proxy", want: true},
		{request: "get /api/v1/pods"},
		{request: "POST /api/v1/namespaces/shop/pods"},
		{request: "PUT /api/v1/namespaces/shop/pods/web-1"},
		{request: "PATCH /api/v1/namespaces/shop/pods/web-1"},
		{request: "DELETE /api/v1/namespaces/shop/pods/web-1"},
		{request: "DELETE /api/v1/namespaces/shop/pods"},
		{request: "CONNECT /api/v1/namespaces/shop/pods/web-1/exec"},
		{request: "OPTIONS /api/v1/pods"},
		{request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", want: true},
		{request: "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews", want: true},
		{request: "POST /apis/authentication.k8s.io/v1/selfsubjectreviews", want: true},
		{request: "PUT /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"},
		{request: "POST /apis/authorization.k8s.io/v1/subjectaccessreviews"},
		{request: "POST /apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews"},
		{request: "POST /apis/authentication.k8s.io/v1/tokenreviews"},
		{request: "POST /apis/evil.test/v1/selfsubjectaccessreviews"},
		{request: "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x"},
		{request: "POST /api/v1/namespaces/shop/serviceaccounts/ci/token"},
		{request: "POST /api/v1/namespaces/shop/pods/web-1/eviction"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/exec?command=sh"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/attach"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/portforward"},
		{request: "GET /api/v1/namespaces/shop/pods/web-1/proxy"},
		{request: "GET /api/v1/namespaces/shop/services/web:80/proxy/admin/delete"},
		{request: "GET /api/v1/nodes/worker-1/proxy/run/shop/web-1/app"},
		{request: "GET /api/v1/proxy/nodes/worker-1"},
		{request: "GET /api/v1//nodes/worker-1/proxy"},
		{request: "GET /api/v1/x/../nodes/worker-1/proxy"},
		{request: "GET /api/v1/nodes/worker-1%2Fproxy/run"},
		{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/portforward"},
		{request: "GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/vnc", header: "Upgrade"},
		{request: "GET /api/v1/pods", header: "X-Http-Method-Override"},
		{request: "GET /k8s/clusters/c-1/api/v1/pods", prefix: "/k8s/clusters/c-1", want: true},
		{request: "GET /k8s/clusters/c-1/api/v1/nodes/n/proxy", prefix: "/k8s/clusters/c-1/"},
		{request: "GET /elsewhere/api/v1/pods", prefix: "/k8s/clusters/c-1"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, "https://server"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set(c.header, "websocket")
		}
		if got := isRead(req, c.prefix); got != c.want {
			t.Errorf("isRead(%s) with header %q = %v", c.request, c.header, got)
		}
	}
}

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
		if name == "StartRecording" || name == "StopRecording" {
			continue // They change a file; TestARecordingOfATapeIsTheTape sees that they only GET.
		}
		e := all[name]
		if e == nil {
			t.Errorf("%s has a Run method, but is not among the effects of this test", name)
			continue
		}
		if err := e.Run(t.Context()); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "/api/v1/namespaces/shop/pods/web-1") {
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
	s.Intercept(failing("web-1", http.StatusConflict, metav1.StatusReasonConflict, "the UID in the precondition does not match"))
	if err := d.Run(t.Context()); !apierrors.IsConflict(err) || !strings.HasPrefix(err.Error(), "delete pod shop/web-1 in test: ") {
		t.Errorf("a refused deletion says %v", err)
	}
}

// beats watches the pulse of a cluster.
func beats(t *testing.T, c *Cluster) testSource {
	t.Helper()
	p := c.WatchHealth()
	b := &boundWatch{changes: make(chan struct{}, 1)}
	go func() {
		for {
			if _, err := p.Next(t.Context()); err != nil {
				return
			}
			wakeUp(b.changes)
		}
	}()
	return b
}

func TestHealth(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	pulse := beats(t, c)
	in := func(p Phase) func() bool { return func() bool { return c.Health(time.Now()).State == p } }
	until(t, pulse, "the version", func() bool { return c.Version() == "v1.36.3" && in(Live)() })

	s.Intercept(failing("/", http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized"))
	c.Refresh()
	until(t, pulse, "signed out", in(SignedOut))
	if h := c.Health(time.Now()); !strings.Contains(h.Err, "log in again") || h.Since.IsZero() {
		t.Errorf("signed out: %+v", h)
	}
	s.Intercept(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	c.Refresh()
	until(t, pulse, "stale", in(Stale))
	s.Intercept(failing("/", http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable, ""))
	c.Refresh()
	until(t, pulse, "a reason of its own", func() bool { return strings.Contains(c.Health(time.Now()).Err, "503") })
	s.Intercept(nil)
	c.Refresh()
	until(t, pulse, "live again", in(Live))
}

func TestHealthOfAClusterThatNeverAnswered(t *testing.T) {
	s := newServer(t)
	s.http.Close()
	c := s.open(t)
	until(t, beats(t, c), "unreachable", func() bool { return c.Health(time.Now()).State == Unreachable })
	h := c.Health(time.Now())
	if !strings.Contains(h.Err, "connection refused") || strings.Contains(h.Err, "http://") || !h.Since.IsZero() {
		t.Errorf("unreachable: %+v", h)
	}
	if err := c.WaitResources(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("WaitResources: %v", err)
	}
}
