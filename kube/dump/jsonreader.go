package dump

import (
	"bytes"
	"unicode/utf8"
)

// jsonReader reads one JSON value into an objectWriter. It gives up on whatever is not
// plain JSON; a library then says what is wrong with it.
type jsonReader struct {
	w     *objectWriter
	keys  interned
	text  []byte
	at    int
	depth int
}

// read reads a text that is an object.
func (r *jsonReader) read(text []byte) bool {
	r.text, r.at, r.depth = text, 0, 0
	if r.space(); r.at == len(text) || text[r.at] != '{' || !r.value() {
		return false
	}
	r.space()
	return r.at == len(text) && r.w.stop == goOn
}

func (r *jsonReader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\n', '\r', '\t':
			r.at++
		default:
			return
		}
	}
}

// next goes over white space to a character; it is 0 at the end.
func (r *jsonReader) next() byte {
	if r.space(); r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *jsonReader) value() bool {
	switch c := r.next(); c {
	case '{':
		return r.object()
	case '[':
		return r.list()
	case '"':
		text, ok := r.string()
		if ok {
			r.w.string(text)
		}
		return ok
	case 't':
		return r.word("true", func() { r.w.bool(true) })
	case 'f':
		return r.word("false", func() { r.w.bool(false) })
	case 'n':
		return r.word("null", r.w.null)
	default:
		return r.number()
	}
}

func (r *jsonReader) word(word string, write func()) bool {
	if !bytes.HasPrefix(r.text[r.at:], []byte(word)) {
		return false
	}
	r.at += len(word)
	write()
	return true
}

func (r *jsonReader) object() bool {
	if r.depth++; r.depth > blockDepthMax {
		return false
	}
	r.at++
	r.w.beginObject()
	for more := r.next() != '}'; more; {
		if r.next() != '"' {
			return false
		}
		key, ok := r.string()
		if !ok || r.next() != ':' {
			return false
		}
		r.at++
		if r.w.key(r.keys.of(key)); !r.value() || r.w.stop != goOn {
			return false
		}
		switch r.next() {
		case ',':
			r.at++
		case '}':
			more = false
		default:
			return false
		}
	}
	r.at++
	r.depth--
	r.w.endCollection()
	return true
}

func (r *jsonReader) list() bool {
	if r.depth++; r.depth > blockDepthMax {
		return false
	}
	r.at++
	r.w.beginList()
	for more := r.next() != ']'; more; {
		if !r.value() {
			return false
		}
		switch r.next() {
		case ',':
			r.at++
		case ']':
			more = false
		default:
			return false
		}
	}
	r.at++
	r.depth--
	r.w.endCollection()
	return true
}

// string reads a string, and returns its text.
func (r *jsonReader) string() ([]byte, bool) {
	from := r.at + 1
	end := bytes.IndexByte(r.text[from:], '"')
	if end < 0 {
		return nil, false
	}
	text := r.text[from : from+end]
	if bytes.IndexByte(text, '\\') >= 0 {
		return r.escaped()
	}
	r.at = from + end + 1
	return text, isPlain(text)
}

// isPlain reports whether a text stands in a JSON string as it is.
func isPlain(text []byte) bool {
	ascii := true
	for _, c := range text {
		if c < ' ' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(text)
}

// escaped reads a string that has escapes.
func (r *jsonReader) escaped() ([]byte, bool) {
	from := r.at
	for at := from + 1; at < len(r.text); at++ {
		switch r.text[at] {
		case '\\':
			at++
		case '"':
			r.at = at + 1
			return unescaped(r.text[from:r.at])
		}
	}
	return nil, false
}

// number reads a number, as strictly as JSON defines it.
func (r *jsonReader) number() bool {
	from := r.at
	digits := func() bool {
		begin := r.at
		for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
			r.at++
		}
		return r.at > begin
	}
	skip := func(chars string) bool {
		if r.at < len(r.text) && bytes.IndexByte([]byte(chars), r.text[r.at]) >= 0 {
			r.at++
			return true
		}
		return false
	}
	skip("-")
	if first := r.at; !digits() || r.text[first] == '0' && r.at > first+1 {
		return false
	}
	if skip(".") && !digits() {
		return false
	}
	if skip("eE") {
		if skip("+-"); !digits() {
			return false
		}
	}
	r.w.number(r.text[from:r.at])
	return true
}
