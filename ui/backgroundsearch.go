package ui

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/ui/match"
)

// Blocks is a Document that may be too long to be searched in the loop. Its
// lines are kept in blocks, which are searched beside it.
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
	// backgroundLines is how many lines a document has that is searched beside the loop.
	backgroundLines = 10_000
	// backgroundWorkers is how many blocks are read at a time.
	backgroundWorkers = 2
	// reportGap is how often a search tells how far it is.
	reportGap = 500 * time.Millisecond
)

// backgroundSearch is a search through blocks of lines, beside the loop. It is a source of
// Found.
type backgroundSearch struct {
	matcher   match.Matcher
	blocks    []searchBlock // in the order in which they are looked at
	end       int           // the number of the line after the last
	startOnce sync.Once
	progress  chan struct{} // holds at most one

	mu            sync.Mutex
	claimed       int // how many blocks a worker has taken
	finished      int // how many of the first are done
	reported      int // how many were told of
	matchReported bool
}

// searchBlock is one block, and what was found in it.
type searchBlock struct {
	Block
	number int // of its first line
	found  []int
	done   bool
}

// Found is what a search of a long document has found so far; it is for the
// pager.
type Found struct {
	search *backgroundSearch
	blocks []searchBlock
	whole  bool
}

// newBackgroundSearch begins with the block that has a line. The number of the first line
// is given.
func newBackgroundSearch(m match.Matcher, doc Blocks, first, line int) *backgroundSearch {
	h := &backgroundSearch{matcher: m, progress: make(chan struct{}, 1)}
	from := 0
	for _, block := range doc.Blocks() {
		if first <= line {
			from = len(h.blocks)
		}
		h.blocks = append(h.blocks, searchBlock{Block: block, number: first})
		first += block.Len()
	}
	h.end = first
	h.blocks = append(h.blocks[from:len(h.blocks):len(h.blocks)], h.blocks[:from]...)
	return h
}

// Next implements Source. It tells of the first match at once.
func (h *backgroundSearch) Next(ctx context.Context) (Msg, error) {
	h.startOnce.Do(func() {
		for range backgroundWorkers {
			go h.searchBlocks(ctx)
		}
	})
	timer := time.NewTimer(reportGap)
	defer timer.Stop()
	for late := false; ; {
		if found, ok := h.nextReport(late); ok {
			return found, nil
		}
		if h.reported == len(h.blocks) {
			return nil, io.EOF
		}
		select {
		case <-h.progress:
		case <-timer.C:
			late = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// nextReport returns what is to be told now, if anything.
func (h *backgroundSearch) nextReport(late bool) (Found, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news := Found{search: h, blocks: h.blocks[h.reported:h.finished], whole: h.finished == len(h.blocks)}
	hit := false
	for _, block := range news.blocks {
		hit = hit || len(block.found) > 0
	}
	if len(news.blocks) == 0 || !late && !news.whole && (h.matchReported || !hit) {
		return Found{}, false
	}
	h.matchReported = h.matchReported || hit
	h.reported = h.finished
	return news, true
}

// searchBlocks reads blocks until none is left.
func (h *backgroundSearch) searchBlocks(ctx context.Context) {
	var text []byte
	for ctx.Err() == nil {
		h.mu.Lock()
		i := h.claimed
		h.claimed++
		h.mu.Unlock()
		if i >= len(h.blocks) {
			return
		}
		block := &h.blocks[i]
		text = block.AppendText(text[:0])
		found := match.AppendMatching(nil, h.matcher, string(text), block.number)
		h.finishBlock(block, found)
	}
}

func (h *backgroundSearch) finishBlock(block *searchBlock, found []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	block.found, block.done = found, true
	for h.finished < len(h.blocks) && h.blocks[h.finished].done {
		h.finished++
	}
	select {
	case h.progress <- struct{}{}:
	default:
	}
}
