package hostile

import (
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestForeignIsFound shows every payload to the judge that does not know them.
func TestForeignIsFound(t *testing.T) {
	// A program moves the cursor and sets colours too: only Leaks can tell whose idea
	// it was.
	likeItsOwn := map[string]bool{"cr": true, "backspace": true, "csi-many-parameters": true, "combining-flood": true}
	// These do nothing to a terminal, or what ends every line.
	harmless := map[string]bool{
		"combining-alone": true,
		"joined-family":   true,
		"wide":            true,
		"long":            true,
		"long-word":       true,
		"blank":           true,
		"yaml":            true,
		"tabs":            true,
		"crlf":            true,
		"newline":         true,
	}
	for _, payload := range Payloads {
		found := Foreign([]byte("text " + payload.Wrapped() + " text"))
		if (len(found) > 0) == (likeItsOwn[payload.Name] || harmless[payload.Name]) {
			t.Errorf("%s: found %q", payload.Name, found)
		}
		if likeItsOwn[payload.Name] && len(Leaks([]byte(payload.Wrapped()), screen.Screen{})) == 0 {
			t.Errorf("%s: nobody finds it", payload.Name)
		}
	}
}

func TestOwnSequencesAreNotForeign(t *testing.T) {
	for _, text := range []string{
		"\x1b[?1049h\x1b[?25l\x1b[>4;2m\x1b[>1u\x1b[?u\x1b[?2026$p\x1b[?2027$p\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?5W\x1b[2 q",
		"\x1b[H\x1b[2J\x1b[12;40H\x1b[3d\x1b[5G\x1b[K\x1b[7X\x1b[2P\x1b[3S\x1b[1;39r\x1bM\b\r\n",
		"\x1b[m\x1b[0m\x1b[1;7;38;5;196m\x1b[48;2;1;22;255m\x1b[4:3m ● live ✖ Grüß 你好 مرحبا \ufffd ␛[2J e\u0301",
		"\x1b[<u\x1b[>4m\x1b[?25h\x1b[?1049l",
	} {
		if found := Foreign([]byte(text)); len(found) > 0 {
			t.Errorf("%q: found %q", text, found)
		}
	}
	for _, text := range []string{"\x1b[8m", "\x1b[1;8m", "\x1b[8;31m", "\x1b[6n", "\x1b[c", "\a", "\x1b]2;x\a",
		"\x1b]52;c;aGk=\a", "\x1b7", "\u0085",
		"a\u200db", "👩\u200d", "\u200d👩", "👩\u200d…", "👩\u200d\u200d👩", "и\u200cи"} {
		if found := Foreign([]byte(text)); len(found) == 0 {
			t.Errorf("%q: found %q", text, found)
		}
	}
}
