package yamltext

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// printable reports whether a line can be drawn as it is: nothing in it acts on
// a terminal, is invisible, or changes the order of what stands around it.
func printable(line string) bool {
	for i := range len(line) {
		if c := line[i]; c < ' ' || c > '~' {
			return printableRunes(line)
		}
	}
	return true
}

func printableRunes(line string) bool {
	for _, r := range line {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return kinds.Clean(line) == line
}

// quote writes a string as a YAML scalar on one line, in the quotes that go-yaml
// chooses: none, double where it would read as something else or needs escapes,
// single for everything else.
func quote(s string) string {
	switch {
	case !printable(s), s == "", readsAsOther(s):
		return `"` + escape(s) + `"`
	case !plain(s):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}

// plain reports whether s can stand without quotes in a block (YAML 1.1, 9.1.3,
// and yaml_emitter_analyze_scalar of libyaml).
func plain(s string) bool {
	if s[0] == ' ' || s[len(s)-1] == ' ' || strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return false
	}
	if strings.IndexByte("#,[]{}&*!|>'\"%@`", s[0]) >= 0 {
		return false
	}
	for i := range len(s) {
		last := i == len(s)-1
		switch s[i] {
		case ':':
			if last || s[i+1] == ' ' {
				return false
			}
		case '-', '?':
			if i == 0 && (last || s[1] == ' ') {
				return false
			}
		case '#':
			if i > 0 && s[i-1] == ' ' {
				return false
			}
		}
	}
	return true
}

// otherWords are the words that YAML 1.1 reads as null, a boolean, a merge or the
// default value of a mapping.
var otherWords = func() map[string]bool {
	words := map[string]bool{"~": true, "<<": true, "=": true}
	for _, w := range []string{"null", "y", "yes", "n", "no", "true", "false", "on", "off"} {
		words[w] = true
		words[strings.ToUpper(w)] = true
		words[strings.ToUpper(w[:1])+w[1:]] = true
	}
	return words
}()

var (
	sexagesimal = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	// timestamp matches more than YAML 1.1 does (https://yaml.org/type/timestamp.html),
	// as readers do; but never a text that only begins with a date.
	timestamp = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}` +
		`(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)?$`)
)

// readsAsOther reports whether some reader of YAML takes s without quotes for something
// other than a string.
func readsAsOther(s string) bool {
	switch c := s[0]; {
	case c == '+', c == '-', c == '.', c >= '0' && c <= '9':
		return readsAsNumber(s) || timestamp.MatchString(s) || sexagesimal.MatchString(s)
	case len(s) > len("false"):
		return false
	}
	return otherWords[s]
}

func readsAsNumber(s string) bool {
	digits := strings.ReplaceAll(s, "_", "")
	if _, err := strconv.ParseInt(digits, 0, 64); err == nil {
		return true
	}
	if _, err := strconv.ParseUint(digits, 0, 64); err == nil {
		return true
	}
	special := strings.ToLower(strings.TrimLeft(s, "+-"))
	if special == ".inf" || special == ".nan" {
		return true
	}
	_, err := strconv.ParseFloat(digits, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// escape writes s as the inside of a double-quoted scalar. Characters that are not
// printable become escapes; where the result is still not fit to be drawn (too many
// combining marks), so does everything but ASCII.
func escape(s string) string {
	if escaped := escapeRunes(s, unicode.IsPrint); printable(escaped) {
		return escaped
	}
	return escapeRunes(s, func(r rune) bool { return r >= ' ' && r <= '~' })
}

func escapeRunes(s string, asItIs func(rune) bool) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case asItIs(r):
			b.WriteRune(r)
		case r < 0x80 && shortEscapes[r] != 0:
			b.WriteByte('\\')
			b.WriteByte(shortEscapes[r])
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// shortEscapes are YAML's one-letter escapes.
var shortEscapes = [0x80]byte{
	0: '0', '\a': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', 0x1b: 'e',
}
