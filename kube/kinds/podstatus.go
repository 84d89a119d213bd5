package kinds

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// podStatus is a pod's health. What ends or blocks the whole pod comes before what one
// of its containers says.
func podStatus(p *corev1.Pod, s podSummary) Status {
	ready := podCondition(p, corev1.PodReady)
	since := ready.LastTransitionTime.Time
	scheduled := podCondition(p, corev1.PodScheduled)
	switch {
	case p.DeletionTimestamp != nil && p.Status.Reason == nodeLost:
		return Status{Failing, "Unknown: its node is unreachable", p.DeletionTimestamp.Time}
	case p.Status.Phase == corev1.PodSucceeded:
		return Status{Level: Quiet}
	case p.Status.Phase == corev1.PodFailed:
		return Status{Failing, Clean(podFailure(p, s)), since}
	case p.DeletionTimestamp != nil:
		return Status{Waiting, "Terminating", terminatingSince(p)}
	case scheduled.Reason == corev1.PodReasonSchedulingGated:
		return Status{Waiting, Clean(because(corev1.PodReasonSchedulingGated, scheduled.Message)), p.CreationTimestamp.Time}
	case scheduled.Status == corev1.ConditionFalse:
		return Status{Failing, Clean(because(scheduled.Reason, ShortSchedule(scheduled.Message))),
			scheduled.LastTransitionTime.Time}
	}
	if worst, ok := worstContainer(p); ok {
		return Status{worst.level, Clean(worst.text), failingSince(since, worst.container)}
	}
	switch {
	case p.Status.Phase == corev1.PodUnknown:
		return Status{Failing, Clean(because("Unknown", p.Status.Message)), since}
	case p.Status.Phase != corev1.PodRunning:
		return Status{Waiting, Clean(s.status), p.CreationTimestamp.Time}
	case ready.Status == corev1.ConditionTrue:
		return Status{Level: OK}
	case s.ready == s.all:
		return Status{Degraded, Clean(because(firstOf(ready.Reason, "NotReady"), ready.Message)), since}
	}
	return Status{Degraded, Clean(ratio(int64(s.ready), int64(s.all)) + " ready"), since}
}

// ShortSchedule is a scheduler's message without what it adds about preemption and about claims
// that it would take back, which helps nobody and repeats how the message began. Other texts stay
// as they are.
func ShortSchedule(message string) string {
	message = strings.TrimSpace(message)
	if !strings.Contains(message, " nodes are available: ") {
		return message
	}
	for _, added := range []string{" preemption: ", " no new claims to deallocate"} {
		message, _, _ = strings.Cut(message, added)
	}
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(message, " .,"), ". not found"), " .,")
}

// recoveredAfter is how long a run must last for the kubelet to count its container as
// recovered: a back-off is forgotten after twice its limit of five minutes
// (k8s.io/client-go/util/flowcontrol/backoff.go).
const recoveredAfter = 10 * time.Minute

// RanFrom returns when a run began. Of one that could not be started the runtime says 1970
// (StartError): it ended as it began.
func RanFrom(run *corev1.ContainerStateTerminated) time.Time {
	if run.StartedAt.Unix() == 0 {
		return run.FinishedAt.Time
	}
	return run.StartedAt.Time
}

// failingSince returns since when a container has kept its pod from being ready, and
// zero when the pod does not say. notReady is when the pod's condition changed.
//
// Without a readiness probe a pod is ready while a run lasts, so in a crash loop the
// condition only says when the last run ended, however long the loop has lasted.
func failingSince(notReady time.Time, c *corev1.ContainerStatus) time.Time {
	if w := c.State.Waiting; w != nil && w.Reason != "CrashLoopBackOff" {
		return notReady // It waits for something other than its next run.
	}
	run, earlier := c.State.Terminated, c.RestartCount
	if run == nil {
		run = c.LastTerminationState.Terminated
	}
	if c.State.Running != nil {
		earlier--
	}
	if run == nil || run.StartedAt.IsZero() {
		return notReady
	}
	if notReady.IsZero() {
		notReady = run.FinishedAt.Time
	}
	stayedUnready := notReady.Before(RanFrom(run))
	recovered := run.FinishedAt.Sub(RanFrom(run)) >= recoveredAfter
	if stayedUnready || recovered || earlier <= 0 {
		return notReady
	}
	return time.Time{}
}

// terminatingSince is when somebody asked for the deletion: the API sets the
// timestamp to the end of the grace period.
func terminatingSince(p *corev1.Pod) time.Time {
	t := p.DeletionTimestamp.Time
	if g := p.DeletionGracePeriodSeconds; g != nil {
		t = t.Add(-time.Duration(*g) * time.Second)
	}
	return t
}

// podFailure says why a pod ended badly: "Evicted: The node was low on
// resource: memory", "app Error, exit 3".
func podFailure(p *corev1.Pod, s podSummary) string {
	if p.Status.Reason != "" || p.Status.Message != "" {
		return because(firstOf(p.Status.Reason, s.status), p.Status.Message)
	}
	for i := range p.Status.ContainerStatuses {
		c := &p.Status.ContainerStatuses[i]
		if t := c.State.Terminated; t != nil && t.ExitCode != 0 {
			return c.Name + " " + endText(t)
		}
	}
	return s.status
}

// finding is what is wrong with one container.
type finding struct {
	level     Level
	text      string
	container *corev1.ContainerStatus
}

