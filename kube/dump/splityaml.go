package dump

import (
	"bytes"
	"regexp"
	"slices"
)

// yamlKind is the line with which a List ends, as kubectl sorts it.
var yamlKind = regexp.MustCompile(`(?m)^kind:`)

// yamlDocument is the document that is being read, by its lines.
type yamlDocument struct {
	begun  bool
	text   []byte // all of it, or the list without its items
	line   int    // where it begins
	isList bool
	items  bool   // the lines are of the list's items
	indent int    // of the items' dashes; -1 until the first
	item   []byte // that is being read
	at     int    // where it begins
	opened bool   // the list's own last line ends in a colon
	over   bool   // too long: dropped up to its end
	bare   bool   // a sequence of objects that is not a List
	named  bool   // the item says its kind
	// anchors is what of the list has anchors, as a document that goes on.
	anchors []byte
}

// splitYAMLLine handles a line of a YAML document. A list's items are cut out by their
// indentation: what is indented deeper than the dash belongs to the item.
func (s *splitter) splitYAMLLine(text []byte) error {
	d := &s.yaml
	if !d.begun {
		*d = yamlDocument{begun: true, line: s.line, indent: -1, text: d.text[:0], item: d.item[:0]}
		if isDash(text, 0) {
			s.list = &list{line: s.line}
			d.isList, d.bare, d.items, d.indent = true, true, true, 0
		}
	}
	indent := indentOf(text)
	if indent < 0 { // an empty line
		s.appendLine(text)
		return nil
	}
	if d.items {
		if d.indent < 0 && isDash(text, indent) {
			d.indent = indent
		}
		switch {
		case d.indent >= 0 && isDash(text, d.indent):
			if err := s.endItem(); err != nil {
				return err
			}
			d.at, d.named = s.line, bytes.HasPrefix(bytes.TrimLeft(text[d.indent+1:], " "), []byte("kind:"))
			d.item = append(append(d.item, text[:d.indent]...), ' ')
			d.item = append(append(d.item, text[d.indent+1:]...), '\n')
			return nil
		case d.indent >= 0 && indent > d.indent, d.indent < 0 && indent > 0:
			d.named = d.named || indent == d.indent+2 && bytes.HasPrefix(text[indent:], []byte("kind:"))
			s.appendLine(text)
			return nil
		case text[indent] == '#':
			return nil
		}
		if err := s.endItem(); err != nil {
			return err
		}
		d.items, d.opened = false, false
	} else if d.isList && !d.opened && isDash(text, max(0, d.indent)) {
		// A line that is indented too little ended the list too early.
		d.items = true
		return s.splitYAMLLine(text)
	}
	trimmed := bytes.TrimRight(text, " \t")
	if bytes.Equal(trimmed, []byte("items:")) && !d.isList {
		s.list = &list{line: d.line}
		d.isList, d.items = true, true
		if bytes.IndexByte(d.text, '&') >= 0 && anchor.Match(d.text) {
			d.anchors = append(append(d.anchors, d.text...), "items:\n"...)
		}
		return nil
	}
	d.opened = bytes.HasSuffix(trimmed, []byte(":"))
	s.appendLine(text)
	return nil
}

// appendLine adds a line to the item or to the document.
func (s *splitter) appendLine(text []byte) {
	d := &s.yaml
	to := &d.text
	if d.items && d.indent >= 0 {
		to = &d.item
	}
	if len(*to)+len(text) > s.limit {
		d.over = true
		return
	}
	*to = append(append(*to, text...), '\n')
}

func (s *splitter) endItem() error {
	d := &s.yaml
	if len(d.item) == 0 {
		return nil
	}
	text := d.item
	d.item = d.item[:0]
	if d.over {
		d.over = false
		s.problem(d.at, "an object of more than %d MiB: not read", s.limit>>20)
		return nil
	}
	err := s.emitItem(rawObject{text: text, line: d.at, indent: d.indent, anchors: slices.Clip(d.anchors)}, d.named)
	if len(d.anchors)+len(text) < anchorsMax && bytes.IndexByte(text, '&') >= 0 && anchor.Match(text) {
		if d.anchors == nil && !d.bare {
			d.anchors = append(append(d.anchors, d.text...), "items:\n"...)
		}
		at := len(d.anchors)
		d.anchors = append(d.anchors, text...)
		d.anchors[at+d.indent] = '-'
	}
	return err
}

// anchorsMax bounds what is kept of a list for the aliases of later items, and
// is read again with each of them.
const anchorsMax = 1 << 20

// anchor matches what an alias may refer to.
var anchor = regexp.MustCompile(`(?m)(?:^|[-:,\[{]) *&[^\s,\]}]`)

// endDocument emits what is being read.
func (s *splitter) endDocument() error {
	d := &s.yaml
	if !d.begun {
		return nil
	}
	if err := s.endItem(); err != nil {
		return err
	}
	one := *d
	*d = yamlDocument{text: one.text[:0], item: one.item[:0]}
	switch {
	case one.isList:
		cut := !one.bare && !yamlKind.Match(one.text)
		return s.endList(one.text, cut)
	case one.over:
		s.problem(one.line, "an object of more than %d MiB: not read", s.limit>>20)
		return nil
	}
	return s.emit(rawObject{text: one.text, line: one.line, kind: s.single})
}

// isDash reports whether a line begins an element of a sequence at a column.
func isDash(text []byte, column int) bool {
	if len(text) <= column || text[column] != '-' || indentOf(text) != column {
		return false
	}
	return len(text) == column+1 || text[column+1] == ' '
}

// indentOf is how many spaces a line begins with; -1 for one without text.
func indentOf(text []byte) int {
	for i, c := range text {
		if c != ' ' {
			if c == '\t' && len(bytes.TrimSpace(text)) == 0 {
				return -1
			}
			return i
		}
	}
	return -1
}
