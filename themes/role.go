// Package themes holds the colours, by meaning. One YAML file is one theme.
package themes

// Role is what a piece of text means; a theme says how that looks.
type Role uint8

// The roles. Failing to OK are an object's health; the words beside them say
// the same, so that no meaning hangs on a colour.
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
	Cursor
	Marked
	Match
	MatchCurrent
	HeaderBar
	FooterBar
	KeyName
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
