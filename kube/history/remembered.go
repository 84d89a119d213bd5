package history

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Rebuild returns what an object itself remembers: when it was created and by whom, who
// wrote to it last, since when its conditions are as they are, how its containers ended.
func Rebuild(ref kinds.Ref, object map[string]any) []Change {
	metadata := asMap(object["metadata"])
	created := moment(metadata["creationTimestamp"])
	r := rebuilding{ref: ref, controlled: controlled(object)}
	r.creation(created, ManagersOf(object))
	r.writes(object, created)
	if at := moment(metadata["deletionTimestamp"]); !at.IsZero() {
		grace := time.Duration(number(metadata["deletionGracePeriodSeconds"])) * time.Second
		r.add(at.Add(-grace), DeletionBegan, Deleted, Manager{})
	}
	status := asMap(object["status"])
	for _, c := range asList(status["conditions"]) {
		condition := asMap(c)
		at := moment(condition["lastTransitionTime"])
		r.add(at, conditionWords(text(condition["type"]), nil, condition), Status, Manager{})
	}
	for _, list := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range asList(status[list]) {
			r.container(asMap(s))
		}
	}
	return r.changes
}

// rebuilding collects the changes of one object.
type rebuilding struct {
	ref        kinds.Ref
	controlled bool
	changes    []Change
}

func (r *rebuilding) add(at time.Time, text string, rank Rank, by Manager) {
	if at.IsZero() || text == "" {
		return
	}
	c := Change{Object: r.ref, At: at, Text: text, Rank: rank, Rebuilt: true, Controlled: r.controlled}
	c.Who = by.Name
	c.How, c.Hand = by.Tool()
	r.changes = append(r.changes, c)
}

// creation names the manager that wrote within a second of the creation, if only one did.
func (r *rebuilding) creation(at time.Time, managers []Manager) {
	wrote := slices.DeleteFunc(slices.Clone(managers), func(m Manager) bool {
		late := m.At.Sub(at)
		return m.Subresource != "" || late < 0 || late > time.Second || IsControlPlane(m.Name) && !r.controlled
	})
	by := Manager{}
	if len(wrote) == 1 {
		by = wrote[0]
	}
	r.add(at, "created", Created, by)
}

// vagueWrite is what is known of a write that nothing but its manager's entry remembers.
const vagueWrite = "written; which fields is not known"

// Vague reports whether nothing is known of a write but who wrote, and when; see Narrow.
func (c *Change) Vague() bool { return c.Text == vagueWrite }

// writes are the last writes of each manager. Which of its fields it set then, nothing
// says; but who scales sets the replicas only.
func (r *rebuilding) writes(object map[string]any, created time.Time) {
	replicas, scales := asMap(object["spec"])["replicas"]
	cordoned := cordonedAt(object)
	if !cordoned.After(created.Add(time.Second)) {
		cordoned = time.Time{}
	}
	for _, m := range ManagersOf(object) {
		late := cordoned.Sub(m.At)
		switch {
		case !m.At.After(created.Add(time.Second)):
		case late >= 0 && late <= mergeSlack && m.Subresource == "" && !IsControlPlane(m.Name):
			r.add(m.At, "cordoned", Spec, m)
			cordoned = time.Time{}
		case m.Subresource == "scale" && scales:
			r.add(m.At, "scaled, now "+fmt.Sprint(replicas)+" replicas", Replicas, m)
		case m.Subresource != "", IsControlPlane(m.Name):
		default:
			r.add(m.At, vagueWrite, Spec, m)
		}
	}
	r.add(cordoned, "cordoned", Spec, Manager{})
}

// cordonedAt is when a node was cordoned: the node controller adds a taint at once. It is zero
// where nothing says so.
func cordonedAt(object map[string]any) time.Time {
	for _, t := range asList(asMap(object["spec"])["taints"]) {
		if taint := asMap(t); text(taint["key"]) == "node.kubernetes.io/unschedulable" {
			return moment(taint["timeAdded"])
		}
	}
	return time.Time{}
}

// container says how a container ended before, and that it was started again.
func (r *rebuilding) container(status map[string]any) {
	name := kinds.Clean(text(status["name"]))
	last := asMap(status["lastState"])
	if t := asMap(last["terminated"]); t != nil {
		r.add(moment(t["finishedAt"]), name+" "+stateWords(last), Status, Manager{})
	}
	restarts := number(status["restartCount"])
	state := asMap(status["state"])
	if running := asMap(state["running"]); running != nil && restarts > 0 {
		r.add(moment(running["startedAt"]), name+" running, restart "+strconv.FormatInt(restarts, 10), Status, Manager{})
	}
	if t := asMap(state["terminated"]); t != nil {
		r.add(moment(t["finishedAt"]), name+" "+stateWords(state), Status, Manager{})
	}
}

