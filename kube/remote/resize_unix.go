//go:build unix

package remote

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyResize sends a signal for each change of the terminal's size, until stop.
func notifyResize(resized chan os.Signal, _ func(what any, do func())) (stop func()) {
	signal.Notify(resized, syscall.SIGWINCH)
	return func() { signal.Stop(resized) }
}
