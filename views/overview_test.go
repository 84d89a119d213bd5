package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestLongFactsAreWrapped shows an object with more labels than fit into a line,
// and one with more than fit into all that a fact may take.
func TestLongFactsAreWrapped(t *testing.T) {
	labels := func(count int) string {
		var all []string
		for n := range count {
			all = append(all, fmt.Sprintf("team.example.com/label-%02d: value-%02d", n, n))
		}
		return strings.Join(all, ", ")
	}
	server := newCluster(t, "shop.yaml")
	for name, count := range map[string]int{"some": 6, "many": 40} {
		server.Apply(t, fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: shop, labels: {%s}}", name, labels(count)))
	}
	s := newSession(t, server, "shop")
	for name, want := range map[string]bool{"some": false, "many": true} {
		screen := look(t, newObject(s, served(t, s, "cm"), "shop", name, nil, "")).until(80, 40, "label-05")
		for line := range strings.Lines(screen) {
			if ui.Width(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("%s: too wide: %q", name, line)
			}
		}
		if strings.Contains(screen, "…") != want {
			t.Errorf("%s: is it marked that something is cut? %s", name, screen)
		}
		if !strings.Contains(screen, "team.example.com/label-05=value-05") {
			t.Errorf("%s: a label is broken or missing: %s", name, screen)
		}
	}
}
