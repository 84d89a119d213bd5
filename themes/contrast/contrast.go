// Package contrast computes how well one colour stands out from another. Only tests import it.
package contrast

import (
	"image/color"
	"math"
)

// What WCAG 2 asks for.
const (
	Text  = 4.5
	Lines = 3.0 // and whatever else is not text
)

// Ratio is the contrast of two colours as WCAG 2 defines it, from 1 to 21.
func Ratio(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	red, green, blue, _ := c.RGBA()
	return 0.2126*linear(red) + 0.7152*linear(green) + 0.0722*linear(blue)
}
