package dump

import (
	"bytes"
	"unicode/utf8"
)

// blockReader reads the plain part of YAML that kubectl, oc and client-go write:
// mappings and sequences in block style, scalars of one or more lines, literal blocks,
// no anchors, tags or flow style except {} and []. It is many times as fast as a whole
// YAML parser, and gives up on everything else, and wherever it is not certain what a
// YAML parser would say.
//
// One goroutine may use it.
type blockReader struct {
	w       *objectWriter
	keys    map[string]string // those that were read before: they repeat in every object
	rest    []byte            // after the line
	text    []byte            // the line without its indentation; nil at the end
	at      int               // its indentation
	depth   int
	scratch []byte // the text of a scalar of several lines
}

const (
	blockDepthMax = 64
	// blockKeyMax is far below the 1024 characters that YAML allows a key.
	blockKeyMax = 256
	// blockKeysMax bounds the keys that are kept.
	blockKeysMax = 4096
)

func newBlockReader(w *objectWriter) *blockReader {
	return &blockReader{w: w, keys: map[string]string{}}
}

// read reads a document that is a mapping; it returns false when it gives up.
func (r *blockReader) read(text []byte) bool {
	if len(text) == 0 || text[len(text)-1] != '\n' || !isPrintable(text) {
		return false
	}
	r.rest, r.depth = bytes.TrimRight(text, "\n"), 0
	if r.next(); r.text == nil || isMarker(r.text, "---") || isMarker(r.text, "...") || r.text[0] == '%' {
		return false
	}
	return r.mapping(r.at) && r.text == nil && r.w.stop == goOn
}

// isPrintable reports whether a text has neither tabs nor characters, besides \n, that
// YAML takes for the end of a line or refuses.
func isPrintable(text []byte) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c <= '~' || c == '\n' {
			continue
		}
		if c < utf8.RuneSelf {
			return false
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1, r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
			return false
		}
		i += size - 1
	}
	return true
}

// next goes to the next line. It has text: a line that is empty, ends in spaces or is a
// comment is not part of the style, and becomes one that no caller accepts.
func (r *blockReader) next() {
	if len(r.rest) == 0 {
		r.text, r.at = nil, -1
		return
	}
	line := r.rest
	if end := bytes.IndexByte(r.rest, '\n'); end >= 0 {
		line, r.rest = r.rest[:end], r.rest[end+1:]
	} else {
		r.rest = nil
	}
	r.at = max(0, indentOf(line))
	r.text = line[r.at:]
	if len(r.text) == 0 || r.text[0] == '#' || line[len(line)-1] == ' ' {
		r.text = notBlock
	}
}

// notBlock is a line that cannot be read.
var notBlock = []byte("#")

// mapping reads keys that stand at an indentation.
func (r *blockReader) mapping(at int) bool {
	if r.depth++; r.depth > blockDepthMax {
		return false
	}
	r.w.beginObject()
	some := false
	for r.text != nil && r.at == at && !isDash(r.text, 0) {
		key, value, ok := r.key()
		if !ok {
			return false
		}
		if r.w.key(key); r.w.stop != goOn {
			return false
		}
		if !r.value(value, at, true) {
			return false
		}
		some = true
	}
	r.depth--
	r.w.endCollection()
	return some && r.at <= at && r.w.stop == goOn
}

// sequence reads the elements whose dashes stand at an indentation.
func (r *blockReader) sequence(at int) bool {
	if r.depth++; r.depth > blockDepthMax {
		return false
	}
	r.w.beginList()
	for r.text != nil && r.at == at && isDash(r.text, 0) {
		rest := bytes.TrimLeft(r.text[1:], " ")
		var ok bool
		if inner := at + len(r.text) - len(rest); len(rest) > 0 && r.nested(rest) {
			r.text, r.at = rest, inner
			ok = r.block(inner)
		} else {
			ok = r.value(rest, at, false)
		}
		if !ok {
			return false
		}
	}
	r.depth--
	r.w.endCollection()
	return r.at <= at
}

// nested reports whether what follows a dash is a mapping or a sequence.
func (r *blockReader) nested(text []byte) bool {
	if isDash(text, 0) {
		return true
	}
	_, _, ok := cutKey(text)
	return ok
}

// block reads the mapping or the sequence that the line begins.
func (r *blockReader) block(at int) bool {
	if isDash(r.text, 0) {
		return r.sequence(at)
	}
	return r.mapping(at)
}

// value reads what follows a key or a dash at an indentation, and goes to the
// line after it. A sequence may stand below its key without more indentation.
func (r *blockReader) value(text []byte, at int, ofKey bool) bool {
	if len(text) > 0 {
		return r.scalar(text, at)
	}
	r.next()
	switch {
	case r.text == nil || r.at < at:
	case r.at > at:
		return r.block(r.at)
	case ofKey && isDash(r.text, 0):
		return r.sequence(at)
	}
	r.w.null()
	return true
}

// key reads the key of the line.
func (r *blockReader) key() (key string, value []byte, ok bool) {
	name, value, ok := cutKey(r.text)
	if !ok || len(name) > blockKeyMax {
		return "", nil, false
	}
	if quote := name[0]; quote == '\'' || quote == '"' {
		name = name[1 : len(name)-1]
	} else if !surelyText(name) || bytes.IndexByte(name, ' ') >= 0 {
		return "", nil, false
	}
	if known, ok := r.keys[string(name)]; ok {
		return known, value, true
	}
	key = string(name)
	if len(r.keys) < blockKeysMax {
		r.keys[key] = key
	}
	return key, value, true
}

// cutKey cuts a line into a key, with its quotes, and what comes after the colon.
func cutKey(text []byte) (key, value []byte, ok bool) {
	end := 0
	if quote := text[0]; quote == '\'' || quote == '"' {
		n := bytes.IndexByte(text[1:], quote)
		if n < 0 || bytes.IndexByte(text[:n+1], '\\') >= 0 {
			return nil, nil, false
		}
		end = n + 2
		if end == len(text) || text[end] != ':' {
			return nil, nil, false
		}
	} else {
		for {
			n := bytes.IndexByte(text[end:], ':')
			if n < 0 {
				return nil, nil, false
			}
			if end += n; end+1 == len(text) || text[end+1] == ' ' {
				break
			}
			end++
		}
	}
	if end == 0 || text[0] == '-' || end+1 < len(text) && text[end+1] != ' ' {
		return nil, nil, false
	}
	return text[:end], bytes.TrimLeft(text[end+1:], " "), true
}
