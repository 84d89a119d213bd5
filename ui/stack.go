package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// layer is a view on the stack, with the lifetime of all that it started.
type layer struct {
	view    View
	ctx     context.Context
	stop    context.CancelFunc
	watches []*watch
}

func (l *layer) gone() bool { return l.ctx.Err() != nil }

func (s *Shell) newLayer(view View) *layer {
	ctx, stop := context.WithCancel(s.ctx)
	return &layer{view: view, ctx: ctx, stop: stop}
}

// stackMax is how many views there are to go back to: each keeps what it shows
// up to date, and in memory.
const stackMax = 10

// push puts a view on top. Of too many the oldest goes, but for the root, where
// going back ends.
func (s *Shell) push(view View) tea.Cmd {
	s.stack = append(s.stack, s.newLayer(view))
	if len(s.stack) > stackMax {
		s.end(s.stack[1])
		s.stack = slices.Delete(s.stack, 1, 2)
	}
	s.pace.fresh = freshFrames
	return s.shown()
}

// remove takes a layer off the stack, and ends what it started. The root
// stays.
func (s *Shell) remove(l *layer) tea.Cmd {
	at := slices.Index(s.stack, l)
	if at < 0 || len(s.stack) == 1 {
		return nil
	}
	wasTop := l == s.top()
	s.end(l)
	s.stack = slices.Delete(s.stack, at, at+1)
	if !wasTop {
		return nil
	}
	return s.shown()
}

// replaceLayer ends a layer and puts a view in its place.
func (s *Shell) replaceLayer(l *layer, view View) tea.Cmd {
	at := slices.Index(s.stack, l)
	if at < 0 {
		return nil
	}
	s.end(l)
	s.stack[at] = s.newLayer(view)
	if at < len(s.stack)-1 {
		return nil
	}
	return s.shown()
}

// reset ends every layer and begins a new stack.
func (s *Shell) reset(view View) tea.Cmd {
	for _, l := range s.stack {
		s.end(l)
	}
	s.stack = nil
	return s.push(view)
}

// end ends all that a layer has started, and the overlay that it has opened.
func (s *Shell) end(l *layer) {
	l.stop()
	if s.owner == l {
		s.over, s.owner = nil, nil
	}
}

// shown tells the top view that it is seen. Whatever was open for another view
// closes: a question must not be answered after its screen is gone.
func (s *Shell) shown() tea.Cmd {
	s.changed = true
	top := s.top()
	s.over, s.owner = nil, nil
	var cancelled tea.Cmd
	if p := s.prompt; p != nil && p.layer != top {
		s.prompt = nil
		if !p.layer.gone() {
			cancelled = s.tell(p.layer, Cancelled{Prompt: p.name})
		}
	}
	return tea.Batch(cancelled, s.tell(top, Shown{}))
}

// tell gives a message to a view and carries out what it answers.
func (s *Shell) tell(l *layer, msg Msg) tea.Cmd {
	if l == s.top() {
		s.changed = true
	}
	cmd := s.perform(l, l.view.Update(msg))
	if p, ok := s.over.(*picker); ok {
		p.renew()
	}
	return cmd
}
