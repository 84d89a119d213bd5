package term

import "strings"

// separatorsMax bounds the separators of a control sequence from the terminal. Bubble
// Tea's parser holds 32 parameters and panics at the next one
// (github.com/charmbracelet/x/ansi, DecodeSequence), and a paste can hold any sequence.
const separatorsMax = 31

// sequenceGuard remembers where in a control sequence the input stands, since a
// read may cut one in two.
type sequenceGuard struct {
	escaped    bool // the last byte was ESC
	parameters bool // in the parameters of a CSI or DCS
	separators int
	last       [len(pasteBegins)]byte
	pasting    bool // between the brackets of a paste
}

// The brackets of a paste (xterm's control sequences, bracketed paste mode).
const (
	pasteBegins = "\x1b[200~"
	pasteEnds   = "\x1b[201~"
)

// makeSafe overwrites surplus separators with digits, so that no byte is lost and
// the sequence ends where it did. In a paste it also overwrites what begins a
// string (OSC, DCS, SOS, PM, APC): a string without an end would swallow the end
// of the paste and every key after it.
func (g *sequenceGuard) makeSafe(input []byte) {
	for i, b := range input {
		if g.pasting && g.escaped && strings.IndexByte("]PX^_", b) >= 0 {
			b = '?'
			input[i] = b
		}
		copy(g.last[:], g.last[1:])
		g.last[len(g.last)-1] = b
		switch string(g.last[:]) {
		case pasteBegins:
			g.pasting = true
		case pasteEnds:
			g.pasting = false
		}
		switch {
		case g.escaped && (b == '[' || b == 'P'), b == 0x9b, b == 0x90:
			g.parameters, g.separators = true, 0
		case g.parameters && (b == ';' || b == ':'):
			if g.separators++; g.separators > separatorsMax {
				input[i] = '0'
			}
		case b < '0' || b > '?':
			g.parameters = false
		}
		g.escaped = b == 0x1b
	}
}
