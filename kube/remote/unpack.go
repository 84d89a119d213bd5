package remote

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// unpacking writes the files of an archive that nobody vouches for. Everything goes into a
// new folder beside the target, through an os.Root that no name and no link leads out of; at
// the end that becomes the target. What was there before is never written to.
type unpacking struct {
	base   string // what the archive is of: the only name at its top
	root   *os.Root
	hidden string // the new folder, by its name in root
	name   string // the target, by its name in root

	inside                *os.Root
	bytes, files, skipped *atomic.Int64
	folders               []folderMode
}

// folderMode is what a folder gets once all is in it.
type folderMode struct {
	name string
	mode fs.FileMode
}

// newUnpacking makes the folder to unpack into. The target is to, or the base in it where to
// is a folder.
func newUnpacking(base, to string) (*unpacking, error) {
	folder, name := filepath.Dir(to), filepath.Base(to)
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		folder, name = to, filepath.FromSlash(base)
	} else if strings.HasSuffix(to, "/") || strings.HasSuffix(to, string(filepath.Separator)) {
		return nil, fmt.Errorf("there is not a folder %s here", kinds.Clean(to))
	}
	if !filepath.IsLocal(name) || name == "." {
		return nil, fmt.Errorf("%s cannot be the name of a file here", kinds.Clean(name))
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	u := &unpacking{
		base: base, root: root, name: name,
		bytes: &atomic.Int64{}, files: &atomic.Int64{}, skipped: &atomic.Int64{},
	}
	if _, err := root.Lstat(name); err == nil {
		_ = root.Close()
		return nil, fmt.Errorf("%s exists already; choose another name", kinds.Clean(filepath.Join(folder, name)))
	}
	for i := range 100 {
		u.hidden = fmt.Sprintf(".fathom-copy-%d-%d", os.Getpid(), i)
		if err = root.Mkdir(u.hidden, 0o700); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if err == nil {
		u.inside, err = root.OpenRoot(u.hidden)
	}
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return u, nil
}

// unpack writes the regular files and folders of an archive. Links, devices and what has holes
// are left out and counted; a name that leads anywhere else is an error.
func (u *unpacking) unpack(archive io.Reader) error {
	r := tar.NewReader(archive)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			// What follows the end is not read: the sender must not wait for that.
			_, err = io.Copy(io.Discard, archive)
			return err
		}
		if err != nil {
			return fmt.Errorf("the archive from the container: %w", err)
		}
		if err := u.entry(h, r); err != nil {
			return err
		}
	}
}

func (u *unpacking) entry(h *tar.Header, content io.Reader) error {
	name, err := u.local(h.Name)
	if err != nil {
		return err
	}
	switch {
	case h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	case h.Typeflag == tar.TypeDir:
		return u.folder(name, fs.FileMode(h.Mode))
	case h.Typeflag != tar.TypeReg || hasHoles(h):
		u.skipped.Add(1)
		return nil
	}
	if parent := path.Dir(name); parent != "." {
		if err := u.inside.MkdirAll(filepath.FromSlash(parent), 0o700); err != nil {
			return cannot(h.Name, err)
		}
	}
	// What is there already was in the archive twice: it is not written to again.
	f, err := u.inside.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return cannot(h.Name, err)
	}
	_, err = io.Copy(counted{f, u.bytes}, content)
	if err == nil {
		err = f.Chmod(0o600 | fs.FileMode(h.Mode)&0o755)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return cannot(h.Name, err)
	}
	u.files.Add(1)
	if h.ModTime.Unix() > 0 {
		_ = u.inside.Chtimes(filepath.FromSlash(name), h.ModTime, h.ModTime)
	}
	return nil
}

func (u *unpacking) folder(name string, mode fs.FileMode) error {
	if err := u.inside.MkdirAll(filepath.FromSlash(name), 0o700); err != nil {
		return cannot(name, err)
	}
	u.folders = append(u.folders, folderMode{name, 0o700 | mode&0o755})
	return nil
}

// hasHoles reports whether a file may be larger than what there is of it.
func hasHoles(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for name := range h.PAXRecords {
		if strings.HasPrefix(name, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// local returns the name of an entry in the new folder. It begins with what was asked for.
func (u *unpacking) local(name string) (string, error) {
	clean := path.Clean(strings.TrimSuffix(name, "/"))
	inside := clean == u.base || strings.HasPrefix(clean, u.base+"/")
	if path.IsAbs(name) || strings.ContainsAny(name, "\x00") || hasParent(name) || !inside ||
		!filepath.IsLocal(filepath.FromSlash(clean)) {
		return "", fmt.Errorf("the archive from the container leads out of the folder: %q", kinds.Clean(name))
	}
	return clean, nil
}

func hasParent(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

func cannot(name string, err error) error {
	return fmt.Errorf("%s: %w", kinds.Clean(name), err)
}

// finish makes what was unpacked the target.
func (u *unpacking) finish() error {
	defer u.undo()
	for _, folder := range slices.Backward(u.folders) {
		if err := u.inside.Chmod(filepath.FromSlash(folder.name), folder.mode); err != nil {
			return err
		}
	}
	from := filepath.Join(u.hidden, filepath.FromSlash(u.base))
	if _, err := u.root.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		if u.skipped.Load() > 0 {
			return errors.New("it is a link or a device, and those are not copied")
		}
		return errors.New("the container sent nothing")
	}
	if _, err := u.root.Lstat(u.name); err == nil {
		return fmt.Errorf("%s exists by now; choose another name", kinds.Clean(u.name))
	}
	return u.root.Rename(from, u.name)
}

// undo removes what is not the target.
func (u *unpacking) undo() {
	if u.hidden == "" {
		return
	}
	_ = u.root.RemoveAll(u.hidden)
	u.hidden = ""
}

// close ends it. It removes what is not finished.
func (u *unpacking) close() {
	u.undo()
	_ = u.inside.Close()
	_ = u.root.Close()
}
