package highlight

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/themes"
)

var lexers = map[string]*chroma.RegexLexer{
	"yaml": yamlLexer, "json": jsonLexer, "toml": tomlLexer, "ini": iniLexer, "xml": xmlLexer, "bash": bashLexer,
}

// uglyStrings are texts that no lexer expects.
var uglyStrings = []string{
	"", " ", "\n", "\n\n", " \n", "a\n", "a\n\n\nb", "\ta\n\tb\n", "a\r\nb\r\n", "\r", "a\x00b",
	"\x1b[31mred\x1b[0m", "one\n\x1b]0;title\x07\ntwo\n", "\u009b31m", "a\u0085b", "\u202egnp.exe", "\ufeffa",
	"\u2028", "\ufffd", "a\n\u0301b", "e" + strings.Repeat("\u0301", 9), "\U0001f468\u200d\U0001f469",
	"日本語\n中文", "naïve café", "null", "~", "- a", "? a", ": a", "a: b", "a #b", "#a", "!!str a", "&a", "*a",
	"%a", "'", "\"", "\\", "|-", "{", "}", "[a]", ",a", "0x1f", "1e1000", "2026-11-23 04:05:06",
	strings.Repeat("x", 2000), strings.Repeat("long\n", 500),
	"#!/bin/sh\nif true; then\n\techo \"a  b\"\nfi\n", "{\"a\": 1,\n \"b\": [true, null]}\n",
	"<a href=\"x\">\n  text &amp;\n</a>", "[section]\nkey = value ; comment\n", "[a]\nb = \"\"\"\nc\n\"\"\"\n",
	"\\\n", "\"\n\"", "\"\t\n\"\t", "# a\n# b",
}

// roleLetters stand for roles in what a test expects.
var roleLetters = map[themes.Role]string{
	themes.SyntaxKey:         "k",
	themes.SyntaxString:      "s",
	themes.SyntaxNumber:      "n",
	themes.SyntaxBool:        "b",
	themes.SyntaxNull:        "0",
	themes.SyntaxComment:     "c",
	themes.SyntaxPunctuation: "p",
	themes.SyntaxKeyword:     "w",
	themes.Text:              " ",
}

// mask writes the letter of each character's role below the text.
func mask(c *Code) string {
	var b strings.Builder
	for i := range c.Len() {
		var text, roles string
		for _, span := range c.Row(i) {
			text += span.Text
			roles += strings.Repeat(roleLetters[span.Role], len([]rune(span.Text)))
		}
		b.WriteString(text + "\n" + strings.TrimRight(roles, " ") + "\n")
	}
	return b.String()
}

// colourTests are texts with the mask of their roles.
var colourTests = []struct{ key, text, want string }{
	{"a.yaml", "# c\nkey: text # c\n- name: 1.5\n  b: [true, x]\n\"q\": null\nd: |-\n  word", `
# c
ccc
key: text # c
kkkp ssss ccc
- name: 1.5
p kkkkp nnn
  b: [true, x]
  kp pbbbbp sp
"q": null
kkkp 0000
d: |-
kp pp
  word
  ssss
`},
	{"a.json", "{\"a\": [1, -2.5e3, \"b\\\"\"],\n \"c\": true, \"d\": null}", `
{"a": [1, -2.5e3, "b\""],
pkkkp pnp nnnnnnp ssssspp
 "c": true, "d": null}
 kkkp bbbbp kkkp 0000p
`},
	{"a.toml", "[a.b]\nk = \"v\" # c\nn = 12\nm = \"\"\"\nx = 1\n\"\"\"", `
[a.b]
wwwww
k = "v" # c
k p sss ccc
n = 12
k p nn
m = """
k p sss
x = 1
sssss
"""
sss
`},
	{"a.ini", "; c\n[s]\nkey = a b\nurl=x=y\nflag", `
; c
ccc
[s]
www
key = a b
kkkkp sss
url=x=y
kkkpsss
flag
kkkk
`},
	{"a.xml", "<?xml?>\n<a b=\"c\">text &amp;<!-- c -->\n</a>", `
<?xml?>
wwwwwww
<a b="c">text &amp;<!-- c -->
kk kpsssk     wwwwwcccccccccc
</a>
kkkk
`},
	{"run", "#!/bin/sh\nif [ -n \"$A\" ]; then\n  B=1 echo 'x' # c\nfi", `
#!/bin/sh
ccccccccc
if [ -n "$A" ]; then
ww p    swws pp wwww
  B=1 echo 'x' # c
  kpn      sss ccc
fi
ww
`},
}

