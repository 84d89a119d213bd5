package triage

import (
	"slices"
	"time"
)

// warningMinutes is for how many minutes warnings are counted.
const warningMinutes = 15

// countWarnings says in a verdict by which nothing is broken how many warnings there are.
// Where there are some, the next minute changes that. Events that may not be read are not none.
func (s *State) countWarnings(v *Verdict) {
	if len(v.Findings) > v.Count(Notice) || !s.complete(eventKind) {
		return
	}
	v.Warnings = s.warningsPerMinute(v.At)
	next := v.At.Truncate(time.Minute).Add(time.Minute)
	if slices.Max(v.Warnings) > 0 && (v.Wake.IsZero() || next.Before(v.Wake)) {
		v.Wake = next
	}
}

// warningsPerMinute counts the Warning events by the minute in which each was seen last,
// the oldest minute first.
func (s *State) warningsPerMinute(now time.Time) []int {
	out := make([]int, warningMinutes)
	this := minuteOf(now)
	for i := range out {
		out[i] = s.minutes[this-minute(len(out)-1-i)]
	}
	return out
}

// minute is one of the clock's.
type minute int64

func minuteOf(t time.Time) minute { return minute(t.Unix() / 60) }

// putMinute counts a Warning by when it was seen last.
func (x *index) putMinute(e *entry, in bool) {
	last, ok := e.record.Cells[eventLast].Moment()
	if !ok {
		return
	}
	at := minuteOf(last)
	if in {
		x.minutes[at]++
	} else if x.minutes[at]--; x.minutes[at] == 0 {
		delete(x.minutes, at)
	}
}
