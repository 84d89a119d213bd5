package screen

import (
	"fmt"
	"image/color"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// limit is generous: only what is wrong reaches it.
const limit = 20 * time.Second

// shell starts a shell script in a terminal of 40 columns and 8 rows.
func shell(t T, options Options, script string) *Terminal {
	t.Helper()
	options.Columns, options.Rows = 40, 8
	return Start(t, options, "/bin/sh", "-c", script)
}

// keyboard is a program that shows the bytes it is sent, as cat -v does.
const keyboard = `stty raw -echo; printf 'ready\r\n'; exec cat -v`

func TestKeysArriveAsATerminalSendsThem(t *testing.T) {
	tests := []struct {
		press func(*Terminal)
		want  string
	}{
		{func(f *Terminal) { f.Keys("j", "G", "/", "enter", "tab", "shift+tab", "space", "backspace") }, "jG/^M\t^[[Z ^?"},
		{func(f *Terminal) { f.Keys("ctrl+c", "ctrl+z", "ctrl+d", "ctrl+space") }, "^C^Z^D^@"},
		{
			func(f *Terminal) { f.Keys("up", "ctrl+left", "shift+right", "pgdown", "ctrl+pgup", "f1", "f12") },
			"^[[A^[[1;5D^[[1;2C^[[6~^[[5;5~^[OP^[[24~",
		},
		{func(f *Terminal) { f.Keys("alt+x", "alt+up") }, "^[x^[^[[A"},
		{func(f *Terminal) { f.Type("db-0 x") }, "db-0 x"},
		{func(f *Terminal) { f.Paste("a b") }, "a b"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			f := shell(t, Options{}, keyboard)
			f.WaitFor("ready", limit)
			test.press(f)
			// The emulator's tab stops are not part of this.
			want := regexp.QuoteMeta(strings.ReplaceAll(test.want, "\t", "     "))
			want = strings.ReplaceAll(want, "     ", " *")
			f.WaitFor(regexp.MustCompile(want), limit)
		})
	}
}

func TestAnEscapeStandsAlone(t *testing.T) {
	// The shell reads with a time limit of 0.1 s between two bytes, as programs do to tell esc from alt.
	f := shell(
		t,
		Options{},
		`stty raw -echo min 1 time 1; printf 'ready\r\n'; for i in 1 2; do dd bs=9 count=1 2>/dev/null | cat -v; printf '|'; done`,
	)
	f.WaitFor("ready", limit)
	f.Keys("esc", "j")
	f.WaitFor("^[|j|", limit)
}

func TestUnknownKeyFailsTheTest(t *testing.T) {
	for _, key := range []string{"", "entr", "ctrl+enter", "hyper+x", "shift+f1"} {
		if sequence, err := encode(key); err == nil {
			t.Errorf("key %q is sent as %q", key, sequence)
		}
	}
}

func TestBracketedPasteOnRequest(t *testing.T) {
	f := shell(t, Options{}, `stty raw -echo; printf '\033[?2004hready\r\n'; exec cat -v`)
	f.WaitFor("ready", limit)
	f.Paste("x\ny")
	f.WaitFor("^[[200~x", limit)
}

func TestMouse(t *testing.T) {
	f := shell(t, Options{}, `stty raw -echo; printf '\033[?1002h\033[?1006h  ready\r\n'; exec cat -v`)
	f.WaitFor("ready", limit)
	f.ClickOn("ready")
	f.WaitFor("^[[<0;3;1M^[[<0;3;1m", limit)
	f.Resize(80, 8)
	f.Wheel(9, 4, 2)
	f.Wheel(0, 0, -1)
	f.WaitFor("^[[<65;10;5M^[[<65;10;5M^[[<64;1;1M", limit)
}

func TestMouseWithoutAListenerFailsTheTest(t *testing.T) {
	fake := &fakeT{T: t}
	f := shell(fake, Options{}, keyboard)
	f.WaitFor("ready", limit)
	fake.expectFailure(t, "does not listen to the mouse", func() { f.Click(1, 1) })
}

