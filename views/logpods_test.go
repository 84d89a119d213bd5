package views

import (
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

// TestLogsOfPodsThatAreNotReadYet opens the logs of a Deployment before the server has said which
// pods it has: before the Deployment itself is known, and after.
func TestLogsOfPodsThatAreNotReadYet(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	v := newObject(s, served(t, s, "deploy"), "shop", "checkout", nil, "logs").(*object)
	claimsNothing := func() {
		t.Helper()
		screen := v.Draw(ui.Frame{Width: 80, Height: 24, Theme: themes.Plain, Now: screenNow})
		for _, claim := range []string{"no container", "waiting for pods", "no pod"} {
			if strings.Contains(screen, claim) {
				t.Errorf("claims %q before it was asked:\n%s", claim, screen)
			}
		}
	}
	claimsNothing()
	for source := v.subject.listing.Watch(); v.subject.record == nil; {
		msg, err := source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v.Update(msg)
	}
	claimsNothing()
	look(t, v).until(80, 24, "2 pods")
}

// TestLogsSayWhatDoesNotRun holds the count of the first line against how containers are.
func TestLogsSayWhatDoesNotRun(t *testing.T) {
	ended := metav1.Time{Time: screenNow.Add(-time.Minute)}
	stream := func(state string, level kinds.Level, ended metav1.Time) logStream {
		return logStream{container: kinds.Container{State: state, Level: level, Ended: ended}}
	}
	done := stream("Terminated (Completed)", kinds.OK, ended)
	failed := stream("Terminated (Error, exit 3)", kinds.Failing, ended)
	runs := stream("Running", kinds.OK, metav1.Time{})
	waits := stream("Waiting (ImagePullBackOff)", kinds.Failing, metav1.Time{})
	for want, streams := range map[string][]logStream{
		"1 of 2 not running, 1 done": {done, failed, runs},
		"2 of 3 not running":         {failed, waits, runs},
		"1 of 1 not running, 1 done": {done, failed},
		"":                           {done, runs, waits},
		"exited 3, 1m ago":           {failed},
	} {
		v := startLogs(t)
		v.streams = streams
		if got := v.stateWords(screenNow); got != want {
			t.Errorf("says %q, want %q", got, want)
		}
	}
}

// TestALineIsCopiedAsItWasWritten copies one of several containers' lines, and two.
func TestALineIsCopiedAsItWasWritten(t *testing.T) {
	v := startLogs(t)
	v.prefix.SetNames([]string{"f8zvx", "x2x9"}, make([]themes.Role, 2))
	v.prefix.Times = logbuf.Clock
	const text = `{"level":"info"}`
	v.say(0, []kube.LogLine{{Time: screenNow, Text: text}}, "")
	v.say(1, []kube.LogLine{{Time: screenNow.Add(time.Second), Text: text}}, "")
	if drawn := drawTab(v, 80, 10); !strings.Contains(drawn, "f8zvx ") {
		t.Fatalf("no name stands before the line:\n%s", drawn)
	}
	do(v, actFollow)
	v.pager.GoTo(0, v)
	if got := do(v, actCopy).(ui.Copy); got.Text != text {
		t.Errorf("copied is %q", got.Text)
	}
	do(v, actMarkLines)
	do(v, ui.Down)
	if got := do(v, actCopy).(ui.Copy); got.Text != text+"\n"+text+"\n" {
		t.Errorf("copied of two lines is %q", got.Text)
	}
}

// TestLogsOfPodsThatAreForbidden opens the logs of a Deployment for a user who may not see pods.
func TestLogsOfPodsThatAreForbidden(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	cluster.Refuse("pods")
	p := look(t, one("deploy", "checkout")(t, newSession(t, cluster, "shop")))
	p.press("l")
	p.until(100, 30, "waiting for pods", "its pods cannot be listed: ", "forbidden")
}

// TestLogsOfPodsThatAreRefused opens the logs of a Deployment whose pods are refused: the log says why.
func TestLogsOfPodsThatAreRefused(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	cluster.Apply(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: refused, namespace: shop, uid: refused, generation: 1}
spec: {replicas: 1, selector: {matchLabels: {app: refused}}, template: {metadata: {labels: {app: refused}},
  spec: {containers: [{name: app, image: a}]}}}
status: {observedGeneration: 1, unavailableReplicas: 1, conditions: [
  {type: ReplicaFailure, status: "True", reason: FailedCreate, message: 'serviceaccount "store" not found'}]}
`)
	s := newSession(t, cluster, "shop")
	p := look(t, one("deploy", "refused")(t, s))
	p.press("l")
	p.until(100, 30, `no pod yet: FailedCreate: serviceaccount "store" not found`)
	v, err := LogsOf(s, served(t, s, "deploy"), "shop", "refused", "", kube.LogOptions{})
	if err != nil {
		t.Fatal(err)
	}
	look(t, v).until(100, 30, "no pod yet: ")
	want := `deployment shop/refused has no pods: FailedCreate: serviceaccount "store" not found`
	if err := v.Problem(); !errors.Is(err, ErrNoPods) || err.Error() != want {
		t.Errorf("its problem is %v", err)
	}
}

// TestLogsCountPodsThatAreGone deletes a pod whose log is followed: its lines stay, and it is not
// counted as one that goes on.
func TestLogsCountPodsThatAreGone(t *testing.T) {
	cluster := newCluster(t, "shop.yaml")
	s := newSession(t, cluster, "shop")
	p := look(t, one("deploy", "checkout")(t, s))
	p.press("l")
	p.until(100, 30, "2 pods")
	listing := s.Cluster.Listing(kube.Scope{GroupVersionResource: kinds.Pod.GVR(), Namespace: "shop"})
	look(t, Objects(s, Pods(s.Cluster))).until(100, 30, "checkout-")
	for _, r := range listing.Since(0).Changed {
		if strings.HasPrefix(r.Name, "checkout-") {
			cluster.Delete(t, kinds.Pod.GroupVersionKind, "shop", r.Name)
			break
		}
	}
	p.until(100, 30, "2 pods (1 gone)")
}
