package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleStart = rule("does not start", atOnce, "the kubelet tries again, but what is missing does not come by itself",
		"A container that cannot be made or started: missing ConfigMap, Secret or key, command not found.")
	rulePull = rule("image not pulled", soon, "a registry may be back within a minute",
		"An image that cannot be pulled: it does not exist, its name is invalid, the registry refuses or is not there.")
	ruleCrash = rule("crash loop", soon, "one crash may be chance, a second one within a minute is not",
		"A container that ends with an error and is started again, until a run outlasts the one that crashed.")
	ruleRestarts = rule("restarts climbing", atOnce, "it has gone on for longer than a crash loop",
		"A container that runs for ten minutes or more each time, and has ended badly at least three times.")
	ruleFailed = rule("failed pod", atOnce, "a pod that has failed does not come back",
		"A pod that has failed, or was evicted, and that nothing replaces.")
	ruleUnready = rule("not ready", soon, "a probe may fail for some seconds",
		"A container that runs and is not ready: its readiness or startup probe fails.")
	ruleLiveness = rule("killed by its probe", soon, "one restart may mend it",
		"A container that the kubelet restarts because its liveness or startup probe fails.")
	ruleUnscheduled = rule("unschedulable", soon, "an autoscaler may add a node",
		"A pod for which the scheduler finds no node, and which taint, label or resource would let it fit.")
	rulePending = rule("not scheduled", atOnce, "the scheduler needs less than a second",
		"A pod that no scheduler has looked at.")
	ruleGated = rule("gated", patience, "a gate is lifted by whoever set it",
		"A pod with scheduling gates.")
	ruleCreating = rule("not created", soon, "images and volumes take their time",
		"A pod on a node whose containers are not made: volumes that do not mount, a sandbox that fails.")
	ruleInit = rule("init container runs", patience, "an init container may have work to do",
		"An init container that does not end.")
	ruleTerminating = rule("does not end", soon, "the kubelet needs some seconds more than the grace period",
		"An object that is being deleted for longer than its grace period: finalizers, or its node is gone.")
)

const (
	// creating is how long images and volumes may take before a pod is called stuck.
	creating = time.Minute
	// initializing is how long an init container may run while nobody misses its pod.
	initializing = 30 * time.Second
	// slowStart is how much longer than its probe allows a container may take to be ready
	// for the first time.
	slowStart = 5 * time.Second
	// unlooked is how long a scheduler may take to look at a pod.
	unlooked = 5 * time.Second
	// ending is how much more than its grace period the deletion of a pod may take.
	ending = 30 * time.Second
	// crashRemembered is how long a crash counts after its container runs again, as the
	// kubelet's back-off does (see recoveredAfter in kube/kinds/podstatus.go).
	crashRemembered = 10 * time.Minute
	// leastRun is the least time that a container must run after a crash.
	leastRun = 5 * time.Second
	// restartsMany is from how many restarts on they are said to climb.
	restartsMany = 3
)

var _ = judging(podKind, podNeedsLook, judgePod)

var podRestarts = kinds.Pod.Column("RESTARTS")

// podNeedsLook reports whether there may be something wrong with a pod: most are well,
// and reading them whole would cost more than all the rest.
func podNeedsLook(r *kinds.Record) bool {
	if r.Status.Level > kinds.OK || !r.Deleting.IsZero() {
		return true
	}
	restarts, _ := r.Cells[podRestarts].Number()
	return restarts > 0
}

// podFacts is what other rules need of a pod that is not well.
type podFacts struct {
	job      bool // its owner expects it to end
	claims   []cause
	volumes  map[string]kinds.Ref // what its volumes are made of, while they are awaited
	unplaced bool                 // the scheduler finds no node for it
	cordons  bool                 // and would find one if nodes were not cordoned
	needs    *needs
	lacks    bool      // its owner wants it ready, and it is not
	starts   time.Time // until when it may start, if it lacks nothing else; zero otherwise
}

