package suite

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestOncallWorks walks through what the person on call for payments may see. Their rights end with
// that namespace: they may not even list namespaces.
func TestOncallWorks(t *testing.T) {
	pod := gatewayPod(t)
	f := openWith(t, oncall(t), screen.Options{Columns: 120, Rows: 40})
	shot := f.WaitFor("nothing is broken in what could be looked at", limit)
	if place := shot.Row(0); !strings.Contains(place, "payments") || !shot.Contains("(forbidden)") {
		t.Errorf("it does not say how little it has judged\n%s", shot)
	}
	goTo(f, "pods")
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	f.WaitFor("queue-0", limit)
	filter(f, pod)
	f.WaitFor("hidden", limit)
	f.Keys("l")
	f.WaitFor("request served", limit)
	f.Keys("d")
	f.WaitFor(regexp.MustCompile(`Service Account: +gateway`), limit)
	f.Keys("y")
	f.WaitFor("kind: Pod", limit)
	f.Keys("E")
	f.WaitFor("CustomersWait", limit)
	f.Keys("v")
	shot = f.WaitFor("CONDITIONS", limit)
	if shot.Contains("forbidden") {
		t.Errorf("a pod of theirs, and something is forbidden\n%s", shot)
	}
	f.Keys("esc")
	goTo(f, "deployments")
	f.WaitFor(regexp.MustCompile(`gateway +2/2`), limit)
	f.Keys("enter")
	f.WaitFor("MinimumReplicasAvailable", limit)
	// They may not see a deployment's replica sets: the page says so, and shows the
	// rest.
	f.WaitFor(`cannot list resource "replicasets"`, limit)
}

// gatewayPod returns the name of a pod of the gateway, about which there is an event: a kubelet's
// own are gone after an hour.
func gatewayPod(t *testing.T) string {
	t.Helper()
	pods, err := world.client.CoreV1().Pods("payments").List(t.Context(),
		metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=gateway"})
	if err != nil || len(pods.Items) == 0 {
		t.Fatalf("%d pods of the gateway: %v", len(pods.Items), err)
	}
	pod := pods.Items[0]
	events := world.client.CoreV1().Events("payments")
	event, err := events.Create(t.Context(), &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "customers-"},
		InvolvedObject: corev1.ObjectReference{
			APIVersion: "v1",
			Kind:       "Pod",
			Namespace:  pod.Namespace,
			Name:       pod.Name,
			UID:        pod.UID,
		},
		Type:          corev1.EventTypeWarning,
		Reason:        "CustomersWait",
		Message:       "three customers wait for an answer",
		LastTimestamp: metav1.Now(),
		Count:         1,
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := events.Delete(context.Background(), event.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("delete the event: %v", err)
		}
	})
	return pod.Name
}

// TestOncallSeesWhatIsForbidden asks for what they may not see. The answer is one line,
// and the session goes on.
func TestOncallSeesWhatIsForbidden(t *testing.T) {
	f := openWith(t, oncall(t), screen.Options{Columns: 160, Rows: 40}, "pods")
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	for _, kind := range []string{"nodes", "secrets", "namespaces", "storefronts"} {
		goTo(f, kind)
		f.WaitFor(regexp.MustCompile(kind+` .*✖ forbidden`), limit)
		f.WaitFor(`cannot list resource "`+kind+`"`, limit)
		f.WaitFor("nothing to show", limit)
		f.Keys("esc")
		f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	}
	f.Keys("0")
	f.WaitFor(regexp.MustCompile(`all namespaces +pods .*✖ forbidden`), limit)
	f.WaitFor(`cannot list resource "pods"`, limit)
	f.Keys("1")
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	// The palette does not know this namespace, but it can be tried all the same.
	f.Keys(":")
	f.Type("shop")
	f.WaitFor(regexp.MustCompile(`(?s)› shop +│.*namespace, by its name`), limit)
	f.WaitIdle(300*time.Millisecond, limit)
	f.ClickOn("namespace, by its name")
	f.WaitFor(regexp.MustCompile(`shop +pods .*✖ forbidden`), limit)
	// Asking for one object by its name is not a way around it.
	f.Keys(":")
	f.Type("secret payments/psp-keys")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`secrets "psp-keys" is forbidden|cannot list resource "secrets"`), limit)
	// What is forbidden is not requested again and again.
	f.WaitIdle(3*time.Second, limit)
	f.Keys("esc", "esc")
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
}
