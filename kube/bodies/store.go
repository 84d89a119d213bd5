package bodies

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// budgetDefault is how many bytes of compressed objects a Store keeps when it has
// no Budget.
const budgetDefault = 128 << 20

// form is how a block is compressed.
type form uint8

const (
	unsealed form = iota
	withZstd
	withS2
	withDelta // against the next version of the object
	dropped
)

// Block is the compressed text of some siblings, or of one object. The Store's
// lock guards it.
type Block struct {
	data    string
	against *dictionary // nil for none
	number  uint32      // rises in the order in which blocks are sealed
	form    form
}

// Store holds the whole objects of a cluster, and one codec for each resource that
// is on screen. Any goroutine may use it.
type Store struct {
	Budget int // bytes; 0 means budgetDefault

	mu           sync.Mutex
	codecs       map[schema.GroupVersionResource]*Codec
	last         uint32 // the number of the newest block
	countedBytes int    // bytes that were kept when they were counted
	addedBytes   int    // bytes that were sealed after that

	// unpacked is the block of siblings that was read last: they are often read one after the other.
	unpacked     *Block
	unpackedText []byte
}

// Codec returns the codec of a resource.
func (b *Store) Codec(gvr schema.GroupVersionResource) *Codec {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.codecs == nil {
		b.codecs = map[schema.GroupVersionResource]*Codec{}
	}
	if b.codecs[gvr] == nil {
		b.codecs[gvr] = &Codec{store: b}
	}
	return b.codecs[gvr]
}

// ReleaseCodec drops the codec of a resource that nobody views. What it has
// compressed can still be read.
func (b *Store) ReleaseCodec(gvr schema.GroupVersionResource) error {
	b.mu.Lock()
	codec := b.codecs[gvr]
	delete(b.codecs, gvr)
	b.mu.Unlock()
	if codec == nil {
		return nil
	}
	return codec.EndList()
}

// setBlock fills a block with its compressed text.
func (b *Store) setBlock(into *Block, form form, against *dictionary, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.addedBytes += len(data)
	*into = Block{data: string(data), against: against, number: b.last, form: form}
}

// OverBudget reports whether the blocks may exceed the budget. It is an upper bound:
// blocks that were replaced since the last Trim still count.
func (b *Store) OverBudget() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.countedBytes+b.addedBytes > b.limit() && b.addedBytes > b.limit()/8
}

func (b *Store) limit() int { return cmp.Or(b.Budget, budgetDefault) }

// Trim counts the blocks in use, and drops the oldest while they exceed the budget.
// It drops an eighth more than it must, so that it does not run for every object.
func (b *Store) Trim(kept []*Block) {
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.SortFunc(kept, func(x, y *Block) int { return cmp.Compare(x.number, y.number) })
	kept = slices.Compact(kept)
	size := 0
	for _, k := range kept {
		size += len(k.data)
	}
	if size > b.limit() {
		for _, k := range kept {
			if size <= b.limit()-b.limit()/8 {
				break
			}
			if k.form == unsealed {
				continue
			}
			size -= len(k.data)
			*k = Block{form: dropped, number: k.number}
		}
	}
	b.countedBytes, b.addedBytes = size, 0
	b.unpacked, b.unpackedText = nil, nil
}

// Size returns how many bytes a body holds on to: those of its siblings too.
func (b *Store) Size(body kinds.Body) int {
	at, ok := body.Kept.(*Block)
	if !ok {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at.form == unsealed {
		return blockBytes / partsMax // more than siblings take once they are compressed
	}
	return len(at.data)
}

// Text returns the text of one object, which the caller may keep. codec is the one
// of the object's resource.
func (b *Store) Text(codec *Codec, body kinds.Body) ([]byte, error) {
	at, ok := body.Kept.(*Block)
	if !ok {
		return nil, ErrNone
	}
	if text, open := codec.isOpen(at); open {
		return partOf(text, body.Part)
	}
	b.mu.Lock()
	text := b.unpackedText
	siblings, known := at.form == withZstd, at == b.unpacked && at.form == withZstd
	b.mu.Unlock()
	if !known {
		var err error
		if text, err = b.blockText(at); err != nil {
			return nil, err
		}
	}
	if !siblings {
		return partOf(text, body.Part)
	}
	b.mu.Lock()
	b.unpacked, b.unpackedText = at, text
	b.mu.Unlock()
	part, err := partOf(text, body.Part)
	return slices.Clone(part), err
}

// text returns what the block holds, uncompressed.
func (b *Block) text() ([]byte, error) {
	switch b.form {
	case dropped:
		return nil, ErrDropped
	case withS2:
		if b.against != nil {
			return b.against.s2.Decode(nil, []byte(b.data))
		}
		return s2.Decode(nil, []byte(b.data))
	case unsealed, withZstd, withDelta:
	}
	idle := &withoutDictionary
	if b.against != nil {
		idle = &b.against.decoders
	}
	decoder, _ := idle.Get().(*zstd.Decoder)
	if decoder == nil {
		options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)}
		if b.against != nil {
			options = append(options, zstd.WithDecoderDictRaw(dictionaryID, b.against.text))
		}
		var err error
		if decoder, err = zstd.NewReader(nil, options...); err != nil {
			return nil, err
		}
	}
	defer idle.Put(decoder)
	return decoder.DecodeAll([]byte(b.data), nil)
}

// withoutDictionary are decoders that nobody uses at the time.
var withoutDictionary sync.Pool

// partOf finds one of the objects of a block.
func partOf(text []byte, part uint32) ([]byte, error) {
	for ; ; part-- {
		size, n := binary.Uvarint(text)
		if n <= 0 || size > uint64(len(text)-n) {
			return nil, io.ErrUnexpectedEOF
		}
		if part == 0 {
			return text[n : n+int(size)], nil
		}
		text = text[n+int(size):]
	}
}
