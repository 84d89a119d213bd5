package triage

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// revisions is how the templates of Deployments in trouble differ from those before.
type revisions struct {
	whole     []*kinds.Record        // ReplicaSets that would tell more if they were whole
	templates map[kinds.Ref]template // of ReplicaSets whose other one is still to come
	changes   map[kinds.Ref]revision // by the Deployment
}

func newRevisions() revisions {
	return revisions{templates: map[kinds.Ref]template{}, changes: map[kinds.Ref]revision{}}
}

// revision is how one template differs from the one before. A template never changes.
type revision struct {
	older, newer kinds.UID
	words        string
}

// wholeMax bounds how many objects are asked for at a time.
const wholeMax = 32

// Wanted are the objects that would tell more if they were whole, after a verdict: the
// ReplicaSets of Deployments in trouble, of the worst first, the pods on nodes that have too
// little left.
func (s *State) Wanted() []*kinds.Record { return s.past.whole }

// SetWhole takes one of them.
func (s *State) SetWhole(r *kinds.Record, obj runtime.Object) {
	if pod, ok := obj.(*corev1.Pod); ok || r.Kind == kinds.Pod {
		a := asked{uid: r.UID}
		if ok {
			a.requests = requestsOf(pod)
		}
		s.asked[r.Ref()], s.due[""] = a, true
		return
	}
	text, number := map[string]any{}, int64(0)
	if set, ok := obj.(*appsv1.ReplicaSet); ok {
		number, _ = strconv.ParseInt(set.Annotations[revisionNumber], 10, 64)
		set = set.DeepCopy()
		delete(set.Spec.Template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
		if fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&set.Spec.Template); err == nil {
			text = map[string]any{"spec": map[string]any{"template": fields}}
		}
	}
	s.past.templates[r.Ref()] = template{r.UID, number, text}
	s.change(r.Namespace)
}

// template is that of a ReplicaSet, which never changes.
type template struct {
	uid      kinds.UID
	revision int64 // of those of its Deployment; 0 where it does not say
	text     map[string]any
}

const revisionNumber = "deployment.kubernetes.io/revision"

// want asks for what would tell more of the findings, the worst first, and drops what is not
// of use any more.
func (s *State) want(roots []*row) {
	var logs []LogWanted
	s.past.whole = nil
	for _, r := range roots {
		if r.log != nil && len(logs) < logsMax {
			logs = append(logs, *r.log)
		}
		if len(s.past.whole) < wholeMax {
			s.past.whole = append(s.past.whole, r.whole...)
		}
		if len(logs) == logsMax && len(s.past.whole) >= wholeMax {
			break
		}
	}
	for _, d := range s.dockets {
		if len(logs) == logsMax {
			break
		}
		for _, r := range d.rows {
			if r.under != nil && r.log != nil && len(logs) < logsMax {
				logs = append(logs, *r.log)
			}
		}
	}
	s.wantLogs(logs)
	if len(s.past.changes) > 2*len(s.rows) {
		maps.DeleteFunc(s.past.changes, func(of kinds.Ref, _ revision) bool { return s.rows[of] == nil })
	}
	if len(s.past.whole) == 0 {
		clear(s.past.templates)
	}
}

var setDesired = kinds.ReplicaSet.Column("DESIRED")

// revisionsOf are the current ReplicaSet of a Deployment, by its name, and the one that it replaces:
// the youngest of the others that has pods, or of all.
func (s *State) revisionsOf(deployment kinds.Ref, current string) (newer, older *kinds.Record) {
	for _, e := range s.membersOf(deployment) {
		r := e.record
		switch {
		case r.Name == current:
			newer = r
		case older == nil, hasPods(r) && !hasPods(older),
			hasPods(r) == hasPods(older) && r.Created.After(older.Created):
			older = r
		}
	}
	return newer, older
}

// hasPods reports whether a ReplicaSet should have some.
func hasPods(set *kinds.Record) bool {
	desired, _ := set.Cells[setDesired].Number()
	return desired > 0
}

