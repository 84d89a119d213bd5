package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// TestRendererShowsEveryPicture sends random pictures of the kind that lists
// make (scrolled, with equal and blank rows, rows that come and go, wide
// characters, a cursor row, another size) through the renderer, and compares the
// terminal with one on which the picture was painted from scratch. The renderer
// moves lines that it takes for equal, and has had bugs with just these.
func TestRendererShowsEveryPicture(t *testing.T) {
	const pictures = 700
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 3))
			l := newRandomList(random)
			r := newRenderer([]string{"TERM=xterm-256color"}, false)
			r.setProfile(trueColor)
			r.synchronized = seed%2 == 1
			out := newScreen(l.width, l.height)
			write := func(b []byte) {
				if _, err := out.Write(b); err != nil {
					t.Fatal(err)
				}
			}
			write([]byte(r.enterSequence()))
			for n := range pictures {
				l.change()
				if l.width != out.emulator.Width() || l.height != out.emulator.Height() {
					out.emulator.Resize(l.width, l.height)
				}
				if random.IntN(50) == 0 {
					r.erase()
				}
				p := l.picture()
				write(r.render(p))
				if again := r.render(p); len(again) > 0 {
					t.Fatalf("picture %d: what is shown already is written again: %q", n, again)
				}
				fresh := vt.NewEmulator(l.width, l.height)
				_, _ = fresh.WriteString(strings.ReplaceAll(p.lines, "\n", "\r\n"))
				if what := difference(out.emulator, fresh, l.width, l.height); what != "" {
					t.Fatalf("picture %d: %s\n%s\n\nwant\n%s", n, what, out.text(), fresh.String())
				}
				if at := out.emulator.CursorPosition(); p.cursor != nil && (at.X != p.cursor.X || at.Y != p.cursor.Y) {
					t.Fatalf("picture %d: the cursor is at %v, want %v", n, at, p.cursor.Position)
				}
			}
		})
	}
}

// randomList is a list that changes as lists do, and the screen it is seen on.
type randomList struct {
	random        *rand.Rand
	rows          []string
	width, height int
	top, cursor   int
	typing        bool // the terminal's own cursor is seen
}

func newRandomList(random *rand.Rand) *randomList {
	l := &randomList{random: random, width: 60, height: 20}
	for range 100 {
		l.rows = append(l.rows, l.row())
	}
	return l
}

func (l *randomList) row() string {
	rows := []string{
		"", "", "web-1  Running  5m", "web-1  Running  5m", "web-2  CrashLoopBackOff  3h", "日本語  実行中  2d",
		"👍 ok  ⚠ hm  ✖ no", strings.Repeat("=", 200), "e\u0301tat  naïve", "\x1b[1;31mfailing\x1b[m  red", "  indented  \x1b[7m back \x1b[m",
	}
	row := rows[l.random.IntN(len(rows))]
	if Width(plainLine(row)) < 30 && l.random.IntN(3) == 0 {
		row += fmt.Sprintf("  %d", l.random.IntN(1000))
	}
	return row
}

// change does what a list does between two pictures.
func (l *randomList) change() {
	random := l.random
	switch random.IntN(9) {
	case 0:
		at := random.IntN(len(l.rows))
		l.rows = append(l.rows[:at:at], append([]string{l.row()}, l.rows[at:]...)...)
	case 1:
		if len(l.rows) > 80 {
			at := random.IntN(len(l.rows) - 3)
			l.rows = append(l.rows[:at:at], l.rows[at+random.IntN(3):]...)
		}
	case 2:
		l.rows[random.IntN(len(l.rows))] = l.row()
	case 3:
		l.cursor = random.IntN(l.height)
	case 4:
		l.typing = !l.typing
	case 5:
		if random.IntN(10) == 0 {
			l.width, l.height = 35+random.IntN(60), 5+random.IntN(30)
		}
	default:
		l.top += random.IntN(2*l.height+1) - l.height
	}
	l.top = max(0, min(l.top, len(l.rows)-l.height))
}

