package themes

// Theme says how every role looks on one kind of terminal. It is made by
// Source.For, never changes, and may be used from any goroutine.
type Theme struct {
	// on holds, for each role, how it looks on a row of each role: colours
	// of the text, background of the row.
	on [rolesEnd][rolesEnd]string
}

// Plain adds nothing to any text.
var Plain = &Theme{}

const reset = "\x1b[m"

// Start is what is written before text of the role; Stop comes after it.
// Both are empty where the role adds nothing.
func (t *Theme) Start(r Role) string { return t.on[Text][r] }

// StartOn is Start for text on a row of another role, which keeps its
// background: a state on the row under the cursor, a mark in the header bar.
func (t *Theme) StartOn(row, r Role) string { return t.on[row][r] }

// Stop ends what any Start began.
func (t *Theme) Stop() string { return reset }

// Paint is text in the role's look.
func (t *Theme) Paint(r Role, text string) string {
	if start := t.on[Text][r]; start != "" && text != "" {
		return start + text + reset
	}
	return text
}
