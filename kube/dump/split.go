package dump

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// rawObject is the text of one object.
type rawObject struct {
	text []byte
	line int                     // where it begins
	kind schema.GroupVersionKind // what its list says, when the object does not
	item bool                    // of a list
	// anchors is what comes before an item of a list, as far as it has anchors.
	anchors []byte
	indent  int // of its dash
}

// splitter cuts a file into pieces, and into the logs between them.
type splitter struct {
	in      *bufio.Reader
	limit   int                   // bytes of one piece
	line    int                   // that is being read, from 1
	ends    int                   // of lines, so far
	emit    func(rawObject) error // does not keep the text
	problem func(line int, format string, args ...any)
	log     func(of container, lines []byte)
	yaml    yamlDocument
	list    *list                   // the one that is being read
	guess   schema.GroupVersionKind // what the file's name says
	single  schema.GroupVersionKind // the same of objects that are in no list
	onList  func()                  // is called for every list
}

// list is a List whose items are being read. Items that do not say what they are wait
// until their list says so, which may be after them.
type list struct {
	line    int
	kind    schema.GroupVersionKind // of the items; empty until it is known
	waiting []rawObject
}

// emitItem emits an item of the list, or lets it wait.
func (s *splitter) emitItem(p rawObject, named bool) error {
	p.item = true
	switch {
	case named:
	case s.list.kind.Kind != "":
		p.kind = s.list.kind
	default:
		p.text = bytes.Clone(p.text)
		s.list.waiting = append(s.list.waiting, p)
		return nil
	}
	return s.emit(p)
}

// endList reads what the list says besides its items, and emits those that waited for
// it.
func (s *splitter) endList(head []byte, cut bool) error {
	l := s.list
	s.list = nil
	about, err := parse(head)
	if err != nil {
		s.problem(l.line, "what a list says besides its items: %v", err)
	}
	kind, known := about["kind"].(string)
	if !known {
		kind = ""
	}
	single, isList := strings.CutSuffix(kind, "List")
	switch {
	case known && !isList:
		s.problem(l.line, "kind %s has items but is not a list; reading only the items", kind)
	case single != "":
		version, _ := about["apiVersion"].(string)
		l.kind = schema.FromAPIVersionAndKind(version, single)
	default:
		l.kind = s.guess // each item may say another
	}
	if isList && s.onList != nil {
		s.onList()
	}
	if cut {
		s.problem(l.line, "the list has no end: the file is cut, and the last object may be only a part of one")
	}
	for _, p := range l.waiting {
		p.kind = l.kind
		if err := s.emit(p); err != nil {
			return err
		}
	}
	return nil
}

// container names a container of a dump.
type container struct {
	namespace, pod, name string
	previous             bool
}

var logStart = regexp.MustCompile(`^==== START logs for container (\S+) of pod (\S+)/(\S+) ====$`)

// split reads the file to its end. It fails when emit does, and when the reader does
// before its end; what was read until then is emitted.
func (s *splitter) split() error {
	for {
		if !s.yaml.begun && s.startsJSON() {
			if err := s.splitJSON(); err != nil {
				return notTheEnd(err)
			}
			continue
		}
		text, err := s.nextLine()
		if err != nil {
			if done := s.endDocument(); done != nil {
				return done
			}
			return notTheEnd(err)
		}
		if err := s.splitLine(text); err != nil {
			return notTheEnd(err)
		}
	}
}

func notTheEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// startsJSON reports whether what comes next is a JSON value, and goes up to it.
func (s *splitter) startsJSON() bool {
	for n := 64; ; n *= 8 {
		head, err := s.in.Peek(min(n, readAhead))
		text := bytes.TrimLeft(head, " \t\r\n")
		if len(text) > 0 {
			if text[0] != '{' && text[0] != '[' {
				return false
			}
			skipped := len(head) - len(text)
			s.ends += bytes.Count(head[:skipped], []byte("\n"))
			_, _ = s.in.Discard(skipped)
			return true
		}
		if err != nil || n >= readAhead {
			return false
		}
	}
}

// splitLine handles one line outside JSON and logs.
func (s *splitter) splitLine(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte(startOfLogs)):
		if m := logStart.FindSubmatch(text); m != nil {
			if err := s.endDocument(); err != nil {
				return err
			}
			return s.splitLogs(container{namespace: string(m[2]), pod: string(m[3]), name: string(m[1])})
		}
	case isMarker(text, "---"):
		if err := s.endDocument(); err != nil {
			return err
		}
		text = bytes.TrimLeft(text[3:], " \t")
		if len(text) == 0 || text[0] == '#' || text[0] == '%' {
			return nil
		}
	case isMarker(text, "..."):
		return s.endDocument()
	}
	if !s.yaml.begun {
		trimmed := bytes.TrimSpace(text)
		if len(trimmed) == 0 || trimmed[0] == '#' || trimmed[0] == '%' {
			return nil
		}
	}
	return s.splitYAMLLine(text)
}

func isMarker(text []byte, marker string) bool {
	return bytes.HasPrefix(text, []byte(marker)) && (len(text) == 3 || text[3] == ' ' || text[3] == '\t')
}

// nextLine returns the next line without its end. It is valid until the next call. A
// line longer than the limit for objects is dropped and reported.
func (s *splitter) nextLine() ([]byte, error) {
	s.line = s.ends + 1
	var long []byte
	for {
		part, err := s.in.ReadSlice('\n')
		if err == nil {
			s.ends++
		}
		if err == nil && long == nil {
			return trimEnd(part), nil
		}
		if len(long) <= s.limit {
			long = append(long, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(long) == 0):
			return nil, err
		}
		if len(long) > s.limit {
			s.yaml.over = s.yaml.begun
			s.problem(s.line, "a line of more than %d MiB: not read", s.limit>>20)
			return nil, nil
		}
		return trimEnd(long), nil
	}
}

func trimEnd(text []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
}

// splitLogs reads a container's log up to its end mark.
func (s *splitter) splitLogs(of container) error {
	end := fmt.Appendf(nil, "==== END logs for container %s of pod %s/%s ====", of.name, of.namespace, of.pod)
	var all tailBuffer
	all.max = s.limit
	for {
		text, err := s.nextLine()
		// The mark follows a last line that has no end of its own.
		if err == nil && bytes.HasSuffix(text, end) {
			if rest := text[:len(text)-len(end)]; len(rest) > 0 {
				all.line(rest)
			}
			s.log(of, all.text())
			return nil
		}
		if err != nil {
			s.log(of, all.text())
			s.problem(
				s.line,
				"the log of container %s of pod %s/%s was cut: its end mark is missing",
				of.name,
				of.namespace,
				of.pod,
			)
			return err
		}
		all.line(text)
	}
}

// tailBuffer keeps the last lines of a text.
type tailBuffer struct {
	max     int
	kept    []byte
	dropped bool
}

func (b *tailBuffer) line(text []byte) {
	b.kept = append(append(b.kept, text...), '\n')
	if len(b.kept) > 2*b.max {
		b.cut()
	}
}

// part adds a line's beginning, whose end is still to come.
func (b *tailBuffer) part(text []byte) {
	if b.kept = append(b.kept, text...); len(b.kept) > 2*b.max {
		b.cut()
	}
}

func (b *tailBuffer) cut() {
	from := len(b.kept) - b.max
	if end := bytes.IndexByte(b.kept[from:], '\n'); end >= 0 {
		from += end + 1
	}
	b.kept = append(b.kept[:0], b.kept[from:]...)
	b.dropped = true
}

func (b *tailBuffer) text() []byte {
	if len(b.kept) > b.max {
		b.cut()
	}
	return b.kept
}
