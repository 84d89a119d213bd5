package hostile

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

func TestPayloadsAreWellFormed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	size, refused := 0, 0
	for _, payload := range Payloads {
		if !name.MatchString(payload.Name) || seen[payload.Name] {
			t.Errorf("%q is not unique", payload.Name)
		}
		seen[payload.Name] = true
		if payload.Text == "" || !strings.Contains(payload.Text, payload.Danger) {
			t.Errorf("%s: danger %q is not part of its text", payload.Name, payload.Danger)
		}
		if !payload.Storable() {
			refused++
		}
		size += len(payload.Wrapped()) + len("hostile.fathom.test/"+payload.Name)
	}
	if len(Payloads) < 49 || refused == 0 {
		t.Errorf("%d payloads, %d of them no UTF-8", len(Payloads), refused)
	}
	if size > 200<<10 {
		t.Errorf("%d bytes do not fit into one object's annotations", size)
	}
}

// TestLeaksAreFound shows every payload to the judge as a program that prints what it
// reads would.
func TestLeaksAreFound(t *testing.T) {
	// These do nothing to a terminal; whether they are drawn well is for people to
	// judge.
	harmless := map[string]bool{
		"tabs":            true,
		"newline":         true,
		"crlf":            true,
		"combining-alone": true,
		"joined-family":   true,
		"wide":            true,
		"invalid-cut-off": true,
		"long":            true,
		"long-word":       true,
		"blank":           true,
		"yaml":            true,
		"csi-conceal":     true,
	}
	for _, payload := range Payloads {
		leaks := Leaks([]byte("text "+payload.Wrapped()+" text"), screen.Screen{})
		if (len(leaks) > 0) == harmless[payload.Name] {
			t.Errorf("%s: leaks %q", payload.Name, leaks)
		}
	}
}

func TestCleanTextLeaksNothing(t *testing.T) {
	var text strings.Builder
	for _, payload := range Payloads {
		fmt.Fprintf(&text, "\x1b[31m%s\x1b[m<\x1b[38;5;8m%q\x1b[0m>\r\n\x1b[2K", payload.Name, "\ufffd\u241b")
	}
	// What a program writes on its own account.
	text.WriteString(
		"\x1b[?1049h\x1b[2J\x1b[H\x1b[?25l\x1b]52;c;cG9k\x07\x1b]2;fathom\x07\x1b[c\x1b[6n\x1b]11;?\x07\b\x1b[?1049l",
	)
	if leaks := Leaks([]byte(text.String()), screen.Screen{}); len(leaks) > 0 {
		t.Errorf("leaks %q", leaks)
	}
}
