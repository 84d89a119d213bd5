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

// arrivalGap is the least time between two messages of one source: however much a
// cluster changes, a view gets ten of its messages a second at most.
const arrivalGap = 100 * time.Millisecond

// watch is a source whose messages go to one layer.
type watch struct {
	layer   *layer
	source  Source
	ctx     context.Context
	stop    context.CancelFunc
	started bool // the source has sent a message
}

// gap returns the pause before the next message. There is none after the first, which
// sources send at once: what there is to show may come at any moment.
func (w *watch) gap() time.Duration {
	if !w.started {
		w.started = true
		return 0
	}
	return arrivalGap
}

// arrival is a message of a source, or why it ended.
type arrival struct {
	watch *watch
	msg   Msg
	err   error
}

// watch starts to pass a source's messages to a layer, unless that happens already.
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

// nextMessage waits for a source's next message, after a pause in which changes
// accumulate.
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

// deliver gives a message to the view and waits for the next one. What comes after
// the view has left the stack is dropped.
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
