package triage

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleFewer = rule("fewer than desired", start, "a replacement needs to be placed and started",
		"A workload with fewer ready pods than it should have, outside of a rollout.")
	ruleCreate = rule("pods refused", soon, "what refuses a pod refuses the next one",
		"Pods that the API server refuses: quota, limits, PodSecurity, webhooks, policies, a missing ServiceAccount.")
	ruleRollout = rule("rollout stuck", atOnce, "the deadline of the rollout has passed already",
		"A Deployment whose rollout has exceeded its deadline.")
	rulePaused = rule("paused", atOnce, "nothing happens until somebody resumes it",
		"A paused Deployment that has not all its pods of the newest template.")
	ruleUnseen = rule("change not seen", soon, "controllers are fast",
		"A change that the controller has not looked at.")
	ruleJob = rule("job failed", atOnce, "a Job that has failed stays so",
		"A Job that has failed: too many failures, its deadline.")
	ruleCronJob = rule("cron job", atOnce, "the next run is the chance to mend itself",
		"A CronJob whose last run failed, or that missed its time.")
	ruleSuspended = rule("suspended", atOnce, "somebody suspended it on purpose",
		"A CronJob that is suspended.")
)

// shortage is how long a workload may have too few pods before that counts. A pod that is
// replaced is back within this on a healthy cluster, and what keeps it from being back
// says so itself before.
const shortage = 20 * time.Second

// workloadFacts is what other rules need of a workload.
type workloadFacts struct {
	want, have, ready int32
	updated           int32 // of a Deployment: pods of the newest template
	template          made
	matches           made            // the labels that it selects
	selector          labels.Selector // where it selects by more than labels; nil elsewhere
	rolling           bool            // pods are being replaced
	ordered           bool            // its pods are made one after the other
	governing         string          // the Service that a StatefulSet names; "" for none
	// ports are what the containers declare, and asked what their probes ask.
	ports []corev1.ContainerPort
	asked []int32
	// unasked is the first container without a request for a resource: "cpu=app,memory=app".
	unasked made
	// rollout is the ReplicaSet of a rollout that is not over; "" for none.
	rollout string
	// surging is set while a Deployment has pods of two templates, and stuck once that takes longer than
	// its deadline.
	surging, stuck bool
	scaled         scaling
	leeway
}

var (
	_ = judging(deployKind, nil, judgeDeployment)
	_ = judging(statefulSet, nil, judgeStatefulSet)
	_ = judging(daemonSet, nil, judgeDaemonSet)
	_ = judging(jobKind, nil, judgeJob)
	_ = judging(cronJobKind, nil, judgeCronJob)
	_ = judging(setKind, setNeedsLook, judgeReplicaSet)
	_ = deriving(deployKind, workloadProblems)
	_ = deriving(statefulSet, workloadProblems)
	_ = deriving(daemonSet, workloadProblems)
)

func (e *entry) add(p problem) {
	p.object = e.record.Ref()
	p.reason = kinds.Clean(oneLine(p.reason))
	e.suffer(p)
}

// field is evidence from a field of the object itself.
func (e *entry) field(field, text string) []Evidence {
	return []Evidence{{Object: e.record.Ref(), Field: field, Text: kinds.Clean(oneLine(text))}}
}

func (e *entry) workload(
	want *int32, have, ready int32, selector *metav1.LabelSelector, t *corev1.PodTemplateSpec,
) *workloadFacts {
	f := &workloadFacts{want: 1, have: have, ready: ready, template: madeBy(e.record)}
	e.facts = f
	f.ports, f.asked = portsOf(&t.Spec)
	f.unasked = unaskedOf(&t.Spec)
	if want != nil {
		f.want = *want
	}
	if selector != nil {
		f.matches = madeOf(selector.MatchLabels, f.template)
	}
	if selector != nil && len(selector.MatchExpressions) > 0 {
		if s, err := metav1.LabelSelectorAsSelector(selector); err == nil {
			f.selector = s
		}
	}
	return f
}

// selects reports whether it selects the pods of another's template.
func (f *workloadFacts) selects(other *workloadFacts) bool {
	if f.selector != nil {
		return f.selector.Matches(other.template)
	}
	return f.matches != "" && other.template.has(f.matches)
}

// selectorText is its selector as kubectl writes it.
func (f *workloadFacts) selectorText() string {
	if f.selector != nil {
		return f.selector.String()
	}
	return string(f.matches)
}

