package dump

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func squeeze(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(text)
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tarOf packs entries; one without a type is a file with the text.
func tarOf(t *testing.T, entries []tar.Header, texts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, header := range entries {
		text := ""
		if i < len(texts) {
			text = texts[i]
		}
		header.Size, header.Mode = int64(len(text)), 0o600
		if err := w.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestArchives(t *testing.T) {
	a, b := pod("shop", "a"), pod("shop", "b")
	packed := tarOf(
		t,
		[]tar.Header{{Name: "./d/", Typeflag: tar.TypeDir}, {Name: "./d/a.yaml"}, {Name: "./d/b.yaml.gz"}},
		"",
		a,
		string(squeeze(t, []byte(b))),
	)
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	for name, text := range map[string]string{"d/a.yaml": a, `d\b.yaml`: b} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"dump.tar": packed, "dump.tgz": squeeze(t, packed), "dump.zip": zipped.Bytes(), "dump.yaml.gz": squeeze(t,
			[]byte(a+"---\n"+b)),
		"without-a-name-that-says-it": squeeze(t, packed),
	} {
		if got := open(t, write(t, name, content)); got.names(t, "", "v1", "pods") != "shop/a shop/b" ||
			len(got.Problems) > 0 {
			t.Errorf("%s: %q, %q", name, got.names(t, "", "v1", "pods"), got.problemTexts())
		}
		piped, err := Open(t.Context(), "-", bytes.NewReader(content), Options{})
		if err != nil || piped.names(t, "", "v1", "pods") != "shop/a shop/b" {
			t.Errorf("%s through a pipe: %v", name, err)
		}
	}
}

// TestHostileArchives holds that nothing outside an archive is read, whatever it says,
// and that the rest of it is.
func TestHostileArchives(t *testing.T) {
	path := write(t, "x.tar", tarOf(t, []tar.Header{
		{Name: "good.yaml"},
		{Name: "../../etc/up.yaml"},
		{Name: "/etc/absolute.yaml"},
		{Name: `C:\windows.yaml`},
		{
			Name:     "out.yaml",
			Typeflag: tar.TypeSymlink,
			Linkname: "../../etc/passwd",
		},
		{Name: "absolute.yaml", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{
			Name:     "inside.yaml",
			Typeflag: tar.TypeSymlink,
			Linkname: "good.yaml",
		},
		{Name: "disk.yaml", Typeflag: tar.TypeBlock},
		{Name: "pipe.yaml", Typeflag: tar.TypeFifo},
		{Name: "nested.tar"},
	}, pod("shop", "good"), pod("shop", "up"), pod("shop", "absolute"), pod("shop", "windows"), "", "", "", "", "",
		string(tarOf(t, []tar.Header{{Name: "x.yaml"}}, pod("shop", "nested")))))
	d := open(t, path)
	want := []string{
		"../../etc/up.yaml: a path that leads out of the archive: not read",
		"/etc/absolute.yaml: a path that leads out of the archive: not read",
		`C:\windows.yaml: a path that leads out of the archive: not read`,
		"absolute.yaml: a link that leads out of the archive: not followed",
		"disk.yaml: not a regular file: not read",
		"nested.tar: an archive in the dump: unpack it, and open the folder",
		"out.yaml: a link that leads out of the archive: not followed",
		"pipe.yaml: not a regular file: not read",
	}
	if got := d.names(t, "", "v1", "pods"); got != "shop/good" || !slices.Equal(d.problemTexts(), want) {
		t.Errorf("pods %q, problems %q", got, d.problemTexts())
	}
}

func TestHostileFolder(t *testing.T) {
	root := tree(t, map[string]string{"good.yaml": pod("shop", "good"), "secret": "x"})
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "out.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("good.yaml", filepath.Join(root, "in.yaml")); err != nil {
		t.Fatal(err)
	}
	d := open(t, root)
	if got := d.problemTexts(); d.Objects != 1 ||
		!slices.Equal(got, []string{"out.yaml: a link that leads out of the folder: not followed"}) {
		t.Errorf("%d objects, %q", d.Objects, got)
	}
}

func TestBombs(t *testing.T) {
	var zeros bytes.Buffer
	z := gzip.NewWriter(&zeros)
	block := bytes.Repeat([]byte("a: b\n"), 1<<18)
	for range 80 {
		if _, err := z.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	many := make([]tar.Header, 20)
	for i := range many {
		many[i].Name = strings.Repeat("x", i+1)
	}
	for name, test := range map[string]struct {
		content []byte
		limits  Limits
		ends    string
		want    string
	}{
		"ratio": {zeros.Bytes(), Limits{}, ".yaml.gz", "refused: it unpacks to more than 300 times its size, as an " +
			"archive made to do harm does"},
		"bytes": {squeeze(t, bytes.Repeat([]byte("# x\n"), 1<<19)), Limits{Bytes: 1 << 20}, ".yaml.gz",
			"refused: more than 0 GiB of text"},
		"files": {tarOf(t, many), Limits{Files: 10}, "", "refused: more than 10 files"},
	} {
		_, err := Open(t.Context(), write(t, "bomb"+test.ends, test.content), nil, Options{Limits: test.limits})
		if err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCutArchive opens an archive that was cut somewhere: what came before is
// there, and that something is missing is reported.
func TestCutArchive(t *testing.T) {
	text := pod("shop", "a")
	whole := tarOf(t, []tar.Header{{Name: "a.yaml"}, {Name: "b.yaml"}}, text, pod("shop", "b"))
	for _, at := range []int{512 + len(text)/2, 1024 + 100, 1536 + len(text)/2} {
		d := open(t, write(t, "x.tar", whole[:at]))
		if d.Objects == 0 || d.Lost() == 0 {
			t.Errorf("cut at %d: %d objects, %q", at, d.Objects, d.problemTexts())
		}
	}
	squeezed := squeeze(t, whole)
	d, err := Open(t.Context(), write(t, "x.tgz", squeezed[:len(squeezed)*3/4]), nil, Options{})
	if err == nil && d.Lost() == 0 {
		t.Error("a cut gzip passes for whole")
	}
}
