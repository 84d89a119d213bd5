package dump

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// Limits bound what is read from a dump, which may be made to do harm. The zero value
// of a limit means its default.
type Limits struct {
	Files  int   // in a folder or archive; 1,000,000
	Bytes  int64 // of all files together, unpacked; 32 GiB
	Ratio  int64 // unpacked to packed, once RatioFrom is unpacked; 300
	Object int   // bytes of one object's text; 32 MiB
	Log    int   // bytes kept of one container's log, the last ones; 16 MiB
	Logs   int64 // bytes kept of all logs; 512 MiB
}

// ratioFrom is how much may be unpacked before the ratio counts: short texts of
// one letter are harmless.
const ratioFrom = 64 << 20

func (l Limits) filled() Limits {
	set(&l.Files, 1_000_000)
	set(&l.Bytes, 32<<30)
	set(&l.Ratio, 300)
	set(&l.Object, 32<<20)
	set(&l.Log, 16<<20)
	set(&l.Logs, 512<<20)
	return l
}

func set[T int | int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// errRefused is returned when reading stops because the dump asks for too much.
var errRefused = errors.New("refused")

// meter counts what is read and unpacked, and stops a dump that grows without
// end.
type meter struct {
	limits   Limits
	packed   atomic.Int64 // bytes read of what was given
	given    atomic.Int64 // size of what was given, where parts of it may be read again (a zip); else 0
	unpacked atomic.Int64 // bytes of files' texts
	passed   atomic.Int64 // bytes of an archive that was unpacked, with what is skipped in it
	files    int
}

// file counts one more file.
func (m *meter) file() error {
	m.files++
	if m.files > m.limits.Files {
		return fmt.Errorf("%w: more than %d files", errRefused, m.limits.Files)
	}
	return nil
}

func (m *meter) check() error {
	// What a sparse file of an archive reads as is not in the archive, and what is
	// skipped is not in a text.
	unpacked := max(m.unpacked.Load(), m.passed.Load())
	if unpacked > m.limits.Bytes {
		return fmt.Errorf("%w: more than %d GiB of text", errRefused, m.limits.Bytes>>30)
	}
	if unpacked > ratioFrom && unpacked/max(1, cmp.Or(m.given.Load(), m.packed.Load())) > m.limits.Ratio {
		return fmt.Errorf(
			"%w: it unpacks to more than %d times its size, as an archive made to do harm does",
			errRefused,
			m.limits.Ratio,
		)
	}
	return nil
}

// packedReader counts bytes of what was given.
type packedReader struct {
	io.Reader
	meter *meter
}

func (r packedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.meter.packed.Add(int64(n))
	return n, err
}

// packedReaderAt does the same for a zip.
type packedReaderAt struct {
	io.ReaderAt
	meter *meter
}

func (r packedReaderAt) ReadAt(p []byte, at int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, at)
	r.meter.packed.Add(int64(n))
	return n, err
}

// archiveReader counts bytes of an archive that is unpacked, and ends it at the limits.
type archiveReader struct {
	io.Reader
	meter *meter
}

func (r archiveReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.meter.passed.Add(int64(n))
	if refused := r.meter.check(); refused != nil {
		return 0, refused
	}
	return n, err
}

// textReader counts bytes of a file's text, and ends it at the limits.
type textReader struct {
	io.Reader
	meter *meter
}

func (r textReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.meter.unpacked.Add(int64(n))
	if refused := r.meter.check(); refused != nil {
		return 0, refused
	}
	return n, err
}
