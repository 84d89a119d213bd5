package remote

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is one entry of a hostile archive.
type entry struct {
	name, link, text string
	kind             byte
	mode             int64
	records          map[string]string
}

func archiveOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Linkname: e.link, Typeflag: e.kind, Mode: e.mode, PAXRecords: e.records}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(e.text))
		}
		if h.Mode == 0 {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUnpackHostileArchives(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []entry
		err     string            // in the error
		want    map[string]string // what is in the target folder then
		skipped int64
	}{
		{
			name:    "a folder",
			entries: []entry{{name: "./app/", kind: tar.TypeDir, mode: 0o755}, {name: "./app/a", text: "1"}},
			want:    map[string]string{"app/a": "1"},
		},
		{name: "one file", entries: []entry{{name: "./app", text: "1"}}, want: map[string]string{"app": "1"}},
		{
			name: "a folder that was not announced", entries: []entry{{name: "app/b/c", text: "1"}},
			want: map[string]string{"app/b/c": "1"},
		},
		{name: "an absolute name", entries: []entry{{name: "/app", text: "1"}}, err: "leads out"},
		{name: "a parent", entries: []entry{{name: "../app", text: "1"}}, err: "leads out"},
		{name: "a parent behind the folder", entries: []entry{{name: "app/../../x", text: "1"}}, err: "leads out"},
		{name: "a parent that comes back", entries: []entry{{name: "app/../app/x", text: "1"}}, err: "leads out"},
		{name: "another name", entries: []entry{{name: "other", text: "1"}}, err: "leads out"},
		{name: "a name that begins alike", entries: []entry{{name: "apple", text: "1"}}, err: "leads out"},
		{name: "the folder itself", entries: []entry{{name: ".", kind: tar.TypeDir}}, err: "leads out"},
		{
			name: "a symbolic link and what is written through it",
			entries: []entry{
				{name: "app/out", kind: tar.TypeSymlink, link: "../../outside"}, {name: "app/out/x", text: "1"},
			},
			want: map[string]string{"app/out/x": "1"}, skipped: 1,
		},
		{
			name: "an absolute symbolic link", entries: []entry{{name: "app", kind: tar.TypeSymlink, link: "/etc/passwd"}},
			err: "it is a link", skipped: 1,
		},
		{
			name:    "a hard link",
			entries: []entry{{name: "app/a", text: "1"}, {name: "app/b", kind: tar.TypeLink, link: "/etc/passwd"}},
			want:    map[string]string{"app/a": "1"}, skipped: 1,
		},
		{
			name: "devices and pipes",
			entries: []entry{
				{name: "app/a", text: "1"}, {name: "app/c", kind: tar.TypeChar}, {name: "app/b", kind: tar.TypeBlock},
				{name: "app/f", kind: tar.TypeFifo},
			},
			want: map[string]string{"app/a": "1"}, skipped: 3,
		},
		{
			name: "a file twice", entries: []entry{{name: "app/a", text: "1"}, {name: "app/a", text: "2"}},
			err: "app/a: ",
		},
		{
			name: "a file that becomes a folder", entries: []entry{{name: "app/a", text: "1"}, {name: "app/a/b", text: "2"}},
			err: "app/a/b: ",
		},
		{name: "nothing", err: "the container sent nothing"},
		{
			name: "set user ID", entries: []entry{{name: "app", text: "1", mode: 0o6777}},
			want: map[string]string{"app": "1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) { checkUnpack(t, archiveOf(t, c.entries...), c.err, c.want, c.skipped) })
	}
}

func checkUnpack(t *testing.T, archive []byte, wantErr string, want map[string]string, skipped int64) {
	t.Helper()
	parent := t.TempDir()
	target, outside := filepath.Join(parent, "target"), filepath.Join(parent, "outside")
	for _, folder := range []string{target, outside} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	u, err := newUnpacking("app", target)
	if err != nil {
		t.Fatal(err)
	}
	if err = u.unpack(bytes.NewReader(archive)); err == nil {
		err = u.finish()
	}
	left := u.skipped.Load()
	u.close()
	if wantErr == "" && err != nil || wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr)) {
		t.Errorf("it says %v", err)
	}
	if left != skipped {
		t.Errorf("%d were left out, want %d", left, skipped)
	}
	got := map[string]string{}
	err = filepath.WalkDir(parent, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(parent, file)
		got[filepath.ToSlash(name)] = string(text)
		if info, _ := d.Info(); info.Mode()&^0o755 != 0 {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	for name, text := range want {
		if got["target/"+name] != text {
			t.Errorf("%s is %q, want %q", name, got["target/"+name], text)
		}
	}
}

func TestUnpackTakesNothingAway(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "app"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{folder, filepath.Join(folder, "app")} {
		if u, err := newUnpacking("app", to); err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("%s: %v, %v", to, u, err)
		}
	}
	if u, err := newUnpacking("app", filepath.Join(folder, "missing")+"/"); err == nil {
		u.close()
		t.Error("a folder that is not there was taken")
	}
}

func TestUnpackCutArchive(t *testing.T) {
	whole := archiveOf(t, entry{name: "app", text: strings.Repeat("x", 4096)})
	checkUnpack(t, whole[:1024], "app: unexpected EOF", nil, 0)
	checkUnpack(t, whole[:100], "the archive from the container", nil, 0)
}
