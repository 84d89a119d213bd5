package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// page is a report that is being written.
type page struct {
	strings.Builder
	*Results
	notes map[string]string
}

// markdown writes the report: a table for each group of metrics.
func markdown(r *Results, notes map[string]string) string {
	p := &page{Results: r, notes: notes}
	p.WriteString("# Performance\n\nWritten by `make bench` from its results: change the program, not this page.\n\n")
	p.preface()
	for _, group := range groups() {
		p.table(group)
	}
	p.guards()
	p.soak()
	p.WriteString(inProcess + explanation)
	return p.String()
}

// inProcess was measured by hand.
const inProcess = `## In one process

Not by ` + "`" + `make bench` + "`" + `: ` + "`" + `go test ./views ./kube/links ./kube/triage -run xxx -bench 'AtlasFirst|UsedBy|Fill|Tree|State'` + "`" + `,
on 2026-12-01 on two CPUs that did little else, but for the atlas, with 50,000 pods, 2,000 Services
and, for the atlas, 5,000 nodes behind an API server in the same process.

| what | target | measured |
|---|---|---|
| atlas: first screen, 80x24 | ≤ 300 ms | 278 ms |
| links: memory of each of 270,000, in the graph and in the records | ≤ 100 B | 33 + 13 B |
| tree of a namespace of 10,000 objects, after its lists | ≤ 100 ms | 10 ms |
| the same, and the graph of its objects made from scratch | ≤ 100 ms | 25 ms |
| what uses a ConfigMap of 25, of 500, of 2,500 pods | | 0.04, 0.80, 5.9 ms |
| triage: a hundred changes of pods that are well, and the verdict | ≤ 5 ms | 0.5 ms |
| triage: the same with two broken pods among them | ≤ 5 ms | 1.1 ms |
| triage: the same in a namespace with 150 findings | ≤ 5 ms | 1.6 ms |
| triage: memory above the tables, 1,000 findings included | ≤ 20 MB | 19.8 MB |

The atlas is drawn at once; its time is until nothing on the screen waits, at a load of 6. Before a
real API server with as many pods and nodes, on the same two cores, it said how the control plane is
after 281 ms, and all was known after 0.6 s; at a load of 4 to 8 after 277 to 469 ms, and 1.3 to 2.6 s.

## Triage, and k9s beside it

Not by the run above: ` + "`" + `make bench BENCH='-programs fathom -sizes S3 -links LAN -parts triage -window 60s'` + "`" + `
on 2026-12-01, eight runs on two CPUs that did nothing else; over WAN two, with windows of 20 s. k9s'
figures are those of its table of all pods: at S2, and fathom's there, of one hour of the same day, by
` + "`" + `-programs fathom,k9s -sizes S2 -links LAN -parts starts,triage,sittings -window 10s` + "`" + ` at a load of 14
to 19, at S3 those from above.

| what | size | link | target | fathom | k9s |
|---|---|---|---|---|---|
| first verdict | S2 | LAN | ≤ 1 s | 0.55 to 0.68 s |  |
| complete, after the last list | S2 | LAN | ≤ 2 s | 1.4 to 1.6 s |  |
| complete, from the start; k9s: all pods | S2 | LAN |  | 12 to 13 s | 30 to 32 s |
| requests until complete | S2 | LAN |  | 141 | 16 to 17 |
| bytes until complete | S2 | LAN | ≤ k9s | 17 MB | 125 to 126 MB |
| memory, 5 s after complete | S2 | LAN |  | 125 to 129 MB | 1,548 MB |
| CPU, idle | S2 | LAN | ≤ 0.5 s/min | 0.19 to 0.30 s/min | 20.3 s/min |
| CPU, 100 updates/s | S2 | LAN |  | 5.1 to 5.2 s/min | 17.5 s/min |
| bytes under the same | S2 | LAN | ≤ k9s | 58 MB/min | 78 MB/min |
| first verdict | S3 | LAN | ≤ 1 s | 0.27 to 0.89 s | |
| first verdict | S3 | WAN | ≤ 3 s | 1.1 s | |
| complete, after the last list | S3 | LAN | ≤ 2 s | 1.5 to 1.7 s | |
| complete, from the start | S3 | LAN | | 12 to 14 s | |
| requests until complete, 60 for logs and two for checks every 15 s among them | S3 | LAN | | 151 to 153 | |
| bytes until complete | S3 | LAN | ≤ k9s | 86 MB | not within 2 min |
| memory, 5 s after complete | S3 | LAN | | 353 to 388 MB | 6,957 MB |
| CPU, idle, nothing having changed | S3 | LAN | ≤ 0.5 s/min | 0.37, 0.40 and **0.55 s/min** | |
| CPU, idle, in the minute after 6,000 pods crashed and recovered | S3 | LAN | | 4.8 s/min | |
| CPU, 100 pods that crash or recover each second | S3 | LAN | | 17 to 20 s/min | |
| bytes under the same | S3 | LAN | ≤ k9s | 61 to 63 MB/min | 84.9 MB/min |

Complete is when everything that may be read has been judged, and the last lines of the first 30 containers that crash have
been read or were waited for for a second. Where a kubelet cannot be reached, as here, the API server says so, and each log is
two requests.

`

