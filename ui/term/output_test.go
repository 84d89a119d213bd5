package term

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/ui/term/termtest"
)

func TestOutputKeepsOrderAndErrors(t *testing.T) {
	to := termtest.New(80, 24)
	o := newOutput(to, func(err error) { t.Error(err) })
	release := to.Stall()
	want := ""
	for i := range 20 {
		part := fmt.Sprintf("part %d.", i)
		want += part
		o.write([]byte(part))
	}
	busy := o.busy()
	if busy == nil {
		t.Fatal("an output that nobody reads is not busy")
	}
	release()
	<-busy
	if got := to.Raw(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if o.busy() != nil {
		t.Error("still busy after all was read")
	}
	o.close(time.Second)

	in, out := io.Pipe()
	_ = in.Close()
	failed := make(chan error, 10)
	o = newOutput(out, func(err error) { failed <- err })
	o.write([]byte("lost"))
	if err := <-failed; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
	o.write([]byte("lost too"))
	if o.busy() != nil {
		t.Error("an output that has failed takes more")
	}
	o.close(time.Second)
	if len(failed) > 0 {
		t.Error("the failure was reported twice")
	}
}
