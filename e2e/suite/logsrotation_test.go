package suite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/image"
)

// rotated is the mark where the kubelet has rotated lines away.
var rotated = regexp.MustCompile(
	`^── lines may be missing from \d\d:\d\d:\d\d\.\d{3} to \d\d:\d\d:\d\d\.\d{3}: the kubelet rotated the log$`)

// rotating is a pod of the second cluster that writes numbered lines, and a kubeconfig for it that leads through a
// link.
func rotating(t *testing.T, lines int) (pods corev1client.PodInterface, namespace, kubeconfig string, wire *link.Link) {
	t.Helper()
	cluster, client := other(t)
	if cluster.Provider != "native" {
		t.Skip("it needs a kubelet that rotates early, which the native provider has")
	}
	if err := image.Import(t.Context(), cluster); err != nil {
		t.Fatal(err)
	}
	namespace = sandboxNamed(t, client, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "rotation-"}})
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "counter"}, Spec: corev1.PodSpec{
		TerminationGracePeriodSeconds: new(int64(1)),
		Containers: []corev1.Container{{
			Name: "one", Image: "fathom.test/workload:1",
			Args: []string{fmt.Sprintf("--count=%d", lines), "--count-pause=50ms"},
		}},
	}}
	pods = client.CoreV1().Pods(namespace)
	if _, err := pods.Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	kubeconfig, wire = linked(t, cluster.Kubeconfig, link.Profile{})
	return pods, namespace, kubeconfig, wire
}

// cutUntilRotated cuts a link until the kubelet no longer has a line and a thousand that follow it.
func cutUntilRotated(t *testing.T, wire *link.Link, pods corev1client.PodInterface, line int) {
	t.Helper()
	wire.Cut()
	head := int64(64)
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true,
		func(ctx context.Context) (bool, error) {
			log, err := pods.GetLogs("counter", &corev1.PodLogOptions{LimitBytes: &head}).DoRaw(ctx)
			first := 0
			if err == nil {
				_, err = fmt.Sscanf(string(log), "count=%d of", &first)
			}
			// A log that was rotated this moment is empty.
			return err == nil && first > line+1_000, nil
		})
	if err := errors.Join(err, wire.Restore()); err != nil {
		t.Fatalf("the kubelet to rotate line %d away: %v", line, err)
	}
}

// TestRotationLeavesAMark cuts the connection of a log until the kubelet has rotated away what was written meanwhile,
// twice. Each line is read or missing at a mark, and a script learns of it.
func TestRotationLeavesAMark(t *testing.T) {
	const lines, cuts = 60_000, 2
	pods, namespace, kubeconfig, wire := rotating(t, lines)
	cmd, out := following(t, kubeconfig, 4*time.Minute, "counter", "-n", namespace)
	next, missing, marks, cut, marked := 0, 0, 0, 0, false
	for scanner := bufio.NewScanner(out); next < lines && scanner.Scan(); {
		var n int
		line := scanner.Text()
		if _, err := fmt.Sscanf(line, "count=%d of", &n); err != nil {
			switch {
			case rotated.MatchString(line):
				marks, marked = marks+1, true
			case !strings.HasPrefix(line, "── cannot be read, still trying: "):
				t.Errorf("unexpected line %q", line)
			}
			continue
		}
		if n < next || n > next && !marked {
			t.Fatalf("line %d comes after line %d", n, next-1)
		}
		missing += n - next
		next, marked = n+1, false
		if n == 3_000 || cut > 0 && cut < cuts && marks == cut && n%3_000 == 0 {
			cut++
			cutUntilRotated(t, wire, pods, n)
		}
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	t.Logf("%d cuts, %d marks, %d of %d lines rotated away", cut, marks, missing, lines)
	if next != lines || marks < cuts || missing < cuts*1_000 {
		t.Errorf("%d lines, %d marks, %d missing", next, marks, missing)
	}
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		t.Errorf("exit code %d, want 3: some of it is missing", code)
	}
}
