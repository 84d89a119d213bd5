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

func (l *layer) ended() bool { return l.ctx.Err() != nil }

func (s *Shell) newLayer(view View) *layer {
	ctx, stop := context.WithCancel(s.ctx)
	return &layer{view: view, ctx: ctx, stop: stop}
}

// stackMax bounds the views to go back to: each keeps what it shows in memory and up
// to date.
const stackMax = 10

// pushView puts a view on top. If there are too many, the oldest ends, except for the
// root, where going back ends.
func (s *Shell) pushView(view View) tea.Cmd {
	s.left = nil
	s.stack = append(s.stack, s.newLayer(view))
	if len(s.stack) > stackMax {
		s.endLayer(s.stack[1])
		s.stack = slices.Delete(s.stack, 1, 2)
	}
	s.frameRate.freshLeft = freshFrames
	return s.topChanged()
}

// removeLayer removes a layer from the stack and ends what it started. The root stays.
func (s *Shell) removeLayer(l *layer) tea.Cmd {
	at := slices.Index(s.stack, l)
	if at < 0 || len(s.stack) == 1 {
		return nil
	}
	wasTop := l == s.topLayer()
	s.endLayer(l)
	s.stack = slices.Delete(s.stack, at, at+1)
	if !wasTop {
		return nil
	}
	return s.topChanged()
}

// replaceLayer ends a layer and puts a view in its place.
func (s *Shell) replaceLayer(l *layer, view View) tea.Cmd {
	at := slices.Index(s.stack, l)
	if at < 0 {
		return nil
	}
	s.endLayer(l)
	s.stack[at] = s.newLayer(view)
	if at < len(s.stack)-1 {
		return nil
	}
	return s.topChanged()
}

// resetStack ends every layer and begins a new stack.
func (s *Shell) resetStack(view View) tea.Cmd {
	for _, l := range s.stack {
		s.endLayer(l)
	}
	s.stack = nil
	return s.pushView(view)
}

// endLayer ends all that a layer has started, and the overlay that it has opened.
func (s *Shell) endLayer(l *layer) {
	l.stop()
	if s.owner == l {
		s.overlay, s.owner = nil, nil
	}
}

// topChanged sends Shown to the top view. Whatever was open for another view closes:
// a question must not be answered after its screen is gone.
func (s *Shell) topChanged() tea.Cmd {
	s.dirty = true
	top := s.topLayer()
	s.overlay, s.owner = nil, nil
	var cancelled tea.Cmd
	if p := s.prompt; p != nil && p.layer != top {
		s.prompt = nil
		if !p.layer.ended() {
			cancelled = s.updateView(p.layer, Cancelled{Prompt: p.name})
		}
	}
	return tea.Batch(cancelled, s.updateView(top, Shown{}))
}

// updateView gives a message to a view and carries out its intent.
func (s *Shell) updateView(l *layer, msg Msg) tea.Cmd {
	if l == s.topLayer() {
		s.dirty = true
	}
	cmd := s.perform(l, l.view.Update(msg))
	if p, ok := s.overlay.(*picker); ok {
		p.retryEmpty()
	}
	return cmd
}
