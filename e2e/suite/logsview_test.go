package suite

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestLogFilter narrows the log of a service to what is not well, looks around it, and takes a field of one line as
// another condition.
func TestLogFilter(t *testing.T) {
	t.Parallel()
	f := open(t, "deploy/web", "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("INFO  request served", limit)
	f.Keys("&")
	f.WaitFor("level>=warn", limit)
	f.Type("level>=warn request")
	f.Keys("enter")
	counted := regexp.MustCompile(`filter level>=warn request  ([1-9]\d*) of \d+ lines`)
	levels := func(shot screen.Screen, words ...string) bool {
		rows := 0
		for _, row := range body(shot)[2:] {
			for _, word := range words {
				if strings.Contains(row, word+" request served") {
					rows++
				}
			}
		}
		return rows > 0
	}
	f.WaitFor(func(shot screen.Screen) bool {
		return counted.MatchString(shot.Text()) && levels(shot, "WARN ", "ERROR") && !levels(shot, "INFO ")
	}, limit)
	f.Keys("A")
	f.WaitFor(func(shot screen.Screen) bool {
		return shot.Contains("with 2 around each") && levels(shot, "INFO ")
	}, limit)
	f.Keys("f", "enter")
	f.WaitFor("duration_ms", limit)
	f.Type("/status")
	f.Keys("enter", "&")
	f.WaitFor(regexp.MustCompile(`filter level>=warn request (status=\d+|\w+=)`), limit)
	f.Keys("esc")
	f.WaitGone("filter level", limit)
}

// TestEventsAmongLines reads a container that crashes with the events of its pod.
func TestEventsAmongLines(t *testing.T) {
	t.Parallel()
	f := open(t, "pod/"+podOf(t, "shop", "checkout"), "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("panic: connection refused", limit)
	f.Keys("e")
	f.WaitFor(regexp.MustCompile(`── event Warning BackOff (\d+ times )?pod/checkout-`), limit)
}

// TestLogsOfARollout follows a workload while its pods are replaced: the lines of each are there, from the first on, in
// their order, and those of the new pods to the last.
func TestLogsOfARollout(t *testing.T) {
	t.Parallel()
	const lines, streams = 2000, 4
	namespace := sandbox(t)
	workload := strings.Replace(counters(lines, 200*time.Millisecond), "replicas: 4", "replicas: 2", 1)
	kubectlApply(t, namespace, workload)
	cmd, out := following(t, world.cluster.Kubeconfig, 4*time.Minute, "deploy/counter", "-n", namespace, "-o", "json")
	next, old, whole := map[string]int{}, map[string]bool{}, 0
	for scanner := bufio.NewScanner(out); whole < streams && scanner.Scan(); {
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
		next[from]++
		if len(next) == streams && len(old) == 0 && n >= 200 {
			for stream := range next {
				old[stream] = true
			}
			kubectl(t, "-n", namespace, "set", "env", "deploy/counter", "GENERATION=2")
		}
		if next[from] == lines && !old[from] && len(old) > 0 {
			whole++
		}
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if whole != streams || len(next) != 2*streams {
		t.Errorf("%d streams of new pods are whole, %d in all: %v", whole, len(next), next)
	}
}

// TestLogsAwaitTheFirstPod follows a workload that has no pods yet.
func TestLogsAwaitTheFirstPod(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	kubectlApply(t, namespace, strings.Replace(counters(10, 0), "replicas: 4", "replicas: 0", 1))
	said, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd := exec.CommandContext(t.Context(), world.fathom, "logs", "-f", "deploy/counter", "-n", namespace)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "KUBECONFIG=" + world.cluster.Kubeconfig}
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	late := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	scaled, all := false, ""
	for scanner := bufio.NewScanner(said); scanner.Scan(); {
		all += scanner.Text() + "\n"
		if strings.Contains(scanner.Text(), "has no pods: scaled to 0; still trying") && !scaled {
			scaled = true
			kubectl(t, "-n", namespace, "scale", "deploy/counter", "--replicas=1")
		}
		if strings.Contains(scanner.Text(), "count=9 of") {
			_ = cmd.Process.Signal(os.Interrupt)
		}
	}
	if err := cmd.Wait(); err != nil || !scaled {
		t.Errorf("%v:\n%s", err, all)
	}
}

// TestLogsOnASlowTerminal reads as many lines as there are on a terminal that takes 10 KB a second.
func TestLogsOnASlowTerminal(t *testing.T) {
	t.Parallel()
	const lines = 3000
	namespace := sandbox(t)
	kubectlApply(t, namespace, counters(lines, 50*time.Millisecond))
	pace := func(piece []byte) {
		time.Sleep(time.Duration(len(piece)) * time.Second / 10_000) //nolint:forbidigo // This is the pace.
	}
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Output: pace}, "deploy/counter", "-n", namespace)
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("following", limit)
	f.Keys("S")
	f.WaitFor("how far back", limit)
	f.Type("all")
	f.Keys("enter")
	f.WaitFor(fmt.Sprintf("all  %d lines", counterStreams*lines), 2*time.Minute)
}
