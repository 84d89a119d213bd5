package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// openYAML shows one object of testdata/documents.yaml as YAML.
func openYAML(t *testing.T, kind, name string) (*person, *object) {
	t.Helper()
	s := newSession(t, newCluster(t, "documents.yaml"), "shop")
	v := newObject(s, served(t, s, kind), "shop", name, nil, "yaml").(*object)
	p := look(t, v)
	p.until(80, 24, "● live", "apiVersion")
	return p, v
}

// at is the tab on the screen.
func at[T tab](v *object) T { return v.tabs[v.current].(T) }

// cursorOn moves the cursor of the YAML down to a line that begins with text.
func cursorOn(t *testing.T, p *person, v *object, text string) {
	t.Helper()
	y := at[*yamlTab](v)
	for i := range y.Len() {
		if strings.HasPrefix(y.Line(i).String(), text) {
			for y.pager.Cursor() < i {
				p.press("j")
			}
			return
		}
	}
	t.Fatalf("no line begins with %q:\n%s", text, p.draw(80, 24))
}

func TestYAMLScreens(t *testing.T) {
	for _, test := range []struct {
		name, kind, object string
		do                 func(*testing.T, *person, *object)
	}{
		{"hostile configmap", "cm", "app", nil},
		{"folded", "cm", "app", func(t *testing.T, p *person, v *object) {
			cursorOn(t, p, v, "  config.yaml")
			p.press("enter")
			cursorOn(t, p, v, "metadata")
			p.press("M")
			p.press("enter")
		}},
		{"managed fields folded", "cm", "app", func(_ *testing.T, p *person, _ *object) { p.press("G") }},
		{"managed fields", "cm", "app", func(_ *testing.T, p *person, _ *object) {
			p.press("M")
			p.press("G")
		}},
		{"wrapped search", "cm", "app", func(_ *testing.T, p *person, v *object) {
			p.press("W")
			p.press("/")
			v.Update(ui.Typed{Prompt: "search", Text: "app"})
			v.Update(ui.Entered{Prompt: "search", Text: "app"})
			p.press("n")
		}},
		{"secret hidden", "secret", "db", nil},
		{"secret shown", "secret", "db", func(_ *testing.T, p *person, _ *object) { p.press("x") }},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", test.name, size[0], size[1]), func(t *testing.T) {
				p, v := openYAML(t, test.kind, test.object)
				p.until(size[0], size[1], "v1.36.3") // The server's version is requested apart from the object.
				p.until(size[0], size[1], "apiVersion")
				if test.do != nil {
					test.do(t, p, v)
				}
				golden.RequireEqual(t, withoutTabs(p.draw(size[0], size[1])))
			})
		}
	}
}

func TestSecretValuesStayHidden(t *testing.T) {
	p, v := openYAML(t, "secret", "db")
	leaks := func(text string) bool {
		return strings.Contains(text, "aHVudGVyMg") || strings.Contains(text, "hunter2")
	}
	texts := func() map[string]string {
		copied := p.press("ctrl+y").(ui.Copy)
		saved := p.press("ctrl+s").(ui.Save)
		if saved.Name != "prod-eu-shop-secret-db.yaml" {
			t.Errorf("saved as %q", saved.Name)
		}
		return map[string]string{"screen": p.draw(120, 40), "copy": copied.Text, "save": string(saved.Text.(ui.Text))}
	}
	check := func(when string, want bool) {
		t.Helper()
		for name, text := range texts() {
			if leaks(text) != want {
				t.Errorf("%s, %s: shows the value is %v:\n%s", when, name, !want, text)
			}
		}
	}
	check("at first", false)
	p.press("x")
	check("after x", true)
	p.press("x")
	check("after x again", false)
	p.press("x")
	p.press("d")
	p.press("y")
	p.draw(80, 24)
	check("after another tab", false)
	p.press("x")
	v.Update(ui.Shown{})
	p.draw(80, 24)
	check("after another view", false)
}

func TestYAMLCopies(t *testing.T) {
	p, v := openYAML(t, "cm", "app")
	y := at[*yamlTab](v)
	fields, err := y.subject.session.Cluster.Fields(y.subject.record)
	if err != nil {
		t.Fatal(err)
	}
	read := func() map[string]any {
		var got map[string]any
		if err := yaml.Unmarshal([]byte(p.press("ctrl+y").(ui.Copy).Text), &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	cursorOn(t, p, v, "data")
	p.press("enter") // A fold changes nothing in what is copied.
	got := read()
	if _, ok := got["metadata"].(map[string]any)["managedFields"]; ok {
		t.Error("managed fields are copied though they are folded")
	}
	p.press("M")
	if diff := cmp.Diff(fields, read()); diff != "" {
		t.Errorf("the copy reads as other fields:\n%s", diff)
	}
	if got := p.press("c"); got != (ui.Copy{Text: "data:  # 7 keys", What: "the line"}) {
		t.Errorf("c: got %#v", got)
	}
}

func TestYAMLSearch(t *testing.T) {
	p, v := openYAML(t, "cm", "app")
	if got := p.press("/"); got != (ui.Prompt{Name: "search", Label: "/"}) {
		t.Errorf("/: got %#v", got)
	}
	v.Update(ui.Typed{Prompt: "search", Text: "port"})
	p.until(80, 24, "match 1 of 2 for port")
	v.Update(ui.Cancelled{Prompt: "search"})
	if screen := p.draw(80, 24); strings.Contains(screen, "for port") {
		t.Errorf("a cancelled search stays:\n%s", screen)
	}
	v.Update(ui.Entered{Prompt: "search", Text: "nothing like it"})
	p.until(80, 24, `no match for "nothing like it"`)
	p.press("esc")
	if screen := p.draw(80, 24); strings.Contains(screen, "no match for") {
		t.Errorf("esc does not end the search:\n%s", screen)
	}
	p.intent = nil
	p.perform(v.Update(ui.Entered{Prompt: "search", Text: "/(/"}))
	if _, ok := p.intent.(ui.Say); !ok {
		t.Errorf("a broken expression: got %#v, want Say", p.intent)
	}
}

// TestYAMLKeepsItsPlace prints a new version under a cursor in the middle.
func TestYAMLKeepsItsPlace(t *testing.T) {
	p, v := openYAML(t, "cm", "app")
	p.until(80, 12, "apiVersion")
	p.press("G")
	before := p.draw(80, 12)
	v.tabs[v.current].Update(subjectChanged{})
	if diff := cmp.Diff(before, p.draw(80, 12)); diff != "" {
		t.Errorf("a new version moves the text:\n%s", diff)
	}
}

func TestYAMLDrawsNothingHostile(t *testing.T) {
	p, _ := openYAML(t, "cm", "app")
	p.until(120, 60, "escape.txt")
	for line := range strings.SplitSeq(p.draw(120, 60), "\n") {
		if kinds.Clean(line) != line {
			t.Errorf("%q is not clean", line)
		}
	}
}
