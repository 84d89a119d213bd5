package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// delayed is an effect that waits for its time.
type delayed struct {
	layer  *layer
	on     *layer // what was on top when it began to wait: esc stops it there
	effect Effect
	at     time.Time // by the clock of the frame
	stop   context.CancelFunc
}

// effectDue is the end of the time in which an effect could be stopped.
type effectDue struct{ of *delayed }

// delay lets an effect wait, so that a person can stop it.
func (s *Shell) delay(from *layer, intent Later) tea.Cmd {
	if intent.Wait <= 0 {
		return s.runEffect(from, intent.Effect)
	}
	ctx, stop := context.WithCancel(s.ctx)
	d := &delayed{layer: from, on: s.topLayer(), effect: intent.Effect, at: s.o.Now().Add(intent.Wait), stop: stop}
	s.delayed = append(s.delayed, d)
	s.dirty = true
	return func() tea.Msg {
		timer := time.NewTimer(intent.Wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			return effectDue{d}
		case <-ctx.Done():
			return nil
		}
	}
}

// runDue runs an effect whose time has come, unless it was stopped.
func (s *Shell) runDue(d *delayed) tea.Cmd {
	i := slices.Index(s.delayed, d)
	if i < 0 {
		return nil
	}
	s.delayed = slices.Delete(s.delayed, i, i+1)
	d.stop()
	return s.runEffect(d.layer, d.effect)
}

// stopDelayed stops the effect that was asked for last, and reports whether there is one. Elsewhere than
// where it was asked for, esc is for what is there.
func (s *Shell) stopDelayed() bool {
	n := len(s.delayed)
	if n == 0 || !s.stopsHere(s.delayed[n-1]) {
		return false
	}
	d := s.delayed[n-1]
	s.delayed = s.delayed[:n-1]
	d.stop()
	text := "stopped, nothing was done: " + d.effect.String()
	s.say(Say{Text: text, Role: themes.OK})
	s.log("info", text)
	return true
}

// stopsHere reports whether esc stops an effect that waits: on the screen on which it was asked for, and
// everywhere once that is left for good.
func (s *Shell) stopsHere(d *delayed) bool { return d.on == s.topLayer() || d.on.ended() }

// countdown says what will be done, when, and how to stop it.
func (s *Shell) countdown(now time.Time) Say {
	d := s.delayed[len(s.delayed)-1]
	left := max(1, int((d.at.Sub(now)+time.Second-1)/time.Second))
	more := ""
	if n := len(s.delayed) - 1; n > 0 {
		more = fmt.Sprintf(", %d more wait", n)
	}
	how := "esc stops it"
	if !s.stopsHere(d) {
		how = "esc stops it back there"
	}
	// What a person has to know comes first: the rest may be cut.
	return Say{Text: fmt.Sprintf("in %d s (%s%s): %s", left, how, more, d.effect), Role: themes.Degraded}
}

// countsAt is when the countdown reads differently; zero while nothing waits.
func (s *Shell) countsAt(now time.Time) time.Time {
	if len(s.delayed) == 0 {
		return time.Time{}
	}
	left := s.delayed[len(s.delayed)-1].at.Sub(now)
	return now.Add(max(wakeGap, left-(left-1).Truncate(time.Second)))
}

// quit ends the program, unless an effect waits or goes on: who quits at once may believe it done.
func (s *Shell) quit() tea.Cmd {
	text := ""
	switch {
	case len(s.delayed) > 0:
		text = "ctrl+c quits without it; " + s.countdown(s.o.Now()).Text
	case s.o.Busy != nil:
		if goesOn := s.o.Busy(s.topLayer().view); goesOn != "" {
			text = "ctrl+c quits and stops it: " + goesOn
		}
	}
	if text == "" {
		return tea.Quit
	}
	s.say(Say{Text: text, Role: themes.Degraded})
	return nil
}
