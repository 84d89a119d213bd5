package views

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// drawnIn draws logs in a theme on a terminal with so many colours.
func drawnIn(t *testing.T, v *logs, theme string, profile colorprofile.Profile) string {
	t.Helper()
	definition, err := themes.Load(theme, "")
	if err != nil {
		t.Fatal(err)
	}
	return v.Draw(ui.Frame{Width: 80, Height: 10, Theme: definition.For(profile), Now: screenNow})
}

func TestLogsInColour(t *testing.T) {
	v := startLogs(t)
	v.say(0, []kube.LogLine{
		{Time: screenNow, Text: "\x1b[32mINFO\x1b[0m served \x1b[38;2;255;0;0mred\x1b[m, \x1b[7mreversed"},
		{Time: screenNow, Text: "the next line"},
	}, "")
	for profile, want := range map[colorprofile.Profile]string{
		colorprofile.TrueColor: "\x1b[32mINFO\x1b[m served \x1b[38;2;255;0;0mred\x1b[m, \x1b[7mreversed\x1b[m\nthe next line",
		colorprofile.ANSI256:   "\x1b[32mINFO\x1b[m served \x1b[38;5;196mred\x1b[m, \x1b[7mreversed\x1b[m\nthe next line",
		colorprofile.ANSI:      "\x1b[32mINFO\x1b[m served \x1b[91mred\x1b[m, \x1b[7mreversed\x1b[m\nthe next line",
		colorprofile.ASCII:     "INFO served red, reversed\nthe next line",
		colorprofile.NoTTY:     "INFO served red, reversed\nthe next line",
	} {
		if got := drawnIn(t, v, "default", profile); !strings.Contains(got, want) {
			t.Errorf("%v: %q is not in\n%q", profile, want, got)
		}
	}
	if got := drawnIn(t, v, "mono", colorprofile.TrueColor); !strings.Contains(got, "INFO served red, reversed\n") {
		t.Errorf("mono shows colours: %q", got)
	}
	v.Update(ui.Entered{Prompt: "search", Text: "O served r"})
	if got := drawTab(v, 80, 10); !strings.Contains(got, "1 of 1") {
		t.Errorf("a search across colours finds nothing:\n%s", got)
	}
	copied, _ := do(v, actCopyAll).(ui.Copy)
	var saved strings.Builder
	if _, err := do(v, actSave).(ui.Save).Text.WriteTo(&saved); err != nil {
		t.Fatal(err)
	}
	const want = "INFO served red, reversed\nthe next line\n"
	if copied.Text != want || saved.String() != want {
		t.Errorf("copied %q, saved %q", copied.Text, saved.String())
	}
}

// TestLongLogLinesAreSearched finds text in lines of 150,000 bytes, wide ones and
// coloured ones among them.
func TestLongLogLinesAreSearched(t *testing.T) {
	for name, part := range map[string]string{
		"ascii": "0123456789", "wide": "日本語", "coloured": "\x1b[31mred\x1b[0m and not ",
	} {
		for _, wrap := range []bool{false, true} {
			v := startLogs(t)
			text := strings.Repeat(part, 75_000/len(part))
			v.say(0, []kube.LogLine{{Text: "before"}, {Text: text + "XYZ" + text}, {Text: "after"}}, "")
			v.pager.Wrap = wrap
			do(v, ui.Right)
			do(v, ui.Up)
			v.Update(ui.Entered{Prompt: "search", Text: "XYZ"})
			if got := drawTab(v, 120, 40); !strings.Contains(got, "1 of 1") {
				t.Errorf("%s: XYZ is not found:\n%.300s", name, got)
			}
		}
	}
}
