package term

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestNoInputOverflowsTheParser(t *testing.T) {
	many := strings.Repeat("1;", 40)
	for _, tt := range []struct {
		name, input string
		same        bool
	}{
		{"plain text", many, true},
		{"text after a sequence", "\x1b[1m" + many, true},
		{"a usual sequence", "\x1b[<0;12;34M\x1b[1;5A", true},
		{"as many as there may be", "\x1b[" + strings.Repeat("1;", 31) + "1m", true},
		{"one more", "\x1b[" + strings.Repeat("1;", 32) + "1m", false},
		{"sub-parameters", "\x1b[38" + strings.Repeat(":2", 40) + "m", false},
		{"a device string", "\x1bP" + many + "q\x1b\\", false},
		{"a terminal's answer", "\x1b]11;rgb:0000/0000/0000\x1b\\", true},
		{"a paste", "\x1b[200~ls -l\x1b[201~\x1b]11;rgb:0/0/0\a", true},
		{"a colour in a paste", "\x1b[200~\x1b[31mred\x1b[201~", true},
		{"a string without an end in a paste", "\x1b[200~\x1b]0;title\x1b[201~j", false},
		{"the control of 8 bits", "\x9b" + many + "m", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			whole := []byte(tt.input)
			new(sequenceGuard).makeSafe(whole)
			if got := string(whole) == tt.input; got != tt.same {
				t.Errorf("got %q", whole)
			}
			// Reads may cut a sequence anywhere.
			var g sequenceGuard
			pieces := []byte(tt.input)
			for i := range pieces {
				g.makeSafe(pieces[i : i+1])
			}
			if string(pieces) != string(whole) {
				t.Errorf("byte by byte: %q, at once: %q", pieces, whole)
			}
			parser := ansi.GetParser()
			defer ansi.PutParser(parser)
			var state byte
			for rest := whole; len(rest) > 0; {
				_, _, n, next := ansi.DecodeSequence(rest, state, parser)
				rest, state = rest[n:], next
			}
		})
	}
}
