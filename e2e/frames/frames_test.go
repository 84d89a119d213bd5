// Package frames sends random frames from fathom's shell through a pty into two terminal emulators that have nothing in
// common, and compares what they show.
package frames

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	framesPerSeed = 900
	frameLimit    = 10 * time.Second
)

// TestEveryFrameIsWhatIsSeen draws a view that shows something else after each key:
// lists that scroll, with equal and blank rows, wide characters, emoji and combining
// marks, that gain and lose rows, and terminals that change their size.
func TestEveryFrameIsWhatIsSeen(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			s := start(t, random)
			for n := range framesPerSeed {
				if random.IntN(60) == 0 {
					s.resize(uint16(42+random.IntN(60)), uint16(8+random.IntN(30)))
				} else {
					s.key()
				}
				for _, e := range s.emulators {
					fresh := e.fresh(s.columns, s.rows)
					fresh.write(s.body())
					for y := 1; y < int(s.rows)-1; y++ {
						if got, want := e.row(y), fresh.row(y); got != want {
							t.Fatalf("frame %d, %dx%d: line %d of %T is\n%s\nwant\n%s", n, s.columns, s.rows, y, e, got, want)
						}
					}
				}
			}
		})
	}
}

// session is fathom's shell in a pty whose output goes into emulators.
type session struct {
	t             *testing.T
	list          *list
	pty, tty      *os.File
	columns, rows uint16
	emulators     []emulator
	keys          int          // that were pressed
	output        bytes.Buffer // of a frame that is not complete yet
}

func start(t *testing.T, random *rand.Rand) *session {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, list: newList(random), pty: terminal, tty: tty, columns: 60, rows: 20}
	s.emulators = []emulator{newModern(s.columns, s.rows), newClassic(s.columns, s.rows)}
	s.setSize()
	theme, err := themes.Load("default", "")
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	shell := ui.NewShell(ui.Options{
		Home: s.list, Theme: theme, Now: func() time.Time { return noon },
		Input: tty, Output: tty, Environ: []string{"TERM=xterm-256color", "COLORTERM=truecolor"},
	})
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- ui.Run(ctx, shell) }()
	t.Cleanup(func() {
		cancel()
		go func() { _, _ = io.Copy(io.Discard, terminal) }()
		<-ended
		_ = tty.Close()
		_ = terminal.Close()
	})
	s.until(ansi.RequestModeSynchronizedOutput)
	// From now on the end of each frame is marked.
	s.send("\x1b[?2026;2$y")
	s.key()
	return s
}

func (s *session) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.pty, text); err != nil {
		s.t.Fatal(err)
	}
}

// key presses a key and shows all output up to the frame that follows from it.
func (s *session) key() {
	s.t.Helper()
	s.keys++
	s.send("n")
	for mark := fmt.Sprintf("frame-%d.", s.keys); !strings.Contains(s.emulators[0].row(0), mark); {
		s.until(ansi.ResetModeSynchronizedOutput)
	}
}

// resize changes the terminal's size, as its window does, and presses a key.
func (s *session) resize(columns, rows uint16) {
	s.t.Helper()
	if rows == s.rows {
		rows++
	}
	s.columns, s.rows = columns, rows
	for _, e := range s.emulators {
		e.resize(columns, rows)
	}
	s.setSize()
	// The pty does not belong to any session, so nobody is notified.
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		s.t.Fatal(err)
	}
	for s.list.height() != int(rows)-2 {
		s.until(ansi.ResetModeSynchronizedOutput)
	}
	s.key()
}

func (s *session) setSize() {
	s.t.Helper()
	if err := pty.Setsize(s.pty, &pty.Winsize{Cols: s.columns, Rows: s.rows}); err != nil {
		s.t.Fatal(err)
	}
}

