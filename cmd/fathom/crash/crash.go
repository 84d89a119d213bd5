// Package crash gives the terminal back when the program cannot: after a panic in a
// goroutine of a library, a fatal error of the Go runtime, out of memory, SIGQUIT,
// SIGABRT or SIGKILL.
//
//	program ──control──> monitor: what gives the terminal back; "done" at a good end
//	        ──stderr───> monitor: what the Go runtime says about a crash
//
// The monitor is the same program, started again. It answers before the rest of it is
// initialised, so that it takes little memory, and therefore this package imports nothing
// that takes time. It waits until both pipes end. Without "done" it gives the terminal
// back at the first word of a crash, and keeps the trace in a file.
package crash

import "os"

// variable makes the program a monitor.
const variable = "FATHOM_CRASH_MONITOR"

func init() {
	if dir, asked := os.LookupEnv(variable); asked {
		os.Exit(monitor(dir))
	}
}
