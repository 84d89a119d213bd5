package triage

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// failedRun notes how a pod of a Job ended: it says why, once the Job has failed.
func (j *podJudge) failedRun() {
	p := j.pod
	j.word = "init container "
	j.failedRuns(p.Spec.InitContainers, p.Status.InitContainerStatuses)
	j.word = ""
	j.failedRuns(p.Spec.Containers, p.Status.ContainerStatuses)
}

func (j *podJudge) failedRuns(containers []corev1.Container, statuses []corev1.ContainerStatus) {
	for i := range containers {
		c := &containers[i]
		s := statusOf(statuses, c.Name)
		if s == nil || s.State.Terminated == nil || s.State.Terminated.ExitCode == 0 {
			continue
		}
		t := s.State.Terminated
		j.add(problem{rule: ruleCrash, part: s.Name, severity: Notice, weight: weightUnready, follows: true,
			since: t.FinishedAt.Time, evidence: j.ended(s, t), crash: true, restarts: s.RestartCount,
			reason: crashText(j.word+s.Name, c, s, t, "")})
	}
}

// tooOften are the reasons of a Job that has failed because its pods did, and that do not say how. A deadline
// ends pods that would have gone on.
var tooOften = []string{"BackoffLimitExceeded", "FailedIndexes", "MaxFailedIndexesExceeded"}

// failure is how the last pod ended of a Job that has failed too often, or of the Jobs of a CronJob:
// "import Error, exit 7 (BackoffLimitExceeded)". It is the reason of the Job where no pod says that.
func (c *court) failure(r *row, p *problem) string {
	word, _, _ := strings.Cut(p.reason, ": ")
	if p.rule != ruleJob || !slices.Contains(tooOften, word) {
		return p.reason
	}
	var last *problem
	for _, run := range r.chosen {
		e := c.state.entry(run.object)
		if run.rule != ruleCrash || run.object.GroupKind != podKind || e == nil {
			continue
		}
		of := controllerOf(e.record)
		failed := slices.ContainsFunc(r.chosen, func(o *problem) bool { return o.rule == ruleJob && o.object == of })
		if failed && (last == nil || run.since.After(last.since)) {
			last = run
		}
	}
	if last == nil {
		return p.reason
	}
	return last.reason + " (" + word + ")"
}