func judgePod(p *corev1.Pod, e *entry) {
	job := false
	for _, o := range p.OwnerReferences {
		job = job || o.Kind == "Job"
	}
	j := podJudge{pod: p, entry: e, job: job}
	j.facts = &podFacts{job: job, claims: j.claims()}
	e.facts = j.facts
	switch scheduled := podCondition(p, corev1.PodScheduled); {
	case p.Status.Phase == corev1.PodSucceeded && (p.DeletionTimestamp == nil || len(p.Finalizers) == 0):
	case p.DeletionTimestamp != nil:
		j.terminating()
	case p.Status.Phase == corev1.PodFailed:
		j.failed()
	case scheduled.Reason == corev1.PodReasonSchedulingGated:
		j.add(problem{rule: ruleGated, severity: Notice, weight: weightPending, reason: because(scheduled.Reason,
			scheduled.Message), since: p.CreationTimestamp.Time})
	case scheduled.Status == corev1.ConditionFalse:
		j.unschedulable(&scheduled)
	case p.Spec.NodeName == "" && p.Status.Phase != corev1.PodRunning:
		j.add(problem{rule: rulePending, severity: Waiting, weight: weightPending, since: p.CreationTimestamp.Time,
			from:    p.CreationTimestamp.Add(unlooked),
			reason:  "Pending: no scheduler has looked at it",
			because: []cause{{schedulerLease, "is scheduled by"}}})
	default:
		j.containers()
	}
	j.notesStart()
}

// podJudge collects the problems of one pod.
type podJudge struct {
	pod   *corev1.Pod
	entry *entry
	facts *podFacts
	job   bool
	word  string // what its container is, if not one of the main ones: "sidecar "
}

func (j *podJudge) add(p problem) {
	p.object = j.entry.record.Ref()
	p.owned = true
	p.reason = kinds.Clean(oneLine(p.reason))
	if node := j.pod.Spec.NodeName; node != "" {
		p.because = append(p.because, cause{refTo("", "Node", "", node), "runs on"})
	}
	j.entry.suffer(p)
}

func (j *podJudge) terminating() {
	p := j.pod
	reason := "Terminating"
	if len(p.Finalizers) > 0 {
		reason += ": finalizer " + strings.Join(p.Finalizers, ", ")
	}
	if c := podCondition(p, corev1.DisruptionTarget); c.Status == corev1.ConditionTrue {
		reason += ": " + because(c.Reason, c.Message)
	}
	severity := Waiting
	since := p.DeletionTimestamp.Time
	if g := p.DeletionGracePeriodSeconds; g != nil {
		since = since.Add(-time.Duration(*g) * time.Second)
	}
	from := p.DeletionTimestamp.Add(ending)
	over := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
	if over && len(p.Finalizers) > 0 {
		from = since.Add(atOnce) // Nothing runs any more that it could wait for.
		if slices.ContainsFunc(p.Finalizers, isForeign) {
			from = since.Add(settled)
		}
	}
	j.add(problem{rule: ruleTerminating, severity: severity, weight: weightUnready, reason: reason, since: since,
		from: from})
}

// failed judges a pod that has ended badly. What a controller replaces is over, and the
// pods of a Job are the Job's affair.
func (j *podJudge) failed() {
	p := j.pod
	if j.job {
		j.failedRun()
		return
	}
	severity, weight := Failing, weightStart
	if len(p.OwnerReferences) > 0 {
		severity, weight = Notice, 0
	}
	since := podCondition(p, corev1.PodReady).LastTransitionTime.Time
	out := problem{rule: ruleFailed, part: p.Status.Reason, severity: severity, weight: weight, since: since,
		reason:   j.entry.record.Status.Reason,
		evidence: j.field("status.phase", because(cmp.Or(p.Status.Reason, string(p.Status.Phase)), p.Status.Message))}
	// A pod that was evicted, or lost with its node, has no log.
	if s := failedContainer(p); s != nil && p.Status.Reason == "" {
		out.part, out.restarts, out.crash = s.Name, s.RestartCount, s.State.Terminated.StartedAt.Unix() > 0
		out.evidence = j.ended(s, s.State.Terminated)
	}
	j.add(out)
}

