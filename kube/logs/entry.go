package logs

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Level is how bad a line says that it is.
type Level uint8

// The levels, the least first. Unknown is not said.
const (
	Unknown Level = iota
	Debug
	Info
	Warn
	Error
	Fatal
)

// levelNames are the names of the levels, as they are shown and as filters take them.
var levelNames = []string{"", "debug", "info", "warn", "error", "fatal"}

// String implements fmt.Stringer.
func (l Level) String() string { return levelNames[l] }

// levelWords are the words that loggers have for the levels, in lower case.
var levelWords = map[string]Level{
	"trace": Debug, "debug": Debug, "dbg": Debug, "dbug": Debug, "info": Info, "inf": Info, "information": Info,
	"notice": Info, "warn": Warn, "warning": Warn, "wrn": Warn, "error": Error, "err": Error, "eror": Error,
	"severe": Error, "fatal": Fatal, "ftl": Fatal, "panic": Fatal, "critical": Fatal, "crit": Fatal, "alert": Fatal,
	"emerg": Fatal, "emergency": Fatal,
}

// LevelOf returns the level of a word, in any case, or of a number of bunyan and pino.
func LevelOf(word string) Level {
	if n, err := strconv.Atoi(word); err == nil && n >= 10 && n <= 60 {
		return [...]Level{Debug, Debug, Info, Warn, Error, Fatal}[n/10-1]
	}
	if len(word) > len("information") {
		return Unknown
	}
	return levelWords[strings.ToLower(word)]
}

// Field is one named value of a line.
type Field struct{ Name, Value string }

// Entry is what a line says. Texts are parts of the line, unquoted; nothing is made up.
type Entry struct {
	Format  string // "json", "logfmt", "klog", "access"; "" is plain text
	Time    string
	Level   Level
	Message string
	Error   string
	Caller  string
	Fields  []Field // the others, in their order
}

// Field returns the value of a name: of a field, or of what is not among the fields. A
// name of JSON is a path: "http.status".
func (e *Entry) Field(name string) (string, bool) {
	switch name {
	case "level":
		return e.Level.String(), e.Level != Unknown
	case "msg", "message":
		return e.Message, true
	case "error", "err":
		if e.Error != "" {
			return e.Error, true
		}
	case "caller":
		return e.Caller, e.Caller != ""
	case "time":
		return e.Time, e.Time != ""
	}
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value, true
		}
		// The inner of an object is read when somebody asks for it.
		if rest, inside := strings.CutPrefix(name, f.Name+"."); inside && strings.HasPrefix(f.Value, "{") {
			inner := Entry{}
			if inner.readJSON(f.Value) {
				return inner.raw(rest)
			}
		}
	}
	return "", false
}

// raw is Field of an object inside of another, where no name means anything.
func (e *Entry) raw(name string) (string, bool) {
	if value, ok := e.Field(name); ok && value != "" {
		return value, true
	}
	return "", false
}

// set gives a field its place.
func (e *Entry) set(name, value string) {
	if isLevelName(name) {
		if level := LevelOf(value); e.Level == Unknown && level != Unknown {
			e.Level = level
			return
		}
	}
	switch strings.ToLower(name) {
	case "time", "ts", "timestamp", "@timestamp", "t":
		if e.Time == "" {
			e.Time = value
			return
		}
	case "msg", "message", "@message":
		if e.Message == "" {
			e.Message = value
			return
		}
	case "err", "error", "exception":
		if e.Error == "" {
			e.Error = value
			return
		}
	case "caller", "source":
		if e.Caller == "" && !strings.HasPrefix(value, "{") {
			e.Caller = value
			return
		}
	}
	e.Fields = append(e.Fields, Field{name, value})
}

// Parse reads a line without SGR sequences, whatever format it has.
func Parse(text string) Entry {
	var e Entry
	trimmed := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(trimmed, "{") && e.readJSON(trimmed):
		e.Format = "json"
	case e.readKlog(trimmed):
		e.Format = "klog"
	case e.readAccess(trimmed):
		e.Format = "access"
	case e.readPairs(trimmed, true):
		e.Format = "logfmt"
	default:
		e = Entry{Message: text, Level: levelIn(text)}
		e.readPairs(trimmed, false)
	}
	return e
}

const (
	// pairsMax is how many fields of a line are read.
	pairsMax = 200
	// openQuotesMax is how many quotes of a line may have no end: each is looked for to
	// the end of the line.
	openQuotesMax = 3
)

// readPairs reads key=value pairs: all of the line, or those at the end of a sentence.
func (e *Entry) readPairs(text string, whole bool) bool {
	if strings.IndexByte(text, '=') < 0 {
		return false
	}
	begin, open := *e, 0
	for rest, n := text, 0; rest != "" && n < pairsMax; n++ {
		name, value, left, ok := nextPair(rest, &open)
		if !ok && whole {
			*e = begin
			return false
		}
		if ok && whole {
			e.set(name, value)
		} else if ok {
			e.Fields = append(e.Fields, Field{name, value})
		}
		rest = left
	}
	return !whole || len(e.Fields) > 0 || e.Message != "" && e.Level != Unknown
}

// nextPair reads one pair, or skips a word that is none. It counts quotes without an end.
func nextPair(text string, open *int) (name, value, rest string, ok bool) {
	end := strings.IndexAny(text, "= ")
	if end <= 0 || text[end] == ' ' || !isName(text[:end]) {
		_, rest, _ = strings.Cut(text, " ")
		return "", "", strings.TrimLeft(rest, " "), false
	}
	name, text = text[:end], text[end+1:]
	if strings.HasPrefix(text, `"`) && *open < openQuotesMax {
		if quoted, err := strconv.QuotedPrefix(text); err == nil {
			value, _ = strconv.Unquote(quoted)
			return name, value, strings.TrimLeft(text[len(quoted):], " "), true
		}
		*open++
	}
	value, rest, _ = strings.Cut(text, " ")
	return name, value, strings.TrimLeft(rest, " "), true
}

