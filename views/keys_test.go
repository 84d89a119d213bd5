package views

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// everyKey opens each view and tab once and collects what is bound there.
func everyKey(t *testing.T) map[ui.Action]ui.Key {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	all := map[ui.Action]ui.Key{}
	add := func(keys []ui.Key) {
		for _, k := range keys {
			if _, known := all[k.Action]; !known {
				all[k.Action] = k
			}
		}
	}
	add(ui.Globals())
	table := look(t, Objects(s, Pods(s.Cluster)))
	table.until(100, 30, "db-0")
	add(table.view.Keys())
	table.press("z")
	add(table.view.Keys())
	for _, resource := range []string{"pods/checkout-7d9f-x2x9", "deployments/checkout", "configmaps/checkout"} {
		view, err := Find(s, resource)
		if err != nil {
			t.Fatal(err)
		}
		p := look(t, view)
		p.until(100, 30, "● live")
		for range view.(*object).specs {
			add(view.Keys())
			p.press("tab")
		}
	}
	for _, v := range rootViews(t, s) {
		add(v.Keys())
	}
	add(playerKeys)
	return all
}

// hiddenHere are the actions that none of the stub's screens has at the moment.
var hiddenHere = []ui.Action{actDelete, actReveal, actSearchEnd}

// TestActions holds Actions to what the views really bind.
func TestActions(t *testing.T) {
	bound := everyKey(t)
	known := Actions()
	for action := range bound {
		if !slices.Contains(known, action) {
			t.Errorf("%q is bound but not among the actions", action)
		}
	}
	for _, action := range known {
		if _, ok := bound[action]; !ok && !slices.Contains(hiddenHere, action) {
			t.Errorf("%q is an action that no view binds", action)
		}
	}
}

const keysHead = `# Keys and actions

Written from the bindings by ` + "`go test ./views -update`" + `. The config can give an action other keys:
` + "`keys: {copy: [Y]}`. What is not listed here: `delete` (`D`, with `--write`)" + `,
` + "`show-values` (`x`, on a Secret), `end-search` (`esc`)" + `.

| action | keys | does | group |
|---|---|---|---|
`

// TestKeysDocument compares docs/keys.md with the bindings; -update writes it,
// as it does the golden screens.
func TestKeysDocument(t *testing.T) {
	keys := slices.SortedFunc(maps.Values(everyKey(t)), func(a, b ui.Key) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Action, b.Action))
	})
	var b strings.Builder
	b.WriteString(keysHead)
	for _, k := range keys {
		show := k.Show
		if show == "" {
			show = strings.Join(k.Keys, "` `")
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", k.Action, show, k.Help, strings.ToLower(k.Group))
	}
	const path = "../docs/keys.md"
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the bindings say; go test ./views -update writes it (%v)", path, err)
	}
}
