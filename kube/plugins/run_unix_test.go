//go:build unix

package plugins

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/journal"
)

// TestLeavingEndsTheGroup ends a program with a child of its own, by the context of its watch.
func TestLeavingEndsTheGroup(t *testing.T) {
	_, c := record(t, true)
	j := memory()
	p := Plugin{Name: "family", Command: command(t, "/bin/sh", "-c", "sleep 300 & echo $$$$ $$!; wait")}
	r, err := New(c, j, p, web, journal.Object{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	var ids []string
	for len(ids) == 0 {
		if _, err := r.Next(ctx); err != nil {
			t.Fatal(err)
		}
		if lines, _ := r.Output.Lines(); len(lines) > 0 && strings.Contains(lines[0], " ") {
			ids = strings.Fields(lines[0])
		}
	}
	leave()
	if _, err := finish(t, r); err == nil || err.Error() != "ended before it was done" {
		t.Errorf("got %v", err)
	}
	group, err := strconv.Atoi(ids[0]) // The child of it is in it.
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(10 * time.Second); syscall.Kill(-group, 0) == nil; runtime.Gosched() {
		if time.Now().After(until) {
			t.Fatalf("the group of %d runs", group)
		}
	}
	if all := j.Session(); len(all) != 1 || all[0].Outcome != journal.Unknown {
		t.Errorf("the journal has %+v", all)
	}
}

// TestQuittingClosesWhatRunsHaveOpen quits while a program runs that takes a while to end.
func TestQuittingClosesWhatRunsHaveOpen(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	_, c := record(t, true)
	j, all := memory(), &Runs{}
	p := Plugin{Name: "slow", Command: command(t, "/bin/sh", "-c", "echo begun; sleep 300 & wait")}
	r, err := New(c, j, p, web, journal.Object{})
	if err != nil {
		t.Fatal(err)
	}
	r.Runs = all
	ctx, quit := context.WithCancel(t.Context())
	for lines := []string(nil); len(lines) == 0; lines, _ = r.Output.Lines() {
		if _, err := r.Next(ctx); err != nil {
			t.Fatal(err)
		}
	}
	quit()
	all.Close()
	if done := j.Session(); len(done) != 1 || done[0].Outcome != journal.Unknown {
		t.Errorf("the journal has %+v", done)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	late, err := New(c, j, p, web, journal.Object{})
	if err != nil {
		t.Fatal(err)
	}
	late.Runs = all
	if _, err := finish(t, late); err == nil || len(j.Session()) != 1 {
		t.Errorf("it begins after the end: %v", err)
	}
	if all.Close(); len(all.open) > 0 {
		t.Error("it waits for runs that have ended")
	}
}

// TestOutputInOrder shows both streams in the order of their lines.
func TestOutputInOrder(t *testing.T) {
	_, c := record(t, false)
	script := "echo 1; echo 2 >&2; echo 3; read x || echo 4"
	p := Plugin{Name: "both", Reads: true, Command: command(t, "/bin/sh", "-c", script)}
	r, err := New(c, memory(), p, web, journal.Object{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := finish(t, r); err != nil {
		t.Fatal(err)
	}
	if lines, _ := r.Output.Lines(); !slices.Equal(lines, []string{"1", "2", "3", "4"}) {
		t.Errorf("got %q", lines)
	}
}
