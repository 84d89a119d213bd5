package logs

import "time"

// tailTimes is how many lines of a stream are remembered by their times. Standard output
// and standard error are stamped apart and written in turn, so neighbours may be out of
// order; a request that goes on must not take one that it has not seen for an old one.
const tailTimes = 1024

// Tail is how far one run of a container has been read. A request for what follows begins
// at a full second: the API gives times to the second, so part of it comes again.
type Tail struct {
	times [tailTimes]int64 // of the last lines, in Unix nanoseconds, in a ring
	count int              // of lines with a time
	last  int64            // the youngest

	again   map[int64]int // how many lines of each time may come again; nil once past them
	oldest  int64         // of those
	overlap bool          // one of them came
}

// Resume begins another request, and returns the time from which it must ask; zero when
// nothing was read.
func (t *Tail) Resume() time.Time {
	t.again, t.overlap = nil, false
	if t.count == 0 {
		return time.Time{}
	}
	t.again, t.oldest = map[int64]int{}, t.last
	for _, at := range t.times[:min(t.count, tailTimes)] {
		t.again[at]++
		t.oldest = min(t.oldest, at)
	}
	return t.Last()
}

// Keep reports whether a line is new, and whether lines before it may be missing: the
// request went on, and nothing that was read before came again.
func (t *Tail) Keep(line Line) (keep, gap bool) {
	if line.Time.IsZero() {
		return true, false
	}
	at := line.Time.UnixNano()
	if t.again != nil {
		switch {
		case at < t.oldest:
			t.overlap = true
			return false, false
		case t.again[at] > 0:
			t.overlap = true
			t.again[at]--
			return false, false
		case at > t.last:
			gap, t.overlap = !t.overlap, true
		}
		if at > t.last+int64(time.Second) {
			t.again = nil
		}
	}
	t.times[t.count%tailTimes] = at
	t.count++
	t.last = max(t.last, at)
	return true, gap
}

// Last is the time of the youngest line; zero when there is none.
func (t *Tail) Last() time.Time {
	if t.count == 0 {
		return time.Time{}
	}
	return time.Unix(0, t.last)
}
