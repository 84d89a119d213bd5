package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/ui"
)

// secrets looks for the values of Secrets in what is shown, copied, saved and said.
type secrets struct {
	t      *testing.T
	marked *kubetest.Marked
}

func (s secrets) check(where, text string) {
	s.t.Helper()
	for _, place := range s.marked.Leaks([]byte(text)) {
		s.t.Errorf("%s shows the value of: %s\n%.2000s", where, place, text)
	}
}

// pressAll presses all keys of a view but the one that asks for values.
func (s secrets) pressAll(where string, p *person) {
	s.t.Helper()
	for _, key := range p.view.Keys() {
		if key.Action == actReveal {
			continue
		}
		p.intent = nil
		p.perform(p.view.Update(ui.Do{Action: key.Action, Key: key.Keys[0]}))
		where := key.Help + " in " + where
		switch intent := p.intent.(type) {
		case ui.Copy:
			s.check(where, intent.Text+intent.What)
		case ui.Save:
			var text strings.Builder
			if _, err := intent.Text.WriteTo(&text); err != nil {
				s.t.Fatal(err)
			}
			s.check(where, text.String()+intent.Name)
		case ui.Choose:
			for _, c := range intent.Choices {
				s.check(where, c.Name+c.Detail)
				if copied, ok := c.Then.(ui.Copy); ok {
					s.check(where, copied.Text)
				}
			}
		}
		s.check(where, p.draw(500, 300))
	}
}

// TestNoValueOfASecretIsShown goes through tables and all tabs of objects with markers in each place where a value of a
// Secret may stand. With x the YAML shows them, and nothing else does.
func TestNoValueOfASecretIsShown(t *testing.T) {
	s := secrets{t, kubetest.NewMarked("shop")}
	server := kubetest.New(t, screenNow)
	server.Apply(t, s.marked.Definition+s.marked.Objects)
	server.SetOpenAPI(explainable(t, openapi.Kind{Group: "marked.test", Version: "v1", Kind: "Holder"}))
	session := newSession(t, server, "shop")
	if err := session.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	for kind, column := range map[string]string{
		"secrets": "TYPE", "holders": kubetest.MarkedColumn, "sa": "AGE", "helm": "APP VERSION",
	} {
		p := look(t, Objects(session, served(t, session, kind)))
		s.check(kind, p.until(500, 300, "● live", column))
		s.pressAll(kind, p)
	}
	for name := range s.marked.Names {
		s.object(session, name)
	}
	for _, message := range session.Messages.All() {
		s.check("a message", message.Text)
	}
}

// object goes through the tabs of an object. Each is of a view that nobody has pressed keys on.
func (s secrets) object(session *Session, name string) {
	open := func(tab int) (*person, *object) {
		view, err := Find(session, strings.Replace(name, "/", "/shop/", 1))
		if err != nil {
			s.t.Fatal(err)
		}
		p, v := look(s.t, view), view.(*object)
		p.until(500, 300, "● live")
		p.perform(v.show(tab))
		return p, v
	}
	_, v := open(0)
	for i, spec := range v.specs {
		p, _ := open(i)
		want := map[tabID]string{
			"overview": "FACTS", "describe": "Annotations:", "yaml": "bytes hidden", tabExplain: "FIELD",
			tabHistory: "password  <hidden>",
		}[spec.id]
		where := string(spec.id) + " of " + name
		s.check(where, p.until(500, 300, want))
		s.pressAll(where, p)
		if spec.id == tabExplain {
			p, _ := open(i)
			p.until(500, 300, want)
			p.press("a")
			p.until(500, 300, "bytes hidden") // the values are there to be found
		}
		if spec.id == tabHistory || spec.id == "yaml" && name != "helm/release" {
			p, _ := open(i)
			p.until(500, 300, want)
			s.reveal(p, name)
		}
	}
}

// reveal looks at what is there to be found.
func (s secrets) reveal(p *person, name string) {
	value := s.marked.Names[name]
	p.press("x")
	p.until(500, 300, value)
	if text := p.press("ctrl+y").(ui.Copy).Text; !strings.Contains(text, value) || len(s.marked.Leaks([]byte(text))) == 0 {
		s.t.Errorf("x does not show the values of %s:\n%s", name, text)
	}
	p.press("x")
	s.check("what is hidden again of "+name, p.draw(500, 300)+p.press("ctrl+y").(ui.Copy).Text)
}
