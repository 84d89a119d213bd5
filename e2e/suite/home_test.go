package suite

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

const ownColumns = `columns:
  pods:
    - NAME
    - {name: OWNER, label: app.kubernetes.io/name}
    - {name: READY-SINCE, path: '.status.conditions[?(@.type=="Ready")].lastTransitionTime'}
    - {name: CPU-REQ, path: '.spec.containers[0].resources.requests.cpu', right: true}
    - -IP
  pods -n payments:
    - {name: NODE-NAME, path: .spec.nodeName}
    - '-*'
  widgets.example.com: [SIZE]
`

// TestOwnColumns shows, sorts and filters columns of the config, and prints them.
func TestOwnColumns(t *testing.T) {
	f := withConfig(t, ownColumns, "pods", "-n", "shop")
	f.WaitFor(regexp.MustCompile(`NAME▲ +OWNER +READY-SINCE +CPU-REQ +READY +STATUS`), limit)
	f.WaitFor(regexp.MustCompile(`web-\S+ +web +\d+[smh] +10m +1/1 +Running`), limit)
	filter(f, "owner=checkout cpu-req>=10m")
	f.WaitFor(regexp.MustCompile(`3 of \d+ pods`), limit)
	f.Keys("esc", "shift+right", "shift+right")
	f.WaitFor("READY-SINCE▲", limit)
	press(f, ":messages")
	f.Keys("enter")
	f.WaitFor(`has no kind "widgets.example.com"`, limit)

	dir := t.TempDir()
	write(t, filepath.Join(dir, "fathom", "config.yaml"), ownColumns)
	env := []string{"KUBECONFIG=" + world.cluster.Kubeconfig, "XDG_CONFIG_HOME=" + dir, "HOME=" + dir}
	out, problems, code := run(t, env, world.fathom, "pods", "-n", "payments", "--once")
	if code != 0 || !regexp.MustCompile(`^NAME +NODE-NAME\n(\S+ +`+nodeNames+`\n)+$`).MatchString(out) {
		t.Errorf("got %d, %s\n%s", code, problems, out)
	}
	write(t, filepath.Join(dir, "fathom", "config.yaml"), "columns:\n  pods:\n    - {name: X, path: '.a['}\n")
	_, problems, code = run(t, env, world.fathom, "pods", "--once")
	if code != 1 || !strings.Contains(problems, "config.yaml: line 3: columns of \"pods\": path") {
		t.Errorf("got %d, %s", code, problems)
	}
}

// TestSeveralNamespaces looks at some namespaces in one table.
func TestSeveralNamespaces(t *testing.T) {
	f := open(t, "deployments", "-n", "shop,payments")
	screen := f.WaitFor(regexp.MustCompile(`shop,payments +deployments \d+[\s\S]*payments +ledger[\s\S]*shop +web`), limit)
	if screen.Contains("coredns") || screen.Contains("platform ") {
		t.Errorf("there are other namespaces:\n%s", screen.Text())
	}
	press(f, ":ns !kube-*,!shop")
	f.Keys("enter")
	screen = f.WaitFor(regexp.MustCompile(`!kube-\*,!shop +pods \d+[\s\S]*platform +edge`), limit)
	if screen.Contains("kube-system") || screen.Contains("checkout") {
		t.Errorf("there is what was left out:\n%s", screen.Text())
	}
}

const ownWays = `aliases: {mine: "pods -n shop /checkout"}
hotkeys: {f5: "deployments -n payments"}
`

// TestAliasesHotkeysAndPlaces goes where the config says, gives a table a name, and finds it again
// in another run.
func TestAliasesHotkeysAndPlaces(t *testing.T) {
	config, state := t.TempDir(), t.TempDir()
	write(t, filepath.Join(config, "fathom", "config.yaml"), ownWays)
	begin := func(args ...string) *screen.Terminal {
		env := []string{"XDG_CONFIG_HOME=" + config, "XDG_STATE_HOME=" + state}
		options := screen.Options{Columns: 120, Rows: 40, Env: env}
		return openWith(t, world.cluster.Kubeconfig, options, args...)
	}
	f := begin("mine")
	f.WaitFor(regexp.MustCompile(`shop +pods \d[\s\S]*/checkout +3 of`), limit)
	f.Keys("T")
	f.WaitFor("RESTARTS▼", limit)
	press(f, ":save who restarts")
	f.Keys("enter")
	f.WaitFor("saved as who restarts", limit)
	f.Keys("f5")
	f.WaitFor(regexp.MustCompile(`payments +deployments \d`), limit)
	press(f, ":mine")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`/checkout +3 of`), limit)

	f = begin("nodes")
	f.WaitFor(regexp.MustCompile(`nodes \d`), limit)
	press(f, ":who")
	f.WaitFor("place: pods -n shop /checkout by", limit)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`/checkout +3 of[\s\S]*RESTARTS▼`), limit)
	press(f, ":forget who restarts")
	f.Keys("enter")
	f.WaitFor("forgot who restarts", limit)
}
