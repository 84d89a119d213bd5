package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Severity says how much harm a finding does.
type Severity uint8

// The severities, from the least.
const (
	// Notice will hurt later, or is a matter of hygiene.
	Notice Severity = iota
	// Waiting takes longer than it should.
	Waiting
	// Degraded has lost redundancy or capacity.
	Degraded
	// Failing hurts users.
	Failing
)

// String is the severity in one word.
func (s Severity) String() string {
	return [...]string{"notice", "waiting", "degraded", "failing"}[s]
}

// Finding is one thing that is wrong. All text is clean and in one line.
type Finding struct {
	// ID stays the same while the finding lasts: its object and the rule.
	ID       string
	Severity Severity
	// Settling is set until the time that such a thing may need to heal by itself has
	// passed.
	Settling bool
	Object   kinds.Ref
	Rule     string // the name of the rule in Rules
	Reason   string // in the cluster's own words
	// Since is the onset. AtLeast says that it has lasted since then or longer. A zero
	// Since is unknown.
	Since   time.Time
	AtLeast bool
	// Latest is the onset of the newest trouble that the reason names: an Ingress may lose a second
	// Service long after the first. It is Since where there is one.
	Latest   time.Time
	Until    time.Time // when it is over, or worse; zero where that is not known
	Evidence []Evidence
	// Folded are the symptoms: objects whose trouble certainly follows from this.
	Folded []Symptom
	// Links lead to findings and objects that likely have to do with this one.
	Links []Related
	// Chain is the way from what users notice to the cause.
	Chain []Step
	// Changes are what changed near the cause before the onset, the nearest first. Looked is set
	// once they were looked for: without it, that there are none says nothing.
	Changes []Change
	Looked  bool
	// Affects are the Services and what routes to them that send traffic here.
	Affects []Affected
	// Flapping is set where it comes and goes.
	Flapping bool
	// Labels are those of the object, and behind them those of its namespace.
	Labels [2][]kinds.Label

	routed bool // Affects has a way in from outside
	dns    bool // Affects has the cluster's DNS
	harm   int
	// symptoms is with how many the chain begins.
	symptoms int
}

// ReasonAt is the reason with how long there is left, where it says when something ends.
func (f *Finding) ReasonAt(now time.Time) string {
	left := f.Until.Sub(now)
	if f.Until.IsZero() || left <= 0 {
		return f.Reason
	}
	text := kinds.CoarseAge(left)
	if hour := time.Hour; left >= hour && left < 2*24*hour {
		text = fmt.Sprintf("%dh%dm", left/hour, left%hour/time.Minute)
	}
	return strings.Replace(f.Reason, " expires at ", " expires in "+text+", at ", 1)
}

// Label returns the value of a label, in any case: that of the object, or else of its
// namespace, which may be all that says whose it is.
func (f *Finding) Label(key string) (string, bool) {
	for _, labels := range f.Labels {
		for _, l := range labels {
			if strings.EqualFold(l.Key, key) {
				return l.Value, true
			}
		}
	}
	return "", false
}

// Blames returns the object that is at fault where the finding is another's, and what is wrong
// with it: the Secret of an Ingress whose certificate has expired.
func (f *Finding) Blames() (ref kinds.Ref, why string, found bool) {
	for _, e := range f.Evidence {
		_, named, ok := strings.Cut(e.Text, "TLS secret ")
		// Beside a worse trouble one that only is about to expire does not fail.
		if ok = ok && e.Field == fieldTLS; !ok || f.Rule != ruleCertificate && !strings.Contains(named, " expired ") {
			continue
		}
		named, why, found = strings.Cut(named, " ")
		_, name, _ := strings.Cut(named, "/")
		return refTo("", "Secret", f.Object.Namespace, name), why, found
	}
	return kinds.Ref{}, "", false
}

// Evidence is what a finding is judged by, and where it stands.
type Evidence struct {
	Object kinds.Ref
	Field  string // "status.conditions[Ready]", "event FailedMount", "log"
	Text   string
}

// Symptom is what follows from a finding.
type Symptom struct {
	Object kinds.Ref
	Reason string
	Why    string // how it hangs on what stands above it: "runs on", "selects"
	Under  kinds.Ref
}

