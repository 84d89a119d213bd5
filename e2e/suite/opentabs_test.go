package suite

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestOpenTabs opens tabs, leaves, and finds them again with the next start; a start that names something
// leaves them alone.
func TestOpenTabs(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "fathom", "config.yaml"), "restore: true\n")
	start := func(args ...string) *screen.Terminal {
		return openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 100, Rows: 30, Env: []string{
			"XDG_CONFIG_HOME=" + dir, "XDG_STATE_HOME=" + state,
		}}, args...)
	}
	f := start()
	f.WaitFor(regexp.MustCompile(`triage[\s\S]*● live`), limit)
	press(f, ":tab pods -n shop /web")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(` 1 all namespaces triage +2 shop pods \d+[\s\S]*/web`), limit)
	f.Keys("ctrl+t")
	f.WaitFor(regexp.MustCompile(`3 shop pods \d+[\s\S]*/web`), limit)
	f.Keys("y")
	f.WaitFor(regexp.MustCompile(`3 shop pod web-[\s\S]*apiVersion: v1`), limit)
	f.Keys("{")
	f.WaitFor(regexp.MustCompile(`shop +pods \d+ [\s\S]*/web +2 of`), limit)
	press(f, ":deploy")
	f.WaitFor("deployments", limit)
	f.Keys("esc")
	f.Keys("}")
	f.WaitFor("apiVersion: v1", limit)
	f.Keys("ctrl+c")
	f.WaitExit(limit)

	f = start("nodes")
	f.WaitFor(regexp.MustCompile(`nodes \d+`), limit)
	if text := f.Screen().Text(); strings.Contains(text, "2 shop pods") {
		t.Errorf("a start that names nodes opens the kept tabs:\n%s", text)
	}
	f.Keys("q")
	f.WaitExit(limit)

	f = start()
	f.WaitFor(regexp.MustCompile(`1 triage +2 shop pods +3 shop pod web-[\s\S]*apiVersion: v1`), limit)
	f.Keys("{")
	f.WaitFor(regexp.MustCompile(`2 shop pods \d+[\s\S]*/web +2 of`), limit)
	f.Keys("{", "q")
	f.WaitFor(regexp.MustCompile(`1 shop pods \d+[\s\S]*/web +2 of`), limit)
	f.Keys("ctrl+c")
	f.WaitExit(limit)

	f = start()
	f.WaitFor(regexp.MustCompile(`1 shop pods \d+ +2 shop pods/web-`), limit)
}
