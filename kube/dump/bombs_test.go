package dump

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	stdbinary "encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refusedAs opens a dump that has to be refused.
func refusedAs(t *testing.T, name string, content []byte, limits Limits, want string) {
	t.Helper()
	_, err := Open(t.Context(), write(t, name, content), nil, Options{Limits: limits})
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%s: %v", name, err)
	}
}

const harmful = "refused: it unpacks to more than 300 times its size, as an archive made to do harm does"

// TestWhatIsSkippedCounts opens archives whose large part is not read.
func TestWhatIsSkippedCounts(t *testing.T) {
	large := strings.Repeat("# x\n", 1<<19)
	for _, skipped := range []string{"../out.yaml", "/out.yaml", "binary.png"} {
		packed := tarOf(t, []tar.Header{{Name: skipped}, {Name: "a.yaml"}}, large, pod("shop", "a"))
		refusedAs(t, "skipped.tgz", squeeze(t, packed), Limits{Bytes: 1 << 20}, "refused: more than 0 GiB of text")
		refusedAs(t, "skipped.tar", packed, Limits{Bytes: 1 << 20}, "refused: more than 0 GiB of text")
	}
}

// TestSparseFilesCount opens an archive with a file that is nearly all hole.
func TestSparseFilesCount(t *testing.T) {
	folder := t.TempDir()
	sparse := filepath.Join(folder, "a.yaml")
	if err := os.WriteFile(sparse, []byte(pod("shop", "a")+strings.Repeat("# text\n", 1<<15)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 512<<20); err != nil {
		t.Fatal(err)
	}
	// GNU's own form has a type of its own, which is not read at all.
	for format, want := range map[string]string{"pax": harmful, "gnu": "a.yaml: not a regular file: not read"} {
		path := filepath.Join(t.TempDir(), "sparse.tar")
		cmd := exec.CommandContext(t.Context(), "tar", "--format="+format, "--sparse", "-C", folder, "-cf", path, "a.yaml")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if _, err := Open(t.Context(), path, nil, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestSizesOfAZipAreNotBelieved opens a zip that says that it holds 4 GB, packed.
func TestSizesOfAZipAreNotBelieved(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for range 80 {
		if _, err := w.Write(bytes.Repeat([]byte("a: b\n"), 1<<18)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	data := packed.Bytes()
	// APPNOTE.TXT, 4.3.12: the packed size is 20 bytes into the entry of the directory.
	entry := bytes.LastIndex(data, []byte("PK\x01\x02"))
	stdbinary.LittleEndian.PutUint32(data[entry+20:], 0xfffffffe)
	refusedAs(t, "a.zip", data, Limits{}, harmful)
}

// TestPartsOfAZipThatAreReadAgain opens a zip whose directory names one file many times:
// each unpacks to what a log may, and all together to much more.
func TestPartsOfAZipThatAreReadAgain(t *testing.T) {
	const times = 20
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1 << 18 {
		if _, err := fmt.Fprintf(w, "# %d: all lines of a log look alike\n", n/16); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	data := packed.Bytes()
	start, end := bytes.LastIndex(data, []byte("PK\x01\x02")), bytes.LastIndex(data, []byte("PK\x05\x06"))
	directory := bytes.Repeat(data[start:end], times)
	// APPNOTE.TXT, 4.3.16: how many entries there are, twice, and how long they are.
	last := bytes.Clone(data[end:])
	stdbinary.LittleEndian.PutUint16(last[8:], times)
	stdbinary.LittleEndian.PutUint16(last[10:], times)
	stdbinary.LittleEndian.PutUint32(last[12:], uint32(len(directory)))
	refusedAs(t, "again.zip", slices.Concat(data[:start], directory, last), Limits{}, harmful)
}