// RebuildEvents returns what the cluster said about objects: what is left of changes that
// nothing else remembers.
func RebuildEvents(events []map[string]any) []Change {
	var out []Change
	for _, e := range events {
		about := asMap(e["involvedObject"])
		if about == nil {
			about = asMap(e["regarding"])
		}
		at := moment(e["lastTimestamp"])
		for _, other := range []any{asMap(e["series"])["lastObservedTime"], e["eventTime"], e["firstTimestamp"]} {
			if at.IsZero() {
				at = moment(other)
			}
		}
		if about == nil || at.IsZero() {
			continue
		}
		group, _ := schema.ParseGroupVersion(text(about["apiVersion"]))
		source := text(e["reportingComponent"])
		if source == "" {
			source = text(asMap(e["source"])["component"])
		}
		c := Change{
			Object: kinds.Ref{
				GroupKind: schema.GroupKind{Group: group.Group, Kind: kinds.Clean(text(about["kind"]))},
				Namespace: kinds.Clean(text(about["namespace"])), Name: kinds.Clean(text(about["name"])),
			},
			At: at, Rank: Status, Rebuilt: true, Who: kinds.Clean(source),
			Text: kinds.Clean(text(e["reason"]) + ": " + strings.TrimSpace(text(e["message"])+text(e["note"]))),
		}
		if n := number(e["count"]); n > 1 {
			c.Text += fmt.Sprintf(" (%d times)", n)
		}
		out = append(out, c)
	}
	return out
}

// Release is a revision of a release of Helm.
type Release struct {
	Version             *Version
	Revision            int64
	Name, Chart, Status string
	At                  time.Time // when it was last written
}

// RebuildReleases returns what each revision of a release changed. The releases are of one
// name, the oldest first.
func RebuildReleases(releases []Release) []Change {
	var out []Change
	for i, r := range releases {
		c := Change{
			Object: r.Version.Ref(), At: r.At, Rank: Spec, Rebuilt: true,
			Who: "helm", How: "Helm", New: r.Version,
		}
		c.Object.Name = r.Name
		chart := r.Chart
		if i > 0 {
			c.Old = releases[i-1].Version
			if before := releases[i-1].Chart; before != chart {
				chart = before + " → " + chart
			}
		}
		c.Text = kinds.Clean(fmt.Sprintf("release %s revision %d: %s, %s", r.Name, r.Revision, chart, r.Status))
		if !c.At.IsZero() {
			out = append(out, c)
		}
	}
	return out
}

// mergeSlack is how far apart the times of one change may be in two accounts of it.
const mergeSlack = 3 * time.Second

// transits reports whether what was seen tells of a condition that it became what is remembered of it:
// "ready 0 → 2, Available False → True" of "Available True".
func transits(seen, remembered string) bool {
	name, is, _ := strings.Cut(remembered, " ")
	for part := range strings.SplitSeq(seen, ", ") {
		change, ok := strings.CutPrefix(part, name+" ")
		if _, became, changed := strings.Cut(change, " → "); ok && (change == is || changed && became == is) {
			return true
		}
	}
	return false
}

// within reports whether a change of which only a bound is known may have happened at a time.
func (c *Change) within(at time.Time) bool {
	late := at.Sub(c.At)
	if c.Later {
		late = -late
	}
	return c.Bound && late <= mergeSlack
}

// firstPart is the first of the things that a change's text says: the others differ with what else was
// written at once.
func firstPart(text string) string {
	text, _, _ = strings.Cut(text, " (")
	text, _, _ = strings.Cut(text, ", ")
	return text
}

// Merge joins what was seen with what was rebuilt, the newest first. What is rebuilt of a
// change that was seen is left out, and so is a write of which something else says what it
// was.
func Merge(seen, rebuilt []Change) []Change {
	out := append([]Change(nil), seen...)
	for _, c := range rebuilt {
		vague := c.Vague()
		same := func(other Change) bool {
			if other.Object != c.Object {
				return false
			}
			// A workload goes back to a revision again and again, but only the last time is rebuilt.
			if !other.Rebuilt && other.Rank == c.Rank && c.within(other.At) && firstPart(other.Text) == firstPart(c.Text) {
				return true
			}
			if other.At.Sub(c.At).Abs() > mergeSlack {
				return false
			}
			return strings.HasPrefix(other.Text, c.Text) || c.Rank == Status && !other.Rebuilt && transits(other.Text, c.Text) ||
				vague && !other.Bound && (other.Old != nil || other.Rank < Deleted) && !IsControlPlane(other.Who) ||
				c.New != nil && !other.Rebuilt && other.Rank == c.Rank
		}
		better := func(other Change) bool { return other.New != nil && same(other) }
		if !slices.ContainsFunc(out, same) && (!vague || !slices.ContainsFunc(rebuilt, better)) {
			out = append(out, c)
		}
	}
	Sort(out)
	return out
}