func isName(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c != '_' && c != '-' && c != '.' && c != '@' && c != '/' &&
			(c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return text != "" && len(text) < 64
}

// readKlog reads "E1123 14:02:11.123456       1 file.go:123] message key=value"
// (k8s.io/klog/v2, the header of a line).
func (e *Entry) readKlog(text string) bool {
	const head = len("E1123 14:02:11.123456")
	if len(text) < head+4 || text[5] != ' ' || text[8] != ':' || text[11] != ':' || text[14] != '.' {
		return false
	}
	level := map[byte]Level{'I': Info, 'W': Warn, 'E': Error, 'F': Fatal}[text[0]]
	before, message, found := strings.Cut(text[head:], "] ")
	if level == Unknown || !found {
		return false
	}
	words := strings.Fields(before)
	if len(words) != 2 || !strings.Contains(words[1], ":") {
		return false
	}
	e.Level, e.Time, e.Caller, e.Message = level, text[1:head], words[1], message
	if quoted, err := strconv.QuotedPrefix(message); err == nil {
		e.Message, _ = strconv.Unquote(quoted)
		e.readPairs(strings.TrimSpace(message[len(quoted):]), true)
	}
	return true
}

// readAccess reads the combined log of a web server:
// 10.0.0.7 - - [23/Nov/2026:14:02:11 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl".
func (e *Entry) readAccess(text string) bool {
	remote, rest, found := strings.Cut(text, " ")
	open := strings.Index(rest, " [")
	if !found || open < 0 || open > 80 {
		return false
	}
	when, rest, found := strings.Cut(rest[open+2:], `] "`)
	if !found || strings.Count(when, ":") < 3 {
		return false
	}
	request, rest, found := strings.Cut(rest, `" `)
	words := strings.Fields(rest)
	if !found || len(words) < 2 {
		return false
	}
	status, err := strconv.Atoi(words[0])
	if err != nil || status < 100 || status > 599 {
		return false
	}
	e.Time, e.Message, e.Level = when, request+" "+words[0], Info
	if status >= 500 {
		e.Level = Error
	} else if status >= 400 {
		e.Level = Warn
	}
	e.Fields = []Field{{"remote", remote}}
	if parts := strings.Fields(request); len(parts) == 3 {
		e.Fields = append(e.Fields, Field{"method", parts[0]}, Field{"path", parts[1]})
	}
	e.Fields = append(e.Fields, Field{"status", words[0]}, Field{"bytes", words[1]})
	return true
}

// levelBytes is how far into a line a word for its level is looked for.
const levelBytes = 160

// levelIn looks for a word for a level near the beginning of a line: in capitals, or where
// loggers put it. What a program says as it dies, or of an exception, has none.
func levelIn(text string) Level {
	text = text[:min(len(text), levelBytes)]
	switch {
	case begins(text, "panic:", "fatal error:") || begins(text, "thread '") && strings.Contains(text, "' panicked at "):
		return Fatal
	case thrown(text):
		return Error
	}
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' })
		if end < 0 {
			end = len(text)
		}
		if word := text[:end]; len(word) >= 3 {
			bracketed := end < len(text) && (text[end] == ']' || text[end] == ':')
			if level := LevelOf(word); level != Unknown && (word == strings.ToUpper(word) || bracketed && level >= Warn) {
				return level
			}
		}
		_, size := utf8.DecodeRuneInString(text[end:])
		text = text[end+size:]
	}
	return Unknown
}

func begins(text string, with ...string) bool {
	return slices.ContainsFunc(with, func(begin string) bool { return strings.HasPrefix(text, begin) })
}

// thrown reports whether a line is the first of an exception, or names one:
// "java.lang.IllegalStateException: no cart", "KeyError: 'cart'".
func thrown(text string) bool {
	name, _, _ := strings.Cut(text, ": ")
	return begins(text, "Exception in thread ", "Traceback (most recent call last)", "Unhandled exception", "Uncaught ",
		"Caused by: ") || isName(name) && (strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Error"))
}

// Continues reports whether a line belongs to the one before it: a line of a stack trace,
// one that is indented or empty.
func Continues(text string) bool {
	return text == "" || text[0] == ' ' || text[0] == '\t' || strings.HasPrefix(text, "␉") || IsFrame(text)
}

// IsFrame reports whether a line is one of a stack trace, of Java, JavaScript, .NET, Python,
// Ruby, Rust or Go, other than its first.
func IsFrame(text string) bool {
	if begins(text, "Caused by: ", "[signal SIG", "created by ") ||
		strings.HasPrefix(text, "goroutine ") && strings.HasSuffix(text, "]:") {
		return true
	}
	if inner := strings.TrimLeft(text, " \t␉"); len(inner) < len(text) {
		// "/app/main.go:12 +0x1d", "4: core::panicking::panic"
		number, _, numbered := strings.Cut(inner, ": ")
		return begins(inner, "at ", "File \"", "... ", "from ", "Caused by: ", "Suppressed: ") ||
			strings.Contains(inner, ".go:") || numbered && len(number) < 4 && isDigits(number)
	}
	// The function of a frame of Go: "main.(*server).serve(0xc000, {0x1, 0x2})".
	function, _, called := strings.Cut(text, "(")
	return called && strings.HasSuffix(text, ")") && strings.IndexByte(function, ' ') < 0 &&
		(function == "panic" || strings.Contains(function, "."))
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
