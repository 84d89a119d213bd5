package dump

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// scalar reads a value that begins on the line, of a key or a dash at an
// indentation, and goes to the line after it.
func (r *blockReader) scalar(text []byte, at int) bool {
	switch text[0] {
	case '|':
		return r.literal(string(text), at)
	case '\'':
		return r.quoted(text[1:], at, r.single)
	case '"':
		return r.quoted(text[1:], at, r.double)
	}
	r.next()
	if r.text == nil || r.at <= at {
		return r.plainScalar(text)
	}
	joined, ok := append(r.scratch[:0], text...), plainText(text)
	for ok && r.text != nil && r.at > at {
		ok = plainText(r.text)
		joined = append(append(joined, ' '), r.text...)
		r.next()
	}
	r.scratch = joined
	if !ok || !surelyText(joined) {
		return false
	}
	r.w.string(joined)
	return true
}

// plainText reports whether a line may be part of a scalar without quotes.
func plainText(text []byte) bool {
	if text[0] == '-' && (len(text) == 1 || text[1] == ' ') || strings.IndexByte("?:,[]{}#&*!|>'\"%@`", text[0]) >= 0 {
		return false
	}
	return text[len(text)-1] != ':' && !bytes.Contains(text, []byte(": ")) && !bytes.Contains(text, []byte(" #"))
}

// plainScalar writes the value of a scalar without quotes.
func (r *blockReader) plainScalar(text []byte) bool {
	switch string(text) {
	case "true":
		r.w.bool(true)
	case "false":
		r.w.bool(false)
	case "null":
		r.w.null()
	case "{}":
		r.w.beginObject()
		r.w.endCollection()
	case "[]":
		r.w.beginList()
		r.w.endCollection()
	default:
		switch {
		case isInteger(text):
			r.w.number(text)
		case plainText(text) && surelyText(text):
			r.w.string(text)
		default:
			return false
		}
	}
	return true
}

// isInteger reports whether a text is a number as a server writes it.
func isInteger(text []byte) bool {
	if len(text) > 1 && text[0] == '-' {
		text = text[1:]
		if text[0] == '0' {
			return false
		}
	}
	if text[0] == '0' {
		return len(text) == 1
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) <= 18
}

// surelyText reports whether a scalar without quotes cannot be meant as anything
// else: a truth value, nothing, a number in any base, a time
// (https://yaml.org/type).
func surelyText(text []byte) bool {
	switch c := text[0]; {
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return len(text) > len("false") || !word[string(bytes.ToLower(text))]
	case c == '/' || c == '_' || c == '$' || c == '(' || c >= utf8.RuneSelf:
		return true
	case c == '.':
		return len(text) == 1
	case c == '-' && len(text) > 1:
		next := text[1] | 0x20
		return text[1] == '-' || next >= 'a' && next <= 'z'
	case c < '0' || c > '9':
		return false
	}
	if len(text) > 4 && text[4] == '-' && isInteger(append([]byte("1"), text[:4]...)) {
		return false // It may be a date.
	}
	// Letters are digits, or name a base, in numbers of another base only.
	based := text[0] == '0' && len(text) > 1 && text[1] >= 'A'
	dots := 0
	for i, c := range text {
		switch {
		case c == '.':
			dots++
		case c == '-' || c == ':' || c == '+' || c == '_':
			// In numbers, they stand at the start, in exponents and between digits.
			if c == '-' && i > 0 && text[i-1] != 'e' && text[i-1] != 'E' {
				return true
			}
		case c == '/', c >= 'A' && c|0x20 != 'e' && !based:
			return true
		}
	}
	return dots > 1
}

// word has the texts to which YAML 1.1 gives another meaning.
var word = map[string]bool{
	"y": true, "yes": true, "n": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true,
}

// literal reads the lines of a block that is kept as it is.
func (r *blockReader) literal(header string, at int) bool {
	if header != "|" && header != "|-" && header != "|+" {
		return false
	}
	all := r.scratch[:0]
	indent, breaks := -1, 0
	for len(r.rest) > 0 {
		line, rest, _ := bytes.Cut(r.rest, []byte("\n"))
		blank := len(bytes.TrimLeft(line, " ")) == 0
		switch {
		case indent < 0 && (blank || indentOf(line) <= at):
			return false
		case indent < 0:
			indent = indentOf(line)
		}
		if !blank && indentOf(line) < indent {
			break
		}
		r.rest = rest
		if len(line) <= indent && blank {
			breaks++
			continue
		}
		for ; breaks > 0; breaks-- {
			all = append(all, '\n')
		}
		all = append(all, line[indent:]...)
		breaks = 1
	}
	if indent < 0 || len(r.rest) == 0 && header == "|+" {
		return false // The empty lines at the end are gone.
	}
	switch header {
	case "|":
		breaks = min(breaks, 1)
	case "|-":
		breaks = 0
	}
	for ; breaks > 0; breaks-- {
		all = append(all, '\n')
	}
	r.scratch = all
	r.next()
	r.w.string(all)
	return true
}

// quotedLine appends the text of a line to all; ends means that the quote ends on
// it, joined that the next line follows without a space.
type quotedLine func(all, text []byte) (out []byte, ends, joined, ok bool)

// quoted reads a scalar in quotes.
func (r *blockReader) quoted(text []byte, at int, line quotedLine) bool {
	all := r.scratch[:0]
	for {
		out, ends, joined, ok := line(all, text)
		if !ok {
			return false
		}
		all, r.scratch = out, out
		r.next()
		if ends {
			r.w.string(all)
			return r.text == nil || r.at <= at
		}
		if r.text == nil || r.at <= at || &r.text[0] == &notBlock[0] {
			return false
		}
		if !joined {
			all = append(all, ' ')
		}
		text = r.text
	}
}

// single takes a line of text in single quotes.
func (*blockReader) single(all, text []byte) (out []byte, ends, joined, ok bool) {
	for i := 0; i < len(text); i++ {
		if text[i] == '\'' {
			if i+1 == len(text) {
				return all, true, false, true
			}
			if i++; text[i] != '\'' {
				return nil, false, false, false
			}
		}
		all = append(all, text[i])
	}
	return all, false, false, len(text) > 0
}

// double takes a line of text in double quotes.
func (*blockReader) double(all, text []byte) (out []byte, ends, joined, ok bool) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return all, true, false, i+1 == len(text)
		case '\\':
			if i++; i == len(text) {
				return all, false, true, true
			}
			switch c := text[i]; c {
			case '"', '\\', ' ':
				all = append(all, c)
			case 'n':
				all = append(all, '\n')
			case 't':
				all = append(all, '\t')
			case 'r':
				all = append(all, '\r')
			default:
				return nil, false, false, false
			}
		default:
			all = append(all, text[i])
		}
	}
	return all, false, false, len(text) > 0
}
