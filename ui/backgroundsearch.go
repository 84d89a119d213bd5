package ui

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/ui/match"
)

// Blocks is a Document that may be too long to search in the loop. Its lines are kept
// in blocks, which are searched in the background.
type Blocks interface {
	Document
	// Blocks are all lines as they are now, in order.
	Blocks() []Block
}

// Block is lines that follow each other. They never change, so any goroutine
// may read them.
type Block interface {
	Len() int
	// AppendText appends the text of each line and a line feed.
	AppendText(to []byte) []byte
}

const (
	// backgroundLines is the length, in lines, from which a document is searched in the
	// background.
	backgroundLines = 10_000
	// backgroundWorkers is how many blocks are read at a time.
	backgroundWorkers = 2
	// reportGap is how often a search reports how far it is.
	reportGap = 500 * time.Millisecond
)

// backgroundSearch searches blocks of lines in the background. It is a source of Found.
type backgroundSearch struct {
	matcher   match.Matcher
	blocks    []searchBlock // in the order in which they are searched
	end       int           // the number of the line after the last
	startOnce sync.Once
	progress  chan struct{} // holds at most one

	mu            sync.Mutex
	claimed       int   // blocks that a worker has begun
	finished      int   // blocks from the first on that are done
	reported      int   // blocks from the first on that Next has returned
	matchReported bool  // Next has returned a match
	err           error // a worker's
}

// searchBlock is one block, and what was found in it.
type searchBlock struct {
	Block
	number int // of its first line
	found  []int
	done   bool
}

// Found is what a search of a long document has found so far. It is for the pager.
type Found struct {
	search *backgroundSearch
	blocks []searchBlock
	whole  bool
}

// newBackgroundSearch begins with the block that holds a line. first is the number
// of the document's first line.
func newBackgroundSearch(m match.Matcher, doc Blocks, first, line int) *backgroundSearch {
	b := &backgroundSearch{matcher: m, progress: make(chan struct{}, 1)}
	from := 0
	for _, block := range doc.Blocks() {
		if first <= line {
			from = len(b.blocks)
		}
		b.blocks = append(b.blocks, searchBlock{Block: block, number: first})
		first += block.Len()
	}
	b.end = first
	b.blocks = append(b.blocks[from:len(b.blocks):len(b.blocks)], b.blocks[:from]...)
	return b
}

// Next implements Source. It returns the first match at once.
func (b *backgroundSearch) Next(ctx context.Context) (Msg, error) {
	b.startOnce.Do(func() {
		for range backgroundWorkers {
			go b.work(ctx)
		}
	})
	timer := time.NewTimer(reportGap)
	defer timer.Stop()
	for late := false; ; {
		found, ok, err := b.nextReport(late)
		switch {
		case err != nil:
			return nil, err
		case ok:
			return found, nil
		case b.reported == len(b.blocks):
			return nil, io.EOF
		}
		select {
		case <-b.progress:
		case <-timer.C:
			late = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// nextReport returns what is to be reported now, if anything.
func (b *backgroundSearch) nextReport(late bool) (report Found, ok bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	report = Found{search: b, blocks: b.blocks[b.reported:b.finished], whole: b.finished == len(b.blocks)}
	hit := false
	for _, block := range report.blocks {
		hit = hit || len(block.found) > 0
	}
	if b.err != nil || len(report.blocks) == 0 || !late && !report.whole && (b.matchReported || !hit) {
		return Found{}, false, b.err
	}
	b.matchReported = b.matchReported || hit
	b.reported = b.finished
	return report, true, nil
}

// work searches blocks until none is left.
func (b *backgroundSearch) work(ctx context.Context) {
	var err error
	defer func() { b.noteProgress(nil, nil, err) }()
	defer recoverInto(&err)
	var text []byte
	for ctx.Err() == nil {
		b.mu.Lock()
		i := b.claimed
		b.claimed++
		b.mu.Unlock()
		if i >= len(b.blocks) {
			return
		}
		block := &b.blocks[i]
		text = block.AppendText(text[:0])
		b.noteProgress(block, match.AppendMatching(nil, b.matcher, string(text), block.number), nil)
	}
}

// noteProgress takes what was found in a block, or why a worker has ended.
func (b *backgroundSearch) noteProgress(block *searchBlock, found []int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.err = err
	}
	if block != nil {
		block.found, block.done = found, true
	}
	for b.finished < len(b.blocks) && b.blocks[b.finished].done {
		b.finished++
	}
	select {
	case b.progress <- struct{}{}:
	default:
	}
}
