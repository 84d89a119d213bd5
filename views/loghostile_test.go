package views

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// hostileLogLines are as long as lines get, or would move the cursor, or are nested deeper than
// any stack.
func hostileLogLines() map[string]string {
	fill := func(part string) string { return strings.Repeat(part, (1<<20)/len(part)) }
	some := func(part string) string { return strings.Repeat(part, (1<<16)/len(part)) }
	return map[string]string{
		"long":             fill("0123456789abcdef"),
		"spaces":           fill(" "),
		"binary":           some("\x00\x01\x7f\xfe\xff\x80"),
		"half UTF-8":       some("\xe2\x82") + "\xf0\x9f",
		"combining":        some("e\u0301\u0301\u0301"),
		"wide":             some("日本"),
		"progress":         some("\r 12 % [=>   ]"),
		"titles":           some("\x1b]0;owned\a") + "\x1b]52;c;cm0gLXJm\a",
		"devices":          some("\x1bP+q544e\x1b\\\x1b_G\x1b\\\u009d0;x\u009c"),
		"moves":            some("\x1b[2J\x1b[H\x1b[?1049l\x1bc"),
		"colours":          some("\x1b[31mx\x1b[0m"),
		"one value":        `{"level":"error","msg":"` + fill("x") + `"}`,
		"escapes":          `{"level":"error","msg":"` + fill(`\u00e4\n\u001b[2J`) + `"}`,
		"pairs":            fill("level=info msg=a "),
		"deep":             `{"msg":"m","a":` + strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_001),
		"lists":            `{"msg":"m","a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}",
		"deep without end": fill(`{"a":`),
		"members":          `{"msg":"m",` + fill(`"field":"value",`) + `"last":1}`,
	}
}

// intactFrame checks that a frame is no larger than the screen, and has only text.
func intactFrame(t *testing.T, what, frame string, width, height int) {
	t.Helper()
	rows := strings.Split(frame, "\n")
	if len(rows) > height {
		t.Errorf("%s: %d rows", what, len(rows))
	}
	for i, row := range rows {
		if w := ansi.StringWidthWc(row); w > width {
			t.Errorf("%s: row %d has %d cells", what, i, w)
		}
		control := func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }
		if !utf8.ValidString(row) || strings.ContainsFunc(row, control) {
			t.Errorf("%s: row %d is %q", what, i, row)
		}
	}
}

// TestHostileLogLines draws screens full of each, in every way in which lines are drawn, and opens
// one. Nothing but text of them is drawn, and no key waits for long.
func TestHostileLogLines(t *testing.T) {
	const width, height, patience = 80, 24, 10 * time.Second
	for name, text := range hostileLogLines() {
		t.Run(name, func(t *testing.T) {
			v := startLogs(t)
			frame := ui.Frame{Width: width, Height: height, Theme: themes.Plain, Now: screenNow}
			line := kube.LogLine{Time: screenNow, Text: kinds.CleanLog(text)}
			opened := ui.View(nil)
			for _, step := range []struct {
				name string
				draw func() string
			}{
				{"they come", func() string {
					v.say(0, slices.Repeat([]kube.LogLine{line}, 2*height), "")
					return v.Draw(frame)
				}},
				{"paused", func() string { do(v, ui.Up); return v.Draw(frame) }},
				{"raw", func() string { do(v, actRaw); return v.Draw(frame) }},
				{"wrapped", func() string { do(v, actWrap); return v.Draw(frame) }},
				{"not raw", func() string { do(v, actRaw); return v.Draw(frame) }},
				{"with times", func() string { do(v, actTimes); return v.Draw(frame) }},
				{"one opened", func() string {
					opened = do(v, actOpen).(ui.Open).View
					return opened.Draw(frame)
				}},
				{"its end", func() string { opened.Update(ui.Do{Action: ui.Bottom}); return opened.Draw(frame) }},
			} {
				began := time.Now() //nolint:forbidigo // A line may not hold up the loop for long.
				drawn := step.draw()
				if took := time.Since(began); took > patience {
					t.Errorf("%s: it took %s", step.name, took)
				}
				intactFrame(t, step.name, drawn, width, height)
			}
		})
	}
}
