package themes

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
)

// sixteen are the terminal's own colours, in the order of their numbers.
var sixteen = []string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

// shade is one colour as a theme file gives it: a colour for each kind of
// terminal. Nil leaves the terminal's own.
type shade struct{ of16, of256, trueColor color.Color }

// parseShade reads a colour of a look: the name of one of the sixteen, which
// needs no fallback, or "#rrggbb", which needs both.
func parseShade(field, value string, index *int, name string) (shade, error) {
	if !strings.HasPrefix(value, "#") {
		if index != nil || name != "" {
			return shade{}, fmt.Errorf(
				"%[1]s256 and %[1]s16 are fallbacks for a %[1]s like \"#rrggbb\"; omit them", field)
		}
		if value == "" {
			return shade{}, nil
		}
		named, err := namedColor(field, value)
		return shade{named, named, named}, err
	}
	if !isHex(value) {
		return shade{}, fmt.Errorf("%s: %q is not a colour; write \"#rrggbb\"", field, value)
	}
	if index == nil || *index < 16 || *index > 255 {
		return shade{}, fmt.Errorf("%s %s needs %s256, a number from 16 to 255, for terminals with 256 colours",
			field, value, field)
	}
	if name == "" {
		return shade{}, fmt.Errorf("%s %s needs %s16 for terminals with 16 colours: %s", field, value, field, knownNames())
	}
	named, err := namedColor(field+"16", name)
	return shade{named, lipgloss.Color(strconv.Itoa(*index)), lipgloss.Color(value)}, err
}

// isHex reports whether a colour is written like "#rrggbb".
func isHex(value string) bool {
	_, err := strconv.ParseUint(strings.TrimPrefix(value, "#"), 16, 32)
	return err == nil && len(value) == len("#rrggbb") && value[0] == '#'
}

func namedColor(field, name string) (color.Color, error) {
	index := slices.Index(sixteen, name)
	switch {
	case index >= 0:
		return lipgloss.Color(strconv.Itoa(index)), nil
	case name == "default":
		return nil, nil
	}
	return nil, fmt.Errorf("%s: %q is not a colour; write \"#rrggbb\" or one of %s", field, name, knownNames())
}

func knownNames() string { return "default, " + strings.Join(sixteen, ", ") }
