package remote

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// saidMost is how much is kept of what a command writes to its standard error.
const saidMost = 4 << 10

// Copy copies a file or a folder out of a container, or into one. It begins with Run, and
// once; Progress may be called from any goroutine.
type Copy struct {
	Subject   Subject
	Container Container
	From, To  string // as the person wrote them
	In        bool   // from this machine into the container
	// Ended is called with how a copy that Next began has ended, and answers what is to be said of that; nil for err.
	Ended func(err error) error

	cluster *kube.Cluster
	bytes   atomic.Int64
	files   atomic.Int64
	skipped atomic.Int64

	ended    chan error // has how it ended; nil before Next
	reported bool       // Next has said so
}

// Progress is how far a copy is.
type Progress struct {
	Copy         *Copy
	Bytes, Files int64
	Skipped      int64 // links, devices and the like, which are never copied
	Done         bool
	Err          error // clean
}

// NewCopy reads what a person writes: two paths, of which the one in the container begins
// with a colon. Nothing is read or sent before Run.
func NewCopy(c *kube.Cluster, s Subject, container Container, text string) (*Copy, error) {
	var paths []string
	for _, p := range splitPaths(text) {
		if p != "" {
			paths = append(paths, p)
		}
	}
	usage := errors.New("write :/in/the/container and ./here, in the order from, to")
	if len(paths) != 2 {
		return nil, usage
	}
	from, out := strings.CutPrefix(paths[0], ":")
	to, in := strings.CutPrefix(paths[1], ":")
	if out == in || from == "" || to == "" {
		return nil, usage
	}
	return &Copy{Subject: s, Container: container, From: from, To: to, In: in, cluster: c}, nil
}

// splitPaths cuts a text at blanks, where they are not between quotes.
func splitPaths(text string) []string {
	out, quote := []string{""}, rune(0)
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case quote == 0 && r == ' ':
			out = append(out, "")
		default:
			out[len(out)-1] += string(r)
		}
	}
	return out
}

// String is "copy /etc/hosts of pod shop/web-1 to hosts"; clean.
func (c *Copy) String() string {
	if c.In {
		return kinds.Clean(fmt.Sprintf("copy %s to %s of %s", c.From, c.To, c.Subject))
	}
	return kinds.Clean(fmt.Sprintf("copy %s of %s to %s", c.From, c.Subject, c.To))
}

// progressEvery is how often a copy says how far it is.
const progressEvery = 250 * time.Millisecond

// Next begins the copy, which ends with ctx, and reports how far it is a few times a second.
// After the last report it returns io.EOF. It is called by one goroutine.
func (c *Copy) Next(ctx context.Context) (any, error) {
	switch {
	case c.ended == nil:
		c.ended = make(chan error, 1)
		c.cluster.Raw().Messages.Start(c, func() {
			err := errors.New("the copy ended early")
			defer func() { c.ended <- err }()
			if err = c.Run(ctx); c.Ended != nil {
				err = c.Ended(err)
			}
		})
		return c.progress(), nil
	case c.reported:
		return nil, io.EOF
	}
	timer := time.NewTimer(progressEvery)
	defer timer.Stop()
	select {
	case err := <-c.ended:
		c.reported = true
		p := c.progress()
		p.Done, p.Err = true, err
		return p, nil
	case <-timer.C:
	}
	return c.progress(), nil
}

func (c *Copy) progress() Progress {
	return Progress{Copy: c, Bytes: c.bytes.Load(), Files: c.files.Load(), Skipped: c.skipped.Load()}
}

// Run copies until all is there or ctx ends, and blocks until then. What was not finished is
// removed from this machine. Without write mode nothing is sent, and it is kube.ErrReadOnly.
// The error wraps ErrNoTar where the image has no tar; it is clean.
func (c *Copy) Run(ctx context.Context) error {
	if !c.cluster.Writable() {
		return kube.ErrReadOnly
	}
	place, err := Resolve(ctx, c.cluster, c.Subject)
	if err != nil {
		return err
	}
	if err := may(ctx, c.cluster, place.Pod.Namespace, place.Pod.Name, "exec", "get", "create"); err != nil {
		return err
	}
	if c.In {
		return c.send(ctx, place.Pod)
	}
	return c.receive(ctx, place.Pod)
}

