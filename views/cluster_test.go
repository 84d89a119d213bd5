package views

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// screenNow is the time of every golden screen.
var screenNow = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// newCluster is a cluster with the objects of a YAML file in testdata.
func newCluster(t *testing.T, file string) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t, screenNow)
	server.Load(t, filepath.Join("testdata", file))
	document, err := os.ReadFile(filepath.Join("testdata", "openapi", "apis_apps_v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	server.SetOpenAPI(map[string][]byte{"apis/apps/v1": document})
	return server
}

// newSession opens a cluster as fathom would a context of a kubeconfig.
func newSession(t *testing.T, server *kubetest.Server, namespace string) *Session {
	t.Helper()
	messages := kube.NewMessages()
	source := &kube.Backend{
		Name:      "prod-eu",
		Address:   "https://prod-eu.example",
		Namespace: "shop",
		Transport: server,
		Now:       server.Clock().Now,
	}
	cluster, err := kube.Open(kube.Options{Backend: source, Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	contexts := func() ([]kube.Context, string, error) {
		return []kube.Context{{Name: "prod-eu", Cluster: "c", Server: "https://prod-eu.example", User: "u",
			Namespace: "shop"}, {Name: "staging", Cluster: "c", Server: "https://staging.example", User: "u"}}, "prod-eu", nil
	}
	return &Session{Cluster: cluster, Namespace: namespace, Now: cluster.Now, Messages: messages, Contexts: contexts}
}

// person looks at a view without a shell: it feeds the view from its sources
// and keeps the last intent that was not about watching.
type person struct {
	t      *testing.T
	view   ui.View
	msgs   chan ui.Msg
	fed    map[ui.Source]bool
	intent ui.Intent
}

func look(t *testing.T, view ui.View) *person {
	p := &person{t: t, view: view, msgs: make(chan ui.Msg), fed: map[ui.Source]bool{}}
	p.perform(view.Update(ui.Shown{}))
	return p
}

func (p *person) perform(intent ui.Intent) {
	switch intent := intent.(type) {
	case nil:
	case ui.All:
		for _, i := range intent {
			p.perform(i)
		}
	case ui.Watch:
		if !p.fed[intent.Source] {
			p.fed[intent.Source] = true
			go p.feed(intent.Source)
		}
	case ui.Command:
		intent.Execute()
		p.intent = intent
	default:
		p.intent = intent
	}
}

func (p *person) feed(source ui.Source) {
	for {
		msg, err := source.Next(p.t.Context())
		if errors.Is(err, io.EOF) {
			msg = ui.Ended{Source: source}
		} else if err != nil {
			msg = ui.Ended{Source: source, Err: err}
		}
		select {
		case p.msgs <- msg:
		case <-p.t.Context().Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// press presses a key and returns the intent that it led to.
func (p *person) press(key string) ui.Intent {
	p.t.Helper()
	p.intent = nil
	for _, k := range p.view.Keys() {
		if slices.Contains(k.Keys, key) {
			p.perform(p.view.Update(ui.Do{Action: k.Action, Key: key}))
			return p.intent
		}
	}
	p.t.Fatalf("no binding for %q now", key)
	return nil
}

// until feeds the view until its screen holds every text.
func (p *person) until(width, height int, texts ...string) string {
	p.t.Helper()
	screen := ""
	p.wait(fmt.Sprintf("the screen holds %q", texts), func() bool {
		screen = p.draw(width, height)
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
	return screen
}

// wait feeds the view until something is so.
func (p *person) wait(what string, so func() bool) {
	p.t.Helper()
	limit := time.After(30 * time.Second)
	for !so() {
		select {
		case msg := <-p.msgs:
			if lazy, ok := msg.(ui.Lazy); ok {
				p.perform(lazy.Intent())
			} else {
				p.perform(p.view.Update(msg))
			}
		case <-limit:
			p.t.Fatalf("it never came about that %s:\n%s", what, p.draw(120, 40))
		}
	}
}

// untilLinked feeds the view until an overview knows what is linked to its object.
func (p *person) untilLinked() {
	p.t.Helper()
	v, ok := p.view.(*object)
	if !ok {
		return
	}
	page, ok := v.tabs[v.current].(*overview)
	if !ok || v.subject.record == nil || v.subject.alone {
		return
	}
	p.wait("the links are known", func() bool {
		page.Draw(ui.Frame{Width: 120, Height: 40, Theme: themes.Plain, Now: screenNow})
		return page.near != nil && !slices.ContainsFunc(page.walk.lines, func(e entry) bool {
			return strings.Contains(e.line.String(), "loading")
		})
	})
}

// withoutTabs cuts the row of tabs out of an object's screen, so that only the
// test of that row shows which tabs there are.
func withoutTabs(screen string) string {
	head, rest, _ := strings.Cut(screen, "\n")
	_, body, _ := strings.Cut(rest, "\n")
	return head + "\n" + body
}

func (p *person) draw(width, height int) string {
	h := p.view.Header(screenNow)
	head := strings.Join(h.Place, "  ") + "  | " + h.Freshness.String()
	for _, fact := range h.Facts {
		head += "  " + fact.Text
	}
	screen := head + "\n" + p.view.Draw(ui.Frame{Width: width, Height: height - 2, Theme: themes.Plain, Now: screenNow})
	return screen
}