func (j *podJudge) unschedulable(c *corev1.PodCondition) {
	j.facts.unplaced = true
	j.facts.needs = needsOf(j.pod, c.Message)
}

// claims are the claims of the pod's volumes.
func (j *podJudge) claims() []cause {
	var out []cause
	for i := range j.pod.Spec.Volumes {
		v := &j.pod.Spec.Volumes[i]
		name := ""
		switch {
		case v.PersistentVolumeClaim != nil:
			name = v.PersistentVolumeClaim.ClaimName
		case v.Ephemeral != nil:
			name = j.pod.Name + "-" + v.Name
		}
		if name != "" {
			out = append(out, cause{refTo("", "PersistentVolumeClaim", j.pod.Namespace, name), "mounts"})
		}
	}
	return out
}

func (j *podJudge) field(field, text string) []Evidence {
	return []Evidence{{Object: j.entry.record.Ref(), Field: field, Text: kinds.Clean(oneLine(text))}}
}

// containers judges the containers in the order in which they run: what the first one
// that does not come up says is what all that follow wait for.
func (j *podJudge) containers() {
	p := j.pod
	initialized := podCondition(p, corev1.PodInitialized).Status == corev1.ConditionTrue
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		status := statusOf(p.Status.InitContainerStatuses, c.Name)
		if status == nil {
			continue
		}
		sidecar := isSidecar(c)
		j.word = "init container "
		if sidecar {
			j.word = "sidecar "
		}
		if j.container(c, status, sidecar) && !initialized {
			return
		}
		if status.State.Running != nil && !sidecar && !initialized {
			j.initializes(c, status)
			return
		}
	}
	before := len(j.entry.problems())
	waits := false
	j.word = ""
	for i := range p.Spec.Containers {
		c := &p.Spec.Containers[i]
		status := statusOf(p.Status.ContainerStatuses, c.Name)
		if status == nil || isCreating(status) {
			waits = true
			continue
		}
		j.container(c, status, true)
	}
	if waits && len(j.entry.problems()) == before {
		j.creating()
	}
	if len(j.entry.problems()) == before {
		j.gates()
	}
}

// gates judges a pod whose containers are all ready, and that is not.
func (j *podJudge) gates() {
	ready := podCondition(j.pod, corev1.PodReady)
	if ready.Status != corev1.ConditionFalse || ready.Reason == "ContainersNotReady" || ready.Reason == "PodCompleted" {
		return
	}
	j.add(problem{rule: ruleUnready, severity: Degraded, weight: weightUnready, since: ready.LastTransitionTime.Time,
		delay: atOnce, reason: because(cmp.Or(ready.Reason, "NotReady"), ready.Message)})
}

// creating judges a pod whose containers are still to be made.
func (j *podJudge) creating() {
	since := j.pod.CreationTimestamp.Time
	if c := podCondition(j.pod, corev1.PodScheduled); !c.LastTransitionTime.IsZero() {
		since = c.LastTransitionTime.Time
	}
	out := problem{rule: ruleCreating, severity: Waiting, weight: weightStart, since: since, from: since.Add(creating),
		reason: "ContainerCreating", because: j.facts.claims,
		events: []string{"FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox",
			"NetworkNotReady", "FailedPodSandBoxStatus"}}
	if podCondition(j.pod, corev1.PodReadyToStartContainers).Status == corev1.ConditionTrue {
		out.events, out.reason = nil, "ContainerCreating: its volumes and its network are there"
	} else {
		j.facts.volumes = volumesOf(j.pod)
	}
	j.add(out)
}

func isCreating(s *corev1.ContainerStatus) bool {
	w := s.State.Waiting
	return w != nil && (w.Reason == "" || w.Reason == "ContainerCreating" || w.Reason == "PodInitializing")
}

