package ui

import (
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"github.com/fathom-k8s/fathom/ui/term/termtest"
)

// clusters are texts that Lip Gloss and a terminal without grapheme clusters
// measure differently, and some on which they agree.
var clusters = []string{
	"👩\u200d👩\u200d👧 family", "👍🏽 tone", "🇩🇪 flag", "हिन्दी", "日本語",
	"e\u0301 accent", "1\ufe0f\u20e3 keycap", "각 jamo", "plain",
}

func TestLipGlossMeasuresCells(t *testing.T) {
	for _, text := range clusters {
		for _, text := range []string{text, "\x1b[1m" + text + "\x1b[m", text + text} {
			if got, want := lipgloss.Width(asCells(text)), ansi.StringWidthWc(text); got != want {
				t.Errorf("%q: Lip Gloss sees %d cells, a terminal %d", text, got, want)
			}
		}
	}
}

func TestSideBySide(t *testing.T) {
	left := strings.Join(clusters, "\n")
	right := strings.Repeat("│ right\n", len(clusters)+2) + "│ right"
	widest := 0
	for _, text := range clusters {
		widest = max(widest, Width(text))
	}
	lines := strings.Split(plainText(SideBySide(left, right)), "\n")
	if lines = lines[:len(lines)-1]; len(lines) != len(clusters)+3 {
		t.Errorf("%d lines, want %d", len(lines), len(clusters)+3)
	}
	for _, line := range lines {
		before, _, _ := strings.Cut(line, "│")
		if got := Width(before); got != widest {
			t.Errorf("%q begins after %d cells, want %d", line, got, widest)
		}
	}
}

// The right border of a box is straight, whatever stands in it.
func TestBordersAreStraight(t *testing.T) {
	choices := []Choice{}
	for _, text := range clusters {
		choices = append(choices, Choice{Name: text, Detail: text})
	}
	words := strings.Join(clusters, " ")
	for name, view := range map[string]*page{
		"question": {name: "pods", intents: map[Action]Intent{"x": ask(removal{name: words})}},
		"list":     {name: "pods", intents: map[Action]Intent{"x": Choose{Title: words, Choices: choices}}},
	} {
		t.Run(name, func(t *testing.T) {
			view.keys = []Key{{Action: "x", Keys: []string{"x"}}}
			s := shownShell(t, view)
			s.Update(keyPress("x"))
			bounds := s.picture.Over.Bounds()
			for y, line := range strings.Split(plainText(content(s.picture)), "\n") {
				if y <= bounds.Min.Y || y >= bounds.Max.Y-1 {
					continue
				}
				_, right, _ := clip(line, bounds.Max.X-1, 1)
				if _, left, _ := clip(line, bounds.Min.X, 1); left != "│" || right != "│" {
					t.Errorf("line %d has %q and %q in place of the borders:\n%s", y, left, right, line)
				}
			}
		})
	}
}

// What a box has covered is drawn again when it moves or closes.
func TestClosedBoxLeavesNothing(t *testing.T) {
	s := shownShell(t, home())
	out := termtest.New(80, 24)
	check := func(what string) {
		t.Helper()
		_, _ = out.Write(s.renderer.Render(s.picture))
		fresh := vt.NewEmulator(80, 24)
		_, _ = fresh.WriteString(strings.ReplaceAll(content(s.picture), "\n", "\r\n"))
		if difference := out.Difference(fresh, termtest.Seen); difference != "" {
			t.Fatalf("after %s: %s\n%s", what, difference, out.Text())
		}
	}
	check("the first frame")
	for _, key := range []string{"D", "y", "esc", "?", "down", "esc", "n", "esc", ":", "esc", "D", "enter", "n", "enter"} {
		s.Update(keyPress(key))
		check(key)
	}
}

// shownShell is a shell whose first frame is drawn, outside any loop.
func shownShell(t *testing.T, view View) *Shell {
	t.Helper()
	s := NewShell(Options{
		Home: view, Choices: choices, Theme: loadTheme(t, "default"), Now: utc, Environ: []string{"TERM=xterm-256color"},
	})
	s.Init()
	s.Update(tea.ColorProfileMsg{Profile: trueColor})
	s.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return s
}

func TestClicksInBoxes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		view := home()
		view.intents["delete"] = ask(removal{name: "web-1", ran: &ran})
		d := drive(t, Options{Home: view, Choices: choices, Mouse: true}, 80, 24)
		click := func(text string) {
			t.Helper()
			for y, line := range strings.Split(d.text(), "\n") {
				if before, _, found := strings.Cut(line, text); found {
					d.send(tea.MouseClickMsg{X: Width(before), Y: y, Button: tea.MouseLeft})
					return
				}
			}
			t.Fatalf("there is no %q to click on:\n%s", text, d.text())
		}
		d.press("D")
		click("web-1 in prod-eu?") // Neither button.
		click("Yes")
		d.contains("[ Yes ]")
		if ran != 0 {
			t.Error("one click deletes")
		}
		click("No")
		d.contains("[ No ]")
		click("[ No ]")
		d.lacks("confirm")
		d.press("D")
		click("Yes")
		click("[ Yes ]")
		if ran != 1 {
			t.Errorf("ran %d times, want 1", ran)
		}
		d.press("n")
		click("› ") // Not a choice.
		d.contains("namespace")
		click("9 pods")
		d.contains("the system's")
	})
}
