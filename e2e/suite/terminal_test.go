package suite

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// pods opens the shop's pods and waits until they are there.
func pods(t *testing.T, options screen.Options) *screen.Terminal {
	t.Helper()
	f := openWith(t, world.cluster.Kubeconfig, options, "pods", "-n", "shop")
	f.WaitFor("● live", limit)
	f.WaitFor("cart-", limit)
	return f
}

func TestResize(t *testing.T) {
	f := pods(t, screen.Options{Columns: 120, Rows: 40})
	for _, size := range [][2]int{{40, 8}, {20, 5}, {1, 1}, {300, 100}, {40, 8}} {
		f.Resize(size[0], size[1])
		shot := f.WaitIdle(300*time.Millisecond, limit)
		if shot.Columns != size[0] || shot.Rows != size[1] {
			t.Errorf("%dx%d became %dx%d", size[0], size[1], shot.Columns, shot.Rows)
		}
		switch {
		case size[0] < 10:
		case size[0] < 40:
			f.WaitFor("terminal too small", limit)
		default:
			f.WaitFor("live", limit)
			f.WaitFor("cart-", limit)
		}
	}
	// At 40x8 it is still usable.
	f.Keys("?")
	f.WaitFor("help", limit)
	f.Keys("esc", ":")
	f.Type("deployments")
	f.Keys("enter")
	f.WaitFor("deployments", limit)
	f.Keys("q")
	f.Resize(120, 40)
	f.WaitFor("● live", limit)
	samePods(t, func() string { return f.Screen().Text() })
	if shot := f.Screen(); shot.Contains("terminal too small") {
		t.Errorf("it still thinks that it is small\n%s", shot)
	}
}

// podNames are the first words of a table's rows.
func podNames(shot screen.Screen) []string {
	var names []string
	for row := range strings.Lines(shot.Text()) {
		if fields := strings.Fields(strings.TrimPrefix(row, "›")); len(fields) > 1 && strings.Contains(fields[1], "/") {
			names = append(names, fields[0])
		}
	}
	return names
}

func TestHangUpEndsIt(t *testing.T) {
	f := pods(t, screen.Options{Columns: 120, Rows: 40})
	f.Keys("enter", "l")
	f.WaitFor("following", limit)
	begin := time.Now()
	f.HangUp()
	f.WaitExit(time.Second)
	t.Logf("it ended %v after its terminal", time.Since(begin).Round(time.Millisecond))
}

// TestTerminalIsGivenBack ends it in every possible way and looks at the terminal's
// modes afterwards.
func TestTerminalIsGivenBack(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*screen.Terminal)
		code int
	}{
		{"q", func(f *screen.Terminal) { f.Keys("q") }, 0},
		{"ctrl+c", func(f *screen.Terminal) { f.Keys("ctrl+c") }, 0},
		{"palette", func(f *screen.Terminal) { f.Type(":quit\r") }, 0},
		{"deep inside", func(f *screen.Terminal) { f.Keys("enter", "y", "ctrl+c") }, 0},
		{"with a question open", func(f *screen.Terminal) { f.Keys(":", "ctrl+c") }, 0},
		{"SIGTERM", func(f *screen.Terminal) { f.Signal(syscall.SIGTERM) }, -1},
		{"SIGINT", func(f *screen.Terminal) { f.Signal(syscall.SIGINT) }, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := pods(t, screen.Options{Columns: 120, Rows: 40})
			if set := modes(f.Transcript()); !set["1049"] || !set["2004"] || !set["1006"] {
				t.Errorf("alternate screen, bracketed paste and mouse are expected, got %v", set)
			}
			test.end(f)
			code := f.WaitExit(limit)
			if test.code >= 0 && code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			checkGivenBack(t, f)
			shot := f.Screen()
			if regexp.MustCompile(`panic|goroutine`).MatchString(shot.Text()) {
				t.Errorf("it ended badly\n%s", shot)
			}
		})
	}
}

// TestSuspend stops fathom with ctrl+z and has a shell with job control bring it back.
func TestSuspend(t *testing.T) {
	const script = `"$@"; echo "stopped, $(stty -a | grep -o -- '-\?icanon')"; read line; fg; echo "ended with $?"`
	args := []string{"-mc", script, "sh", world.fathom, "--kubeconfig", world.cluster.Kubeconfig, "pods", "-n", "shop"}
	f := screen.Start(t, screen.Options{Columns: 120, Rows: 40}, "sh", args...)
	f.WaitFor("● live", limit)
	shown := func() string { return f.Screen().Text() }
	samePods(t, shown)
	f.Keys("ctrl+z")
	f.WaitFor("stopped, icanon", limit)
	checkGivenBack(t, f)
	f.Resize(100, 30)
	f.Keys("enter")
	f.WaitFor("● live", limit)
	f.WaitFor(func(shot screen.Screen) bool { return shot.AltScreen }, limit)
	samePods(t, shown)
	f.Keys("q")
	f.WaitFor("ended with 0", limit)
	f.WaitExit(limit)
}

