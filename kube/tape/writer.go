package tape

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	// batchMax bounds the text that is collected before it is written, however
	// little time has passed.
	batchMax = 512 << 10
	// keyLeast is how much is written, at least, before the first key.
	keyLeast = 1 << 20
	// documentsMax bounds the text of documents that is compressed together.
	documentsMax = 8 << 20
)

// Writer appends to a tape, which can be opened at every moment. All methods are
// safe for every goroutine; after the first error of the file all return it.
type Writer struct {
	mu     sync.Mutex
	file   io.Writer
	closer func() error
	now    func() time.Time
	err    error

	encoder, better, quick *zstd.Encoder // for frames, documents, what is held
	decoder                *zstd.Decoder
	deltas                 *deltas
	scratch, packed        []byte
	base, change           []byte

	resources map[Resource]uint64
	objects   map[objectKey]*lastWritten
	numbers   uint64
	last      int64 // time of the last entry
	begun     int64 // of the first

	changes, logs batch
	written       int64 // bytes of the file
	sinceKey      int64 // of that, since the last key
	keySize       int64 // of the last key
	complete      bool
	counted       Written
}

// Written is how much is on a tape.
type Written struct {
	Objects int   // that exist now
	Changes int64 // since everything that was there at the start is on the tape
	Lines   int64 // of logs
	Bytes   int64 // of the file
}

type objectKey struct {
	resource        uint64
	namespace, name string
}

// lastWritten is what the Writer keeps of an object, compressed: the next version is
// compared with it.
type lastWritten struct {
	number       uint64
	uid, version string
	flags        byte
	labels       []byte
	base         []byte // compressed
	baseSize     int
	delta        []byte // of the last version against the base; nil: it is the base
	size         int
}

// batch is the text of a frame to come.
type batch struct {
	text        []byte
	count       uint32
	findings    int
	first, last int64
}

func (b *batch) since(at int64) int64 {
	if b.count == 0 {
		b.first, b.last = at, at
	}
	return b.last
}

func (b *batch) added(at int64) { b.last, b.count = at, b.count+1 }

// Create makes a new file, readable by its owner only. It fails when there is
// one already. now is the clock of the entries.
func Create(path string, about About, now func() time.Time) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s already exists; name a new file", path)
	}
	if err != nil {
		return nil, err
	}
	w, err := NewWriter(file, about, now)
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	w.closer = func() error { return errors.Join(file.Sync(), file.Close()) }
	return w, nil
}

// NewWriter begins a tape. now is the clock of its entries; it is called with
// the Writer locked.
func NewWriter(file io.Writer, about About, now func() time.Time) (*Writer, error) {
	w := &Writer{
		file: file, now: now, closer: func() error { return nil },
		encoder: newEncoder(zstd.SpeedDefault), better: newEncoder(zstd.SpeedBetterCompression),
		quick:   newEncoder(zstd.SpeedFastest),
		decoder: newDecoder(), deltas: &deltas{},
		resources: map[Resource]uint64{}, objects: map[objectKey]*lastWritten{},
	}
	w.write(appendPrefix(nil))
	w.begun = w.nextTime()
	w.frame(frame{kind: aboutFrame, count: 1, first: w.begun, last: w.begun}, w.encoder, encodeAbout(about))
	return w, w.err
}

// nextTime returns a time for an entry: no two have the same, and they never go
// back, whatever the clock does.
func (w *Writer) nextTime() int64 {
	w.last = max(w.last+1, micros(w.now()))
	return w.last
}

// write is the only place where the file grows, by a whole frame.
func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.file.Write(b)
	w.written += int64(n)
	w.sinceKey += int64(n)
	if err != nil {
		w.err = fmt.Errorf("write the tape: %w", err)
	}
}

func (w *Writer) frame(f frame, e *zstd.Encoder, text []byte) {
	w.packed = e.EncodeAll(text, append(w.packed[:0], make([]byte, headerSize)...))
	payload := w.packed[headerSize:]
	f.size, f.raw, f.sum = uint32(len(payload)), uint32(len(text)), checksum(payload)
	f.append(w.packed[:0])
	w.write(w.packed)
	if cap(w.packed) > 4*batchMax {
		w.packed = nil
	}
}

// resource is called with the lock held.
func (w *Writer) resource(r Resource) uint64 {
	id, known := w.resources[r]
	if !known {
		id = uint64(len(w.resources))
		w.resources[r] = id
		at := w.nextTime()
		w.frame(frame{kind: resourcesFrame, count: 1, first: at, last: at}, w.encoder, appendResource(nil, id, r))
	}
	return id
}

// Documents adds what the server says besides objects. A document of the same path
// replaces the one before, from then on.
func (w *Writer) Documents(all ...Document) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var text []byte
	count := uint32(0)
	flush := func() {
		at := w.nextTime()
		w.frame(frame{kind: documentsFrame, count: count, first: at, last: at}, w.better, text)
		text, count = text[:0], 0
	}
	for _, d := range all {
		text = appendDocument(text, d)
		if count++; len(text) > documentsMax {
			flush()
		}
	}
	if count > 0 {
		flush()
	}
	return w.err
}

// Mark adds a mark, and writes what was collected before it.
func (w *Writer) Mark(kind MarkKind, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	m := Mark{Kind: kind, Text: text}
	at := w.nextTime()
	w.frame(frame{kind: marksFrame, count: 1, first: at, last: at}, w.encoder, m.append(nil))
	if kind == Complete {
		w.complete = true
		w.keySize, w.sinceKey = w.written, 0
	}
	return w.err
}

// Log adds a piece of a container's log, as of now. A fresh one replaces all that
// came before.
func (w *Writer) Log(of LogOf, fresh bool, lines ...LogLine) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.nextTime()
	l := Log{LogOf: of, At: fromMicros(at), Fresh: fresh, Lines: lines}
	w.logs.text = l.append(w.logs.text, w.logs.since(at))
	w.logs.added(at)
	w.counted.Lines += int64(len(lines))
	if len(w.logs.text) > batchMax {
		w.flush()
	}
	return w.err
}

// Flush writes what was collected. A crash loses what came after the last call.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	return w.err
}

func (w *Writer) flush() {
	w.writeBatch(&w.changes, changesFrame)
	w.writeBatch(&w.logs, logsFrame)
	if w.complete && w.sinceKey > max(w.keySize, keyLeast) {
		w.key()
	}
}

func (w *Writer) writeBatch(b *batch, k kind) {
	if b.count == 0 {
		return
	}
	f := frame{kind: k, findings: uint16(min(b.findings, 0xffff)), count: b.count, first: b.first, last: b.last}
	w.frame(f, w.encoder, b.text)
	*b = batch{text: b.text[:0]}
	if cap(b.text) > 4*batchMax {
		b.text = nil
	}
}

// Written returns how much is on the tape.
func (w *Writer) Written() Written {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counted.Objects, w.counted.Bytes = len(w.objects), w.written
	return w.counted
}

// Close writes what was collected and closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	err := errors.Join(w.err, w.closer())
	w.closer = func() error { return nil }
	if w.err == nil {
		w.err = os.ErrClosed
	}
	return err
}