// until shows all output up to the next occurrence of a text.
func (s *session) until(end string) {
	s.t.Helper()
	_ = s.pty.SetReadDeadline(time.Now().Add(frameLimit))
	piece := make([]byte, 64<<10)
	for {
		if at := bytes.Index(s.output.Bytes(), []byte(end)); at >= 0 {
			whole := s.output.Next(at + len(end))
			for _, e := range s.emulators {
				e.write(whole)
			}
			return
		}
		n, err := s.pty.Read(piece)
		if err != nil {
			s.t.Fatalf("waiting for %q: %v", end, err)
		}
		s.output.Write(piece[:n])
	}
}

// body is what was drawn between header and footer, as it would be sent to a terminal.
func (s *session) body() []byte {
	return []byte("\x1b[2;1H" + strings.Join(s.list.drawn(), "\r\n"))
}

// list is a view of rows that change with each key.
type list struct {
	mu          sync.Mutex
	random      *rand.Rand
	rows        []row
	top, cursor int
	keys        int      // that were taken
	last        []string // the lines that were drawn last
}

type row struct{ text, style string }

func newList(random *rand.Rand) *list {
	l := &list{random: random}
	for range 120 {
		l.rows = append(l.rows, l.row())
	}
	return l
}

var texts = []string{
	"",
	"",
	"web-1  Running  5m",
	"web-1  Running  5m",
	"web-2  CrashLoopBackOff  3h",
	"日本語  実行中  2d",
	"web-日本  1/1",
	"👍 ok  ✖ no  🚀",
	strings.Repeat("=", 200),
	strings.Repeat("漢", 100),
	"e\u0301tat  nai\u0308ve",
	"   indented",
	"│ ├─ └─ ▲ ●",
}

var styles = []string{"", "", "", "1;31", "2", "36;1", "48;5;24", "38;2;200;100;50"}

func (l *list) row() row {
	r := row{texts[l.random.IntN(len(texts))], styles[l.random.IntN(len(styles))]}
	if l.random.IntN(3) == 0 {
		r.text = fmt.Sprintf("%s  %d", ui.Truncate(r.text, 30), l.random.IntN(100))
	}
	return r
}

// Update implements ui.View.
func (l *list) Update(msg ui.Msg) ui.Intent {
	if _, ok := msg.(ui.Do); !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys++
	at := l.random.IntN(len(l.rows) - 5)
	switch l.random.IntN(8) {
	case 0:
		l.rows = append(l.rows[:at:at], append([]row{l.row()}, l.rows[at:]...)...)
	case 1:
		if len(l.rows) > 80 {
			l.rows = append(l.rows[:at:at], l.rows[at+l.random.IntN(4):]...)
		}
	case 2:
		for i := range l.random.IntN(5) {
			l.rows[at+i] = l.row()
		}
	case 3:
		l.cursor = l.random.IntN(40)
	case 4:
		l.top = l.random.IntN(len(l.rows))
	default:
		l.top += l.random.IntN(13) - 6
	}
	l.top = max(0, min(l.top, len(l.rows)-1))
	return nil
}

// Draw implements ui.View.
func (l *list) Draw(f ui.Frame) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := make([]string, f.Height)
	for y := range lines {
		var r row
		if l.top+y < len(l.rows) {
			r = l.rows[l.top+y]
		}
		text := ui.Truncate(r.text, f.Width)
		if y == l.cursor {
			text += strings.Repeat(" ", f.Width-ui.Width(text))
			r.style = strings.TrimPrefix(r.style+";7", ";")
		}
		if r.style != "" {
			text = "\x1b[" + r.style + "m" + text + "\x1b[m"
		}
		lines[y] = text
	}
	l.last = lines
	return strings.Join(lines, "\n")
}

// Header implements ui.View.
func (l *list) Header(time.Time) ui.Header {
	l.mu.Lock()
	defer l.mu.Unlock()
	return ui.Header{Place: []string{fmt.Sprintf("frame-%d.", l.keys)}}
}

// Keys implements ui.View.
func (l *list) Keys() []ui.Key { return []ui.Key{{Action: "next", Keys: []string{"n"}, Help: "next"}} }

// Wake implements ui.View.
func (l *list) Wake(time.Time) time.Time { return time.Time{} }

func (l *list) height() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.last)
}

func (l *list) drawn() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
