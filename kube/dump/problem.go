package dump

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// Problem is something that could not be read, or that is not shown as it was
// written.
type Problem struct {
	File   string // as it is called in the dump
	Line   int    // from 1; 0 means the whole file
	Reason string
	Lost   bool // something is not shown because of it
}

// String is the problem in one line.
func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Reason
	case p.Line == 0:
		return p.File + ": " + p.Reason
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
}

// problemsMax bounds how many problems are kept; the others are counted.
const problemsMax = 10_000

// problems collects from every goroutine.
type problems struct {
	mu      sync.Mutex
	all     []Problem
	dropped int
	others  map[string]bool // files with content that is not of Kubernetes
}

func (p *problems) add(one Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) == problemsMax {
		p.dropped++
		return
	}
	p.all = append(p.all, one)
}

// reportLost notes that something in a file is not shown.
func (p *problems) reportLost(file string, line int, format string, args ...any) {
	p.add(Problem{File: file, Line: line, Reason: fmt.Sprintf(format, args...), Lost: true})
}

// reportAltered notes that something is not shown as it was written.
func (p *problems) reportAltered(file string, line int, format string, args ...any) {
	p.add(Problem{File: file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

// reportForeign notes, once for each file, that it holds something other than objects.
func (p *problems) reportForeign(file string, line int) {
	p.mu.Lock()
	known := p.others[file]
	if p.others == nil {
		p.others = map[string]bool{}
	}
	p.others[file] = true
	p.mu.Unlock()
	if !known {
		p.reportAltered(file, line, "not from Kubernetes: not shown")
	}
}

// sorted returns the problems by file and line, and how many were dropped.
func (p *problems) sorted() ([]Problem, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortStableFunc(p.all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return p.all, p.dropped
}
