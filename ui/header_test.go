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

func TestHeaderKeepsWhatFails(t *testing.T) {
	header := Header{
		Place:     []string{"prod-eu", "shop", "pod checkout-7d9f8c7b6-x2x9z"},
		Freshness: Line{{"● live", themes.OK}},
		Facts:     Line{{"v1.36.3", themes.Muted}, {"read-only", themes.Muted}, {"3 failing", themes.Failing}},
	}
	for width, want := range map[int]string{
		120: "● live  v1.36.3  read-only  3 failing  12:34",
		84:  "● live  read-only  3 failing  12:34",
		76:  "● live  read-only  3 failing",
		64:  "● live  read-only", 58: "● live",
	} {
		line := drawHeader(Frame{Width: width, Theme: themes.Plain, Now: start}, header)
		if !strings.HasSuffix(strings.ReplaceAll(strings.TrimRight(line, " "), start.Format("15:04"), "12:34"), "  "+want) {
			t.Errorf("%d: %q, want %q", width, line, want)
		}
	}
}

// TestHeaderKeepsThatItMayWrite holds that no width and nothing else to say hides it.
func TestHeaderKeepsThatItMayWrite(t *testing.T) {
	header := Header{
		Place:     []string{"arn:aws:eks:eu-central-1:123456789012:cluster/prod-eu", "all namespaces", "deployments"},
		Freshness: Line{{"● live", themes.OK}},
		Facts: Line{{"v1.36.3", themes.Muted}, Mode(true), {"no answer from metrics.k8s.io/v1beta1", themes.Degraded},
			{"37 failing", themes.Failing}},
	}
	for width, want := range map[int]string{
		200: "● live  v1.36.3  WRITE  no answer from metrics.k8s.io/v1beta1  37 failing  12:34",
		120: "● live  WRITE  37 failing  12:34", 100: "● live  WRITE", 80: "● live  WRITE", 40: "● live  WRITE",
	} {
		line := drawHeader(Frame{Width: width, Theme: themes.Plain, Now: start}, header)
		if !strings.HasSuffix(strings.ReplaceAll(strings.TrimRight(line, " "), start.Format("15:04"), "12:34"), "  "+want) {
			t.Errorf("%d: %q, want %q", width, line, want)
		}
	}
}
