package views

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// eachScreen opens each root view, a table's problems, and each tab of a few kinds.
func eachScreen(t *testing.T, visit func(where string, p *person)) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, release("web", 1, "deployed", "2026-05-01T11:53:00Z", "web 1", "2", "", `{"a":1}`, "kind: Job"))
	s := newSession(t, server, "shop")
	table := look(t, Objects(s, Pods(s.Cluster)))
	table.until(100, 30, "db-0")
	visit("pods", table)
	table.press("z")
	visit("problems", table)
	for _, resource := range []string{"pods/checkout-7d9f-x2x9", "deployments/checkout", "configmaps/checkout",
		"helm/sh.helm.release.v1.web.v1"} {
		view, err := Find(s, resource)
		if err != nil {
			t.Fatal(err)
		}
		p := look(t, view)
		p.until(100, 30, "● live")
		object := view.(*object)
		for range object.specs {
			visit(string(object.specs[object.current].id)+" of "+resource, p)
			p.press("tab")
		}
	}
	for _, v := range viewSpecs {
		p := look(t, v.open(s))
		if home, is := p.view.(*home); is {
			p.wait("it has findings", func() bool { return home.rows.Len() > 0 })
		}
		visit(v.name, p)
	}
}

// everyKey collects what is bound anywhere, and the screens that have it: "*" stands for
// all of them.
func everyKey(t *testing.T) (all map[ui.Action]ui.Key, screens map[ui.Action][]string) {
	all, screens = map[ui.Action]ui.Key{}, map[ui.Action][]string{}
	add := func(where string, keys []ui.Key) {
		where, _, _ = strings.Cut(where, " ")
		if where == "pods" || where == "problems" {
			where = "table"
		}
		for _, k := range keys {
			if _, known := all[k.Action]; !known {
				all[k.Action] = k
			}
			if !slices.Contains(screens[k.Action], where) {
				screens[k.Action] = append(screens[k.Action], where)
				slices.Sort(screens[k.Action])
			}
		}
	}
	// Triage has the keys of an object while it has a row.
	defer func() {
		for action, where := range screens {
			if slices.Contains(where, "table") && (strings.HasPrefix(string(action), "tab-") || action == actPrevious) &&
				!slices.Contains(where, "triage") {
				screens[action] = append(where, "triage")
				slices.Sort(screens[action])
			}
		}
	}()
	add("*", ui.Globals())
	eachScreen(t, func(where string, p *person) { add(where, p.view.Keys()) })
	add("*", playerKeys)
	server := newCluster(t, "documents.yaml")
	handed := writableSession(t, newCluster(t, "shop.yaml"))
	writable := look(t, Objects(handed, deployments))
	writable.until(100, 30, "checkout")
	add("table", writable.view.Keys())
	targets, _ := writable.view.(*table).targets()
	add("menu", newMenu(handed, targets).Keys())
	add("review", newReview(handed, []effects.Effect{effects.Delete(targets[0])}).Keys())
	secret := look(t, one("secret", "db")(t, newSession(t, server, "shop")))
	secret.until(100, 30, "● live")
	add("overview", secret.view.Keys())
	secret.press("y")
	secret.until(100, 30, "apiVersion")
	secret.view.Update(ui.Entered{Prompt: string(actSearch), Text: "kind"})
	add("yaml", secret.view.Keys())
	return all, screens
}

// deployments can be scaled and deleted.
var deployments = kube.Resource{
	GroupVersionResource: appsv1.SchemeGroupVersion.WithResource("deployments"), Kind: "Deployment",
	Singular: "deployment", Namespaced: true, Verbs: []string{"delete", "get", "list", "patch", "watch"},
	Subresources: []kube.Subresource{{Name: "scale", Kind: "Scale", Verbs: []string{"get", "patch", "update"}}},
}

// hands keep their journal in memory.
func hands() *effects.Hands {
	return &effects.Hands{Journal: journal.Open("", func() time.Time { return screenNow })}
}

