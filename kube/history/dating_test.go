package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// rolledBack is a Deployment that went to v41 and back, each as its revision, and was scaled then.
const rolledBack = `
metadata:
  creationTimestamp: "2026-01-01T12:46:00Z"
  managedFields:
  - {manager: kube-controller-manager, operation: Update, subresource: status, time: "2026-01-01T12:47:02Z"}
  - {manager: kubectl-create, operation: Update, time: "2026-01-01T12:46:00Z"}
  - {manager: kubectl, operation: Update, subresource: scale}
  %s
spec: {replicas: 2}
status:
  conditions:
  - {type: Progressing, reason: %s, lastUpdateTime: "2026-01-01T12:46:%sZ", message: ReplicaSet "%s" has progressed.}
`

// set is a ReplicaSet, in the words that differ from test to test.
type set struct{ name, revision, image, created, written, before string }

func (s set) revisionOf(t *testing.T) Revision {
	t.Helper()
	return Revision{Version: &Version{Kind: kinds.ReplicaSet, Name: s.name}, Object: parsed(t, fmt.Sprintf(`
metadata:
  creationTimestamp: "2026-01-01T%sZ"
  annotations: {deployment.kubernetes.io/revision: %q%s}
  managedFields:
  - {manager: kubectl-label, operation: Update, time: "2026-01-01T13:00:00Z"}
  - {manager: kube-controller-manager, operation: Update, time: "2026-01-01T%sZ"}
spec: {replicas: 2, template: {spec: {containers: [{name: app, image: "web:%s"}]}}}
`, s.created, s.revision, s.before, s.written, s.image))}
}

const (
	was1   = `, deployment.kubernetes.io/revision-history: "1"`
	was2   = `, deployment.kubernetes.io/revision-history: "2"`
	done   = "NewReplicaSetAvailable"
	back   = "image web:v41 → :v1 (back to revision 1, now 3"
	before = ", at this time or before)"
	scaled = "12:47:01 scaled, now 2 replicas  by hand (kubectl)"
)

// rolledBackSets are those of rolledBack.
var rolledBackSets = []set{
	{"web-a", "3", "v1", "12:46:00", "12:47:01", was1}, {"web-b", "2", "v41", "12:46:34", "12:46:46", ""},
}

// byKubectl is what is left of a write that may be what went back.
const byKubectl = "12:46:46 " + vagueWrite + "  by hand (kubectl)"

func wrote(manager, at string) string {
	return fmt.Sprintf("- {manager: %s, operation: Update, time: \"2026-01-01T%sZ\"}\n  ", manager, at)
}

func scaling(message, first, last string) string {
	return fmt.Sprintf(`{reason: ScalingReplicaSet, message: %q, firstTimestamp: "2026-01-01T%sZ",
  lastTimestamp: "2026-01-01T%sZ"}`, message, first, last)
}

var rollbacks = map[string]struct {
	managers, reason, updated, of string
	sets                          []set // nil is rolledBackSets
	events                        []string
	want                          []string
}{
	"who wrote it says when": {
		wrote("kubectl", "12:46:46"), done, "50", "web-a", nil, nil,
		[]string{scaled, "12:46:46 " + back + ")  by hand (kubectl)"},
	},
	"several wrote, and the rollout bounds it": {
		wrote("kubectl", "12:46:46") + wrote("k9s", "12:46:40"), done, "50", "web-a", nil, nil,
		[]string{scaled, "12:46:50 " + back + before, byKubectl, "12:46:40 " + vagueWrite + "  by hand (k9s)"},
	},
	"an event bounds it more": {
		wrote("kubectl", "12:46:46") + wrote("k9s", "12:46:40"), done, "50", "web-a", nil,
		[]string{
			scaling("Scaled up replica set web-a from 0 to 1", "12:46:00", "12:46:47"),
			scaling("Scaled up replica set web-a from 1 to 2", "12:47:01", "12:47:01"),
			scaling("Scaled up replica set web-ab from 0 to 1", "12:46:41", "12:46:41"),
			scaling("Scaled down replica set web-a from 1 to 0", "12:46:42", "12:46:42"), "{}",
		},
		[]string{scaled, "12:46:47 " + back + before, byKubectl, "12:46:40 " + vagueWrite + "  by hand (k9s)"},
	},
	"who wrote it wrote again": {
		wrote("kubectl", "12:48:00"), done, "50", "web-a", nil, nil,
		[]string{"12:48:00 " + vagueWrite + "  by hand (kubectl)", "12:46:50 " + back + before},
	},
	"who wrote before it did something else": {
		wrote("kubectl-set", "12:46:34"), done, "50", "web-a", nil, nil,
		[]string{scaled, "12:46:50 " + back + before, "12:46:34 " + vagueWrite + "  by hand (kubectl set)"},
	},
	"the rollout is of another": {
		"", done, "35", "web-b", nil, nil, []string{"12:47:01 " + back + before},
	},
	"the rollout goes on": {
		"", "ReplicaSetUpdated", "50", "web-a", nil, nil, []string{"12:47:01 " + back + before},
	},
	"the rollout was before": {
		"", done, "34", "web-a", nil, nil,
		[]string{"12:47:01 " + back + before},
	},
	"back only took fields away, which leaves no entry": {
		wrote("kubectl-label", "12:46:40"), done, "50", "web-a", []set{
			{"web-a", "3", "v1", "12:46:00", "12:47:01", was1},
			{"web-b", "2", `v1", env: [{name: A, value: "1` + `"}], workingDir: "/`, "12:46:34", "12:46:46", ""},
		}, nil,
		[]string{
			scaled,
			"12:46:50 env A removed, app: workingDir removed (back to revision 1, now 3, at this time or before)",
			"12:46:40 " + vagueWrite + "  by hand (kubectl label)",
		},
	},
	"back and back again": {
		wrote("kubectl", "12:46:55"), done, "58", "web-b", []set{
			{"web-a", "3", "v1", "12:46:00", "12:46:55", was1}, {"web-b", "4", "v41", "12:46:34", "12:47:01", was2},
		}, []string{scaling("Scaled up replica set web-b from 0 to 1", "12:46:34", "12:46:40")},
		[]string{scaled, "12:46:55 image web:v1 → :v41 (back to revision 2, now 4)  by hand (kubectl)"},
	},
}

