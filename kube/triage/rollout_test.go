package triage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
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

// refusing is a Deployment of which a pod is refused.
func refusing(deployment, pod string) string {
	failure := condition("ReplicaFailure", "True", "FailedCreate", fmt.Sprintf("pods %q is forbidden: no", pod), "@-9m")
	return strings.Replace(deployment, "conditions: [", "conditions: ["+failure+", ", 1)
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
		{"a pod of the old template is refused", []string{
			refusing(rolls(1, 0, 2, 1, progresses, names("web-1")), "web-0-x"), old, young}, ""},
		{"a pod of the new template is refused", []string{
			refusing(rolls(2, 2, 2, 0, progresses, names("web-1")), "web-1-x"), old, young}, "web-0: image app:v1 → :v2"},
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

// TestNewestTemplate holds that what is wrong with the newest template is said first, since the older one
// is not what somebody would mend, and that the finding lasts since the first trouble.
func TestNewestTemplate(t *testing.T) {
	const refused, denied = "dial tcp: connect: connection refused", "401 Unauthorized"
	const lasts = 10 * time.Minute
	rolling := rolls(1, 0, 2, 1, "ReplicaSetUpdated", `ReplicaSet "web-1" is progressing.`)
	sets := []string{revisionOf(0, 1, "24h", "v1", 1), revisionOf(1, 2, "2m", "v2", 1)}
	of := func(set, age, status string) string {
		return strings.NewReplacer("@-1h", "@-"+age, "@-10m", "@-"+age).Replace(pod(set+"-a", "ReplicaSet/"+set, status))
	}
	pulls := func(why string) string { return starting("", waits("ImagePullBackOff", why)) }
	older := of("web-0", "10m", pulls(refused))
	newer := of("web-1", "2m", pulls(denied))
	crashes := of("web-0", "10m", status("False", "@-10m", crashes(5, exit3)))
	done := strings.Replace(deployment("web", 1, 0), "replicas: 1, updated", "replicas: 2, updated", 1)
	for _, c := range []struct {
		name    string
		objects []string
		want    string
		since   time.Duration
		latest  time.Duration
	}{
		{"another error", []string{rolling, older, newer}, "app ImagePullBackOff, unauthorized: 401 Unauthorized", lasts,
			2 * time.Minute},
		{"another rule", []string{rolling, crashes, newer}, "app ImagePullBackOff, unauthorized: 401 Unauthorized", lasts,
			2 * time.Minute},
		{"a lesser trouble", []string{rolling, older, of("web-1", "2m", status("False", "@-2m", unreadySince("@-2m")))},
			"app is not ready", lasts, 2 * time.Minute},
		{"refused, and now made", []string{refusing(rolling, "web-0-b"), newer},
			"app ImagePullBackOff, unauthorized: 401 Unauthorized", 9 * time.Minute, 2 * time.Minute},
		{"refused now", []string{refusing(rolling, "web-1-b"), older}, "FailedCreate: pods are forbidden: no", lasts,
			2 * time.Minute},
		{"nothing of the new one yet", []string{rolling, older},
			"app ImagePullBackOff, connection refused: " + refused, lasts, lasts},
		{"no rollout", []string{done, older, newer}, "app ImagePullBackOff, connection refused: " + refused, lasts, lasts},
		{"an undo", []string{strings.Replace(rolling, `\"web-1\"`, `\"web-0\"`, 1), of("web-0", "1m", pulls(refused)),
			newer}, "app ImagePullBackOff, connection refused: " + refused, 2 * time.Minute, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t).put(append(sets[:2:2], c.objects...)...)
			v := s.state.Judge(s.now)
			if len(v.Findings) != 1 {
				t.Fatalf("it says\n%s", s.says())
			}
			f := v.Findings[0]
			since, latest := s.now.Sub(f.Since), s.now.Sub(f.Latest)
			if f.Reason != "0/1 ready: "+c.want || since != c.since || latest != c.latest {
				t.Errorf("%s since %s, latest %s, want %s since %s, latest %s", f.Reason, since, latest, c.want, c.since, c.latest)
			}
		})
	}
}

// TestLatestIsSeen holds that a template which fails again is among what a finding looks for, though the
// pods of the first are gone.
func TestLatestIsSeen(t *testing.T) {
	crash := func(set string) string {
		return strings.NewReplacer("@-1h", "@-1s").Replace(
			pod(set+"-a", "ReplicaSet/"+set, status("False", "@0", crashes(5, exit3))))
	}
	s := newScene(t).put(deployment("web", 1, 1), revisionOf(0, 1, "24h", "v1", 1)).watching()
	s.wait(time.Minute).put(deployment("web", 1, 0), crash("web-0"))
	began := s.state.Judge(s.now).Findings[0].Since
	s.wait(5*time.Minute).remove("pod shop/web-0-a").put(revisionOf(0, 1, "24h", "v1", 0), revisionOf(1, 2, "1s", "v2", 1),
		crash("web-1"))
	f := s.state.Judge(s.now).Findings[0]
	if !f.Since.Equal(began) || s.now.Sub(f.Latest) != time.Second {
		t.Errorf("since %s, latest %s, want %s and a second ago", f.Since, f.Latest, began)
	}
}

