package suite

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// attack sets the title of a terminal, colours, clears, and turns the order of reading.
const attack = "a\x1b]0;PWNED\a\x1b[31m\x1b[2J\u202e\u2800b"

// TestStandardErrorIsClean brings what a terminal obeys into every error that names what it was given.
func TestStandardErrorIsClean(t *testing.T) {
	folder := t.TempDir()
	object := filepath.Join(folder, "object.yaml")
	text := `
apiVersion: v1
kind: Pod
metadata: {name: "a\e]0;PWNED\a\e[31m", namespace: shop}
spec: 1
---
apiVersion: v1
kind: Pod
metadata: {name: good, namespace: shop}
`
	for path, text := range map[string]string{
		object:                                  text,
		filepath.Join(folder, attack+".yaml"):   "kind: [\n",
		filepath.Join(folder, "archive.tar.gz"): archiveWith(t, attack+".yaml", "apiVersion: v1\nkind: [\n"),
		filepath.Join(folder, "both.tar.gz"):    archiveWith(t, attack+".yaml", "apiVersion: v1\nkind: [\n", text),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(folder, name) }
	for name, c := range map[string]struct {
		args []string
		want string // in what is said
	}{
		"a name in a file":         {[]string{"open", object, "--once", "pods"}, ""},
		"a name in an archive":     {[]string{"open", in("archive.tar.gz"), "--once", "pods"}, "␛]0;PWNED"},
		"a name that is not read":  {[]string{"open", in("both.tar.gz"), "--once", "pods"}, "not read: "},
		"a path":                   {[]string{"open", in(attack + ".yaml"), "--once", "pods"}, "␛]0;PWNED"},
		"a path that is not there": {[]string{"open", attack, "--once", "pods"}, "PWNED"},
		"a kind":                   {[]string{"--once", attack}, "PWNED"},
		"a name of an object":      {[]string{"--once", "pod/" + attack}, "PWNED"},
		"a context":                {[]string{"--context", attack, "--once", "pods"}, "PWNED"},
		"a namespace":              {[]string{"-n", attack, "--once", "pods"}, ""},
		"a kubeconfig":             {[]string{"--kubeconfig", attack, "--once", "pods"}, "PWNED"},
		"a server":                 {[]string{"--server", attack, "--once", "pods"}, ""},
		"a flag":                   {[]string{"--" + attack}, "PWNED"},
		"a value of a flag":        {[]string{"--output", attack, "--once", "pods"}, "PWNED"},
		"a file to record into":    {[]string{"record", "-o", in(attack + "/x.tape"), "--for", "1s"}, "PWNED"},
		"a kind to record":         {[]string{"record", "-o", in("x.tape"), "--kinds", attack}, "PWNED"},
		"a theme":                  {[]string{"--theme", attack, "--once", "pods"}, "PWNED"},
		"help asked about a thing": {[]string{"help", attack}, ""},
		"too many words":           {[]string{attack, attack, attack}, ""},
	} {
		out, problems, code := run(t, nil, world.fathom, c.args...)
		if !strings.Contains(problems, c.want) {
			t.Errorf("%s: exit code %d, %q is not said: %q", name, code, c.want, problems)
		}
		for _, said := range []string{out, problems} {
			if i := strings.IndexFunc(said, hostileRune); i >= 0 {
				t.Errorf("%s: a terminal obeys %q", name, said[i:min(len(said), i+20)])
			}
		}
	}
}

// hostileRune reports whether a character is not text.
func hostileRune(r rune) bool {
	return unicode.In(r, unicode.C) && r != '\n' && r != '\t' || r == '\u2800'
}

// archiveWith packs texts into an archive, the first under a name.
func archiveWith(t *testing.T, name string, texts ...string) string {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	w := tar.NewWriter(z)
	for i, text := range texts {
		if i > 0 {
			name = "more.yaml"
		}
		header := tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600, Format: tar.FormatPAX}
		if err := w.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if w.Close() != nil || z.Close() != nil {
		t.Fatal("the archive cannot be written")
	}
	return packed.String()
}
