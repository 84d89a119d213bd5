package main

import (
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
		if keyed := len(program.Keys.Down) > 0; keyed == program.Lines {
			t.Errorf("%s: give keys or lines", name)
		}
		if program.Lines {
			continue
		}
		for what, p := range map[string]pattern{
			"nodeRow": program.NodeRow, "count": program.Count, "filtered": program.Filtered,
			"loaded": program.Loaded, "denied": program.Denied, "stale": program.Stale,
		} {
			if p.Regexp == nil {
				t.Errorf("%s has no %s", name, what)
			}
		}
	}
	if _, err := loadProgram("nosuch"); err == nil || !strings.Contains(err.Error(), "kubectl") {
		t.Errorf("a program without a description: %v", err)
	}
}

func TestParseStat(t *testing.T) {
	got, err := parseStat("12 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0")
	if err != nil || got != 2*time.Second {
		t.Errorf("got %s, %v, want 2s", got, err)
	}
	if _, err := parseStat("12 (a) S 1"); err == nil {
		t.Error("a line that is cut is taken")
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
	if median(values) != 3 || worst(values) != 5 || percentile(values, 99) != 5 || percentile(values, 50) != 3 || median(nil) != 0 {
		t.Errorf("median %v, worst %v, p99 %v", median(values), worst(values), percentile(values, 99))
	}
	if got := slope([]int64{10, 20, 30}); got != 10 {
		t.Errorf("slope %v, want 10", got)
	}
}

func TestReport(t *testing.T) {
	results := &Results{
		Sizes: []SizeResult{{"S2", 10_000, 1_000}}, Links: []string{"LAN", "WAN"}, Missing: []string{"k9s"},
		Programs: []Tested{{"fathom", "fathom dev"}},
		Guards:   []Guard{{"fathom", "S2", "it is so", false, "it | is not"}},
	}
	for _, value := range []float64{1400, 1600, 1550} {
		results.add("fathom", "S2", "LAN", "complete", value)
	}
	results.add("fathom", "S2", "WAN", "complete", 4000)
	page := markdown(results)
	for _, want := range []string{
		"| complete | S2 | LAN | ms | ≤ 1,500 | **1,550 / 1,600** |", "| complete | S2 | WAN | ms |  | 4,000 / 4,000 |",
		"k9s is not in PATH", `**no** it \| is not`, "10,000 pods on 1,000 nodes",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if !results.failed() {
		t.Error("a guard that does not hold does not fail the run")
	}
}
