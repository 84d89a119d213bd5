package triage

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// initializes judges an init container that runs: after a run that failed by that one, until this run
// has outlasted it.
func (j *podJudge) initializes(c *corev1.Container, s *corev1.ContainerStatus) {
	last := s.LastTerminationState.Terminated
	if last == nil || last.ExitCode == 0 || s.RestartCount == 0 {
		j.hangs(c, s, time.Time{})
		return
	}
	until := s.State.Running.StartedAt.Add(max(recovery(last), initializing))
	j.crashed(c, s, last, "", until)
	j.hangs(c, s, until)
}

// hangs judges an init container that runs, and that something else is said of until a time.
func (j *podJudge) hangs(c *corev1.Container, s *corev1.ContainerStatus, spoken time.Time) {
	began := s.State.Running.StartedAt
	j.add(problem{rule: ruleInit, part: c.Name, severity: Waiting, weight: weightUnready, hangs: true,
		restarts: s.RestartCount, since: podCondition(j.pod, corev1.PodInitialized).LastTransitionTime.Time,
		from: later(began.Add(initializing), spoken), spoken: spoken,
		reason:      "Init: init container " + c.Name + " runs and does not end",
		environment: hostsOf(c), evidence: j.field("status.initContainerStatuses["+c.Name+"].state.running",
			"init container "+c.Name+" has run since "+began.UTC().Format(time.RFC3339))})
}

// hostsOf are the values of a container's environment, and before those of variables that are named like
// one that they are hosts.
func hostsOf(c *corev1.Container) string {
	var out []string
	for _, v := range c.Env {
		if v.Value == "" {
			continue
		}
		name, value := strings.ToUpper(v.Name), v.Value
		for _, end := range []string{"HOST", "HOSTNAME", "ADDR", "ADDRESS", "SERVER", "SERVICE", "ENDPOINT"} {
			if strings.HasSuffix(name, end) && !strings.Contains(value, "://") {
				value = "host=" + v.Value
			}
		}
		out = append(out, value)
	}
	return strings.Join(out, "\n")
}

// sooner lets an init container that hangs say why pods are missing once those are missed, and not
// later.
func (s *State) sooner(p *problem, workload *entry) {
	w, ok := workloadOf(workload)
	switch {
	case !p.hangs || !ok || w.ready >= w.want:
	case w.stuck:
		p.from = later(p.from.Add(atOnce-initializing), p.spoken)
	case !w.rolling:
		p.from = later(p.from.Add(shortage-initializing), p.spoken)
	}
}

// selects reports whether a Service selects a pod.
func (s *State) selects(service, pod *entry) bool {
	f, ok := service.facts.(*serviceFacts)
	if !ok || pod == nil || f.selector == "" || service.record.Namespace != pod.record.Namespace {
		return false
	}
	for key, value := range f.selector.all() {
		if v, ok := pod.record.Label(key); !ok || v != value {
			return false
		}
	}
	return true
}
