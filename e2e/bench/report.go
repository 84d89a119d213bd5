package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// markdown writes the report: a table for each group of metrics.
func markdown(r *Results) string {
	var page strings.Builder
	page.WriteString("# Performance\n\nWritten by `make bench` from its results: change the program, not this page.\n\n")
	preface(&page, r)
	for _, group := range groups() {
		table(&page, r, group)
	}
	guards(&page, r)
	soakTable(&page, r)
	page.WriteString(explanation)
	return page.String()
}

const explanation = `## How to run it

    make bench                                       everything; some hours with every size and link
    make bench BENCH='-sizes S1,S2 -links LAN'       less
    make bench-short                                 counts and ratios only, which also run with the tests
    go -C e2e run ./bench -report results.json       this page from results that are there

Programs that have a description in e2e/bench/programs and are in PATH get a column of their own. A description says how the program
is started, what its rows look like, and which keys it has.

Each program runs in a terminal of 200x50 with an empty home. Between it and the API server stands a proxy that counts bytes and
slows them: LAN not at all, WAN to a round trip of 100 ms and 20 Mbit/s, THIN to 250 ms and 2 Mbit/s. The runs of the programs
alternate. "Shown" is what a terminal emulator has on its screen; the time is that of the last byte which made it so. All of it, the API server
and etcd too, shares one machine.
`

func preface(page *strings.Builder, r *Results) {
	m := r.Machine
	fmt.Fprintf(page, "Measured on %s: %s, %d CPUs, %.0f GB, %s, %s, the API server on the same machine. %d runs, windows of %s.\n",
		r.Began.Format("2006-01-02"), m.CPU, m.Cores, float64(m.Memory)/1e9, m.Kernel, m.Go, r.Runs, r.Window)
	page.WriteString("Each figure is median / worst of the runs. **Bold** is over the target.\n\n")
	for _, size := range r.Sizes {
		fmt.Fprintf(page, "- %s: %s pods on %s nodes\n", size.Name, thousands(float64(size.Pods)), thousands(float64(size.Nodes)))
	}
	for _, program := range r.Programs {
		fmt.Fprintf(page, "- %s: `%s`\n", program.Name, program.Version)
	}
	for _, name := range r.Missing {
		fmt.Fprintf(page, "- %s is not in PATH and has no column\n", name)
	}
	for _, problem := range r.Failures {
		first, _, _ := strings.Cut(problem, "\n")
		fmt.Fprintf(page, "- a run did not come to its end: %s\n", first)
	}
	page.WriteString("- how long lines of a log take from the node to the screen is not measured\n\n")
}

// place is where figures come from.
type place struct{ size, link string }

// table writes the metrics of a group, a line for each metric, size and link.
func table(page *strings.Builder, r *Results, group string) {
	fmt.Fprintf(page, "## %s\n\n| metric | size | link | unit | target |", group)
	for _, program := range r.Programs {
		fmt.Fprintf(page, " %s |", program.Name)
	}
	fmt.Fprintf(page, "\n|---|---|---|---|---|%s\n", strings.Repeat("---|", len(r.Programs)))
	var meanings []string
	for _, m := range metrics {
		if m.group != group {
			continue
		}
		if measured := lines(page, r, m); measured {
			meanings = append(meanings, fmt.Sprintf("- %s: %s\n", m.title, m.meaning))
		}
	}
	fmt.Fprintf(page, "\n%s\n", strings.Join(meanings, ""))
}

func lines(page *strings.Builder, r *Results, m metric) (measured bool) {
	for _, at := range r.places() {
		var cells []string
		found := false
		for _, program := range r.Programs {
			values := r.find(program.Name, at.size, at.link, m.key)
			found = found || len(values) > 0
			cells = append(cells, cell(values, m.wanted(at.size, at.link)))
		}
		if !found {
			continue
		}
		measured = true
		target := ""
		if wanted := m.wanted(at.size, at.link); wanted > 0 {
			target = "≤ " + thousands(wanted)
		}
		fmt.Fprintf(page, "| %s | %s | %s | %s | %s | %s |\n", m.title, at.size, at.link, m.unit, target, strings.Join(cells, " | "))
	}
	return measured
}

// places lists every size and link there are figures of, in the order in which they were measured.
func (r *Results) places() []place {
	all := []place{{}}
	for _, size := range r.Sizes {
		for _, link := range r.Links {
			all = append(all, place{size.Name, link})
		}
	}
	return all
}

func cell(values []float64, wanted float64) string {
	if len(values) == 0 {
		return "–"
	}
	text := thousands(median(values)) + " / " + thousands(worst(values))
	if wanted > 0 && median(values) > wanted {
		return "**" + text + "**"
	}
	return text
}

func guards(page *strings.Builder, r *Results) {
	if len(r.Guards) == 0 {
		return
	}
	page.WriteString("## What must be true beside\n\n| size | program | guard | holds |\n|---|---|---|---|\n")
	for _, g := range r.Guards {
		holds := "yes"
		if !g.OK {
			first, _, _ := strings.Cut(g.Detail, "\n")
			holds = "**no** " + strings.ReplaceAll(first, "|", `\|`)
		}
		fmt.Fprintf(page, "| %s | %s | %s | %s |\n", g.Size, g.Program, g.Name, holds)
	}
	page.WriteString("\n")
}

func soakTable(page *strings.Builder, r *Results) {
	s := r.Soak
	if s == nil || len(s.Samples) == 0 {
		return
	}
	fmt.Fprintf(page, "## Soak\n\n%s at %s under 100 updates/s for %s: resident set %s MB at the beginning, %s at the end, at most %s; "+
		"slope over the second half %s MB per hour.\n\n", s.Program, s.Size, s.Lasted, megabytes(s.Samples[0]),
		megabytes(s.Samples[len(s.Samples)-1]), megabytes(slices.Max(s.Samples)), thousands(s.Slope/1e6))
}

func megabytes(bytes int64) string { return thousands(float64(bytes) / 1e6) }

// thousands writes a number with three digits that mean something, and commas.
func thousands(value float64) string {
	digits := 0
	switch size := math.Abs(value); {
	case value == math.Trunc(value), size >= 100:
	case size >= 10:
		digits = 1
	default:
		digits = 2
	}
	text := strconv.FormatFloat(value, 'f', digits, 64)
	whole, fraction, found := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if !found {
		return whole
	}
	return whole + "." + fraction
}
