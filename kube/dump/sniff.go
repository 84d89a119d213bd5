package dump

import (
	"bufio"
	"bytes"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// content is what a file appears to hold.
type content int

const (
	other   content = iota // not Kubernetes: another tool's output
	objects                // YAML or JSON
	logs
	binary // a manifest by its name, but no text
)

var (
	yamlManifest = regexp.MustCompile(`(?m)^(- +)?(apiVersion|kind|items):( |\r?$)`)
	jsonManifest = regexp.MustCompile(`^\s*[{\[](?s:.*?)"(apiVersion|kind|items)"\s*:`)
	startOfLogs  = "==== START logs for container "
)

// sniff says what a file holds, by its name and its first bytes.
func sniff(name string, in *bufio.Reader) content {
	head, _ := in.Peek(readAhead)
	manifest := false
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		manifest = true
	case ".log":
		return logs
	}
	switch {
	case bytes.IndexByte(head, 0) >= 0:
		if manifest {
			return binary
		}
		return other
	case manifest, bytes.HasPrefix(head, []byte(startOfLogs)):
		return objects
	case logPlace(name):
		return logs
	case yamlManifest.Match(head), jsonManifest.Match(head):
		return objects
	}
	return other
}

// asUTF8 turns what Windows writes into UTF-8: byte order marks go, UTF-16 is
// decoded.
func asUTF8(in *bufio.Reader) *bufio.Reader {
	head, _ := in.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = in.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		_, _ = in.Discard(2)
		return bufio.NewReaderSize(&utf16Reader{in: in, high: 1}, readAhead)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		_, _ = in.Discard(2)
		return bufio.NewReaderSize(&utf16Reader{in: in, high: 0}, readAhead)
	}
	return in
}

// utf16Reader reads UTF-16 as UTF-8; high is which byte of two is the upper.
type utf16Reader struct {
	in   *bufio.Reader
	high int
	left []byte
}

func (r *utf16Reader) unit() (rune, error) {
	var b [2]byte
	_, err := io.ReadFull(r.in, b[:])
	return rune(b[r.high])<<8 | rune(b[1-r.high]), err
}

// Read implements io.Reader.
func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.left) < len(p) {
		c, err := r.unit()
		if err == nil && utf16.IsSurrogate(c) {
			var low rune
			low, err = r.unit()
			c = utf16.DecodeRune(c, low)
		}
		if err != nil {
			if len(r.left) > 0 {
				break
			}
			return 0, err
		}
		r.left = utf8.AppendRune(r.left, c)
	}
	n := copy(p, r.left)
	r.left = append(r.left[:0], r.left[n:]...)
	return n, nil
}
