package views

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/plugins"
	"github.com/fathom-k8s/fathom/ui"
)

// pluginNamed is a plugin with a command.
func pluginNamed(t *testing.T, p plugins.Plugin, command ...string) plugins.Plugin {
	t.Helper()
	for _, word := range command {
		a, err := plugins.ParseArgument(word)
		if err != nil {
			t.Fatal(err)
		}
		p.Command = append(p.Command, a)
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return p
}

// pluginSession is a session with plugins, in which objects may be changed.
func pluginSession(t *testing.T) *Session {
	t.Helper()
	server := newCluster(t, "shop.yaml")
	file, cache := filepath.Join(t.TempDir(), "config"), t.TempDir()
	text := fmt.Sprintf(`{kind: Config, apiVersion: v1, current-context: prod-eu,
contexts: [{name: prod-eu, context: {cluster: c, user: jane}}], users: [{name: jane}],
clusters: [{name: c, cluster: {server: %q}}]}`, server.Listen(t).URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.CacheDir = &file, &cache
	messages := kube.NewMessages()
	cluster, err := kube.Open(kube.Options{Flags: flags, Write: true, Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	s := &Session{Cluster: cluster, Namespace: "shop", Now: server.Clock().Now, Messages: messages, Hands: hands()}
	s.Plugins = []plugins.Plugin{
		pluginNamed(t, plugins.Plugin{Name: "stern", Key: "f9", Help: "stern of the workload", Reads: true,
			Kinds: []string{"deploy", "statefulsets"}}, "echo", "$NAMESPACE/$NAME", "$COL{READY}"),
		pluginNamed(t, plugins.Plugin{Name: "slowly", Key: "f8", Kinds: []string{"deployments"}},
			"rollout-slowly", "--context", "$CONTEXT", "-n", "$NAMESPACE", "$NAME", "--note", "one by one"),
		pluginNamed(t, plugins.Plugin{Name: "pods-only", Key: "f9", Kinds: []string{"po"}, Reads: true}, "true"),
		pluginNamed(t, plugins.Plugin{Name: "of-containers", Reads: true}, "echo", "$NAME", "$CONTAINER"),
		pluginNamed(t, plugins.Plugin{Name: "console", Kinds: []string{"nodes"}, Terminal: true, Reads: true}, "true"),
	}
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// names are those of the plugins that a view has.
func (p *person) plugins() string {
	var out []string
	for _, k := range p.view.Keys() {
		if name, is := strings.CutPrefix(string(k.Action), pluginAction); is {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// TestPluginsGetOwnColumns gives a plugin the value of a column of the config, from a table and from a page.
func TestPluginsGetOwnColumns(t *testing.T) {
	s := pluginSession(t)
	s.Columns = []ColumnRule{{Kind: "deploy", Columns: []ColumnChoice{
		ownColumn(t, "STRATEGY", ".spec.selector.matchLabels.app"), ownColumn(t, "TEAM", "label app"),
	}}}
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	view, err := Find(s, "deployments/checkout")
	if err != nil {
		t.Fatal(err)
	}
	page := look(t, view)
	page.until(100, 30, "● live")
	for _, p := range []*person{rows, page} {
		on, known := s.pluginSubject(p.view)
		if !known {
			t.Fatal("the cursor is on nothing")
		}
		column := s.pluginValues(on).Column
		for name, want := range map[string]string{"strategy": "checkout", "READY": "1/3", "nothing": ""} {
			if got, known := column(name); got != want || known != (want != "") {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
}

func TestPluginsFitWhatTheCursorIsOn(t *testing.T) {
	s := pluginSession(t)
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	if got := rows.plugins(); got != "stern slowly" {
		t.Errorf("a deployment has %q", got)
	}
	pods := look(t, Objects(s, Pods(s.Cluster)))
	pods.until(100, 30, "db-0")
	if got := pods.plugins(); got != "pods-only" {
		t.Errorf("a pod has %q", got)
	}
	containers := look(t, newContainers(s))
	containers.until(100, 30, "checkout")
	if got := containers.plugins(); got != "of-containers" {
		t.Errorf("a container has %q", got)
	}
	view, err := Find(s, "deployments/checkout")
	if err != nil {
		t.Fatal(err)
	}
	page := look(t, view)
	page.wait("the deployment has come, with its plugins", func() bool {
		page.draw(100, 30)
		return page.plugins() == "stern slowly"
	})
	page.press("t")
	page.until(100, 30, "checkout-7d9f-x2x9")
	for range 20 {
		if on, _ := s.pluginSubject(page.view); on.ref.Kind == "Pod" {
			break
		}
		page.press("down")
	}
	if got := page.plugins(); got != "pods-only" {
		t.Errorf("a pod in the tree has %q", got)
	}
	if got := ui.Rank("ster", s.pluginChoices(rows.view)); len(got) == 0 || got[0].Name != "stern" ||
		got[0].Detail != "plugin: stern of the workload, of checkout" {
		t.Errorf("the palette has %+v", got)
	}
	s.Hands = nil
	if got := rows.plugins(); got != "" {
		t.Errorf("what was saved has %q", got)
	}
}

// TestPluginAsks begins plugins in both modes.
func TestPluginAsks(t *testing.T) {
	s := pluginSession(t)
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	ask, is := s.plugin(rows.view, pluginAction+"slowly").(ui.Confirm)
	if !is {
		t.Fatal("nobody is asked")
	}
	for _, part := range []string{
		"plugin slowly", "deployment shop/checkout", s.Cluster.Name(), s.Cluster.Server(),
		"rollout-slowly --context prod-eu", "as jane", "-n shop checkout --note 'one by one'",
	} {
		if !strings.Contains(ask.Question, part) {
			t.Errorf("%q is not in %q", part, ask.Question)
		}
	}
	if open, is := s.plugin(rows.view, pluginAction+"stern").(pluginOpen); !is {
		t.Errorf("what reads asks: %T", open)
	}
	s.Rules = effects.Rules{{Effects: []string{"plugin"}, Deny: true, Why: "not here"}}
	said, is := s.plugin(rows.view, pluginAction+"slowly").(ui.Say)
	if !is || !strings.Contains(said.Text, "denies it: not here") {
		t.Errorf("a rule denies plugins, but it says %+v", said)
	}
	s.Rules = effects.Rules{{Effects: []string{"plugin"}, Reason: true}}
	if _, asks := find[ui.Prompt](s.plugin(rows.view, pluginAction+"slowly")); !asks {
		t.Fatal("nobody asks for the reason")
	}
	after, _ := s.answered(ui.Entered{Prompt: remotePrompt, Text: "incident 7"})
	if open, is := find[pluginOpen](after.(ui.Confirm).Then); !is || open.run.Reason != "incident 7" {
		t.Errorf("after the reason: %+v", after)
	}
	s.Rules = nil
	if err := s.Cluster.SetWritable(false); err != nil {
		t.Fatal(err)
	}
	if said, is := s.plugin(rows.view, pluginAction+"slowly").(ui.Say); !is || !strings.Contains(said.Text, "write mode") {
		t.Errorf("read-only: %+v", said)
	}
	if _, is := s.plugin(rows.view, pluginAction+"stern").(pluginOpen); !is {
		t.Error("what reads does not run in a read-only session")
	}
	if begun := s.plugin(rows.view, pluginAction+"none"); begun != nil {
		t.Errorf("an unknown plugin: %+v", begun)
	}
	s.Plugins[0] = pluginNamed(t, plugins.Plugin{Name: "bad", Reads: true}, "echo", "$COL{NOTHING}")
	said, is = s.plugin(rows.view, pluginAction+"bad").(ui.Say)
	if !is || !strings.Contains(said.Text, "no column NOTHING") {
		t.Errorf("a column that is not there: %+v", said)
	}
}

// TestPluginOutput shows what a program writes, and its exit code.
func TestPluginOutput(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell here")
	}
	s := pluginSession(t)
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	script := `for i in 1 2 3; do echo "line $$i of $$1"; done; printf '\033[31mred\033[0m \033[2J\n' >&2; exit 3`
	s.Plugins = []plugins.Plugin{
		pluginNamed(t, plugins.Plugin{Name: "show", Reads: true}, "/bin/sh", "-c", script, "sh", "$NAME"),
		pluginNamed(t, plugins.Plugin{Name: "gone", Reads: true}, "no-such-program"),
	}
	p := look(t, s.plugin(rows.view, pluginAction+"show").(pluginOpen).Intent().(ui.Open).View)
	p.until(80, 24, "exit code 3")
	text := p.draw(80, 24)
	for _, part := range []string{"$ /bin/sh -c", "line 3 of checkout", "red ␛[2J"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			golden.RequireEqual(t, p.draw(size[0], size[1]))
		})
	}
	s.Plugins[0] = pluginNamed(t, plugins.Plugin{Name: "show", Reads: true}, "/bin/sh", "-c",
		`i=0; while [ $$i -lt 99 ]; do i=$$((i+1)); echo "line $$i"; done`)
	long := look(t, s.plugin(rows.view, pluginAction+"show").(pluginOpen).Intent().(ui.Open).View)
	long.until(80, 24, "exit code 0", "\nline 1\nline 2\n")
	gone := look(t, s.plugin(rows.view, pluginAction+"gone").(pluginOpen).Intent().(ui.Open).View)
	gone.until(80, 24, "no-such-program is not in PATH")
}

// TestPluginScreens draws the menu with plugins in both modes, and the question before one.
func TestPluginScreens(t *testing.T) {
	s := pluginSession(t)
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	targets, _ := rows.view.(*table).targets()
	t.Run("question", func(t *testing.T) { // As the dialog wraps it, whatever the size of the screen.
		ask := s.plugin(rows.view, pluginAction+"slowly").(ui.Confirm)
		text := address.ReplaceAllString(ask.Question, "127.0.0.1:PORT_")
		golden.RequireEqual(t, strings.Join(ui.Wrap(text, 58), "\n"))
	})
	for _, mode := range []string{"write", "read-only"} {
		if err := s.Cluster.SetWritable(mode == "write"); err != nil {
			t.Fatal(err)
		}
		p := look(t, newMenu(s, []effects.Target{targets[0]}))
		p.until(120, 60, "stern of the workload")
		for _, size := range append(sizes, [2]int{80, 50}) {
			t.Run(fmt.Sprintf("menu %s %dx%d", mode, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, address.ReplaceAllString(p.draw(size[0], size[1]), "127.0.0.1:PORT"))
			})
		}
	}
}
