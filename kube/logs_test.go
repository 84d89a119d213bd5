package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// readLogs reads until the end; lines and notes ("# note") in their order.
func readLogs(ctx context.Context, l *Logs, enough func(all []string) bool) ([]string, error) {
	var all []string
	for {
		msg, err := l.Next(ctx)
		if err != nil {
			return all, err
		}
		lines := msg.(LogLines)
		for _, line := range lines.Lines {
			all = append(all, line.Text)
		}
		if lines.Note != "" {
			all = append(all, "# "+lines.Note)
		}
		if enough != nil && enough(all) {
			return all, nil
		}
	}
}

// patient is a context for as long as a test waits.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// logServer answers log requests of web-1 with one text after another, then with
// nothing.
func logServer(texts ...string) func(http.ResponseWriter, *http.Request) bool {
	var n atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/web-1/log") {
			return false
		}
		if i := int(n.Add(1)) - 1; i < len(texts) {
			_, _ = io.WriteString(w, texts[i])
		}
		return true
	}
}

func TestLogsToTheEnd(t *testing.T) {
	long := strings.Repeat("x", longLineMax+1000)
	s := newServer(t)
	s.Intercept(logServer("2026-11-23T04:00:00.5Z one\x1b[31mred\x1b[2J\n" +
		"2026-11-23T04:00:01Z \n" +
		"2026-11-23T04:00:02Z " + long + "\n" +
		"no time at all\r\n" +
		"2026-11-23T04:00:03Z unfinished"))
	l := s.open(t).Logs(LogOptions{Namespace: "shop", Pod: "web-1", Container: "app", Tail: 9, Since: time.Minute})
	all, err := readLogs(patient(t), l, nil)
	if !errors.Is(err, io.EOF) || len(all) != 5 {
		t.Fatalf("%d lines, %v", len(all), err)
	}
	stamp := len("2026-11-23T04:00:02Z ")
	cut := all[2]
	if !strings.HasPrefix(cut, long[:longLineMax-stamp]+" … (") || !strings.HasSuffix(cut, "more bytes are not shown)") {
		t.Errorf("the long line ends in %q", cut[len(cut)-60:])
	}
	all[2] = ""
	if want := []string{"one\x1b[31mred␛[2J", "", "", "no time at all", "unfinished"}; !slices.Equal(all, want) {
		t.Errorf("lines %q", all)
	}
	asked := s.Requests("/log?")
	if len(asked) != 1 || !strings.Contains(asked[0], "tailLines=9") || !strings.Contains(asked[0], "sinceSeconds=60") ||
		!strings.Contains(asked[0], "timestamps=true") {
		t.Errorf("asked %v", asked)
	}
}

// A line longer than what is read at a time is still one line, and many of them do not
// fill the memory.
func TestLongLogLines(t *testing.T) {
	long := strings.Repeat("a", logReadSize-3) + "XYZ" + strings.Repeat("b", 90_000)
	s := newServer(t)
	s.Intercept(logServer("before\n" + long + "\n" + strings.Repeat(long+"\n", 600) + "after"))
	all, err := readLogs(patient(t), s.open(t).Logs(LogOptions{Namespace: "shop", Pod: "web-1", Container: "app"}), nil)
	if !errors.Is(err, io.EOF) || len(all) != 603 || all[0] != "before" || all[602] != "after" {
		t.Fatalf("%d lines, %v", len(all), err)
	}
	for i, line := range all[1:602] {
		if line != long {
			t.Fatalf("line %d has %d bytes, want %d", i, len(line), len(long))
		}
	}
}

func TestLogsThatCannotBeRead(t *testing.T) {
	s := newServer(t)
	s.Intercept(
		failing(
			"/log",
			http.StatusBadRequest,
			metav1.StatusReasonBadRequest,
			`container "app" in pod "web-1" is waiting to start: ContainerCreating`,
		),
	)
	l := s.open(t).Logs(LogOptions{Namespace: "shop", Pod: "web-1", Container: "app"})
	_, err := readLogs(patient(t), l, nil)
	if err == nil || err.Error() != `logs: container "app" in pod "web-1" is waiting to start: ContainerCreating` {
		t.Errorf("%v", err)
	}
}

// run is a pod whose container is in a state.
func run(state, last object, id string) object {
	p := pod("shop", "web-1", "Running")
	p["spec"].(object)["restartPolicy"] = "Always"
	p["status"].(object)["containerStatuses"] = []object{
		{"name": "app", "containerID": id, "state": state, "lastState": last},
	}
	return p
}

