package kube

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/kubectl/pkg/describe"
)

// brokenDescriber trips over what it reads.
type brokenDescriber struct{}

func (brokenDescriber) Describe(string, string, describe.DescriberSettings) (string, error) {
	panic("a field nobody has left out before")
}

// TestADescriberThatPanicsIsAnError has a describer that fails. The rest of the cluster is
// described as before.
func TestADescriberThatPanicsIsAnError(t *testing.T) {
	messages := NewMessages()
	c, _ := fromTape(t, func(o *Options) { o.Messages = messages })
	pods := resourceOf(t, c, "Pod")
	d := c.Describe(pods, "shop", "web")
	d.newDescriber = func() (describe.ResourceDescriber, error) { return brokenDescriber{}, nil }
	msg, err := d.Next(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	got := msg.(Described)
	const want = "kubectl's describer cannot describe pods shop/web: panic: "
	if got.Err == nil || !strings.HasPrefix(got.Err.Error(), want) {
		t.Errorf("%v %q", got.Err, got.Text)
	}
	if said := messageWith(messages, "describe pods shop/web: panic: "); !strings.Contains(said, "brokenDescriber") {
		t.Errorf("the messages say %q", said)
	}
	msg, err = c.Describe(pods, "shop", "web").Next(patient(t))
	if err != nil || msg.(Described).Err != nil {
		t.Errorf("described again: %+v, %v", msg, err)
	}
}

// resourceOf returns the resource of a built-in kind.
func resourceOf(t *testing.T, c *Cluster, kind string) Resource {
	t.Helper()
	if err := c.WaitResources(patient(t)); err != nil {
		t.Fatal(err)
	}
	found := c.Resources().Find(kind)
	if len(found) == 0 {
		t.Fatal("no kind ", kind)
	}
	return found[0]
}

func messageWith(m *Messages, part string) string {
	for _, message := range m.All() {
		if strings.Contains(message.Text, part) {
			return message.Text
		}
	}
	return ""
}

// panicking panics in the answer to requests that contain part, or when the
// answer is read.
type panicking struct {
	next   http.RoundTripper
	part   string
	inBody bool
}

func (p panicking) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.Contains(req.URL.String(), p.part) {
		return p.next.RoundTrip(req)
	}
	if !p.inBody {
		panic("an answer nobody has seen before\nin two lines")
	}
	res, err := p.next.RoundTrip(req)
	if err == nil {
		res.Body = panickingBody{res.Body}
	}
	return res, err
}

type panickingBody struct{ io.Closer }

func (panickingBody) Read([]byte) (int, error) { panic("a body nobody has seen before") }

func openPanicking(t *testing.T, part string, inBody bool) (*Cluster, *Messages) {
	t.Helper()
	messages := NewMessages()
	c, _ := fromTape(t, func(o *Options) {
		o.Messages = messages
		o.Backend.Transport = panicking{o.Backend.Transport, part, inBody}
	})
	return c, messages
}

func TestAPanicOfAnAnswerIsAnError(t *testing.T) {
	awaitMessage := func(t *testing.T, m *Messages, part string) {
		t.Helper()
		until(t, m.Watch(), "a message", func() bool { return messageWith(m, part) != "" })
	}
	for _, inBody := range []bool{false, true} {
		c, m := openPanicking(t, "/log?", inBody)
		read := c.Logs(LogOptions{Namespace: "shop", Pod: "web", Container: "app"})
		_, err := read.Next(patient(t))
		for err == nil { // That a stream has ended is news, too.
			_, err = read.Next(patient(t))
		}
		if err == nil || !strings.Contains(err.Error(), "panic: a") || messageWith(m, "logs of shop/web: panic: a") == "" {
			t.Errorf("logs: %v, and the messages say %+v", err, m.All())
		}

		for _, part := range []string{"/api/v1/pods?limit", "/api/v1/pods?allowWatchBookmarks"} {
			c, m = openPanicking(t, part, inBody)
			l, _ := look(t, c.Listing(Scope{GroupVersionResource: podsResource}))
			l.until(t, "the failure of "+part, func() bool { return l.State().Err != nil })
			if err := l.State().Err; !strings.Contains(err.Error(), "panic: a") {
				t.Errorf("%s: %v", part, err)
			}
			awaitMessage(t, m, "pods: panic: a")
		}

		c, m = openPanicking(t, "/api", inBody)
		if err := c.WaitResources(patient(t)); err == nil || !strings.Contains(err.Error(), "panic: a") {
			t.Errorf("discovery: %v", err)
		}
		awaitMessage(t, m, "discovery: panic: a")

		_, m = openPanicking(t, "/version", inBody)
		awaitMessage(t, m, "probe: panic: a")
	}
}

func TestRecoverNamesTheWorkAndTheStack(t *testing.T) {
	m := NewMessages()
	trip := func() (err error) {
		defer m.Recover("the work", &err)
		var nobody *Cluster
		return nobody.ctx.Err()
	}
	err := trip()
	if err == nil || !strings.HasPrefix(err.Error(), "panic: runtime error: invalid memory address") {
		t.Errorf("%v", err)
	}
	text := m.All()[0].Text
	const stack = "; in kube.TestRecoverNamesTheWorkAndTheStack.func1 (panics_test.go:"
	if !strings.HasPrefix(text, "the work: panic: runtime error: ") || !strings.Contains(text, stack) ||
		strings.Contains(text, "runtime.") ||
		strings.Contains(text, "\n") {
		t.Error(text)
	}
	ended := make(chan struct{})
	m.Start("a goroutine", func() {
		defer close(ended)
		panic("first")
	})
	<-ended
	until(
		t,
		m.Watch(),
		"the second message",
		func() bool { return messageWith(m, "a goroutine: panic: first; in ") != "" },
	)
	(*Messages)(nil).Start("no ring", func() { panic("nobody hears it") })
}

// TestGoroutinesAreContained finds every goroutine of this package and of all below it
// that contain does not begin.
func TestGoroutinesAreContained(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (file == "contain" || file == "kubetest" || entry.Name() == "testdata"):
			return fs.SkipDir
		case filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			return err
		}
		for _, place := range bareGoroutines(parsed) {
			t.Errorf("%s: a goroutine that contain does not begin ends the program when it panics", set.Position(place))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBareGoroutinesAreFound(t *testing.T) {
	for body, want := range map[string]int{
		"go f()":                                1,
		"func() { go func() {}() }()":           1,
		"var g sync.WaitGroup; g.Go(f)":         1,
		"errgroup.Group{}.Go(f); go f()":        2,
		"time.AfterFunc(1, f)":                  1,
		"stop := context.AfterFunc(ctx, f)":     1,
		"g := time.AfterFunc; g(1, f)":          1,
		"m.Start(\"x\", f); r.StartAfter(1, f)": 0,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "a.go", "package a\nfunc a() {"+body+"}", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := bareGoroutines(parsed); len(got) != want {
			t.Errorf("%s: %d found, want %d", body, len(got), want)
		}
	}
}

// bareGoroutines are the go statements of a file, and what starts goroutines under the
// names Go (sync.WaitGroup, errgroup.Group) and AfterFunc (time, context).
func bareGoroutines(file *ast.File) (places []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			places = append(places, n.Pos())
		case *ast.SelectorExpr:
			if n.Sel.Name == "Go" || n.Sel.Name == "AfterFunc" {
				places = append(places, n.Pos())
			}
		}
		return true
	})
	return places
}
