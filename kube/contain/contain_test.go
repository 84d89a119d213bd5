package contain

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

type work struct{ next *work }

func (w *work) trip() { w.next.next = nil }

// broken is an error that cannot be printed.
type broken struct{ text string }

func (b *broken) Error() string { return b.text }

// object prints all that it holds, as objects of the API do.
type object struct{ value string }

func (o object) String() string { return o.value }

func TestRecover(t *testing.T) {
	var nobody *work
	for _, tt := range []struct {
		name        string
		what        any
		do          func()
		value, said string // what they begin with; "" means no panic
	}{
		{"nothing", "work", func() {}, "", ""},
		{"a nil pointer", "work", func() { nobody.trip() }, "panic: runtime error: invalid memory address",
			"work: panic: runtime error: "},
		{"an error in lines", 7, func() { panic(errors.New("one\n\ttwo")) }, "panic: one two (", "7: panic: one two; in "},
		{"nil", "work", func() { panic(nil) }, "panic: panic called with nil argument", "work: panic: panic called with nil"},
		{"a long value", "a\nb", func() { panic(strings.Repeat("x", 1<<20)) }, "panic: xxx", "a b: panic: xxx"},
		{"a value that panics", "work", func() { panic((*broken)(nil)) }, "panic: <nil>", "work: panic: <nil>; in "},
		{"an object", "work", func() { panic(object{"hunter2"}) }, "panic: a value of type contain.object (",
			"work: panic: a value of type contain.object; in "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			said := ""
			report := Report(func(text string) { said += text })
			var err error
			func() {
				defer report.Recover(tt.what, &err)
				tt.do()
			}()
			if tt.said == "" {
				if err != nil || said != "" {
					t.Errorf("%v, %q", err, said)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.value) || !strings.HasPrefix(said, tt.said) {
				t.Errorf("error %v, report %q", err, said)
			}
			if len(said) > 8<<10 || strings.ContainsAny(said+err.Error(), "\n\t") || strings.Contains(said, "in runtime.") {
				t.Errorf("report of %d bytes: %q", len(said), said)
			}
			if _, known := errors.AsType[*Error](err); !known {
				t.Errorf("%T", err)
			}
		})
	}
}

func TestTheStackBeginsWhereItPanicked(t *testing.T) {
	said := ""
	func() {
		defer Report(func(text string) { said = text }).Recover("work", nil)
		(&work{}).trip()
	}()
	if !strings.Contains(said, "; in contain.(*work).trip (contain_test.go:") ||
		!strings.Contains(said, " < contain.TestTheStackBeginsWhereItPanicked.func1 (contain_test.go:") {
		t.Error(said)
	}
}

// TestGoroutinesEndAlone ends the test's program where a panic is not recovered.
func TestGoroutinesEndAlone(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, report := range []Report{nil, func(string) {}} {
		said := make(chan string, 3)
		if report != nil {
			report = func(text string) { said <- text }
		}
		for name, start := range map[string]func(do func()){
			"Start":         func(do func()) { report.Start("work", do) },
			"StartAfter":    func(do func()) { report.StartAfter(time.Microsecond, "work", do) },
			"StartWhenDone": func(do func()) { report.StartWhenDone(done, "work", do) },
		} {
			ended := make(chan struct{})
			start(func() {
				defer close(ended)
				panic("first")
			})
			<-ended
			if report == nil {
				continue
			}
			if text := <-said; !strings.HasPrefix(text, "work: panic: first; in ") {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
}