// TestRebuildARollback holds that a workload's going back to a ReplicaSet has its own time, and not
// that of a later scaling, or says that nothing tells it.
func TestRebuildARollback(t *testing.T) {
	for name, c := range rollbacks {
		t.Run(name, func(t *testing.T) {
			workload := parsed(t, fmt.Sprintf(rolledBack, c.managers, c.reason, c.updated, c.of))
			var revisions []Revision
			sets := c.sets
			if sets == nil {
				sets = rolledBackSets
			}
			for _, s := range sets {
				revisions = append(revisions, s.revisionOf(t))
			}
			var events []map[string]any
			for _, e := range c.events {
				events = append(events, parsed(t, e))
			}
			got := []string{}
			changes := append(Rebuild(kinds.Ref{}, workload), RebuildRevisions(kinds.Ref{}, workload, revisions, events)...)
			for _, change := range Merge(nil, changes) {
				if change.Rank < Status && change.Rank != Created {
					got = append(got, change.At.Format("15:04:05 ")+change.Line())
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it says %q\n    wanted %q", got, c.want)
			}
		})
	}
}

// TestABoundIsNotSaidBesideWhatWasSeen holds that what was seen to happen is not said again at a
// time that is only a bound.
func TestABoundIsNotSaidBesideWhatWasSeen(t *testing.T) {
	v := &Version{}
	seen := []Change{{At: noon, Text: "image web:v41 → :v1", Rank: Image, Old: v, New: v}}
	bound := Change{At: noon.Add(time.Minute), Text: back + before, Rank: Image, New: v, Rebuilt: true, Bound: true}
	if got := Merge(seen, []Change{bound}); len(got) != 1 {
		t.Errorf("what was seen is said again: %v", got)
	}
	seen[0].Text += ", env DB removed"
	if got := Merge(seen, []Change{bound}); len(got) != 1 {
		t.Errorf("what was seen with something else is said again: %v", got)
	}
	bound.At = noon.Add(-time.Minute)
	if got := Merge(seen, []Change{bound}); len(got) != 2 {
		t.Errorf("what was before is left out: %v", got)
	}
	bound.Later = true
	if got := Merge(seen, []Change{bound}); len(got) != 1 {
		t.Errorf("what was seen after a bound is said again: %v", got)
	}
	bound.At, bound.Later = noon.Add(time.Minute), true
	if got := Merge(seen, []Change{bound}); len(got) != 2 {
		t.Errorf("what happened after what was seen is left out: %v", got)
	}
	bound.Bound, bound.Later = false, false
	if got := Merge(seen, []Change{bound}); len(got) != 2 {
		t.Errorf("what happened again is left out: %v", got)
	}
}

// TestScalingsThatOnlyEventsTell holds that an event tells of a scaling which left no entry, and
// that no other event is taken for one.
func TestScalingsThatOnlyEventsTell(t *testing.T) {
	down := scaling("Scaled down replica set web-a from 3 to 2", "12:48:00", "12:48:00")
	for name, c := range map[string]struct {
		events []string
		want   string
	}{
		"none":                  {nil, ""},
		"of this one":           {[]string{down}, "12:48:00 replicas 3 → 2"},
		"of the rollout":        {[]string{scaling("Scaled up replica set web-a from 0 to 2", "12:46:41", "12:46:41")}, ""},
		"of another ReplicaSet": {[]string{scaling("Scaled down replica set web-b from 3 to 2", "12:48:00", "12:48:00")}, ""},
		"to another number":     {[]string{scaling("Scaled down replica set web-a from 3 to 1", "12:48:00", "12:48:00")}, ""},
		"the last one counts": {[]string{down,
			scaling("Scaled up replica set web-a from 2 to 5", "12:47:30", "12:49:00")}, ""},
		"in older words": {[]string{scaling("Scaled down replica set web-a to 2", "12:48:00", "12:48:00")}, ""},
	} {
		text := strings.Replace(rolledBack, "  - {manager: kubectl, operation: Update, subresource: scale}\n", "", 1)
		workload := parsed(t, fmt.Sprintf(text, "", done, "50", "web-a"))
		s := set{"web-a", "1", "v1", "12:46:00", "12:48:00", ""}
		var events []map[string]any
		for _, e := range c.events {
			events = append(events, parsed(t, e))
		}
		got := ""
		for _, change := range RebuildRevisions(kinds.Ref{}, workload, []Revision{s.revisionOf(t)}, events) {
			got += change.At.Format("15:04:05 ") + change.Line()
		}
		if got != c.want {
			t.Errorf("%s: it says %q, want %q", name, got, c.want)
		}
	}
}
