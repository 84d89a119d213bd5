package tape

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Version is the version of the format that is written, and the newest that is
// read.
const Version = 1

const (
	magic      = "fathom-tape\n"
	prefixSize = 16 // magic, version, two zero bytes
	headerSize = 40

	// rawMax bounds the text of one frame, so that a damaged or hostile file
	// cannot ask for more.
	rawMax = 64 << 20
	// windowSize is how far back a frame's text refers.
	windowSize = 2 << 20
)

// ErrNotATape is returned for a file that does not begin as a tape does.
var ErrNotATape = errors.New("not a fathom tape")

// kind is what a frame holds. Frames of other kinds are skipped.
type kind uint8

const (
	aboutFrame     kind = 1 + iota // JSON of About
	resourcesFrame                 // the resources that objects are of
	documentsFrame                 // discovery, schemas
	changesFrame                   // objects as they became
	logsFrame                      // pieces of logs
	marksFrame                     // what happened to the recording, or is worth a stop
	keyFrame                       // a part of all objects at one time
)

// The flags of a frame.
const keyEnd = 1 // the last part of a key

// frame is the header of a frame and where its payload is.
type frame struct {
	kind        kind
	flags       uint8
	findings    uint16 // changes in it that are worth a stop; 65,535 is "or more"
	size, raw   uint32 // bytes of the payload, compressed and not
	count       uint32 // entries
	first, last int64  // times of the first and last entry, in microseconds since 1970
	sum         uint32 // CRC-32C of the payload
	at          int64  // where the payload begins; not written
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendPrefix(to []byte) []byte {
	to = append(to, magic...)
	to = binary.LittleEndian.AppendUint16(to, Version)
	return append(to, 0, 0)
}

// PrefixSize is how many bytes IsTape needs to see.
const PrefixSize = prefixSize

// IsTape reports whether a file that begins so is a tape, of any version.
func IsTape(start []byte) bool { return bytes.HasPrefix(start, []byte(magic)) }

// readPrefix checks what a file begins with.
func readPrefix(r io.Reader) error {
	var prefix [prefixSize]byte
	if n, err := io.ReadFull(r, prefix[:]); err != nil || string(prefix[:len(magic)]) != magic {
		if n < prefixSize && err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		return ErrNotATape
	}
	if v := binary.LittleEndian.Uint16(prefix[len(magic):]); v == 0 || v > Version {
		return fmt.Errorf("the tape has format %d, and this fathom reads formats up to %d: open it with a newer fathom",
			v, Version)
	}
	return nil
}

func (f *frame) append(to []byte) []byte {
	start := len(to)
	to = append(to, byte(f.kind), f.flags)
	to = binary.LittleEndian.AppendUint16(to, f.findings)
	for _, n := range []uint32{f.size, f.raw, f.count} {
		to = binary.LittleEndian.AppendUint32(to, n)
	}
	to = binary.LittleEndian.AppendUint64(to, uint64(f.first))
	to = binary.LittleEndian.AppendUint64(to, uint64(f.last))
	to = binary.LittleEndian.AppendUint32(to, f.sum)
	return binary.LittleEndian.AppendUint32(to, crc32.Checksum(to[start:], castagnoli))
}

// parseFrame reads a header; false means that it is damaged.
func parseFrame(b []byte) (frame, bool) {
	le := binary.LittleEndian
	f := frame{
		kind: kind(b[0]), flags: b[1], findings: le.Uint16(b[2:]),
		size: le.Uint32(b[4:]), raw: le.Uint32(b[8:]), count: le.Uint32(b[12:]),
		first: int64(le.Uint64(b[16:])), last: int64(le.Uint64(b[24:])), sum: le.Uint32(b[32:]),
	}
	ok := le.Uint32(b[36:]) == crc32.Checksum(b[:36], castagnoli) &&
		f.size <= rawMax && f.raw <= rawMax && f.first <= f.last
	return f, ok
}

func newEncoder(level zstd.EncoderLevel) *zstd.Encoder {
	// It only fails for options that are out of range.
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(windowSize), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err)
	}
	return e
}

func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(rawMax),
		zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err)
	}
	return d
}

// unpack returns the text of a payload.
func (f *frame) unpack(d *zstd.Decoder, payload []byte) ([]byte, error) {
	if checksum(payload) != f.sum {
		return nil, errDamaged
	}
	// A wrong size must not cost memory before it is known to be wrong.
	text, err := d.DecodeAll(payload, make([]byte, 0, min(int(f.raw), 1<<20+64*len(payload))))
	if err != nil || len(text) != int(f.raw) {
		return nil, errDamaged
	}
	return text, nil
}

var errDamaged = errors.New("the tape is damaged here")

// micros returns a time as the tape has it.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

func checksum(payload []byte) uint32 { return crc32.Checksum(payload, castagnoli) }
