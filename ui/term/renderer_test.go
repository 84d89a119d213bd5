package term

import (
	"fmt"
	"image/color"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"github.com/fathom-k8s/fathom/ui/term/termtest"
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
			r := NewRenderer([]string{"TERM=xterm-256color"}, false)
			r.SetProfile(colorprofile.TrueColor)
			r.synchronized = seed%2 == 1
			if seed == 3 {
				r.SetBackground(background)
			}
			out := termtest.New(l.width, l.height)
			write := func(b []byte) {
				if _, err := out.Write(b); err != nil {
					t.Fatal(err)
				}
			}
			write([]byte(r.Enter()))
			for n := range pictures {
				l.change()
				if l.width != out.Emulator.Width() || l.height != out.Emulator.Height() {
					out.Emulator.Resize(l.width, l.height)
				}
				if random.IntN(50) == 0 {
					r.Erase()
				}
				p := l.picture()
				write(r.Render(p))
				if again := r.Render(p); len(again) > 0 {
					t.Fatalf("picture %d: what is shown already is written again: %q", n, again)
				}
				fresh := vt.NewEmulator(l.width, l.height)
				_, _ = fresh.WriteString(strings.ReplaceAll(p.Lines, "\n", "\r\n"))
				if what := out.Difference(fresh, termtest.On(background, termtest.Exact)); what != "" {
					t.Fatalf("picture %d: %s\n%s\n\nwant\n%s", n, what, out.Text(), fresh.String())
				}
				if at := out.Emulator.CursorPosition(); p.Cursor != nil && (at.X != p.Cursor.X || at.Y != p.Cursor.Y) {
					t.Fatalf("picture %d: the cursor is at %v, want %v", n, at, p.Cursor)
				}
			}
		})
	}
}

var background = color.RGBA{R: 0x1b, G: 0x1e, B: 0x26, A: 0xff}

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
		"👍 ok  ⚠ hm  ✖ no", strings.Repeat("=", 200), "e\u0301tat  naïve", "\x1b[1;31mfailing\x1b[m  red",
		"  indented  \x1b[7m back \x1b[m",
	}
	row := rows[l.random.IntN(len(rows))]
	if ansi.StringWidthWc(plainLine(row)) < 30 && l.random.IntN(3) == 0 {
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

func (l *randomList) picture() Picture {
	lines := make([]string, l.height)
	for y := range lines {
		if l.top+y < len(l.rows) {
			lines[y] = l.rows[l.top+y]
		}
		if text := plainLine(lines[y]); ansi.StringWidthWc(text) > l.width {
			lines[y] = ansi.TruncateWc(text, l.width, "…")
		}
		if y == l.cursor {
			text := ansi.TruncateWc(plainLine(lines[y]), l.width, "…")
			lines[y] = "\x1b[7m" + text + strings.Repeat(" ", l.width-ansi.StringWidthWc(text)) + "\x1b[m"
		}
	}
	p := Picture{Width: l.width, Height: l.height, Lines: strings.Join(lines, "\n")}
	if l.typing {
		p.Cursor = &Cursor{l.random.IntN(l.width), l.height - 1}
	}
	return p
}

// A visible cursor does not jump around while a picture is drawn, and one that blinks
// would be drawn by the terminal all the time.
func TestRendererMindsTheCursor(t *testing.T) {
	const hide, show, steady = ansi.ResetModeTextCursorEnable, ansi.SetModeTextCursorEnable, "\x1b[2 q"
	for _, synchronized := range []bool{false, true} {
		r := NewRenderer([]string{"TERM=xterm-256color"}, false)
		r.synchronized = synchronized
		render := func(text string, cursor *Cursor) string {
			return string(r.Render(Picture{Width: 40, Height: 8, Lines: text, Cursor: cursor}))
		}
		if got := render("a", nil); strings.Contains(got, show) || strings.Contains(got, hide) {
			t.Errorf("the cursor is hidden from the start: %q", got)
		}
		got := render("b", &Cursor{1, 0})
		if !strings.Contains(got, steady+show) || strings.Index(got, "b") > strings.Index(got, show) {
			t.Errorf("the cursor is shown last, and steady: %q", got)
		}
		got = render("c", &Cursor{2, 0})
		hidden := strings.Index(got, hide)
		if !synchronized && (hidden < 0 || hidden > strings.Index(got, "c") || strings.Index(got, show) < hidden) {
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
func TestRendererRepaintsInOtherColours(t *testing.T) {
	r := NewRenderer([]string{"TERM=xterm-256color"}, false)
	red := Picture{Width: 40, Height: 8, Lines: "\x1b[31mfailing\x1b[m"}
	if got := string(r.Render(red)); !strings.Contains(got, "failing") || strings.Contains(got, "31m") {
		t.Fatalf("without a profile there are no colours: %q", got)
	}
	r.SetProfile(colorprofile.TrueColor)
	if got := string(r.Render(red)); !strings.Contains(got, "31mfailing") {
		t.Errorf("with other colours it writes %q", got)
	}
	r.SetProfile(colorprofile.TrueColor)
	if got := r.Render(red); len(got) > 0 {
		t.Errorf("with the same colours it writes %q", got)
	}
}

// A background is behind everything, costs nothing where nothing changes, and goes
// with the theme that asked for it.
func TestRendererPaintsTheBackground(t *testing.T) {
	r := NewRenderer([]string{"TERM=xterm-256color"}, false)
	r.SetProfile(colorprofile.TrueColor)
	r.SetBackground(background)
	out := termtest.New(20, 5)
	show := func(lines string) int {
		b := r.Render(Picture{Width: 20, Height: 5, Lines: lines})
		_, _ = out.Write(b)
		return len(b)
	}
	check := func(want color.Color) {
		t.Helper()
		for y := range 5 {
			for x := range 20 {
				cell := out.Emulator.CellAt(x, y)
				if got := cell.Style.Bg; cell.Width > 0 && cell.Content != "m" && !termtest.Equal(got, want) {
					t.Fatalf("cell %d of line %d (%q) has the background %v, want %v", x, y, cell.Content, got, want)
				}
			}
		}
	}
	const lines = "plain \x1b[31mred\x1b[m\n日本語\n\n\x1b[44mm\x1b[m"
	show(lines)
	check(background)
	if n := show(lines); n > 0 {
		t.Errorf("%d bytes are written for the same picture", n)
	}
	show("shorter\n\n\n")
	check(background)
	r.SetBackground(nil)
	show("shorter\n\n\n")
	check(nil)
}

func plainLine(line string) string { return strings.TrimRight(ansi.Strip(line), " ") }

// What is copied while the terminal stalls is one text: the last one.
func TestCopiesDoNotGather(t *testing.T) {
	r := NewRenderer([]string{"TERM=xterm-256color"}, false)
	r.Copy("first")
	r.Copy("second")
	got := string(r.Render(Picture{Width: 40, Height: 8}))
	first, second := ansi.SetSystemClipboard("first"), ansi.SetSystemClipboard("second")
	if !strings.HasPrefix(got, second) || strings.Contains(got, first) {
		t.Errorf("got %q", got)
	}
	if again := r.Render(Picture{Width: 40, Height: 8}); len(again) > 0 {
		t.Errorf("copied again: %q", again)
	}
}
