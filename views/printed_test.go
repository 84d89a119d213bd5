package views

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// printed is a view as --once prints it, without blanks at the ends of lines.
func printed(t *testing.T, v ui.View, width int) string {
	t.Helper()
	p := look(t, v)
	p.wait("everything is known", func() bool { return !Awaited(p.view) })
	if err := Problem(v); err != nil {
		return "error: " + err.Error()
	}
	var out strings.Builder
	frame := ui.Frame{Width: width, Height: 1 << 20, Theme: themes.Plain, Now: time.Time{}, Still: true}
	for line := range strings.Lines(v.Draw(frame)) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return out.String()
}

func TestPrintedExplain(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	for _, c := range []struct {
		what      string
		recursive bool
		want      []string
		not       []string
	}{
		{"deploy", false, []string{
			"GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nDESCRIPTION:\n    Deployment enables",
			"\n\nFIELDS:\n  apiVersion\t<string>\n    APIVersion defines", "\n  spec\t<DeploymentSpec>\n",
		}, []string{"replicas\t", "FIELD:"}},
		{"Deployment.SPEC", false, []string{
			"\n\nFIELD: spec <DeploymentSpec>\n\nDESCRIPTION:\n    Specification",
			"\n  template\t<PodTemplateSpec> -required-\n", "\n  replicas\t<integer>\n",
		}, []string{"containers"}},
		{"deployments.apps.spec.strategy", true, []string{
			"\nFIELDS:\n  rollingUpdate\t<RollingUpdateDeployment>\n    maxSurge\t<IntOrString>\n",
			"\n  type\t<string>\n  enum: Recreate, RollingUpdate\n",
		}, []string{"DESCRIPTION:\n\n"}},
		{"deploy.spec.template.spec.containers.imagePullPolicy", false, []string{
			"FIELD: imagePullPolicy <string>\nENUM:\n    Always\n    IfNotPresent\n    Never\n\n",
		}, []string{"FIELDS"}},
		{"deploy.spec.nonsense.x", false, []string{`error: apps/v1 Deployment has no field "spec.nonsense.x"`}, nil},
	} {
		r, path, ok := FindField(s, c.what)
		if !ok {
			t.Errorf("%s: no such kind", c.what)
			continue
		}
		text := printed(t, PrintedExplain(s, r, path, c.recursive), 1<<20)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.what, want, text)
			}
		}
		for _, not := range c.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: %q in\n%s", c.what, not, text)
			}
		}
		for line := range strings.Lines(text) {
			if ui.Width(line) > explainWidth+1 && !strings.Contains(line, "://") {
				t.Errorf("%s: a long line: %s", c.what, line)
			}
		}
	}
	if r, path, ok := FindField(s, "nothing.spec"); ok {
		t.Errorf("found %v %q", r, path)
	}
}

func TestFieldAt(t *testing.T) {
	fields := []openapi.Field{
		{Name: "Spec", End: 1}, {Name: "spec", End: 5}, {Name: "a", Depth: 1, End: 4}, {Name: "b", Depth: 2, End: 4},
		{Name: "A", Depth: 1, End: 5}, {Name: "status", End: 6},
	}
	for path, want := range map[string]struct {
		at   int
		rest string
	}{
		"": {-1, ""}, "spec": {1, ""}, "Spec": {0, ""}, "SPEC": {0, ""}, "spec.a": {2, ""}, "spec.A": {4, ""},
		"spec.a.b.c": {3, "c"},
		"status.a":   {5, "a"},
		"b":          {-1, "b"}, ".": {-1, "."}, "spec.": {1, ""}, "spec..a": {1, ".a"},
	} {
		if at, rest := fieldAt(fields, path); at != want.at || rest != want.rest {
			t.Errorf("%q: got %d %q, want %d %q", path, at, rest, want.at, want.rest)
		}
	}
	if at, rest := fieldAt(nil, "spec"); at != -1 || rest != "spec" {
		t.Errorf("of no fields: %d %q", at, rest)
	}
}

func TestPrintedAPI(t *testing.T) {
	p, _ := apiView(t, "shop")
	s := p.view.(*api).session
	v := PrintedAPI(s)
	text := printed(t, v, 1<<20)
	for _, want := range []string{
		"deployments deploy apps/v1 true Deployment\n", "nodes no v1 false Node\n", "orders ord shop.example/v1 true Order\n",
	} {
		if !strings.Contains(blanksAsOne(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	v.Update(ui.Do{Action: actWide})
	text = blanksAsOne(printed(t, v, 1<<20))
	if !strings.HasPrefix(text, "NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES\n") {
		t.Errorf("wide:\n%s", text)
	}
}

func blanksAsOne(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return out.String()
}

// TestExplainAt opens the fields of a kind at one of them.
func TestExplainAt(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	over := Objects(s, served(t, s, "deploy"))
	choose := func(query string) ui.Intent {
		choices := Choices(over, query)
		if len(choices) == 0 {
			t.Fatalf("%q offers nothing", query)
		}
		return choices[0].Then.(ui.Lazy).Intent()
	}
	p := look(t, choose("explain deploy.spec.template.spec").(ui.Open).View)
	p.until(80, 24, "▾ spec", "spec.template.spec  PodSpec", "containers")
	p = look(t, choose("explain dep").(ui.Open).View)
	p.until(80, 24, "apps/v1 Deployment")
	p = look(t, choose("explain deploy.spec.nonsense").(ui.Open).View)
	p.until(80, 24, "✖ Deployment has no field spec.nonsense", "spec  DeploymentSpec")
	if _, ok := choose("explain").(ui.Open).View.(*api); !ok {
		t.Error("explain alone does not show the kinds")
	}
}

// TestKeysBeforeTheFields types before there is anything to move over.
func TestKeysBeforeTheFields(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := &person{t: t, view: Explain(s, served(t, s, "deploy"), "")}
	for range 3 {
		p.view.Update(ui.Do{Action: ui.Down})
	}
	p.view.Update(ui.Do{Action: actFold})
	p = look(t, p.view)
	p.until(80, 24, "›", "spec  DeploymentSpec", "▸ spec")
}
