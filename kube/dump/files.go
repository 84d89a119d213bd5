package dump

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// file is one file of a dump. Its reader is valid until the next one.
type file struct {
	name     string // with slashes, as the dump calls it
	modified time.Time
	text     *bufio.Reader
}

// walker calls visit with every file of a dump, one by one. visit fails only when
// reading cannot go on.
type walker struct {
	meter    *meter
	problems *problems
	visit    func(file) error
}

// readAhead is how much of a file is looked at before it is read.
const readAhead = 64 << 10

// walkFolder walks over a tree. Links are not followed: what they lead to inside the
// folder is read anyway, and what is outside is not part of the dump.
func (w *walker) walkFolder(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			w.problems.reportLost(name, 0, "%s", reasonOf(err))
			if name == "." {
				return err
			}
			return nil
		case entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			if _, err := root.Stat(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				w.problems.reportLost(name, 0, "a link that leads out of the folder: not followed")
			}
			return nil
		case !entry.Type().IsRegular():
			w.problems.reportLost(name, 0, "not a regular file: not read")
			return nil
		}
		return w.visitInFolder(root, name, entry)
	})
}

func (w *walker) visitInFolder(root *os.Root, name string, entry fs.DirEntry) error {
	if err := w.meter.file(); err != nil {
		return err
	}
	f, err := root.Open(name)
	if err != nil {
		w.problems.reportLost(name, 0, "%s", reasonOf(err))
		return nil
	}
	defer func() { _ = f.Close() }()
	var modified time.Time
	if info, err := entry.Info(); err == nil {
		modified = info.ModTime()
	}
	return w.visitText(name, modified, packedReader{f, w.meter})
}

// visitText visits a file, which may be compressed by itself.
func (w *walker) visitText(name string, modified time.Time, r io.Reader) error {
	in := bufio.NewReaderSize(textReader{r, w.meter}, readAhead)
	unpacked, name, err := w.meter.unpack(name, in)
	if err != nil {
		w.problems.reportLost(name, 0, "%s", reasonOf(err))
		return nil
	}
	if unpacked != io.Reader(in) {
		in = bufio.NewReaderSize(textReader{unpacked, w.meter}, readAhead)
	}
	if isTar(in) || isZip(in) {
		w.problems.reportLost(name, 0, "an archive in the dump: unpack it, and open the folder")
		return nil
	}
	return w.visit(file{name, modified, in})
}

// walkStream walks over what is in a file or comes from standard input.
func (w *walker) walkStream(name string, modified time.Time, r io.Reader) error {
	in := bufio.NewReaderSize(packedReader{r, w.meter}, readAhead)
	unpacked, name, err := w.meter.unpack(name, in)
	if err != nil {
		return errors.New(reasonOf(err))
	}
	if unpacked != io.Reader(in) {
		in = bufio.NewReaderSize(unpacked, readAhead)
	}
	if isTar(in) {
		return w.walkTar(tar.NewReader(archiveReader{in, w.meter}))
	}
	if err := w.meter.file(); err != nil {
		return err
	}
	return w.visitText(name, modified, in)
}

func (w *walker) walkTar(t *tar.Reader) error {
	for {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, errRefused) {
			return err
		}
		if err != nil {
			// What came before the damage is kept.
			w.problems.reportLost("", 0, "the archive is cut or damaged: %s; what comes after is not shown", reasonOf(err))
			return nil
		}
		if err := w.meter.file(); err != nil {
			return err
		}
		name, ok := inside(header.Name)
		switch {
		case header.Typeflag == tar.TypeDir, header.Typeflag == tar.TypeXGlobalHeader:
		case !ok:
			w.problems.reportLost(header.Name, 0, "a path that leads out of the archive: not read")
		case header.Typeflag == tar.TypeSymlink, header.Typeflag == tar.TypeLink:
			if _, ok := inside(path.Join(path.Dir(name), header.Linkname)); !ok || path.IsAbs(header.Linkname) {
				w.problems.reportLost(name, 0, "a link that leads out of the archive: not followed")
			}
		case header.Typeflag != tar.TypeReg:
			w.problems.reportLost(name, 0, "not a regular file: not read")
		default:
			if err := w.visitText(name, header.ModTime, t); err != nil {
				return err
			}
		}
	}
}

func (w *walker) walkZip(z *zip.Reader) error {
	for _, entry := range z.File {
		if err := w.meter.file(); err != nil {
			return err
		}
		name, ok := inside(entry.Name)
		switch mode := entry.Mode(); {
		case mode.IsDir():
			continue
		case !ok:
			w.problems.reportLost(entry.Name, 0, "a path that leads out of the archive: not read")
			continue
		case mode&fs.ModeSymlink != 0:
			w.problems.reportLost(name, 0, "a link in an archive: not followed")
			continue
		case !mode.IsRegular():
			w.problems.reportLost(name, 0, "not a regular file: not read")
			continue
		}
		r, err := entry.Open()
		if err != nil {
			w.problems.reportLost(name, 0, "%s", reasonOf(err))
			continue
		}
		err = w.visitText(name, entry.Modified, r)
		_ = r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// inside returns a path of an archive in its shortest form, unless it leaves the
// archive.
func inside(name string) (string, bool) {
	name = strings.ReplaceAll(name, `\`, "/")
	clean := path.Clean(name)
	drive := len(clean) > 1 && clean[1] == ':'
	return clean, !path.IsAbs(clean) && !drive && clean != ".." && !strings.HasPrefix(clean, "../")
}

func isZip(r *bufio.Reader) bool {
	return hasMagic(r, 0, "PK\x03\x04") || hasMagic(r, 0, "PK\x05\x06")
}
func isTar(r *bufio.Reader) bool { return hasMagic(r, 257, "ustar") }

func hasMagic(r *bufio.Reader, at int, magic string) bool {
	head, _ := r.Peek(at + len(magic))
	return len(head) == at+len(magic) && bytes.Equal(head[at:], []byte(magic))
}

// reasonOf returns what an error says without the path, which is shown next to it.
func reasonOf(err error) string {
	var pathError *fs.PathError
	switch {
	case errors.As(err, &pathError):
		return pathError.Err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	}
	return fmt.Sprint(err)
}
