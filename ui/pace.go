package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// frameGap is the least time between two frames that sources cause, however
// many there are. What the user does is drawn at once, and so is what a view that
// has just come shows first.
const frameGap = 100 * time.Millisecond

// freshFrames is how many frames of a new view do not wait: that it waits, and
// what it waited for.
const freshFrames = 2

// pace is when the next frame may be drawn.
type pace struct {
	hurried bool      // what has changed is not to wait
	fresh   int       // frames of a new view that are left
	last    time.Time // of the frames that had to wait
	timed   bool      // a command waits for the end of the gap
	blocked bool      // a command waits for the terminal
}

// frameDue ends a wait.
type frameDue struct{ blocked bool }

func (p *pace) due(d frameDue) {
	if d.blocked {
		p.blocked = false
	} else {
		p.timed = false
	}
}

// refresh draws what has changed and shows it, once that is due and the terminal
// has taken the last frame: what a stalled terminal misses is never drawn. The
// commands that it answers with bring it back.
func (s *Shell) refresh() tea.Cmd {
	if !s.changed || s.width == 0 {
		return nil
	}
	if s.terminal != nil {
		if busy := s.terminal.output.busy(); busy != nil {
			return s.await(busy)
		}
	}
	if !s.pace.hurried {
		now := time.Now()
		if left := s.pace.last.Add(frameGap).Sub(now); left > 0 && s.pace.fresh == 0 {
			return s.pause(left)
		}
		s.pace.fresh = max(0, s.pace.fresh-1)
		s.pace.last = now
	}
	s.changed, s.pace.hurried = false, false
	s.draw()
	if s.terminal != nil {
		s.terminal.output.write(s.renderer.render(s.picture))
	}
	now, at := s.wake()
	return s.clock.set(s.ctx, now, at)
}

// await waits for the terminal; nil when that is waited for already.
func (s *Shell) await(busy <-chan struct{}) tea.Cmd {
	if s.pace.blocked {
		return nil
	}
	s.pace.blocked = true
	return func() tea.Msg {
		select {
		case <-busy:
			return frameDue{blocked: true}
		case <-s.ctx.Done():
			return nil
		}
	}
}

// pause waits until a frame is due; nil when that is waited for already.
func (s *Shell) pause(left time.Duration) tea.Cmd {
	if s.pace.timed {
		return nil
	}
	s.pace.timed = true
	return func() tea.Msg {
		timer := time.NewTimer(left)
		defer timer.Stop()
		select {
		case <-timer.C:
			return frameDue{}
		case <-s.ctx.Done():
			return nil
		}
	}
}