// replaces reports whether a ReplicaSet took the place of another. Of those without pods the youngest
// need not be the last: after an undo an older one is.
func (t *template) replaces(older *template, serves bool) bool {
	if serves {
		return t.revision > older.revision
	}
	return t.revision == older.revision+1
}

// serves reports whether a rollout takes nothing from those who use the workload: all the pods that it
// wants are ready, and those that are not come on top.
func (f *workloadFacts) serves() bool { return f.surging && f.want > 0 && f.ready >= f.want }

// progress is how far a rollout has come: "rollout stuck: 1 of 3 updated".
func (f *workloadFacts) progress() string {
	word := "rollout"
	if f.stuck {
		word = "rollout stuck"
	}
	old := f.have - f.updated
	switch {
	case f.updated < f.want:
		return fmt.Sprintf("%s: %d of %d updated", word, f.updated, f.want)
	case old == 0:
		return word + ": all updated"
	case old == 1:
		return word + ": 1 old pod left"
	}
	return fmt.Sprintf("%s: %d old pods left", word, old)
}

// overdue is what is said of a rollout past its deadline while nothing is known of its pods.
func (f *workloadFacts) overdue(reason string) string {
	if f.serves() {
		return f.progress() + ", " + reason
	}
	return because(reason, f.count())
}

// overdue is the evidence that a rollout is past its deadline, where the reason is what is wrong with
// its pods.
func (r *row) overdue() []Evidence {
	for _, p := range r.chosen[1:] {
		if p.rule == ruleRollout {
			return p.evidence
		}
	}
	return nil
}

// rollsOut is the rollout of an object; it has no set where it has none.
func (s *State) rollsOut(ref kinds.Ref) rollout {
	w, ok := workloadOf(s.entry(ref))
	if ref.GroupKind != deployKind || !ok || w.rollout == "" {
		return rollout{state: s}
	}
	return rollout{s, refTo(setKind.Group, setKind.Kind, ref.Namespace, w.rollout)}
}

// rollout is one that is not over, to a ReplicaSet.
type rollout struct {
	state *State
	set   kinds.Ref
}

// left reports whether a problem is one of a pod that the rollout is to replace, or of the making of such
// pods: the Deployment says so of its other ReplicaSets, too, as long as they want some.
func (o rollout) left(p *problem) bool {
	switch {
	case o.set.Name == "" || p.severity == Notice:
		return false
	case p.rule == ruleCreate && len(p.evidence) > 0:
		_, refused, named := strings.Cut(p.evidence[0].Text, `pods "`)
		return named && !strings.HasPrefix(refused, o.set.Name+"-")
	case p.object.GroupKind != podKind:
		return false
	}
	e := o.state.entry(p.object)
	if e == nil {
		return false
	}
	owner := controllerOf(e.record)
	return owner.GroupKind == setKind && owner != o.set
}

// makes reports whether a problem is one of a pod of the newest template.
func (o rollout) makes(p *problem) bool {
	e := o.state.entry(p.object)
	return o.set.Name != "" && p.object.GroupKind == podKind && e != nil && controllerOf(e.record) == o.set
}

// outranked reports whether a problem speaks for its row after those of the newest template.
func (o rollout) outranked(p *problem) bool { return p.severity == Notice || o.left(p) }

// count is what stands before what is wrong with a pod of a workload.
func (o rollout) count(w *workloadFacts, p *problem) string {
	switch {
	case w.serves() && p.rule != ruleTerminating && !o.left(p):
		return w.progress() + ", "
	case w.enough && !w.first && o.makes(p):
		return w.progress() + ", " + w.count() + ": "
	}
	return w.count() + ": "
}

// began is when the template came that a finding is about, or the pod of it that the finding names; zero
// where neither is known. Trouble that goes on with a new template is older than that.
func (o rollout) began(f *Finding, p *problem) time.Time {
	if f.Since.IsZero() || o.left(p) {
		return time.Time{}
	}
	var made time.Time
	set, e := o.set, o.state.entry(p.object)
	if p.object.GroupKind == podKind && e != nil {
		set = controllerOf(e.record)
		if set == o.set { // An undo takes a ReplicaSet of long ago.
			made = e.record.Created
		}
	}
	if e := o.state.entry(set); e != nil && set.GroupKind == setKind {
		made = later(made, e.record.Created)
	}
	return made
}