const explanation = `## How to run it

    make bench                                       everything: an hour and a half on two CPUs
    make bench BENCH='-runs 1'                       a first look, of one run each; -help explains this and all others
    make bench BENCH='-programs fathom -links LAN'   fathom alone, without slow links
    make bench-short                                 counts and ratios only, which also run with the tests
    go -C e2e run ./bench -report A.json,B.json      this page from the results of earlier runs

Every program described in e2e/bench/programs that is in PATH, or named by -path NAME=PATH, gets a
column. A description says how the program starts, what its rows look like, and which keys it has.
e2e/bench/notes.yaml says why a target is missed. Reports can be merged when they come from one
machine and the same binaries.

Each program runs in a terminal of 200x50 with an empty home. A proxy between it and the API server
counts bytes and slows them: LAN not at all, WAN to a round trip of 100 ms and 20 Mbit/s, THIN to
250 ms and 2 Mbit/s. The programs take turns. A start over WAN or THIN has a time limit and is not
repeated once it misses it; where the bytes counted on a faster link show that it cannot make the
limit, it is not tried. A program without keys is only started: it shows what the server and the
network cost. Logs, and what programs other than fathom release and show, are measured on the
smallest cluster. A failure is listed above and costs no other figure. "Shown" means that a terminal
emulator has it on its screen; the time is that of the last byte that put it there. Everything
shares one machine, the API server and etcd included.
`

func (p *page) preface() {
	m := p.Machine
	fmt.Fprintf(p, "Measured on %s: %s, %d CPUs, %.0f GB, %s, %s, the API server on the same machine. "+
		"Windows of %s.\n",
		p.Began.Format("2006-01-02"), m.CPU, m.Cores, float64(m.Memory)/1e9, m.Kernel, m.Go, p.Window)
	if p.Fault > 0 {
		fmt.Fprintf(p, "A page fault takes %s µs there: 0.3 is usual, and where it is much more, "+
			"whatever starts or grows is slower.\n", thousands(float64(p.Fault)/1e3))
	}
	p.WriteString(
		"Each figure is median / worst × the number of runs. **Bold** is over fathom's target. " +
			"In [brackets] is what k9s took before on such a machine.\n\n",
	)
	for _, size := range p.Sizes {
		fmt.Fprintf(
			p,
			"- %s: %s pods on %s nodes\n",
			size.Name,
			thousands(float64(size.Pods)),
			thousands(float64(size.Nodes)),
		)
	}
	for _, program := range p.Programs {
		fmt.Fprintf(p, "- %s: `%s`, binary %.12s\n", program.Name, program.Version, program.Sum)
	}
	for _, name := range p.Missing {
		fmt.Fprintf(p, "- %s is not in PATH and has no column\n", name)
	}
	p.failures()
	p.WriteString("\n")
}

// failures reports how often a part went wrong, and how it did the first time.
func (p *page) failures() {
	for i, f := range p.Failures {
		same := func(g Failure) bool { return g.Program == f.Program && g.Where == f.Where }
		if slices.ContainsFunc(p.Failures[:i], same) {
			continue
		}
		runs, n := "a run", 0
		for _, g := range p.Failures {
			if same(g) {
				n++
			}
		}
		if n > 1 {
			runs = fmt.Sprintf("%d runs", n)
		}
		reason, _, _ := strings.Cut(f.Reason, "\n")
		fmt.Fprintf(p, "- %s did not come to an end: %s, %s: %s\n", runs, f.Program, f.Where, reason)
	}
}

// place is where figures come from.
type place struct{ size, link string }

