package themes

import (
	"image/color"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Theme says how every role looks on one kind of terminal. It is made by
// Definition.For, never changes, and may be used from any goroutine.
type Theme struct {
	// Background is painted behind everything; nil leaves the terminal's own.
	Background color.Color

	styles [rolesEnd]lipgloss.Style
	// on holds the SGR sequence of each role on each row. Tables, the pager and
	// logs write these: a style would be rendered for every cell.
	on [len(rows)][rolesEnd]string
	// bare reports whether blanks in on are those of the row.
	bare [len(rows)][rolesEnd]bool
	// foreign is set when Foreign looks are shown; profile says in how many colours.
	foreign bool
	profile colorprofile.Profile
}

// rows are the roles that others are painted on, and rowOf is where a role is
// among them. All other roles have the background of text.
var (
	rows  = [...]Role{Text, Cursor, HeaderBar, FooterBar}
	rowOf = [rolesEnd]uint8{Cursor: 1, HeaderBar: 2, FooterBar: 3}
)

// Plain adds nothing to any text.
var Plain = &Theme{}

const reset = "\x1b[m"

// Style returns the role's look.
func (t *Theme) Style(r Role) lipgloss.Style { return t.styles[r] }

// Start returns what is written before text of the role: an SGR sequence, or ""
// where the role looks like any text. What begins with a sequence ends with Stop.
func (t *Theme) Start(r Role) string { return t.StartOn(Text, r) }

// StartOn is Start for text on a row of another role (Cursor, HeaderBar, FooterBar),
// whose background it keeps: a state on the row under the cursor.
func (t *Theme) StartOn(row, r Role) string {
	if r >= rolesEnd {
		return t.foreignSequence(row, r)
	}
	return t.on[rowOf[row]][r]
}

// Bare reports whether blanks in the role's look on a row of another role look
// like the row's own: they have its background and no line under them.
func (t *Theme) Bare(row, r Role) bool { return r < rolesEnd && t.bare[rowOf[row]][r] }

// Stop ends what any Start began.
func (t *Theme) Stop() string { return reset }

// Paint returns text in the role's look.
func (t *Theme) Paint(r Role, text string) string { return t.PaintOn(Text, r, text) }

// PaintOn returns text in the role's look on a row of another role.
func (t *Theme) PaintOn(row, r Role, text string) string {
	if start := t.StartOn(row, r); start != "" && text != "" {
		return start + text + reset
	}
	return text
}

// compile makes the styles of a theme, and from them every sequence, so that
// drawing only copies these.
func (d *Definition) compile(p colorprofile.Profile) *Theme {
	t := &Theme{profile: p}
	// Nobody has seen a theme's sixteen colours on the nearest of the sixteen.
	if d.Background != "" && p != colorprofile.ANSI {
		t.Background = lipgloss.Color(d.Background)
	}
	var looks [rolesEnd]resolved
	for role, l := range d.looks {
		looks[role] = l.resolve(p)
		t.foreign = t.foreign || l.fg != (shade{}) || l.bg != (shade{})
		t.styles[role] = looks[role].style()
	}
	sequences := map[resolved]string{}
	for i, row := range rows {
		plain := looks[Text].over(looks[row], p)
		for role := range looks {
			look := looks[role].over(looks[row], p).severe(Role(role), looks[row], p)
			sequence, known := sequences[look]
			if !known {
				sequence = sequenceOf(look.style())
				sequences[look] = sequence
			}
			t.on[i][role] = sequence
			t.bare[i][role] = look.ground() == plain.ground()
		}
	}
	return t
}

// resolved is a look on one kind of terminal.
type resolved struct {
	fg, bg                                  color.Color
	bold, faint, italic, underline, reverse bool
}

func (l look) resolve(p colorprofile.Profile) resolved {
	pick := func(s shade) color.Color {
		if s == (shade{}) {
			return nil
		}
		return lipgloss.Complete(p)(s.of16, s.of256, s.trueColor)
	}
	return resolved{pick(l.fg), pick(l.bg), l.Bold, l.Faint, l.Italic, l.Underline, l.Reverse}
}

// over returns the look as it is on a row. A row with a look of its own keeps it
// where the two could make text unreadable: faint or red text in a reversed row,
// or any two of only sixteen colours, which nobody has seen side by side.
func (l resolved) over(row resolved, p colorprofile.Profile) resolved {
	if l.bg != nil || l.reverse {
		return l
	}
	out := row
	out.bold, out.italic, out.underline = row.bold || l.bold, row.italic || l.italic, row.underline || l.underline
	marked := row.bg != nil || row.reverse
	if !marked {
		out.faint = row.faint || l.faint
	}
	if l.fg != nil && (!marked || p != colorprofile.ANSI && !row.reverse) {
		out.fg = l.fg
	}
	return out
}

// severe returns the look with what tells how bad a state is where its colour is lost, as
// on a row in reverse.
func (l resolved) severe(role Role, row resolved, p colorprofile.Profile) resolved {
	if row.bg == nil && !row.reverse || p != colorprofile.ANSI && !row.reverse {
		return l
	}
	l.underline = l.underline || role == Degraded
	l.bold = l.bold || role == Failing
	return l
}

// ground returns what one sees of a look in blanks.
func (l resolved) ground() resolved {
	ground := resolved{bg: l.bg, reverse: l.reverse, underline: l.underline}
	if l.reverse {
		ground.fg = l.fg
	}
	return ground
}

// style returns the look as Lip Gloss's. What is not set is left out, so that
// nothing is written for it.
func (l resolved) style() lipgloss.Style {
	s := lipgloss.NewStyle()
	if l.fg != nil {
		s = s.Foreground(l.fg)
	}
	if l.bg != nil {
		s = s.Background(l.bg)
	}
	if l.bold {
		s = s.Bold(true)
	}
	if l.faint {
		s = s.Faint(true)
	}
	if l.italic {
		s = s.Italic(true)
	}
	if l.underline {
		s = s.Underline(true)
	}
	if l.reverse {
		s = s.Reverse(true)
	}
	return s
}

// sequenceOf returns the SGR sequence that text in a style begins with. Rendering a
// text and cutting that off would also work, but Lip Gloss sets underlines twice.
func sequenceOf(s lipgloss.Style) string {
	var sequence ansi.Style
	if s.GetBold() {
		sequence = sequence.Bold()
	}
	if s.GetFaint() {
		sequence = sequence.Faint()
	}
	if s.GetItalic() {
		sequence = sequence.Italic(true)
	}
	if s.GetUnderline() {
		sequence = sequence.Underline(true)
	}
	if s.GetReverse() {
		sequence = sequence.Reverse(true)
	}
	if fg := s.GetForeground(); fg != (lipgloss.NoColor{}) {
		sequence = sequence.ForegroundColor(fg)
	}
	if bg := s.GetBackground(); bg != (lipgloss.NoColor{}) {
		sequence = sequence.BackgroundColor(bg)
	}
	if len(sequence) == 0 {
		return ""
	}
	return sequence.String()
}
