package memapi

import (
	"container/list"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	// packBytes and packParts bound what has to be read to find one object,
	// and what an object that stays keeps of those that went.
	packBytes = 128 << 10
	packParts = 32
	// packOpen is how many blocks are kept as text: what is listed in order,
	// or watched, is read once.
	packOpen = 16
)

// pack holds the bytes of objects, compressed together in the order they came:
// what neighbours say is nearly the same.
type pack struct {
	mu      sync.Mutex
	filling map[*store]*block
	text    map[*block]*list.Element // blocks that are there as text
	recent  list.List                // of *opened, the latest first
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// block is some objects' bytes; compressed is nil while it is filled.
type block struct {
	compressed, text []byte
	parts            int
}

type opened struct {
	of   *block
	text []byte
}

// part is one object's bytes in a block.
type part struct {
	pack     *pack
	block    *block
	from, to int
}

// newPack never fails: its options are constants.
func newPack() *pack {
	p := &pack{filling: map[*store]*block{}, text: map[*block]*list.Element{}}
	p.encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(packBytes), zstd.WithLowerEncoderMem(true))
	p.decoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	return p
}

// add takes a copy of the bytes of an object that goes into the store.
func (p *pack) add(to *store, b []byte) Data {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.filling[to]
	if f != nil && (f.parts == packParts || len(f.text)+len(b) > packBytes) {
		f.compressed = p.encoder.EncodeAll(f.text, nil)
		f.text, f = nil, nil
	}
	if f == nil {
		f = &block{}
		p.filling[to] = f
	}
	from := len(f.text)
	f.text = append(f.text, b...)
	f.parts++
	return part{p, f, from, len(f.text)}
}

// Bytes implements Data.
func (d part) Bytes() ([]byte, error) {
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
		return e.Value.(*opened).text, nil
	}
	text, err := p.decoder.DecodeAll(b.compressed, nil)
	if err != nil {
		return nil, err
	}
	p.text[b] = p.recent.PushFront(&opened{b, text})
	if p.recent.Len() > packOpen {
		last := p.recent.Remove(p.recent.Back()).(*opened)
		delete(p.text, last.of)
	}
	return text, nil
}
