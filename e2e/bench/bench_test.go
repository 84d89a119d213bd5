package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
)

func TestDescriptionsAreWhole(t *testing.T) {
	names := described()
	if len(names) < 3 {
		t.Errorf("descriptions of %v", names)
	}
	for _, name := range names {
		program, err := loadProgram(name)
		if err != nil {
			t.Fatal(err)
		}
		keyed := len(program.Keys.Down) > 0
		if keyed && program.Lines {
			t.Errorf("%s: give keys or lines", name)
		}
		// N is a boolean to YAML, unless it is quoted.
		for _, keys := range [][]string{program.Keys.Sort, program.Keys.SortBack, program.Keys.Down, program.Keys.Back} {
			if slices.Contains(keys, "false") || slices.Contains(keys, "true") {
				t.Errorf("%s: quote the key that became %v", name, keys)
			}
		}
		if program.Lines {
			continue
		}
		// What has no keys prints, and has no states to tell apart.
		needed := map[string]pattern{"frame": program.Frame, "row": program.Row}
		if keyed {
			needed["count"], needed["loaded"] = program.Count, program.Loaded
			needed["denied"], needed["stale"] = program.Denied, program.Stale
			if program.Atlas != nil {
				needed["atlas.shown"], needed["atlas.waits"] = program.Atlas.Shown, program.Atlas.Waits
				needed["atlas.firstWaits"] = program.Atlas.FirstWaits
			}
			needed["sorted"], needed["nodeRow"], needed["filtered"] = program.Sorted, program.NodeRow, program.Filtered
		}
		for what, p := range needed {
			if p.Regexp == nil {
				t.Errorf("%s has no %s", name, what)
			}
		}
	}
	if _, err := loadProgram("nosuch"); err == nil || !strings.Contains(err.Error(), "kubectl") {
		t.Errorf("a program without a description: %v", err)
	}
}

