package logs

import (
	"encoding/json"
	"strings"
)

// readJSON reads the members of one object, in their order. What is inside of them stays
// text, so it may be nested as deep as it likes.
func (e *Entry) readJSON(text string) bool {
	begin, n := *e, 0
	ok := eachMember(text, func(name, value string) bool {
		if n++; n <= pairsMax {
			e.set(name, value)
		}
		return true
	})
	if !ok {
		*e = begin
	}
	return ok
}

// Peek returns the value of a top-level member of a line of JSON, unquoted, without reading
// what stands behind it; ok is false for a line that is not JSON as far as it was read.
func Peek(text, name string) (value string, has, ok bool) {
	ok = eachMember(text, func(n, v string) bool {
		if n == name {
			value, has = v, true
		}
		return !has
	})
	return value, has, ok
}

// PeekLevel is Peek of the member that says how bad the line is.
func PeekLevel(text string) (level Level, ok bool) {
	ok = eachMember(text, func(n, v string) bool {
		if isLevelName(n) {
			level = LevelOf(v)
		}
		return level == Unknown
	})
	return level, ok
}

// isLevelName reports whether Entry.set takes a member for the level.
func isLevelName(name string) bool {
	switch strings.ToLower(name) {
	case "level", "lvl", "severity", "loglevel", "log.level":
		return true
	}
	return false
}

// eachMember calls do with the members of an object until it returns false, and reports
// whether what was read is JSON.
func eachMember(text string, do func(name, value string) bool) (ok bool) {
	rest, ok := strings.CutPrefix(text, "{")
	rest = skipSpace(rest)
	if after, empty := strings.CutPrefix(rest, "}"); empty {
		return ok && skipSpace(after) == ""
	}
	for ok {
		var name, value string
		if name, rest, ok = jsonString(rest); !ok {
			return false
		}
		if rest, ok = strings.CutPrefix(skipSpace(rest), ":"); !ok {
			return false
		}
		if value, rest, ok = jsonValue(skipSpace(rest)); !ok {
			return false
		}
		if !do(name, value) {
			return true
		}
		rest = skipSpace(rest)
		if after, ends := strings.CutPrefix(rest, "}"); ends {
			return skipSpace(after) == ""
		}
		if rest, ok = strings.CutPrefix(rest, ","); ok {
			rest = skipSpace(rest)
		}
	}
	return ok
}

func skipSpace(text string) string { return strings.TrimLeft(text, " \t") }

// jsonString reads a string, unquoted.
func jsonString(text string) (value, rest string, ok bool) {
	end := stringEnd(text)
	if end < 0 {
		return "", "", false
	}
	value = text[1 : end-1]
	if strings.IndexByte(value, '\\') >= 0 {
		if json.Unmarshal([]byte(text[:end]), &value) != nil {
			return "", "", false
		}
	}
	return value, text[end:], true
}

// stringEnd is the end of a string at the beginning of a text, or -1. It looks at each byte
// a few times at most, however many escapes there are.
func stringEnd(text string) int {
	if text == "" || text[0] != '"' {
		return -1
	}
	for i, quote := 1, 0; i < len(text); {
		if quote < i {
			next := strings.IndexByte(text[i:], '"')
			if next < 0 {
				return -1
			}
			quote = i + next
		}
		escape := strings.IndexByte(text[i:quote], '\\')
		if escape < 0 {
			return quote + 1
		}
		i += escape + 2
	}
	return -1
}

// jsonValue reads any value. Objects and lists stay as they are written.
func jsonValue(text string) (value, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		return jsonString(text)
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '"':
			end := stringEnd(text[i:])
			if end < 0 {
				return "", "", false
			}
			i += end - 1
		case '}', ']', ',', ' ':
			if depth == 0 {
				return text[:i], text[i:], i > 0
			}
			if text[i] == '}' || text[i] == ']' {
				if depth--; depth == 0 {
					return text[:i+1], text[i+1:], true
				}
			}
		}
	}
	return "", "", false
}
