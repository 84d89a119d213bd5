package ui

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// again is a page that can be gone forward to.
type again struct {
	*page
	opened *int
}

func (a again) Reopen() View {
	*a.opened++
	return again{&page{name: fmt.Sprintf("%s, again", a.name), keys: a.keys, intents: a.intents}, a.opened}
}

// TestForward goes back and forward, until another view is opened.
func TestForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := 0
		view := home()
		view.intents["open"] = Open{again{&page{name: "pod web-1"}, &opened}}
		view.intents["logs"] = Open{&page{name: "a question"}}
		d := drive(t, Options{Home: view}, 80, 24)
		d.press("]")
		d.contains("there is nothing to go forward to")
		d.press("enter", "esc", "]")
		d.contains("pod web-1, again")
		d.press("[", "]")
		d.contains("pod web-1, again, again")
		d.press("[", "l", "[") // What has no way back is not returned to, and what was opened is a new way.
		d.press("]")
		d.contains("there is nothing to go forward to")
		if opened != 2 {
			t.Errorf("it was opened again %d times, want 2", opened)
		}
		d.press("[", "[")
		if d.quit {
			t.Error("[ quits at the first view")
		}
	})
}