func TestStyles(t *testing.T) {
	f := shell(
		t,
		Options{},
		`printf 'a\033[1;31mbold\033[0m \033[7;38;5;214mrev\033[0m \033[48;2;1;2;3mtrue\033[0m \033[2;3;4;9mall\033[0m \033]8;;http://x.test\033\\link\033]8;;\033\\ end'; exec sleep 60`,
	)
	shot := f.WaitFor("end", limit)
	tests := []struct {
		text string
		want Cell
	}{
		{"bold", Cell{Foreground: "1", Bold: true}},
		{"rev", Cell{Foreground: "214", Reverse: true}},
		{"true", Cell{Background: "#010203"}},
		{"all", Cell{Faint: true, Italic: true, Underline: true, Struck: true}},
		{"link", Cell{Link: "http://x.test"}},
		{"end", Cell{}},
	}
	for _, test := range tests {
		cells := shot.Styles(test.text)
		if len(cells) != len(test.text) {
			t.Errorf("%q has %d cells", test.text, len(cells))
		}
		for i, cell := range cells {
			test.want.Text = test.text[i : i+1]
			if cell != test.want {
				t.Errorf("%q has %+v, want %+v", test.text, cell, test.want)
			}
		}
	}
	if cells := shot.Styles("not there"); cells != nil {
		t.Errorf("text that is not there has the cells %v", cells)
	}
}

func TestWideCharacters(t *testing.T) {
	f := shell(t, Options{}, `printf 'ü你好 web'; exec sleep 60`)
	shot := f.WaitFor("web", limit)
	if x, y, _ := shot.Find("web"); x != 6 || y != 0 {
		t.Errorf("found at column %d, row %d, want column 6, row 0", x, y)
	}
	if x, _, _ := shot.Find("好"); x != 3 {
		t.Errorf("found at column %d, want 3", x)
	}
	if got := shot.Row(0); got != "ü你好 web" {
		t.Errorf("row %q", got)
	}
	if got := shot.RowOf("nothing"); got != "" {
		t.Errorf("row %q for a text that is not there", got)
	}
}

func TestCursorTitleAndAlternateScreen(t *testing.T) {
	f := shell(
		t,
		Options{},
		`printf '\033]0;a title\007\033[?1049h\033[?25l\033[3;5H\007here'; read x; printf '\033[?1049l\033[?25hback'; exec sleep 60`,
	)
	shot := f.WaitFor("here", limit)
	if shot.CursorX != 8 || shot.CursorY != 2 || shot.CursorVisible || !shot.AltScreen || shot.Title != "a title" ||
		f.Bells() != 1 {
		t.Errorf("%d bells and\n%s", f.Bells(), shot)
	}
	f.Keys("enter")
	shot = f.WaitFor("back", limit)
	if !shot.CursorVisible || shot.AltScreen {
		t.Errorf("the terminal was not given back:\n%s", shot)
	}
	f.WaitGone("here", limit)
}

func TestQuestionsToTheTerminalAreAnswered(t *testing.T) {
	options := Options{Background: color.RGBA{255, 255, 255, 255}, Synchronized: true}
	f := shell(t, options, `stty raw -echo; printf '\033[c\033]11;?\007\033[?2026$p'; exec cat -v`)
	f.WaitFor(regexp.MustCompile(`(?s)\^\[\[\?.*c.*]11;rgb:ff+/ff+/ff+.*2026;2`), limit)
}

func TestResize(t *testing.T) {
	f := shell(t, Options{}, `trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done`)
	f.WaitFor("8 40", limit)
	f.Resize(100, 30)
	shot := f.WaitFor("30 100", limit)
	if shot.Columns != 100 || shot.Rows != 30 {
		t.Errorf("the screen is %dx%d", shot.Columns, shot.Rows)
	}
}

func TestEnvironmentIsTheTestsOwn(t *testing.T) {
	t.Setenv("KUBECONFIG", "/home/developer/.kube/config")
	f := shell(
		t,
		Options{Env: []string{"COLORTERM=truecolor"}},
		`echo "[$KUBECONFIG] $TERM $COLORTERM"; ls "$HOME" | wc -l`,
	)
	shot := f.WaitFor("[] xterm-256color truecolor", limit)
	if code := f.WaitExit(limit); code != 0 {
		t.Errorf("exit code %d\n%s", code, shot)
	}
	f.WaitFor(regexp.MustCompile(`(?m)^0$`), limit)
}

func TestExitCodes(t *testing.T) {
	if code := shell(t, Options{}, `exit 3`).WaitExit(limit); code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	f := shell(t, Options{}, keyboard)
	f.WaitFor("ready", limit)
	f.Signal(syscall.SIGTERM)
	if code := f.WaitExit(limit); code != 128+15 {
		t.Errorf("exit code %d, want 143", code)
	}
	if !f.Exited() {
		t.Error("it is gone and does not say so")
	}
}

