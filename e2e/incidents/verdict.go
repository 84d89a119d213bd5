package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdict is what `fathom triage -o json` writes.
type Verdict struct {
	Cluster  string     `json:"cluster"`
	At       time.Time  `json:"at"`
	Coverage []Coverage `json:"coverage"`
	Findings []Finding  `json:"findings"`
}

// Coverage is how much of a kind was judged.
type Coverage struct {
	Kind    string `json:"kind"`
	Judged  int    `json:"judged"`
	Of      int    `json:"of"`
	Missing string `json:"missing"`
}

// Finding is one row.
type Finding struct {
	ID           string          `json:"id"`
	Severity     string          `json:"severity"`
	Settling     bool            `json:"settling"`
	Object       Ref             `json:"object"`
	Reason       string          `json:"reason"`
	Since        *time.Time      `json:"since"`
	SinceAtLeast bool            `json:"sinceAtLeast"`
	Evidence     json.RawMessage `json:"evidence"`
	Folded       []Ref           `json:"folded"`
	Links        json.RawMessage `json:"links"`
	Chain        json.RawMessage `json:"chain"`
	Changes      []Change        `json:"changes"`
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s [%s]", f.Object, f.Reason, f.Severity)
}

// Change is what happened to an object before a finding began.
type Change struct {
	Object Ref       `json:"object"`
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Text   string    `json:"text"`
}

// want is what is expected of a verdict, with all names known.
type want struct {
	roots []wantedRoot
	also  []Ref
	// injected and shown are when the fault was caused and when the API showed it; since is
	// what the API says itself, if it does.
	injected, shown, since time.Time
	// changed are the objects that were changed to cause the fault.
	changed []Ref
}

type wantedRoot struct {
	Root
	is, folds, mayFold []Ref
}

// judgement is what a verdict is worth.
type judgement struct {
	// Got is what stood in the place of the roots, and Problems what is wrong; empty if nothing is.
	Got      []string
	Problems []string
	// Onset is how far the onset of the worst root is off; Bound is set where it is only a bound.
	Onset time.Duration
	Bound bool
	// NoOnset is set where a root has none.
	NoOnset bool
	// Change is "named", "missing", or "" where nothing was changed.
	Change string
}

// judge compares the findings that count with what is expected.
func judge(w want, findings []Finding) judgement {
	var j judgement
	notices := slices.ContainsFunc(w.roots, func(r wantedRoot) bool { return r.Severity == "notice" })
	rows := slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Severity == "notice" && !notices })
	left := slices.Clone(w.roots)
	top := rows[:min(len(rows), len(w.roots))]
	for _, finding := range top {
		j.Got = append(j.Got, finding.String())
		i := slices.IndexFunc(left, func(r wantedRoot) bool { return slices.ContainsFunc(r.is, finding.Object.matches) })
		if i < 0 {
			j.Problems = append(j.Problems, fmt.Sprintf("%s is on top", finding.Object))
			continue
		}
		j.judgeRoot(w, left[i], finding)
		left = slices.Delete(left, i, i+1)
	}
	for _, root := range left {
		j.Problems = append(j.Problems, fmt.Sprintf("no row on top for %s", root.is[0]))
	}
	for _, finding := range rows[len(top):] {
		if finding.Severity != "notice" && !slices.ContainsFunc(w.also, finding.Object.matches) {
			j.Problems = append(j.Problems, "not folded: "+finding.String())
		}
	}
	j.Change = named(w.changed, top)
	return j
}

// matches reports whether a pattern stands for the object; it is is with the sides exchanged.
func (r Ref) matches(pattern Ref) bool { return pattern.is(r) }

func (j *judgement) judgeRoot(w want, root wantedRoot, finding Finding) {
	if !compiled(root.Reason).MatchString(finding.Reason) {
		j.Problems = append(j.Problems, fmt.Sprintf("reason %q does not match %s", finding.Reason, root.Reason))
	}
	if root.Severity != "" && root.Severity != "notice" && finding.Severity != root.Severity {
		j.Problems = append(j.Problems, fmt.Sprintf("%s, not %s", finding.Severity, root.Severity))
	}
	j.judgeOnset(w, finding)
	var missing, stray []string
	for _, r := range root.folds {
		if !r.is(finding.Object) && !slices.ContainsFunc(finding.Folded, r.is) {
			missing = append(missing, r.String())
		}
	}
	for _, r := range finding.Folded {
		if !r.helper() && !slices.ContainsFunc(slices.Concat(root.folds, root.mayFold), r.matches) {
			stray = append(stray, r.String())
		}
	}
	if len(missing) > 0 {
		j.Problems = append(j.Problems, "folds not: "+strings.Join(missing, ", "))
	}
	if len(stray) > 0 {
		j.Problems = append(j.Problems, "folds also: "+strings.Join(stray, ", "))
	}
}

// helper reports whether an object stands between two that matter, which may be folded or not.
func (r Ref) helper() bool {
	return slices.Contains([]string{"replicaset", "endpoints", "endpointslice", "controllerrevision"},
		strings.ToLower(r.Kind))
}

// judgeOnset measures how far a finding's onset is from the time between the injection and
// the moment when the API showed it, or from what the API itself says.
func (j *judgement) judgeOnset(w want, finding Finding) {
	if finding.Since == nil || finding.Since.IsZero() {
		j.NoOnset = true
		return
	}
	from, to := w.injected, w.shown
	if !w.since.IsZero() && w.since.Before(from) {
		from = w.since
	}
	off := time.Duration(0)
	if finding.Since.Before(from) {
		off = from.Sub(*finding.Since)
	} else if finding.Since.After(to) {
		off = finding.Since.Sub(to)
	}
	j.Bound = j.Bound || finding.SinceAtLeast
	j.Onset = max(j.Onset, off)
}

func named(changed []Ref, top []Finding) string {
	if len(changed) == 0 {
		return ""
	}
	for _, finding := range top {
		for _, change := range finding.Changes {
			if slices.ContainsFunc(changed, change.Object.is) {
				return "named"
			}
		}
	}
	return "missing"
}
