package ui

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// However many sources a view has, they cause ten frames a second; a key among
// them is drawn at once.
func TestManySourcesDrawFewFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sources []*busy
		view := &page{name: "busy", keys: []Key{{Action: "x", Keys: []string{"x"}}}}
		view.on = func(msg Msg) Intent {
			if _, shown := msg.(Shown); !shown {
				view.body = fmt.Sprintf("told %d times", len(view.told))
				return nil
			}
			var all All
			for range 7 {
				sources = append(sources, &busy{})
				all = append(all, Watch{sources[len(sources)-1]})
			}
			return all
		}
		d := drive(t, Options{Home: view}, 80, 24)
		for range 7 { // They do not send at the same time.
			d.after(13 * time.Millisecond)
		}
		before := d.draws
		d.after(10 * time.Second)
		if got := d.draws - before; got < 50 || got > 101 {
			t.Errorf("10 seconds of %d sources drew %d frames, want 10 each", len(sources), got)
		}
		for range 20 {
			d.after(7 * time.Millisecond)
			before := d.draws
			d.press("x")
			if d.draws == before {
				t.Fatal("a key waits for its frame")
			}
		}
	})
}

// once sends one message, a while after it is watched.
type once struct {
	after time.Duration
	sent  bool
}

func (o *once) Next(ctx context.Context) (Msg, error) {
	var due <-chan time.Time
	if !o.sent {
		due = time.After(o.after)
	}
	o.sent = true
	select {
	case <-due:
		return o.after, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestWhatAViewWaitsForIsDrawnAtOnce has four sources say something one after the other, as a cluster
// does when it is opened; the last has the rows.
func TestWhatAViewWaitsForIsDrawnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var view *page
		view = &page{name: "pods", on: func(msg Msg) Intent {
			switch msg := msg.(type) {
			case Shown:
				var all All
				for i := range 4 {
					all = append(all, Watch{&once{after: time.Duration(i) * 9 * time.Millisecond}})
				}
				return all
			case time.Duration:
				view.body = fmt.Sprintf("after %v", msg)
			}
			return nil
		}}
		d := drive(t, Options{Home: view}, 80, 24)
		d.after(50 * time.Millisecond)
		if shown := d.text(); !strings.Contains(shown, "after 27ms") {
			t.Errorf("the last message is not shown yet:\n%s", shown)
		}
	})
}

// wheelCounter counts the notches of the wheel.
type wheelCounter struct {
	page
	until   int
	reached chan struct{}
	drawn   atomic.Int64
	count   int
}

func (w *wheelCounter) Update(msg Msg) Intent {
	if _, ok := msg.(Wheel); ok {
		if w.count++; w.count == w.until {
			close(w.reached)
		}
	}
	return nil
}

func (w *wheelCounter) Draw(Frame) string {
	w.drawn.Add(1)
	return fmt.Sprintf("count %d.", w.count)
}

// A terminal that does not read holds up no message, what waits for it is one
// frame, and the next that it shows is the newest.
func TestMessagesPassAStalledTerminal(t *testing.T) {
	const messages, frameMax = 20_000, 3000
	view := &wheelCounter{until: messages, reached: make(chan struct{})}
	s := runShell(t.Context(), t, view)
	s.Shows(t, "count 0.")
	drawn := view.drawn.Load()
	release := s.Stall()
	before := len(s.Raw())
	go func() {
		for range messages / 100 {
			_, _ = io.WriteString(s.keys, strings.Repeat("\x1b[<65;10;10M", 100))
		}
	}()
	select {
	case <-view.reached:
	case <-time.After(20 * time.Second):
		t.Fatal("messages wait for the terminal")
	}
	if got := view.drawn.Load() - drawn; got > 2 {
		t.Errorf("%d frames were drawn for a terminal that shows none", got)
	}
	release()
	s.Shows(t, fmt.Sprintf("count %d.", messages))
	if written := len(s.Raw()) - before; written > 2*frameMax {
		t.Errorf("%d bytes were waiting: frames have piled up", written)
	}
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Error(err)
	}
}

// Nothing of Bubble Tea's wakes the process when nothing happens.
func TestNoTickerRuns(t *testing.T) {
	s := runShell(t.Context(), t, home())
	s.Shows(t, "checkout")
	limit := time.After(10 * time.Second)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	stacks := make([]byte, 1<<20)
	for {
		if all := string(stacks[:runtime.Stack(stacks, true)]); !strings.Contains(all, "startRenderer") {
			break
		}
		select {
		case <-poll.C:
		case <-limit:
			t.Fatal("Bubble Tea's ticker runs on")
		}
	}
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Error(err)
	}
}
