package logbuf

import (
	"context"
	"io"
	"slices"
	"sort"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	// siftAtOnce is how many lines are looked at in the loop, at most.
	siftAtOnce = 5000
	// siftGap is how often what was found in the background is reported, after the first.
	siftGap = 100 * time.Millisecond
)

// Sieve is the lines of a Buffer that a Filter chooses, with lines around them as their
// context. Lines have the numbers that they have in the Buffer: its index plus Dropped.
// A line that belongs to the one before it, as in a stack trace, is chosen with that one;
// of a trace that is folded only the first line is shown.
// What was there before is looked at in the background. It is used from one goroutine.
type Sieve struct {
	buffer  *Buffer
	filter  *Filter // without terms it chooses all: then nothing below is needed
	fold    bool
	context int
	matched []int
	shown   []int // matched, and their context
	next    int   // the number of the first line that was not looked at
	sifting *Sifting
	gone    int // without terms: how many lines were dropped that were shown
}

// NewSieve begins with the oldest line of a buffer.
func NewSieve(f *Filter, fold bool, b *Buffer) *Sieve {
	s := &Sieve{buffer: b, filter: f, fold: fold, next: b.dropped, gone: b.dropped - b.traces.dropped}
	s.Advance()
	return s
}

// Filter returns what chooses the lines.
func (s *Sieve) Filter() *Filter { return s.filter }

// all reports whether only traces are left out.
func (s *Sieve) all() bool { return len(s.filter.terms) == 0 && s.fold }

// Len is the number of lines that are shown.
func (s *Sieve) Len() int {
	if s.all() {
		return s.buffer.Len() - len(s.buffer.traces.numbers)
	}
	return len(s.shown)
}

// Matched is the number of lines that are chosen, without their context.
func (s *Sieve) Matched() int { return len(s.matched) }

// Number returns the number of the i-th line that is shown.
func (s *Sieve) Number(i int) int {
	if !s.all() {
		return s.shown[i]
	}
	hidden := s.buffer.traces.numbers
	before := sort.Search(len(hidden), func(n int) bool { return hidden[n]-s.buffer.dropped-n > i })
	return s.buffer.dropped + i + before
}

// Index returns the place of the line with a number, or of the next one that is shown.
func (s *Sieve) Index(number int) int {
	if s.all() {
		before, _ := slices.BinarySearch(s.buffer.traces.numbers, number)
		return number - s.buffer.dropped - before
	}
	i, _ := slices.BinarySearch(s.shown, number)
	return i
}

// IsContext reports whether the i-th line is shown only because of one near it.
func (s *Sieve) IsContext(i int) bool {
	if s.all() {
		return false
	}
	_, chosen := slices.BinarySearch(s.matched, s.shown[i])
	return !chosen
}

// ChosenIn reports whether any line was chosen from a number on and before another.
func (s *Sieve) ChosenIn(from, to int) bool {
	i, _ := slices.BinarySearch(s.matched, from)
	return i < len(s.matched) && s.matched[i] < to
}

// Context returns how many lines around a chosen one are shown.
func (s *Sieve) Context() int { return s.context }

// SetContext sets it.
func (s *Sieve) SetContext(lines int) {
	s.context = lines
	s.expand(0)
}

// Folds reports whether stack traces are folded.
func (s *Sieve) Folds() bool { return s.fold }

// SetFold folds traces, or unfolds them.
func (s *Sieve) SetFold(fold bool) {
	s.fold = fold
	s.Advance()
	s.expand(0)
}

// Sifting returns what looks at lines in the background, to be watched; nil when nothing
// does.
func (s *Sieve) Sifting() *Sifting { return s.sifting }

// Advance looks at lines that have come: at a few here, else in the background.
func (s *Sieve) Advance() {
	end := s.buffer.dropped + s.buffer.Len()
	if s.sifting != nil || s.all() {
		return
	}
	if end-s.next > siftAtOnce {
		s.sifting = newSifting(s.filter, s.buffer, s.next)
		return
	}
	known := len(s.matched)
	for ; s.next < end; s.next++ {
		if s.passes(s.next - s.buffer.dropped) {
			s.matched = append(s.matched, s.next)
		}
	}
	s.expand(max(0, known-1))
}

