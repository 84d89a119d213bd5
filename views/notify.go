package views

import (
	"fmt"
	"maps"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// notifier rings for somebody who looks elsewhere when something begins to fail, or when
// one object gets better or worse.
type notifier struct {
	of      *kinds.Ref // the only object; nil is all
	verdict *triage.Verdict
	seen    map[string]time.Time // when a finding failed last, by its ID
	words   string               // of the one object
}

// remembered is how long a finding that has gone is known: one that comes and goes rings
// once.
const remembered = 10 * time.Minute

// compare notifies of what is new in the newest verdict. The first one that is complete
// is what there was before.
func (n *notifier) compare(s *Session) ui.Intent {
	if n == nil {
		return nil
	}
	v := s.Triage.Verdict()
	if v == n.verdict || !v.Complete {
		return nil
	}
	first := n.verdict == nil
	n.verdict = v
	said := n.failing(v)
	if n.of != nil {
		said = n.object(v)
	}
	if first || said == "" {
		return nil
	}
	return ui.Notify{Title: "fathom " + s.Cluster.Name(), Text: said}
}

// failing says what fails now and did not before.
func (n *notifier) failing(v *triage.Verdict) string {
	var fresh []*triage.Finding
	for _, f := range v.Findings {
		if f.Severity < triage.Failing {
			continue
		}
		if _, known := n.seen[f.ID]; !known {
			fresh = append(fresh, f)
		}
		n.seen[f.ID] = v.At
	}
	maps.DeleteFunc(n.seen, func(_ string, last time.Time) bool { return v.At.Sub(last) > remembered })
	switch len(fresh) {
	case 0:
		return ""
	case 1:
		return "failing: " + shortRef(fresh[0].Object) + ": " + fresh[0].Reason
	}
	return fmt.Sprintf("%d begin to fail: %s: %s", len(fresh), shortRef(fresh[0].Object), fresh[0].Reason)
}

// object says how the one object is, if that is not as it was.
func (n *notifier) object(v *triage.Verdict) string {
	f, symptom := findingOf(v, *n.of)
	words := "well again"
	reason := ""
	switch {
	case symptom != nil:
		words, reason = f.Severity.String(), symptom.Reason
	case f != nil:
		words, reason = f.Severity.String(), f.Reason
	}
	if words == n.words {
		return ""
	}
	n.words = words
	if reason != "" {
		words += ": " + reason
	}
	return shortRef(*n.of) + ": " + words
}

// findingOf is what is wrong with an object, and whether it only follows from something
// else or has less left because of it; nil if nothing is.
func findingOf(v *triage.Verdict, ref kinds.Ref) (f *triage.Finding, symptom *triage.Symptom) {
	for _, f := range v.Findings {
		if f.Object == ref {
			return f, nil
		}
		for i := range f.Folded {
			if f.Folded[i].Object == ref {
				return f, &f.Folded[i]
			}
		}
	}
	for _, f := range v.Findings { // What is known of the object itself goes first.
		for i := range f.Affects {
			if a := &f.Affects[i]; a.Object == ref && a.Effect != triage.StillUp {
				return f, &a.Symptom
			}
		}
	}
	return nil, nil
}

// setNotify begins to notify, of one object or of all; or ends it.
type setNotify struct {
	session *Session
	of      *kinds.Ref
	on      bool
}

// Intent implements ui.Lazy.
func (c setNotify) Intent() ui.Intent {
	s := c.session
	if !c.on {
		s.notify = nil
		return ui.Say{Text: "no more notifications"}
	}
	s.Judges = true // The next message begins it, if nothing has.
	s.triage()
	s.notify = &notifier{of: c.of, seen: map[string]time.Time{}}
	what := "will ring, at most every 30s, when something begins to fail"
	if c.of != nil {
		what = "will ring when " + shortRef(*c.of) + " gets better or worse"
	}
	return ui.All{s.notify.compare(s), ui.Say{Text: what + "; :notify stops it"}}
}

// notifyChoices are what can be notified of.
func (s *Session) notifyChoices(view ui.View) []ui.Choice {
	choice := func(name, detail string, then setNotify) ui.Choice {
		return ui.Choice{Name: name, Detail: "command: " + detail, Also: []string{"bell", "alert"}, Then: then}
	}
	if s.notify != nil {
		return []ui.Choice{choice("notify", "stop the notifications", setNotify{session: s})}
	}
	all := choice("notify", "bell and notification when something begins to fail", setNotify{session: s, on: true})
	v, ok := view.(pointing)
	if !ok {
		return []ui.Choice{all}
	}
	ref, ok := v.pointed()
	if !ok {
		return []ui.Choice{all}
	}
	one := choice("notify "+shortRef(ref), "when it gets better or worse", setNotify{session: s, of: &ref, on: true})
	if _, object := view.(*object); object {
		one.Name, one.Detail = "notify", "command: bell and notification when "+shortRef(ref)+" gets better or worse"
		all.Name = "notify all"
		return []ui.Choice{one, all}
	}
	return []ui.Choice{all, one}
}
