package kube

import (
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// What runs in the background must not end the program, whatever it gets: a describer
// or a printer that trips over an object, a parser, an answer that nobody has seen
// before. So every goroutine of this package begins with Messages.Start, and code whose
// result is awaited turns a panic into an error with Messages.Recover.

// panicError is the error that a panic became.
type panicError struct{ value string }

func (e *panicError) Error() string { return "panic: " + e.value + " (the messages view says where)" }

// Start runs do in a new goroutine. A panic ends only that goroutine, and becomes a
// message; what names the work there. do must use a defer to release what others wait
// for.
func (m *Messages) Start(what any, do func()) {
	go func() {
		defer m.Recover(what, nil)
		do()
	}()
}

// Recover turns a panic of the function that defers it into an error, and puts
// the panic and its stack into the messages:
//
//	func (d *decoder) next() (err error) {
//		defer messages.Recover(d, &err)
//
// what names the work; it is printed only when it is needed. err may be nil.
func (m *Messages) Recover(what any, err *error) {
	value := recover()
	if value == nil {
		return
	}
	text := kinds.Clean(strings.Join(strings.Fields(fmt.Sprint(value)), " "))
	m.Add("error", fmt.Sprintf("%v: panic: %s; %s", what, text, panicStack()))
	if err != nil {
		*err = &panicError{text}
	}
}

// stackFrames is how many callers of a panic a message names.
const stackFrames = 16

// panicStack returns the functions between a panic and the one that recovers it,
// the innermost first, on one line.
func panicStack() string {
	var counters [64]uintptr
	// Leave out Callers itself, panicStack and Recover.
	frames := runtime.CallersFrames(counters[:runtime.Callers(3, counters[:])])
	var calls []string
	for more := true; more && len(calls) < stackFrames; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") {
			continue
		}
		calls = append(calls, fmt.Sprintf("%s (%s:%d)", path.Base(f.Function), path.Base(f.File), f.Line))
	}
	return "in " + strings.Join(calls, " < ")
}

// containLibraries lets client-go's own goroutines end with a log line where
// they would end the program.
var containLibraries = sync.OnceFunc(func() { utilruntime.ReallyCrash = false })