// container judges one container and reports whether it keeps the pod from going on. long
// is set for one that should keep running.
func (j *podJudge) container(c *corev1.Container, s *corev1.ContainerStatus, long bool) (blocks bool) {
	w, t := s.State.Waiting, s.State.Terminated
	switch {
	case isCreating(s):
		return false
	case w != nil && w.Reason == "CrashLoopBackOff":
		j.crashed(c, s, s.LastTerminationState.Terminated, w.Reason, time.Time{})
		return true
	case w != nil:
		j.waiting(s, w)
		return true
	case t != nil && t.ExitCode != 0:
		j.crashed(c, s, t, "", time.Time{})
		return true
	case t != nil:
		if long && j.pod.Spec.RestartPolicy == corev1.RestartPolicyAlways {
			j.crashed(c, s, t, "", time.Time{})
		}
		return false
	case s.State.Running != nil && long:
		return j.running(c, s)
	}
	return false
}

// waiting judges a container that the kubelet could not make or start.
func (j *podJudge) waiting(s *corev1.ContainerStatus, w *corev1.ContainerStateWaiting) {
	out := problem{rule: ruleStart, part: s.Name, severity: Failing, weight: weightStart,
		since:    j.unready(),
		evidence: j.field("status.containerStatuses["+s.Name+"].state.waiting", because(w.Reason, shortKubelet(w.Message)))}
	switch w.Reason {
	case "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
		"RegistryUnavailable", "SignatureValidationFailed":
		out.rule = rulePull
		out.events = []string{"Failed"}
	}
	out.reason = j.word + s.Name + " " + because(w.Reason, shortKubelet(w.Message))
	if out.rule == rulePull {
		out.reason = j.word + s.Name + " " + pullText(w.Reason, w.Message)
	}
	j.add(out)
}

// unready is since when the pod has not been ready, which is its creation for one that
// never was.
func (j *podJudge) unready() time.Time {
	c := podCondition(j.pod, corev1.PodReady)
	if c.Status != corev1.ConditionFalse {
		return time.Time{}
	}
	return c.LastTransitionTime.Time
}

// hookFailed is the reason of the event of a container that is killed because its hook fails.
const hookFailed = "FailedPostStartHook"

// crashed judges a container whose last run ended badly. until is when that is over though nothing
// changes; zero for never.
func (j *podJudge) crashed(c *corev1.Container, s *corev1.ContainerStatus, run *corev1.ContainerStateTerminated,
	state string, until time.Time) {
	if run == nil {
		run = &corev1.ContainerStateTerminated{}
	}
	// A Job counts the failures of its pods itself.
	severity := Failing
	if j.job {
		severity = Degraded
	}
	out := problem{rule: ruleCrash, part: s.Name, severity: severity, weight: weightStart,
		reason: crashText(j.word+s.Name, c, s, run, state), evidence: j.ended(s, run), crash: true,
		restarts: s.RestartCount, until: until}
	out.since, out.atLeast = crashingSince(j.pod, s, run)
	if run.ExitCode == 137 || run.ExitCode == 143 || run.ExitCode == 0 {
		out.events = []string{hookFailed, "Unhealthy"}
	}
	if j.job {
		out.from = j.pod.CreationTimestamp.Add(start)
	}
	j.add(out)
}

func (j *podJudge) ended(s *corev1.ContainerStatus, run *corev1.ContainerStateTerminated) []Evidence {
	state, text := ".lastState", fmt.Sprintf("%s, exit %d", cmp.Or(run.Reason, "Error"), run.ExitCode)
	if over := j.pod.Status.Phase == corev1.PodFailed; over && run == s.State.Terminated {
		state = ".state.terminated"
	}
	if s.RestartCount > 0 {
		text += ", " + restartsText(s.RestartCount)
	}
	out := j.field("status.containerStatuses["+s.Name+"]"+state, text)
	if text := lastLine(run.Message); text != "" {
		out = append(out, Evidence{Object: j.entry.record.Ref(), Field: "termination message", Text: text})
	}
	return out
}

