package remote

// The keys that end a session from this side: those of docker for what is attached, and those
// of ssh for a shell, which needs ctrl+p for itself.
var (
	detachKeys  = []byte{0x10, 0x11}
	shellEscape = []byte("\r~.")
)

// escape finds keys in what is typed. Those after the first are held back until it is clear
// that they are not meant.
type escape struct {
	keys  []byte
	armed bool // the first of them is held back too
	found int  // how many of them have come
}

// filter returns what passes, and reports whether all keys came.
func (e *escape) filter(typed []byte) (passed []byte, left bool) {
	passed = make([]byte, 0, len(typed)+len(e.keys))
	for _, b := range typed {
		if b == e.keys[e.found] {
			e.found++
			if e.found == len(e.keys) {
				return passed, true
			}
			if e.found == 1 && !e.armed {
				passed = append(passed, b)
			}
			continue
		}
		passed = append(passed, e.held()...)
		e.found = 0
		if b == e.keys[0] {
			e.found = 1
			if e.armed {
				continue
			}
		}
		passed = append(passed, b)
	}
	return passed, false
}

// held are the keys that were held back.
func (e *escape) held() []byte {
	from := 1
	if e.armed {
		from = 0
	}
	return e.keys[min(from, e.found):e.found]
}