// table writes the metrics of a group, a line for each metric, size and link, and below it why targets are missed.
func (p *page) table(group string) {
	var lines, meanings, missed []string
	for _, m := range metrics {
		if m.group != group {
			continue
		}
		written, over := p.lines(m)
		if len(written) == 0 {
			continue
		}
		lines = append(lines, written...)
		if m.meaning == "the same" && len(meanings) > 0 {
			meanings[len(meanings)-1] = strings.Replace(meanings[len(meanings)-1], ": ", ", "+m.title+": ", 1)
		} else {
			meanings = append(meanings, fmt.Sprintf("- %s: %s", m.title, m.meaning))
		}
		if len(over) > 0 {
			missed = append(
				missed,
				fmt.Sprintf("- **%s** (%s): %s", m.title, strings.Join(over, ", "), cmp.Or(p.notes[m.key], "no reason is known")),
			)
		}
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(p, "## %s\n\n| metric | size | link | unit | target |", group)
	for _, program := range p.Programs {
		fmt.Fprintf(p, " %s |", program.Name)
	}
	fmt.Fprintf(p, "\n|---|---|---|---|---|%s\n%s\n\n", strings.Repeat("---|", len(p.Programs)), strings.Join(lines, "\n"))
	if len(missed) > 0 {
		fmt.Fprintf(p, "Missed:\n\n%s\n\n", strings.Join(missed, "\n"))
	}
	fmt.Fprintf(p, "%s\n\n", strings.Join(meanings, "\n"))
}

// lines are those of one metric, and the places at which fathom is over its target.
func (p *page) lines(m metric) (lines, over []string) {
	for _, at := range p.places() {
		rival := 0.0
		if f := p.find("k9s", at.size, at.link, cmp.Or(m.against, m.key)); f != nil {
			rival = median(f.Values)
		}
		most, wanted := m.wanted(at.size, at.link, rival)
		var cells []string
		found := false
		for _, program := range p.Programs {
			f := p.find(program.Name, at.size, at.link, m.key)
			found = found || f != nil
			text := cell(f)
			if program.Name == subject && wanted && missed(f, most) {
				over = append(over, strings.Join(strings.Fields(at.size+" "+at.link), " "))
				text = "**" + text + "**"
			}
			cells = append(cells, text)
		}
		if !found {
			continue
		}
		target := ""
		if wanted {
			target = "≤ " + thousands(most)
		}
		switch {
		case m.share == 1 && wanted:
			target += ", as k9s"
		case m.share > 0 && wanted:
			target += fmt.Sprintf(", 1/%.0f of k9s", 1/m.share)
		}
		if known := m.known[at.size]; known > 0 && (at.link == "LAN" || at.link == "") {
			target += fmt.Sprintf(" [%s]", thousands(known))
		}
		lines = append(
			lines,
			fmt.Sprintf(
				"| %s | %s | %s | %s | %s | %s |",
				m.title,
				at.size,
				at.link,
				m.unit,
				target,
				strings.Join(cells, " | "),
			),
		)
	}
	return lines, over
}

// places lists every size and link that has figures, in the order in which they were
// measured.
func (r *Results) places() []place {
	all := []place{{}}
	for _, size := range r.Sizes {
		for _, link := range r.Links {
			all = append(all, place{size.Name, link})
		}
	}
	return all
}

// missed reports whether a figure is over its target; a missing value is over every
// target.
func missed(f *Figure, most float64) bool {
	return f != nil && (len(f.Values) == 0 || median(f.Values) > most)
}

func cell(f *Figure) string {
	switch {
	case f == nil:
		return "–"
	case len(f.Values) == 0:
		return f.Without
	}
	text := fmt.Sprintf("%s / %s ×%d", thousands(median(f.Values)), thousands(worst(f.Values)), len(f.Values))
	if f.Without != "" {
		text += ", once " + f.Without
	}
	return text
}

func (p *page) guards() {
	if len(p.Guards) == 0 {
		return
	}
	p.WriteString("## What must be true beside\n\n| size | program | guard | holds |\n|---|---|---|---|\n")
	for _, g := range p.Guards {
		holds := "yes"
		if !g.OK {
			first, _, _ := strings.Cut(g.Detail, "\n")
			holds = "**no** " + strings.ReplaceAll(first, "|", `\|`)
		}
		fmt.Fprintf(p, "| %s | %s | %s | %s |\n", g.Size, g.Program, g.Name, holds)
	}
	p.WriteString("\n")
}

// soak draws the resident set over time, and reports where it is heading.
func (p *page) soak() {
	s := p.Soak
	if s == nil || len(s.Samples) == 0 {
		return
	}
	lowest, highest := slices.Min(s.Samples), slices.Max(s.Samples)
	fmt.Fprintf(p, "## Soak\n\n%s at %s under 100 updates/s for %s: resident set %s MB at the beginning, %s at the end; "+
		"slope over the second half %s MB per hour.\n\n", s.Program, s.Size, s.Lasted, megabytes(s.Samples[0]),
		megabytes(s.Samples[len(s.Samples)-1]), thousands(s.Slope/1e6))
	fmt.Fprintf(
		p,
		"    %s MB %s %s MB, one mark each %s\n\n",
		megabytes(lowest),
		sparkline(s.Samples),
		megabytes(highest),
		s.Every,
	)
}

// sparkline draws values between the lowest and the highest of them.
func sparkline(values []int64) string {
	marks := []rune("▁▂▃▄▅▆▇█")
	lowest := slices.Min(values)
	span := max(1, slices.Max(values)-lowest)
	var line strings.Builder
	for _, value := range values {
		line.WriteRune(marks[(value-lowest)*int64(len(marks)-1)/span])
	}
	return line.String()
}

func megabytes(bytes int64) string { return thousands(float64(bytes) / 1e6) }

// thousands writes a number with three significant digits, and commas.
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
