package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// soon is what a verdict may take, and how far an onset may be off.
const soon = 2 * time.Second

// Results are those of one or more runs: a scenario's newest result counts.
type Results struct {
	Cluster, Fathom string
	Results         map[string]Result
}

func loadResults(path string) (Results, error) {
	results := Results{Results: map[string]Result{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return results, nil
	}
	if err != nil {
		return results, err
	}
	return results, json.Unmarshal(data, &results)
}

func (r Results) save(path string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// right reports whether the right row was on top, whatever else was wrong.
func (r Result) right() bool { return r.Skipped == "" && len(r.Problems) == 0 }

// inTime reports whether it came, and left, as soon as it has to; a scenario's grace is not counted.
func (r Result) inTime(grace time.Duration) bool {
	return r.Latency >= 0 && r.Latency <= soon+grace && r.Left >= 0 && r.Left <= soon
}

// verdict says in a word how a scenario went.
func (r Result) verdict(grace time.Duration) string {
	switch {
	case r.Skipped != "":
		return "not tried: " + r.Skipped
	case !r.right():
		return "**wrong**: " + strings.Join(r.Problems, "; ")
	case !r.Healthy && !r.inTime(grace):
		return "late"
	case r.Folded > soon+grace:
		return "folded late, after " + seconds(r.Folded) + " s"
	case !r.Healthy && (r.NoOnset || r.Onset > soon):
		return "onset off"
	}
	return "right"
}

// page writes the results as a document.
func (r Results) page(out io.Writer) {
	fmt.Fprintf(out, `# What triage says of incidents

This page is written by `+"`make incidents`"+`, which injects each fault into a healthy shop on a real
cluster, and measures on the screen of a fathom that has been open all the time. The cluster was
%s, and fathom was %s.

- **row**: from the API showing the fault to the right row on top, in seconds, and **left**: from
  the API showing that all is well again to the row's leaving. Both are measured every 0.1 s. What
  nobody could know at once has a grace, in brackets, which the row may take longer.
- **onset**: how far "since" is from the time between the injection and the moment when the API
  showed it.
- **change**: whether the change that caused it is named.

`, r.Cluster, r.Fathom)
	r.totals(out)
	area := ""
	for _, scenario := range scenarios() {
		result, ran := r.Results[scenario.Name]
		if !ran {
			continue
		}
		if scenario.Area != area {
			area = scenario.Area
			fmt.Fprintf(out, "\n## %s\n\n| incident | expected on top | on top | verdict | row | left | onset | change |\n"+
				"|---|---|---|---|---|---|---|---|\n", strings.ToUpper(area[:1])+area[1:])
		}
		expected := result.Expected
		if result.Why != "" {
			expected += " (" + result.Why + ")"
		}
		brief := func(text string) string { return cell(strings.ReplaceAll(text, slug(scenario.Name)+"/", "")) }
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", scenario.Name, cell(expected),
			brief(strings.Join(result.Got, "; ")), brief(result.verdict(scenario.Grace)),
			seconds(result.Latency)+grace(scenario.Grace),
			seconds(result.Left), result.onset(), result.Change)
	}
	fmt.Fprint(out, "\n## Healthy\n\nWhat happens all day, of which triage must say nothing but notices.\n\n"+
		"| what happens | screens | verdict |\n|---|---|---|\n")
	for _, situation := range situations(0) {
		if result, ran := r.Results[situation.Name]; ran {
			fmt.Fprintf(out, "| %s | %d | %s |\n", situation.Name, result.Samples, cell(result.verdict(0)))
		}
	}
}

// totals counts what there is.
func (r Results) totals(out io.Writer) {
	var tried, right, inTime, onsets, changed, named, healthy, silent int
	var latencies []time.Duration
	for _, scenario := range scenarios() {
		result, ran := r.Results[scenario.Name]
		if !ran || result.Skipped != "" {
			continue
		}
		tried++
		count(&right, result.right())
		count(&inTime, result.inTime(scenario.Grace) && result.Folded <= soon+scenario.Grace)
		count(&onsets, !result.NoOnset && len(result.Got) > 0 && result.Onset <= soon)
		count(&changed, result.Change != "")
		count(&named, result.Change == "named")
		if result.Latency >= 0 {
			latencies = append(latencies, result.Latency)
		}
	}
	for _, situation := range situations(0) {
		if result, ran := r.Results[situation.Name]; ran && result.Skipped == "" {
			healthy++
			count(&silent, result.right())
		}
	}
	slices.Sort(latencies)
	median := time.Duration(-1)
	if len(latencies) > 0 {
		median = latencies[len(latencies)/2]
	}
	fmt.Fprintf(out, `| of %d incidents | |
|---|---|
| root on top, in the cluster's words, the fold exact, gone after the repair | %d |
| row there and gone again within %s | %d |
| median from the API to the row | %s |
| onset within %s | %d |
| change named | %d of %d |
| healthy situations without a finding | %d of %d |
`, tried, right, soon, inTime, seconds(median), soon, onsets, named, changed, silent, healthy)
}

func count(n *int, counts bool) {
	if counts {
		*n++
	}
}

func (r Result) onset() string {
	switch {
	case len(r.Got) == 0:
		return ""
	case r.NoOnset:
		return "unknown"
	case r.Bound:
		return "at least, " + seconds(r.Onset)
	}
	return seconds(r.Onset)
}

func seconds(d time.Duration) string {
	if d < 0 {
		return "never"
	}
	return fmt.Sprintf("%.1f", d.Seconds())
}

func grace(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.0f)", d.Seconds())
}

// cell makes text fit for a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(text)
}

// problems lists what is wrong, one line each, for whoever mends it.
func (r Results) problems(out io.Writer) {
	for _, scenario := range scenarios() {
		result, ran := r.Results[scenario.Name]
		if verdict := result.verdict(scenario.Grace); ran && verdict != "right" {
			fmt.Fprintf(out, "%s | want %s | top %q | %s | row %s left %s onset %s change %s\n", scenario.Name, result.Expected,
				result.Got, verdict, seconds(result.Latency), seconds(result.Left), result.onset(), result.Change)
		}
	}
	for _, situation := range situations(0) {
		if result, ran := r.Results[situation.Name]; ran && !result.right() {
			fmt.Fprintf(out, "HEALTHY %s | %s\n", situation.Name, result.verdict(0))
		}
	}
}
