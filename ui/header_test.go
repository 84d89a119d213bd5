package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/themes"
)

func TestHeaderDropsWhatHasNoRoom(t *testing.T) {
	header := Header{
		Place:     []string{"arn:aws:eks:eu-central-1:123456789012:cluster/prod-eu", "all namespaces", "deployments"},
		Freshness: Line{{"◐ 14 s old, reconnecting", themes.Degraded}},
		Facts:     Line{{"v1.36.3", themes.Muted}, {"read-only", themes.Muted}},
	}
	var got []string
	for _, width := range []int{200, 150, 140, 130, 120, 100, 80, 60, 40} {
		f := Frame{Width: width, Theme: themes.Plain, Now: start}
		line := drawHeader(f, header)
		if w := Width(line); w != width {
			t.Errorf("%d: %d cells in %q", width, w, line)
		}
		if !strings.Contains(line, "14 s old") {
			t.Errorf("%d: no freshness in %q", width, line)
		}
		got = append(got, strings.TrimRight(line, " "))
	}
	golden.RequireEqual(t, strings.Join(got, "\n")+"\n")
}
