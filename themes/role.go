package themes

// Role is what a piece of text means; a theme says how that looks. A text that
// brings a look along has it as its role (see Foreign).
type Role uint64

// The roles. OK to Failing are an object's health; the words next to them say the same,
// so that no meaning depends on a colour.
const (
	Text Role = iota
	Muted
	Accent
	Heading
	Border
	OK
	Waiting
	Degraded
	Failing
	Cursor // the row under the cursor
	Marked
	Match // what a search found
	MatchCurrent
	HeaderBar
	FooterBar
	KeyName // a key, where its use is explained
	Input
	SyntaxKey
	SyntaxString
	SyntaxNumber
	SyntaxBool
	SyntaxNull
	SyntaxComment
	SyntaxPunctuation
	SyntaxKeyword
	rolesEnd
)

// names are the roles as theme files write them.
var names = [rolesEnd]string{
	Text: "text", Muted: "muted", Accent: "accent", Heading: "heading", Border: "border",
	OK: "ok", Waiting: "waiting", Degraded: "degraded", Failing: "failing",
	Cursor: "cursor", Marked: "marked", Match: "match", MatchCurrent: "match-current",
	HeaderBar: "header-bar", FooterBar: "footer-bar", KeyName: "key-name", Input: "input",
	SyntaxKey: "syntax-key", SyntaxString: "syntax-string", SyntaxNumber: "syntax-number",
	SyntaxBool: "syntax-bool", SyntaxNull: "syntax-null", SyntaxComment: "syntax-comment",
	SyntaxPunctuation: "syntax-punctuation", SyntaxKeyword: "syntax-keyword",
}

// String is the role's name in theme files.
func (r Role) String() string {
	if r >= rolesEnd {
		return "foreign"
	}
	return names[r]
}
