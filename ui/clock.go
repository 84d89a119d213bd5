package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// clock is the one timer of the program. It rings when the screen reads differently
// although nothing has happened: at the next full minute, or when the top view says
// so.
type clock struct {
	at   time.Time
	stop context.CancelFunc
}

// tick is the ring of a clock that was set to a time.
type tick struct{ at time.Time }

// wakeGap is the least time until the clock rings, whatever a view says.
const wakeGap = 100 * time.Millisecond

// nextWake returns when the screen wants to be drawn next.
func (s *Shell) nextWake() (now, at time.Time) {
	now = s.frame.Now
	at = nextMinute(now)
	top := s.topLayer().view
	for _, early := range []time.Time{top.Wake(now), top.Header(now).Until, s.countsAt(now)} {
		if !early.IsZero() && early.Before(at) {
			at = early
			if at.Before(now.Add(wakeGap)) {
				at = now.Add(wakeGap)
			}
		}
	}
	return now, at
}

// set sets the clock. It returns nil if the clock is already set to that time.
func (c *clock) set(ctx context.Context, now, at time.Time) tea.Cmd {
	if at.Equal(c.at) {
		return nil
	}
	if c.stop != nil {
		c.stop()
	}
	ctx, stop := context.WithCancel(ctx)
	c.at, c.stop = at, stop
	return func() tea.Msg {
		timer := time.NewTimer(at.Sub(now))
		defer timer.Stop()
		select {
		case <-timer.C:
			return tick{at}
		case <-ctx.Done():
			return nil
		}
	}
}

// stopIfCurrent stops the clock if a tick is its own, and reports whether it was.
func (c *clock) stopIfCurrent(t tick) bool {
	if !t.at.Equal(c.at) {
		return false
	}
	c.stop()
	*c = clock{}
	return true
}
