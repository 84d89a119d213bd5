package ui

import (
	"context"
	"io"
	"sync"
	"time"
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
	// huntLines is how many lines a document has that is searched beside the loop.
	huntLines = 10_000
	// huntWorkers is how many blocks are read at a time.
	huntWorkers = 2
	// huntNews is how often a search tells how far it is.
	huntNews = 500 * time.Millisecond
)

// hunt is a search through blocks of lines, beside the loop. It is a source of
// Found.
type hunt struct {
	finder finder
	blocks []huntBlock // in the order in which they are looked at
	end    int         // the number of the line after the last
	start  sync.Once
	news   chan struct{} // holds at most one

	mu    sync.Mutex
	taken int // how many blocks a worker has taken
	ready int // how many of the first are done
	told  int // how many were told of
	first bool
}

// huntBlock is one block, and what was found in it.
type huntBlock struct {
	Block
	number int // of its first line
	found  []int
	done   bool
}

// Found is what a search of a long document has found so far; it is for the
// pager.
type Found struct {
	hunt   *hunt
	blocks []huntBlock
	whole  bool
}

// newHunt begins with the block that has a line. The number of the first line
// is given.
func newHunt(f finder, doc Blocks, first, line int) *hunt {
	h := &hunt{finder: f, news: make(chan struct{}, 1)}
	from := 0
	for _, block := range doc.Blocks() {
		if first <= line {
			from = len(h.blocks)
		}
		h.blocks = append(h.blocks, huntBlock{Block: block, number: first})
		first += block.Len()
	}
	h.end = first
	h.blocks = append(h.blocks[from:len(h.blocks):len(h.blocks)], h.blocks[:from]...)
	return h
}

// Next implements Source. It tells of the first match at once.
func (h *hunt) Next(ctx context.Context) (Msg, error) {
	h.start.Do(func() {
		for range huntWorkers {
			go h.work(ctx)
		}
	})
	timer := time.NewTimer(huntNews)
	defer timer.Stop()
	for late := false; ; {
		if found, ok := h.take(late); ok {
			return found, nil
		}
		if h.told == len(h.blocks) {
			return nil, io.EOF
		}
		select {
		case <-h.news:
		case <-timer.C:
			late = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns what is to be told now, if anything.
func (h *hunt) take(late bool) (Found, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news := Found{hunt: h, blocks: h.blocks[h.told:h.ready], whole: h.ready == len(h.blocks)}
	hit := false
	for _, block := range news.blocks {
		hit = hit || len(block.found) > 0
	}
	if len(news.blocks) == 0 || !late && !news.whole && (h.first || !hit) {
		return Found{}, false
	}
	h.first = h.first || hit
	h.told = h.ready
	return news, true
}

// work reads blocks until none is left.
func (h *hunt) work(ctx context.Context) {
	var text []byte
	for ctx.Err() == nil {
		h.mu.Lock()
		i := h.taken
		h.taken++
		h.mu.Unlock()
		if i >= len(h.blocks) {
			return
		}
		block := &h.blocks[i]
		text = block.AppendText(text[:0])
		found := matching(h.finder, string(text), block.number, nil)
		h.finish(block, found)
	}
}

func (h *hunt) finish(block *huntBlock, found []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	block.found, block.done = found, true
	for h.ready < len(h.blocks) && h.blocks[h.ready].done {
		h.ready++
	}
	select {
	case h.news <- struct{}{}:
	default:
	}
}
