package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// logTries is how often a container may restart between fathom's look and kubectl's.
const logTries = 5

// readLogs opens the logs of a pod from its overview.
func readLogs(t *testing.T, namespace, pod string) reader {
	t.Helper()
	f := read(t, subject{"pod", namespace, pod})
	f.Keys("l")
	f.WaitFor(regexp.MustCompile(`(following|ended|exited \d+, .*|\d of \d not running)  last 1000 lines( each)?  [1-9]\d* lines?`), limit)
	return f
}

// sameLogs compares what is saved with what kubectl logs said just before or says just after: a log grows.
func sameLogs(t *testing.T, look func() string, args ...string) {
	t.Helper()
	args = append([]string{"logs"}, args...)
	var difference string
	for range logTries {
		before := trimmed(withoutExcuse(kubectl(t, args...)))
		got := trimmed(look())
		after := trimmed(withoutExcuse(kubectl(t, args...)))
		if len(got) >= len(before) && len(got) <= len(after) {
			after = after[:len(got)]
		}
		if difference = cmp.Diff(after, got); difference == "" {
			return
		}
	}
	t.Error("-kubectl +fathom\n" + difference)
}

// excuse is what the kubelet says in place of a log that it has removed, as if it were a line
// of the container.
var excuse = regexp.MustCompile(`(?m)^unable to retrieve container logs for \S+$`)

// withoutExcuse is what kubectl prints with the mark that fathom has in its place.
func withoutExcuse(text string) string {
	return excuse.ReplaceAllString(text, "── the kubelet no longer has this log")
}

// lastRun is what is saved of the last run of a container: what is behind the mark.
func lastRun(text string) string {
	if i := strings.LastIndex(text, "── container "); i >= 0 {
		_, text, _ = strings.Cut(text[i:], "\n")
	}
	return text
}

// TestLogsOfACrashingContainer compares both runs of a container of the shop that crashes all the time.
func TestLogsOfACrashingContainer(t *testing.T) {
	pod := podOf(t, "shop", "checkout")
	t.Run("current", func(t *testing.T) {
		sameLogs(t, func() string { return lastRun(readLogs(t, "shop", pod).save(t)) }, "-n", "shop", pod)
	})
	t.Run("previous", func(t *testing.T) {
		// The kubelet may have removed that of the previous run.
		look := func() string {
			f := readLogs(t, "shop", pod)
			f.Keys("p")
			f.WaitFor(regexp.MustCompile(`previous run  ended  last 1000 lines( each)?  [1-9]\d* lines?`), limit)
			return f.save(t)
		}
		sameLogs(t, look, "-n", "shop", pod, "--previous")
	})
}

// TestPreviousLogs crashes a container once and reads both of its runs while the second one is at work.
func TestPreviousLogs(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	kubectlApply(t, namespace, `
apiVersion: v1
kind: Pod
metadata: {name: phoenix}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: bird
    image: fathom.test/workload:1
    args: [--print=born again, --log-every=300ms, --exit-after=15s, --exit-code=7, '--last-line=panic: too hot']
`)
	var started time.Time
	err := wait.PollUntilContextTimeout(
		t.Context(),
		100*time.Millisecond,
		time.Minute,
		true,
		func(ctx context.Context) (bool, error) {
			pod, err := world.client.CoreV1().Pods(namespace).Get(ctx, "phoenix", metav1.GetOptions{})
			if err != nil || len(pod.Status.ContainerStatuses) == 0 {
				return false, err
			}
			status := pod.Status.ContainerStatuses[0]
			if status.RestartCount != 1 || status.State.Running == nil {
				return false, nil
			}
			started = status.State.Running.StartedAt.Time
			return true, nil
		},
	)
	if err != nil {
		t.Fatalf("the second run of the container: %v", err)
	}
	f := readLogs(t, namespace, "phoenix")
	if text := f.save(t); !regexp.MustCompile(`panic: too hot\n── container bird restarted: exit 7, Error\nborn again`).
		MatchString(text) {
		t.Errorf("the run before does not lead over to the current one:\n%s", text)
	}
	f.Keys("p")
	f.WaitFor("panic: too hot", limit)
	f.WaitFor("previous run  ended", limit)
	previous := f.save(t)
	if want := kubectl(t, "logs", "-n", namespace, "phoenix", "--previous"); strings.TrimRight(previous,
		"\n") != strings.TrimRight(want, "\n") {
		t.Errorf(
			"previous run, %v after the second began: -kubectl +fathom\n%s",
			time.Since(started),
			cmp.Diff(want, previous),
		)
	}
	f.Keys("p")
	f.WaitFor("bird  following", limit)
	// It goes on after the container has ended.
	f.WaitFor("panic: too hot", limit)
}

