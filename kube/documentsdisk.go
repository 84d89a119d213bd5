package kube

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/openapi"
)

// OpenAPI documents are cached where and as kubectl does (client-go,
// discovery/cached/disk/round_tripper.go, third_party/forked/httpcache): the file's name
// is the SHA-256 of the URL, its contents are the SHA-256 of an answer and the answer
// itself, as HTTP/1.1 writes it. A URL has the hash of its document, so a file is never
// out of date.

// documentsDirectory is the part of the cache that keeps whole answers.
func documentsDirectory(parent string) string {
	if parent == "" {
		return ""
	}
	return filepath.Join(parent, "http")
}

func cachedDocumentPath(directory, address string) string {
	name := sha256.Sum256([]byte(address))
	return filepath.Join(directory, hex.EncodeToString(name[:]))
}

// readCachedDocument returns nil for what is missing, damaged or of another form.
func readCachedDocument(directory, address string) *openapi.Document {
	path := cachedDocumentPath(directory, address)
	// Whoever opens a pipe waits.
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	var want [sha256.Size]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return nil
	}
	got := sha256.New()
	if _, err := io.Copy(got, f); err != nil || !bytes.Equal(got.Sum(nil), want[:]) {
		return nil
	}
	if _, err := f.Seek(sha256.Size, io.SeekStart); err != nil {
		return nil
	}
	answer, err := http.ReadResponse(bufio.NewReader(f), nil)
	if err != nil {
		return nil
	}
	defer func() { _ = answer.Body.Close() }()
	// kubectl keeps protobuf under the same name.
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	document, err := openapi.Read(answer.Body)
	if err != nil {
		return nil
	}
	return document
}

// cachedDocument is a file that is written while a document is read. Whatever goes wrong
// is known when it is closed: that the document cannot be kept hinders nobody.
type cachedDocument struct {
	path string
	file *os.File
	sum  hash.Hash
	err  error
}

func newCachedDocument(directory, address string) *cachedDocument {
	d := &cachedDocument{path: cachedDocumentPath(directory, address), sum: sha256.New()}
	if d.err = os.MkdirAll(directory, 0o750); d.err != nil {
		return d
	}
	if d.file, d.err = os.CreateTemp(directory, filepath.Base(d.path)+"."); d.err != nil {
		return d
	}
	if _, d.err = d.file.Write(make([]byte, sha256.Size)); d.err != nil {
		return d
	}
	// What kubectl's cache asks of an answer before it uses it: how long it holds, and
	// for what was asked for in the same way.
	now := time.Now().UTC()
	_, _ = io.WriteString(d, "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: public, immutable\r\n"+
		"Content-Type: application/json\r\nDate: "+now.Format(http.TimeFormat)+
		"\r\nExpires: "+now.AddDate(1, 0, 0).Format(http.TimeFormat)+
		"\r\nVary: Accept\r\nX-Varied-Accept: application/json\r\n\r\n")
	return d
}

// Write implements io.Writer. It never fails.
func (d *cachedDocument) Write(p []byte) (int, error) {
	if d.err == nil {
		_, d.err = d.file.Write(p)
		_, _ = d.sum.Write(p)
	}
	return len(p), nil
}

// close puts the file into its place if it is whole, and removes it otherwise. Where
// nothing may be written, nothing is kept.
func (d *cachedDocument) close(whole bool) error {
	if d.file == nil {
		return withoutPermission(d.err)
	}
	if d.err == nil && whole {
		_, d.err = d.file.WriteAt(d.sum.Sum(nil), 0)
	}
	err := errors.Join(d.err, d.file.Chmod(0o660), d.file.Close())
	if err == nil && whole {
		err = os.Rename(d.file.Name(), d.path)
	}
	if err != nil || !whole {
		_ = os.Remove(d.file.Name())
	}
	return withoutPermission(err)
}

// withoutPermission is err, unless it only says that nothing may be written here.
func withoutPermission(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
