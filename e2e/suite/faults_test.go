package suite

import (
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

const (
	// noticed is how soon the screen has to say that a server refuses connections.
	noticed = 5 * time.Second
	// noticedSilence is the same for a server that keeps its connections and says nothing.
	noticedSilence = 30 * time.Second
	// caughtUp is how soon after the server's return the screen has to be right again.
	caughtUp = 10 * time.Second
)

var stale = regexp.MustCompile(`◐ \d+[smh] old, reconnecting \(\S.*\)`)

// watched opens the pods of a namespace of the second cluster, with three pods.
func watched(t *testing.T) (f *screen.Terminal, namespace string) {
	t.Helper()
	cluster, client := other(t)
	namespace = sandboxNamed(t, client, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "sandbox-"}})
	for _, name := range []string{"one", "two", "three"} {
		pendingPod(t, client, namespace, name)
	}
	f = openWith(t, cluster.Kubeconfig, screen.Options{Columns: 140, Rows: 30}, "pods", "-n", namespace)
	f.WaitFor(regexp.MustCompile(`pods 3 .*● live`), limit)
	return f, namespace
}

// hasRows fails when the pods on the screen are not these.
func hasRows(t *testing.T, shot screen.Screen, names ...string) {
	t.Helper()
	var found []string
	for row := range strings.Lines(shot.Text()) {
		fields := strings.Fields(strings.TrimPrefix(row, "›"))
		if len(fields) > 2 && fields[1] == "0/1" {
			found = append(found, fields[0])
		}
	}
	if got, want := strings.Join(found, " "), strings.Join(names, " "); got != want {
		t.Errorf("the pods on the screen are %q, want %q\n%s", got, want, shot)
	}
}

// TestServerDies kills the API server. What was on the screen stays there, and says how old it is.
func TestServerDies(t *testing.T) {
	f, namespace := watched(t)
	server := apiServer(t)
	_, client := other(t)
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	shot := f.WaitFor(stale, noticed)
	t.Logf("noticed after %v: %s", time.Since(killed).Round(time.Millisecond), stale.FindString(shot.Row(0)))
	hasRows(t, shot, "one", "three", "two")
	// The age on the screen goes on.
	f.WaitFor(regexp.MustCompile(`◐ [1-9]\d*[smh] old, reconnecting \(.*refused.*\)`), limit)
	hasRows(t, f.Screen(), "one", "three", "two")

	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	f.WaitFor(regexp.MustCompile(`pods 3 .*● live`), caughtUp)
	t.Logf("live again %v after the server's return", time.Since(started).Round(time.Millisecond))
	deletePod(t, client, namespace, "two")
	pendingPod(t, client, namespace, "four")
	shot = f.WaitFor(func(shot screen.Screen) bool { return shot.Contains("four ") && !shot.Contains("two ") }, caughtUp)
	hasRows(t, shot, "four", "one", "three")
}

// TestServerForgets deletes a pod while fathom does not look, and restarts the API
// server: it has no memory of the deletion, so no watch event will ever report it.
func TestServerForgets(t *testing.T) {
	f, namespace := watched(t)
	server := apiServer(t)
	_, client := other(t)
	f.Signal(syscall.SIGSTOP)
	deletePod(t, client, namespace, "two")
	pendingPod(t, client, namespace, "four")
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Signal(syscall.SIGCONT)
	shot := f.WaitFor(func(shot screen.Screen) bool { return shot.Contains("four ") && !shot.Contains("two ") }, caughtUp)
	hasRows(t, shot, "four", "one", "three")
	f.WaitFor(regexp.MustCompile(`pods 3 .*● live`), caughtUp)
}

// TestServerFreezes stops the API server without ending its connections: nothing comes, and nothing says why.
func TestServerFreezes(t *testing.T) {
	f, namespace := watched(t)
	server := apiServer(t)
	_, client := other(t)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	paused := time.Now()
	shot := f.WaitFor(stale, noticedSilence)
	t.Logf("noticed after %v: %s", time.Since(paused).Round(time.Millisecond), stale.FindString(shot.Row(0)))
	hasRows(t, shot, "one", "three", "two")
	// The screen is still the user's.
	filter(f, "three")
	f.WaitFor("2 hidden", noticed)
	f.Keys("esc")
	f.WaitGone("2 hidden", noticed)

	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	f.WaitFor(regexp.MustCompile(`pods 3 .*● live`), 2*caughtUp)
	pendingPod(t, client, namespace, "four")
	f.WaitFor("four ", caughtUp)
}

// TestServerDiesUnderAnObject has an object's tabs open when the server dies. None of
// them may forget what it shows.
func TestServerDiesUnderAnObject(t *testing.T) {
	f, namespace := watched(t)
	server := apiServer(t)
	f.Keys("enter")
	tabs := []struct{ key, text string }{{"d", "Service Account:"}, {"y", "kind: Pod"}, {"v", "pod " + namespace + "/one"}}
	for _, tab := range tabs {
		f.Keys(tab.key)
		f.WaitFor(tab.text, limit)
	}
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.WaitFor(stale, noticed)
	for _, tab := range tabs {
		f.Keys(tab.key)
		f.WaitFor(tab.text, limit)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.WaitFor("● live", 2*caughtUp)
}