func TestSerialRequests(t *testing.T) {
	zero := time.Time{}
	at := func(begin, duration int, open bool) fixture.Request {
		return fixture.Request{Start: zero.Add(time.Duration(begin)), Duration: time.Duration(duration), Open: open}
	}
	for _, test := range []struct {
		name     string
		requests []fixture.Request
		want     int
	}{
		{"none", nil, 0},
		{"two at once", []fixture.Request{at(0, 5, false), at(1, 5, false)}, 1},
		{"two in turn and one beside", []fixture.Request{at(0, 5, false), at(1, 9, false), at(6, 2, false)}, 2},
		{"what is open ends no chain", []fixture.Request{at(0, 1, true), at(5, 1, false)}, 1},
		{"what comes later", []fixture.Request{at(0, 1, false), at(200, 1, false)}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := serialRequests(test.requests, zero.Add(100)); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestStatistics(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	if median(values) != 3 || worst(values) != 5 || percentile(values, 99) != 5 || percentile(values, 50) != 3 ||
		median(nil) != 0 {
		t.Errorf("median %v, worst %v, p99 %v", median(values), worst(values), percentile(values, 99))
	}
	if got := slope([]int64{10, 20, 30}); got != 10 {
		t.Errorf("slope %v, want 10", got)
	}
}

func TestReport(t *testing.T) {
	results := &Results{
		Sizes: []SizeResult{{"S2", 10_000, 1_000}}, Links: []string{"LAN", "WAN"}, Missing: []string{"kubectl"},
		Programs: []Tested{{"fathom", "fathom dev", "abc"}, {"k9s", "0.51", "def"}},
		Fault:    300 * time.Nanosecond,
		Guards:   []Guard{{"fathom", "S2", "it is so", false, "it | is not"}},
		Soak:     &Soak{Program: "fathom", Size: "S2", Lasted: time.Minute, Every: time.Second, Samples: []int64{1e6, 8e6}},
	}
	for _, value := range []float64{1400, 1600, 1550} {
		results.add("fathom", "S2", "LAN", "complete", value)
	}
	results.add("fathom", "S2", "WAN", "complete", 4000)
	results.without("k9s", "S2", "WAN", "complete", "not within 4m0s")
	results.add("fathom", "S2", "LAN", "down-complete", 11)
	results.add("k9s", "S2", "LAN", "down-complete", 30)
	results.add("fathom", "S2", "LAN", "lists", 0)
	page := markdown(results, map[string]string{"complete": "It waits."})
	for _, want := range []string{
		"| complete | S2 | LAN | ms | ≤ 1,500 | **1,550 / 1,600 ×3** | – |",
		"| complete | S2 | WAN | ms |  | 4,000 / 4,000 ×1 | not within 4m0s |",
		"- **complete** (S2 LAN): It waits.", "≤ 10, 1/3 of k9s | **11 / 11 ×1** | 30 / 30 ×1 |",
		"- **bytes until complete** (S2 LAN): no reason is known",
		"A page fault takes 0.30 µs there", "| polled lists | S2 | LAN |  | ≤ 0 | 0 / 0 ×1 | – |",
		"kubectl is not in PATH", `**no** it \| is not`, "10,000 pods on 1,000 nodes", "1 MB ▁█ 8 MB",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if !results.failed() {
		t.Error("a guard that does not hold does not fail the run")
	}
	results.Guards[0].Program = "k9s"
	if results.failed() {
		t.Error("a guard of another program fails the run")
	}
}

func TestNotesAreOfMetrics(t *testing.T) {
	if _, err := loadNotes(notesText); err != nil {
		t.Error(err)
	}
	if _, err := loadNotes([]byte("nosuch: x")); err == nil {
		t.Error("a note of no metric is taken")
	}
}

func TestMerge(t *testing.T) {
	one := &Results{
		Sizes:    []SizeResult{{"S2", 10_000, 1_000}},
		Links:    []string{"LAN"},
		Programs: []Tested{{"fathom", "dev", "a"}},
		Missing:  []string{"k9s"},
	}
	one.add("fathom", "S2", "LAN", "complete", 1)
	two := &Results{
		Sizes:    []SizeResult{{"S1", 100, 10}, {"S2", 10_000, 1_000}},
		Links:    []string{"LAN", "WAN"},
		Programs: []Tested{{"fathom", "dev", "a"}, {"k9s", "0.51", "b"}},
	}
	two.add("fathom", "S2", "LAN", "complete", 2)
	two.without("k9s", "S2", "WAN", "complete", "not within 4m")
	two.hold(Guard{"fathom", "S2", "it is so", false, "no"})
	if err := one.merge(two); err != nil {
		t.Fatal(err)
	}
	if len(one.Sizes) != 2 || one.Sizes[0].Name != "S1" || len(one.Links) != 2 || len(one.Programs) != 2 ||
		len(one.Missing) > 0 || len(one.Guards) != 1 {
		t.Errorf("merged: %+v", one)
	}
	if f := one.find("fathom", "S2", "LAN", "complete"); f == nil || len(f.Values) != 2 {
		t.Errorf("values of both runs: %+v", f)
	}
	other := &Results{Programs: []Tested{{"fathom", "dev", "other"}}}
	if err := one.merge(other); err == nil || !strings.Contains(err.Error(), "another binary") {
		t.Errorf("merge with another binary: %v", err)
	}
	if err := one.merge(&Results{Machine: Machine{Cores: 99}}); err == nil {
		t.Error("results of another machine are taken")
	}
}

func TestGapsInALog(t *testing.T) {
	for _, test := range []struct {
		name    string
		numbers []int
		want    int
	}{
		{"none", []int{5, 6, 7}, 0}, {"three are missing", []int{5, 9, 10}, 3}, {"one twice", []int{5, 5, 6}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := gaps(test.numbers); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if got := newestLine("│ n=000000012 a\n n=000000011 b "); got != 12 {
		t.Errorf("newest %d, want 12", got)
	}
}

// TestPageSaysOnceWhatWentWrongOften has a run that failed twice, and another.
func TestPageSaysOnceWhatWentWrongOften(t *testing.T) {
	page := markdown(&Results{Failures: []Failure{
		{"k9s", "tapes at S3", "late\nand the screen"}, {"k9s", "starts at S1", "gone"}, {"k9s", "tapes at S3", "gone"},
	}}, nil)
	for _, want := range []string{"- 2 runs did not come to an end: k9s, tapes at S3: late\n",
		"- a run did not come to an end: k9s, starts at S1: gone\n"} {
		if strings.Count(page, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, page)
		}
	}
	if strings.Contains(page, "and the screen") || strings.Count(page, "did not come") != 2 {
		t.Errorf("more is there:\n%s", page)
	}
}