// TestPreviousLogsFromTheTable opens both kinds of logs with one key.
func TestPreviousLogsFromTheTable(t *testing.T) {
	f := open(t, "pods", "-n", "shop")
	f.WaitFor("● live", limit)
	filter(f, "checkout restarts>0")
	f.WaitFor(regexp.MustCompile(`checkout-\w+-\w+ +0/1`), limit)
	f.Keys("l")
	f.WaitFor("starting checkout v42", limit)
	f.Keys("esc")
	f.WaitFor("NAME", limit)
	f.Keys("p")
	f.WaitFor(regexp.MustCompile(`app  previous run  ended`), limit)
}

// TestLogFormats reads the formats that programs log in.
func TestLogFormats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ app, pattern string }{
		{"web", `INFO  request served  method=`},
		{"cart", `INFO  request served  method=`},
		{"catalog", `INFO  GET /`},
	} {
		t.Run(test.app, func(t *testing.T) {
			pod := podOf(t, "shop", test.app)
			f := readLogs(t, "shop", pod)
			f.WaitFor(test.pattern, limit)
			sameLogs(
				t,
				func() string { return f.save(t) },
				"-n",
				"shop",
				pod,
				"--tail=-1",
				"--since-time="+sinceFirst(t, f, test.app),
			)
		})
	}
}

// sinceFirst is the time of the first line that is shown, so that kubectl begins there
// too.
func sinceFirst(t *testing.T, f reader, app string) string {
	t.Helper()
	line, _, _ := strings.Cut(f.save(t), "\n")
	switch app {
	case "web":
		var fields struct{ Time time.Time }
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		return fields.Time.Format(time.RFC3339Nano)
	case "cart":
		return strings.TrimPrefix(strings.Fields(line)[0], "ts=")
	}
	return strings.Replace(line[:len("2026-11-23 05:17:44.136")], " ", "T", 1) + "Z"
}

// TestLogsFollow measures how long a line takes from the container to the screen.
func TestLogsFollow(t *testing.T) {
	t.Parallel()
	const (
		lines  = 5
		within = 2 * time.Second
	)
	f := open(t, "pod/"+podOf(t, "shop", "web"), "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("following", limit)
	f.Keys("T")
	newest := func(shot screen.Screen) (at time.Time) {
		for _, row := range body(shot) {
			stamp, _, _ := strings.Cut(row, " ")
			if written, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
				at = written
			}
		}
		return at
	}
	// What was there before comes first.
	f.WaitFor(func(shot screen.Screen) bool { return time.Since(newest(shot)) < 2*within }, limit)
	var longest time.Duration
	for last, n := newest(f.Screen()), 0; n < lines; n++ {
		shot := f.WaitFor(func(shot screen.Screen) bool { return newest(shot).After(last) }, limit)
		last = newest(shot)
		longest = max(longest, time.Since(last))
	}
	t.Logf("from the container to the screen: at most %v", longest)
	if longest >= within {
		t.Errorf("a line took %v, want less than %v", longest, within)
	}
	f.Keys("f")
	still := f.WaitFor("paused", limit)
	f.WaitFor(func(shot screen.Screen) bool { return shot.Row(2) != still.Row(2) }, limit) // lines are counted
	if now := f.Screen(); now.Row(10) != still.Row(10) {
		t.Errorf("it moves while it is paused\n%s%s", still, now)
	}
	f.Keys("G")
	f.WaitFor("following", limit)
}

// TestLogSearch walks over the matches of a search in a log that has ended.
func TestLogSearch(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	kubectlApply(t, namespace, `
apiVersion: v1
kind: Pod
metadata: {name: poem}
spec:
  restartPolicy: Never
  containers:
  - name: reader
    image: fathom.test/workload:1
    args: [--print=a needle, --print=hay, --print=needles and needles, --print=hay, --print=the last needle, --exit-after=0s]
`)
	f := open(t, "pods", "-n", namespace)
	f.WaitFor(regexp.MustCompile(`poem +0/1 +Completed`), time.Minute)
	f.Keys("l")
	f.WaitFor("the last needle", limit)
	filter(f, "needle")
	f.WaitFor(regexp.MustCompile(`match \d of 3 for needle`), limit)
	f.Keys("g")
	seen := map[string]bool{}
	for range 3 {
		before := searchAt(f.Screen())
		f.Keys("n")
		shot := f.WaitFor(func(shot screen.Screen) bool { return searchAt(shot) != before }, limit)
		seen[searchAt(shot)] = true
	}
	if len(seen) != 3 {
		t.Errorf("three times n went to %v", seen)
	}
	at := searchAt(f.Screen())
	f.Keys("n")
	f.WaitFor(func(shot screen.Screen) bool { return searchAt(shot) != at }, limit)
	f.Keys("N")
	f.WaitFor(at, limit)
	f.Keys("/", "ctrl+u")
	f.Type("straw")
	f.Keys("enter")
	f.WaitFor(`no match for "straw"`, limit)
}

