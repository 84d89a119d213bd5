package ui

import (
	"testing"
	"testing/synctest"
	"time"
)

// ask is how a view asks before an effect runs.
func ask(then Effect) Confirm { return Confirm{Question: then.String() + "?", Then: then} }

// TestTypedConfirmation wants a word to be typed, whole, before anything happens.
func TestTypedConfirmation(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		ran  int
	}{
		{"nothing", []string{"enter"}, 0},
		{"keys that mean yes elsewhere", []string{"y", "enter", "tab", "enter"}, 0},
		{"a part", []string{"p", "r", "o", "enter"}, 0},
		{"more", []string{"p", "r", "o", "d", "x", "enter"}, 0},
		{"the word", []string{"p", "r", "o", "d", "enter"}, 1},
		{"corrected", []string{"p", "r", "x", "backspace", "o", "d", "enter"}, 1},
		{"the word, and esc", []string{"p", "r", "o", "d", "esc", "enter"}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ran := 0
			view := home()
			then := removal{name: "web-1", ran: &ran}
			view.intents["delete"] = Confirm{Question: "delete?", Type: "prod", Then: then}
			d := drive(t, Options{Home: view}, 80, 24)
			d.press("D")
			d.contains("type prod and press enter:")
			d.press(c.keys...)
			if ran != c.ran {
				t.Errorf("%s: ran %d times, want %d", c.name, ran, c.ran)
			}
		})
	}
}

// TestLater counts down to an effect, which esc stops until then.
func TestLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		view := home()
		view.intents["delete"] = Later{Effect: removal{name: "web-1", ran: &ran}, Wait: 5 * time.Second}
		d := drive(t, Options{Home: view}, 80, 24)
		d.press("D")
		d.contains("in 5 s (esc stops it): delete pod web-1 in prod-eu")
		d.after(2100 * time.Millisecond)
		d.contains("in 3 s (esc stops it)")
		d.press("j", ":")
		d.contains("in 3 s (esc stops it)") // Also below what lies over the view.
		d.press("esc")
		d.contains("stopped, nothing was done: delete pod web-1")
		d.after(10 * time.Second)
		if ran != 0 {
			t.Fatal("it ran although it was stopped")
		}

		d.press("esc", "D", "D") // The last is stopped first.
		d.contains("esc stops it, 1 more wait")
		d.press("esc")
		d.after(6 * time.Second)
		if ran != 1 {
			t.Errorf("%d ran, want the one that was not stopped", ran)
		}
		d.contains("done: delete pod web-1 in prod-eu")
	})
}

// TestEscIsForWhereItIsPressed leaves an effect alone on another screen than the one it was asked for on.
func TestEscIsForWhereItIsPressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		view := home()
		view.intents["delete"] = Later{Effect: removal{name: "web-1", ran: &ran}, Wait: 5 * time.Second}
		d := drive(t, Options{Home: view}, 80, 24)
		d.press("D", "enter")
		d.contains("in 5 s (esc stops it back there): delete pod web-1")
		d.press("esc")
		d.contains("in 5 s (esc stops it): delete pod web-1")
		d.press("enter")
		d.after(6 * time.Second)
		if ran != 1 {
			t.Errorf("it ran %d times, want once", ran)
		}
	})
}

// TestQuitWaits does not end the program in the time in which an effect can be stopped.
func TestQuitWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		view := home()
		view.intents["delete"] = Later{Effect: removal{name: "web-1", ran: &ran}, Wait: 5 * time.Second}
		d := drive(t, Options{Home: view}, 80, 24)
		d.press("D", "q")
		if d.quit {
			t.Fatal("q ends the program although an effect waits")
		}
		d.contains("ctrl+c quits without it; in 5 s")
		d.press("ctrl+c")
		if !d.quit || ran != 0 {
			t.Errorf("ctrl+c: quit %v, ran %d", d.quit, ran)
		}
	})
}
