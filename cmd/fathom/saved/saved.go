// Package saved opens what was saved of a cluster, a dump or a tape, as something that
// answers like one. It detects by the content which of them it is.
//
//	path ──> tape.Open ──> a player ──┐
//	    └──> dump.Open ───────────────┴──> Cluster
//
// It does not connect to anything and writes to no terminal. What it returns and
// reports is clean, whatever is in the file; only what the Transport answers is as it
// was saved.
package saved

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/dump"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/views"
)

// Cluster is what was saved of a cluster. Close ends it.
type Cluster struct {
	Name      string // of the cluster where a tape says it, else of the file
	Address   string // where it was opened from
	Transport http.RoundTripper
	Now       func() time.Time
	Namespace string // where it opens; "" is all namespaces

	// Label says what a dump is, and of when; "" for a tape.
	Label string
	// Lost is how much of a dump could not be read, FirstLost the first of it.
	Lost      int
	FirstLost string
	// Namespaces of a dump are known though nothing lists them.
	Namespaces []string
	// Holds reports whether anything of a kind was saved, where that is known; else nil.
	Holds func(schema.GroupKind) bool
	// Only are the namespaces that alone were recorded; empty for all.
	Only []string
	// Player moves a tape; nil for a dump.
	Player views.Player

	close func()
}

// Close gives back what opening took.
func (c *Cluster) Close() {
	if c.close != nil {
		c.close()
	}
}

// Options say how to open what was saved.
type Options struct {
	Input    io.Reader // read when the path is "-"
	At       string    // where a tape begins: "start", "end" or a time; "" is its start
	Paused   bool      // a tape stands still
	Progress func(dump.Progress)
	// Report is called with what is to be said of it, in order; level is "info",
	// "warning" or "error". Later any goroutine may call it: that of a tape's player,
	// and what panicked. It may be nil.
	Report func(level, text string)
}

func (o Options) report(level, text string) {
	if o.Report != nil {
		o.Report(level, kinds.Clean(text))
	}
}

func (o Options) panicked(text string) { o.report("error", text) }

// AtError is returned for a position that does not exist in what was saved.
type AtError struct{ text string }

func (e *AtError) Error() string { return e.text }

// Open opens a file, a folder, or with "-" the input.
func Open(ctx context.Context, path string, o Options) (*Cluster, error) {
	c, err := open(ctx, path, o)
	return c.cleaned(), plain.Error("", err)
}

// cleaned returns the cluster with clean texts; nil stays nil.
func (c *Cluster) cleaned() *Cluster {
	if c == nil {
		return nil
	}
	c.Name, c.Address, c.Namespace = kinds.Clean(c.Name), kinds.Clean(c.Address), kinds.Clean(c.Namespace)
	c.FirstLost = kinds.Clean(c.FirstLost)
	for i, name := range c.Namespaces {
		c.Namespaces[i] = kinds.Clean(name)
	}
	return c
}

func open(ctx context.Context, path string, o Options) (_ *Cluster, err error) {
	defer contain.Report(o.panicked).Recover(path, &err)
	if path == "-" {
		return openStream(ctx, o.Input, o)
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return openPipe(ctx, path, o)
	}
	t, err := tape.Open(path)
	switch {
	case errors.Is(err, tape.ErrNotATape), errors.Is(err, os.ErrNotExist):
		return openDump(ctx, path, nil, o)
	case err != nil:
		return nil, err
	}
	return playTape(t, path, tape.PlayerOptions{}, o)
}

// openPipe opens what somebody writes to a pipe with a name: it can be read only once.
func openPipe(ctx context.Context, path string, o Options) (*Cluster, error) {
	pipe, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = pipe.Close() }()
	c, err := openStream(ctx, pipe, o)
	if c != nil && c.Address == "-" {
		c.Name, c.Address = baseName(path), path
	}
	return c, err
}

// openStream opens what comes once and in order.
func openStream(ctx context.Context, from io.Reader, o Options) (*Cluster, error) {
	in := bufio.NewReader(from)
	if start, _ := in.Peek(tape.PrefixSize); tape.IsTape(start) {
		return openPiped(in, o)
	}
	return openDump(ctx, "-", in, o)
}

// openPiped opens a tape that comes from a pipe. A tape is read at random, so it
// is copied to a file that only this process can reach.
func openPiped(in io.Reader, o Options) (*Cluster, error) {
	file, err := os.CreateTemp("", "fathom-*.tape")
	if err != nil {
		return nil, fmt.Errorf("keep the tape from standard input: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the tape from standard input: %w", err), file.Close())
	}
	size, err := io.Copy(file, in)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the tape from standard input: %w", err), file.Close())
	}
	t, err := tape.Read(file, size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("standard input: %w", err), file.Close())
	}
	return playTape(t, "standard input", tape.PlayerOptions{}, o)
}

// baseName is the name of a file or folder, even of ".".
func baseName(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return filepath.Base(path)
}
