package triage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// revisionOf is a ReplicaSet of the Deployment web: web-1 at revision 2, made so long ago, with an image
// and so many pods wanted.
func revisionOf(number, revision int, age, image string, want int) string {
	named := fmt.Sprintf("name: web-%d, annotations: {deployment.kubernetes.io/revision: '%d'},", number, revision)
	return strings.NewReplacer("name: web-1,", named, "@-24h", "@-"+age, "image: shop/app:v1",
		"image: shop/app:"+image).Replace(replicas("web", want))
}

// rolls is the Deployment web in a rollout of which it says something.
func rolls(want, ready, replicas, updated int, reason, message string) string {
	return strings.NewReplacer(
		fmt.Sprintf("replicas: %d, updatedReplicas: %[1]d", want),
		fmt.Sprintf("replicas: %d, updatedReplicas: %d", replicas, updated),
		"reason: NewReplicaSetAvailable", fmt.Sprintf("reason: %s, message: %q", reason, message),
	).Replace(deployment("web", want, ready))
}

// TestRollout holds that the template of a rollout that does not go on is compared with the one before,
// and that no other trouble is said to come from how two templates differ.
func TestRollout(t *testing.T) {
	const progresses = "ReplicaSetUpdated"
	names := func(set string) string { return `ReplicaSet "` + set + `" is progressing.` }
	crash := status("False", "@-4m", crashes(5, exit3))
	crashing := pod("web-1-a", "ReplicaSet/web-1", crash)
	of := func(set string) string { return strings.ReplaceAll(crashing, "web-1", set) }
	old, young := revisionOf(0, 1, "24h", "v1", 2), revisionOf(1, 2, "5m", "v2", 1)
	back := revisionOf(0, 3, "24h", "v1", 1)
	behind := []string{service("web"), slice("web"), ingress("web", 80)}
	checkRevisions(t, []revised{
		{"pods of the new template crash while the old ones serve", []string{
			rolls(2, 2, 3, 1, progresses, names("web-1")), old, young, crashing}, "web-0: image app:v1 → :v2"},
		{"past its deadline", []string{
			rolls(2, 2, 3, 1, "ProgressDeadlineExceeded", `ReplicaSet "web-1" has timed out progressing.`), old, young,
			crashing}, "web-0: image app:v1 → :v2"},
		{"a moment after it began", []string{
			rolls(2, 2, 3, 1, "NewReplicaSetCreated", `Created new replica set "web-1"`), old, young,
			crashing}, "web-0: image app:v1 → :v2"},
		{"without an old pod", []string{rolls(1, 0, 1, 1, progresses, names("web-1")), revisionOf(0, 1, "24h", "v1", 0),
			young, crashing}, "web-0: image app:v1 → :v2"},
		{"back to a template that does not start any more", []string{
			rolls(2, 2, 3, 1, progresses, names("web-0")), back, revisionOf(1, 2, "5m", "v2", 2), of("web-0")},
			"web-1: image app:v2 → :v1"},
		{"back to it, of which the Deployment still says the other", []string{
			rolls(2, 2, 3, 1, progresses, names("web-1")), back, revisionOf(1, 2, "5m", "v2", 2), crashing}, ""},
		{"without an old pod, after an undo", []string{rolls(1, 0, 1, 1, progresses, names("web-2")),
			revisionOf(0, 3, "24h", "v1", 0), revisionOf(1, 2, "1h", "v2", 0), revisionOf(2, 4, "5m", "v3", 1),
			of("web-2")}, ""},
		{"a restart", []string{rolls(2, 2, 3, 1, progresses, names("web-1")), old,
			strings.Replace(revisionOf(1, 2, "5m", "v1", 1), "template: {metadata: {",
				"template: {metadata: {annotations: {kubectl.kubernetes.io/restartedAt: now}, ", 1), crashing},
			"web-0: restarted"},
		{"a rollout that is over", []string{deployment("web", 1, 0), revisionOf(0, 1, "24h", "v1", 0), young, crashing}, ""},
		{"pods of the old template crash", []string{rolls(2, 1, 3, 1, progresses, names("web-1")), old, young, of("web-0")},
			""},
		{"the first rollout", []string{rolls(1, 0, 1, 1, progresses, names("web-1")), young, crashing}, ""},
		{"a ReplicaSet that is not there", []string{rolls(2, 2, 3, 1, progresses, names("web-9")), old, young, crashing}, ""},
		{"a message without a name", []string{rolls(2, 2, 3, 1, progresses, `ReplicaSet "web-1`), old, young, crashing}, ""},
		{"paused", []string{rolls(2, 2, 3, 1, "DeploymentPaused", "Deployment is paused"), old, young, crashing}, ""},
		{"scaled to 0", slices.Concat(behind, []string{deployment("web", 0, 0), revisionOf(0, 1, "24h", "v1", 0),
			revisionOf(1, 2, "5m", "v2", 0)}), ""},
		{"scaled to 0 amid a rollout", slices.Concat(behind, []string{rolls(0, 0, 0, 0, progresses, names("web-1")),
			revisionOf(0, 1, "24h", "v1", 0), revisionOf(1, 2, "5m", "v2", 0)}), ""},
		{"scaled to 0 after an undo", slices.Concat(behind, []string{rolls(0, 0, 0, 0, progresses, names("web-0")),
			revisionOf(0, 3, "24h", "v1", 0), revisionOf(1, 2, "5m", "v2", 0)}), ""},
	})
}

// revised is a row of a table: what is there, and how a template differs from the one before; "" where
// none is compared.
type revised struct {
	name    string
	objects []string
	want    string
}

func checkRevisions(t *testing.T, rows []revised) {
	t.Helper()
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t).put(c.objects...)
			s.says()
			for _, r := range s.state.Wanted() {
				s.state.SetWhole(r, s.whole(r, c.objects))
			}
			got := ""
			for _, e := range s.state.Judge(s.now).Findings[0].Evidence {
				if words, ok := strings.CutPrefix(e.Text, "differs from replicaset shop/"); ok {
					got += words
				}
			}
			if got != c.want {
				t.Errorf("it differs from %q, want %q", got, c.want)
			}
			if wanted := s.state.Wanted(); len(wanted) != 0 {
				t.Errorf("it still wants %v", wanted)
			}
		})
	}
}
