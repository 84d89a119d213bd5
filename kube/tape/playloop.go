package tape

import (
	"context"
	"slices"
	"time"
)

const (
	// ordersMax is how many orders wait at most; more are dropped, as they
	// come from a key that is held down.
	ordersMax = 64
	// tickEvery is how often the time is moved on while the tape plays.
	tickEvery = 100 * time.Millisecond
	// pauseAtEnd is how long a looping tape stands at its end.
	pauseAtEnd = 5 * time.Second
	// markFor is how long, in the tape's time, the words of a mark are shown;
	// those of a note are shown until the next.
	markFor = 30 * time.Second
)

type verb uint8

const (
	toggle verb = iota
	play
	faster
	slower
	forward
	back
	seek
)

// order is what a caller asked a Player to do.
type order struct {
	do       verb
	findings bool
	to       int64
}

func (p *Player) order(o order) {
	select {
	case p.orders <- o:
	default:
	}
}

// run executes orders and moves the time, until ctx ends.
func (p *Player) run(ctx context.Context) {
	defer close(p.done)
	p.anchorNow()
	timer := time.NewTimer(tickEvery)
	defer timer.Stop()
	for {
		var fire <-chan time.Time
		if wait, ticking := p.wait(); ticking {
			timer.Reset(wait)
			fire = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case o := <-p.orders:
			p.contain(func() { p.execute(o) })
		case <-fire:
			p.contain(p.tick)
		}
	}
}

// contain makes a panic of a move the state's error; the next move may go on.
func (p *Player) contain(move func()) {
	var err error
	func() {
		defer p.tape.Panicked.Recover("play the tape", &err)
		move()
	}()
	if err != nil {
		p.publish(func(s *State) { s.Err, s.Paused = err, true })
	}
}

// wait returns how long to sleep; a paused player sleeps until an order comes.
func (p *Player) wait() (time.Duration, bool) {
	s := p.State()
	switch {
	case s.Err != nil:
		return 0, false
	case s.AtEnd && p.loop:
		return pauseAtEnd, true
	}
	return tickEvery, !s.Paused
}

// anchorNow anchors the position to the wall's time of now.
func (p *Player) anchorNow() { p.anchor, p.anchored = time.Now(), p.position }

// tick moves the tape on to where it should be by now.
func (p *Player) tick() {
	s := p.State()
	if s.AtEnd {
		p.moveTo(p.tape.start, false)
		p.anchorNow()
		return
	}
	passed := time.Since(p.anchor) * time.Duration(s.Speed)
	p.moveTo(p.anchored+passed.Microseconds(), s.Paused)
}

// moveTo goes to a time and says so.
func (p *Player) moveTo(to int64, paused bool) {
	to = min(max(to, p.tape.start), p.tape.end)
	err := p.advanceTo(to)
	if err != nil {
		p.publish(func(s *State) { s.Err, s.Paused = err, true })
		return
	}
	end := to == p.tape.end
	p.publish(func(s *State) { s.Err, s.AtEnd, s.Paused = nil, end, paused || end })
}

func (p *Player) execute(o order) {
	s := p.State()
	switch o.do {
	case toggle, play:
		switch {
		case o.do == toggle && !s.Paused:
			p.publish(func(s *State) { s.Paused = true })
		case s.AtEnd:
			p.moveTo(p.tape.start, false)
		default:
			p.publish(func(s *State) { s.Paused = false })
		}
	case faster:
		i := slices.IndexFunc(Speeds, func(n int) bool { return n > s.Speed })
		if i >= 0 {
			p.publish(func(s *State) { s.Speed = Speeds[i] })
		}
	case slower:
		slowest := Speeds[0]
		for _, n := range Speeds {
			if n < s.Speed {
				slowest = n
			}
		}
		p.publish(func(s *State) { s.Speed = slowest })
	case forward, back:
		p.step(o)
	case seek:
		p.moveTo(o.to, s.Paused)
	}
	p.anchorNow()
}

// step goes to the stop next to the position; where there is none, to the end or the
// start.
func (p *Player) step(o order) {
	to, ok, err := p.tape.stop(p.position, o.do == forward, o.findings)
	switch {
	case err != nil:
		p.publish(func(s *State) { s.Err, s.Paused = err, true })
		return
	case !ok && o.do == forward:
		to = p.tape.end
	case !ok:
		to = p.tape.start
	}
	p.moveTo(to, true)
	if text := p.changed(to); ok && text != "" {
		p.publish(func(s *State) { s.Step = text })
	}
}

// publish changes the state and notifies the watches if it reads differently.
func (p *Player) publish(change func(*State)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.state
	p.state.Position = fromMicros(p.position)
	p.state.Mark = p.tape.markAt(p.position)
	p.state.Step = ""
	change(&p.state)
	now := p.state
	// While it stands still, every step is a change.
	moved := now.Paused && before.Position != now.Position
	before.Position, now.Position = before.Position.Truncate(time.Second), now.Position.Truncate(time.Second)
	if before == now && !moved {
		return
	}
	for signal := range p.watches {
		select {
		case signal <- struct{}{}:
		default:
		}
	}
}

// markAt returns the words of the mark that came last, while it is recent.
func (t *Tape) markAt(at int64) string {
	text := ""
	for _, m := range t.marks {
		since := at - micros(m.Time)
		if since >= 0 && (m.Kind == Note || m.Text != "" && since < markFor.Microseconds()) {
			text = m.Text
		}
	}
	return text
}
