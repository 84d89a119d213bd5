package term

import (
	"os"
	"time"
)

// resizeLook is how often the size of a terminal is looked at: Windows has no
// signal that says when it changes.
const resizeLook = 250 * time.Millisecond

// NotifyResize sends a signal whenever the terminal's size may have changed. The
// returned function ends that.
func NotifyResize(resizes chan os.Signal) (stop func()) {
	ticker, done := time.NewTicker(resizeLook), make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				select {
				case resizes <- os.Interrupt:
				default:
				}
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

// stopProcess does nothing: Windows cannot stop a process from its terminal.
func stopProcess() {}
