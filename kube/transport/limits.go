package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// How large an answer may be, in bytes after unpacking. Each is many times what an API
// server sends: what is larger is broken or hostile, and would be held in memory.
const (
	// documentMax is for the version, one group version's resources, and the answers to
	// reviews.
	documentMax = 8 << 20
	// ObjectMax is for one object, and for one event of a watch: etcd takes 1.5 MB unless
	// it is configured otherwise.
	ObjectMax = 32 << 20
	// discoveryMax is for the resources of all groups in one answer, for OpenAPI, and for
	// the API server's metrics.
	discoveryMax = 64 << 20
	// pageMax is for a page of a list.
	pageMax = 512 << 20
	// noLimit is for streams, whose readers bound what they hold.
	noLimit = -1
)

// ErrTooLarge is why an answer was not read to its end.
var ErrTooLarge = errors.New("the API server's answer is too large")

// tooLarge names the answer that was too large.
func tooLarge(what string, limit int64) error {
	return fmt.Errorf("%w: %s, over %d MB", ErrTooLarge, what, limit>>20)
}

// limitOf returns how large the answer to a request may be, and what it is.
func limitOf(req *http.Request, path []string) (limit int64, what string) {
	if req.Method == http.MethodPost {
		return documentMax, "review"
	}
	name := "/" + kinds.Clean(strings.Join(path, "/"))
	at := parsePath(path)
	switch {
	case path[0] == "openapi":
		return discoveryMax, name
	case name == "/metrics":
		return discoveryMax, name
	case name == "/api", name == "/apis":
		return discoveryMax, "discovery, " + name
	case at.resource == "" && len(path) > 1:
		return documentMax, "discovery, " + name
	case at.resource == "":
		return documentMax, name
	case req.URL.Query().Has("watch") || at.subresource == "log":
		return noLimit, ""
	case at.name != "":
		return ObjectMax, at.resource + " " + at.name
	}
	return pageMax, "list of " + at.resource
}

// limitedBody is a body that fails beyond a limit.
type limitedBody struct {
	io.ReadCloser
	left  int64 // noLimit is without end
	limit int64
	what  string
}

// Read implements io.Reader.
func (b *limitedBody) Read(p []byte) (int, error) {
	if b.limit == noLimit {
		return b.ReadCloser.Read(p)
	}
	if b.left < 0 {
		return 0, tooLarge(b.what, b.limit)
	}
	// One byte more than there may be tells an end from a beginning.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, tooLarge(b.what, b.limit)
	}
	return n, err
}

// Budget is a reader that fails when more than a limit is read between two calls of
// Reset: the events of a watch, the objects of a list. One goroutine may use it.
type Budget struct {
	From  io.Reader
	Limit int64
	What  string // is read, to be shown
	read  int64
	blank int64 // of that, the white space that was read last
}

// blankMax bounds white space in a row: encoding/json looks at all of it again after
// each read.
const blankMax = 1 << 20

// Reset begins the next one.
func (b *Budget) Reset() { b.read = 0 }

// Read implements io.Reader.
func (b *Budget) Read(p []byte) (int, error) {
	if b.read > b.Limit {
		return 0, tooLarge(b.What, b.Limit)
	}
	if b.blank > blankMax {
		return 0, tooLarge("white space in "+b.What, blankMax)
	}
	n, err := b.From.Read(p)
	b.read += int64(n)
	if b.blank += int64(n); len(bytes.TrimLeft(p[:n], " \t\r\n")) > 0 {
		b.blank = 0
	}
	return n, err
}
