package history

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Revision is a ReplicaSet or a ControllerRevision: a pod template that a workload had.
type Revision struct {
	Version *Version
	Object  map[string]any // its fields
}

// What a Deployment writes on its ReplicaSets.
const (
	revisionKey    = "deployment.kubernetes.io/revision"
	revisionsKey   = "deployment.kubernetes.io/revision-history"
	changeCauseKey = "kubernetes.io/change-cause"
	templateHash   = "pod-template-hash"
)

// revision is one, read.
type revision struct {
	*Revision
	number   int64
	created  time.Time
	written  time.Time // when its own fields, not its status, were last set
	template map[string]any
	before   string // the numbers that it had before: the workload went back to it
	cause    string // what a person noted
}

// RebuildRevisions returns what each revision of a workload changed in its pod template, the
// newest first.
// workload is its fields, whose managers may still say who made the newest.
func RebuildRevisions(owner kinds.Ref, workload map[string]any, revisions []Revision) []Change {
	all := make([]revision, 0, len(revisions))
	for i := range revisions {
		if r := readRevision(&revisions[i]); r.template != nil {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b revision) int {
		return cmp.Or(cmp.Compare(a.number, b.number), a.created.Compare(b.created))
	})
	var out []Change
	at := time.Time{}
	for i := range all {
		newer := &all[i]
		if i == 0 {
			at = newer.created
			continue // that is the workload's creation, or what was before it is not kept
		}
		c := newer.change(owner, &all[i-1], at)
		at = c.At
		out = append(out, c)
	}
	slices.Reverse(out)
	nameAuthors(out, workload)
	return out
}

func readRevision(r *Revision) revision {
	metadata := asMap(r.Object["metadata"])
	notes := asMap(metadata["annotations"])
	out := revision{
		Revision: r, created: moment(metadata["creationTimestamp"]),
		before: text(notes[revisionsKey]), cause: kinds.Clean(text(notes[changeCauseKey])),
	}
	for _, m := range ManagersOf(r.Object) {
		if m.Subresource == "" && m.At.After(out.written) {
			out.written = m.At
		}
	}
	template := asMap(asMap(r.Object["spec"])["template"])
	r.Version.Part = []string{"spec", "template"}
	if data := asMap(r.Object["data"]); data != nil { // a ControllerRevision
		out.number = number(r.Object["revision"])
		template = asMap(asMap(data["spec"])["template"])
		r.Version.Part = []string{"data", "spec", "template"}
	} else {
		out.number, _ = strconv.ParseInt(text(notes[revisionKey]), 10, 64)
	}
	out.template = withoutHash(template)
	return out
}

func moment(v any) time.Time {
	at, _ := time.Parse(time.RFC3339, text(v))
	return at
}

// withoutHash returns a template without what its ReplicaSet adds to it.
func withoutHash(template map[string]any) map[string]any {
	metadata := asMap(template["metadata"])
	labels := asMap(metadata["labels"])
	if labels == nil {
		return template
	}
	template, metadata, labels = maps.Clone(template), maps.Clone(metadata), maps.Clone(labels)
	delete(labels, templateHash)
	delete(template, "$patch")
	metadata["labels"], template["metadata"] = labels, metadata
	return template
}

// change says what a revision changed. A revision that was there before the older one is
// one that the workload went back to; no time says when, but some bound it.
func (r *revision) change(owner kinds.Ref, older *revision, olderAt time.Time) Change {
	under := func(template map[string]any) map[string]any {
		return map[string]any{"spec": map[string]any{"template": template}}
	}
	parts := Describe(owner.GroupKind, Compare(under(older.template), under(r.template), false))
	c := Change{Object: owner, At: r.created, Rebuilt: true, Old: older.Version, New: r.Version, Rank: Spec}
	if len(parts) > 0 {
		c.Rank = parts[0].Rank
	}
	back := r.before != "" || r.created.Before(olderAt)
	if back && !r.created.After(olderAt) {
		c.At = olderAt
		if r.written.After(olderAt) {
			c.At = r.written
		}
	}
	what := cmp.Or(Join(parts), "the same pod template")
	label := "revision " + strconv.FormatInt(r.number, 10)
	if back {
		label = "back to an earlier revision, now " + strconv.FormatInt(r.number, 10)
		if numbers := strings.Split(r.before, ","); r.before != "" {
			label = "back to revision " + kinds.Clean(numbers[len(numbers)-1]) + ", now " + strconv.FormatInt(r.number, 10)
		}
	}
	c.Text = what + " (" + label + after(": ", r.cause) + ")"
	return c
}

// whoSlack is how much later than a write the revision that it leads to may be made: both
// times have whole seconds, rounded down.
const whoSlack = time.Second

// nameAuthors names who made revisions. An entry of managedFields has the time of the
// manager's last write, so it is about the last revision that was made then; one as old as
// the workload is about its creation.
func nameAuthors(changes []Change, workload map[string]any) {
	created := moment(asMap(workload["metadata"])["creationTimestamp"])
	for _, m := range ManagersOf(workload) {
		if m.Subresource != "" || IsControlPlane(m.Name) || !m.At.After(created) {
			continue
		}
		for i := range changes {
			c := &changes[i]
			if late := c.At.Sub(m.At); late >= 0 && late <= whoSlack {
				how, hand := m.Tool()
				c.Who, c.How, c.Hand = m.Name, how, hand
				break
			}
		}
	}
}
