package suite

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// counters is a workload of four pods whose two containers each write numbered lines.
func counters(lines int, pause time.Duration) string {
	container := func(name string) string {
		return fmt.Sprintf(`
      - name: %s
        image: fathom.test/workload:1
        args: [--count=%d, --count-pause=%s]`, name, lines, pause)
	}
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: counter}
spec:
  replicas: 4
  selector: {matchLabels: {app: counter}}
  template:
    metadata: {labels: {app: counter}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:` + container("one") + container("two") + "\n"
}

const counterStreams = 8

// logLine is a line of fathom logs -o json.
type logLine struct {
	Time                 time.Time
	Pod, Container, Line string
	Late                 bool
}

// followed runs fathom logs -f and reads its lines until each of so many streams has
// brought so many, in order. read is the reader of the program's output.
func followed(
	t *testing.T, kubeconfig, namespace string, streams, lines int, slow func(io.Reader) io.Reader,
) []logLine {
	t.Helper()
	cmd, out := following(t, kubeconfig, 8*time.Minute, "deploy/counter", "-n", namespace, "-o", "json")
	var all []logLine
	next, whole := map[string]int{}, 0
	scanner := bufio.NewScanner(slow(out))
	for whole < streams && scanner.Scan() {
		var line logLine
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, scanner.Text())
		}
		var n int
		if _, err := fmt.Sscanf(line.Line, "count=%d of", &n); err != nil {
			continue
		}
		from := line.Pod + " " + line.Container
		if n != next[from] {
			t.Fatalf("%s: line %d comes after line %d", from, n, next[from]-1)
		}
		if next[from]++; next[from] == lines {
			whole++
		}
		all = append(all, line)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil && whole < streams {
		t.Fatalf("%v; read %v", err, next)
	}
	if len(all) != streams*lines {
		t.Fatalf("%d lines, want %d: %v", len(all), streams*lines, next)
	}
	return all
}

// inOrder checks that lines are in order, or say that they are late, from when their pod
// has joined the others.
func inOrder(t *testing.T, lines []logLine) {
	t.Helper()
	late, newest, joined := 0, time.Time{}, map[string]bool{}
	for _, line := range lines {
		from := line.Pod + " " + line.Container
		switch {
		case !line.Time.Before(newest):
			newest, joined[from] = line.Time, true
		case line.Late:
			late++
		case joined[from]:
			t.Fatalf("%s: %q of %s comes after %s", from, line.Line, line.Time, newest)
		}
	}
	t.Logf("%d of %d lines came late", late, len(lines))
}

func asItComes(r io.Reader) io.Reader { return r }

// TestEveryLogLineArrives counts the lines of four pods with two containers each.
func TestEveryLogLineArrives(t *testing.T) {
	// 20,000 lines a second of all streams together, for a minute.
	t.Run("for a minute", func(t *testing.T) {
		const lines = 150_000
		namespace := sandbox(t)
		kubectlApply(t, namespace, counters(lines, 40*time.Millisecond))
		began := time.Now()
		all := followed(t, world.cluster.Kubeconfig, namespace, counterStreams, lines, asItComes)
		t.Logf("%d lines in %s, %s of logs", len(all), time.Since(began), all[len(all)-1].Time.Sub(all[0].Time))
		inOrder(t, all)
	})
	t.Run("with a slow reader", func(t *testing.T) {
		const lines = 3_000
		namespace := sandbox(t)
		kubectlApply(t, namespace, counters(lines, 0))
		slow := func(r io.Reader) io.Reader { return &slowReader{r: r, stay: time.Now().Add(20 * time.Second)} }
		inOrder(t, followed(t, world.cluster.Kubeconfig, namespace, counterStreams, lines, slow))
	})
	t.Run("while the connection is cut", func(t *testing.T) {
		const lines = 20_000
		namespace := sandbox(t)
		kubectlApply(t, namespace, counters(lines, 100*time.Millisecond))
		kubeconfig, wire := linked(t, world.cluster.Kubeconfig, link.Profile{})
		stop, done, begun, cuts := make(chan struct{}), make(chan struct{}), make(chan struct{}), 0
		go func() {
			defer close(done)
			<-begun
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Second):
					wire.Cut()
					if wire.Restore() == nil {
						cuts++
					}
				}
			}
		}()
		// Without an answer to its first request it would not know what to read.
		begins := func(r io.Reader) io.Reader { return &firstRead{Reader: r, did: begun} }
		followed(t, kubeconfig, namespace, counterStreams, lines, begins)
		close(stop)
		<-done
		if cuts < 2 {
			t.Errorf("the connection was cut %d times", cuts)
		}
		t.Logf("cut %d times", cuts)
	})
}

// firstRead tells when the first bytes have come.
type firstRead struct {
	io.Reader
	did  chan struct{}
	once sync.Once
}

// Read implements io.Reader.
func (f *firstRead) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	f.once.Do(func() { close(f.did) })
	return n, err
}

// slowReader reads some KB a second for a while.
type slowReader struct {
	r    io.Reader
	stay time.Time
}

// Read implements io.Reader.
func (s *slowReader) Read(p []byte) (int, error) {
	if time.Now().Before(s.stay) {
		p = p[:min(len(p), 1000)]
		time.Sleep(100 * time.Millisecond) //nolint:forbidigo // This is the pace; nothing is waited for.
	}
	return s.r.Read(p)
}

// following starts fathom logs -f, for so long at most, and returns what it prints.
func following(t *testing.T, kubeconfig string, most time.Duration, args ...string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), world.fathom, append([]string{"logs", "-f"}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "KUBECONFIG=" + kubeconfig}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(most, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { late.Stop() })
	return cmd, out
}

// TestLogsOverFiveRestarts reads a container that crashes again and again: each run whole.
func TestLogsOverFiveRestarts(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	kubectlApply(t, namespace, strings.Replace(`
apiVersion: v1
kind: Pod
metadata: {name: phoenix}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: bird
    image: fathom.test/workload:1
    args: [--count=COUNT, --exit-after=1s, --exit-code=3]
`, "COUNT", "500", 1))
	cmd, out := following(t, world.cluster.Kubeconfig, 8*time.Minute, "phoenix", "-n", namespace)
	next, runs := 0, 0
	for scanner := bufio.NewScanner(out); runs < 5 && scanner.Scan(); {
		line := scanner.Text()
		var n int
		switch _, err := fmt.Sscanf(line, "count=%d of", &n); {
		case err == nil && n == next:
			next++
		case err == nil:
			t.Fatalf("run %d: line %d comes after line %d", runs, n, next-1)
		case line == "── container bird restarted: exit 3, Error":
			if next != 500 {
				t.Fatalf("run %d ends after %d lines", runs, next)
			}
			next = 0
			runs++
		default:
			t.Errorf("unexpected line %q", line)
		}
	}
	_ = cmd.Process.Signal(os.Interrupt)
	if _ = cmd.Wait(); runs != 5 {
		t.Errorf("%d restarts were read", runs)
	}
}
