package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// script is a program that a test runs as its pager.
func script(t *testing.T, text string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	path := filepath.Join(t.TempDir(), "pager")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPager(t *testing.T) {
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	long := ui.Text(strings.Repeat("a line\n", 100_000))
	for _, test := range []struct{ name, pager, wants, fails string }{
		{"reads all", script(t, `echo "$1: $(wc -l)"`) + " lines", "lines: 100000\n", ""},
		{"reads nothing", script(t, "echo quit"), "quit\n", ""},
		{"fails", script(t, "exit 3"), "", "exit status 3"},
		{"is not there", "no-such-pager -R", "", "no program no-such-pager; PAGER names another"},
	} {
		t.Setenv("PAGER", test.pager)
		if err := out.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		p := newPager(long)
		err := p.RunOn(t.Context(), nil, out)
		if (err == nil) != (test.fails == "") || err != nil && err.Error() != test.fails {
			t.Errorf("%s: %v, want %q", test.name, err, test.fails)
		}
		got, _ := os.ReadFile(out.Name())
		if strings.TrimLeft(string(got), " ") != test.wants {
			t.Errorf("%s: it says %q, want %q", test.name, got, test.wants)
		}
	}
}

// TestPagerEnds ends a pager that would go on, as ctrl+c does.
func TestPagerEnds(t *testing.T) {
	t.Setenv("PAGER", script(t, "echo began; exec tail -f /dev/null"))
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- newPager(ui.Text("text")).RunOn(ctx, nil, out) }()
	if _, err := io.ReadFull(in, make([]byte, len("began"))); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err == nil {
		t.Error("it ended well")
	}
	t.Setenv("PAGER", "")
	if got := newPager(nil).CommandLine(); got != defaultPager() {
		t.Errorf("without PAGER it is %q", got)
	}
}
