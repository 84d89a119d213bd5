package remote

import (
	"os"
	"time"
)

// resizeLook is how often the size of a terminal is looked at: Windows has no signal that
// says when it changes.
const resizeLook = 250 * time.Millisecond

// notifyResize sends a signal whenever the terminal's size may have changed, until stop.
func notifyResize(resized chan os.Signal, start func(what any, do func())) (stop func()) {
	ticker, done := time.NewTicker(resizeLook), make(chan struct{})
	start("size of the terminal", func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				select {
				case resized <- os.Interrupt:
				default:
				}
			}
		}
	})
	return func() {
		ticker.Stop()
		close(done)
	}
}
