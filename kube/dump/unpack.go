package dump

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// compression is a way in which one text is compressed.
type compression struct {
	magic, suffix string
	open          func(*bufio.Reader) (io.Reader, error)
}

var compressions = []compression{
	{"\x1f\x8b\x08", ".gz", func(in *bufio.Reader) (io.Reader, error) { return gzip.NewReader(in) }},
	{"BZh", ".bz2", func(in *bufio.Reader) (io.Reader, error) { return bzip2.NewReader(in), nil }},
	{"\xfd7zXZ\x00", ".xz", openXZ},
	{"\x28\xb5\x2f\xfd", ".zst", func(in *bufio.Reader) (io.Reader, error) {
		return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(windowMax))
	}},
}

// windowMax bounds how far back a compressed text may refer, since that much has to be
// kept.
const windowMax = 256 << 20

// unpack returns what is in a compressed text, and its name without the suffix.
// It returns the text itself when it is not compressed.
func (m *meter) unpack(name string, in *bufio.Reader) (io.Reader, string, error) {
	for _, c := range compressions {
		if !hasMagic(in, 0, c.magic) {
			continue
		}
		unpacked, err := c.open(in)
		return unpacked, strings.TrimSuffix(name, c.suffix), err
	}
	return in, name, nil
}

// openXZ refuses a text that needs too much memory: the header of its first block
// says how much (the .xz file format, 5.3.1).
func openXZ(in *bufio.Reader) (io.Reader, error) {
	const lzma2, dictionary256MiB = 0x21, 32
	if head, err := in.Peek(17); err == nil && head[14] == lzma2 && head[16] > dictionary256MiB {
		return nil, errors.New("unpacking it needs more than 256 MiB of memory: unpack it by hand")
	}
	return xz.NewReader(in)
}