// passes looks at one line.
func (s *Sieve) passes(i int) bool {
	head, nearest := s.buffer.Line(i), i-together
	for i >= max(0, nearest) && logs.Continues(kinds.WithoutSGR(head.Text)) {
		if i = s.buffer.before(i, head.Stream); i >= 0 {
			head = s.buffer.Line(i)
		}
	}
	return chooses(s.filter, head)
}

// chooses reports whether a line is chosen. One that says that lines are missing always is.
func chooses(f *Filter, l *Line) bool {
	return l.Flags&logs.Incomplete != 0 || f.Matches(kinds.WithoutSGR(l.Text))
}

// expand finds the lines that are shown again from a chosen one on, or from before it where
// a line turned out to be of a trace.
func (s *Sieve) expand(from int) {
	if earlier := s.buffer.traces.earlier; earlier > 0 {
		s.buffer.traces.earlier = 0
		i, _ := slices.BinarySearch(s.matched, earlier-1)
		from = min(from, max(0, i-1))
	}
	switch {
	case s.context == 0 && !s.fold:
		s.shown = s.matched
	case from == 0:
		s.shown = s.around(nil, 0, s.fold)
	default:
		cut, _ := slices.BinarySearch(s.shown, s.matched[from]-s.context)
		s.shown = s.around(s.shown[:cut], from, s.fold)
	}
}

// around appends the chosen lines from one on, and what is shown around them.
func (s *Sieve) around(to []int, from int, fold bool) []int {
	last := s.buffer.dropped - 1
	if n := len(to); n > 0 {
		last = to[n-1]
	}
	end := s.buffer.dropped + s.buffer.Len()
	for _, number := range s.matched[min(from, len(s.matched)):] {
		for line := max(number-s.context, last+1); line <= min(number+s.context, end-1); line++ {
			if last = line; !fold || !s.buffer.traces.has(line) {
				to = append(to, line)
			}
		}
	}
	return to
}

// Moved is called after other lines took the place of those from a number on.
func (s *Sieve) Moved(from int) {
	cut, _ := slices.BinarySearch(s.matched, from)
	s.matched = s.matched[:cut]
	s.next = min(s.next, from)
	if s.sifting != nil {
		s.sifting.changed = min(s.sifting.changed, from)
	}
	s.expand(max(0, cut-1))
}

// Dropped is called after the buffer has dropped its first lines. It returns how many of
// those that are shown went with them.
func (s *Sieve) Dropped() (shown int) {
	b := s.buffer
	if s.all() {
		before := s.gone
		s.gone = b.dropped - b.traces.dropped
		return max(0, s.gone-before)
	}
	cut, _ := slices.BinarySearch(s.matched, b.dropped)
	s.matched = slices.Clone(s.matched[cut:])
	s.next = max(s.next, b.dropped)
	if s.context == 0 && !s.fold {
		before := len(s.shown)
		s.expand(0)
		return before - len(s.shown)
	}
	shown, _ = slices.BinarySearch(s.shown, b.dropped)
	s.shown = slices.Clone(s.shown[shown:])
	return shown
}

// Take takes over what was found in the background, and reports whether it was asked for.
func (s *Sieve) Take(found Sifted) bool {
	if found.sifting == nil || found.sifting != s.sifting {
		return false
	}
	known := len(s.matched)
	for _, number := range found.numbers {
		if number >= s.next && number >= s.buffer.dropped && number < s.sifting.changed {
			s.matched = append(s.matched, number)
		}
	}
	s.next = max(s.next, min(found.next, s.sifting.changed))
	if found.whole {
		s.sifting = nil
		s.Advance()
	}
	s.expand(max(0, min(known, len(s.matched))-1))
	return true
}

// Ended is called when nothing more comes from the background.
func (s *Sieve) Ended(source ui.Source) {
	if s.sifting != nil && source == ui.Source(s.sifting) {
		s.sifting = nil
		s.Advance()
	}
}

// Chooser chooses lines as they come: those that belong to one before go with that one.
type Chooser struct {
	filter *Filter
	passed map[int]bool // of each stream: whether the last line that belongs to none is chosen
}

