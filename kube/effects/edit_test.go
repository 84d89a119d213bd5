package effects

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestEdit edits the text of a Deployment and says what comes of it.
func TestEdit(t *testing.T) {
	c := open(t)
	target := targetOf(c, kinds.Deployment, "web")
	whole := `{"apiVersion":"apps/v1","status":{"replicas":3},"kind":`
	before := parse(t, strings.Replace(deployment, `{"kind":`, whole, 1))
	text, err := Editable(before)
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"status", "uid", "resourceVersion"} {
		if strings.Contains(string(text), hidden+":") {
			t.Errorf("the text has %s:\n%s", hidden, text)
		}
	}
	for _, test := range []struct {
		name     string
		old, new string // replaced in the text; no old is all of it
		want     string // what differs, or the beginning of the error
	}{
		{"a value", "replicas: 3", "replicas: 4", "spec.replicas 3 → 4"},
		{"nothing", "replicas: 3", "replicas: 3", "! nothing to do"},
		{"a comment", "replicas: 3", "replicas: 3 # three", "! nothing to do"},
		{"an item of a list", "image: side:1", "image: side:2", "spec.template.spec.containers.1.image side:1 → side:2"},
		{"a new field", "replicas: 3", "replicas: 3\n  paused: true", "spec.paused nothing → true"},
		{"another name", "name: web", "name: other", "! metadata.name cannot be changed: it is web"},
		{"no YAML", "replicas: 3", "replicas: [", "! not YAML:"},
		{"a key twice", "replicas: 3", "replicas: 3\n  replicas: 4", "! not YAML:"},
		{"nothing at all", "", "", "! not an object"},
		{"a list", "", "- a", "! not an object"},
		{"other fields of the status", "spec:", "status: {replicas: 9}\nspec:", "! nothing to do"},
	} {
		changed := test.new
		if test.old != "" {
			changed = strings.Replace(string(text), test.old, test.new, 1)
		}
		got := ""
		e, err := Edit(target, before, []byte(changed))
		if err != nil {
			got = "! " + err.Error()
		} else {
			var words []string
			after := parse(t, strings.Replace(deployment, `{"kind":`, `{"apiVersion":"apps/v1","kind":`, 1))
			if err := e.act.(patch).mutate(after); err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			for _, f := range Compare(before, after, false) {
				words = append(words, f.Words())
			}
			got = strings.Join(words, ", ")
		}
		refused := strings.HasPrefix(test.want, "!") && strings.HasPrefix(got, test.want)
		if got != test.want && !refused {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	e, err := Edit(target, before, []byte(strings.Replace(string(text), "replicas: 3", "replicas: 4", 1)))
	if err != nil {
		t.Fatal(err)
	}
	now := parse(t, `{"spec":{"replicas":7}}`)
	if err := e.act.(patch).mutate(now); err == nil || err.Error() != "it has changed since: spec.replicas 3 → 7" {
		t.Errorf("after another change: %v", err)
	}
}

// TestRebase holds that what a person wrote stands on top of what others have written meanwhile.
func TestRebase(t *testing.T) {
	whole := strings.Replace(deployment, `{"kind":`, `{"apiVersion":"apps/v1","kind":`, 1)
	before := parse(t, whole)
	text, err := Editable(before)
	if err != nil {
		t.Fatal(err)
	}
	mine := strings.Replace(string(text), "replicas: 3", "replicas: 4", 1)
	mine = strings.Replace(mine, "image: side:1", "image: side:2", 1)
	now := parse(t, strings.NewReplacer(`"replicas":3`, `"replicas":7,"paused":true`, "web:1", "web:2").Replace(whole))
	merged, err := Rebase(before, now, []byte(mine))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"replicas: 4", "paused: true", "image: side:2", "image: web:2"} {
		if !strings.Contains(string(merged), want) {
			t.Errorf("the text has no %s:\n%s", want, merged)
		}
	}
	e, err := Edit(targetOf(open(t), kinds.Deployment, "web"), now, merged)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.act.(patch).mutate(now); err != nil {
		t.Errorf("it still cannot be written: %v", err)
	}
	sidecar := parse(t, strings.Replace(whole, `"containers":[`, `"containers":[{"name":"mesh","image":"mesh:1"},`, 1))
	added := strings.Replace(mine, "      - image: side:2", "      - image: new:1\n        name: new\n      - image: side:2", 1)
	for _, text := range []string{mine, added} {
		_, err := Rebase(before, sidecar, []byte(text))
		if err == nil || !strings.Contains(err.Error(), "another one by now") {
			t.Errorf("it changes another container, or takes one away: %v", err)
		}
	}
	if _, err := Rebase(before, parse(t, `{"apiVersion":"apps/v1","kind":"Deployment"}`), []byte(mine)); err == nil {
		t.Error("it stands on an object without room for it")
	}
	if _, err := Rebase(before, now, []byte("a: [")); err == nil {
		t.Error("it takes what is not YAML")
	}
}