// unaskedOf are the containers without a request for a resource, the first for each. A limit is
// a request, too (SetDefaults_Pod in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func unaskedOf(spec *corev1.PodSpec) made {
	out := labels.Set{}
	for i := range spec.Containers {
		r := &spec.Containers[i].Resources
		for _, what := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			_, asks := r.Requests[what]
			_, limited := r.Limits[what]
			if !asks && !limited && !out.Has(string(what)) {
				out[string(what)] = kinds.Clean(spec.Containers[i].Name)
			}
		}
	}
	return madeOf(out, "")
}

func (f *workloadFacts) count() string { return fmt.Sprintf("%d/%d ready", f.ready, f.want) }

// severity is how much a workload is hurt by what its pods miss.
func (f *workloadFacts) severity() Severity {
	if f.want > 0 && f.ready*2 < f.want {
		return Failing
	}
	return Degraded
}

// short adds that pods are missing. It gives way to whatever says why.
func (e *entry) short(f *workloadFacts, since time.Time) {
	if f.ready >= f.want || f.rolling {
		return
	}
	e.add(problem{rule: ruleFewer, severity: f.severity(), weight: weightCount, since: since, delay: shortage,
		reason: f.count(), evidence: e.field("status.readyReplicas", f.count())})
	if f.have < f.want {
		e.refused(f, time.Time{})
	}
}

// refused adds that pods cannot be made, if a Warning event says so. What is wrong with the template of a
// Job is mended in that of its CronJob.
func (e *entry) refused(f *workloadFacts, since time.Time) {
	e.add(problem{rule: ruleCreate, severity: f.severity(), weight: weightCreate, from: never,
		since: since, owned: e.record.Kind.GroupKind() == jobKind, events: []string{"FailedCreate"}})
}

// never is when a problem counts that only an event makes one.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func judgeDeployment(d *appsv1.Deployment, e *entry) {
	f := e.workload(d.Spec.Replicas, d.Status.Replicas, d.Status.ReadyReplicas, d.Spec.Selector, &d.Spec.Template)
	f.scaled = scaledBy(d.ManagedFields)
	condition := func(kind appsv1.DeploymentConditionType) appsv1.DeploymentCondition {
		for _, c := range d.Status.Conditions {
			if c.Type == kind {
				return c
			}
		}
		return appsv1.DeploymentCondition{}
	}
	progressing, available := condition(appsv1.DeploymentProgressing), condition(appsv1.DeploymentAvailable)
	f.rolling = d.Status.UpdatedReplicas < f.want || d.Status.Replicas > d.Status.UpdatedReplicas ||
		f.ready < f.want && progressing.Reason != "" && progressing.Reason != rolledOut
	f.updated, f.stuck = d.Status.UpdatedReplicas, progressing.Status == corev1.ConditionFalse
	f.surging = !d.Spec.Paused && (f.updated < f.want || f.have > f.updated)
	f.leeway = leewayOf(d, &available)
	if f.want > 0 && progressing.Reason != rolledOut && d.Status.ObservedGeneration >= d.Generation {
		f.rollout = quoted(progressing.Message)
	}
	if failure := condition(appsv1.DeploymentReplicaFailure); failure.Status == corev1.ConditionTrue {
		e.add(createProblem(e, f, failure.Reason, failure.Message, failure.LastTransitionTime.Time))
	}
	e.unseen(&d.ObjectMeta, d.Status.ObservedGeneration, f)
	switch {
	case f.stuck && f.want > 0 && (f.ready < f.want || f.updated < f.want || f.have > f.updated):
		e.add(problem{rule: ruleRollout, severity: f.severity(), weight: weightCount + 1,
			since: progressing.LastTransitionTime.Time, reason: f.overdue(progressing.Reason),
			evidence: e.field("status.conditions[Progressing]", because(progressing.Reason, progressing.Message))})
	case d.Spec.Paused && d.Status.UpdatedReplicas < f.want && d.Status.ObservedGeneration >= d.Generation:
		e.add(problem{rule: rulePaused, severity: Waiting, weight: weightCount + 1, reason: pausedReason(d, f.want),
			since: progressing.LastTransitionTime.Time, evidence: e.field("spec.paused", "true")})
	}
	since := available.LastTransitionTime.Time
	if available.Status == corev1.ConditionTrue {
		since = time.Time{} // It has enough by its own measure.
	}
	e.short(f, since)
}

// rolledOut is the reason of the condition Progressing once a rollout is over.
const rolledOut = "NewReplicaSetAvailable"

