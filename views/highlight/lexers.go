package highlight

import "github.com/alecthomas/chroma/v2"

// The lexers are written for chroma's core: its own collection of lexers would
// add 4 MB to the program.
//
// Every rule consumes at least one character, and what a pattern reads before
// it gives up is bounded or skipped by the next rule, so that a hostile text
// costs no more than its length.

var jsonLexer = newLexer("json", chroma.Rules{
	"root": {
		rule(`\s+`, chroma.TextWhitespace),
		rule(`"(?>(?:[^"\\\n]|\\.)*)"(?=\s*:)`, chroma.NameTag),
		rule(`"(?>(?:[^"\\\n]|\\.)*)"?`, chroma.LiteralString),
		rule(`-?\d[\d.eE+-]*`, chroma.LiteralNumber),
		rule(`(?:true|false)\b`, chroma.KeywordConstant),
		rule(`null\b`, chroma.KeywordPseudo),
		rule(`[{}\[\],:]`, chroma.Punctuation),
		rule(`//.*`, chroma.Comment),
		rule(`\w+`, chroma.Text),
		rule(`.`, chroma.Text),
	},
})

// yamlValues are the scalars that YAML and TOML share.
var yamlValues = []chroma.Rule{
	rule(`"(?>(?:[^"\\\n]|\\.)*)"?`, chroma.LiteralString),
	rule(`'[^'\n]*'`, chroma.LiteralString),
	rule(`(?:true|false)(?=[ ,\]}]|$)`, chroma.KeywordConstant),
	rule(`(?:null|~)(?=[ ,\]}]|$)`, chroma.KeywordPseudo),
	rule(`[-+]?\d[\d_.:TZeE+-]*(?=[ ,\]}]|$)`, chroma.LiteralNumber),
}

var yamlLexer = newLexer("yaml", chroma.Rules{
	"root": join(
		rule(`\n`, chroma.TextWhitespace),
		rule(`[ \t]+`, chroma.TextWhitespace),
		rule(`#.*`, chroma.Comment),
		rule(`(?:---|\.\.\.)(?=\s|$)`, chroma.Punctuation),
		rule(`-(?=\s|$)`, chroma.Punctuation),
		rule(`"(?>(?:[^"\\\n]|\\.)*)"(?=\s*:(?:\s|$))`, chroma.NameTag),
		rule(`[^\s#"'&*!|>%@\[\]{},:-][^\n#:\[\]{},"]{0,120}(?=:(?:\s|$))`, chroma.NameTag),
		rule(`:(?=\s|$)`, chroma.Punctuation),
		rule(`[|>][-+0-9]*(?=\s|$)`, chroma.Punctuation),
		rule(`[&*!][^\s,\]}]*`, chroma.KeywordType),
		rule(`[\[\]{},]`, chroma.Punctuation),
		yamlValues,
		rule(`[^\s\[\]{},#:"']+`, chroma.LiteralString),
		rule(`.`, chroma.LiteralString),
	),
})

