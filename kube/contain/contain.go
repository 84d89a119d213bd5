// Package contain keeps a panic from ending the program: it starts every goroutine of
// kube and of what is below it, and turns a panic into an error where somebody waits
// for an answer. It does not know who learns of it.
package contain

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"strings"
	"time"
)

// Report gets every panic: on one line the work, the value, and the functions between
// the panic and here. The text is not clean. It is called from the goroutine that
// panicked; nil drops the text.
type Report func(text string)

// Error is what a panic becomes where an answer was awaited. Its text is one line, and
// not clean.
type Error struct{ Value string }

// Error implements error.
func (e *Error) Error() string { return "panic: " + e.Value + " (the messages view says where)" }

// Start runs do in a new goroutine, which a panic ends; what names the work. do must
// use a defer to release what others wait for.
func (r Report) Start(what any, do func()) {
	go func() {
		defer r.Recover(what, nil)
		do()
	}()
}

// StartAfter is time.AfterFunc with the goroutine that Start makes.
func (r Report) StartAfter(wait time.Duration, what any, do func()) *time.Timer {
	return time.AfterFunc(wait, func() {
		defer r.Recover(what, nil)
		do()
	})
}

// StartWhenDone is context.AfterFunc with the goroutine that Start makes.
func (r Report) StartWhenDone(ctx context.Context, what any, do func()) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		defer r.Recover(what, nil)
		do()
	})
}

// Recover turns a panic of the function that defers it into an error, and reports it:
//
//	func (d *decoder) next() (err error) {
//		defer report.Recover(d, &err)
//
// what names the work; it is printed only when it is needed. err may be nil.
func (r Report) Recover(what any, err *error) { r.Recovered(recover(), what, err) }

// Recovered is Recover for who called recover already, in the function that is
// deferred: Go wants it there.
func (r Report) Recovered(value, what any, err *error) {
	if value == nil {
		return
	}
	text := oneLine(valueText(value))
	if r != nil {
		r(fmt.Sprintf("%s: panic: %s; %s", oneLine(fmt.Sprint(what)), text, stack()))
	}
	if err != nil {
		*err = &Error{text}
	}
}

// valueText returns the words of a panic. A value of another type may be an object, which
// could be a Secret: its type says where to look.
func valueText(value any) string {
	switch value := value.(type) {
	case error:
		return fmt.Sprint(value) // Error may panic itself.
	case string:
		return value
	}
	return fmt.Sprintf("a value of type %T", value)
}

// valueMax bounds how much of those words is shown.
const valueMax = 256

func oneLine(text string) string {
	if len(text) > valueMax {
		text = text[:valueMax] + "…"
	}
	return strings.Join(strings.Fields(text), " ")
}

// stackFrames is how many callers of a panic are named.
const stackFrames = 16

// stack returns the functions between a panic and the one that recovers it, the
// innermost first, on one line.
func stack() string {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	var calls []string
	for more := true; more && len(calls) < stackFrames; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") || isRecovering(f.Function) {
			continue
		}
		calls = append(calls, fmt.Sprintf("%s (%s:%d)", path.Base(f.Function), path.Base(f.File), f.Line))
	}
	return "in " + strings.Join(calls, " < ")
}

// isRecovering reports whether a function is one of those between recover and stack.
func isRecovering(function string) bool {
	return strings.HasSuffix(function, ").Recover") || strings.HasSuffix(function, "contain.Report.Recover") ||
		strings.HasSuffix(function, "contain.Report.Recovered") || strings.HasSuffix(function, "contain.stack")
}
