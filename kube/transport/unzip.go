package transport

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// zippedBuffer is how much of a zipped body is read at once. For each read, HTTP/2
// tells the server that there is room again; with net/http's own 4 KB that is a write
// for each of them.
const zippedBuffer = 32 << 10

// Unzipping asks for answers in gzip and unpacks them, as net/http does by
// itself: a list is most of what the program reads, and this takes less time for
// it.
type Unzipping struct{ Next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (u Unzipping) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || req.Header.Get("Accept-Encoding") != "" || req.Header.Get("Range") != "" {
		return u.Next.RoundTrip(req)
	}
	req = req.Clone(req.Context())
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := u.Next.RoundTrip(req)
	if err != nil || !strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") {
		return res, err
	}
	res.Header.Del("Content-Encoding")
	res.Header.Del("Content-Length")
	res.ContentLength, res.Uncompressed = -1, true
	res.Body = &zippedBody{ReadCloser: res.Body}
	return res, nil
}

// WrappedRoundTripper lets client-go find the transport below.
func (u Unzipping) WrappedRoundTripper() http.RoundTripper { return u.Next }

// zippedBody unpacks a body while it is read. Close ends a read, as that of the
// body below does.
type zippedBody struct {
	io.ReadCloser
	unzip *unzipper // from the first read to the first error
	err   error
}

// Read implements io.Reader.
func (b *zippedBody) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.unzip == nil {
		b.unzip = unzippers.Get().(*unzipper)
		b.err = b.unzip.open(b.ReadCloser)
	}
	if b.err == nil {
		n, b.err = b.unzip.Read(p)
	}
	if b.err != nil {
		b.unzip.release()
		b.unzip = nil
	}
	return n, b.err
}

// unzippers has those that no body uses: their tables and buffers are 100 KB.
var unzippers = sync.Pool{New: func() any { return &unzipper{buffer: bufio.NewReaderSize(nil, zippedBuffer)} }}

type unzipper struct {
	gzip.Reader
	buffer *bufio.Reader
}

// open reads where a body begins.
func (u *unzipper) open(body io.Reader) error {
	u.buffer.Reset(body)
	return u.Reset(u.buffer)
}

// release gives it back for another body.
func (u *unzipper) release() {
	u.buffer.Reset(nil)
	unzippers.Put(u)
}