func (l *randomList) picture() picture {
	lines := make([]string, l.height)
	for y := range lines {
		if l.top+y < len(l.rows) {
			lines[y] = l.rows[l.top+y]
		}
		if text := plainLine(lines[y]); Width(text) > l.width {
			lines[y] = Truncate(text, l.width)
		}
		if y == l.cursor {
			text := Truncate(plainLine(lines[y]), l.width)
			lines[y] = "\x1b[7m" + text + strings.Repeat(" ", l.width-Width(text)) + "\x1b[m"
		}
	}
	p := picture{width: l.width, height: l.height, lines: strings.Join(lines, "\n")}
	if l.typing {
		p.cursor = tea.NewCursor(l.random.IntN(l.width), l.height-1)
	}
	return p
}

// difference names the first cell that differs, or is "".
func difference(got, want *vt.Emulator, width, height int) string {
	return differenceOf(got, want, width, height, func(cell *uv.Cell) uv.Cell { return *cell })
}

// differenceOf is difference between what look makes of each cell.
func differenceOf(got, want *vt.Emulator, width, height int, look func(*uv.Cell) uv.Cell) string {
	for y := range height {
		for x := range width {
			g, w := look(got.CellAt(x, y)), look(want.CellAt(x, y))
			if g.Content != w.Content || g.Width != w.Width || !g.Style.Equal(&w.Style) {
				return fmt.Sprintf("cell %d of line %d is %q %d %v, want %q %d %v", x, y, g.Content, g.Width, g.Style, w.Content, w.Width, w.Style)
			}
		}
	}
	return ""
}

// seen is a cell without what nobody sees: erased blanks keep a background only.
func seen(cell *uv.Cell) uv.Cell {
	c := *cell
	if c.Content == " " && c.Style.Attrs&uv.AttrReverse == 0 {
		c.Style = uv.Style{Bg: c.Style.Bg, Underline: c.Style.Underline, Attrs: c.Style.Attrs & uv.AttrStrikethrough}
	}
	return c
}

// A cursor that is seen does not fly about while a picture is drawn, and one
// that blinks would be drawn by the terminal all the time.
func TestRendererMindsTheCursor(t *testing.T) {
	const hide, show, steady = ansi.ResetModeTextCursorEnable, ansi.SetModeTextCursorEnable, "\x1b[2 q"
	for _, synchronized := range []bool{false, true} {
		r := newRenderer([]string{"TERM=xterm-256color"}, false)
		r.synchronized = synchronized
		render := func(text string, cursor *tea.Cursor) string {
			return string(r.render(picture{width: 40, height: 8, lines: text, cursor: cursor}))
		}
		if got := render("a", nil); strings.Contains(got, show) || strings.Contains(got, hide) {
			t.Errorf("the cursor is hidden from the start: %q", got)
		}
		if got := render("b", tea.NewCursor(1, 0)); !strings.Contains(got, steady+show) || strings.Index(got, "b") > strings.Index(got, show) {
			t.Errorf("the cursor is shown last, and steady: %q", got)
		}
		got := render("c", tea.NewCursor(2, 0))
		if first := strings.Index(got, hide); !synchronized && (first < 0 || first > strings.Index(got, "c") || strings.Index(got, show) < first) {
			t.Errorf("the cursor is hidden meanwhile: %q", got)
		}
		if synchronized && strings.Contains(got, hide) {
			t.Errorf("what is shown at once needs no hidden cursor: %q", got)
		}
		if got := render("c", nil); !strings.Contains(got, hide) || strings.Contains(got, show) {
			t.Errorf("the cursor is hidden: %q", got)
		}
	}
}

// The cells of a picture that was painted before the colours were known are
// those of the next one, so that only the rows that move would get theirs.
func TestRendererPaintsAnewInOtherColours(t *testing.T) {
	r := newRenderer([]string{"TERM=xterm-256color"}, false)
	red := picture{width: 40, height: 8, lines: "\x1b[31mfailing\x1b[m"}
	if got := string(r.render(red)); !strings.Contains(got, "failing") || strings.Contains(got, "31m") {
		t.Fatalf("without a profile there are no colours: %q", got)
	}
	r.setProfile(trueColor)
	if got := string(r.render(red)); !strings.Contains(got, "31mfailing") {
		t.Errorf("with other colours it writes %q", got)
	}
	r.setProfile(trueColor)
	if got := r.render(red); len(got) > 0 {
		t.Errorf("with the same colours it writes %q", got)
	}
}