// NewChooser returns a Chooser that has seen nothing.
func NewChooser(f *Filter) *Chooser { return &Chooser{f, map[int]bool{}} }

// Chooses reports whether the next line is chosen.
func (c *Chooser) Chooses(l *Line) bool {
	if _, known := c.passed[l.Stream]; !known || !logs.Continues(kinds.WithoutSGR(l.Text)) {
		c.passed[l.Stream] = chooses(c.filter, l)
	}
	return c.passed[l.Stream]
}

// Sifting looks at lines in the background. It is a source of Sifted.
type Sifting struct {
	blocks  []siftBlock
	at      int
	told    bool // something was found and reported
	chooser *Chooser
	changed int // of the loop: from this number on, lines are not those that are looked at
}

// siftBlock is lines that never change.
type siftBlock struct {
	first int // number
	chunk *chunk
	plain []Line
}

// Sifted is what was found. It is for Sieve.Take.
type Sifted struct {
	sifting *Sifting
	numbers []int
	next    int
	whole   bool
}

// newSifting looks at the lines of a buffer from a number on. The block before is looked at
// too, for what a line may belong to.
func newSifting(f *Filter, b *Buffer, from int) *Sifting {
	s := &Sifting{chooser: NewChooser(f), changed: b.dropped + b.Len()}
	for _, c := range b.chunks {
		if c.end()+chunkLines > from {
			s.blocks = append(s.blocks, siftBlock{first: c.first, chunk: c})
		}
	}
	s.blocks = append(s.blocks, siftBlock{first: b.packed(), plain: slices.Clip(b.newest)})
	return s
}

// Next implements ui.Source.
func (s *Sifting) Next(ctx context.Context) (ui.Msg, error) {
	if s.at == len(s.blocks) {
		return nil, io.EOF
	}
	began := time.Now() //nolint:forbidigo // It only bounds the work.
	found := Sifted{sifting: s}
	for s.at < len(s.blocks) && time.Since(began) < siftGap && ctx.Err() == nil {
		found.numbers, found.next = s.sift(found.numbers, &s.blocks[s.at])
		s.at++
		if !s.told && len(found.numbers) > 0 {
			s.told = true
			break
		}
	}
	found.whole = s.at == len(s.blocks)
	return found, ctx.Err()
}

// sift appends the numbers of the lines of a block that are chosen, and returns the number
// of the line after it.
func (s *Sifting) sift(to []int, block *siftBlock) (numbers []int, next int) {
	lines := block.plain
	if block.chunk != nil {
		lines = block.chunk.unpack()
	}
	for i := range lines {
		if s.chooser.Chooses(&lines[i]) {
			to = append(to, block.first+i)
		}
	}
	return to, block.first + len(lines)
}

// Blocks returns the lines that are shown and those that are folded below them, for a file.
func (s *Sieve) Blocks(p Prefix) []ui.Block {
	b := s.buffer
	if s.all() {
		return b.Blocks(p)
	}
	var blocks []ui.Block
	rest := s.shown
	if s.fold {
		rest = s.around(nil, 0, false)
	}
	for _, c := range b.chunks {
		n, _ := slices.BinarySearch(rest, c.end())
		if n > 0 {
			blocks = append(blocks, siftedBlock{slices.Clip(rest[:n]), siftBlock{first: c.first, chunk: c}, &p})
		}
		rest = rest[n:]
	}
	return append(blocks, siftedBlock{slices.Clip(rest), siftBlock{first: b.packed(), plain: slices.Clip(b.newest)}, &p})
}

// siftedBlock is some of the lines of a block.
type siftedBlock struct {
	numbers []int
	of      siftBlock
	prefix  *Prefix
}

// Len implements ui.Block.
func (s siftedBlock) Len() int { return len(s.numbers) }

// AppendText implements ui.Block.
func (s siftedBlock) AppendText(to []byte) []byte {
	all := s.of.plain
	if s.of.chunk != nil {
		all = s.of.chunk.unpack()
	}
	lines := make([]Line, len(s.numbers))
	for i, number := range s.numbers {
		lines[i] = all[number-s.of.first]
	}
	return plainBlock{lines, s.prefix}.AppendText(to)
}
