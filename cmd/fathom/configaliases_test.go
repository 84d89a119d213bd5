package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/views"
)

func TestAliasesAndHotkeysOfTheConfig(t *testing.T) {
	for _, tt := range []struct{ name, text, problem string }{
		{"aliases", "aliases: {dp: deployments, prod: 'pods -n shop /web', q: ':nodes'}", ""},
		{"hotkeys", "hotkeys: {f5: pods, ctrl+o: 'pods -n shop', alt-1: nodes, f6: {go: nodes, help: the nodes}}", ""},
		{"a key that its action gave away", "hotkeys: {shift-1: pods}\nkeys: {triage: [f4]}", ""},
		{"a list of aliases", "aliases: [dp]", "line 1: aliases are lines like"},
		{"an alias of two words", "aliases:\n  a b: pods", `line 2: alias "a b": an alias is one word`},
		{"an alias like a flag", "aliases: {-n: pods}", "an alias is one word"},
		{"an alias without a text", "aliases:\n  dp:", `line 2: alias "dp": give what the palette takes`},
		{"an alias for a list", "aliases: {dp: [a]}", "give what the palette takes"},
		{"an alias twice", "aliases:\n  dp: a\n  DP: b", `line 3: alias "DP" is there twice`},
		{"an alias that a terminal obeys", `aliases: {dp: "a\u001b[1m"}`, "give what the palette takes"},
		{"a hotkey that is none", "hotkeys:\n  k9: pods", `line 2: unknown key "k9"; keys are`},
		{"a hotkey twice", "hotkeys: {ctrl-t: pods, ctrl+t: svc}", "hotkey ctrl+t is there twice"},
		{"a hotkey without a place", "hotkeys: {f5: {help: x}}", "hotkey f5: give what"},
		{"an unknown key of a hotkey", "hotkeys:\n  f5:\n    goto: x", `line 3: hotkey f5: unknown key "goto"`},
		{"the key of an action", "hotkeys:\n  f5: pods\n  j: svc", `line 3: hotkey j is the key of "down"`},
		{"shift and a digit", "hotkeys: {shift-1: pods}", `hotkey ! is the key of "triage"`},
		{"a key that an action got", "keys: {copy: [f5]}\nhotkeys: {f5: pods}", `hotkey f5 is the key of "copy"`},
		{"a list of hotkeys", "hotkeys: [f5]", "hotkeys are lines like"},
	} {
		_, err := parseConfig([]byte(tt.text + "\n"))
		if (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.problem)
		}
	}
	for name, want := range map[string]string{
		"shift-1": "!", "shift+0": ")", "shift-f5": "shift+f5", "Shift-A": "A", "ctrl-t": "ctrl+t", "-": "-", "+": "+",
		"alt-ctrl-x": "alt+ctrl+x", "j": "j", "J": "J", "F5": "F5",
	} {
		if got := keyNamed(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestAliasOnTheCommandLine(t *testing.T) {
	for _, tt := range []struct{ args, spaces, want, text string }{
		{"dp", "", "deployments", ""}, {"dp web", "", "deployments web", ""}, {"svc", "", "svc", ""}, {"", "", "", ""},
		{"prod", "", "prod", "pods -n shop /web"}, {"prod", "a,b", "prod", "pods -n shop -n a,b"},
		{"tree dp", "", "tree dp", ""},
	} {
		a := newApp()
		a.aliases = []views.Alias{{Name: "dp", Text: "deployments"}, {Name: "prod", Text: "pods -n shop"}}
		if tt.spaces == "" {
			a.aliases[1].Text += " /web"
		}
		a.flags.spaces = tt.spaces
		args, text := a.expand(strings.Fields(tt.args))
		if strings.Join(args, " ") != tt.want || text != tt.text {
			t.Errorf("%+v: got %q, %q", tt, args, text)
		}
	}
}

func TestSeveralNamespacesOfTheFlag(t *testing.T) {
	for _, tt := range []struct{ namespace, args, spaces, problem string }{
		{"shop", "", "", ""}, {"a,b", "pods", "a,b", ""}, {"!kube-*", "", "!kube-*", ""},
		{"A,b", "pods", "", "no namespace can be called A"}, {"a,b", "pod/web", "a,b", "only the table of a kind"},
		{"a,b", "why pod web", "a,b", "only the table of a kind"}, {"a,b", "triage", "a,b", "only the table of a kind"},
	} {
		f := newFlags()
		*f.kube.Namespace = tt.namespace
		err := f.check()
		if err == nil {
			err = f.checkSpaces(strings.Fields(tt.args))
		}
		if f.spaces != tt.spaces || (err == nil) != (tt.problem == "") ||
			err != nil && (!strings.Contains(err.Error(), tt.problem) || !isUsage(err)) {
			t.Errorf("%+v: got %q, %v", tt, f.spaces, err)
		}
	}
}

func TestSavedPlacesAreKept(t *testing.T) {
	dir := t.TempDir()
	add := func(p views.Place) func([]views.Place) []views.Place {
		return func(all []views.Place) []views.Place { return append(all, p) }
	}
	one, two := newPlaces(dir), newPlaces(dir)
	for _, p := range []*places{one, two} {
		name := map[*places]string{one: "mine", two: "yours"}[p]
		if _, err := p.keep("prod", add(views.Place{Name: name, Resource: "pods", Spaces: "a,b"})); err != nil {
			t.Fatal(err)
		}
	}
	got := newPlaces(dir).saved("prod")
	if len(got) != 2 || got[0].Name != "mine" || got[1].Spaces != "a,b" {
		t.Errorf("got %+v", got)
	}
	if info, err := os.Stat(one.fileIn("places", "prod")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want 0600", info, err)
	}
	if got := one.saved("other"); got != nil {
		t.Errorf("another context has %+v", got)
	}
	file := one.fileIn("places", "prod")
	for text, want := range map[string]int{
		"": 0, "{": 0, "null": 0, "[]": 0, `[{"name":""}]`: 0, `[{"name":"a\u001b[1m"}]`: 0, `[{"name":"a"},{"name":"b"}]`: 2,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := one.saved("prod"); len(got) != want {
			t.Errorf("%q: got %+v", text, got)
		}
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := one.keep("prod", add(views.Place{Name: "x"})); err == nil {
		t.Error("a broken file was overwritten")
	}
	full := slices.Repeat([]views.Place{{Name: "x"}}, placesMax+1)
	if _, err := one.keep("new", func([]views.Place) []views.Place { return full }); err == nil {
		t.Error("any number of places is kept")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "places", "place-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