// TestRolloutInWords holds that a rollout beside pods that serve is called so, with how far it has come.
func TestRolloutInWords(t *testing.T) {
	const says = `ReplicaSet "web-1" is progressing.`
	const unready = "app is not ready: Readiness probe failed: 503"
	sets := []string{revisionOf(0, 1, "24h", "v1", 3), revisionOf(1, 2, "5m", "v2", 1)}
	probe := warns("Pod web-1-a", "Unhealthy", "Readiness probe failed: 503")
	unreadyPod := pod("web-1-a", "ReplicaSet/web-1", status("False", "@-40s", unreadySince("@-40s")))
	slow := []string{unreadyPod, probe}
	pulls := []string{strings.ReplaceAll(pod("web-1-a", "ReplicaSet/web-1", starting("", waits("ErrImagePull", "EOF"))),
		"@-10m", "@-5m")}
	late := func(text string) string {
		return strings.Replace(text, `status: "True", reason: ProgressDeadlineExceeded`,
			`status: "False", lastTransitionTime: @-1m, reason: ProgressDeadlineExceeded`, 1)
	}
	stuck := func(want, ready, replicas, updated int) string {
		return late(rolls(want, ready, replicas, updated, "ProgressDeadlineExceeded",
			`ReplicaSet "web-1" has timed out progressing.`))
	}
	going := func(want, ready, replicas, updated int) string {
		return rolls(want, ready, replicas, updated, "ReplicaSetUpdated", says)
	}
	const folds = "\n			  pod shop/web-1-a"
	const web = "\n			degraded deployment shop/web: "
	with := func(deployment string, more []string) []string {
		return slices.Concat(sets, []string{deployment}, more)
	}
	checkAll(t, []situation{
		{"before the deadline", with(going(3, 3, 4, 1), pulls),
			web + "rollout: 1 of 3 updated, app ErrImagePull, EOF: EOF (since -5m0s)" + folds},
		{"a pod that may still start", with(going(3, 3, 4, 1), slow), ``},
		{"at the deadline, without a word of a pod", with(stuck(3, 3, 4, 1), nil),
			web + "rollout stuck: 1 of 3 updated, ProgressDeadlineExceeded (since -1m0s)"},
		{"at the deadline", with(stuck(3, 3, 4, 1), slow),
			web + "rollout stuck: 1 of 3 updated, " + unready + " (since -40s)" + folds},
		{"one pod and one more", with(stuck(1, 1, 2, 1), pulls),
			web + "rollout stuck: 1 old pod left, app ErrImagePull, EOF: EOF (since -5m0s)" + folds},
		{"one pod and one more, without a word of it", with(stuck(1, 1, 2, 1), nil),
			web + "rollout stuck: 1 old pod left, ProgressDeadlineExceeded (since -1m0s)"},
		{"several old ones", with(stuck(3, 3, 5, 3), pulls),
			web + "rollout stuck: 2 old pods left, app ErrImagePull, EOF: EOF (since -5m0s)" + folds},
		{"refused", with(refusing(going(3, 3, 3, 0), "web-1-b"), nil),
			web + "rollout: 0 of 3 updated, FailedCreate: pods are forbidden: no (since -9m0s)"},
		{"an old pod does not end", with(going(3, 3, 4, 1), []string{strings.Replace(pod("web-0-a", "ReplicaSet/web-0", well),
			"namespace: shop,", "namespace: shop, deletionTimestamp: @-5m, deletionGracePeriodSeconds: 30,", 1)}),
			strings.Replace(web, "degraded", "waiting", 1) + "3/3 ready: Terminating (since -5m30s)\n			  pod shop/web-0-a"},
		{"pods are missing", with(stuck(3, 2, 4, 2), pulls),
			web + "2/3 ready: app ErrImagePull, EOF: EOF (since -5m0s)" + folds},
	})
	s := newScene(t).put(with(stuck(3, 3, 4, 1), append(slow, service("web"),
		slice("web", "web-0-a ready", "web-0-b ready", "web-0-c ready", "web-1-a not")))...)
	f := s.state.Judge(s.now).Findings[0]
	kept := func(e Evidence) bool { return strings.HasPrefix(e.Text, "ProgressDeadlineExceeded: ReplicaSet") }
	if !slices.ContainsFunc(f.Evidence, kept) {
		t.Errorf("no deadline in %v", f.Evidence)
	}
	if c := f.Chain[0]; c.Word != "because" || c.Text != "rollout stuck: 1 of 3 updated" {
		t.Errorf("it begins with %v", c)
	}
	if up := f.With(StillUp); len(up) != 1 || up[0].Reason != "3 of 3 wanted endpoints ready" {
		t.Errorf("it affects %v", f.Affects)
	}
}