// stalls reports whether a row is of a rollout that does not go on for its new ReplicaSet. What is
// wrong with other pods, or with the Deployment itself, does not follow from how the two differ.
func (s *State) stalls(r *row, newer *kinds.Record) bool {
	p, set := r.chosen[0], newer.Ref()
	if p.object == r.object {
		if s.rollsOut(r.object).left(p) {
			return false
		}
		return p.rule == ruleRollout || p.rule == ruleCreate
	}
	e := s.entry(p.object)
	return p.object == set || e != nil && controllerOf(e.record) == set
}

// differs says how the template of a Deployment whose rollout does not go on differs from the one
// before, and asks for what is needed to say it.
func (s *State) differs(r *row, rollout string) {
	if rollout == "" {
		return
	}
	newer, older := s.revisionsOf(r.object, rollout)
	if newer == nil || older == nil || !s.stalls(r, newer) {
		return
	}
	known, ok := s.past.changes[r.object]
	if !ok || known.older != older.UID || known.newer != newer.UID {
		a, hasOlder := s.past.templates[older.Ref()]
		b, hasNewer := s.past.templates[newer.Ref()]
		hasOlder, hasNewer = hasOlder && a.uid == older.UID, hasNewer && b.uid == newer.UID
		if !hasOlder {
			r.whole = append(r.whole, older)
		}
		if !hasNewer {
			r.whole = append(r.whole, newer)
		}
		if len(r.whole) > 0 {
			return
		}
		known = revision{older: older.UID, newer: newer.UID}
		if b.replaces(&a, hasPods(older)) {
			known.words = history.Join(history.Describe(deployKind, history.Compare(a.text, b.text, false)))
		}
		s.past.changes[r.object] = known
		delete(s.past.templates, older.Ref())
		delete(s.past.templates, newer.Ref())
	}
	if known.words == "" {
		return
	}
	f := r.finding
	f.Evidence = append(f.Evidence, Evidence{Object: newer.Ref(), Field: "spec.template",
		Text: kinds.Clean("differs from " + older.Ref().String() + ": " + known.words)})
}

// waitsFor adds what the pods of a StatefulSet or DaemonSet say together: which ordinal the
// others wait for, on which nodes pods are missing.
func (c *court) waitsFor(f *Finding, w *workloadFacts) {
	var names []string
	for _, e := range c.state.membersOf(f.Object) {
		if e.record.Status.Level > kinds.OK {
			name := e.record.Name
			if f.Object.GroupKind == daemonSet {
				name = c.state.placeOf(e)
			}
			if name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return
	}
	add := func(field, text string) {
		f.Evidence = append(f.Evidence, Evidence{Object: f.Object, Field: field, Text: kinds.Clean(text)})
	}
	switch {
	case f.Object.GroupKind == daemonSet:
		more := ""
		if len(names) > namesMax {
			more = fmt.Sprintf(" and %d more", len(names)-namesMax)
		}
		add("status.numberReady", "not ready on "+strings.Join(names[:min(len(names), namesMax)], ", ")+more)
	case w.ordered && w.have < w.want:
		add("spec.podManagementPolicy", fmt.Sprintf("OrderedReady: %d more pods wait until %s is ready",
			w.want-w.have, names[0]))
	}
}

// namesMax bounds how many names stand in a line.
const namesMax = 5

// placeOf is the node of a DaemonSet's pod, or the one that it is meant for.
func (s *State) placeOf(pod *entry) string {
	if node := nodeOf(pod.record); node != "" {
		return node
	}
	f, ok := pod.facts.(*podFacts)
	if !ok || f.needs == nil {
		return ""
	}
	return f.needs.meantFor()
}

// meantFor is the node that the controller of a DaemonSet made a pod for
// (k8s.io/kubernetes/pkg/controller/daemon/util/daemonset_util.go).
func (n *needs) meantFor() string {
	for _, t := range n.terms {
		for _, field := range t.MatchFields {
			if field.Key == "metadata.name" && len(field.Values) == 1 {
				return field.Values[0]
			}
		}
	}
	return ""
}
