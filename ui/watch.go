package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// arrivalGap is the least time between two arrivals of one source: however
// much a cluster changes, a view is drawn ten times a second at most.
const arrivalGap = 100 * time.Millisecond

// watch is one source that feeds one layer.
type watch struct {
	layer   *layer
	source  Source
	ctx     context.Context
	stop    context.CancelFunc
	started bool // the source has told something
}

// gap is the pause before the next message. There is none after the first, which
// sources give at once: what there is to show may come at any moment.
func (w *watch) gap() time.Duration {
	if !w.started {
		w.started = true
		return 0
	}
	return arrivalGap
}

// arrival is what a source had to tell.
type arrival struct {
	watch *watch
	msg   Msg
	err   error
}

// watch begins to feed a layer; a source that does so already is left alone.
func (s *Shell) watch(l *layer, source Source) tea.Cmd {
	if slices.ContainsFunc(l.watches, func(w *watch) bool { return w.source == source }) {
		return nil
	}
	w := &watch{layer: l, source: source}
	w.ctx, w.stop = context.WithCancel(l.ctx)
	l.watches = append(l.watches, w)
	return s.nextMessage(w, 0)
}

func (l *layer) unwatch(source Source) {
	l.watches = slices.DeleteFunc(l.watches, func(w *watch) bool {
		if w.source == source {
			w.stop()
		}
		return w.source == source
	})
}

// nextMessage asks a source for its next message, after a pause in which it gathers
// what happens.
func (s *Shell) nextMessage(w *watch, pause time.Duration) tea.Cmd {
	return func() tea.Msg {
		if pause > 0 {
			timer := time.NewTimer(pause)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-w.ctx.Done():
				return nil
			}
		}
		var msg Msg
		err := s.guard(fmt.Sprintf("%T", w.source), func() (err error) {
			msg, err = w.source.Next(w.ctx)
			return err
		})
		if w.ctx.Err() != nil {
			return nil
		}
		return arrival{w, msg, err}
	}
}

// deliver gives a message to the view and asks for the next one. What comes
// after its view has left the stack is dropped.
func (s *Shell) deliver(a arrival) tea.Cmd {
	w := a.watch
	if w.ctx.Err() != nil {
		return nil
	}
	if a.err == nil {
		if lazy, ok := a.msg.(Lazy); ok {
			return tea.Batch(s.perform(w.layer, lazy), s.nextMessage(w, arrivalGap))
		}
		return tea.Batch(s.updateView(w.layer, a.msg), s.nextMessage(w, w.gap()))
	}
	w.layer.unwatch(w.source)
	if errors.Is(a.err, io.EOF) {
		return s.updateView(w.layer, Ended{Source: w.source})
	}
	if w.layer == s.topLayer() {
		s.say(Say{Text: a.err.Error(), Role: themes.Failing})
	}
	return s.updateView(w.layer, Ended{Source: w.source, Err: a.err})
}