// searchAt is where a search stands: "match 1 of 3".
func searchAt(shot screen.Screen) string {
	return regexp.MustCompile(`match \d+ of \d+`).FindString(shot.Text())
}

// checks is the title of the list of containers.
const checks = "─ containers: enter checks, esc closes ─"

// allContainers checks all containers of a log.
func allContainers(f reader) {
	f.Keys("C")
	shot := f.WaitFor(checks, limit)
	if shot.Contains("[ ] all") {
		f.Keys("enter")
		f.WaitFor("[x] all", limit)
	}
	f.Keys("esc")
	f.WaitGone(checks, limit)
}

// onlyContainer checks one container, and takes the others off.
func onlyContainer(f reader, name string) {
	allContainers(f)
	f.Keys("C")
	f.WaitFor(checks, limit)
	f.Type(name)
	f.WaitFor("› [x] "+name, limit)
	f.Keys("enter")
	f.WaitFor("[ ] all", limit)
	f.Keys("esc")
	f.WaitGone(checks, limit)
}

// TestLogsOfEachContainer chooses among init, sidecar and plain containers.
func TestLogsOfEachContainer(t *testing.T) {
	pod := podOf(t, "payments", "ledger")
	f := readLogs(t, "payments", pod)
	f.WaitFor(regexp.MustCompile(`\d containers  following`), limit)
	for _, container := range []struct{ name, text string }{
		{"wait-for-queue", "queue is there"},
		{"proxy", "INFO  GET /"},
		{"exporter", "no log lines yet; container exporter is running"},
		{"ledger", `INFO  request served`},
	} {
		onlyContainer(f, container.name)
		f.WaitFor(regexp.MustCompile(`(?m)^ ?`+container.name+`  (following|ended|exited \d+, )`), limit)
		f.WaitFor(container.text, limit)
	}
	allContainers(f)
	f.WaitFor(regexp.MustCompile(`\d containers  following  last 1000 lines each  \d{2,} lines`), limit)
	merged := f.save(t)
	for _, line := range []string{`(?m)^wait-for-queue +queue is there$`, `(?m)^ledger +ts=`, `(?m)^proxy +20`} {
		if !regexp.MustCompile(line).MatchString(merged) {
			t.Errorf("no line matches %s in\n%s", line, merged)
		}
	}
}

// TestLogsThatCannotBe checks that the tab says why there is nothing to read.
func TestLogsThatCannotBe(t *testing.T) {
	for app, why := range map[string]string{
		"gift-cards": "container gift-cards is waiting: CreateContainerConfigError",
		"search":     "container search is waiting: ",
		"ranking":    "no log lines yet",
	} {
		t.Run(app, func(t *testing.T) {
			f := open(t, "pod/"+podOf(t, "shop", app), "-n", "shop")
			f.WaitFor("● live", limit)
			f.Keys("l")
			f.WaitFor(why, limit)
		})
	}
}

// TestLogsSince narrows the log to what is new.
func TestLogsSince(t *testing.T) {
	f := readLogs(t, "shop", podOf(t, "shop", "web"))
	f.Keys("S")
	f.WaitFor("─ how far back", limit)
	f.Type("last minute")
	f.Keys("enter")
	shot := f.WaitFor(regexp.MustCompile(`following  last minute  [1-9]\d* lines?`), limit)
	var count int
	at := strings.Index(shot.Row(2), "last minute")
	if _, err := fmt.Sscanf(shot.Row(2)[at:], "last minute %d line", &count); err != nil {
		t.Fatalf("%v in %q", err, shot.Row(2))
	}
	// A line every two seconds.
	if count > 35 {
		t.Errorf("%d lines in the last minute, want about 30", count)
	}
}
