package themes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sixteen are the terminal's own colours, in the order of their SGR codes.
var sixteen = []string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

// color is one colour as a theme file says it. The zero value leaves the
// terminal's own.
type color struct {
	rgb     [3]uint8
	index   uint8  // among the 256
	name    string // among the sixteen, "default", or ""
	trueRGB bool   // rgb and index are meant, name is the fallback
}

// parseColor reads a colour of a look: the name of one of the sixteen, which
// needs no fallback, or "#rrggbb", which needs both.
func parseColor(field, value string, index *int, name string) (color, error) {
	if !strings.HasPrefix(value, "#") {
		if index != nil || name != "" {
			return color{}, fmt.Errorf("%[1]s256 and %[1]s16 are fallbacks for a %[1]s like \"#rrggbb\"; leave them out", field)
		}
		if value == "" {
			return color{}, nil
		}
		return namedColor(field, value)
	}
	n, err := strconv.ParseUint(value[1:], 16, 32)
	if err != nil || len(value) != len("#rrggbb") {
		return color{}, fmt.Errorf("%s %q is no colour; write \"#rrggbb\"", field, value)
	}
	if index == nil || *index < 16 || *index > 255 {
		return color{}, fmt.Errorf("%s %s needs %s256, a number from 16 to 255, for terminals with 256 colours", field, value, field)
	}
	if name == "" {
		return color{}, fmt.Errorf("%s %s needs %s16 for terminals with 16 colours: %s", field, value, field, knownNames())
	}
	c, err := namedColor(field+"16", name)
	c.trueRGB, c.index = true, uint8(*index)
	c.rgb = [3]uint8{uint8(n >> 16), uint8(n >> 8), uint8(n)}
	return c, err
}

func namedColor(field, name string) (color, error) {
	if name != "default" && !slices.Contains(sixteen, name) {
		return color{}, fmt.Errorf("%s %q is no colour; write \"#rrggbb\" or one of %s", field, name, knownNames())
	}
	return color{name: name}, nil
}

func knownNames() string { return "default, " + strings.Join(sixteen, ", ") }

// sgr is the colour's SGR parameter, "" for the terminal's own. The base is 30
// for text and 40 for its background.
func (c color) sgr(depth depth, base int) string {
	switch {
	case c.trueRGB && depth == deepTrue:
		return fmt.Sprintf("%d;2;%d;%d;%d", base+8, c.rgb[0], c.rgb[1], c.rgb[2])
	case c.trueRGB && depth == deep256:
		return fmt.Sprintf("%d;5;%d", base+8, c.index)
	}
	switch i := slices.Index(sixteen, c.name); {
	case i < 0:
		return ""
	case i < 8:
		return strconv.Itoa(base + i)
	default:
		return strconv.Itoa(base + 60 + i - 8)
	}
}

// depth is how many colours a terminal shows.
type depth uint8

const (
	deep16 depth = iota
	deep256
	deepTrue
)
