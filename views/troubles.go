package views

import (
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// levels are how bad an object is of which the triage says something.
var levels = map[triage.Severity]kinds.Level{
	triage.Waiting: kinds.Waiting, triage.Degraded: kinds.Degraded, triage.Failing: kinds.Failing,
}

// judgment is how bad an object is, and why. Of a notice there is only a reason.
type judgment struct {
	level  kinds.Level
	reason string
}

// troubles are what verdicts say of objects.
type troubles struct {
	verdicts [2]*triage.Verdict
	of       map[kinds.Ref]judgment
}

// troubles are the objects of which the triage knows something that their own status may not
// say: a Service without a ready endpoint.
func (s *Session) troubles() map[kinds.Ref]judgment {
	if s.Triage == nil {
		return nil
	}
	verdicts := [2]*triage.Verdict{s.Triage.Verdict()}
	if s.elsewhere != nil {
		verdicts[1] = s.elsewhere.Verdict()
	}
	if verdicts == s.known.verdicts {
		return s.known.of
	}
	out := map[kinds.Ref]judgment{}
	note := func(ref kinds.Ref, severity triage.Severity, reason string) {
		known, is := out[ref]
		if level := levels[severity]; level > known.level || !is {
			out[ref] = judgment{level, reason}
		}
	}
	var findings []*triage.Finding
	for _, v := range verdicts {
		if v != nil {
			findings = append(findings, v.Findings...)
		}
	}
	for _, f := range findings {
		note(f.Object, f.Severity, f.Reason)
		for _, symptom := range f.Folded {
			note(symptom.Object, f.Severity, symptom.Reason)
		}
		if ref, why, found := f.Blames(); found {
			note(ref, f.Severity, why)
		}
	}
	s.known = troubles{verdicts, out}
	return out
}

// judgment is how an object is that stands on the subject's pages: no better than the triage
// knows. Of a version of the subject that has passed it knows nothing.
func (s *subject) judgment(ref kinds.Ref, own kinds.Status) (judgment, bool) {
	known := s.session.troubles()[ref]
	if known.level <= own.Level || ref == s.ref() && (s.asOf != nil || !s.deleted.IsZero()) {
		return judgment{own.Level, own.Reason}, false
	}
	return known, true
}

// judging follows the triage while it is shown what that knows. Only where it is to look does
// it begin to.
func (s *subject) judging(look bool) ui.All {
	t := s.session.Triage
	if t != nil {
		t = s.session.triageFor(s.namespace)
	}
	if s.judged == nil && t != nil && (look || !t.Verdict().At.IsZero()) {
		s.judged = t.Watch()
	}
	if s.judged == nil {
		return nil
	}
	return ui.All{ui.Watch{Source: s.judged}}
}

// judge takes over what the triage says of the rows.
func (l *list) judge() {
	troubles := l.session.troubles()
	l.rows.Judge(func(r *kinds.Record) kinds.Level { return troubles[r.Ref()].level }, l.session.Now())
	l.table.Redraw()
	l.table.Update(l.rows)
}

// others reports whether what is wrong with the rows is only known from other objects: a
// Service from its endpoints.
func (l *list) others() bool {
	kind := l.rows.Kind()
	return kind != nil && !kind.Quiet && (kind == kinds.Service || !l.rows.AnyStatus()) && !l.session.Printed
}

// lookAtOthers begins to look at what is broken in the cluster, once, where only problems are
// asked for and the rows do not say what has some.
func (l *list) lookAtOthers() ui.Intent {
	if _, wrong := l.rows.Filter(); !wrong || l.looking != nil || !l.others() {
		return nil
	}
	l.looking = l.session.triageFor(l.listing.Scope().Namespace).Watch()
	return ui.Watch{Source: l.looking}
}

// judging says that the cluster is still being looked at for what is wrong with the rows.
func (l *list) judging() string {
	_, wrong := l.rows.Filter()
	if !wrong || !l.others() {
		return ""
	}
	if l.session.Triage != nil && l.session.triageFor(l.listing.Scope().Namespace).Verdict().Complete {
		return ""
	}
	return "looking at the cluster ..."
}

// unjudged says why nothing of a kind is ever a problem, "" where something can be.
func (l *list) unjudged(noun string) string {
	_, wrong := l.rows.Filter()
	kind := l.rows.Kind()
	if !wrong || kind == nil || l.rows.Len() > 0 || l.rows.Total() == 0 {
		return ""
	}
	_, known := kinds.For(kind.GroupKind())
	if !kind.Quiet && (known || l.rows.AnyStatus()) {
		return ""
	}
	return "fathom does not judge " + noun + "; ! shows what is broken"
}