// worstContainer is the container with the most to complain about, the first
// among equals.
func worstContainer(p *corev1.Pod) (worst finding, ok bool) {
	for i := range p.Status.InitContainerStatuses {
		c := &p.Status.InitContainerStatuses[i]
		sidecar := isSidecar(initContainer(p, c.Name))
		if f := judge(c, sidecar); f.level > worst.level {
			worst = f
		}
	}
	for i := range p.Status.ContainerStatuses {
		if f := judge(&p.Status.ContainerStatuses[i], true); f.level > worst.level {
			worst = f
		}
	}
	return worst, worst.level > OK
}

// judge returns what is wrong with a container. long means that it should keep running.
func judge(c *corev1.ContainerStatus, long bool) finding {
	switch t, w := c.State.Terminated, c.State.Waiting; {
	case w != nil:
		return finding{waitingLevel(w.Reason), c.Name + " " + waitingText(c, w), c}
	case t != nil && t.ExitCode != 0:
		return finding{Failing, c.Name + " " + endText(t) + restartsText(c), c}
	case t != nil || c.State.Running == nil:
		return finding{Quiet, "", c}
	case c.Ready || !long:
		return finding{OK, "", c}
	case c.Started != nil && !*c.Started:
		return finding{Waiting, c.Name + " is starting" + restartsText(c), c}
	}
	return finding{Degraded, c.Name + " is not ready" + restartsText(c), c}
}

// waitingLevel tells the reasons of a container that is still starting from those of
// one that will not start: the kubelet names many, so the harmless are listed.
func waitingLevel(reason string) Level {
	switch reason {
	case "", "ContainerCreating", "PodInitializing":
		return Waiting
	}
	return Failing
}

// waitingText is "CrashLoopBackOff, exit 3, 14 restarts". The kubelet's message
// about a back-off only repeats the names, so how the container ended stands in
// its place.
func waitingText(c *corev1.ContainerStatus, w *corev1.ContainerStateWaiting) string {
	text := firstOf(w.Reason, "Waiting")
	if t := c.LastTerminationState.Terminated; t != nil && w.Reason == "CrashLoopBackOff" {
		if t.Reason != "" && t.Reason != "Error" {
			text += ", " + t.Reason
		}
		return text + ", exit " + strconv.Itoa(int(t.ExitCode)) + restartsText(c)
	}
	return because(text, w.Message) + restartsText(c)
}

// endText is "OOMKilled, exit 137".
func endText(t *corev1.ContainerStateTerminated) string {
	reason := t.Reason
	if reason == "" && t.Signal != 0 {
		reason = "Signal:" + strconv.Itoa(int(t.Signal))
	}
	return join(", ", reason, "exit "+strconv.Itoa(int(t.ExitCode)))
}

func restartsText(c *corev1.ContainerStatus) string {
	if c.RestartCount == 0 {
		return ""
	}
	return ", " + plural(int(c.RestartCount), "restart")
}

// podContainers lists all containers of a pod, with their statuses where the
// kubelet has sent them.
func podContainers(p *corev1.Pod) []Container {
	var out []Container
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		kind := "init"
		if isSidecar(c) {
			kind = "sidecar"
		}
		out = append(out, readContainer(c, kind, p.Status.InitContainerStatuses))
	}
	for i := range p.Spec.Containers {
		out = append(out, readContainer(&p.Spec.Containers[i], "", p.Status.ContainerStatuses))
	}
	for i := range p.Spec.EphemeralContainers {
		c := corev1.Container(p.Spec.EphemeralContainers[i].EphemeralContainerCommon)
		out = append(out, readContainer(&c, "ephemeral", p.Status.EphemeralContainerStatuses))
	}
	return out
}

func readContainer(c *corev1.Container, kind string, statuses []corev1.ContainerStatus) Container {
	out := Container{
		Name:      Clean(c.Name),
		Image:     Clean(c.Image),
		Type:      kind,
		State:     "Waiting",
		Level:     Waiting,
		Resources: Clean(resourcesText(withRequests(c.Resources))),
		Ports:     Clean(containerPorts(c.Ports)),
	}
	for _, probe := range probesOf(c) {
		out.Probes = append(out.Probes, probe.name)
	}
	for i := range statuses {
		if statuses[i].Name == c.Name {
			out.addStatus(&statuses[i], kind == "" || kind == "sidecar")
			return out
		}
	}
	return out
}

func (out *Container) addStatus(s *corev1.ContainerStatus, long bool) {
	out.Level = judge(s, long).level
	out.Ready = s.Ready
	out.Restarts = s.RestartCount
	out.ImageID = Clean(s.ImageID)
	switch st := s.State; {
	case st.Running != nil:
		out.State, out.Started = "Running", st.Running.StartedAt
	case st.Terminated != nil:
		out.State = "Terminated: " + endBrackets(st.Terminated)
		out.Started.Time, out.Ended = RanFrom(st.Terminated), st.Terminated.FinishedAt
		out.Termination = st.Terminated.Message
	case st.Waiting != nil && st.Waiting.Reason != "":
		out.State, out.Message = "Waiting: "+st.Waiting.Reason, st.Waiting.Message
	}
	if t := s.LastTerminationState.Terminated; t != nil {
		out.Last, out.LastEnded = Clean(endBrackets(t)), t.FinishedAt
		if out.Termination == "" {
			out.Termination = t.Message
		}
	}
	out.State, out.Message = Clean(out.State), Clean(strings.TrimSpace(out.Message))
	out.Termination = CleanText(strings.TrimSpace(out.Termination))
}

// endBrackets is "OOMKilled (exit 137)".
func endBrackets(t *corev1.ContainerStateTerminated) string {
	exit := "exit " + strconv.Itoa(int(t.ExitCode))
	if t.Reason == "" {
		return exit
	}
	return t.Reason + " (" + exit + ")"
}
