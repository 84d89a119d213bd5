package views

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

func TestMoment(t *testing.T) {
	now := time.Date(2026, 5, 1, 14, 30, 0, 0, time.FixedZone("CEST", 7200)) // 12:30 UTC
	for _, test := range []struct{ text, want string }{
		{"12:02", "2026-05-01T12:02:00Z"},
		{"@12:02:11", "2026-05-01T12:02:11Z"},
		{" 12:02Z ", "2026-05-01T12:02:00Z"},
		{"12:31", "2026-04-30T12:31:00Z"},
		{"-15m", "2026-05-01T12:15:00Z"},
		{"@-1h30m", "2026-05-01T11:00:00Z"},
		{"2026-04-01T00:00:00+02:00", "2026-03-31T22:00:00Z"},
		{"", ""}, {"15m", ""}, {"25:00", ""}, {"-", ""}, {"yesterday", ""},
	} {
		at, err := moment(test.text, now)
		got := at.UTC().Format(time.RFC3339)
		if err != nil {
			got = ""
			if !strings.Contains(err.Error(), "is not a time") {
				t.Errorf("%q: %v", test.text, err)
			}
		}
		if got != test.want {
			t.Errorf("%q is read as %q, want %q", test.text, got, test.want)
		}
	}
}

func TestGoToATimeOfALog(t *testing.T) {
	for _, test := range []struct{ text, line, says string }{
		{"12:00:07", "line 7 of the log", ""},
		{"12:00", "line 0 of the log", ""},
		{"11:59", "line 0 of the log", "the oldest line here is of 2026-05-01 12:00:00Z"},
		{"nonsense", "", "is not a time"},
	} {
		v := startLogs(t)
		v.say(0, logBatch(0, 60), "")
		drawTab(v, 80, 10)
		v.subject.session.Now = func() time.Time { return screenNow.Add(time.Hour) }
		said, _ := v.Update(ui.Entered{Prompt: string(actJumpTo), Text: test.text}).(ui.Say)
		if !strings.Contains(said.Text, test.says) || test.says == "" && said.Text != "" {
			t.Errorf("%s: says %q, want %q", test.text, said.Text, test.says)
		}
		if at := v.pager.Cursor(); test.line != "" && (v.Line(at).String() != test.line || v.pager.Follow) {
			t.Errorf("%s: the cursor is on %q, want %q", test.text, v.Line(at), test.line)
		}
	}
	v := startLogs(t)
	v.say(0, logBatch(0, 60), "")
	v.subject.session.Now = func() time.Time { return screenNow.Add(time.Hour) }
	said := v.Update(ui.Entered{Prompt: string(actJumpTo), Text: "12:30"}).(ui.Say)
	if !strings.Contains(said.Text, "this is the last") {
		t.Errorf("after the end it says %q", said.Text)
	}
}

// TestTimesOfLogs goes through the ways to show times.
func TestTimesOfLogs(t *testing.T) {
	v := startLogs(t)
	v.say(0, logBatch(0, 3), "")
	for _, want := range []string{
		"2026-05-01T12:00:02.000Z line 2 of the log", "   3s ago line 2 of the log", "      +1s line 2 of the log",
		"line 2 of the log",
	} {
		do(v, actTimes)
		v.prefix.Now = screenNow.Add(5 * time.Second)
		if got := v.Line(2).String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		raw := v.RawLine(2)
		if v.prefix.Times != logbuf.NoTimes && raw != "2026-05-01T12:00:02.000Z line 2 of the log" {
			t.Errorf("it is copied as %q", raw)
		}
	}
}

// TestOlderLinesAreReadAtTheTop goes up past the oldest line, which stays under the cursor
// while the log is read again from further back.
func TestOlderLinesAreReadAtTheTop(t *testing.T) {
	v := startLogs(t)
	v.say(0, logBatch(500, 30), "")
	do(v, ui.Top)
	drawTab(v, 80, 10)
	for _, want := range []string{"last 10000 lines", "last 100000 lines", "all"} {
		if starts, _ := watched(do(v, ui.Up)); starts != 1 || v.window.name != want {
			t.Fatalf("starts %d sources with %q, want %q", starts, v.window.name, want)
		}
		v.say(0, logBatch(400, 130), "")
		drawTab(v, 80, 10)
		if got := v.Line(v.pager.Cursor()).String(); got != "line 500 of the log" || v.pager.Follow {
			t.Errorf("the cursor is on %q", got)
		}
		do(v, ui.Up)
		if got := v.Line(v.pager.Cursor()).String(); got != "line 499 of the log" {
			t.Errorf("up leads to %q", got)
		}
		v.say(0, logBatch(530, 10), "")
		if got := v.Line(v.pager.Cursor()).String(); got != "line 499 of the log" {
			t.Errorf("with newer lines the cursor is on %q", got)
		}
		do(v, ui.Top)
		drawTab(v, 80, 10)
		v.buffer, v.sifted = logbuf.Buffer{}, sifted{}
		v.say(0, logBatch(500, 130), "") // So that the next round begins with the same line.
	}
	if said, ok := do(v, ui.Up).(ui.Say); !ok || said.Text != "nothing older is left of this log" {
		t.Errorf("at the end: %#v", said)
	}
}
