package triage

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// hangs judges an init container that runs.
func (j *podJudge) hangs(c *corev1.Container, s *corev1.ContainerStatus) {
	began := s.State.Running.StartedAt
	j.add(problem{rule: ruleInit, part: c.Name, severity: Waiting, weight: weightUnready, hangs: true,
		restarts: s.RestartCount, since: podCondition(j.pod, corev1.PodInitialized).LastTransitionTime.Time,
		from: began.Add(initializing), reason: "Init: init container " + c.Name + " runs and does not end",
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
		p.from = p.from.Add(atOnce - initializing)
	case !w.rolling:
		p.from = p.from.Add(shortage - initializing)
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
