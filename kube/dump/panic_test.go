package dump

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

func newTestReader(said *[]string) *reader {
	return &reader{
		ctx: context.Background(), limits: Limits{}.filled(), problems: &problems{},
		panicked: func(text string) { *said = append(*said, text) },
	}
}

func TestAnObjectThatTripsItsReaderCostsItself(t *testing.T) {
	var said []string
	r := newTestReader(&said)
	batch := newRawBatch()
	for n, name := range []string{"a", "b", "c"} {
		batch.add(rawObject{text: []byte(pod("shop", name))}, origin{file: "pods.yaml", line: 10 * (n + 1)})
	}
	batch.objects[1].to = 1 << 30 // it is not in the batch
	r.raw = make(chan *rawBatch, 1)
	r.raw <- batch
	close(r.raw)
	results := make(chan *parsedBatch, 1)
	r.parseAll(time.Time{}, results)
	var names []string
	(<-results).each(func(o parsedObject) { names = append(names, o.object.Name) })
	if !slices.Equal(names, []string{"a", "c"}) {
		t.Errorf("objects %v", names)
	}
	checkPanic(t, r, said, "pods.yaml:20: not shown: panic: runtime error: slice bounds out of range")
}

func TestAFileThatTripsItsReaderCostsItself(t *testing.T) {
	var said []string
	r := newTestReader(&said)
	if err := r.visitFile(file{name: "pods.yaml"}); err != nil {
		t.Error(err)
	}
	checkPanic(t, r, said, "pods.yaml: not shown: panic: runtime error: invalid memory address")
}

func TestAnObjectThatTripsTheCollectorCostsItself(t *testing.T) {
	var said []string
	r := newTestReader(&said)
	r.meter.limits = r.limits
	api, err := memapi.New(memapi.Options{Clock: memapi.NewClock(time.Time{})})
	if err != nil {
		t.Fatal(err)
	}
	c := newCollector(api, r.problems, time.Time{})
	c.held = nil
	if err := r.run("-", strings.NewReader(pod("shop", "a")), c, nil); err != nil {
		t.Error(err)
	}
	checkPanic(t, r, said, "stdin:1: not shown: panic: assignment to entry in nil map")
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("no such pipe") }

func TestAnInputThatPanicsIsAnError(t *testing.T) {
	_, err := Open(t.Context(), "-", io.MultiReader(strings.NewReader("kind: "), panicking{}), Options{})
	if err == nil || !strings.Contains(err.Error(), "panic: no such pipe") {
		t.Error(err)
	}
}

func TestAProgressThatPanicsEndsAlone(t *testing.T) {
	tick := make(chan struct{})
	read, write := io.Pipe()
	go func() {
		<-tick
		_, _ = io.WriteString(write, pod("shop", "a"))
		_ = write.Close()
	}()
	d, err := Open(t.Context(), "-", read, Options{Progress: func(Progress) {
		close(tick)
		panic("no screen")
	}})
	if err != nil || d.Objects != 1 {
		t.Error(d, err)
	}
}

func checkPanic(t *testing.T, r *reader, said []string, problem string) {
	t.Helper()
	all, _ := r.problems.sorted()
	if len(all) != 1 || !all[0].Lost || !strings.HasPrefix(all[0].String(), problem) {
		t.Errorf("problems %v", all)
	}
	if len(said) != 1 || !strings.Contains(said[0], ": panic: ") ||
		!strings.Contains(said[0], " < dump.(*reader).readPart.func1 (dump.go:") {
		t.Errorf("reported %q", said)
	}
}
