package history

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func replicaSet(t *testing.T, revision, image, created, more string) Revision {
	t.Helper()
	return Revision{Version: &Version{Kind: kinds.ReplicaSet, Name: "web-" + revision}, Object: parsed(t, fmt.Sprintf(`
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  creationTimestamp: %q
  annotations: {deployment.kubernetes.io/revision: %q%s}
spec:
  template:
    metadata: {labels: {app: web, pod-template-hash: h%s}}
    spec: {containers: [{name: app, image: "web:%s"}]}
`, "2026-01-01T12:0"+created+"Z", revision, more, revision, image))}
}

// written is a workload that its managers wrote at noon and after.
const written = `{metadata: {creationTimestamp: "2026-01-01T12:00:00Z", managedFields: [
  {manager: suite, operation: Update, time: "2026-01-01T12:00:00Z"},
  {manager: kube-controller-manager, operation: Update, time: "2026-01-01T12:01:00Z"},
  {manager: argocd-controller, operation: Apply, time: "2026-01-01T12:02:00Z"}]}}`

func TestRebuildRevisions(t *testing.T) {
	web := kinds.Ref{GroupKind: schema.GroupKind{Group: "apps", Kind: "Deployment"}, Namespace: "shop", Name: "web"}
	const before = `, deployment.kubernetes.io/revision-history: "1"`
	for name, c := range map[string]struct {
		revisions []Revision
		want      []string
	}{
		"the one": {[]Revision{replicaSet(t, "1", "v1", "0:00", "")}, nil},
		"three, in any order": {
			[]Revision{
				replicaSet(t, "3", "v3", "2:00", ""), replicaSet(t, "1", "v1", "0:00", ""),
				replicaSet(t, "2", "v2", "1:00", ""),
			},
			[]string{
				"12:02:00 image web:v2 → :v3 (revision 3)  by argocd-controller (Argo CD)",
				"12:01:00 image web:v1 → :v2 (revision 2)",
			},
		},
		"two within a second": {
			[]Revision{
				replicaSet(t, "1", "v1", "0:00", ""), replicaSet(t, "2", "v2", "2:00", ""), replicaSet(t, "3", "v3", "2:01", ""),
			},
			[]string{
				"12:02:01 image web:v2 → :v3 (revision 3)  by argocd-controller (Argo CD)",
				"12:02:00 image web:v1 → :v2 (revision 2)",
			},
		},
		"ten sorts after nine": {
			[]Revision{replicaSet(t, "10", "v3", "2:30", ""), replicaSet(t, "9", "v2", "1:00", "")},
			[]string{"12:02:30 image web:v2 → :v3 (revision 10)"},
		},
		"a rollback": {
			[]Revision{
				replicaSet(t, "2", "v2", "1:00", ""),
				replicaSet(t, "3", "v1", "0:00", before),
			},
			[]string{"12:01:00 image web:v2 → :v1 (back to revision 1, now 3, at this time or after)"},
		},
		"a noted cause": {
			[]Revision{
				replicaSet(t, "1", "v1", "0:00", ""),
				replicaSet(t, "2", "v2", "1:00", ", kubernetes.io/change-cause: ticket 7"),
			},
			[]string{"12:01:00 image web:v1 → :v2 (revision 2: ticket 7)"},
		},
		"the same template": {
			[]Revision{replicaSet(t, "1", "v1", "0:00", ""), replicaSet(t, "2", "v1", "1:00", "")},
			[]string{"12:01:00 the same pod template (revision 2)"},
		},
		"broken ones": {
			[]Revision{
				{Version: &Version{}, Object: parsed(t, "{}")},
				{Version: &Version{}, Object: parsed(t, "{spec: [1], data: x}")},
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, change := range RebuildRevisions(web, parsed(t, written), c.revisions, nil) {
				got = append(got, change.At.Format("15:04:05 ")+change.Line())
				if !change.Rebuilt || change.Object != web || change.New.Part == nil {
					t.Errorf("%+v", change)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it says %q\n    wanted %q", got, c.want)
			}
		})
	}
}

func TestRebuildAControllerRevision(t *testing.T) {
	revision := func(number int, image string) Revision {
		return Revision{Version: &Version{}, Object: parsed(t, fmt.Sprintf(`
metadata: {creationTimestamp: "2026-01-01T12:0%d:00Z"}
revision: %d
data: {spec: {template: {$patch: replace, spec: {containers: [{name: db, image: "db:%s"}]}}}}
`, number, number, image))}
	}
	got := RebuildRevisions(kinds.Ref{}, nil, []Revision{revision(1, "14"), revision(2, "15")}, nil)
	if len(got) != 1 || got[0].Text != "image db:14 → :15 (revision 2)" {
		t.Errorf("it says %v", got)
	}
}

func TestRebuild(t *testing.T) {
	object := parsed(t, `
metadata:
  creationTimestamp: "2026-01-01T10:00:00Z"
  deletionTimestamp: "2026-01-01T12:00:30Z"
  deletionGracePeriodSeconds: 30
  managedFields:
  - {manager: helm, operation: Update, time: "2026-01-01T10:00:00Z"}
  - {manager: kubectl-edit, operation: Update, time: "2026-01-01T11:00:00Z"}
  - {manager: kube-controller-manager, operation: Update, subresource: status, time: "2026-01-01T11:30:00Z"}
  - {manager: kube-controller-manager, operation: Update, subresource: scale, time: "2026-01-01T11:10:00Z"}
  - {manager: broken}
spec: {replicas: 4}
status:
  conditions:
  - {type: Ready, status: "False", reason: KubeletStopped, lastTransitionTime: "2026-01-01T11:20:00Z"}
  - {type: NoTime, status: "True"}
  - 7
  containerStatuses:
  - {name: app, restartCount: 2, state: {running: {startedAt: "2026-01-01T11:40:00Z"}},
     lastState: {terminated: {exitCode: 137, reason: OOMKilled, finishedAt: "2026-01-01T11:39:00Z"}}}
`)
	var got []string
	for _, c := range Merge(nil, Rebuild(kinds.Ref{}, object)) {
		got = append(got, c.At.Format("15:04 ")+c.Line())
	}
	want := []string{
		"12:00 deletion began", "11:40 app running, restart 2", "11:39 app exit 137 (OOMKilled)",
		"11:20 Ready False: KubeletStopped",
		"11:10 scaled, now 4 replicas  by kube-controller-manager (hpa)",
		"11:00 written; which fields is not known  by hand (kubectl edit)",
		"10:00 created  by helm",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says %q\n    wanted %q", got, want)
	}
	if changes := Rebuild(kinds.Ref{}, nil); changes != nil {
		t.Errorf("of nothing it rebuilds %v", changes)
	}
}

// What was seen is not said again, and a write of which something else says what it was
// is not said beside that.
func TestMerge(t *testing.T) {
	v := &Version{}
	seen := []Change{{At: noon, Text: "image a → b", Rank: Image, Old: v, New: v, Who: "helm"}}
	rebuilt := []Change{
		{At: noon, Text: "image a → b (revision 2)", Rank: Image, Rebuilt: true, Old: v, New: v},
		{At: noon.Add(-time.Second), Text: vagueWrite, Rank: Spec, Rebuilt: true, Who: "helm"},
		{At: noon.Add(-time.Hour), Text: "image x → a (revision 1)", Rank: Image, Rebuilt: true, Old: v, New: v},
		{At: noon.Add(-time.Hour), Text: vagueWrite, Rank: Spec, Rebuilt: true},
		{At: noon.Add(-2 * time.Hour), Text: vagueWrite, Rank: Spec, Rebuilt: true},
	}
	var got []string
	for _, c := range Merge(seen, rebuilt) {
		got = append(got, c.At.Format("15:04 ")+c.Text)
	}
	want := []string{"12:00 image a → b", "11:00 image x → a (revision 1)", "10:00 " + vagueWrite}
	if !slices.Equal(got, want) {
		t.Errorf("it says %q", got)
	}
}

// TestMergeConditions holds that a transition of a condition that was seen is not said again, by whatever
// else was seen with it, and that another one is.
func TestMergeConditions(t *testing.T) {
	v := &Version{}
	for rebuilt, seen := range map[string]struct {
		text string
		want int
	}{
		"Available True":                      {"Available False → True", 1},
		"Available True: MinimumReplicas":     {"ready 0 → 2, Available False → True: MinimumReplicas", 1},
		"Ready True":                          {"Initialized True, Ready True", 1},
		"Ready False: KubeletStopped":         {"Ready True → False: KubeletStopped, DiskPressure False → True", 1},
		"Ready Unknown":                       {"ContainersReady False → Unknown", 2},
		"Available True: SomethingElseByThen": {"Available False → True: MinimumReplicas", 2},
	} {
		got := Merge([]Change{{At: noon, Text: seen.text, Rank: Status, Old: v, New: v}},
			[]Change{{At: noon.Add(-time.Second), Text: rebuilt, Rank: Status, Rebuilt: true}})
		if len(got) != seen.want {
			t.Errorf("%s, and %s: %d changes, not %d", seen.text, rebuilt, len(got), seen.want)
		}
	}
}

// TestRebuildACordon holds that what a node remembers of a cordon names who did it, and only the
// one who wrote then.
func TestRebuildACordon(t *testing.T) {
	const entry = `- {manager: %s, operation: Update, time: "2026-01-01T%sZ"}`
	const vague = "11:00:00 " + vagueWrite + "  by hand (kubectl)"
	for name, c := range map[string]struct {
		managers []string
		taint    string
		want     []string
	}{
		"by kubectl": {[]string{"kubectl", "11:00:00"}, "11:00:00", []string{"11:00:00 cordoned  by hand (kubectl)"}},
		"the controller is late, and wrote since": {
			[]string{"kube-controller-manager", "11:00:02", "k9s", "11:00:00"}, "11:00:02",
			[]string{"11:00:00 cordoned  by hand (k9s)"},
		},
		"by an autoscaler": {
			[]string{"cluster-autoscaler", "11:00:00"}, "11:00:01",
			[]string{"11:00:00 cordoned  by cluster-autoscaler"},
		},
		"somebody wrote since": {
			[]string{"kubectl", "11:05:00"}, "11:00:00",
			[]string{"11:05:00 " + vagueWrite + "  by hand (kubectl)", "11:00:00 cordoned"},
		},
		"who wrote before did something else": {
			[]string{"kubectl", "11:00:00"}, "11:05:00", []string{"11:05:00 cordoned", vague},
		},
		"no entry":            {nil, "11:00:00", []string{"11:00:00 cordoned"}},
		"no time":             {[]string{"kubectl", "11:00:00"}, "", []string{vague}},
		"it was made so":      {[]string{"kubelet", "10:00:00"}, "10:00:01", nil},
		"only the controller": {[]string{"kube-controller-manager", "11:00:00"}, "11:00:00", []string{"11:00:00 cordoned"}},
	} {
		text := "metadata:\n  creationTimestamp: \"2026-01-01T10:00:00Z\"\n  managedFields:\n"
		for i := 0; i < len(c.managers); i += 2 {
			text += "  " + fmt.Sprintf(entry, c.managers[i], c.managers[i+1]) + "\n"
		}
		text += "spec:\n  taints: [7, {key: other}, {key: node.kubernetes.io/unschedulable"
		if c.taint != "" {
			text += `, timeAdded: "2026-01-01T` + c.taint + `Z"`
		}
		var got []string
		for _, change := range Merge(nil, Rebuild(kinds.Ref{}, parsed(t, text+"}]\n"))) {
			if change.Text != "created" {
				got = append(got, change.At.Format(time.TimeOnly+" ")+change.Line())
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: it says %q\n    wanted %q", name, got, c.want)
		}
	}
	seen := []Change{{At: noon, Text: "cordoned, taints added", Rank: Spec, Who: "kubectl", New: &Version{}}}
	again := []Change{{At: noon, Text: "cordoned", Rank: Spec, Who: "kubectl", Rebuilt: true}}
	if got := Merge(seen, again); len(got) != 1 {
		t.Errorf("what was seen is said again: %v", got)
	}
}

func TestRebuildEventsAndReleases(t *testing.T) {
	events := []map[string]any{
		parsed(
			t,
			`{involvedObject: {kind: Pod, apiVersion: v1, namespace: shop, name: web}, reason: Killing, message: "Stopping\ncontainer", count: 3, lastTimestamp: "2026-01-01T12:00:00Z", source: {component: kubelet}}`,
		),
		parsed(
			t,
			`{regarding: {kind: Deployment, apiVersion: apps/v1, name: web}, reason: Scaled, note: up, eventTime: "2026-01-01T12:01:00.123456Z"}`,
		),
		parsed(t, `{involvedObject: {kind: Pod}, reason: NoTime}`), parsed(t, `{}`),
	}
	got := RebuildEvents(events)
	if len(got) != 2 || got[0].Text != "Killing: Stopping␊container (3 times)" || got[0].Who != "kubelet" ||
		got[1].Object.Group != "apps" || got[1].Text != "Scaled: up" {
		t.Errorf("events say %+v", got)
	}
	release := func(n int64, chart string) Release {
		return Release{
			Version: &Version{Kind: kinds.HelmRelease, Namespace: "shop"}, Revision: n, Name: "web", Chart: chart,
			Status: "deployed", At: noon,
		}
	}
	changes := RebuildReleases(
		[]Release{release(1, "web-1.0"), release(2, "web-1.1"), {Version: &Version{Kind: kinds.HelmRelease}}},
	)
	if len(changes) != 2 || changes[1].Text != "release web revision 2: web-1.0 → web-1.1, deployed" {
		t.Errorf("releases say %+v", changes)
	}
}
