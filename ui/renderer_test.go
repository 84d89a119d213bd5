package ui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"
)

// painting is a model that shows what it is sent.
type painting struct{ content string }

type paint string

func (p *painting) Init() tea.Cmd { return nil }

func (p *painting) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if msg, ok := msg.(paint); ok {
		p.content = string(msg)
	}
	return p, nil
}

func (p *painting) View() tea.View { return tea.View{Content: p.content, AltScreen: true} }

// TestRendererScrollsRight sends random frames of the kind that lists make
// (scrolled, with equal and blank rows, rows that come and go, wide characters,
// a cursor row) through Bubble Tea's renderer, and compares the terminal with
// one on which the frame was painted from scratch. The renderer moves lines
// that it takes for equal, and has had bugs with just these.
func TestRendererScrollsRight(t *testing.T) {
	const width, height, frames = 60, 20, 150
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))

	ctx, cancel := context.WithCancel(t.Context())
	out := newScreen(width, height)
	program := tea.NewProgram(&painting{}, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(out),
		tea.WithWindowSize(width, height), tea.WithColorProfile(trueColor), tea.WithFPS(120), tea.WithoutSignals(), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = program.Run()
	}()
	defer func() {
		cancel()
		<-ended
	}()

	list := make([]string, 100)
	for i := range list {
		list[i] = randomRow(random, width)
	}
	top, cursor := 0, 0
	for n := range frames {
		list, top, cursor = changeList(random, list, width, height, top, cursor)
		frame := paintList(list, width, height, top, cursor)
		program.Send(paint(frame))
		fresh := vt.NewEmulator(width, height)
		if _, err := fresh.WriteString(strings.ReplaceAll(frame, "\n", "\r\n")); err != nil {
			t.Fatal(err)
		}
		what := ""
		if !out.becomes(func() bool {
			out.mu.Lock()
			defer out.mu.Unlock()
			what = difference(out.emulator, fresh, width, height)
			return what == ""
		}) {
			t.Fatalf("frame %d: %s\n%s\n\nwant\n%s", n, what, out.text(), fresh.String())
		}
	}
}

func randomRow(random *rand.Rand, width int) string {
	rows := []string{
		"", "", "web-1  Running  5m", "web-1  Running  5m", "web-2  CrashLoopBackOff  3h", "日本語  実行中  2d",
		"👍 ok  ⚠ hm  ✖ no", strings.Repeat("=", width), "e\u0301tat  naïve", "\x1b[1;31mfailing\x1b[m  red", "  indented  \x1b[7m back \x1b[m",
	}
	row := rows[random.IntN(len(rows))]
	if Width(plainLine(row)) < width/2 && random.IntN(3) == 0 {
		row += fmt.Sprintf("  %d", random.IntN(1000))
	}
	return row
}

// changeList does what a list does between two frames.
func changeList(random *rand.Rand, list []string, width, height, top, cursor int) ([]string, int, int) {
	switch random.IntN(7) {
	case 0:
		at := random.IntN(len(list))
		list = append(list[:at:at], append([]string{randomRow(random, width)}, list[at:]...)...)
	case 1:
		if len(list) > 2*height {
			at := random.IntN(len(list) - 3)
			list = append(list[:at:at], list[at+random.IntN(3):]...)
		}
	case 2:
		list[random.IntN(len(list))] = randomRow(random, width)
	case 3:
		cursor = random.IntN(height)
	default:
		top += random.IntN(2*height+1) - height
	}
	return list, max(0, min(top, len(list)-height)), cursor
}

func paintList(list []string, width, height, top, cursor int) string {
	lines := make([]string, height)
	for y := range lines {
		if top+y < len(list) {
			lines[y] = list[top+y]
		}
		if y == cursor {
			text := plainLine(lines[y])
			text = Truncate(text, width)
			lines[y] = "\x1b[7m" + text + strings.Repeat(" ", width-Width(text)) + "\x1b[m"
		}
	}
	return strings.Join(lines, "\n")
}

// difference names the first cell that differs, or is "".
func difference(got, want *vt.Emulator, width, height int) string {
	for y := range height {
		for x := range width {
			g, w := got.CellAt(x, y), want.CellAt(x, y)
			if g.Content != w.Content || g.Width != w.Width || !g.Style.Equal(&w.Style) {
				return fmt.Sprintf("cell %d of line %d is %q %d %v, want %q %d %v", x, y, g.Content, g.Width, g.Style, w.Content, w.Width, w.Style)
			}
		}
	}
	return ""
}
