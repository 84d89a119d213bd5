package kinds

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile are the classes of text that terminals obey, each with what must be
// seen of it.
var hostile = []struct{ name, in, want string }{
	{"OSC 52 writes the clipboard", "\x1b]52;c;ZXZpbA==\a", "␛]52;c;ZXZpbA==␇"},
	{"OSC 52 ended by ST", "\x1b]52;c;ZXZpbA==\x1b\\", "␛]52;c;ZXZpbA==␛\\"},
	{"OSC 0 sets the title", "\x1b]0;owned\a", "␛]0;owned␇"},
	{"OSC 2 sets the title", "\x1b]2;owned\x1b\\", "␛]2;owned␛\\"},
	{"OSC 8 makes a link", "\x1b]8;;http://evil\atext\x1b]8;;\a", "␛]8;;http://evil␇text␛]8;;␇"},
	{"OSC 8 with a line feed in its id", "\x1b]8;id=a\nb;http://evil\a", "␛]8;id=a␊b;http://evil␇"},
	{"OSC 9 notifies", "\x1b]9;hello\a", "␛]9;hello␇"},
	{"OSC 4 changes colours", "\x1b]4;0;#ffffff\a", "␛]4;0;#ffffff␇"},
	{"OSC 10 asks for a colour", "\x1b]10;?\a", "␛]10;?␇"},
	{"OSC 1337 sends a file", "\x1b]1337;File=:AAAA\a", "␛]1337;File=:AAAA␇"},
	{"OSC without an end", "before\x1b]0;everything after", "before␛]0;everything after"},
	{"CSI 2J clears the screen", "\x1b[2J", "␛[2J"},
	{"CSI H moves the cursor", "\x1b[1;1Hroot#", "␛[1;1Hroot#"},
	{"CSI A goes up a line", "\x1b[1Aoverwritten", "␛[1Aoverwritten"},
	{"CSI K erases the line", "\x1b[2K", "␛[2K"},
	{"CSI ?1049l leaves the alternate screen", "\x1b[?1049l", "␛[?1049l"},
	{"CSI ?25l hides the cursor", "\x1b[?25l", "␛[?25l"},
	{"CSI ?1000h takes the mouse", "\x1b[?1000h", "␛[?1000h"},
	{"CSI ?2004h changes pasting", "\x1b[?2004h", "␛[?2004h"},
	{"CSI r sets the scroll region", "\x1b[5;6r", "␛[5;6r"},
	{"CSI 6n makes the terminal answer", "\x1b[6n", "␛[6n"},
	{"CSI c makes the terminal answer", "\x1b[c", "␛[c"},
	{"CSI 21t reports the title", "\x1b[21t", "␛[21t"},
	{"SGR bleeds", "\x1b[31mred", "␛[31mred"},
	{"SGR conceals", "\x1b[8msecret", "␛[8msecret"},
	{"SGR reverses", "\x1b[7m", "␛[7m"},
	{"RIS resets the terminal", "\x1bc", "␛c"},
	{"DECSC and DECRC", "\x1b7\x1b8", "␛7␛8"},
	{"SO and SI change the character set", "\x0elqk\x0f", "␎lqk␏"},
	{"SCS changes the character set", "\x1b(0lqk", "␛(0lqk"},
	{"DCS sixel", "\x1bPq#0;2;0;0;0~\x1b\\", "␛Pq#0;2;0;0;0~␛\\"},
	{"DCS DECRQSS", "\x1bP$qm\x1b\\", "␛P$qm␛\\"},
	{"DCS tmux passthrough", "\x1bPtmux;\x1b\x1b]0;x\a\x1b\\", "␛Ptmux;␛␛]0;x␇␛\\"},
	{"APC kitty graphics", "\x1b_Ga=T;AAAA\x1b\\", "␛_Ga=T;AAAA␛\\"},
	{"PM", "\x1b^private\x1b\\", "␛^private␛\\"},
	{"SOS", "\x1bXstart\x1b\\", "␛Xstart␛\\"},
	{"C1 as UTF-8: CSI", "\u009b2J", "\ufffd2J"},
	{"C1 as UTF-8: OSC 52", "\u009d52;c;ZXZpbA==\u009c", "\ufffd52;c;ZXZpbA==\ufffd"},
	{"C1 as UTF-8: NEL", "a\u0085b", "a\ufffdb"},
	{"C1 as a raw byte: CSI", "\x9b2J", "\ufffd2J"},
	{"C1 as a raw byte: OSC", "\x9d0;x\x9c", "\ufffd0;x\ufffd"},
	{"BEL", "a\ab", "a␇b"},
	{"BS overwrites", "safe\b\b\b\bevil", "safe␈␈␈␈evil"},
	{"CR overwrites the line", "evil\rsafe", "evil␍safe"},
	{"NUL", "a\x00b", "a␀b"},
	{"DEL", "a\x7fb", "a␡b"},
	{"VT and FF", "a\vb\fc", "a␋b␌c"},
	{"a line feed", "a\nb", "a␊b"},
	{"invalid UTF-8", "a\xffb\xc3(", "a\ufffdb\ufffd("},
	{"an overlong ESC", "\xc0\x9b[2J", "\ufffd\ufffd[2J"},
	{"a surrogate", "\xed\xa0\x80", "\ufffd\ufffd\ufffd"},
	{"bidi override", "user\u202egnp.exe", "user\ufffdgnp.exe"},
	{"bidi isolate", "\u2066a\u2069", "\ufffda\ufffd"},
	{"right-to-left mark", "a\u200fb", "a\ufffdb"},
	{"zero width space", "ad\u200bmin", "ad\ufffdmin"},
	{"joiners inside emoji", "👩\u200d🚀 ❤\ufe0f\u200d🔥 👩🏽\u200d🚀",
		"👩\u200d🚀 ❤\u200d🔥 👩🏽\u200d🚀"},
	{"joiners inside words", "می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"},
	{"joiners elsewhere", "ad\u200dmin a\u200c \u200d👩 👩\u200d 👩\u200dx م\u200cx и\u200dи",
		"ad\ufffdmin a\ufffd \ufffd👩 👩\ufffd 👩\ufffdx م\ufffdx и\ufffdи"},
	{"two joiners", "👩\u200d\u200d🚀", "👩\ufffd\ufffd🚀"},
	{"characters that draw nothing", "a\u2800b\U0001d159c\U00016fe4d\U00013441e\U00013442",
		"a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"},
	{"byte order mark", "\ufeffname", "\ufffdname"},
	{"soft hyphen", "pass\u00adword", "pass\ufffdword"},
	{"word joiner", "a\u2060b", "a\ufffdb"},
	{"tag characters", "a\U000e0041\U000e007fb", "a\ufffd\ufffdb"},
	{"line and paragraph separators", "a\u2028b\u2029c", "a\ufffdb\ufffdc"},
	{"interlinear annotation", "\ufff9a\ufffb", "\ufffda\ufffd"},
	{"private use", "\ue0b0", "\ufffd"},
	{"a code point without a character", "\U000e0fff\U0003ffff", "\ufffd\ufffd"},
	{"Hangul fillers draw nothing", "a\u3164\uffa0b", "a\ufffd\ufffdb"},
	{"grapheme joiner draws nothing", "a\u034fb", "a\ufffdb"},
	{"40 combining marks", "a" + strings.Repeat("\u0301", 40) + "b", "a\u0301\u0301\u0301\u0301\ufffdb"},
	{"four combining marks are a language", "a\u0301\u0302\u0303\u0304b", "a\u0301\u0302\u0303\u0304b"},
	{"marks divided by variation selectors", "a\u0301\u0301\u0301\ufe0f\u0301\u0301",
		"a\u0301\u0301\u0301\ufffd\u0301\u0301"},
	{"a mark with nothing to stand on", "\u0301a", "◌\u0301a"},
	{"variation selectors", "❤\ufe0f☺\ufe0e 葛\U000e0100 ᠠ\u180b ©\ufe0f 1\ufe0f\u20e3", "❤☺ 葛 ᠠ © 1\u20e3"},
	{"stray variation selectors", "a\ufe0fb\U000e0100 \ufe00☺\U000e0100 é\u180b",
		"a\ufffdb\ufffd \ufffd☺\ufffd é\ufffd"},
	{"nothing but selectors", "\ufe0f\U000e01ef", "\ufffd\ufffd"},
	{"odd spaces", "a\u00a0b\u2003c\u3000d\u202fe", "a b c d e"},
	{"a tab goes to the next stop", "ab\tc\t12345678\td", "ab      c       12345678        d"},
	{"wide, joined and coloured text stays", "日本語 ＡＢ 👍🏽 é Ω ├─┤ ✖ ▲ ﷽", "日本語 ＡＢ 👍🏽 é Ω ├─┤ ✖ ▲ ﷽"},
	{"nothing", "", ""},
	{"plain", "web-1", "web-1"},
}