func TestLogsFollowOverARestart(t *testing.T) {
	ctx := patient(t)
	s := newServer(t)
	s.Intercept(logServer(
		"2026-11-23T04:00:00.1Z one\n2026-11-23T04:00:00.2Z two\n",
		// The API gives times to the second, so these come again.
		"2026-11-23T04:00:00.1Z one\n2026-11-23T04:00:00.2Z two\n2026-11-23T04:00:00.2Z twin\n2026-11-23T04:00:05Z three\n",
	))
	ended := object{"terminated": object{"reason": "Error", "exitCode": 3, "containerID": "run-1"}}
	s.put(run(ended, nil, "run-1"))
	l := s.open(t).Logs(LogOptions{Namespace: "shop", Pod: "web-1", Follow: true})
	first, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 3 })
	if want := []string{"one", "two", "# container ended: Error (exit 3)"}; err != nil || !slices.Equal(first, want) {
		t.Fatalf("%q, %v", first, err)
	}
	s.put(run(object{"waiting": object{"reason": "CrashLoopBackOff"}}, ended, "run-1"))
	wait, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 1 })
	if err != nil || wait[0] != "# waiting for container: CrashLoopBackOff" {
		t.Fatalf("%q, %v", wait, err)
	}
	s.put(run(object{"running": object{}}, ended, "run-2"))
	second, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 3 })
	if want := []string{"# container restarted", "twin", "three"}; err != nil || !slices.Equal(second, want) {
		t.Fatalf("%q, %v", second, err)
	}
	s.remove("Pod", "web-1")
	last, err := readLogs(ctx, l, nil)
	if !errors.Is(err, io.EOF) || !slices.Equal(last, []string{"# pod deleted"}) {
		t.Errorf("%q, %v", last, err)
	}
}

func TestLogsOfAPodThatIsNotThere(t *testing.T) {
	s := newServer(t)
	l := s.open(t).Logs(LogOptions{Namespace: "shop", Pod: "web-1", Follow: true})
	if _, err := readLogs(patient(t), l, nil); err == nil || !strings.Contains(err.Error(), `"web-1" not found`) {
		t.Errorf("%v", err)
	}
}

func TestRunOf(t *testing.T) {
	always, never, onFailure := corev1.RestartPolicyAlways, corev1.RestartPolicyNever, corev1.RestartPolicyOnFailure
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}
	ended := func(id string, code int32) corev1.ContainerState {
		return corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ContainerID: id, ExitCode: code, Reason: "Error"},
		}
	}
	for _, c := range []struct {
		name        string
		phase       corev1.PodPhase
		policy      corev1.RestartPolicy
		state, last corev1.ContainerState
		id, read    string
		run, note   string
		end         bool
	}{
		{name: "running", policy: always, state: running, id: "a", run: "a"},
		{name: "still running after the stream broke", policy: always, state: running, id: "a", read: "a", run: "a"},
		{name: "ended, not read", policy: never, state: ended("a", 0), run: "a"},
		{
			name: "ended for good", policy: never, state: ended("a", 3), read: "a",
			note: "container ended: Error (exit 3)", end: true,
		},
		{
			name: "ended well", policy: onFailure, state: ended("a", 0), read: "a",
			note: "container ended: Error (exit 0)", end: true,
		},
		{name: "will restart", policy: onFailure, state: ended("a", 1), read: "a", note: "container ended: Error (exit 1)"},
		{
			name: "ended with its pod", policy: always, phase: corev1.PodFailed, state: ended("a", 1), read: "a",
			note: "container ended: Error (exit 1)", end: true,
		},
		{name: "waits after a run nobody read", policy: always, state: waiting, last: ended("a", 1), run: "a"},
		{
			name: "waits after a run", policy: always, state: waiting, last: ended("a", 1), read: "a",
			note: "waiting for container: ImagePullBackOff",
		},
		{name: "waits for the first", policy: always, state: waiting, note: "waiting for container: ImagePullBackOff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: c.policy}, Status: corev1.PodStatus{
				Phase: c.phase,
				ContainerStatuses: []corev1.ContainerStatus{
					{Name: "app", ContainerID: c.id, State: c.state, LastTerminationState: c.last},
				},
			}}
			run, note, end := runOf(p, "app", c.read)
			if run != c.run || note != c.note || end != c.end {
				t.Errorf("got %q, %q, %v", run, note, end)
			}
		})
	}
	_, note, end := runOf(&corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodPending}}, "app", "")
	if note != "waiting for container: Pending" || end {
		t.Errorf("a pod without status: %q, %v", note, end)
	}
}

func TestLogQueueIsBounded(t *testing.T) {
	q := newLogQueue()
	full, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range logBacklog {
		if err := q.push(t.Context(), LogLine{Text: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.push(full, LogLine{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a full queue took a line: %v", err)
	}
	q.note("the end")
	q.close(io.EOF)
	n, noted := 0, false
	for {
		batch, err := q.pop(t.Context())
		if err != nil {
			break
		}
		if len(batch.Lines) > logBatch || noted {
			t.Errorf("%d lines at once, after the note: %v", len(batch.Lines), noted)
		}
		n += len(batch.Lines)
		noted = batch.Note != ""
	}
	if n != logBacklog || !noted {
		t.Errorf("%d lines, note %v", n, noted)
	}
}
