package themes

import (
	"cmp"
	"strings"
)

// Theme says how every role looks on one kind of terminal. It is made by
// Definition.For, never changes, and may be used from any goroutine.
type Theme struct {
	// on holds the SGR sequence of each role on a row of each role.
	on [rolesEnd][rolesEnd]string
	// bare says whether blanks in on are those of the row.
	bare [rolesEnd][rolesEnd]bool
	// foreign is set when a Foreign look shows; depth is in how many colours.
	foreign bool
	depth   depth
}

// Plain adds nothing to any text.
var Plain = &Theme{}

const reset = "\x1b[m"

// Start is what is written before text of the role: an SGR sequence, or ""
// where the role looks like any text. What begins with a sequence ends with
// Stop.
func (t *Theme) Start(r Role) string { return t.StartOn(Text, r) }

// StartOn is Start for text on a row of another role, whose background it
// keeps: a state on the row under the cursor or in the header bar.
func (t *Theme) StartOn(row, r Role) string {
	if r >= rolesEnd {
		return t.foreignSequence(row, r)
	}
	return t.on[row][r]
}

// Bare says whether blanks in the role's look on a row of another role are seen
// as the row's own: they have its background and no line under them.
func (t *Theme) Bare(row, r Role) bool { return r < rolesEnd && t.bare[row][r] }

// Stop ends what any Start began.
func (t *Theme) Stop() string { return reset }

// Paint is text in the role's look.
func (t *Theme) Paint(r Role, text string) string { return t.PaintOn(Text, r, text) }

// PaintOn is text in the role's look on a row of another role.
func (t *Theme) PaintOn(row, r Role, text string) string {
	if start := t.StartOn(row, r); start != "" && text != "" {
		return start + text + reset
	}
	return text
}

// compile writes down every sequence, so that drawing only copies them.
func (s *Definition) compile(d depth) *Theme {
	t := &Theme{depth: d}
	for _, l := range s.looks {
		t.foreign = t.foreign || l.fg != (color{}) || l.bg != (color{})
	}
	var styles [rolesEnd]style
	for role, l := range s.looks {
		styles[role] = l.style(d)
	}
	for row := range styles {
		for role := range styles {
			look, own := styles[role].over(styles[row], d), styles[Text].over(styles[row], d)
			t.on[row][role] = look.sequence()
			t.bare[row][role] = look.ground() == own.ground()
		}
	}
	return t
}

// style is a look for one depth: SGR parameters, "" for the terminal's own.
type style struct {
	fg, bg  string
	reverse bool
	attrs   [4]bool // bold, faint, italic, underline
}

func (l look) style(d depth) style {
	return style{
		fg: l.fg.sgr(d, 30), bg: l.bg.sgr(d, 40), reverse: l.Reverse,
		attrs: [4]bool{l.Bold, l.Faint, l.Italic, l.Underline},
	}
}

// over is the style as it looks on a row. A row with a look of its own keeps
// it where the two could make text unreadable: faint or red text in a reversed
// row, or any two of only sixteen colours, which nobody has seen side by side.
func (s style) over(row style, d depth) style {
	if s.bg != "" || s.reverse {
		return s
	}
	out := row
	for i := range s.attrs {
		out.attrs[i] = row.attrs[i] || s.attrs[i]
	}
	marked := row.bg != "" || row.reverse
	if !marked || d != deep16 && !row.reverse {
		out.fg = cmp.Or(s.fg, row.fg)
	}
	if marked {
		out.attrs[1] = row.attrs[1]
	}
	return out
}

// ground is what is seen of a style in blanks.
func (s style) ground() style {
	ground := style{bg: s.bg, reverse: s.reverse}
	if s.reverse {
		ground.fg = s.fg
	}
	ground.attrs[3] = s.attrs[3]
	return ground
}

func (s style) sequence() string {
	var parameters []string
	for i, on := range s.attrs {
		if on {
			parameters = append(parameters, string(rune('1'+i)))
		}
	}
	if s.reverse {
		parameters = append(parameters, "7")
	}
	for _, color := range []string{s.fg, s.bg} {
		if color != "" {
			parameters = append(parameters, color)
		}
	}
	if parameters == nil {
		return ""
	}
	return "\x1b[" + strings.Join(parameters, ";") + "m"
}
