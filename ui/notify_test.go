package ui

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestNotify has a view notify more often than anybody wants to hear.
func TestNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		view.intents["logs"] = Notify{"fathom prod", "shop/web \x1b]0;owned\aCrashLoopBackOff"}
		view.intents["describe"] = Notify{"fathom prod", "shop/db is well again"}
		d := drive(t, Options{Home: view}, 80, 24)
		rung := func() string { return string(d.shell.renderer.Render(d.shell.picture)) }
		rung()
		d.press("l")
		first := rung()
		if !strings.HasPrefix(first, "\a\x1b]9;fathom prod: shop/web ]0;ownedCrashLoopBackOff\a") {
			t.Errorf("the terminal gets %q", first)
		}
		d.press("d", "l", "d")
		if again := rung(); strings.Contains(again, "\x1b]9") {
			t.Errorf("it rings again at once: %q", again)
		}
		d.after(noticeGap - time.Second)
		if again := rung(); strings.Contains(again, "\x1b]9") {
			t.Errorf("it rings too soon: %q", again)
		}
		d.after(2 * time.Second)
		if later := rung(); !strings.Contains(later, "\x1b]9;fathom prod: shop/db is well again; and 2 more\a") {
			t.Errorf("what came meanwhile is %q", later)
		}
		d.after(2 * noticeGap)
		if more := rung(); strings.Contains(more, "\x1b]9") {
			t.Errorf("it rings about nothing: %q", more)
		}
	})
}
