package themes

import (
	imagecolor "image/color"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Foreign is a look that a text brings along instead of a meaning, as log lines
// with SGR sequences do. Where a theme has no colours, or the terminal shows
// none, such a text looks like any other.
type Foreign struct {
	Foreground, Background   Color
	Bold, Underline, Reverse bool
}

// Color is a colour that a text brings along. The zero value is the terminal's
// own.
type Color uint32

const (
	indexed   Color = 1 << 24
	rgb       Color = 1 << 25
	colorBits       = 26
)

// Indexed is one of a terminal's 256 colours.
func Indexed(i uint8) Color { return indexed | Color(i) }

// RGB is a true colour.
func RGB(r, g, b uint8) Color { return rgb | Color(r)<<16 | Color(g)<<8 | Color(b) }

// A Role from foreignRole on is a Foreign look: its colours in the lowest bits,
// then what else it is.
const (
	foreignRole   Role = 1 << 63
	boldRole      Role = 1 << (2 * colorBits)
	underlineRole Role = boldRole << 1
	reverseRole   Role = boldRole << 2
)

// Role returns the look as a role; the zero value is Text.
func (f Foreign) Role() Role {
	if f == (Foreign{}) {
		return Text
	}
	r := foreignRole | Role(f.Foreground) | Role(f.Background)<<colorBits
	for _, flag := range []struct {
		on   bool
		role Role
	}{{f.Bold, boldRole}, {f.Underline, underlineRole}, {f.Reverse, reverseRole}} {
		if flag.on {
			r |= flag.role
		}
	}
	return r
}

// foreignSequence returns what is written before text of a Foreign look. On the
// row of another role it looks like that row, whose colours nobody chose to go
// with it.
func (t *Theme) foreignSequence(row, r Role) string {
	if row != Text || !t.foreign {
		return t.on[rowOf[row]][Text]
	}
	var parameters []string
	for _, attribute := range []struct {
		role Role
		code string
	}{{boldRole, "1"}, {underlineRole, "4"}, {reverseRole, "7"}} {
		if r&attribute.role != 0 {
			parameters = append(parameters, attribute.code)
		}
	}
	const mask = 1<<colorBits - 1
	parameters = append(parameters, Color(r&mask).sgr(t.profile, 30)...)
	parameters = append(parameters, Color(r>>colorBits&mask).sgr(t.profile, 40)...)
	return "\x1b[" + strings.Join(parameters, ";") + "m"
}

// sgr returns the colour's SGR parameters on a kind of terminal. The base is
// 30 for text and 40 for its background.
func (c Color) sgr(p colorprofile.Profile, base int) []string {
	i := int(c & 0xff)
	switch {
	case c == 0:
		return nil
	case c&rgb != 0 && p == colorprofile.TrueColor:
		r, g := int(c>>16&0xff), int(c>>8&0xff)
		return []string{strconv.Itoa(base + 8), "2", strconv.Itoa(r), strconv.Itoa(g), strconv.Itoa(i)}
	case c&rgb != 0:
		own := imagecolor.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 0xff}
		if p == colorprofile.ANSI {
			i = int(ansi.Convert16(own))
		} else {
			i = int(ansi.Convert256(own))
		}
	case i > 15 && p == colorprofile.ANSI:
		i = int(ansi.Convert16(ansi.IndexedColor(i)))
	}
	switch {
	case i < 8:
		return []string{strconv.Itoa(base + i)}
	case i < 16:
		return []string{strconv.Itoa(base + 60 + i - 8)}
	}
	return []string{strconv.Itoa(base + 8), "5", strconv.Itoa(i)}
}