// receive unpacks what tar writes in the container.
func (c *Copy) receive(ctx context.Context, pod *corev1.Pod) error {
	from := path.Clean(c.From)
	base := path.Base(from)
	if base == "/" || base == "." || base == ".." {
		return fmt.Errorf("%s has no name of its own; copy what is in it", kinds.Clean(c.From))
	}
	u, err := newUnpacking(base, c.To)
	if err != nil {
		return words(err)
	}
	defer u.close()
	u.bytes, u.files, u.skipped = &c.bytes, &c.files, &c.skipped
	archive, packed := io.Pipe()
	unpacked := make(chan error, 1)
	c.cluster.Raw().Messages.Start(c, func() {
		err := errors.New("unpacking ended early")
		defer func() {
			_ = archive.CloseWithError(err)
			unpacked <- err
		}()
		err = u.unpack(archive)
	})
	// The name after "./" is never an option.
	command := []string{"tar", "cf", "-", "-C", folderArgument(path.Dir(from)), "./" + base}
	err = c.exec(ctx, pod, command, nil, packed)
	_ = packed.CloseWithError(cutOff(err))
	why := <-unpacked
	switch {
	case err != nil && !errors.Is(err, io.ErrClosedPipe):
	case why != nil:
		err = words(why)
	}
	if err != nil {
		u.undo()
		return err
	}
	return words(u.finish())
}

// cutOff is how the archive ends that a command wrote.
func cutOff(err error) error {
	if err == nil {
		return io.EOF
	}
	return io.ErrUnexpectedEOF
}

// folderArgument keeps a folder's name from being an option.
func folderArgument(name string) string {
	if strings.HasPrefix(name, "-") {
		return "./" + name
	}
	return name
}

// send has tar unpack in the container what is here.
func (c *Copy) send(ctx context.Context, pod *corev1.Pod) error {
	from, err := filepath.Abs(c.From)
	if err != nil {
		return words(err)
	}
	if _, err := os.Stat(from); err != nil {
		return words(err)
	}
	to := path.Clean(c.To)
	folder, name := path.Dir(to), path.Base(to)
	isFolder := c.exec(ctx, pod, []string{"test", "-d", folderArgument(to)}, nil, io.Discard)
	if isFolder == nil || strings.HasSuffix(c.To, "/") {
		folder, name = to, filepath.Base(from)
	} else if ctx.Err() != nil || errors.Is(isFolder, kube.ErrReadOnly) {
		return isFolder
	}
	archive, packed := io.Pipe()
	c.cluster.Raw().Messages.Start(c, func() {
		err := errors.New("packing ended early")
		defer func() { _ = packed.CloseWithError(err) }()
		err = c.pack(packed, from, name)
	})
	sent := &failing{Reader: archive}
	err = c.exec(ctx, pod, []string{"tar", "xmf", "-", "-C", folderArgument(folder)}, sent, io.Discard)
	_ = archive.CloseWithError(io.ErrClosedPipe)
	if sent.err != nil {
		return words(sent.err)
	}
	return err
}

// failing is a reader that remembers why it could not go on.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		f.err = err
	}
	return n, err
}

// pack writes a file or a folder as a tar. Links are not followed: they may lead anywhere.
func (c *Copy) pack(to io.Writer, from, name string) error {
	w := tar.NewWriter(to)
	err := filepath.Walk(from, func(file string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() && !info.IsDir() {
			c.skipped.Add(1)
			return nil
		}
		header, err := tar.FileInfoHeader(info, "")
		if err != nil {
			return err
		}
		header.Name = path.Join(name, filepath.ToSlash(rest))
		// Who owns it here means nothing there.
		header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
		if err := w.WriteHeader(header); err != nil || info.IsDir() {
			return err
		}
		return c.packFile(w, file)
	})
	if err != nil {
		return err
	}
	return w.Close()
}

func (c *Copy) packFile(w io.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if _, err := io.Copy(counted{w, &c.bytes}, f); err != nil {
		return err
	}
	c.files.Add(1)
	return nil
}

type counted struct {
	io.Writer
	bytes *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

// exec runs a command without a terminal. Its error says what the command did.
func (c *Copy) exec(ctx context.Context, pod *corev1.Pod, command []string, in io.Reader, out io.Writer) error {
	said := &bounded{}
	options := &corev1.PodExecOptions{
		Container: c.Container.Name, Command: command, Stdin: in != nil, Stdout: true, Stderr: true,
	}
	err := stream(ctx, c.cluster, pod.Namespace, pod.Name, "exec", options, remotecommand.StreamOptions{
		Stdin: in, Stdout: out, Stderr: said,
	})
	code, exited := errors.AsType[*ExitError](err)
	switch {
	case lacks(err) || exited && code.Code == 127:
		return fmt.Errorf("%w of %s: copying needs it", ErrNoTar, c.Container.Name)
	case exited && said.text != "":
		return words(fmt.Errorf("%s in the container: %s", command[0], lastLine(said.text)))
	}
	return err
}

// lastLine is what a command said last.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return kinds.Clean(lines[len(lines)-1])
}

// bounded keeps the beginning of what is written.
type bounded struct{ text string }

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if room := saidMost - len(b.text); room > 0 {
		b.text += string(p[:min(room, len(p))])
	}
	return len(p), nil
}
