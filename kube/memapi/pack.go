package memapi

import (
	"container/list"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	// blockBytes and blockParts bound what has to be decompressed to read one object,
	// and how much of deleted objects a remaining one keeps in memory.
	blockBytes = 128 << 10
	blockParts = 32
	// windowBytes is how much text waits to be sorted into blocks. A list in
	// order of keys goes through all windows of its resource at once.
	windowBytes = 8 << 20
	// cacheBytes bounds the text of blocks that were read. It has to hold one
	// block of each window, or a list reads blocks again for every object: it
	// is enough for half a gigabyte of one resource in any order.
	cacheBytes = 8 << 20
	slabBytes  = 256 << 10
)

// pack holds the bytes of objects, compressed with their neighbours by key: these say
// nearly the same, and are listed together.
type pack struct {
	mu      sync.Mutex
	windows map[*store]*window
	waiting int // bytes in all windows
	text    map[*block]*list.Element
	recent  list.List // of *blockText, the latest first
	cached  int       // bytes in recent
	reads   int       // blocks that were decompressed
	joined  []byte
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// window has the objects of a store that are not in blocks yet.
type window struct {
	parts []keyedPart
	slab  *block
	bytes int
}

type keyedPart struct {
	key  string
	part *part
}

// block is some objects' bytes; compressed is nil while they are in a window.
type block struct{ compressed, text []byte }

type blockText struct {
	of   *block
	text []byte
}

// part is one object's bytes in a block. The pack moves it when it is sorted.
type part struct {
	pack     *pack
	block    *block
	from, to uint32
}

// newPack never fails: its options are constants.
func newPack() *pack {
	p := &pack{windows: map[*store]*window{}, text: map[*block]*list.Element{}}
	p.encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(blockBytes), zstd.WithLowerEncoderMem(true))
	p.decoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	return p
}

// add keeps a copy of the bytes of an object that goes into the store.
func (p *pack) add(to *store, key string, b []byte) Data {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.windows[to]
	if w == nil {
		w = &window{}
		p.windows[to] = w
	}
	if w.slab == nil || len(w.slab.text)+len(b) > cap(w.slab.text) {
		// A slab is as large as what came before it: most stores hold little.
		w.slab = &block{text: make([]byte, 0, max(len(b), min(w.bytes, slabBytes)))}
	}
	from := len(w.slab.text)
	w.slab.text = append(w.slab.text, b...)
	one := &part{p, w.slab, uint32(from), uint32(len(w.slab.text))}
	w.parts = append(w.parts, keyedPart{key, one})
	w.bytes += len(b)
	if p.waiting += len(b); p.waiting > windowBytes {
		p.seal()
	}
	return one
}

// seal sorts the largest window into blocks.
func (p *pack) seal() {
	var largest *store
	for s, w := range p.windows {
		if largest == nil || w.bytes > p.windows[largest].bytes {
			largest = s
		}
	}
	w := p.windows[largest]
	delete(p.windows, largest)
	p.waiting -= w.bytes
	slices.SortStableFunc(w.parts, func(x, y keyedPart) int { return strings.Compare(x.key, y.key) })
	for len(w.parts) > 0 {
		p.joined = p.joined[:0]
		n := 0
		for ; n < min(len(w.parts), blockParts); n++ {
			one := w.parts[n].part
			if n > 0 && len(p.joined)+int(one.to-one.from) > blockBytes {
				break
			}
			p.joined = append(p.joined, one.block.text[one.from:one.to]...)
		}
		sealed := &block{compressed: p.encoder.EncodeAll(p.joined, nil)}
		at := uint32(0)
		for _, k := range w.parts[:n] {
			size := k.part.to - k.part.from
			k.part.block, k.part.from, k.part.to = sealed, at, at+size
			at += size
		}
		w.parts = w.parts[n:]
	}
	if cap(p.joined) > 2*blockBytes {
		p.joined = nil
	}
}

// Bytes implements Data.
func (d *part) Bytes() ([]byte, error) {
	p := d.pack
	p.mu.Lock()
	defer p.mu.Unlock()
	text := d.block.text
	if d.block.compressed != nil {
		var err error
		if text, err = p.read(d.block); err != nil {
			return nil, fmt.Errorf("read a block of objects: %w", err)
		}
	}
	return text[d.from:d.to:d.to], nil
}

func (p *pack) read(b *block) ([]byte, error) {
	if e := p.text[b]; e != nil {
		p.recent.MoveToFront(e)
		return e.Value.(*blockText).text, nil
	}
	text, err := p.decoder.DecodeAll(b.compressed, nil)
	if err != nil {
		return nil, err
	}
	p.reads++
	p.text[b] = p.recent.PushFront(&blockText{b, text})
	for p.cached += len(text); p.cached > cacheBytes && p.recent.Len() > 1; {
		last := p.recent.Remove(p.recent.Back()).(*blockText)
		delete(p.text, last.of)
		p.cached -= len(last.text)
	}
	return text, nil
}