var tomlLexer = newLexer("toml", chroma.Rules{
	"root": join(
		rule(`\s+`, chroma.TextWhitespace),
		rule(`#.*`, chroma.Comment),
		rule(`^\[\[?[^\]\n]*\]?\]?`, chroma.KeywordNamespace),
		rule(`(?:[\w.-]+|"[^"\n]*")(?=[ \t]*=)`, chroma.NameTag),
		chroma.Rule{Pattern: `"""`, Type: chroma.LiteralString, Mutator: chroma.Push("basic")},
		chroma.Rule{Pattern: `'''`, Type: chroma.LiteralString, Mutator: chroma.Push("literal")},
		yamlValues,
		rule(`[=\[\]{},]`, chroma.Punctuation),
		rule(`[\w.-]+`, chroma.LiteralString),
		rule(`.`, chroma.LiteralString),
	),
	"basic": {
		chroma.Rule{Pattern: `"""`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
		rule(`[^"]+`, chroma.LiteralString),
		rule(`"`, chroma.LiteralString),
	},
	"literal": {
		chroma.Rule{Pattern: `'''`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
		rule(`[^']+`, chroma.LiteralString),
		rule(`'`, chroma.LiteralString),
	},
})

var iniLexer = newLexer("ini", chroma.Rules{
	"root": {
		rule(`\s+`, chroma.TextWhitespace),
		rule(`[#;].*`, chroma.Comment),
		rule(`\[[^\]\n]*\]?`, chroma.KeywordNamespace),
		chroma.Rule{Pattern: `[^=:\s][^=:\n]*`, Type: chroma.NameTag, Mutator: chroma.Push("value")},
		chroma.Rule{Pattern: `[=:]`, Type: chroma.Punctuation, Mutator: chroma.Push("value")},
	},
	"value": {
		chroma.Rule{Pattern: `\n`, Type: chroma.TextWhitespace, Mutator: chroma.Pop(1)},
		rule(`[ \t\r]+`, chroma.TextWhitespace),
		rule(`[=:]`, chroma.Punctuation),
		rule(`[^=:\s].*`, chroma.LiteralString),
	},
})

var xmlLexer = newLexer("xml", chroma.Rules{
	"root": {
		rule(`[^<&]+`, chroma.Text),
		rule(`&[^;\s<]*;?`, chroma.KeywordType),
		chroma.Rule{Pattern: `<!--`, Type: chroma.Comment, Mutator: chroma.Push("comment")},
		rule(`<[?!][^>]*>?`, chroma.KeywordType),
		chroma.Rule{Pattern: `</?[^\s/>]*`, Type: chroma.NameTag, Mutator: chroma.Push("tag")},
	},
	"comment": {
		chroma.Rule{Pattern: `-->`, Type: chroma.Comment, Mutator: chroma.Pop(1)},
		rule(`[^-]+`, chroma.Comment),
		rule(`-`, chroma.Comment),
	},
	"tag": {
		rule(`\s+`, chroma.TextWhitespace),
		chroma.Rule{Pattern: `/?>`, Type: chroma.NameTag, Mutator: chroma.Pop(1)},
		rule(`[^\s=>/"']+`, chroma.NameAttribute),
		rule(`"[^"]*"?|'[^']*'?`, chroma.LiteralString),
		rule(`[=/]`, chroma.Punctuation),
	},
})

const bashKeywords = "if|then|elif|else|fi|for|in|while|until|do|done|case|esac|function|select|return|exit|break|" +
	"continue|local|export|readonly|set|trap|exec|source|shift|unset"

var bashLexer = newLexer("bash", chroma.Rules{
	"root": {
		rule(`\s+`, chroma.TextWhitespace),
		rule(`#.*`, chroma.Comment),
		rule(`\\.`, chroma.LiteralString),
		rule(`'[^']*'?`, chroma.LiteralString),
		chroma.Rule{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Push("string")},
		rule(`\$(?:\w+|\{[^}\n]*\}?|[@#?$!*-])`, chroma.NameVariable),
		rule(`(?:`+bashKeywords+`)(?![\w.=/-])`, chroma.Keyword),
		rule(`\w+(?=\+?=)`, chroma.NameTag),
		rule(`[0-9]+(?![\w.-])`, chroma.LiteralNumber),
		rule(`[=(){}\[\];&|<>!$]`, chroma.Punctuation),
		rule("[^\\s\\\\'\"$=(){}\\[\\];&|<>!]+", chroma.Text),
		rule(`.`, chroma.Text),
	},
	"string": {
		chroma.Rule{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
		rule(`\\.`, chroma.LiteralString),
		rule(`\$(?:\w+|\{[^}\n]*\}?|[@#?$!*-])`, chroma.NameVariable),
		rule(`[^"\\$]+`, chroma.LiteralString),
		rule(`[\\$]`, chroma.LiteralString),
	},
})

func newLexer(name string, rules chroma.Rules) *chroma.RegexLexer {
	return chroma.MustNewLexer(&chroma.Config{Name: name}, func() chroma.Rules { return rules })
}

func rule(pattern string, is chroma.TokenType) chroma.Rule {
	return chroma.Rule{Pattern: pattern, Type: is}
}

// join makes a state of rules and lists of rules.
func join(parts ...any) []chroma.Rule {
	var out []chroma.Rule
	for _, part := range parts {
		switch part := part.(type) {
		case chroma.Rule:
			out = append(out, part)
		case []chroma.Rule:
			out = append(out, part...)
		}
	}
	return out
}
