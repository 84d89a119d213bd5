package triage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Step is one step of the way from a symptom to its cause.
type Step struct {
	Word   string // "symptom", "because", "log"
	Object kinds.Ref
	Text   string
	Field  string // where the object says so, as in Evidence
}

// chain is the way from what users notice to the cause of a finding: what routes to it,
// what it is, one of its pods, and what the pod says.
func (c *court) chain(f *Finding) {
	add := func(word string, object kinds.Ref, text, field string) {
		f.Chain = append(f.Chain, Step{word, object, text, field})
	}
	for _, a := range f.Affects {
		if a.Object.GroupKind == ingressKind && a.Effect != StillUp {
			add("symptom", a.Object, "routes here", "")
			break
		}
	}
	for _, a := range f.Affects {
		if a.Object.GroupKind == serviceKind && a.Effect != StillUp {
			text := "routes here"
			if c.state.complete(sliceKind) {
				text = c.state.addressesOf(a.Object).count()
			}
			add("symptom", a.Object, text, "endpointslices")
			break
		}
	}
	// What follows from this through other objects, from its far end.
	for _, s := range farthest(f) {
		f.Chain = append(f.Chain, s.step())
	}
	f.symptoms = len(f.Chain)
	e := c.state.entry(f.Object)
	switch w, ok := workloadOf(e); {
	case ok && w.want == 0 && strings.HasPrefix(f.Reason, partScaled):
		add("because", f.Object, partScaled, "spec.replicas")
	case !ok || w.want == 0:
	case w.serves():
		add("because", f.Object, w.progress(), "status")
	default:
		add("because", f.Object, w.count(), "status")
	}
	for i, ev := range f.Evidence {
		if i == chainEvidence {
			break
		}
		text := stepText(ev.Field, ev.Text)
		said := func(s Step) bool { return s.Object == ev.Object && s.Text == text }
		if slices.ContainsFunc(f.Chain, said) {
			continue // As a symptom.
		}
		word := "because"
		if ev.Field == "log" || ev.Field == "termination message" {
			word = "log"
		}
		add(word, ev.Object, text, ev.Field)
	}
}

// stepText says of a bare value what it is of, since a step shows no field: "storageclass
// fast", "paused true". Words need that no more than the reason of a condition does.
func stepText(field, text string) string {
	if _, part, ok := strings.Cut(field, " "); ok && strings.HasPrefix(field, "spec.") {
		return part + " → " + text // The path of a rule, which may have points in it.
	}
	value := strings.HasPrefix(field, "spec.") || strings.HasPrefix(field, "status.")
	if !value || strings.Contains(field, ".conditions") || text == "" || strings.Contains(text, " ") {
		return text
	}
	name := field[strings.LastIndexByte(field, '.')+1:]
	name, _, _ = strings.Cut(name, "[")
	if kind, ok := strings.CutSuffix(name, "Name"); ok {
		name = strings.ToLower(kind)
	}
	return name + " " + text
}

// chainEvidence is how much evidence a chain has.
const chainEvidence = 3

// farthest is the longest way down from a finding through what is folded under it, the end
// first, pods left out.
func farthest(f *Finding) []Symptom {
	var best []Symptom
	for _, s := range f.Folded {
		if s.Object.GroupKind == podKind || s.Object.GroupKind == serviceKind || s.Object.GroupKind == ingressKind ||
			s.Why == belongsTo {
			continue
		}
		if way := f.way(s); len(way) > len(best) {
			best = way
		}
	}
	return best
}

// way is the way down from a finding to a symptom, the symptom first.
func (f *Finding) way(s Symptom) []Symptom {
	way := []Symptom{s}
	for at := s.Under; at != f.Object && len(way) < ownersMax; {
		next, ok := symptomOf(f, at)
		if !ok {
			break
		}
		way = append(way, next)
		at = next.Under
	}
	return way
}

func (s *Symptom) step() Step {
	return Step{"symptom", s.Object, s.Reason + " (" + s.Why + " " + s.Under.String() + ")", ""}
}

// ChainTo is the chain from a symptom of the finding: of many that follow from one cause, the chain
// itself shows one.
func (f *Finding) ChainTo(s Symptom) []Step {
	if s.Under == f.Object && s.Why == belongsTo {
		return f.Chain
	}
	var out []Step
	for _, s := range f.way(s) {
		out = append(out, s.step())
	}
	return append(out, f.Chain[f.symptoms:]...)
}

func symptomOf(f *Finding, object kinds.Ref) (Symptom, bool) {
	for _, s := range f.Folded {
		if s.Object == object {
			return s, true
		}
	}
	return Symptom{}, false
}

// also says what else is wrong with the object itself, behind the reason that speaks for it: of two
// troubles one may be mended, and the other is still there.
func (r *row) also() string {
	others := r.named()[1:]
	if len(others) == 0 {
		return ""
	}
	text := "; " + others[0].reason
	if more := len(others) - 1; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// named are the problems that the reason of a finding names, of equal ones the first.
func (r *row) named() []*problem {
	first := r.chosen[0]
	out := []*problem{first}
	for i, p := range r.chosen[1:] {
		own := first.object == r.object && p.object == r.object && light(p) == light(first) && p.follows == first.follows
		same := func(o *problem) bool { return o.reason == p.reason }
		if own && p.severity >= first.severity && !slices.ContainsFunc(r.chosen[:i+1], same) {
			out = append(out, p)
		}
	}
	return out
}

// latest is when the newest of several troubles that a finding names began. A bound does not tell that,
// nor does the last run of a container that crashes.
func (r *row) latest(since time.Time) time.Time {
	named, last := r.named(), since
	if len(named) == 1 || since.IsZero() {
		return since
	}
	for _, p := range named {
		if !p.atLeast && !isCrash(p.rule) {
			last = later(last, p.since)
		}
	}
	return last
}
