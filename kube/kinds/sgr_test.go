package kinds

import (
	"strings"
	"testing"
)

func TestCleanLogKeepsColours(t *testing.T) {
	for _, s := range []string{
		"", "plain", "\x1b[m", "\x1b[0m", "\x1b[31mred\x1b[0m", "\x1b[1;4;7mall\x1b[22;24;27m", "\x1b[38;5;196mx",
		"\x1b[48;2;1;2;3mx",
		"\x1b[38:2::1:2:3mx", "\x1b[38:2:1:2:3mx", "\x1b[38:5:7mx", "\x1b[;mx", "\x1b[2;3;9mfaint\x1b[39;49m",
		"\x1b[97;107mx", "日\x1b[32m本\x1b[m",
		"\x1b[001mx", "\x1b[31m\x1b[31m",
	} {
		if got := CleanLog(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
		if got := CleanLog(CleanLog(s)); got != CleanLog(s) {
			t.Errorf("%q: cleaned twice it is %q", s, got)
		}
		if n := strings.Count(s, "\x1b"); n > 0 && !strings.Contains(Clean(s), "␛") {
			t.Errorf("Clean lets %q through", s)
		}
	}
}

func TestCleanLogCleansTheRest(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31":                    "␛[31",
		"\x1b[":                      "␛[",
		"\x1b":                       "␛",
		"\x1b[31\nm":                 "␛[31␊m",
		"\x1b[31 m":                  "␛[31 m",
		"\x1b[?31m":                  "␛[?31m",
		"\x1b[>4;2m":                 "␛[>4;2m",
		"\x1b[1;31H":                 "␛[1;31H",
		"\x1b[31mred\x1b[2J":         "\x1b[31mred␛[2J",
		"\x1b[8msecret":              "␛[8msecret",
		"\x1b[31;8msecret":           "␛[31;8msecret",
		"\x1b[5mblink":               "␛[5mblink",
		"\x1b[11mfont":               "␛[11mfont",
		"\x1b[256m":                  "␛[256m",
		"\x1b[99999999999999999999m": "␛[99999999999999999999m",
		"\x1b[4:0m":                  "␛[4:0m",
		"\x1b[38m":                   "␛[38m",
		"\x1b[38;5m":                 "␛[38;5m",
		"\x1b[38;5;256m":             "␛[38;5;256m",
		"\x1b[38;2;1;2m":             "␛[38;2;1;2m",
		"\x1b[38;3;1m":               "␛[38;3;1m",
		"\x1b[-1m":                   "␛[-1m",
		"\x1b[1\x1b[31m":             "␛[1\x1b[31m",
		"\x1b\x1b[31m":               "␛\x1b[31m",
		"\x1b]0;\x1b[31mtitle\a":     "␛]0;\x1b[31mtitle␇",
		"\x1b]8;;http://x\x1b\\a":    "␛]8;;http://x␛\\a",
		"\x1bP\x1b[31m\x1b\\":        "␛P\x1b[31m␛\\",
		"\x9b31mraw":                 "\ufffd31mraw",
		"\u009b31mC1":                "\ufffd31mC1",
		"a\tb\x1b[31m\tc":            "a       b\x1b[31m       c",
		"\x1b[" + strings.Repeat("1;", 200) + "m":       "␛[" + strings.Repeat("1;", 200) + "m",
		"a\u0301\x1b[31m" + strings.Repeat("\u0301", 9): "a\u0301\x1b[31m\u0301\u0301\u0301\ufffd",
	} {
		if got := CleanLog(in); got != want {
			t.Errorf("CleanLog(%q)\n got %q\nwant %q", in, got, want)
		}
	}
}

func FuzzCleanLog(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.in)
	}
	f.Add("\x1b[38;2;1;2;3mx\x1b[0m")
	f.Fuzz(func(t *testing.T, in string) {
		out := CleanLog(in)
		if again := CleanLog(out); again != out {
			t.Errorf("not idempotent: %q, then %q", out, again)
		}
		var rest strings.Builder
		for s := out; s != ""; {
			if _, n := SGR(s); n > 0 {
				s = s[n:]
				continue
			}
			rest.WriteByte(s[0])
			s = s[1:]
		}
		if text := rest.String(); strings.ContainsRune(text, '\x1b') {
			t.Errorf("CleanLog(%q) = %q has more than SGR", in, out)
		} else if r, bad := dangerous(text, false); bad && !strings.Contains(out, "\x1b") {
			t.Errorf("CleanLog(%q) = %q still has %U", in, out, r)
		}
	})
}
