package views

import (
	"fmt"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

func TestLogFilterScreens(t *testing.T) {
	drawLogScreens(t, []logScreen{
		{"filter with context", func(_ *testing.T, v *logs) {
			v.say(0, append(serviceLog(), logBatch(0, 20)...), "")
			v.Update(ui.Entered{Prompt: string(actFilterLines), Text: "level>=warn !healthz"})
			do(v, actAround)
		}},
		{"filter of a long log", func(_ *testing.T, v *logs) {
			lines := logBatch(0, 1000)
			for _, from := range []int{100, 420, 450, 720, 980} {
				for i := range lines[from : from+20] {
					lines[from+i].Text = fmt.Sprintf("ERROR line %d failed", from+i)
				}
			}
			v.say(0, lines, "")
			v.Update(ui.Entered{Prompt: string(actFilterLines), Text: "level>=error"})
			do(v, actFollow)
		}},
		{"filter being typed", func(_ *testing.T, v *logs) {
			v.say(0, serviceLog(), "")
			do(v, actFilterLines)
		}},
		{"filter that is none", func(_ *testing.T, v *logs) {
			v.say(0, serviceLog(), "")
			v.Update(ui.Typed{Prompt: string(actFilterLines), Text: "level>=bad"})
		}},
	})
}
