package rows

import (
	"regexp/syntax"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// anyText reports whether f holds for one of the texts that a reader would look
// for: name, namespace and the cells whose text does not move with time.
func anyText(f func(string) bool) func(*kinds.Record, time.Time) bool {
	namespace, seen := answered{holds: f("")}, []answered(nil)
	return func(r *kinds.Record, _ time.Time) bool {
		if f(r.Name) || r.Namespace != "" && namespace.ask(r.Namespace, f) {
			return true
		}
		for len(seen) < len(r.Cells) {
			seen = append(seen, answered{holds: f("")})
		}
		for i, c := range r.Cells {
			switch c.Form() {
			case kinds.Age, kinds.Lasting, kinds.Counted:
				continue
			default:
			}
			if text := textOfCell(c); text != r.Name && seen[i].ask(text, f) {
				return true
			}
		}
		return false
	}
}

// anyText reports whether f holds for one of the texts of a row, those of columns that were
// added to the kind's among them.
func (f *filter) anyText(holds func(string) bool) func(*kinds.Record, time.Time) bool {
	ofRecord, x := anyText(holds), f.index
	var added []int
	for i := range x.arranged.own() {
		cell := len(x.kind.Columns) + i
		if slices.ContainsFunc(x.columns, func(c column) bool { return c.cell == cell }) {
			added = append(added, i)
		}
	}
	if len(added) == 0 {
		return ofRecord
	}
	f.beside = true
	return func(r *kinds.Record, now time.Time) bool {
		return ofRecord(r, now) || slices.ContainsFunc(added, func(i int) bool {
			c := x.arranged.Beside.Cell(r, i)
			_, moves := c.Moment()
			return !moves && holds(textOfCell(c))
		})
	}
}

// answered is the last question and its answer: most objects have the same text
// in a column as the one before.
type answered struct {
	text  string
	holds bool
}

func (a *answered) ask(text string, f func(string) bool) bool {
	if text != a.text {
		a.text, a.holds = text, f(text)
	}
	return a.holds
}

// containsFold is strings.Contains without case for a lower-cased part. Places
// where the part may begin are looked for many bytes at a time.
func containsFold(s, lower string) bool {
	if lower == "" {
		return true
	}
	if beginsAt(s, lower[0], lower) {
		return true
	}
	first := lower[0]
	return 'a' <= first && first <= 'z' && beginsAt(s, first-('a'-'A'), lower)
}

// beginsAt reports whether a part that begins with one byte is in s.
func beginsAt(s string, first byte, lower string) bool {
	for len(s) >= len(lower) {
		i := strings.IndexByte(s[:len(s)-len(lower)+1], first)
		if i < 0 {
			return false
		}
		if foldedPrefix(s[i+1:], lower[1:]) {
			return true
		}
		s = s[i+1:]
	}
	return false
}

func foldedPrefix(s, lower string) bool {
	for j := range len(lower) {
		c := s[j]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[j] {
			return false
		}
	}
	return true
}

// required returns the longest ASCII text that every match of an expression contains,
// or "".
func required(pattern string) string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	return requiredBy(parsed)
}

func requiredBy(re *syntax.Regexp) string {
	if re.Op == syntax.OpLiteral && isASCII(string(re.Rune)) {
		return string(re.Rune)
	}
	if re.Op != syntax.OpCapture && re.Op != syntax.OpPlus && re.Op != syntax.OpConcat {
		return ""
	}
	longest := ""
	for _, part := range re.Sub {
		if text := requiredBy(part); len(text) > len(longest) {
			longest = text
		}
	}
	return longest
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
