package triage

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// slowly is how long a pod may take to be ready for the first time while nobody misses it. What loads
// classes, caches or models needs a minute or so; whoever waits for a release that never comes up should
// not have to wait for its deadline, which is ten minutes where nobody sets it.
const slowly = 2 * time.Minute

// leeway is what is known of what the users of a workload miss while pods of it start.
type leeway struct {
	first  bool      // its template is the one that it was made with
	enough bool      // as many pods are ready as a rollout has to leave
	fresh  time.Time // until when it has never been available
	fell   time.Time // when a Deployment ceased to be available; zero while it is
}

func leewayOf(d *appsv1.Deployment, available *appsv1.DeploymentCondition) leeway {
	l := leeway{first: d.Annotations[revisionNumber] == "1"}
	if available.Status != corev1.ConditionFalse {
		l.enough = available.Status == corev1.ConditionTrue && d.Status.ReadyReplicas > 0 // A strategy may leave none.
		return l
	}
	l.fell = available.LastTransitionTime.Time
	// A change of the template soon after may have taken it down.
	if l.first && l.fell.Sub(d.CreationTimestamp.Time) <= atOnce {
		l.fresh = never
	}
	return l
}

// leewayFor is that of a workload without conditions, whose rollout may take so many pods away.
func (f *workloadFacts) leewayFor(d *metav1.ObjectMeta, away *intstr.IntOrString) leeway {
	l := leeway{first: d.Generation == 1}
	if l.first {
		l.fresh = d.CreationTimestamp.Add(slowly)
		if f.ordered {
			l.fresh = d.CreationTimestamp.Add(slowly * time.Duration(max(f.have, 1)))
		}
	}
	if n, err := intstr.GetScaledValueFromIntOrPercent(away, int(f.want), true); err == nil {
		l.enough = f.ready > 0 && int(f.ready) >= int(f.want)-n
	}
	return l
}

// oneAway is what a rollout takes away where nobody sets it, and noneAway that of what has none.
var oneAway, noneAway = intstr.FromInt32(1), intstr.FromInt32(0)

// excuses is until when nobody misses pods that a workload lacks, which were made at a time at the
// earliest; zero if somebody does.
func (f *workloadFacts) excuses(made, now time.Time) time.Time {
	scaled := f.scaled.at
	grown := !f.rolling && !scaled.IsZero() && !made.Before(scaled) && now.Before(scaled.Add(slowly)) &&
		// Without a scale of its own, a write may have been about something else.
		(f.scaled.exact || !f.fell.IsZero() && f.ready > 0) &&
		(f.fell.IsZero() || !f.fell.Before(scaled) && f.fell.Sub(scaled) <= atOnce)
	switch {
	case f.stuck || f.want == 0:
		return time.Time{}
	case f.ready >= f.want, f.enough:
		return never
	case now.Before(f.fresh):
		return f.fresh
	case grown:
		return scaled.Add(slowly)
	}
	return time.Time{}
}

// notesStart notes whether the pod lacks nothing but the first success of its probes.
func (j *podJudge) notesStart() {
	p := j.pod
	ready := podCondition(p, corev1.PodReady)
	over := p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded
	j.facts.lacks = ready.Status != corev1.ConditionTrue && p.DeletionTimestamp == nil && !over
	since := ready.LastTransitionTime.Time
	if since.IsZero() { // The kubelet has not said anything yet.
		since = p.CreationTimestamp.Time
	}
	if !j.facts.lacks || j.facts.unplaced || j.job {
		return
	}
	waits := len(p.Status.ContainerStatuses) == 0
	for _, all := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for i := range all {
			s := &all[i]
			r, t := s.State.Running, s.State.Terminated
			if s.RestartCount > 0 || t != nil && t.ExitCode != 0 || s.State.Waiting != nil && !isCreating(s) ||
				r != nil && since.After(r.StartedAt.Add(time.Second)) {
				return
			}
			waits = waits || !s.Ready
		}
	}
	if waits {
		j.facts.starts = since.Add(slowly)
	}
}

// startsUntil is how long the pods that a workload lacks may take to be ready for the first time; zero
// where something else is wrong with one of them, or somebody misses them.
func (c *court) startsUntil(ref kinds.Ref) time.Time {
	e := c.state.entry(ref)
	w, ok := workloadOf(e)
	if e == nil || !ok && ref.GroupKind != podKind {
		return time.Time{}
	}
	until, made := never, never
	for _, pod := range c.state.lackingOf(e) {
		f, ok := pod.facts.(*podFacts)
		switch {
		case !ok || !f.lacks:
			continue
		case !c.now.Before(f.starts):
			return time.Time{}
		}
		until, made = sooner(until, f.starts), sooner(made, pod.record.Created)
	}
	if ok {
		until = sooner(until, w.excuses(made, c.now))
	}
	if until.Equal(never) {
		return time.Time{}
	}
	return until
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// lackingOf are the pods of a workload that should be ready and are not; a pod is its own.
func (s *State) lackingOf(e *entry) []*entry {
	ref := e.record.Ref()
	switch ref.GroupKind {
	case podKind:
		return []*entry{e}
	case deployKind:
		var out []*entry
		for _, member := range s.membersOf(ref) {
			out = append(out, s.lacking[member.record.Ref()]...)
		}
		return out
	}
	return s.lacking[ref]
}

// awaits returns until when a problem may come from pods that are starting alone; zero where there is
// more to it.
func (c *court) awaits(p *problem) time.Time {
	service := p.object
	switch {
	case p.rule == ruleFewer:
		return c.startsUntil(p.object)
	case p.rule != ruleNoEndpoints || p.object.GroupKind == serviceKind && p.part != "":
		return time.Time{}
	case p.object.GroupKind == ingressKind:
		service = p.because[0].Ref
	}
	e := c.state.entry(service)
	if e == nil {
		return time.Time{}
	}
	f, ok := e.facts.(*serviceFacts)
	if !ok || f.lacksPort || f.ready > 0 || len(f.selector) == 0 {
		return time.Time{}
	}
	until := never
	for _, behind := range c.state.workloadsOf(service.Namespace, f.selector) {
		if w, ok := workloadOf(behind); ok && w.want > 0 {
			until = sooner(until, c.startsUntil(behind.record.Ref()))
		}
	}
	if until.Equal(never) {
		return time.Time{}
	}
	return until
}

// starting is until when a row is about nothing but pods that start.
func (c *court) starting(r *row) time.Time {
	if r.chosen[0].rule != ruleUnready {
		return time.Time{}
	}
	for _, p := range r.chosen {
		if p.rule != ruleUnready && p.severity > Waiting {
			return time.Time{}
		}
	}
	return c.startsUntil(r.object)
}
