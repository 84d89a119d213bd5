package kinds

import (
	"cmp"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// CronJob makes a Job at set times.
var CronJob = register(Kind{
	GroupVersionKind: batchv1.SchemeGroupVersion.WithKind("CronJob"),
	Resource:         "cronjobs",
	Short:            []string{"cj"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "SCHEDULE"},
		{Name: "TIMEZONE"},
		{Name: "SUSPEND"},
		{Name: "ACTIVE", Right: true},
		{Name: "LAST SCHEDULE"},
		{Name: "AGE"},
		{Name: "CONTAINERS", Wide: true},
		{Name: "IMAGES", Wide: true},
		{Name: "SELECTOR", Wide: true},
	},
	LinksTo: specLinksTo,
	New:     func() runtime.Object { return &batchv1.CronJob{} },
}, readCronJob, cronJobDetails)

func readCronJob(c *batchv1.CronJob, r *Record) {
	names, images := containerCells(&c.Spec.JobTemplate.Spec.Template)
	zone, last := "<none>", TextCell("<none>")
	if c.Spec.TimeZone != nil {
		zone = *c.Spec.TimeZone
	}
	if c.Status.LastScheduleTime != nil {
		last = AgeCell(c.Status.LastScheduleTime.Time)
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(c.Spec.Schedule),
		TextCell(zone),
		TextCell(suspendText(c)),
		countCell(int64(len(c.Status.Active))),
		last,
		AgeCell(r.Created),
		names,
		images,
		selectorCell(c.Spec.JobTemplate.Spec.Selector),
	}
	r.Status = cronJobStatus(c)
	r.linkTemplate(c.Namespace, &c.Spec.JobTemplate.Spec.Template)
}

func suspendText(c *batchv1.CronJob) string {
	if suspended(c) {
		return "True"
	}
	return "False"
}

// suspended reads a field that is false unless it is set, like the other
// defaults here as in k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go.
func suspended(c *batchv1.CronJob) bool { return valueOr(c.Spec.Suspend, false) }

// cronJobStatus calls a CronJob degraded when its last run is over and was not
// the one that succeeded last.
func cronJobStatus(c *batchv1.CronJob) Status {
	last, success := c.Status.LastScheduleTime, c.Status.LastSuccessfulTime
	switch {
	case suspended(c):
		return Status{Level: Quiet, Reason: "suspended"}
	case last == nil || len(c.Status.Active) > 0:
		return Status{Level: OK}
	case success == nil || success.Before(last):
		return Status{Degraded, "last run did not succeed", last.Time}
	}
	return Status{Level: OK}
}

func cronJobDetails(c *batchv1.CronJob) Details {
	var f facts
	f.add("Schedule", c.Spec.Schedule)
	if c.Spec.TimeZone != nil {
		f.add("Time zone", *c.Spec.TimeZone)
	}
	if suspended(c) {
		f.addLevel("Suspended", "yes: no new jobs", Waiting)
	}
	f.add("Concurrency policy", string(cmp.Or(c.Spec.ConcurrencyPolicy, batchv1.AllowConcurrent)))
	if s := c.Spec.StartingDeadlineSeconds; s != nil {
		f.add("Starting deadline", (time.Duration(*s) * time.Second).String())
	}
	f.add("Successful jobs kept", strconv.Itoa(int(valueOr(c.Spec.SuccessfulJobsHistoryLimit, 3))))
	f.add("Failed jobs kept", strconv.Itoa(int(valueOr(c.Spec.FailedJobsHistoryLimit, 1))))
	f.time("Last schedule", c.Status.LastScheduleTime)
	f.time("Last success", c.Status.LastSuccessfulTime)
	for _, a := range c.Status.Active {
		f.link("Active job", ref(batchv1.SchemeGroupVersion, "Job", c.Namespace, a.Name))
	}
	f = append(f, templateFacts(c.Namespace, &c.Spec.JobTemplate.Spec.Template)...)
	// The template may have changed since the older jobs were made, so its
	// labels select nothing reliably.
	return Details{Facts: f, Children: owned(nil, jobs, pods)}
}