func TestClean(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			if got := Clean(c.in); got != c.want {
				t.Errorf("Clean(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			// Something before it must not change what is seen.
			if !strings.Contains(c.in, "\t") && !strings.HasPrefix(c.want, "◌") {
				if got := Clean("x" + c.in); got != "x"+c.want {
					t.Errorf("Clean(%q)\n got %q\nwant %q", "x"+c.in, got, "x"+c.want)
				}
			}
			checkClean(t, c.in)
		})
	}
}

func TestCleanTextKeepsLines(t *testing.T) {
	in := "a\tb\r\n\tc\x1b[2J\n\u0301d\n"
	want := "a       b␍\n        c␛[2J\n◌\u0301d\n"
	if got := CleanText(in); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func FuzzClean(f *testing.F) {
	for _, c := range hostile {
		f.Add(c.in)
	}
	f.Fuzz(checkClean)
}

// checkClean checks what holds for any text.
func checkClean(t *testing.T, in string) {
	t.Helper()
	for _, c := range []struct {
		name  string
		clean func(string) string
		lines bool
	}{{"Clean", Clean, false}, {"CleanText", CleanText, true}} {
		out := c.clean(in)
		if !utf8.ValidString(out) {
			t.Errorf("%s(%q) = %q is not valid UTF-8", c.name, in, out)
		}
		if again := c.clean(out); again != out {
			t.Errorf("%s is not idempotent: %q, then %q", c.name, out, again)
		}
		if r, bad := dangerous(out, c.lines); bad {
			t.Errorf("%s(%q) = %q still has %U", c.name, in, out, r)
		}
		if r, lost := lostRune(in, out); lost {
			t.Errorf("%s(%q) = %q lost %q", c.name, in, out, r)
		}
		if c.lines && strings.Count(in, "\n") != strings.Count(out, "\n") {
			t.Errorf("%s(%q) = %q changed the number of lines", c.name, in, out)
		}
	}
}

// dangerous finds a rune that must not reach the terminal. It asks the unicode tables
// in another way than Clean does.
func dangerous(s string, lines bool) (rune, bool) {
	marks := 0
	var before rune
	for i, r := range s {
		last := before
		if before = r; isJoiner(r) && joins(last, s[i+utf8.RuneLen(r):]) {
			continue
		}
		if r == '\n' && lines {
			marks = 0
			continue
		}
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Bidi_Control,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point) {
			return r, true
		}
		if unicode.Is(unicode.Zs, r) && r != ' ' {
			return r, true
		}
		if !unicode.IsGraphic(r) {
			return r, true
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > marksMax {
			return r, true
		}
	}
	return 0, false
}

// lostRune finds a character of in that is not seen in out, in its order.
func lostRune(in, out string) (rune, bool) {
	rest := []rune(out)
	for _, r := range in {
		if !unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) || r == utf8.RuneError ||
			ignorable(r) {
			continue
		}
		for len(rest) > 0 && rest[0] != r {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return r, true
		}
		rest = rest[1:]
	}
	return 0, false
}

func TestCleanDoesNotAllocateForASCII(t *testing.T) {
	line := strings.Repeat("plain text, ", 20)
	if n := testing.AllocsPerRun(100, func() { Clean(line); CleanText(line) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkClean(b *testing.B) {
	for name, s := range map[string]string{
		"ascii":   strings.Repeat("0123456789", 20),
		"latin":   strings.Repeat("Größe née ", 20),
		"cjk":     strings.Repeat("日本語の文", 20),
		"escapes": strings.Repeat("\x1b[31mred\x1b[0m ", 16),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Clean(s)
			}
		})
	}
}
