package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// TestOncePrintsNoValueOfASecret prints Secrets, and an object that has one inside, in every way.
func TestOncePrintsNoValueOfASecret(t *testing.T) {
	marked := kubetest.NewMarked("shop")
	dump := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(dump, []byte(marked.Definition+marked.Objects), 0o600); err != nil {
		t.Fatal(err)
	}
	names := []string{"secrets", "holders", "helm"}
	for name := range marked.Names {
		names = append(names, name)
	}
	for _, output := range []string{"", "wide", "name", "yaml", "json"} {
		for _, name := range names {
			args := []string{dump, name}
			if output != "" {
				args = append(args, "-o", output)
			}
			out, err := runOpen(t, args...)
			if err != nil {
				out += err.Error()
			}
			if places := marked.Leaks([]byte(out)); len(places) > 0 {
				t.Errorf("%s -o %q has the values of %q:\n%s", name, output, places, out)
			}
			refused := output == "yaml" || output == "json"
			if (err != nil) != refused || refused && !strings.Contains(out, "x in the object view shows those of one") {
				t.Errorf("%s -o %q: %s", name, output, out)
			}
		}
	}
}

// TestRecordKeepsNoValueOfASecret records Secrets and what has one inside, and looks through all that is packed.
func TestRecordKeepsNoValueOfASecret(t *testing.T) {
	marked := kubetest.NewMarked("shop")
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Apply(t, marked.Definition+marked.Objects)
	path := filepath.Join(t.TempDir(), "x.tape")
	told, err := runRecordOf(t, server, "-o", path, "--for", "1500ms", "--logs", "none", "--kinds", "secrets,holders")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.Clone(data)
	for rest := data; len(rest) > 0; rest = rest[1:] {
		at := bytes.Index(rest, []byte("\x28\xb5\x2f\xfd")) // where zstd begins
		if at < 0 {
			break
		}
		rest = rest[at:]
		r, err := zstd.NewReader(bytes.NewReader(rest))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r) // What follows is not packed.
		all = append(all, text...)
		r.Close()
	}
	if places := marked.Leaks(append(all, told...)); len(places) > 0 {
		t.Errorf("the tape has the values of %q", places)
	}
	for _, stays := range []string{"example.com/yaml", "tls.key", "Holder", "bytes hidden"} {
		if !bytes.Contains(all, []byte(stays)) {
			t.Errorf("%s is not on the tape", stays)
		}
	}
}