// Affected is what sends traffic to what is in trouble. Its reason says how many endpoints it
// has left, and an Ingress has those of its Service.
type Affected struct {
	Symptom
	Effect Effect
}

// Effect is what a finding does to what sends traffic there.
type Effect uint8

// The effects, the worst first.
const (
	// TakesDown leaves nothing that is ready.
	TakesDown Effect = iota
	// Degrades leaves some.
	Degrades
	// StillUp leaves all.
	StillUp
)

// Effects are all effects, the worst first.
var Effects = [...]Effect{TakesDown, Degrades, StillUp}

// String is the effect in words that what is affected follows.
func (e Effect) String() string { return [...]string{"takes down", "degrades", "still up"}[e] }

// With returns what a finding affects in one way.
func (f *Finding) With(e Effect) []Affected {
	var out []Affected
	for _, a := range f.Affects {
		if a.Effect == e {
			out = append(out, a)
		}
	}
	return out
}

// Related is a link to another finding or object, with the reason for it.
type Related struct {
	To  kinds.Ref
	Why string
}

// Change is one change near a finding, in words.
type Change struct {
	Object kinds.Ref
	At     time.Time
	Who    string
	Text   string
}

// Verdict is what is wrong in a cluster at a time.
type Verdict struct {
	At time.Time
	// Namespace is the only one that was looked at; "" for all.
	Namespace string
	// Narrowed is set where all namespaces were asked for, and the pods of all may not be listed.
	Narrowed bool
	Findings []*Finding // worst first
	Coverage []Coverage
	Totals   []Total
	// Warnings are the Warning events of the last minutes, the oldest minute first; nil
	// while something is broken, and where the events are not known.
	Warnings []int
	// Complete is set when everything that may be read has been judged.
	Complete bool
	// Wake is when the verdict may change though nothing else does; zero for never.
	Wake time.Time
	// Quiet is since when nothing has been wrong; zero while something is, or if it
	// was never otherwise.
	Quiet time.Time
}

// Calm says that nothing is broken, no surer than can be known from what was looked at.
func (v *Verdict) Calm() string {
	missing := func(c Coverage) bool { return c.Missing != "" }
	switch {
	case !v.Looked() && !v.Complete:
		return "nothing could be looked at so far"
	case !v.Looked():
		return "nothing could be looked at"
	case !v.Complete:
		return "nothing broken has been found so far"
	case v.Narrowed || slices.ContainsFunc(v.Coverage, missing):
		return "nothing is broken in what could be looked at"
	}
	return "nothing is broken"
}

// NotJudged names what was not judged, once for each reason: "pods, nodes (forbidden)".
func (v *Verdict) NotJudged() []string {
	var why, out []string
	if v.Narrowed {
		why, out = append(why, Forbidden), append(out, "namespaces other than "+v.Namespace)
	}
	for _, c := range v.Coverage {
		switch i := slices.Index(why, c.Missing); {
		case c.Missing == "":
		case i < 0:
			why, out = append(why, c.Missing), append(out, c.Kind)
		default:
			out[i] += ", " + c.Kind
		}
	}
	for i := range out {
		out[i] += " (" + why[i] + ")"
	}
	return out
}

// Looked reports whether anything was looked at, though nothing of it may have been there.
func (v *Verdict) Looked() bool {
	return slices.ContainsFunc(v.Coverage, func(c Coverage) bool { return c.Judged > 0 || c.Missing == "" })
}

// Coverage is how much of a kind was judged.
type Coverage struct {
	Kind    string // "pods"
	Judged  int
	Of      int    // how many there are; -1 where nobody knows
	Missing string // why not all: Forbidden, Loading, Well
	// Namespace is the only one that was looked at; "" for all.
	Namespace string
}

// Why a kind is not judged: nobody allows it, it is still to come, or all of it has come but what is
// well.
const (
	Forbidden = "forbidden"
	Loading   = "loading"
	Well      = "well"
)

// Total is how many objects of a kind there are, and how many of them are well. Nodes among these
// are Cordoned.
type Total struct {
	Kind      string // "pods"
	Well, All int
	Cordoned  int
}

// Count returns how many findings have a severity.
func (v *Verdict) Count(s Severity) int {
	n := 0
	for _, f := range v.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}
