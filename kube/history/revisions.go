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
	written  time.Time // when its own fields, not its status, were last set by the control plane
	template map[string]any
	replicas any
	numbered bool   // it is a ControllerRevision: only its number is ever written again
	before   string // the numbers that it had before: the workload went back to it
	cause    string // what a person noted
	dating
}

// RebuildRevisions returns what each revision of a workload changed in its pod template, and that it
// was scaled since, the newest first.
// workload is its fields, whose managers may still say who made the newest. events are those about
// it.
func RebuildRevisions(
	owner kinds.Ref, workload map[string]any, revisions []Revision, events []map[string]any,
) []Change {
	all := make([]revision, 0, len(revisions))
	for i := range revisions {
		if r := readRevision(&revisions[i]); r.template != nil {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b revision) int {
		return cmp.Or(cmp.Compare(a.number, b.number), a.created.Compare(b.created))
	})
	if len(all) == 0 {
		return nil
	}
	dateRevisions(all, workload, events)
	var out []Change
	// The first is the workload's creation, or what was before it is not kept.
	for i := range all[1:] {
		out = append(out, all[i+1].change(owner, &all[i]))
	}
	slices.Reverse(out)
	nameAuthors(out, workload)
	return append(all[len(all)-1].scaling(owner, workload, events), out...)
}

func readRevision(r *Revision) revision {
	metadata := asMap(r.Object["metadata"])
	notes := asMap(metadata["annotations"])
	out := revision{
		Revision: r, created: moment(metadata["creationTimestamp"]),
		before: text(notes[revisionsKey]), cause: kinds.Clean(text(notes[changeCauseKey])),
	}
	for _, m := range ManagersOf(r.Object) {
		if m.Subresource == "" && IsControlPlane(m.Name) && m.At.After(out.written) {
			out.written = m.At
		}
	}
	spec := asMap(r.Object["spec"])
	template := asMap(spec["template"])
	out.replicas = spec["replicas"]
	r.Version.Part = []string{"spec", "template"}
	if data := asMap(r.Object["data"]); data != nil { // a ControllerRevision
		out.number, out.numbered = number(r.Object["revision"]), true
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

// differences are what the pod template of a revision has changed from the one before it.
func (r *revision) differences(older *revision) []Difference {
	under := func(template map[string]any) map[string]any {
		return map[string]any{"spec": map[string]any{"template": template}}
	}
	return Compare(under(older.template), under(r.template), false)
}

// change says what a revision changed.
func (r *revision) change(owner kinds.Ref, older *revision) Change {
	parts := Describe(owner.GroupKind, r.differences(older))
	c := Change{Object: owner, At: r.latest, Rebuilt: true, Old: older.Version, New: r.Version, Rank: Spec}
	if len(parts) > 0 {
		c.Rank = parts[0].Rank
	}
	what := cmp.Or(Join(parts), "the same pod template")
	label := "revision " + strconv.FormatInt(r.number, 10)
	if r.back {
		label = "back to an earlier revision, now " + strconv.FormatInt(r.number, 10)
		if numbers := strings.Split(r.before, ","); r.before != "" {
			label = "back to revision " + kinds.Clean(numbers[len(numbers)-1]) + ", now " + strconv.FormatInt(r.number, 10)
		}
	}
	switch {
	case r.latest.IsZero():
		c.At, c.Bound, c.Later = r.earliest, true, true
		label += ", at this time or after"
	case !r.exact():
		c.Bound = true
		label += ", at this time or before"
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
			if late := c.At.Sub(m.At); !c.Bound && late >= 0 && late <= whoSlack {
				how, hand := m.Tool()
				c.Who, c.How, c.Hand = m.Name, how, hand
				break
			}
		}
	}
}
