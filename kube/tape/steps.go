package tape

import (
	"sort"
	"strings"
)

// stop returns the time of the stop that comes after a time, or before it.
// Stops are changes that are not quiet, or findings and marks.
func (t *Tape) stop(from int64, forward, findings bool) (at int64, ok bool, err error) {
	if forward {
		at, ok, err = t.changeAfter(from, findings)
	} else {
		at, ok, err = t.changeBefore(from, findings)
	}
	if !findings {
		return at, ok, err
	}
	for _, m := range t.marks {
		when := micros(m.Time)
		if m.Text == "" || when < t.start {
			continue
		}
		if forward && when > from && (!ok || when < at) || !forward && when < from && (!ok || when > at) {
			at, ok = when, true
		}
	}
	return at, ok, err
}

func (t *Tape) changeAfter(from int64, findings bool) (int64, bool, error) {
	i := sort.Search(len(t.changes), func(i int) bool { return t.changes[i].last > from })
	for ; i < len(t.changes); i++ {
		found, ok := int64(0), false
		err := t.stops(t.changes[i], findings, func(at int64) bool {
			found, ok = at, at > from
			return !ok
		})
		if ok || err != nil {
			return found, ok, err
		}
	}
	return 0, false, nil
}

func (t *Tape) changeBefore(from int64, findings bool) (int64, bool, error) {
	i := sort.Search(len(t.changes), func(i int) bool { return t.changes[i].first >= from }) - 1
	for ; i >= 0 && t.changes[i].last > t.start; i-- {
		found, ok := int64(0), false
		err := t.stops(t.changes[i], findings, func(at int64) bool {
			if at < from && at > t.start {
				found, ok = at, true
			}
			return at < from
		})
		if ok || err != nil {
			return found, ok, err
		}
	}
	return 0, false, nil
}

// stops calls each with the times of a frame's stops, until it returns false.
func (t *Tape) stops(f frame, findings bool, each func(at int64) bool) error {
	if findings && f.findings == 0 {
		return nil
	}
	text, err := t.cached(f)
	if err != nil {
		return err
	}
	c, since := newCursor(text), f.first
	for c.more() {
		ch := c.change(since)
		if c.bad {
			return errDamaged
		}
		since = ch.at
		if findings && ch.flags&finding == 0 || ch.flags&quiet != 0 {
			continue
		}
		if !each(ch.at) {
			return nil
		}
	}
	return nil
}

// changed says what a step to a time shows: the first change that is a stop there, one that
// is a finding before others; "" where it cannot be read.
func (p *Player) changed(at int64) string {
	before, err := p.tape.at(at - 1)
	if err != nil {
		return ""
	}
	text := ""
	for {
		c, err := before.reader.peek()
		if err != nil || c == nil || c.at > at {
			return text
		}
		flags := c.flags
		now, gone, err := before.apply(before.reader.pop())
		if err != nil {
			return text
		}
		if c.at < at || flags&quiet != 0 || text != "" && flags&finding == 0 {
			continue
		}
		text = p.words(now, gone)
		if flags&finding != 0 {
			return text
		}
	}
}

// words are "pod shop/web-1: CrashLoopBackOff", or what else its table shows of it.
func (p *Player) words(now, gone *objectVersion) string {
	about := now
	if gone != nil {
		about = gone
	}
	ref := refOf(about)
	name := strings.ToLower(ref.Kind) + " " + strings.TrimPrefix(ref.Namespace+"/"+ref.Name, "/")
	if gone != nil {
		return name + " is gone"
	}
	cells := p.api.Cells(objectOf(now), "OBJECT", "REASON", "MESSAGE", "STATUS", "READY")
	switch {
	case ref.Kind == "Event" && cells[0] != "":
		return cells[0] + ": " + cells[1] + ": " + cells[2]
	case cells[3] != "":
		return name + ": " + cells[3]
	case cells[4] != "":
		return name + ": " + cells[4] + " ready"
	}
	return name + " changed"
}