func TestHangUpReachesTheProgram(t *testing.T) {
	f := shell(t, Options{}, keyboard)
	f.WaitFor("ready", limit)
	f.HangUp()
	if code := f.WaitExit(limit); code != 128+1 {
		t.Errorf("exit code %d, want 129 for SIGHUP", code)
	}
}

func TestOutputIsCountedAndKept(t *testing.T) {
	f := shell(t, Options{}, `printf 'one\033[1mtwo'`)
	f.WaitExit(limit)
	if got, want := string(f.Transcript()), "one\x1b[1mtwo"; got != want || f.Bytes() != len(want) {
		t.Errorf("transcript %q of %d bytes, want %q", got, f.Bytes(), want)
	}
}

func TestWaitIdle(t *testing.T) {
	f := shell(t, Options{}, `for i in 1 2 3 4 5; do echo "line $i"; sleep 0.05; done; exec sleep 60`)
	shot := f.WaitIdle(time.Second, limit)
	if !shot.Contains("line 5") {
		t.Errorf("idle too early\n%s", shot)
	}
	slow := shell(t, Options{}, `echo ready; read x; sleep 0.2; echo answer; exec sleep 60`)
	slow.WaitFor("ready", limit)
	slow.WaitIdle(time.Second, limit)
	slow.Keys("enter")
	if shot := slow.WaitIdle(time.Second, limit); !shot.Contains("answer") {
		t.Errorf("idle before it could react to a key\n%s", shot)
	}
	fake := &fakeT{T: t}
	busy := shell(fake, Options{}, `while :; do printf x; sleep 0.01; done`)
	fake.expectFailure(t, "still writes after 300ms", func() { busy.WaitIdle(200*time.Millisecond, 300*time.Millisecond) })
}

func TestAStalledTerminalBlocksTheProgram(t *testing.T) {
	f := shell(
		t,
		Options{},
		`read x; i=0; while [ $i -lt 4000 ]; do echo "a line of some twenty bytes $i"; i=$((i+1)); done; printf done; exec sleep 60`,
	)
	resume := f.Stall()
	f.Keys("enter")
	// Only the piece that was being waited for comes through, whatever the limit.
	f.WaitIdle(500*time.Millisecond, limit)
	if f.Screen().Contains("done") {
		t.Error("the program wrote on")
	}
	resume()
	f.WaitFor("done", limit)
}

func TestAFailedWaitShowsTheScreen(t *testing.T) {
	fake := &fakeT{T: t}
	f := shell(fake, Options{}, `echo something else; exec sleep 60`)
	f.WaitFor("something", limit)
	fake.expectFailure(t, "|something else ", func() { f.WaitFor("pods", 50*time.Millisecond) })
	fake.expectFailure(
		t,
		`waited for "something" to go: not within 50ms`,
		func() { f.WaitGone("something", 50*time.Millisecond) },
	)
	fake.expectFailure(t, "still runs after 50ms", func() { f.WaitExit(50 * time.Millisecond) })
	fake.expectFailure(t, `no "pods" to click on`, func() { f.ClickOn("pods") })
	gone := shell(fake, Options{}, `echo no kubeconfig; exit 2`)
	start := time.Now()
	fake.expectFailure(t, "the program ended with exit code 2\n+---", func() { gone.WaitFor("pods", time.Hour) })
	if time.Since(start) > limit {
		t.Error("it waited on for a program that is gone")
	}
}

// fakeT is a test that may fail.
type fakeT struct {
	T
	failure string
}

type failed struct{}

func (f *fakeT) Fatalf(format string, args ...any) {
	f.failure = fmt.Sprintf(format, args...)
	panic(failed{})
}

// expectFailure runs code that has to fail with a message that contains the text.
func (f *fakeT) expectFailure(t *testing.T, text string, run func()) {
	t.Helper()
	f.failure = ""
	func() {
		defer func() {
			if reason := recover(); reason != nil && reason != any(failed{}) {
				panic(reason)
			}
		}()
		run()
	}()
	if !strings.Contains(f.failure, text) {
		t.Errorf("failure %q, want one with %q", f.failure, text)
	}
}
