package views

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/ui"
)

func TestWindowOf(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		text, name string
		back       time.Duration
		tail       int64
	}{
		{"10s", "last 10s", 10 * time.Second, 0},
		{" 90s ", "last 90s", 90 * time.Second, 0},
		{"30m", "last 30m", 30 * time.Minute, 0},
		{"-30m", "last 30m", 30 * time.Minute, 0},
		{"15m", "last 15 minutes", 15 * time.Minute, 0},
		{"60m", "last hour", time.Hour, 0},
		{"1d", "last 1d", 24 * time.Hour, 0},
		{"1d12h", "last 1d12h", 36 * time.Hour, 0},
		{"12:24", "since 12:24:00Z", 6*time.Minute + time.Second, 0},
		{"@12:24:30Z", "since 12:24:30Z", 5*time.Minute + 31*time.Second, 0},
		{"12:31", "since 12:31:00Z", 24*time.Hour - time.Minute + time.Second, 0}, // Yesterday.
		{"500", "last 500 lines", 0, 500},
		{"1", "last 1 line", 0, 1},
		{text: ""}, {text: "0"}, {text: "-5"}, {text: "0s"}, {text: "1ms"}, {text: "5 min"}, {text: "all"},
		{text: "99999999999"}, {text: "99999999d"}, {text: "25:00"}, {text: "2027-01-01T00:00:00Z"},
	} {
		w, ok := windowOf(tt.text, now)
		if ok != (tt.name != "") || w.name != tt.name || w.back(now) != tt.back || w.tail != tt.tail {
			t.Errorf("%q is read as %+v, %t", tt.text, w, ok)
		}
	}
}

func TestWider(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 30, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"500": "last 5000 lines", "100000": "all", "10s": "last minute", "90s": "last 5 minutes",
		"60m": "last 6 hours", "1d": "all", "12:20": "last 15 minutes",
	} {
		w, _ := windowOf(text, now)
		if got, ok := w.wider(now); !ok || got.name != want {
			t.Errorf("wider than %s is %q, want %q", text, got.name, want)
		}
	}
	if w, ok := windows[len(windows)-1].wider(now); ok {
		t.Errorf("wider than all is %q", w.name)
	}
}

// TestAnyWindowIsTaken types one that is not in the list.
func TestAnyWindowIsTaken(t *testing.T) {
	v := startLogs(t)
	choose := do(v, actSince).(ui.Choose)
	if choices := choose.Typed("zebra"); len(choices) != 0 {
		t.Errorf("a word is taken for %q", choices[0].Name)
	}
	choices := choose.Typed("30m")
	if len(choices) != 1 {
		t.Fatalf("30m is %d choices", len(choices))
	}
	starts, ends := watched(choices[0].Then.(ui.Lazy).Intent())
	if starts != 1 || ends != 1 || v.window.since != 30*time.Minute {
		t.Errorf("starts %d and ends %d sources with %+v", starts, ends, v.window)
	}
}

// TestMarkOfAFoldedTrace is whole where the line before it has to be cut.
func TestMarkOfAFoldedTrace(t *testing.T) {
	v := startLogs(t)
	v.say(0, serviceLog(), "")
	drawTab(v, 80, 20)
	if narrow := drawTab(v, 24, 20); !strings.Contains(narrow, "› +3 lines (z)") {
		t.Errorf("the mark is not whole:\n%s", narrow)
	}
}
