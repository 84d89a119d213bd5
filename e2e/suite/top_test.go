package suite

import (
	"fmt"
	"strings"
	"testing"
)

// TestTopIsKubectls compares what is used with what kubectl prints between two
// measurements.
func TestTopIsKubectls(t *testing.T) {
	if !world.cluster.Metrics {
		t.Fatal("the cluster does not serve metrics.k8s.io")
	}
	for _, args := range [][]string{
		{"pods", "-A"}, {"pods", "-n", "shop"}, {"pods", "-n", "shop", "--containers"}, {"nodes"},
	} {
		t.Run(fmt.Sprint(args), func(t *testing.T) {
			want, got := "", ""
			for range 10 {
				before := topCells(kubectl(t, append([]string{"top"}, args...)...))
				out, problems, code := run(t, nil, world.fathom, append([]string{"--once", "top"}, args...)...)
				if code != 0 {
					t.Fatalf("exit %d: %s", code, problems)
				}
				want, got = topCells(kubectl(t, append([]string{"top"}, args...)...)), topCells(out)
				if want == before {
					break
				}
			}
			if got != want {
				t.Errorf("fathom prints\n%s\nkubectl prints\n%s", got, want)
			}
		})
	}
}

// topCells are the lines without the blanks between their cells; of nodes that were not
// measured kubectl prints the order of a map.
func topCells(text string) string {
	var known, unknown []string
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		if strings.HasSuffix(line, "<unknown>") {
			unknown = append(unknown, line)
		} else {
			known = append(known, line)
		}
	}
	return fmt.Sprint(strings.Join(known, "\n"), "\n", len(unknown), " unknown")
}
