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

// frameRate is when the next frame may be drawn.
type frameRate struct {
	urgent          bool      // what has changed is not to wait
	freshLeft       int       // frames of a new view that are left
	lastPaced       time.Time // of the frames that had to wait
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

// refresh draws what has changed and shows it, once that is due and the terminal
// has taken the last frame: what a stalled terminal misses is never drawn. The
// commands that it answers with bring it back.
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

// awaitTerminal waits for the terminal; nil when that is waited for already.
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

// awaitFrame waits until a frame is due; nil when that is waited for already.
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