// TestSuspendWhereNobodyWakesIt presses ctrl+z in a session that has no shell: the system stops nothing there.
func TestSuspendWhereNobodyWakesIt(t *testing.T) {
	f := pods(t, screen.Options{Columns: 120, Rows: 40})
	before := f.Transcript()
	f.Keys("ctrl+z")
	f.WaitFor(func(screen.Screen) bool {
		return strings.Contains(string(f.Transcript()[len(before):]), ansi.SetModeAltScreenSaveCursor)
	}, limit)
	f.WaitFor("● live", limit)
	f.Keys("q")
	if code := f.WaitExit(limit); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// atStart are the private modes that a terminal has from the start: wrapping at the margin, and the cursor.
var atStart = []string{"7", "25"}

// modes are the private modes as the last sequence about each left them.
func modes(transcript []byte) map[string]bool {
	set := map[string]bool{}
	for _, match := range regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`).FindAllSubmatch(transcript, -1) {
		for mode := range strings.SplitSeq(string(match[1]), ";") {
			set[mode] = string(match[2]) == "h"
		}
	}
	return set
}

// keyboardDepth is how often the keyboard protocol was put on the terminal's stack and not taken
// back (CSI > u, CSI < u).
func keyboardDepth(transcript []byte) int {
	pushes := regexp.MustCompile(`\x1b\[>[0-9;]*u`).FindAll(transcript, -1)
	pops := regexp.MustCompile(`\x1b\[<[0-9;]*u`).FindAll(transcript, -1)
	return max(0, len(pushes)-len(pops))
}

func TestOnlyQLeavesTheFirstScreen(t *testing.T) {
	f := pods(t, screen.Options{Columns: 120, Rows: 40})
	f.Keys("esc", "esc", "esc", "enter")
	f.WaitFor("overview", limit)
	f.Keys("q")
	f.WaitGone("overview", limit)
	f.Keys("enter")
	f.WaitFor("overview", limit)
	f.Keys("esc")
	f.WaitGone("overview", limit)
	f.Keys("q")
	if code := f.WaitExit(limit); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestTypedAhead types faster than anything can be drawn. Every key has to reach what it was meant for.
func TestTypedAhead(t *testing.T) {
	f := open(t, "-n", "shop")
	// Before this, the terminal itself would echo what is typed.
	f.WaitFor("read-only", limit)
	for _, test := range []struct{ keys, want string }{
		{":deployments\r/web\r", `shop +deployments 1 `},
		{"\x1b:pods\r/db-\r", `shop +pods 4 `},
		{"\ryEd", `(?s)shop +pod db-0 .*Service Account:`},
		// The last two keys come long before the rows that they are about.
		{"q\x1b:payments\r:services\r/queue\r\ry", `(?s)service queue .*kind: Service`},
	} {
		f.Type(test.keys)
		f.WaitFor(regexp.MustCompile(test.want), limit)
	}
}

func TestMouse(t *testing.T) {
	f := pods(t, screen.Options{Columns: 120, Rows: 12})
	first := podNames(f.Screen())[0]
	f.Wheel(10, 5, 5)
	f.WaitFor(func(shot screen.Screen) bool { return slices.Index(podNames(shot), first) != 0 }, limit)
	f.Wheel(10, 5, -5)
	f.WaitFor(func(shot screen.Screen) bool { return slices.Index(podNames(shot), first) == 0 }, limit)

	f.ClickOn("db-1 ")
	f.WaitFor("› db-1 ", limit)
	f.ClickOn("RESTARTS")
	f.WaitFor(regexp.MustCompile(`RESTARTS ?[▲▼]`), limit)
	f.ClickOn("NAME")
	f.WaitFor(regexp.MustCompile(`NAME ?[▲▼]`), limit)
	f.Keys("enter")
	f.WaitFor("pod db-1", limit)
	f.ClickOn("yaml")
	f.WaitFor("apiVersion: v1", limit)
	line := f.Screen().Row(2)
	f.Wheel(10, 5, 2)
	f.WaitFor(func(shot screen.Screen) bool { return shot.Row(2) != line }, limit)
	f.Keys("esc")
	f.WaitFor("cart-", limit)
	x, y, found := f.Screen().Find("cart-")
	if !found {
		t.Fatalf("no cart\n%s", f.Screen())
	}
	f.Click(x, y)
	f.Click(x, y)
	f.WaitFor("pod cart-", limit)
}

// TestStalledTerminal stops reading while a lot happens. When the terminal reads again,
// it must soon show what is true by then, and not first everything that was true in
// between.
func TestStalledTerminal(t *testing.T) {
	t.Parallel()
	const (
		churn      = 5 * time.Second
		backlogMax = 64 << 10
	)
	namespace := sandbox(t)
	pendingPod(t, world.client, namespace, "first")
	f := open(t, "pods", "-n", namespace)
	f.WaitFor("first", limit)
	resume := f.Stall()
	written := f.Bytes()
	end := time.Now().Add(churn)
	n := 0
	for ; time.Now().Before(end); n++ {
		pendingPod(t, world.client, namespace, fmt.Sprintf("pod-%d", n))
		if n >= 10 {
			deletePod(t, world.client, namespace, fmt.Sprintf("pod-%d", n-10))
		}
	}
	f.Type("/pod-")
	f.Keys("enter")
	resume()
	last := fmt.Sprintf("pod-%d ", n-1)
	f.WaitFor(last, limit)
	shot := f.WaitFor(regexp.MustCompile(`pods 10 .*● live`), limit)
	for i := n - 10; i < n; i++ {
		if !shot.Contains(fmt.Sprintf("pod-%d ", i)) {
			t.Errorf("no pod-%d\n%s", i, shot)
		}
	}
	if shot.Contains("first ") {
		t.Errorf("the filter that was typed meanwhile is not in force\n%s", shot)
	}
	t.Logf("%d pods came and %d went; %d bytes were written for that", n, n-10, f.Bytes()-written)
	if backlog := f.Bytes() - written; backlog > backlogMax {
		t.Errorf("%d bytes came after the stall, want at most %d", backlog, backlogMax)
	}
}

func TestNoDeleteWithoutWrite(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	pendingPod(t, world.client, namespace, "victim")
	f := open(t, "pods", "-n", namespace)
	f.WaitFor("victim", limit)
	f.WaitFor("read-only", limit)
	f.Keys("?")
	shot := f.WaitFor("Everywhere", limit)
	if shot.Contains("delete") {
		t.Errorf("the help offers to delete\n%s", shot)
	}
	f.Keys("esc")
	f.WaitGone("Everywhere", limit)
	f.Keys("D")
	f.WaitFor("deleting needs write mode", limit)
	f.Keys("y", "enter")
	// None of these keys asks a question: the last two open the pod's YAML and unfold nothing.
	f.WaitFor("pod victim", limit)
	alive(t, namespace, "victim")
}

// TestDeleteWithWrite deletes a pod. No single key may be enough, least of all enter.
func TestDeleteWithWrite(t *testing.T) {
	t.Parallel()
	namespace := sandboxNamed(t, world.client, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: writeNamespace}})
	pendingPod(t, world.client, namespace, "victim")
	f := open(t, "pods", "-n", namespace, "--write")
	f.WaitFor("victim", limit)
	shot := f.WaitFor("● live", limit)
	if !strings.Contains(shot.Row(0), " WRITE ") || shot.Contains("read-only") {
		t.Errorf("the header does not say that changes are possible\n%s", shot)
	}
	ask := func() {
		t.Helper()
		f.Keys("D")
		shot := f.WaitFor("[ No ]    Yes", limit)
		if !shot.Contains("delete pod " + namespace + "/victim in " + world.cluster.Context + "?") {
			t.Errorf("the question does not say what will be deleted where\n%s", shot)
		}
	}
	ask()
	f.Keys("enter")
	f.WaitGone("[ No ]", limit)
	ask()
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("esc")
	f.WaitGone("[ Yes ]", limit)
	ask()
	f.Keys("y", "enter") // It can be stopped for some seconds.
	f.WaitFor("esc stops it", limit)
	f.Keys("esc")
	f.WaitFor("nothing was done", limit)
	f.WaitIdle(500*time.Millisecond, limit)
	alive(t, namespace, "victim")
	onlyWrites(t, namespace)

	ask()
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor("esc stops it", limit)
	f.WaitFor("done", limit)
	f.WaitFor("no pods", limit)
	_, err := world.client.CoreV1().Pods(namespace).Get(t.Context(), "victim", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("the pod is still there: %v", err)
	}
	onlyWrites(t, namespace, "delete pods victim")
}

// alive fails the test if a pod is gone or being deleted.
func alive(t *testing.T, namespace, name string) {
	t.Helper()
	pod, err := world.client.CoreV1().Pods(namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil || pod.DeletionTimestamp != nil {
		t.Errorf("pod %s was deleted: %v", name, err)
	}
}

// onlyWrites compares what fathom changed in a namespace with what is expected, as the
// API server's audit log has it. Where the cluster has no such log, the objects themselves are all
// there is to look at.
func onlyWrites(t *testing.T, namespace string, want ...string) {
	t.Helper()
	if world.cluster.AuditLog == "" {
		return
	}
	all, err := writes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		conflict := r.ResponseStatus.Code == http.StatusConflict // It changed nothing, and is sent again.
		if r.ObjectRef != nil && r.ObjectRef.Namespace == namespace && !conflict {
			got = append(got, strings.TrimSuffix(r.Verb+" "+path.Join(r.ObjectRef.Resource, r.ObjectRef.Subresource)+" "+
				r.ObjectRef.Name, " "))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("fathom's changes are %q, want %q", got, want)
	}
}
