package kinds

import (
	"math"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Job runs pods until enough of them have succeeded.
var Job = register(Kind{
	GroupVersionKind: batchv1.SchemeGroupVersion.WithKind("Job"),
	Resource:         "jobs",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "STATUS", State: true},
		{Name: "COMPLETIONS", State: true},
		{Name: "DURATION"},
		{Name: "AGE"},
		{Name: "CONTAINERS", Wide: true},
		{Name: "IMAGES", Wide: true},
		{Name: "SELECTOR", Wide: true},
	},
	LinksTo:  specLinksTo,
	New:      func() runtime.Object { return &batchv1.Job{} },
	Reset:    emptied[batchv1.Job],
	Unjudged: unjudged("spec.selector", "spec.template"),
	status:   statusBy(jobStatus),
}, readJob, jobDetails)

func readJob(j *batchv1.Job, r *Record) {
	names, images := containerCells(&j.Spec.Template)
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(jobPhase(j)),
		jobCompletions(j),
		jobDuration(j),
		AgeCell(r.Created),
		names,
		images,
		selectorCell(j.Spec.Selector),
	}
	r.linkTemplate(j.Namespace, &j.Spec.Template)
}

// jobPhase is the STATUS column: the first of these conditions that is true.
func jobPhase(j *batchv1.Job) string {
	switch {
	case jobIs(j, batchv1.JobComplete):
		return "Complete"
	case jobIs(j, batchv1.JobFailed):
		return "Failed"
	case j.DeletionTimestamp != nil:
		return "Terminating"
	case jobIs(j, batchv1.JobSuspended):
		return "Suspended"
	case jobIs(j, batchv1.JobFailureTarget):
		return "FailureTarget"
	case jobIs(j, batchv1.JobSuccessCriteriaMet):
		return "SuccessCriteriaMet"
	}
	return "Running"
}

func jobCondition(j *batchv1.Job, kind batchv1.JobConditionType) batchv1.JobCondition {
	for i := range j.Status.Conditions {
		if j.Status.Conditions[i].Type == kind {
			return j.Status.Conditions[i]
		}
	}
	return batchv1.JobCondition{}
}

func jobIs(j *batchv1.Job, kind batchv1.JobConditionType) bool {
	return jobCondition(j, kind).Status == "True"
}

// jobCompletions is "1/3"; for a work queue, which ends when one pod says so,
// "0/1 of 3".
func jobCompletions(j *batchv1.Job) Cell {
	done := int64(j.Status.Succeeded)
	if c := j.Spec.Completions; c != nil {
		return ShareCell(done, int64(*c))
	}
	if p := j.Spec.Parallelism; p != nil && *p > 1 {
		return shareOf(ratio(done, 1)+" of "+strconv.Itoa(int(*p)), done, 1)
	}
	return ShareCell(done, 1)
}

// jobDuration grows while the job runs. A failed job has no completion time,
// so the server lets it grow for ever.
func jobDuration(j *batchv1.Job) Cell {
	switch start, end := j.Status.StartTime, j.Status.CompletionTime; {
	case start == nil || start.IsZero():
		return TextCell("")
	case end == nil:
		return LastingCell(start.Time)
	default:
		return LastedCell(end.Sub(start.Time))
	}
}

func jobStatus(j *batchv1.Job) Status {
	switch phase := jobPhase(j); phase {
	case "Complete":
		return Status{Level: Quiet}
	case "Failed", "FailureTarget":
		c := jobCondition(j, batchv1.JobConditionType(phase))
		return Status{Failing, Clean(because(c.Reason, c.Message)), c.LastTransitionTime.Time}
	case "Suspended":
		return Status{Quiet, "Suspended", jobCondition(j, batchv1.JobSuspended).LastTransitionTime.Time}
	case "Running":
		if n := int(j.Status.Failed); n > 0 {
			return Status{Level: Degraded, Reason: plural(n, "failed pod")}
		}
	}
	return Status{Level: OK}
}

// backoffLimit is how many failed pods a job tolerates: 6, or as many as all of its
// indexes may have together. Its other defaults are next to it in
// k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go.
func backoffLimit(j *batchv1.Job) int32 {
	if j.Spec.BackoffLimitPerIndex != nil {
		return valueOr(j.Spec.BackoffLimit, math.MaxInt32)
	}
	return valueOr(j.Spec.BackoffLimit, 6)
}

func jobDetails(j *batchv1.Job) Details {
	var f facts
	f.add("Pods", join(", ",
		strconv.Itoa(int(j.Status.Active))+" active",
		strconv.Itoa(int(j.Status.Succeeded))+" succeeded",
		strconv.Itoa(int(j.Status.Failed))+" failed"))
	f.add("Parallelism", strconv.Itoa(int(valueOr(j.Spec.Parallelism, 1))))
	switch {
	case j.Spec.Completions != nil:
		f.add("Completions", strconv.Itoa(int(*j.Spec.Completions)))
	case j.Spec.Parallelism == nil:
		f.add("Completions", "1")
	}
	f.add("Completion mode", string(valueOr(j.Spec.CompletionMode, batchv1.NonIndexedCompletion)))
	f.add("Completed indexes", j.Status.CompletedIndexes)
	if j.Status.FailedIndexes != nil {
		f.addLevel("Failed indexes", *j.Status.FailedIndexes, Failing)
	}
	f.add("Backoff limit", strconv.Itoa(int(backoffLimit(j))))
	if s := j.Spec.ActiveDeadlineSeconds; s != nil {
		f.add("Active deadline", (time.Duration(*s) * time.Second).String())
	}
	if s := j.Spec.TTLSecondsAfterFinished; s != nil {
		f.add("Deleted after", (time.Duration(*s) * time.Second).String())
	}
	f.time("Started", j.Status.StartTime)
	f.time("Completed", j.Status.CompletionTime)
	f = append(f, templateFacts(j.Namespace, &j.Spec.Template)...)
	return Details{
		Facts:      f,
		Conditions: conditionsOf(j.Status.Conditions, readJobCondition),
		Children:   owned(j.Spec.Selector, pods),
	}
}

func readJobCondition(c batchv1.JobCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
