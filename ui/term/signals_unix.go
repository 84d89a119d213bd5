//go:build unix

package term

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// NotifyResize sends a signal for each change of the terminal's size. The returned
// function ends that.
func NotifyResize(resizes chan os.Signal) (stop func()) {
	signal.Notify(resizes, syscall.SIGWINCH)
	return func() { signal.Stop(resizes) }
}

// stopProcess stops the process group, as ctrl+z does for other programs, and
// returns when it runs again.
func stopProcess() {
	awake := make(chan os.Signal, 1)
	signal.Notify(awake, syscall.SIGCONT)
	defer signal.Stop(awake)
	if syscall.Kill(0, syscall.SIGTSTP) != nil {
		return
	}
	timer := time.NewTimer(wakeLimit)
	defer timer.Stop()
	select {
	case <-awake:
	case <-timer.C:
	}
}