// running judges a container that runs: whether it is ready, and whether it ended badly a
// short time ago.
func (j *podJudge) running(c *corev1.Container, s *corev1.ContainerStatus) (blocks bool) {
	started := s.State.Running.StartedAt.Time
	last := s.LastTerminationState.Terminated
	crashed := last != nil && (last.ExitCode != 0 || j.pod.Spec.RestartPolicy == corev1.RestartPolicyAlways)
	switch {
	case !s.Ready && crashed && s.RestartCount > 0:
		j.crashed(c, s, last, "", time.Time{})
		return true
	case !s.Ready:
		j.unreadyContainer(c, s, started)
		return true
	case crashed:
		out := problem{rule: ruleCrash, part: s.Name, severity: Degraded, weight: weightStart,
			reason: crashText(j.word+s.Name, c, s, last, "running again"), until: started.Add(recovery(last)),
			evidence: j.ended(s, last), events: []string{"Unhealthy"}, restarts: s.RestartCount}
		out.since, out.atLeast = crashingSince(j.pod, s, last)
		j.add(out)
		j.climbing(s, last)
	}
	return false
}

// recovery is how long a container must run to have outlived its crash: longer than the
// run that crashed. Memory that was filled once fills again with the load, however long that takes.
func recovery(last *corev1.ContainerStateTerminated) time.Duration {
	if last.Reason == "OOMKilled" {
		return crashRemembered
	}
	ran := last.FinishedAt.Sub(kinds.RanFrom(last))
	return min(max(2*ran, leastRun), crashRemembered)
}

// climbing judges a container that runs for a while each time, and ends badly again and
// again.
func (j *podJudge) climbing(s *corev1.ContainerStatus, last *corev1.ContainerStateTerminated) {
	if s.RestartCount < restartsMany || last.FinishedAt.Sub(kinds.RanFrom(last)) < crashRemembered {
		return
	}
	j.add(problem{rule: ruleRestarts, part: s.Name, severity: Notice, weight: 0, until: last.FinishedAt.Add(time.Hour),
		reason: fmt.Sprintf("%s has restarted %d times since %s, last with %s, exit %d", s.Name, s.RestartCount,
			j.pod.CreationTimestamp.UTC().Format(time.RFC3339), cmp.Or(last.Reason, "Error"), last.ExitCode),
		since: j.pod.CreationTimestamp.Time, atLeast: true, evidence: j.ended(s, last)})
}

// unreadyContainer judges a container that runs without being ready. One that was ready
// has a problem at once; one that never was may still be starting.
func (j *podJudge) unreadyContainer(c *corev1.Container, s *corev1.ContainerStatus, started time.Time) {
	ready := podCondition(j.pod, corev1.PodReady)
	out := problem{rule: ruleUnready, part: s.Name, severity: Degraded, weight: weightProbe,
		reason: j.word + s.Name + " is not ready", since: ready.LastTransitionTime.Time, events: []string{"Unhealthy"}}
	if out.since.IsZero() {
		out.since = started
	}
	wasReady := ready.LastTransitionTime.Time.After(started.Add(time.Second))
	switch {
	case s.Started != nil && !*s.Started && c.StartupProbe != nil:
		out.reason = j.word + s.Name + " is starting: its startup probe fails"
		out.from, out.spare = started.Add(probeTime(c.StartupProbe)), soon
	case !wasReady:
		out.from, out.spare = started.Add(probeTime(c.ReadinessProbe)+slowStart), soon
	}
	out.evidence = j.field("status.containerStatuses["+s.Name+"].ready", "false")
	if p := c.ReadinessProbe; p != nil {
		out.evidence = append(out.evidence, j.field("spec.containers["+s.Name+"].readinessProbe", probeText(p))...)
		if port := unheard(p, c); port != "" {
			out.evidence = append(out.evidence, j.field("spec.containers["+s.Name+"].ports",
				"its readiness probe asks port "+port+", which the container does not declare; it declares "+
					cmp.Or(portsText(c.Ports), "none"))...)
		}
	}
	j.add(out)
}
