package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// TestJournal writes entries in two sessions and reads them, also from a file that was cut.
func TestJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	now := noon
	clock := func() time.Time { return now }
	first := Open(dir, clock)
	scale, err := first.Begin(Entry{Effect: "scale", Words: "scale web"})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(40 * time.Second)
	scale.Changes = []Change{{Path: "/spec/replicas", Before: 1, After: 3}}
	if err := first.End(scale, nil, false); err != nil {
		t.Fatal(err)
	}
	now = noon.AddDate(0, 0, 1)
	second := Open(dir, clock)
	if _, err := second.Begin(Entry{Effect: "delete", Words: "delete web"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "2026-12-02.jsonl")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v: %v", info.Mode(), err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"id":"x","eff`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from time.Time
		want string
	}{
		{noon, "delete() scale(done)"},
		{noon.AddDate(0, 0, 1), "delete()"},
		{noon.AddDate(0, 0, 2), ""},
	} {
		entries, unread, err := Read(dir, c.from)
		if err != nil || c.want != "" && unread != 1 {
			t.Errorf("%d lines unread: %v", unread, err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Effect+"("+string(e.Outcome)+")")
			if took := e.At().Sub(e.Time); e.Outcome == Done && took != 40*time.Second || e.Outcome == "" && took != 0 {
				t.Errorf("%s took effect after %v", e.Effect, took)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("from %v: %q, want %q", c.from, got, c.want)
		}
	}
	if all := second.Session(); len(all) != 1 || all[0].Effect != "delete" {
		t.Errorf("the second session has %v", all)
	}
}

// TestWhatCannotBeWrittenIsNotBegun keeps an effect from being done without a trace.
func TestWhatCannotBeWrittenIsNotBegun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j := Open(filepath.Join(path, "journal"), func() time.Time { return noon })
	_, err := j.Begin(Entry{Effect: "scale"})
	if err == nil || !strings.Contains(err.Error(), "the journal cannot be written") {
		t.Errorf("it begins: %v", err)
	}
	if len(j.Session()) != 0 {
		t.Error("it is among what was done")
	}
	if entries, unread, err := Read(filepath.Join(path, "none"), noon); len(entries) > 0 || unread > 0 || err == nil {
		t.Errorf("a folder that is a file: %v %v", entries, err)
	}
}
