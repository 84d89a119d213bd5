package triage

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// leavable are the kinds of which what is well may be left out.
var leavable = []schema.GroupKind{deployKind, statefulSet, daemonSet, nodeKind, jobKind}

// failingOf counts what fails when pods, events and these kinds are known, with what is well of them
// or without.
func failingOf(t *testing.T, objects []string, well bool) (n int, says string) {
	s := newScene(t)
	for _, k := range kinds.All() {
		c := Coverage{Kind: k.Resource, Of: -1, Missing: Loading}
		if slices.Contains(leavable, k.GroupKind()) {
			if c.Missing = ""; !well {
				c.Missing = Well
			}
		}
		s.state.Cover(k.GroupKind(), c)
	}
	for _, text := range objects {
		record, _ := readObject(t, moment.ReplaceAllString(text, `"2026-11-30T11:00:00Z"`))
		if well || !slices.Contains(leavable, record.Kind.GroupKind()) || !record.IsWell() {
			s.put(text)
		}
	}
	v := s.state.Judge(s.now)
	return v.Count(Failing), s.says()
}

// TestWhatIsWellMayBeLeftOut holds that as much fails without the objects that are well: nothing is
// missing because of that, and who owns a pod need not be there.
func TestWhatIsWellMayBeLeftOut(t *testing.T) {
	job := func(name, conditions string) string {
		return strings.Replace(job(name, "", conditions), "status: {", "status: {active: 1, ", 1)
	}
	waiting := func(name, owner string) string {
		return strings.Replace(unscheduledPod(name, owner, "0/9 nodes are available: 9 Insufficient cpu."),
			"labels: {", `labels: {pod-template-hash: "1", `, 1)
	}
	lost := changed(node("n1", nodeWell), `status: "True"`, `status: "Unknown"`)
	for _, tt := range []struct {
		name    string
		objects []string
		want    int
	}{
		{"a pod of nobody", []string{waiting("a", "")}, 1},
		{"a pod too many of what is up", []string{deployment("web", 2, 2), waiting("web-1-a", "ReplicaSet/web-1")}, 0},
		{"the same of a StatefulSet", []string{database(2, 2, 2), waiting("db-2", "StatefulSet/db")}, 0},
		{"pods of what is down", []string{deployment("web", 2, 0), waiting("web-1-a", "ReplicaSet/web-1"),
			waiting("web-1-b", "ReplicaSet/web-1")}, 1},
		{"pods of a Job that runs", []string{job("backup", ""), waiting("backup-a", "Job/backup"),
			waiting("backup-b", "Job/backup")}, 1},
		{"a pod of a Job that has failed", []string{
			job("backup", condition("Failed", "True", "BackoffLimitExceeded", "", "@-5m")),
			waiting("backup-a", "Job/backup")}, 1},
		{"a node that is lost, and one that is not", []string{lost, node("n2", nodeWell)}, 1},
		{"nothing but what is well", []string{deployment("web", 2, 2), database(1, 1, 1), node("n1", nodeWell)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, well := range []bool{true, false} {
				if got, says := failingOf(t, tt.objects, well); got != tt.want {
					t.Errorf("with what is well %t: %d fail, want %d:\n%s", well, got, tt.want, says)
				}
			}
		})
	}
}
