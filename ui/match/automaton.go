package match

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// automaton tells whether a text has a match of a regular expression, reading each
// character once: a deterministic automaton, made as far as texts lead through it
// (Thompson's construction, https://swtch.com/~rsc/regexp/regexp1.html). regexp keeps
// track of where matches begin and end, which takes some ten times as long. Any
// goroutine may use it.
type automaton struct {
	prog *syntax.Prog
	// looks is set where the program asks what stands beside a place, as ^, $ and \b do.
	looks bool
	// bounds are where classes of characters begin that the program treats alike; the
	// class of a character is how many of them are at or below it.
	bounds []rune
	ascii  [utf8.RuneSelf]uint16

	start, matched *state
	mu             sync.Mutex
	states         map[string]*state // by their keys
}

// state is where the program may be after some characters.
type state struct {
	at     []uint32 // its instructions, sorted
	before rune     // what stands before: -1 for the beginning of the text
	// next leads on by the class of a character; the last one is the end of the text,
	// which leads to matched or nowhere.
	next []atomic.Pointer[state]
}

// statesMax bounds an automaton, whose states can be exponential in the length of
// an expression.
const statesMax = 2000

func newAutomaton(prog *syntax.Prog) *automaton {
	a := &automaton{prog: prog, states: map[string]*state{}, matched: &state{}}
	a.split()
	a.start = a.state(nil, -1)
	return a
}

// split finds the classes of characters.
func (a *automaton) split() {
	cut := func(first, last rune) { a.bounds = append(a.bounds, first, last+1) }
	for _, in := range a.prog.Inst {
		switch in.Op {
		case syntax.InstEmptyWidth:
			a.looks = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAnyNotNL:
			for r := range runesOf(in) {
				cut(r[0], r[1])
			}
		default:
			// It reads nothing, or anything.
		}
	}
	if a.looks {
		for _, r := range [][2]rune{{'\n', '\n'}, {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}} {
			cut(r[0], r[1])
		}
	}
	slices.Sort(a.bounds)
	a.bounds = slices.Compact(a.bounds)
	for r := range a.ascii {
		a.ascii[r] = uint16(a.class(rune(r)))
	}
}

// runesOf returns the ranges of characters at whose ends an instruction's answer
// changes.
func runesOf(in syntax.Inst) func(yield func([2]rune) bool) {
	return func(yield func([2]rune) bool) {
		switch {
		case in.Op == syntax.InstRuneAnyNotNL:
			yield([2]rune{'\n', '\n'})
		case len(in.Rune) == 1:
			first := in.Rune[0]
			if !yield([2]rune{first, first}) || syntax.Flags(in.Arg)&syntax.FoldCase == 0 {
				return
			}
			for r := unicode.SimpleFold(first); r != first && yield([2]rune{r, r}); {
				r = unicode.SimpleFold(r)
			}
		default:
			for i := 0; i+1 < len(in.Rune) && yield([2]rune{in.Rune[i], in.Rune[i+1]}); {
				i += 2
			}
		}
	}
}

func (a *automaton) class(r rune) int {
	n, at := slices.BinarySearch(a.bounds, r)
	if at {
		n++
	}
	return n
}

// matches reports whether a text has a match. known is false where the automaton has
// grown too large to tell.
func (a *automaton) matches(s string) (found, known bool) {
	at := a.start
	for i := 0; i < len(s); {
		var class int
		r, size := rune(s[i]), 1
		if r < utf8.RuneSelf {
			class = int(a.ascii[r])
		} else {
			r, size = utf8.DecodeRuneInString(s[i:])
			class = a.class(r)
		}
		i += size
		next := at.next[class].Load()
		if next == nil {
			if next = a.step(at, r); next == nil {
				return false, false
			}
			at.next[class].Store(next)
		}
		if next == a.matched {
			return true, true
		}
		at = next
	}
	end := &at.next[len(at.next)-1]
	last := end.Load()
	if last == nil {
		last = a.step(at, -1)
		end.Store(last)
	}
	return last == a.matched, true
}

// step returns the state behind a character, or behind the end of the text (-1): then
// it is matched or the start. It is nil where there are too many states.
func (a *automaton) step(from *state, r rune) *state {
	var seen, next set
	beside := syntax.EmptyOpContext(from.before, r)
	for _, pc := range append([]uint32{uint32(a.prog.Start)}, from.at...) {
		if a.follow(pc, beside, &seen) {
			return a.matched
		}
	}
	if r < 0 {
		return a.start
	}
	for _, pc := range seen.list {
		if in := &a.prog.Inst[pc]; reads(in) && in.MatchRune(r) {
			next.add(in.Out)
		}
	}
	slices.Sort(next.list)
	before := rune(-1)
	if a.looks {
		before = a.bounds[0] - 1
		if class := a.class(r); class > 0 {
			before = a.bounds[class-1] // one for all of its class
		}
	}
	return a.state(next.list, before)
}

func reads(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	default:
		return false
	}
}

// follow adds the instructions to which one leads without a character, and reports
// whether a match is among them.
func (a *automaton) follow(pc uint32, beside syntax.EmptyOp, seen *set) (match bool) {
	for todo := []uint32{pc}; len(todo) > 0; {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen.add(pc) {
			continue
		}
		switch in := &a.prog.Inst[pc]; in.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^beside == 0 {
				todo = append(todo, in.Out)
			}
		default:
			// It waits for a character, or fails.
		}
	}
	return false
}

// state returns the one of these instructions, which are sorted.
func (a *automaton) state(at []uint32, before rune) *state {
	key := binary.AppendVarint(nil, int64(before))
	for _, pc := range at {
		key = binary.AppendUvarint(key, uint64(pc))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.states[string(key)]
	if s == nil && len(a.states) < statesMax {
		s = &state{at: at, before: before, next: make([]atomic.Pointer[state], len(a.bounds)+2)}
		a.states[string(key)] = s
	}
	return s
}

// set holds instructions in the order in which they came.
type set struct {
	list []uint32
	has  map[uint32]bool
}

// add reports whether the instruction is new.
func (s *set) add(pc uint32) bool {
	if s.has[pc] {
		return false
	}
	if s.has == nil {
		s.has = map[uint32]bool{}
	}
	s.has[pc] = true
	s.list = append(s.list, pc)
	return true
}