// writableSession is a session in which objects may be changed.
func writableSession(t *testing.T, server *kubetest.Server) *Session {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	address, cache := server.Listen(t).URL, t.TempDir()
	flags := genericclioptions.NewConfigFlags(false)
	flags.APIServer, flags.CacheDir = &address, &cache
	cluster, err := kube.Open(kube.Options{Flags: flags, Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return &Session{Cluster: cluster, Now: server.Clock().Now, Messages: kube.NewMessages(), Hands: hands()}
}

// sharedKeys mean something else where the first of their actions has no use for
// them: a view's own comes before the shell's, and a recording's before the view's.
var sharedKeys = map[string][]ui.Action{
	"space": {actPlay, actFold, ui.Mark, ui.PageDown},
	"esc":   {actClearFilter, actSearchEnd, ui.GoBack},
}

// TestNoKeyMeansTwoThings holds that a new key, of a tab above all, takes none away
// from any screen that it shows on, nor from a recording or the shell.
func TestNoKeyMeansTwoThings(t *testing.T) {
	eachScreen(t, func(where string, p *person) {
		bound := map[string]ui.Action{}
		for _, k := range slices.Concat(playerKeys, p.view.Keys(), ui.Globals()) {
			for _, key := range k.Keys {
				other, twice := bound[key]
				shared := slices.Contains(sharedKeys[key], k.Action) && slices.Contains(sharedKeys[key], other)
				if twice && other != k.Action && !shared {
					t.Errorf("%s: %s is the key of %s and of %s", where, key, other, k.Action)
				}
				bound[key] = k.Action
			}
		}
	})
}

// TestEveryScreenKeepsItsFrame draws each view and tab at sizes that somebody has,
// then again under a filter or a search that finds nothing.
func TestEveryScreenKeepsItsFrame(t *testing.T) {
	eachScreen(t, func(where string, p *person) {
		checkFrame(t, where, p.view)
		for _, prompt := range []string{"filter", "search"} {
			p.view.Update(ui.Typed{Prompt: prompt, Text: "zzz"})
			p.view.Update(ui.Entered{Prompt: prompt, Text: "zzz"})
			checkFrame(t, where+" after a "+prompt, p.view)
		}
	})
}

// underlinedBlank finds text that is underlined and begins or ends with a blank.
var underlinedBlank = regexp.MustCompile(`\x1b\[(?:\d+;)*4(?:;\d+)*m( [^\x1b]*|[^\x1b]* )\x1b`)

// TestLinesUnderTextEndWithIt draws each view and tab in mono, which underlines what
// is wrong: the blanks of columns and indentations stay free.
func TestLinesUnderTextEndWithIt(t *testing.T) {
	mono, err := themes.Load("mono", "")
	if err != nil {
		t.Fatal(err)
	}
	f := ui.Frame{Width: 80, Height: 24, Theme: mono.For(colorprofile.TrueColor), Now: screenNow}
	underlined := 0
	eachScreen(t, func(where string, p *person) {
		for line := range strings.SplitSeq(p.view.Draw(f), "\n") {
			if found := underlinedBlank.FindString(line); found != "" {
				t.Errorf("%s: %q in %q", where, found, line)
			}
			if strings.Contains(line, "4m") {
				underlined++
			}
		}
	})
	if underlined == 0 {
		t.Error("no screen shows anything that is underlined")
	}
}

func checkFrame(t *testing.T, where string, view ui.View) {
	t.Helper()
	for _, size := range [][2]int{{120, 40}, {80, 24}, {40, 8}, {12, 3}, {12, 2}, {1, 1}} {
		f := ui.Frame{Width: size[0], Height: size[1], Theme: themes.Plain, Now: screenNow}
		lines := strings.Split(view.Draw(f), "\n")
		if len(lines) > f.Height {
			t.Errorf("%s at %v: %d lines", where, size, len(lines))
		}
		for i, line := range lines {
			if got := ui.Width(ansi.Strip(line)); got > f.Width {
				t.Errorf("%s at %v: line %d has %d columns: %q", where, size, i, got, line)
			}
		}
	}
}

// TestActions holds Actions to what the views really bind.
func TestActions(t *testing.T) {
	bound, _ := everyKey(t)
	known := Actions()
	for action := range bound {
		if !slices.Contains(known, action) {
			t.Errorf("%q is bound but not among the actions", action)
		}
	}
	for _, action := range known {
		if _, ok := bound[action]; !ok {
			t.Errorf("%q is an action that no view binds", action)
		}
	}
}

const keysHead = `# Keys and actions

Written from the bindings by ` + "`go test ./views -update`" + `. The config can give an action other keys:
` + "`keys: {copy: [f2]}`. Some are there only where they apply: `delete` in write mode," + `
` + "`show-values` on a Secret and on what has one inside" + `.

| action | keys | does | group |
|---|---|---|---|
`

// TestKeysDocument compares docs/keys.md, and what the program itself knows of all
// screens, with the bindings; -update writes them, as it does the golden screens.
func TestKeysDocument(t *testing.T) {
	all, screens := everyKey(t)
	keys := slices.SortedFunc(maps.Values(all), func(a, b ui.Key) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Action, b.Action))
	})
	var document, known strings.Builder
	document.WriteString(keysHead)
	for _, k := range keys {
		show := k.Show
		if show == "" {
			show = strings.Join(k.Keys, "` `")
		}
		fmt.Fprintf(&document, "| `%s` | `%s` | %s | %s |\n", k.Action, show, k.Help, strings.ToLower(k.Group))
		fmt.Fprintf(&known, "%s\t%s\t%s\t%s\n",
			k.Action, strings.Join(k.Keys, " "), strings.Join(screens[k.Action], " "), k.Help)
	}
	checkGenerated(t, "../docs/keys.md", document.String())
	checkGenerated(t, "keys.txt", known.String())
}

func checkGenerated(t *testing.T, path, want string) {
	t.Helper()
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the bindings say; go test ./views -update writes it (%v)", path, err)
	}
}
