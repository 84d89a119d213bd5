package ui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
)

// noticeGap is the least time between two notifications. What comes in between is said
// together at its end.
const noticeGap = 30 * time.Second

// noticeMax is the width of a notification's text.
const noticeMax = 200

// notices are the notifications that wait for the end of the gap.
type notices struct {
	waiting []Notify
	gap     bool
}

// noticeDue ends the gap after a notification.
type noticeDue struct{}

// notify rings, or leaves it to the end of the gap.
func (s *Shell) notify(n Notify) tea.Cmd {
	s.notices.waiting = append(s.notices.waiting, n)
	if s.notices.gap {
		return nil
	}
	return s.ring()
}

// ring says what waits, and begins the gap.
func (s *Shell) ring() tea.Cmd {
	s.notices.gap = false
	waiting := s.notices.waiting
	if len(waiting) == 0 {
		return nil
	}
	s.notices = notices{gap: true}
	last := waiting[len(waiting)-1]
	text := printable(last.Text)
	if more := len(waiting) - 1; more > 0 {
		text = fmt.Sprintf("%s; and %d more", Truncate(text, noticeMax-20), more)
	}
	s.renderer.Notify(printable(last.Title), Truncate(text, noticeMax))
	s.dirty = true
	return func() tea.Msg { return waitFor(s.ctx, noticeGap, noticeDue{}) }
}

// waitFor returns a message after a while, nil if the context ends before.
func waitFor(ctx context.Context, wait time.Duration, msg tea.Msg) tea.Msg {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return msg
	case <-ctx.Done():
		return nil
	}
}
