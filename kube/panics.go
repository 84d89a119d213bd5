package kube

import (
	"fmt"
	"sync"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"

	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// What runs in the background must not end the program, whatever it gets: a describer
// or a printer that trips over an object, a parser, an answer that nobody has seen
// before. So every goroutine of this package begins with Messages.Start or another of
// contain's helpers, and code whose result is awaited turns a panic into an error with
// Messages.Recover.

// Panicked puts a panic that was recovered into the messages.
func (m *Messages) Panicked(text string) { m.Add("error", text) }

// Start runs do in a new goroutine. A panic ends only that goroutine, and becomes a
// message; what names the work there. do must use a defer to release what others wait
// for.
func (m *Messages) Start(what any, do func()) { m.contain().Start(what, do) }

// Recover turns a panic of the function that defers it into an error, and puts
// the panic and its stack into the messages:
//
//	func (d *decoder) next() (err error) {
//		defer messages.Recover(d, &err)
//
// what names the work; it is printed only when it is needed. err may be nil; it becomes
// a *contain.Error, whose text is clean.
func (m *Messages) Recover(what any, err *error) {
	if value := recover(); value != nil {
		m.contain().Recovered(kinds.Clean(fmt.Sprint(value)), what, err)
	}
}

func (m *Messages) contain() contain.Report { return m.Panicked }

// containLibraries lets client-go's own goroutines end with a log line where
// they would end the program.
var containLibraries = sync.OnceFunc(func() { utilruntime.ReallyCrash = false })
