package contrast

import (
	"image/color"
	"math"
	"testing"
)

func TestRatio(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b color.Color
		want float64
	}{
		{"black on white", color.Black, color.White, 21},
		{"white on black", color.White, color.Black, 21},
		{"a colour on itself", color.Gray{0x80}, color.Gray{0x80}, 1},
		// As the examples of WCAG's tools have it: #767676 is the lightest grey that passes on white.
		{"the lightest grey that passes", color.Gray{0x76}, color.White, 4.54},
		{"yellow on white", color.RGBA{0xff, 0xff, 0, 0xff}, color.White, 1.07},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Ratio(tt.a, tt.b); math.Abs(got-tt.want) > 0.01 {
				t.Errorf("got %.2f, want %.2f", got, tt.want)
			}
		})
	}
}