func TestCodeColours(t *testing.T) {
	for _, test := range colourTests {
		t.Run(test.key, func(t *testing.T) {
			got := mask(newCode(languageOf(test.key, test.text), test.text))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLanguageOf(t *testing.T) {
	for _, test := range []struct{ key, text, want string }{
		{"values.yaml", "", "yaml"}, {"CONFIG.YML", "", "yaml"}, {"a.json", "", "json"}, {"app.properties", "", "ini"},
		{"script", "#!/bin/bash\n", "bash"}, {"script", "#!/usr/bin/env python\n", "none"}, {"args", "set -e\n", "bash"},
		{"a", "{\n", "json"}, {"a", "  [1,\n2]", "json"}, {"a", "[\n", "json"}, {"a", "[main]\nx=1", "ini"},
		{"a", "<a>\n", "xml"},
		{"a", "---\nx", "yaml"}, {"a", "key: value\n", "yaml"}, {"a", "server.port: 1\n", "yaml"},
		{"a", "Note: this\n", "yaml"}, {"a", "some words: then\n", "none"}, {"a", "http://x\n", "none"},
		{"a", "hello\nworld", "none"}, {"a", "\n\n", "none"},
		{"README.md", "# a\n---\n", "none"}, {"tls.crt", "{", "none"}, {"a.txt", "{}", "none"}, {"a.unknown", "{\n", "json"},
	} {
		got := "none"
		for name, lexer := range lexers {
			if lexer == languageOf(test.key, test.text) {
				got = name
			}
		}
		if got != test.want {
			t.Errorf("%s %q: got %s, want %s", test.key, test.text, got, test.want)
		}
	}
}

// keepsText fails the test unless the rows of the code are those of its text.
func keepsText(t *testing.T, lexer *chroma.RegexLexer, text string) {
	t.Helper()
	c := newCode(lexer, text)
	for i, want := range strings.Split(text, "\n") {
		got := c.Row(i).String()
		if got != want {
			t.Fatalf("%s row %d: got %q, want %q", lexer, i, got, want)
		}
		for _, span := range c.Row(i) {
			if span.Text == "" {
				t.Fatalf("%s row %d: empty span", lexer, i)
			}
		}
	}
}

func TestCodeKeepsText(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(lexers)) {
		for _, s := range uglyStrings {
			keepsText(t, lexers[name], strings.ToValidUTF8(s, "?"))
		}
	}
}

func FuzzCode(f *testing.F) {
	for _, s := range uglyStrings {
		f.Add(s)
	}
	for _, s := range []string{
		"<a b='", "<!--", "\"\"\"\n", "'''a'''", "${", "$", "\"$", "[a", "a=b=c\n=", "- - a: b: c", "&a *b !c",
		"{a: [b, {c: d}]}", "a:\n\tb",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lexer := range lexers {
			keepsText(t, lexer, strings.ToValidUTF8(text, "?"))
		}
	})
}

func TestCodeIsColouredOnDemand(t *testing.T) {
	c := newCode(yamlLexer, strings.Repeat("key: value\n", 5000))
	c.Row(50)
	if n := len(c.done); n > 52 {
		t.Errorf("looking at row 50 coloured %d rows", n)
	}
	for name, long := range map[string]string{
		"text": strings.Repeat("key: value\n", codeMax/10), "row": "key: value\n" + strings.Repeat("x", rowMax+1),
	} {
		if row := newCode(yamlLexer, long).Row(0); len(row) != 1 || row[0].Text != "key: value" {
			t.Errorf("a %s above the limit is coloured: %v", name, row)
		}
	}
}

// TestHostileCodeIsFast gives every lexer rows that make it try and give up
// again and again; each takes some milliseconds.
func TestHostileCodeIsFast(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(lexers)) {
		for _, part := range []string{
			"a", "a ", "a: ", "a:", "\"", "\"a\" ", "'", "\\", "\\\"", "[a", "{", "<a ", "<!--", "-", "- ", "a=", "${",
			"\"$", "1.", "1 ", "&a", "|", ":", "~", "if ", "é\u0301", "a.b-",
		} {
			text := strings.Repeat(part, rowMax/2/len(part))
			start := time.Now() //nolint:forbidigo // This measures how long it takes.
			newCode(lexers[name], text).Row(0)
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("%s: %d bytes of %q take %v", name, len(text), part, took)
			}
		}
	}
}

func BenchmarkCode(b *testing.B) {
	text := strings.Repeat("key: value # comment\nlist: [1, two, \"three\"]\n", 250)
	b.Run("500 rows", func(b *testing.B) {
		for b.Loop() {
			newCode(yamlLexer, text).Row(499)
		}
	})
	b.Run("first 50 rows", func(b *testing.B) {
		for b.Loop() {
			newCode(yamlLexer, text).Row(49)
		}
	})
}
