package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// k9sTask is something that people do every day in k9s, with its keys there and with fathom's own.
// Both begin with the pods of all namespaces.
type k9sTask struct {
	does  string
	k9s   []string // work as they are with `keys: k9s`; ":" and "/" and more are typed
	own   []string // nil for the same
	last  any      // what is on the screen before the last key is pressed; nil does not wait
	ends  any      // what is on the screen when it is done; nil for the end of the program
	write bool     // with --write
}

// webFound is what the filter for the pods of web leaves.
var webFound = regexp.MustCompile(`/web +\d`)

// nodeNames fits the names of nodes that pods run on, by each provider.
const nodeNames = `\S+-(node|worker\d*|control-plane)`

// k9sTasks are for the shop.
var k9sTasks = []k9sTask{
	{does: "the pods of a namespace", k9s: []string{":po shop", "enter"}, ends: regexp.MustCompile(` shop +pods \d+`)},
	{
		does: "the deployments of a namespace", k9s: []string{":dp shop", "enter"},
		ends: regexp.MustCompile(` shop +deployments \d+`),
	},
	{
		does: "the pods with a label", k9s: []string{":po app.kubernetes.io/name=web shop", "enter"},
		ends: regexp.MustCompile(`name=web +2 of`),
	},
	{does: "look for a name", k9s: []string{"/checkout", "enter"}, ends: regexp.MustCompile(`/checkout +3 of`)},
	{does: "only what is wrong", k9s: []string{"ctrl+z"}, own: []string{"z"}, ends: "problems only"},
	{does: "all columns", k9s: []string{"ctrl+w"}, ends: regexp.MustCompile(`NODE|→ NAMESPACE`)},
	{does: "sort by CPU", k9s: []string{"C"}, ends: "CPU▼"},
	{does: "sort by restarts", k9s: []string{"T"}, ends: "RESTARTS▼"},
	{does: "sort by age", k9s: []string{"A"}, ends: "AGE▲"},
	{does: "describe", k9s: []string{"d"}, ends: "Namespace:"},
	{does: "its YAML", k9s: []string{"y"}, ends: "apiVersion: v1"},
	{does: "its log", k9s: []string{"/web", "enter", "l"}, last: webFound, ends: regexp.MustCompile(`\d+ lines?`)},
	{
		does: "the times of its log", k9s: []string{"/web", "enter", "l", "t"}, own: []string{"/web", "enter", "l", "T"},
		last: regexp.MustCompile(`\d+ lines?`), ends: regexp.MustCompile(`\d\d:\d\d:\d\d`),
	},
	{
		does: "the log of the run before", k9s: []string{"/checkout-7", "enter", "p"},
		last: regexp.MustCompile(`/checkout-7 +2`), ends: "previous run",
	},
	{
		does: "its node", k9s: []string{"/web", "enter", "o"}, last: webFound,
		ends: regexp.MustCompile(`node ` + nodeNames),
	},
	{does: "its owner", k9s: []string{"/web", "enter", "J"}, last: webFound, ends: "replicaset"},
	{
		does: "the values of a secret", k9s: []string{":sec", "enter", "x"}, last: regexp.MustCompile(`secrets \d+`),
		ends: "DATA",
	},
	{does: "what a deployment is made of", k9s: []string{":xray dp", "enter"}, ends: "deployments"},
	{does: "the contexts", k9s: []string{":ctx", "enter"}, ends: regexp.MustCompile(`CONTEXT +SERVER`)},
	{does: "another namespace", k9s: []string{":ns", "enter"}, ends: regexp.MustCompile(`namespaces \d+`)},
	{does: "all kinds", k9s: []string{"ctrl+a"}, own: []string{":"}, ends: "go to"},
	{does: "delete, which asks", k9s: []string{"ctrl+d"}, own: []string{"D"}, ends: "delete pod", write: true},
	{does: "quit", k9s: []string{":q", "enter"}, own: []string{"ctrl+c"}},
}

// TestK9sTasks does each task with the keys that it has in k9s, and with fathom's own.
// -update-tasks writes docs/k9s.md.
func TestK9sTasks(t *testing.T) {
	var rows strings.Builder
	for _, task := range k9sTasks {
		own := task.own
		if own == nil {
			own = task.k9s
		}
		fmt.Fprintf(&rows, "| %s | `%s` | `%s` |\n", task.does, strings.Join(task.k9s, " "), strings.Join(own, " "))
		t.Run(task.does+" as in k9s", func(t *testing.T) { task.try(t, task.k9s, "keys: k9s\n") })
		if task.own != nil {
			t.Run(task.does, func(t *testing.T) { task.try(t, own, "") })
		}
	}
	compareK9sTasks(t, rows.String())
}

// withConfig runs fathom with a config.
func withConfig(t *testing.T, config string, args ...string) *screen.Terminal {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "fathom", "config.yaml"), config)
	env := []string{"XDG_CONFIG_HOME=" + dir, "XDG_STATE_HOME=" + t.TempDir()}
	options := screen.Options{Columns: 120, Rows: 40, Env: env}
	return openWith(t, world.cluster.Kubeconfig, options, args...)
}

func (task k9sTask) try(t *testing.T, keys []string, config string) {
	args := []string{"pods", "-A"}
	if task.write {
		args = append(args, "--write")
	}
	f := withConfig(t, config, args...)
	f.WaitFor(regexp.MustCompile(`pods \d+ [\s\S]*● live[\s\S]*checkout`), limit)
	for i, key := range keys {
		if i == len(keys)-1 && i > 0 && task.last != nil {
			f.WaitFor(task.last, limit)
		}
		press(f, key)
	}
	if task.ends == nil {
		f.WaitExit(limit)
		return
	}
	f.WaitFor(task.ends, limit)
}

// press presses a key, or types what begins with the key that asks for it.
func press(f *screen.Terminal, key string) {
	if len(key) == 1 || !isTyped(key) {
		f.Keys(key)
		return
	}
	f.Keys(key[:1])
	if key[0] == ':' {
		f.WaitFor("go to", limit)
	}
	f.Type(key[1:])
	f.WaitFor(key[1:], limit)
}

func compareK9sTasks(t *testing.T, rows string) {
	t.Helper()
	const path = "../../docs/k9s.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), "<!-- tasks -->\n")
	_, after, ends := strings.Cut(rest, "<!-- end -->\n")
	if !found || !ends {
		t.Fatalf("%s has no place for the tasks", path)
	}
	want := before + "<!-- tasks -->\n| task | in k9s, and with `keys: k9s` | fathom's own |\n|---|---|---|\n" + rows +
		"<!-- end -->\n" + after
	if *updateTasks && !t.Failed() {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s is not what the tasks are; -update-tasks writes it", path)
	}
}
