package rows

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// filter decides which records a table shows. All its terms must hold.
//
//	web            some text cell, the name or the namespace contains "web", whatever the case
//	/^web-\d+$/    one of them matches the regular expression
//	!term          the term does not hold
//	app=shop       the column or label equals the value; != is its opposite
//	restarts>3     the column's number, age or quantity compares so: < <= > >=
//	"a b"          quotes keep spaces in one term
type filter struct {
	text  string
	terms []term
}

// term is one condition of a filter.
type term struct {
	not   bool
	match func(r *kinds.Record, now time.Time) bool
	plain string // lower-cased, of a term that is only text
}

// parseFilter reads the text of a filter for the columns of a kind. A term
// that is still being typed ("age<", "/web(") is left out; err says why.
func parseFilter(text string, columns []kinds.Column) (filter, error) {
	f := filter{text: text}
	var first error
	for _, word := range words(text) {
		not := strings.HasPrefix(word, "!") && !strings.HasPrefix(word, "!=")
		word = strings.TrimPrefix(word, "!")
		match, err := parseTerm(word, columns)
		if err != nil && first == nil {
			first = err
		}
		if match != nil {
			f.terms = append(f.terms, term{not, match, plainWord(word)})
		}
	}
	return f, first
}

// words splits at spaces, but not inside quotes or between the slashes of a
// regular expression.
func words(text string) []string {
	var out []string
	var word strings.Builder
	var until rune
	started := false
	for _, r := range text {
		switch {
		case until != 0 && r == until:
			until = 0
			if r == '/' {
				word.WriteRune(r)
			}
		case until == 0 && r == '"':
			until, started = r, true
		case until == 0 && r == '/' && (word.Len() == 0 || word.String() == "!"):
			until, started = r, true
			word.WriteRune(r)
		case until == 0 && r == ' ':
			if started {
				out = append(out, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if started {
		out = append(out, word.String())
	}
	return out
}

var comparison = regexp.MustCompile(`^([A-Za-z0-9_./-]+?)(!=|<=|>=|=|<|>)(.*)$`)

// parseTerm reads one term without its "!". A nil match is a term without
// effect yet.
func parseTerm(word string, columns []kinds.Column) (func(*kinds.Record, time.Time) bool, error) {
	if word == "" {
		return nil, nil
	}
	if strings.HasPrefix(word, "/") {
		pattern := strings.TrimSuffix(word[1:], "/")
		if pattern == "" {
			return nil, nil
		}
		re, err := regexp.Compile("(?i)" + pattern)
		if err != nil {
			return nil, fmt.Errorf("/%s/ is not a regular expression: %w", pattern, err)
		}
		needed := strings.ToLower(required(re.String()))
		return anyText(func(s string) bool {
			// Finding a part costs a tenth of what the expression does, which
			// knows more cases than those of ASCII.
			return (!isASCII(s) || containsFold(s, needed)) && re.MatchString(s)
		}), nil
	}
	if m := comparison.FindStringSubmatch(word); m != nil {
		return parseComparison(m[1], m[2], m[3], columns)
	}
	lower := strings.ToLower(word)
	return anyText(func(s string) bool { return containsFold(s, lower) }), nil
}

// required is the longest text of ASCII that whatever matches an expression
// contains, "" when there is none.
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

// plainWord is what a word looks for if it is only text, else "".
func plainWord(word string) string {
	if strings.HasPrefix(word, "/") || comparison.MatchString(word) {
		return ""
	}
	return strings.ToLower(word)
}

// narrows says whether what passes the filter is sure to have passed another:
// while a word is being typed, only what is left has to be looked at.
func (f filter) narrows(other filter) bool {
	for _, t := range other.terms {
		if t.plain == "" || !slices.ContainsFunc(f.terms, func(own term) bool { return own.implies(t) }) {
			return false
		}
	}
	return true
}

// implies says whether what holds for a term holds for another text as well.
func (t term) implies(other term) bool {
	switch {
	case t.plain == "" || t.not != other.not:
		return false
	case t.not:
		return strings.Contains(other.plain, t.plain)
	}
	return strings.Contains(t.plain, other.plain)
}

// anyText says whether f holds for one of the texts that a reader would look
// for: name, namespace and the cells that are neither ages nor counts of time.
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
			if form := c.Form(); form != kinds.Text && form != kinds.Number {
				continue
			}
			if text := textOfCell(c); text != r.Name && seen[i].ask(text, f) {
				return true
			}
		}
		return false
	}
}

// answered is the last question and its answer: most objects have the same
// text in a column as the one before.
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

// beginsAt says whether a part that begins with one byte is in s.
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

func parseComparison(name, op, value string, columns []kinds.Column) (func(*kinds.Record, time.Time) bool, error) {
	if value == "" && op != "=" && op != "!=" {
		return nil, nil
	}
	column := columnNamed(name, columns)
	if op == "=" || op == "!=" {
		want := op == "="
		return func(r *kinds.Record, now time.Time) bool {
			got, ok := textOf(r, name, column, now)
			return (ok && strings.EqualFold(got, value)) == want
		}, nil
	}
	if column < 0 && !strings.EqualFold(name, "age") {
		return nil, fmt.Errorf("no column %q to compare with %s%s; labels only have = and !=", name, op, value)
	}
	holds := map[string]func(int) bool{
		"<":  func(c int) bool { return c < 0 },
		"<=": func(c int) bool { return c <= 0 },
		">":  func(c int) bool { return c > 0 },
		">=": func(c int) bool { return c >= 0 },
	}[op]
	bound, err := parseBound(value)
	if err != nil {
		return nil, fmt.Errorf("%s%s%s: %w", name, op, value, err)
	}
	return func(r *kinds.Record, now time.Time) bool {
		c := kinds.AgeCell(r.Created)
		if column >= 0 {
			c = r.Cells[column]
		}
		got, ok := bound.compare(c, now)
		return ok && holds(got)
	}, nil
}

// columnNamed finds a column by its name, with or without its punctuation:
// "up-to-date", "uptodate", "port".
func columnNamed(name string, columns []kinds.Column) int {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("-_ ()", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	for i, c := range columns {
		if plain(c.Name) == plain(name) {
			return i
		}
	}
	return -1
}

func textOf(r *kinds.Record, name string, column int, now time.Time) (string, bool) {
	switch {
	case column >= 0:
		return r.Cells[column].Format(now, kinds.CoarseAge), true
	case strings.EqualFold(name, "namespace"), strings.EqualFold(name, "ns"):
		return r.Namespace, true
	}
	return r.Label(name)
}

// bound is what a column is compared with, read in every way that the text
// allows: the cell's form says which one counts.
type bound struct {
	number     float64
	isNumber   bool
	duration   time.Duration
	isDuration bool
}

func parseBound(value string) (bound, error) {
	var b bound
	if d, err := parseAge(value); err == nil {
		b.duration, b.isDuration = d, true
	}
	if q, err := resource.ParseQuantity(value); err == nil {
		b.number, b.isNumber = q.AsApproximateFloat64(), true
	} else if n, err := strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64); err == nil {
		b.number, b.isNumber = n, true
	}
	if !b.isNumber && !b.isDuration {
		return b, fmt.Errorf("%q is no number, quantity (100Mi) or age (90s, 5m, 3h, 2d)", value)
	}
	return b, nil
}

// parseAge reads a duration that may count in days: "2d", "1d12h", "90s".
func parseAge(s string) (time.Duration, error) {
	var days time.Duration
	if before, after, found := strings.Cut(s, "d"); found {
		n, err := strconv.Atoi(before)
		if err != nil {
			return 0, err
		}
		days, s = time.Duration(n)*24*time.Hour, after
		if s == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(s)
	return days + d, err
}

func (b bound) compare(c kinds.Cell, now time.Time) (int, bool) {
	n, ok := c.Number()
	if !ok {
		return 0, false
	}
	if c.Form() == kinds.Age || c.Form() == kinds.Lasting {
		if !b.isDuration {
			return 0, false
		}
		age := now.Sub(time.Unix(0, n))
		return compareFloats(float64(age), float64(b.duration)), true
	}
	if !b.isNumber {
		return 0, false
	}
	return compareFloats(float64(n), b.number), true
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// matches reports whether a record passes the filter.
func (f filter) matches(r *kinds.Record, now time.Time) bool {
	for _, t := range f.terms {
		if t.match(r, now) == t.not {
			return false
		}
	}
	return true
}