// quoted is the first name in quotes of a message: `ReplicaSet "web-5d9f" is progressing.` is all that
// a Deployment says of which of its ReplicaSets is the current one, which after an undo is not the
// youngest (k8s.io/kubernetes/pkg/controller/deployment/progress.go and sync.go).
func quoted(message string) string {
	_, rest, _ := strings.Cut(message, `"`)
	name, _, ok := strings.Cut(rest, `"`)
	if !ok {
		return ""
	}
	return kinds.Clean(name)
}

// pausedReason says what a pause holds back, as far as it shows: pods may be missing for another
// reason, such as a quota.
func pausedReason(d *appsv1.Deployment, want int32) string {
	switch {
	case d.Status.Replicas > d.Status.UpdatedReplicas:
		return fmt.Sprintf("paused: its template has changed, and %d of %d pods are updated", d.Status.UpdatedReplicas, want)
	case d.Status.Replicas == 0 && d.Annotations[revisionNumber] == "":
		return "paused since it was created: no pod has been started"
	}
	return fmt.Sprintf("paused, and %d of %d pods are there", d.Status.UpdatedReplicas, want)
}

// unseen is how long a controller may take to look at a change: one that is busy takes seconds.
const unseen = 8 * time.Second

// unseen adds that the controller has not looked at the newest version.
func (e *entry) unseen(d *metav1.ObjectMeta, observed int64, f *workloadFacts) {
	if observed >= d.Generation {
		return
	}
	e.add(problem{rule: ruleUnseen, severity: Waiting, weight: weightCount, delay: unseen,
		part:  strconv.FormatInt(d.Generation, 10), // Each change has its own time.
		since: written(d.ManagedFields), refers: true,
		reason:  f.count() + ", its controller has not seen the last change",
		because: []cause{{managerLease, "is run by"}}})
}

// createProblem is pods that the API server refuses.
func createProblem(e *entry, f *workloadFacts, reason, message string, since time.Time) problem {
	return problem{rule: ruleCreate, severity: f.severity(), weight: weightCreate, since: since,
		said: since, reason: because(reason, shortRefusal(message)), because: refusedBy(e.record.Namespace, message),
		evidence: e.field("status.conditions[ReplicaFailure]", because(reason, message))}
}

func judgeStatefulSet(d *appsv1.StatefulSet, e *entry) {
	f := e.workload(d.Spec.Replicas, d.Status.Replicas, d.Status.ReadyReplicas, d.Spec.Selector, &d.Spec.Template)
	f.scaled = scaledBy(d.ManagedFields)
	// The last of its pods is updated before it is ready.
	f.rolling = d.Status.CurrentRevision != d.Status.UpdateRevision && d.Status.UpdateRevision != "" &&
		(d.Status.UpdatedReplicas < f.want || f.ready >= f.want-1)
	f.ordered = d.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
	f.governing = d.Spec.ServiceName
	away := &oneAway
	if r := d.Spec.UpdateStrategy.RollingUpdate; r != nil {
		away = cmp.Or(r.MaxUnavailable, away)
	}
	f.leeway = f.leewayFor(&d.ObjectMeta, away)
	e.unseen(&d.ObjectMeta, d.Status.ObservedGeneration, f)
	e.short(f, time.Time{})
}

func judgeDaemonSet(d *appsv1.DaemonSet, e *entry) {
	want := d.Status.DesiredNumberScheduled
	f := e.workload(&want, d.Status.CurrentNumberScheduled, d.Status.NumberReady, d.Spec.Selector, &d.Spec.Template)
	f.rolling = d.Status.UpdatedNumberScheduled < want &&
		d.Spec.UpdateStrategy.Type != appsv1.OnDeleteDaemonSetStrategyType
	away := &oneAway
	if r := d.Spec.UpdateStrategy.RollingUpdate; r != nil {
		away = cmp.Or(r.MaxUnavailable, away)
	}
	f.leeway = f.leewayFor(&d.ObjectMeta, away)
	e.unseen(&d.ObjectMeta, d.Status.ObservedGeneration, f)
	e.short(f, time.Time{})
}

// setNeedsLook reports whether a ReplicaSet may be one that nothing owns, or has trouble.
func setNeedsLook(r *kinds.Record) bool { return controllerOf(r).Name == "" }

