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

// pushView puts a view on top of a tab. If there are too many, the oldest ends, except for
// the root, where going back ends.
func (s *Shell) pushView(t *openTab, view View) tea.Cmd {
	t.left = nil
	t.stack = append(t.stack, s.newLayer(view))
	if len(t.stack) > stackMax {
		s.endLayer(t.stack[1])
		t.stack = slices.Delete(t.stack, 1, 2)
	}
	s.frameRate.freshLeft = freshFrames
	return s.changedIn(t)
}

// changedIn follows a change of a tab's top view. Away from the screen, that gets Shown when its tab
// comes back.
func (s *Shell) changedIn(t *openTab) tea.Cmd {
	if t != s.openTab {
		return nil
	}
	return s.topChanged()
}

// removeLayer removes a layer from the stack and ends what it started. The root stays.
func (s *Shell) removeLayer(l *layer) tea.Cmd {
	t := s.tabOf(l)
	at := slices.Index(t.stack, l)
	if at < 0 || len(t.stack) == 1 {
		return nil
	}
	wasTop := l == t.top()
	s.endLayer(l)
	t.stack = slices.Delete(t.stack, at, at+1)
	if !wasTop {
		return nil
	}
	return s.changedIn(t)
}

// replaceLayer ends a layer and puts a view in its place.
func (s *Shell) replaceLayer(l *layer, view View) tea.Cmd {
	t := s.tabOf(l)
	at := slices.Index(t.stack, l)
	if at < 0 {
		return nil
	}
	s.endLayer(l)
	t.stack[at] = s.newLayer(view)
	if at < len(t.stack)-1 {
		return nil
	}
	return s.changedIn(t)
}

// resetStack ends every layer of a tab and begins a new stack there.
func (s *Shell) resetStack(t *openTab, view View) tea.Cmd {
	for _, l := range t.stack {
		s.endLayer(l)
	}
	t.stack = nil
	return s.pushView(t, view)
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
