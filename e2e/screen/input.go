package screen

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// escapePause is how long an escape has to stand alone: programs take what follows
// sooner for a key held with alt. Nobody types faster.
const escapePause = 120 * time.Millisecond

// named are the keys that do not write a character, as xterm sends them.
var named = map[string]string{
	"enter":      "\r",
	"tab":        "\t",
	"shift+tab":  "\x1b[Z",
	"esc":        "\x1b",
	"space":      " ",
	"ctrl+space": "\x00",
	"backspace":  "\x7f",
	"insert":     "\x1b[2~",
	"delete":     "\x1b[3~",
	"pgup":       "\x1b[5~",
	"pgdown":     "\x1b[6~",
	"up":         "\x1b[A",
	"down":       "\x1b[B",
	"right":      "\x1b[C",
	"left":       "\x1b[D",
	"home":       "\x1b[H",
	"end":        "\x1b[F",
	"f1":         "\x1bOP",
	"f2":         "\x1bOQ",
	"f3":         "\x1bOR",
	"f4":         "\x1bOS",
	"f5":         "\x1b[15~",
	"f6":         "\x1b[17~",
	"f7":         "\x1b[18~",
	"f8":         "\x1b[19~",
	"f9":         "\x1b[20~",
	"f10":        "\x1b[21~",
	"f11":        "\x1b[23~",
	"f12":        "\x1b[24~",
	"ctrl+[":     "\x1b",
	"ctrl+\\":    "\x1c",
	"ctrl+]":     "\x1d",
	"ctrl+_":     "\x1f",
}

// Keys presses keys one by one: single characters ("j", "G", "ü") and names as in
// "enter", "shift+tab", "ctrl+c", "alt+x", "ctrl+left".
func (t *Terminal) Keys(keys ...string) {
	t.t.Helper()
	for _, key := range keys {
		sequence, err := encode(key)
		if err != nil {
			t.t.Fatalf("%v", err)
		}
		t.send(sequence)
	}
}

// Type types text, character by character.
func (t *Terminal) Type(text string) {
	t.t.Helper()
	for _, character := range text {
		t.send(string(character))
	}
}

// Paste gives text as a terminal's paste does: bracketed if the program asked for that.
func (t *Terminal) Paste(text string) {
	t.t.Helper()
	if t.listens(ansi.ModeBracketedPaste) {
		text = "\x1b[200~" + text + "\x1b[201~"
	}
	t.send(text)
}

// Click presses and releases the left mouse button on a cell, counted from 0. A program
// that did not ask for the mouse would never notice, so that fails the test.
func (t *Terminal) Click(x, y int) {
	t.t.Helper()
	t.mouse(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x+1, y+1, x+1, y+1))
}

// ClickOn clicks on the first character of a text on the screen.
func (t *Terminal) ClickOn(text string) {
	t.t.Helper()
	shot := t.Screen()
	x, y, found := shot.Find(text)
	if !found {
		t.t.Fatalf("no %q to click on\n%s", text, shot)
	}
	t.Click(x, y)
}

// Wheel turns the mouse wheel over a cell, counted from 0, by some notches: down, or up if they are negative.
func (t *Terminal) Wheel(x, y, notches int) {
	t.t.Helper()
	button := 65
	if notches < 0 {
		button, notches = 64, -notches
	}
	t.mouse(strings.Repeat(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1), notches))
}

func (t *Terminal) mouse(sequence string) {
	t.t.Helper()
	tracks := t.listens(ansi.ModeMouseNormal) || t.listens(ansi.ModeMouseButtonEvent) || t.listens(ansi.ModeMouseAnyEvent)
	if !tracks || !t.listens(ansi.ModeMouseExtSgr) {
		t.t.Fatalf("the program does not listen to the mouse\n%s", t.Screen())
	}
	t.send(sequence)
}

func (t *Terminal) listens(mode ansi.Mode) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.modes[mode]
}

// send writes to the program.
func (t *Terminal) send(sequence string) {
	t.t.Helper()
	t.mu.Lock()
	alone := escapePause - time.Since(t.escapeSent)
	t.mu.Unlock()
	if alone > 0 {
		// The program tells escape from alt by time alone; there is no state to wait for.
		time.Sleep(alone) //nolint:forbidigo // see above
	}
	if _, err := t.pty.WriteString(sequence); err != nil {
		t.t.Fatalf("type %q: %v\n%s", sequence, err, t.Screen())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lastTraffic = time.Now()
	if sequence == "\x1b" {
		t.escapeSent = t.lastTraffic
	}
}

// encode returns what a terminal sends for a key.
func encode(key string) (string, error) {
	if sequence, ok := named[key]; ok {
		return sequence, nil
	}
	if utf8.RuneCountInString(key) == 1 {
		return key, nil
	}
	unknown := fmt.Errorf(
		"no key is named %q: give one character, or a name such as enter, ctrl+c, alt+x, shift+left",
		key,
	)
	modifier, rest, found := strings.Cut(key, "+")
	if !found {
		return "", unknown
	}
	if modifier == "ctrl" && len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z' {
		return string(rest[0] - 'a' + 1), nil
	}
	if modifier == "alt" {
		sequence, err := encode(rest)
		return "\x1b" + sequence, err
	}
	code, known := map[string]int{"shift": 2, "ctrl": 5}[modifier]
	sequence := named[rest]
	if !known || !strings.HasPrefix(sequence, "\x1b[") {
		return "", unknown
	}
	// \x1b[A becomes \x1b[1;5A, and \x1b[5~ becomes \x1b[5;5~.
	body, last := sequence[2:len(sequence)-1], sequence[len(sequence)-1:]
	if body == "" {
		body = "1"
	}
	return fmt.Sprintf("\x1b[%s;%d%s", body, code, last), nil
}