// judgeReplicaSet judges a ReplicaSet without a Deployment.
func judgeReplicaSet(d *appsv1.ReplicaSet, e *entry) {
	f := e.workload(d.Spec.Replicas, d.Status.Replicas, d.Status.ReadyReplicas, d.Spec.Selector, &d.Spec.Template)
	f.scaled = scaledBy(d.ManagedFields)
	f.leeway = f.leewayFor(&d.ObjectMeta, &noneAway)
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure && c.Status == corev1.ConditionTrue {
			e.add(createProblem(e, f, c.Reason, c.Message, c.LastTransitionTime.Time))
		}
	}
	e.short(f, time.Time{})
}

func judgeJob(d *batchv1.Job, e *entry) {
	f := e.workload(nil, d.Status.Active, 0, d.Spec.Selector, &d.Spec.Template)
	f.want = 0
	for _, c := range d.Status.Conditions {
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobFailed || c.Type == batchv1.JobFailureTarget) {
			e.add(problem{rule: ruleJob, severity: Failing, weight: weightCreate, since: c.LastTransitionTime.Time,
				reason: because(c.Reason, c.Message), owned: true,
				evidence: e.field("status.conditions["+string(c.Type)+"]", because(c.Reason, c.Message))})
			return
		}
	}
	if d.Status.Active == 0 && d.Status.Succeeded == 0 && d.Status.CompletionTime == nil &&
		(d.Spec.Suspend == nil || !*d.Spec.Suspend) {
		refused := time.Time{}
		if d.Status.Failed == 0 { // It never had a pod.
			refused = timeOf(d.Status.StartTime)
		}
		e.refused(f, refused)
	}
}

func judgeCronJob(d *batchv1.CronJob, e *entry) {
	if d.Spec.Suspend != nil && *d.Spec.Suspend {
		e.add(problem{rule: ruleSuspended, severity: Notice, reason: "suspended: it starts no Jobs",
			since: written(d.ManagedFields), refers: true,
			evidence: e.field("spec.suspend", "true")})
		return
	}
	e.add(problem{rule: ruleCronJob, severity: Degraded, weight: weightCreate, from: never,
		after: timeOf(d.Status.LastScheduleTime),
		events: []string{"InvalidSchedule", "UnparseableSchedule", "UnknownTimeZone", "FailedNeedsStart",
			"TooManyMissedTimes", "MissSchedule", "FailedCreate"}})
	f := &cronFacts{last: timeOf(d.Status.LastScheduleTime), success: timeOf(d.Status.LastSuccessfulTime)}
	e.facts = f
	if d.Spec.ConcurrencyPolicy == batchv1.ForbidConcurrent && len(d.Status.Active) > 0 {
		f.active = kinds.Clean(d.Status.Active[0].Name)
	}
	e.missed(d, f)
}

// missed adds that the time of a run has passed without one.
func (e *entry) missed(d *batchv1.CronJob, f *cronFacts) {
	zone := ""
	if d.Spec.TimeZone != nil {
		zone = *d.Spec.TimeZone
	}
	s, ok := parseSchedule(d.Spec.Schedule, zone)
	if !ok {
		return
	}
	last := f.last
	if last.IsZero() {
		last = d.CreationTimestamp.Time
	}
	p := problem{rule: ruleCronJob, part: "missed", severity: Degraded, weight: weightPending,
		evidence: e.field("spec.schedule", d.Spec.Schedule)}
	next := s.after(last)
	if next.IsZero() {
		p.severity, p.reason = Notice, "its schedule "+d.Spec.Schedule+" never comes"
		e.add(p)
		return
	}
	p.since, p.from = next, next.Add(tardy)
	p.reason = "missed its time: it should have run at " + next.UTC().Format(time.RFC3339)
	p.because = []cause{{managerLease, "is run by"}}
	if f.active != "" {
		p.severity = Waiting
		p.reason += "; job " + f.active + " still runs (concurrencyPolicy Forbid)"
	}
	e.add(p)
}

// tardy is how late a run may be: the controller looks at each CronJob when its time comes,
// and clocks differ.
const tardy = 20 * time.Second

// cronFacts is what is known of the runs of a CronJob.
type cronFacts struct {
	last, success time.Time
	active        string // a Job that runs, and that the next one waits for
}

func timeOf(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

// shortRefusal is a refusal without the name of the pod that was refused, which is a new
// one each time.
func shortRefusal(message string) string {
	message = strings.TrimPrefix(message, "Error creating: ")
	if at := strings.Index(message, " is forbidden: "); at > 0 && strings.HasPrefix(message, "pods ") {
		return "pods are forbidden: " + message[at+len(" is forbidden: "):]
	}
	return message
}
