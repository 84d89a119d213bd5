// Package highlight colours text in somebody else's language: the scripts and
// config files that objects carry.
//
// It knows just enough of each language to tell keys, values and comments
// apart. It never changes what is read, it does not clean text (whoever shows
// it does), and it never reports an error: what it does not understand is
// plain.
package highlight

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Code is a text, coloured as far down as it has been looked at. It is used from
// one goroutine.
type Code struct {
	rows   []string
	text   string             // what lexer has to read
	lexer  *chroma.RegexLexer // nil for plain text, and once started
	tokens chroma.Iterator    // nil before it is started, and at its end
	done   []ui.Line          // the rows whose colours are known
	line   ui.Line            // the row that tokens is in
	offset int                // in that row
}

// A text above codeMax bytes stays plain, and so does one with a row above
// rowMax: a row is coloured as a whole, at some microseconds a byte.
const (
	codeMax = 256 << 10
	rowMax  = 4 << 10
)

// New splits a text into rows. The language is found by the key that the text
// stands under and by how it begins.
func New(key, text string) *Code { return newCode(languageOf(key, text), text) }

// newCode splits a text into rows. A nil lexer leaves it plain.
func newCode(lexer *chroma.RegexLexer, text string) *Code {
	c := &Code{rows: strings.Split(text, "\n")}
	long := func(row string) bool { return len(row) > rowMax }
	if len(text) <= codeMax && !slices.ContainsFunc(c.rows, long) {
		c.text, c.lexer = text, lexer
	}
	return c
}

// startLexer is called when a row is asked for: a text that nobody looks at
// costs nothing.
func (c *Code) startLexer() {
	tokens, err := c.lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, c.text)
	if err != nil {
		panic(err) // The rules of this package are wrong.
	}
	c.tokens, c.lexer, c.text = tokens, nil, ""
}

// Len is the number of rows.
func (c *Code) Len() int { return len(c.rows) }

// Text returns one row without colours.
func (c *Code) Text(i int) string { return c.rows[i] }

// Row returns the spans of one row; none of them is empty.
func (c *Code) Row(i int) ui.Line {
	if c.lexer != nil {
		c.startLexer()
	}
	for c.tokens != nil && len(c.done) <= i {
		token := c.tokens()
		if token == chroma.EOF {
			c.tokens = nil
			if c.line != nil {
				c.endRow()
			}
			break
		}
		c.addToken(token)
	}
	switch {
	case i < len(c.done):
		return c.done[i]
	case c.rows[i] == "":
		return nil
	}
	return ui.Line{{Text: c.rows[i], Role: themes.SyntaxString}}
}

// addToken colours the text of the next token. What is shown is always cut from
// the rows themselves, so that nothing a lexer does can change what is read.
func (c *Code) addToken(token chroma.Token) {
	role := roleOf(token.Type)
	for text := token.Value; text != ""; {
		if text[0] == '\n' {
			c.endRow()
			text = text[1:]
			continue
		}
		part, _, _ := strings.Cut(text, "\n")
		c.addSpan(len(part), role)
		text = text[len(part):]
	}
}

func (c *Code) addSpan(size int, role themes.Role) {
	if len(c.done) >= len(c.rows) {
		return
	}
	row, start := c.rows[len(c.done)], c.offset
	c.offset = min(start+size, len(row))
	text := row[start:c.offset]
	if text == "" {
		return
	}
	first, _ := utf8.DecodeRuneInString(text)
	if n := len(c.line); n > 0 && (c.line[n-1].Role == role || unicode.Is(unicode.M, first)) {
		last := &c.line[n-1] // A mark belongs to the letter before it.
		last.Text = row[start-len(last.Text) : c.offset]
		return
	}
	c.line = append(c.line, ui.Span{Text: text, Role: role})
}

func (c *Code) endRow() {
	if len(c.done) < len(c.rows) {
		c.addSpan(len(c.rows[len(c.done)])-c.offset, themes.Text)
	}
	c.done = append(c.done, c.line)
	c.line, c.offset = nil, 0
}

func roleOf(t chroma.TokenType) themes.Role {
	switch {
	case t == chroma.NameTag, t == chroma.NameAttribute:
		return themes.SyntaxKey
	case t == chroma.KeywordConstant:
		return themes.SyntaxBool
	case t == chroma.KeywordPseudo:
		return themes.SyntaxNull
	case t.InCategory(chroma.Keyword), t == chroma.NameBuiltin, t == chroma.NameVariable:
		return themes.SyntaxKeyword
	case t.InSubCategory(chroma.LiteralNumber):
		return themes.SyntaxNumber
	case t.InCategory(chroma.Literal):
		return themes.SyntaxString
	case t.InCategory(chroma.Comment):
		return themes.SyntaxComment
	case t.InCategory(chroma.Punctuation), t.InCategory(chroma.Operator):
		return themes.SyntaxPunctuation
	}
	return themes.Text
}

// languageOf returns the lexer for a text that stands under a key: by the key's
// extension, as ConfigMaps name files, else by how the text begins. It is nil
// for plain text.
func languageOf(key, text string) *chroma.RegexLexer {
	if lexer, known := languages[strings.ToLower(strings.TrimPrefix(path.Ext(key), "."))]; known {
		return lexer
	}
	text = strings.TrimLeft(text, " \n\t\r")
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case strings.HasPrefix(first, "#!") && strings.Contains(first, "sh"), strings.HasPrefix(first, "set -"):
		return bashLexer
	case strings.HasPrefix(first, "<"):
		return xmlLexer
	case strings.HasPrefix(first, "{"), jsonList(first):
		return jsonLexer
	case strings.HasPrefix(first, "[") && strings.Contains(first, "]"):
		return iniLexer
	case strings.HasPrefix(first, "---"), yamlStart(first):
		return yamlLexer
	}
	return nil
}

// jsonList tells a list of JSON values from the [section] of an ini file.
func jsonList(first string) bool {
	rest, ok := strings.CutPrefix(first, "[")
	rest = strings.TrimLeft(rest, " ")
	return ok && (rest == "" || strings.IndexByte("{[]\"-0123456789", rest[0]) >= 0)
}

// yamlStart reports whether a first line is "key:" or "key: value" with a key of
// one word.
func yamlStart(first string) bool {
	key, rest, ok := strings.Cut(first, ":")
	return ok && key != "" && (rest == "" || rest[0] == ' ') &&
		strings.IndexFunc(key, func(r rune) bool {
			return r != '_' && r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) < 0
}

// languages maps extensions to lexers. Nil is for text that must stay plain
// even if it begins like one of them.
var languages = map[string]*chroma.RegexLexer{
	"yaml": yamlLexer, "yml": yamlLexer,
	"json": jsonLexer, "jsonl": jsonLexer,
	"toml": tomlLexer,
	"ini":  iniLexer, "cfg": iniLexer, "cnf": iniLexer, "properties": iniLexer, "env": iniLexer,
	"xml": xmlLexer, "html": xmlLexer, "xsd": xmlLexer, "xslt": xmlLexer,
	"sh": bashLexer, "bash": bashLexer,
	"txt": nil, "md": nil, "csv": nil, "crt": nil, "pem": nil, "key": nil,
}
