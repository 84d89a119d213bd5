package tape

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestAMoveThatPanicsIsTheStatesError(t *testing.T) {
	tape := open(t, minute(t))
	said := make(chan string, 9)
	tape.Panicked = func(text string) { said <- text }
	p, err := NewPlayer(tape, PlayerOptions{Paused: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.contain(func() { panic("no such time") })
	if s := p.State(); s.Err == nil || !strings.Contains(s.Err.Error(), "panic: no such time") || !s.Paused {
		t.Errorf("%+v", s)
	}
	if text := <-said; !strings.HasPrefix(text, "play the tape: panic: no such time; in tape.") {
		t.Error(text)
	}
	// The next move goes on.
	w := p.Watch()
	p.Seek(tape.End())
	for !p.State().AtEnd {
		if _, err := w.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.State().Err; err != nil {
		t.Error(err)
	}
}

// torn is a tape whose file can no longer be read.
type torn struct {
	*bytes.Reader
	gone bool
}

func (r *torn) ReadAt(p []byte, at int64) (int, error) {
	if r.gone {
		panic("the disk is gone")
	}
	return r.Reader.ReadAt(p, at)
}

func TestAFrameThatPanicsIsAnError(t *testing.T) {
	data := small(t)
	file := &torn{Reader: bytes.NewReader(data)}
	tape, err := Read(file, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	file.gone = true
	if _, err := tape.Documents(time.Time{}); err == nil || !strings.Contains(err.Error(), "panic: the disk is gone") {
		t.Error(err)
	}
	_, err = NewPlayer(tape, PlayerOptions{})
	if err == nil || !strings.Contains(err.Error(), "panic: the disk is gone") {
		t.Error(err)
	}
}
