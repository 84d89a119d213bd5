package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// frameGap is the least time between two frames caused by sources, however many there
// are. What the user does is drawn at once, and so are the first frames of a view.
const frameGap = 100 * time.Millisecond

// freshFrames is how many frames of a new view are drawn at once. Its sources begin in
// any order: that it connects, what the cluster is, that it loads, and what was loaded
// are four, and what is waited for is the last of them. With two, the first rows came
// up to 100 ms after they were known.
const freshFrames = 6

// frameRate decides when the next frame may be drawn.
type frameRate struct {
	urgent          bool      // the change must not wait
	freshLeft       int       // fresh frames that are left
	lastPaced       time.Time // the last frame that sources caused
	gapPending      bool      // a command waits for the end of the gap
	terminalPending bool      // a command waits for the terminal
}

// frameDue ends a wait.
type frameDue struct{ blocked bool }

func (p *frameRate) waited(d frameDue) {
	if d.blocked {
		p.terminalPending = false
	} else {
		p.gapPending = false
	}
}

// refresh draws and shows what has changed, if a frame is due and the terminal has
// taken the last one: a frame that a stalled terminal would miss is never drawn. The
// commands it returns bring it back.
func (s *Shell) refresh() tea.Cmd {
	if !s.dirty || s.width == 0 {
		return nil
	}
	if s.terminal != nil {
		if busy := s.terminal.Busy(); busy != nil {
			return s.awaitTerminal(busy)
		}
	}
	if !s.frameRate.urgent {
		now := time.Now()
		if left := s.frameRate.lastPaced.Add(frameGap).Sub(now); left > 0 && s.frameRate.freshLeft == 0 {
			return s.awaitFrame(left)
		}
		s.frameRate.freshLeft = max(0, s.frameRate.freshLeft-1)
		s.frameRate.lastPaced = now
	}
	s.dirty, s.frameRate.urgent = false, false
	s.draw()
	if s.terminal != nil {
		s.terminal.Write(s.renderer.Render(s.picture))
	}
	now, at := s.nextWake()
	return s.clock.set(s.ctx, now, at)
}

// awaitTerminal waits for the terminal. It returns nil if something already does.
func (s *Shell) awaitTerminal(busy <-chan struct{}) tea.Cmd {
	if s.frameRate.terminalPending {
		return nil
	}
	s.frameRate.terminalPending = true
	return func() tea.Msg {
		select {
		case <-busy:
			return frameDue{blocked: true}
		case <-s.ctx.Done():
			return nil
		}
	}
}

// awaitFrame waits until a frame is due. It returns nil if something already does.
func (s *Shell) awaitFrame(left time.Duration) tea.Cmd {
	if s.frameRate.gapPending {
		return nil
	}
	s.frameRate.gapPending = true
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
