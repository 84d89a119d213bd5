package logbuf

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const escape = "\x1b"

// appendColoured appends a line's text as spans that look as its SGR sequences
// say; where they say nothing it looks like its role. A line begins without any
// look, whatever the one before it ended with.
func appendColoured(line ui.Line, text string, role themes.Role) ui.Line {
	look := themes.Foreign{}
	for text != "" {
		if text[0] == escape[0] {
			parameters, length := kinds.SGR(text) // kinds.CleanLog leaves nothing else that escapes.
			applySGR(&look, parameters)
			text = text[max(length, len(escape)):]
			continue
		}
		end := strings.Index(text, escape)
		if end < 0 {
			end = len(text)
		}
		span := ui.Span{Text: text[:end], Role: role}
		if look != (themes.Foreign{}) {
			span.Role = look.Role()
		}
		line = append(line, span)
		text = text[end:]
	}
	return line
}

// applySGR changes a look as the parameters of a sequence say.
func applySGR(look *themes.Foreign, parameters string) {
	if parameters == "" {
		*look = themes.Foreign{}
	}
	for parameters != "" {
		code, rest, _ := kinds.NextSGR(parameters)
		parameters = rest
		switch n := code.Value; {
		case n == 0:
			*look = themes.Foreign{}
		case n == 1:
			look.Bold = true
		case n == 22:
			look.Bold = false
		case n == 4:
			look.Underline = true
		case n == 24:
			look.Underline = false
		case n == 7:
			look.Reverse = true
		case n == 27:
			look.Reverse = false
		case n == 38, n >= 30 && n <= 37, n >= 90 && n <= 97:
			look.Foreground = colourOf(code, 30)
		case n == 39:
			look.Foreground = 0
		case n == 48, n >= 40 && n <= 47, n >= 100 && n <= 107:
			look.Background = colourOf(code, 40)
		case n == 49:
			look.Background = 0
		}
	}
}

// colourOf returns the colour that an instruction chooses; base is 30 for text
// and 40 for its background.
func colourOf(code kinds.SGRCode, base int) themes.Color {
	switch {
	case len(code.Color) == 3:
		return themes.RGB(code.Color[0], code.Color[1], code.Color[2])
	case len(code.Color) == 1:
		return themes.Indexed(code.Color[0])
	case code.Value >= base+60:
		return themes.Indexed(uint8(code.Value - base - 60 + 8))
	}
	return themes.Indexed(uint8(code.Value - base))
}
