package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// feed is a source for tests: it yields what is put in, and notes how it is used.
type feed struct {
	in    chan Msg
	err   error // after in is closed
	calls int
	ended bool
	boom  bool
}

func newFeed() *feed { return &feed{in: make(chan Msg, 100)} }

func (f *feed) Next(ctx context.Context) (Msg, error) {
	f.calls++
	if f.boom {
		panic("broken source")
	}
	select {
	case msg, ok := <-f.in:
		if !ok {
			return nil, f.err
		}
		return msg, nil
	case <-ctx.Done():
		f.ended = true
		return nil, ctx.Err()
	}
}

func watching(name string, f *feed) *page {
	return &page{
		name: name,
		keys: []Key{
			{Action: "open", Keys: []string{"enter"}}, {Action: "unwatch", Keys: []string{"u"}},
			{Action: "watch", Keys: []string{"w"}},
		},
		intents: map[Action]Intent{
			"unwatch": Unwatch{f},
			"watch":   Watch{f},
		},
		on: func(msg Msg) Intent {
			if msg == (Shown{}) {
				return All{Watch{f}, Watch{f}}
			}
			return nil
		},
	}
}

func TestWatchEndsWithItsLayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root, above := newFeed(), newFeed()
		below := watching("below", root)
		below.intents["open"] = Open{watching("above", above)}
		d := drive(t, Options{Home: below}, 80, 24)
		d.press("enter")
		root.in <- 1
		above.in <- 2
		d.after(time.Second)
		if got := heard[int](below); len(got) != 1 {
			t.Errorf("the view below heard %v, want one number", got)
		}
		d.press("esc")
		d.after(time.Second)
		if !above.ended {
			t.Error("the watch of the view that was left goes on")
		}
		if root.ended {
			t.Error("the watch of the view below has ended")
		}
		d.press("u")
		d.after(time.Second)
		if !root.ended {
			t.Error("unwatch did not end the watch")
		}
		root.ended = false
		d.press("w")
		root.in <- 3
		d.after(time.Second)
		if got := heard[int](below); len(got) != 2 {
			t.Errorf("watched again, the view heard %v", got)
		}
	})
}

// Views that were left behind one after the other do not all stay up to date:
// the oldest end, and the root stays.
func TestTheOldestViewsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const opened = stackMax + 5
		root := newFeed()
		below := watching("root", root)
		var feeds []*feed
		view := below
		for n := range opened {
			f := newFeed()
			above := watching(fmt.Sprint(n), f)
			view.intents["open"] = Open{above}
			feeds, view = append(feeds, f), above
		}
		d := drive(t, Options{Home: below}, 80, 24)
		for range opened {
			d.press("enter")
		}
		d.after(time.Second)
		for n, f := range feeds {
			if want := n < opened-(stackMax-1); f.ended != want {
				t.Errorf("view %d: ended is %v, want %v", n, f.ended, want)
			}
		}
		for range opened {
			d.press("esc")
		}
		if got := d.shell.topLayer().view.(*page).name; got != "root" || root.ended {
			t.Errorf("going back ends at %q, whose watch has ended: %v", got, root.ended)
		}
	})
}

func TestArrivalsKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newFeed()
		view := watching("pods", source)
		var at []time.Time
		on := view.on
		view.on = func(msg Msg) Intent {
			if _, ok := msg.(int); ok {
				at = append(at, time.Now())
			}
			return on(msg)
		}
		d := drive(t, Options{Home: view}, 80, 24)
		began := time.Now()
		for i := range 20 {
			source.in <- i
		}
		d.after(3 * time.Second)
		if len(at) != 20 {
			t.Fatalf("%d arrivals, want 20", len(at))
		}
		if first := at[0].Sub(began); first > 10*time.Millisecond {
			t.Errorf("the first came after %v", first)
		}
		if second := at[1].Sub(at[0]); second > 10*time.Millisecond {
			t.Errorf("what the source waited for came %v after its first word", second)
		}
		for i := 2; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < arrivalGap {
				t.Errorf("arrival %d came %v after the one before", i, gap)
			}
		}
	})
}

func TestEndedSources(t *testing.T) {
	gone := errors.New("connection refused")
	tests := []struct {
		name string
		end  error
		want error
		note string
	}{
		{"quietly", io.EOF, nil, ""},
		{"with an error", gone, gone, "connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := newFeed()
				source.err = tt.end
				view := watching("pods", source)
				d := drive(t, Options{Home: view}, 80, 24)
				close(source.in)
				d.settle()
				got := heard[Ended](view)
				if len(got) != 1 || !errors.Is(got[0].Err, tt.want) || got[0].Source != source {
					t.Errorf("heard %v", got)
				}
				if tt.note != "" {
					d.contains(tt.note)
				}
				calls := source.calls
				d.after(time.Second)
				if source.calls != calls {
					t.Error("an ended source is asked again")
				}
			})
		})
	}
}

func TestPanicInASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newFeed()
		source.boom = true
		logged := make(chan string, 1)
		view := watching("pods", source)
		d := drive(t, Options{Home: view, Log: func(_, text string) { logged <- text }}, 80, 24)
		d.contains("panic: broken source")
		if got := heard[Ended](view); len(got) != 1 || got[0].Err == nil || got[0].Source != source {
			t.Errorf("the view heard %v, want that its source ended with an error", got)
		}
		if text := <-logged; !strings.Contains(text, "(*feed).Next") {
			t.Errorf("the log does not say where: %q", text)
		}
		d.press("q")
		if !d.quit {
			t.Error("the program does not go on")
		}
	})
}

// brokenText is a long document that cannot be read.
type brokenText struct{}

func (brokenText) Len() int { return backgroundLines + 1 }

func (brokenText) Line(int) Line { return nil }

func (b brokenText) Blocks() []Block { return []Block{b} }

func (brokenText) AppendText([]byte) []byte { panic("damaged block") }

// A search has goroutines of its own, which no guard of the shell sees.
func TestPanicInASearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logged := make(chan string, 1)
		var pager Pager
		view := &page{name: "logs", keys: []Key{{Action: "search", Keys: []string{"/"}}}, on: func(msg Msg) Intent {
			if _, ok := msg.(Do); ok {
				if err := pager.Search("x", brokenText{}); err != nil {
					t.Error(err)
				}
			} else {
				pager.Update(msg, brokenText{})
			}
			return pager.SearchIntent()
		}}
		d := drive(t, Options{Home: view, Log: func(_, text string) { logged <- text }}, 80, 24)
		d.press("/")
		d.contains("panic: damaged block")
		if text := <-logged; !strings.Contains(text, "brokenText.AppendText") {
			t.Errorf("the log does not say where: %q", text)
		}
		if pager.Searching() {
			t.Error("the search goes on in the loop")
		}
	})
}

// TestIdleScreenIsNotDrawn lets two minutes pass in which nothing happens: the
// only frames are the clock's.
func TestIdleScreenIsNotDrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waitUntil(start.Add(10 * time.Second))
		view := watching("pods", newFeed())
		d := drive(t, Options{Home: view, Now: utc}, 80, 24)
		draws := view.draws
		d.after(40 * time.Second)
		if view.draws != draws {
			t.Errorf("drawn %d times though nothing happened", view.draws-draws)
		}
		d.after(80 * time.Second)
		if got := view.draws - draws; got != 2 {
			t.Errorf("drawn %d times in two minutes, want 2", got)
		}
		d.contains("14:04")
	})
}

func TestMessagesThatChangeNothingDrawNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newFeed()
		below := watching("below", source)
		above := &page{name: "above"}
		below.intents["open"] = Open{above}
		d := drive(t, Options{Home: below}, 80, 24)
		d.press("enter")
		draws, frames := above.draws, d.draws
		d.send(tea.FocusMsg{}, tea.KeyReleaseMsg{}, tea.MouseMotionMsg{}, tea.EnvMsg{})
		source.in <- 1
		d.after(time.Second)
		if above.draws != draws {
			t.Errorf("drawn %d times for messages that do not concern it", above.draws-draws)
		}
		if d.draws != frames {
			t.Errorf("%d new frames", d.draws-frames)
		}
	})
}

func TestViewsWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := &page{name: "ages", wake: 10 * time.Second}
		d := drive(t, Options{Home: view, Now: utc}, 80, 24)
		draws := view.draws
		d.after(55 * time.Second)
		if got := view.draws - draws; got != 5 {
			t.Errorf("drawn %d times in 55 s, want 5", got)
		}
	})
}

func TestViewThatNeverSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := &page{name: "hasty", wake: time.Nanosecond}
		d := drive(t, Options{Home: view, Now: utc}, 80, 24)
		draws := view.draws
		d.after(time.Second)
		if got := view.draws - draws; got > 11 {
			t.Errorf("drawn %d times in a second", got)
		}
	})
}

// TestEmptyPaletteLooksAgain opens the palette before anything is known. What arrives
// later can be chosen without another key.
func TestEmptyPaletteLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		var known []Choice
		choices := func(_ View, query string) []Choice { return Rank(query, known) }
		d := drive(t, Options{Home: watching("home", f), Choices: choices}, 80, 24)
		d.press(":")
		d.typeText("nodes")
		d.contains("nothing matches \"nodes\"")
		known = []Choice{{Name: "nodes", Then: Open{&page{name: "nodes"}}}}
		f.in <- "discovered"
		d.settle()
		d.lacks("nothing matches")
		d.press("enter")
		d.contains("this is nodes")
	})
}
