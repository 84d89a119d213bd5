package dump

import (
	"bytes"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// jsonValue reads one JSON value, and cuts the items out of a list. It looks at
// brackets and strings only: parsing the piece shows whether it is JSON.
type jsonValue struct {
	s       *splitter
	stack   []byte // the open brackets
	text    []byte // the value without its items
	line    int
	item    []byte
	at      int    // where the item begins
	word    []byte // the last string that belongs to the value or the item itself
	key     string // the last of them that was a key of the value
	isList  bool
	inside  bool // of the list's brackets
	level   int  // how many brackets are open between the items
	inItem  bool
	named   bool // the item says its kind
	quoted  bool
	escaped bool
	own     bool   // the string that is read belongs into word
	column  []byte // the white space before the first item on its line
	margin  []byte // the white space before what comes, since the line's start
	blank   bool   // there was nothing else on the line so far
	over    bool
	lost    bool // what is between items was reported
}

// splitJSON reads a value up to its end or the end of the file, which is the error.
func (s *splitter) splitJSON() error {
	s.line = s.ends + 1
	v := &jsonValue{s: s, line: s.line, blank: true}
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			if end := v.emitValue(); end != nil {
				return end
			}
			return err
		}
		done, err := v.scanByte(c)
		if err != nil || done {
			return err
		}
		if c == '\n' {
			s.ends++
			s.line++
			v.margin, v.blank = v.margin[:0], true
		}
	}
}

// scanByte handles one byte; done means that the value is complete.
func (v *jsonValue) scanByte(c byte) (done bool, err error) {
	if v.quoted {
		v.scanInString(c)
		return false, nil
	}
	if v.blank {
		switch c {
		case ' ', '\t':
			v.margin = append(v.margin, c)
		default:
			v.blank = false
			if c == '{' && v.inItem && len(v.column) > 0 && bytes.Equal(v.margin, v.column) {
				// Brackets of the item before are missing.
				if err := v.endItem("it has no end"); err != nil {
					return false, err
				}
			}
		}
	}
	switch c {
	case '"':
		v.quoted = true
		if v.own = len(v.stack) == 1 || v.inItem && len(v.stack) == v.level+1; v.own {
			v.word = v.word[:0]
		}
	case ':':
		if len(v.stack) == 1 {
			v.key = string(v.word)
		} else if v.inItem && len(v.stack) == v.level+1 {
			v.named = v.named || string(v.word) == "kind"
		}
	case '{', '[':
		v.openBracket(c)
		return false, nil
	case '}', ']':
		return v.closeBracket(c)
	}
	v.appendByte(c)
	return false, nil
}

func (v *jsonValue) scanInString(c byte) {
	v.appendByte(c)
	switch {
	case v.escaped:
		v.escaped = false
	case c == '\\':
		v.escaped = true
	case c == '"':
		v.quoted = false
	case c == '\n':
		// No string of JSON spans lines: its quote is missing.
		v.quoted = false
	case v.own && len(v.word) < 64:
		v.word = append(v.word, c)
	}
}

// inList reports whether the bytes are between a list's items.
func (v *jsonValue) inList() bool {
	return v.inside && !v.inItem && len(v.stack) == v.level
}

func (v *jsonValue) openBracket(c byte) {
	switch {
	case len(v.stack) > 0 && v.inList():
		v.inItem, v.named, v.at = true, false, v.s.line
		v.item = v.item[:0]
		if v.column == nil && len(v.margin) > 0 {
			v.column = bytes.Clone(v.margin)
		}
	case c == '[' && !v.isList && (len(v.stack) == 0 || len(v.stack) == 1 && v.key == "items"):
		v.isList, v.inside = true, true
		v.s.list = &list{line: v.line, kind: listedIn(v.text)}
		v.appendByte(c)
		v.stack = append(v.stack, c)
		v.level = len(v.stack)
		return
	}
	v.appendByte(c)
	v.stack = append(v.stack, c)
}

func (v *jsonValue) closeBracket(c byte) (done bool, err error) {
	want := byte('{')
	if c == ']' {
		want = '['
	}
	if v.inList() && c == '}' {
		v.reportStray()
		return false, nil
	}
	v.appendByte(c)
	if v.stack[len(v.stack)-1] == want {
		v.stack = v.stack[:len(v.stack)-1]
	}
	switch {
	case v.inItem && len(v.stack) == v.level:
		return false, v.endItem("")
	case v.inside && len(v.stack) < v.level:
		v.inside = false
	}
	if len(v.stack) == 0 {
		return true, v.emitValue()
	}
	return false, nil
}

// reportStray notes, once, what cannot be between items.
func (v *jsonValue) reportStray() {
	if !v.lost {
		v.lost = true
		v.s.problem(v.s.line, "a bracket too many between the items of a list")
	}
}

func (v *jsonValue) appendByte(c byte) {
	to := &v.text
	switch {
	case v.inItem:
		to = &v.item
	case v.isList && len(v.stack) > 0 && v.inList() && c != ']':
		return // commas and white space between items
	}
	if len(*to) > v.s.limit {
		v.over = true
		return
	}
	*to = append(*to, c)
}

// endItem emits the item, or reports what is wrong with it.
func (v *jsonValue) endItem(wrong string) error {
	if !v.inItem {
		return nil
	}
	v.inItem, v.quoted = false, false
	v.stack = v.stack[:v.level]
	switch {
	case v.over:
		v.over = false
		v.s.problem(v.at, "an object of more than %d MiB: not read", v.s.limit>>20)
		return nil
	case wrong != "":
		v.s.problem(v.at, "%s", wrong)
		return nil
	}
	return v.s.emitItem(rawObject{text: v.item, line: v.at}, v.named)
}

// emitValue emits the value, complete or not.
func (v *jsonValue) emitValue() error {
	if err := v.endItem("the file ends in the middle of it"); err != nil {
		return err
	}
	if !v.isList {
		// Without an end it is flow style, which ends where YAML says, or
		// damage: its parser reports it.
		return v.s.emit(rawObject{text: v.text, line: v.line, kind: v.s.single})
	}
	cut := len(v.stack) > 0
	for _, c := range slices.Backward(v.stack) {
		v.text = append(bytes.TrimRight(v.text, ", \t\r\n"), closing[c])
	}
	if v.text[0] == '[' {
		v.text = nil
	}
	return v.s.endList(v.text, cut)
}

var closing = map[byte]byte{'{': '}', '[': ']'}

var (
	jsonKind    = regexp.MustCompile(`"kind"\s*:\s*"(\w+)List"`)
	jsonVersion = regexp.MustCompile(`"apiVersion"\s*:\s*"([^"]+)"`)
)

// listedIn is the kind of a list's items, when the list says it before them.
func listedIn(head []byte) schema.GroupVersionKind {
	kind, version := jsonKind.FindSubmatch(head), jsonVersion.FindSubmatch(head)
	if kind == nil || version == nil {
		return schema.GroupVersionKind{}
	}
	return schema.FromAPIVersionAndKind(string(version[1]), string(kind[1]))
}
