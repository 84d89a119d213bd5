package tape

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/fathom-k8s/fathom/kube/contain"
)

// Tape is a recording that is open for reading. All methods are safe for every
// goroutine.
type Tape struct {
	// Panicked gets the panics of reading and playing the tape, and of requests to the API
	// of its player. It is set before the tape is used; nil drops them.
	Panicked contain.Report

	about     About
	file      io.ReaderAt
	closer    io.Closer
	decoder   *zstd.Decoder
	resources map[uint64]*Resource
	marks     []Mark
	documents []frame
	changes   []frame
	logs      []frame
	keys      []keyframe
	start     int64
	end       int64
	cut       string
	cache     textCache
	labels    labelSets
}

// keyframe is a time of which the tape has every object.
type keyframe struct {
	at    int64
	parts []frame
	next  int // the first frame of changes after it
}

// Open opens a tape. A tape that was cut, or is damaged, is opened up to there. It
// fails with ErrNotATape for any other file, and also for a format newer than Version
// and a tape of which nothing can be read.
func Open(path string) (*Tape, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = ErrNotATape
	}
	var t *Tape
	if err == nil {
		t, err = Read(file, info.Size())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	t.closer = file
	return t, nil
}

// Read opens a tape of size bytes; see Open. The tape reads from r until it is closed.
func Read(r io.ReaderAt, size int64) (*Tape, error) {
	t := &Tape{file: r, decoder: newDecoder(), resources: map[uint64]*Resource{}}
	in := bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<20)
	if err := readPrefix(in); err != nil {
		return nil, err
	}
	at, err := t.scan(in)
	if err != nil {
		return nil, err
	}
	if at < size {
		t.cut = fmt.Sprintf("the tape is cut or damaged at byte %d of %d: what comes after is not shown", at, size)
	}
	if t.about.Started.IsZero() {
		return nil, errors.New("the tape was cut before anything was recorded on it")
	}
	t.bounds()
	return t, nil
}

// Close ends reading.
func (t *Tape) Close() error {
	if t.closer == nil {
		return nil
	}
	return t.closer.Close()
}

// scan reads every frame, up to the end or the first damage, and returns where
// that is. Errors are those of the file.
func (t *Tape) scan(in *bufio.Reader) (at int64, err error) {
	at = prefixSize
	var header [headerSize]byte
	var payload []byte
	var parts []frame // of a key that is not complete yet
	for {
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return at, notTheEnd(err)
		}
		f, ok := parseFrame(header[:])
		if !ok {
			return at, nil
		}
		f.at = at + headerSize
		payload = slices.Grow(payload[:0], min(int(f.size), 1<<20))
		if payload, err = readAll(in, payload, int(f.size)); err != nil {
			return at, notTheEnd(err)
		}
		if checksum(payload) != f.sum || !t.follows(f) {
			return at, nil
		}
		if f.kind == keyFrame {
			parts = append(parts, f)
			if f.flags&keyEnd != 0 {
				t.keys = append(t.keys, keyframe{at: f.first, parts: parts, next: len(t.changes)})
				parts = nil
			}
		} else if !t.index(f, payload) {
			return at, nil
		}
		t.end = max(t.end, f.last)
		at += headerSize + int64(f.size)
	}
}

// readAll reads n bytes; memory grows with what is there, not with what a
// damaged header says.
func readAll(in io.Reader, to []byte, n int) ([]byte, error) {
	for len(to) < n {
		part := min(n-len(to), 1<<20)
		to = slices.Grow(to, part)
		got, err := io.ReadFull(in, to[len(to):len(to)+part])
		to = to[:len(to)+got]
		if err != nil {
			return to, err
		}
	}
	return to, nil
}

func notTheEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// follows reports whether a frame's times come after those of the one before it.
func (t *Tape) follows(f frame) bool {
	var before []frame
	switch f.kind {
	case changesFrame:
		before = t.changes
	case logsFrame:
		before = t.logs
	case keyFrame:
		if n := len(t.changes); n > 0 && f.first <= t.changes[n-1].last {
			return false
		}
		return f.first == f.last && (len(t.keys) == 0 || t.keys[len(t.keys)-1].at < f.first)
	default:
		return true
	}
	return len(before) == 0 || before[len(before)-1].last < f.first
}

// index remembers a frame, and reads the ones that are needed at once. It reports
// whether the frame can be read.
func (t *Tape) index(f frame, payload []byte) bool {
	switch f.kind {
	case changesFrame:
		t.changes = append(t.changes, f)
	case logsFrame:
		t.logs = append(t.logs, f)
	case documentsFrame:
		t.documents = append(t.documents, f)
	case aboutFrame, resourcesFrame, marksFrame:
		text, err := f.unpack(t.decoder, payload)
		return err == nil && t.readEarly(f, text)
	default: // from a later fathom, which this one need not know
	}
	return true
}

func (t *Tape) readEarly(f frame, text []byte) bool {
	if f.kind == aboutFrame {
		return json.Unmarshal(text, &t.about) == nil
	}
	c := newCursor(text)
	for c.more() {
		if f.kind == marksFrame {
			m := c.mark()
			m.Time = fromMicros(f.first)
			t.marks = append(t.marks, m)
			continue
		}
		id, r := c.resource()
		t.resources[id] = &r
	}
	return !c.bad
}

// bounds finds where playing begins: when everything that was there was listed.
func (t *Tape) bounds() {
	t.start = t.end
	for _, m := range t.marks {
		if m.Kind == Complete {
			t.start = min(t.start, micros(m.Time))
			break
		}
	}
}

// About describes the recording.
func (t *Tape) About() About { return t.about }

// Start returns when everything that was there at first was on the tape.
func (t *Tape) Start() time.Time { return fromMicros(t.start) }

// End returns the time of the last entry.
func (t *Tape) End() time.Time { return fromMicros(t.end) }

// Cut returns a sentence that says where the tape is cut or damaged, "" when it is
// whole.
func (t *Tape) Cut() string { return t.cut }

// Marks returns the marks, the oldest first.
func (t *Tape) Marks() []Mark { return slices.Clone(t.marks) }

// Resources returns the resources that were recorded.
func (t *Tape) Resources() []Resource {
	var all []Resource
	for _, r := range t.resources {
		all = append(all, *r)
	}
	slices.SortStableFunc(all, func(a, b Resource) int {
		return compareTexts(a.Group, b.Group, a.Version, b.Version, a.Resource, b.Resource)
	})
	return all
}

// Documents returns discovery, schemas and the like as they were at a time: of
// each path the newest, or the first when all came later.
func (t *Tape) Documents(at time.Time) ([]Document, error) {
	byPath := map[string]Document{}
	for text, err := range t.texts(t.documents) {
		if err != nil {
			return nil, err
		}
		c := newCursor(text.text)
		for c.more() {
			d := c.document()
			d.Time = fromMicros(text.first)
			if _, known := byPath[d.Path]; !known || !d.Time.After(at) {
				byPath[d.Path] = d
			}
		}
		if c.bad {
			return nil, errDamaged
		}
	}
	var all []Document
	for _, d := range byPath {
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b Document) int { return compareTexts(a.Path, b.Path) })
	return all, nil
}

// compareTexts compares pairs.
func compareTexts(pairs ...string) int {
	for i := 0; i < len(pairs); i += 2 {
		switch {
		case pairs[i] < pairs[i+1]:
			return -1
		case pairs[i] > pairs[i+1]:
			return 1
		}
	}
	return 0
}
