package logs

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want Entry
	}{
		"json": {
			`{"time":"2026-11-30T20:51:56Z","level":"error","msg":"request \"served\"","status":502,"http":{"path":"/a b"},"ok":true}`,
			Entry{
				Format: "json", Time: "2026-11-30T20:51:56Z", Level: Error, Message: `request "served"`,
				Fields: []Field{{"status", "502"}, {"http", `{"path":"/a b"}`}, {"ok", "true"}},
			},
		},
		"a level of pino": {
			`{"level":50,"msg":"x","err":{"message":"deep"}}`,
			Entry{Format: "json", Level: Error, Message: "x", Error: `{"message":"deep"}`},
		},
		"a level twice": {
			`{"level":"warn","severity":"x","message":"m"}`,
			Entry{Format: "json", Level: Warn, Message: "m", Fields: []Field{{"severity", "x"}}},
		},
		"an empty object": {`{}`, Entry{Format: "json"}},
		"half of json":    {`{"level":"error","msg":"cut of`, Entry{Message: `{"level":"error","msg":"cut of`}},
		"two objects":     {`{"a":1}{"b":2}`, Entry{Message: `{"a":1}{"b":2}`}},
		"logfmt": {
			`ts=2026-11-30T20:51:56Z level=warn msg="slow \"query\"" duration=910ms caller=db.go:7 empty=`,
			Entry{
				Format: "logfmt", Time: "2026-11-30T20:51:56Z", Level: Warn, Message: `slow "query"`, Caller: "db.go:7",
				Fields: []Field{{"duration", "910ms"}, {"empty", ""}},
			},
		},
		"klog": {
			`E1123 14:02:11.123456       1 reflector.go:147] "Failed to watch" err="no route" type="*v1.Pod"`,
			Entry{
				Format: "klog", Time: "1123 14:02:11.123456", Level: Error, Message: "Failed to watch", Error: "no route",
				Caller: "reflector.go:147", Fields: []Field{{"type", "*v1.Pod"}},
			},
		},
		"access": {
			`10.0.0.7 - - [23/Nov/2026:14:02:11 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl/8"`,
			Entry{
				Format: "access", Time: "23/Nov/2026:14:02:11 +0000", Level: Error, Message: "GET /cart HTTP/1.1 502",
				Fields: []Field{
					{"remote", "10.0.0.7"}, {"method", "GET"}, {"path", "/cart"}, {"status", "502"}, {"bytes", "157"},
				},
			},
		},
		"a sentence with a pair": {
			`2026-11-30 20:51:50.850 WARN  GET / 200 in 910ms request=121`,
			Entry{
				Level: Warn, Message: `2026-11-30 20:51:50.850 WARN  GET / 200 in 910ms request=121`,
				Fields: []Field{{"request", "121"}},
			},
		},
		"a panic":         {"panic: connection refused", Entry{Level: Fatal, Message: "panic: connection refused"}},
		"error in a word": {"no errors were found", Entry{Message: "no errors were found"}},
		"nothing":         {"", Entry{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Parse(test.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLevelOfWhatDies holds that a crash is not hidden because it names no level.
func TestLevelOfWhatDies(t *testing.T) {
	for text, want := range map[string]Level{
		"thread 'main' panicked at src/main.rs:4:5:":                          Fatal,
		`Exception in thread "main" java.lang.IllegalStateException: no cart`: Error,
		"java.lang.StackOverflowError":                                        Error,
		"Unhandled exception. System.InvalidOperationException: no cart":      Error,
		"Traceback (most recent call last):":                                  Error,
		"KeyError: 'cart'":                                                    Error,
		"/app/cart.js:7: TypeError: cart is not a function":                   Unknown,
		"caught KeyError: all well":                                           Unknown,
		"thread 'main' sleeps":                                                Unknown,
	} {
		if e := Parse(text); e.Level != want || e.Message != text {
			t.Errorf("%q: level %q, message %q", text, e.Level, e.Message)
		}
	}
}

func TestFieldOfAnEntry(t *testing.T) {
	e := Parse(`{"level":"info","http":{"status":502,"request":{"path":"/cart"}},"a.b":"dotted"}`)
	for name, want := range map[string]string{
		"level": "info", "http.status": "502", "http.request.path": "/cart", "a.b": "dotted", "http.nothing": "", "x": "",
	} {
		if got, ok := e.Field(name); got != want || ok != (want != "") {
			t.Errorf("%s is %q, %v", name, got, ok)
		}
	}
}

func TestContinues(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "\tat com.example.Main(Main.java:7)": true, "  indented": true, "Caused by: x": true,
		"goroutine 1 [running]:": true, "main.(*server).serve(0xc000)": true, "done (in 3 s)": false, "a.b(c) ok": false,
		"panic({0x4b1ba0, 0x5a3f50})":           true,
		"main.main.func1({0x4b1ba0, 0x1}, 0x2)": true,
		"see a.go (twice)":                      false,
		"[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47d5e6]": true,
		"created by main.main in goroutine 1":                                    true,
		"created an order":                                                       false,
		"[signal] lost":                                                          false,
	} {
		if got := Continues(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestStringEnd(t *testing.T) {
	for text, want := range map[string]int{
		``: -1, `x`: -1, `"`: -1, `""`: 2, `"a"b`: 3, `"\""`: 4, `"\"`: -1, `"\\"`: 4, `"\\\"`: -1, `"a\`: -1, `"\"\""x"`: 6,
		`"\n\"\n" "`: 8,
	} {
		if got := stringEnd(text); got != want {
			t.Errorf("%s ends at %d, want %d", text, got, want)
		}
	}
}

// FuzzParse reads any line: nothing has no name, levels have names, what is JSON is read as
// such, and of plain text the message is the line.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "{}", "{", `{"a"`, `{"a":}`, `{"a":"\`, `{"a":"\u12"}`, "null", `{"a":[1,{"b":"]"}],"c":2}`, "a=b c", `a="b`,
		"E1123 14:02:11.123456 1 x] y", `x [1:2:3:4] "GET" 200 1`, strings.Repeat(`{"a":`, 10_000), "\xff=\xfe",
		strings.Repeat("a=b ", 500), `{"level":9223372036854775808}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := Parse(text)
		if e.Format == "" && e.Message != text {
			t.Errorf("%q has the message %q", text, e.Message)
		}
		for _, field := range e.Fields {
			if field.Name == "" && e.Format != "json" {
				t.Errorf("%q has a field without a name", text)
			}
			if e.Format != "json" && len(field.Name) > len(text) {
				t.Errorf("%q has a field %q", text, field.Name)
			}
		}
		if len(e.Fields) > pairsMax+5 || int(e.Level) >= len(levelNames) {
			t.Errorf("%q: %d fields, level %d", text, len(e.Fields), e.Level)
		}
		object := json.Valid([]byte(text)) && strings.HasPrefix(text, "{") && !strings.ContainsAny(text, "\r\n")
		if object && e.Format != "json" {
			t.Errorf("%q is read as %q", text, e.Format)
		}
		Continues(text)
		e.Field("a.b.c")
	})
}

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"json": `{"time":"2026-11-30T20:51:56.77221879Z","level":"error","msg":"request served","method":"GET",` +
			`"path":"/checkout","status":502,"duration_ms":5000,"request":609}`,
		"plain": "2026-11-30 20:51:50.850 INFO  GET /products/1812 200 in 40ms request=301",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(text)
			}
		})
	}
}

// hostileLines are lines that cost time: the longest that are read, in forms that a parser
// may go over again and again.
func hostileLines() map[string]string {
	fill := func(part string) string { return strings.Repeat(part, LongLineMax/len(part)) }
	return map[string]string{
		"one word":             fill("0123456789abcdef"),
		"spaces":               fill(" "),
		"half UTF-8":           fill("\xe2\x82"),
		"binary":               fill("\x00\x01\xfe\xff="),
		"one value":            `{"level":"error","msg":"` + fill("x") + `"}`,
		"escapes":              `{"level":"error","msg":"` + fill(`\u00e4\n\"`) + `"}`,
		"escapes without end":  `{"msg":"` + fill(`\\\"`),
		"values":               "[" + fill(`"a",`) + "1]",
		"members":              `{` + fill(`"field":"value",`) + `"level":"error"}`,
		"deep":                 fill(`{"a":`),
		"deep, whole":          strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"lists, whole":         `{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}",
		"pairs":                fill("level=info msg=a "),
		"quotes":               fill(`a="b" `),
		"quotes without end":   fill(`a="b\" `),
		"quotes of one pair":   fill(`a="`),
		"wrong escapes":        fill(`a="\q" `),
		"words before quotes":  fill(`word a="b\" `),
		"klog without end":     "E1123 14:02:11.123456 1 " + fill("a:b "),
		"access without end":   "10.0.0.7 - - [" + fill(`a:b:c:d] "`),
		"access without quote": `10.0.0.7 - - [1:2:3:4] "` + fill("GET "),
	}
}

// TestHostileLinesAreReadInTime reads each of them in every way. Where the work grows with the
// square of the length, one takes minutes.
func TestHostileLinesAreReadInTime(t *testing.T) {
	for name, text := range hostileLines() {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			e := Parse(text)
			e.Field("a.a.a.a")
			e.Field("http.status")
			Continues(text)
			Peek(text, "none")
			level, ok := PeekLevel(text)
			if ok != (e.Format == "json") || ok && level != e.Level && len(e.Fields) < pairsMax-5 {
				t.Errorf("level %s at a glance, %v; %s in %q", level, ok, e.Level, e.Format)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
