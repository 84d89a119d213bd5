package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// readLogs reads until the end; marks begin with "# ".
func readLogs(ctx context.Context, l *Logs, enough func(all []string) bool) ([]string, error) {
	var all []string
	for {
		msg, err := l.Next(ctx)
		if err != nil {
			return all, err
		}
		for _, line := range msg.(LogLines).Lines {
			if line.Flags&logs.Marker != 0 {
				line.Text = "# " + line.Text
			}
			all = append(all, line.Text)
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

// TestLogsAreKnownToBeRead holds that it is known while they are, and not afterwards.
func TestLogsAreKnownToBeRead(t *testing.T) {
	s := newServer(t)
	cluster := s.open(t)
	var during atomic.Bool
	answer := logServer("2026-11-23T04:00:00.5Z one\n")
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		answered := answer(w, r)
		during.Store(during.Load() || answered && cluster.ReadsLogs())
		return answered
	})
	if cluster.ReadsLogs() {
		t.Error("nobody reads any yet")
	}
	l := cluster.Logs(LogOptions{Namespace: "shop", Pod: "web-1", Container: "app"})
	if all, err := readLogs(patient(t), l, nil); !errors.Is(err, io.EOF) || len(all) != 1 || !during.Load() {
		t.Errorf("%q, %v; known: %v", all, err, during.Load())
	}
	for ctx := patient(t); cluster.ReadsLogs() && ctx.Err() == nil; {
		runtime.Gosched()
	}
	if cluster.ReadsLogs() {
		t.Error("they have ended")
	}
}

func TestLogsToTheEnd(t *testing.T) {
	long := strings.Repeat("x", logs.LongLineMax+1000)
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
	if !strings.HasPrefix(cut, long[:logs.LongLineMax-stamp]+" … (") ||
		!strings.HasSuffix(cut, "more bytes are not shown)") {
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
	long := strings.Repeat("a", 64<<10-3) + "XYZ" + strings.Repeat("b", 90_000)
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

// followPods wants the container app of pods, as they are in a listing; the pods' numbers
// are those of their names.
func followPods(t *testing.T, c *Cluster, l *Logs, pods ...string) {
	t.Helper()
	listing := c.Listing(Scope{GroupVersionResource: podsResource, Namespace: "shop"})
	watch, known := listing.Watch(), map[string]*LogTarget{}
	ctx := patient(t)
	go func() {
		for {
			var targets []LogTarget
			for i, name := range pods {
				record := listing.Get("shop", name)
				if known[name] == nil && record != nil {
					known[name] = &LogTarget{Stream: i, Namespace: "shop", Name: name, Container: "app"}
				}
				if known[name] != nil {
					known[name].Gone = record == nil
					if record != nil {
						known[name].Pod = record
					}
					targets = append(targets, *known[name])
				}
			}
			l.Want(targets)
			if _, err := watch.Next(ctx); err != nil {
				return
			}
		}
	}()
}

func TestLogsFollowOverARestart(t *testing.T) {
	ctx := patient(t)
	s := newServer(t)
	s.Intercept(logServer(
		"2026-11-23T04:00:00.1Z one\n2026-11-23T04:00:00.2Z two\n",
		// The API gives times to the second, so these come again.
		"2026-11-23T04:00:00.1Z one\n2026-11-23T04:00:00.2Z two\n2026-11-23T04:00:00.2Z twin\n"+
			"2026-11-23T04:00:04Z last words\n",
		"2026-11-23T04:00:05Z three\n",
	))
	ended := object{"terminated": object{"reason": "Error", "exitCode": 3, "containerID": "run-1"}}
	s.put(run(ended, nil, "run-1"))
	c := s.open(t)
	l := c.MergedLogs(LogOptions{Follow: true})
	followPods(t, c, l, "web-1")
	first, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 2 })
	if want := []string{"one", "two"}; err != nil || !slices.Equal(first, want) {
		t.Fatalf("%q, %v", first, err)
	}
	s.put(run(object{"waiting": object{"reason": "CrashLoopBackOff"}}, ended, "run-1"))
	next := run(object{"running": object{}}, ended, "run-2")
	next["status"].(object)["containerStatuses"].([]object)[0]["restartCount"] = 1
	s.put(next)
	second, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 4 })
	want := []string{"twin", "last words", "# container app restarted: exit 3, Error", "three"}
	if err != nil || !slices.Equal(second, want) {
		t.Fatalf("%q, %v", second, err)
	}
	s.remove("Pod", "web-1")
	last, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 1 })
	if err != nil || !slices.Equal(last, []string{"# pod deleted"}) {
		t.Errorf("%q, %v", last, err)
	}
	previous := 0
	for _, asked := range s.Requests("/log?") {
		if strings.Contains(asked, "previous=true") && strings.Contains(asked, "sinceTime=2026-11-23T04%3A00%3A00Z") {
			previous++
		}
	}
	if previous != 1 {
		t.Errorf("the run before was read %d times: %v", previous, s.Requests("/log?"))
	}
}

// One log that is refused is a line among the others; a pod that joins is read whole.
func TestLogsOfSeveralPods(t *testing.T) {
	ctx := patient(t)
	s := newServer(t)
	texts := map[string]string{
		"/web-1/log": "2026-11-23T04:00:01Z one\n2026-11-23T04:00:03Z three\n",
		"/web-3/log": "2026-11-23T04:00:02Z two\n",
	}
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		for path, text := range texts {
			if strings.HasSuffix(r.URL.Path, path) {
				_, _ = io.WriteString(w, text)
				return true
			}
		}
		return strings.HasSuffix(r.URL.Path, "/log") &&
			failing("/log", http.StatusForbidden, metav1.StatusReasonForbidden, "no logs for you")(w, r)
	})
	running := object{"running": object{}}
	for _, name := range []string{"web-1", "web-2"} {
		p := run(running, nil, "run-of-"+name)
		p["metadata"].(object)["name"], p["metadata"].(object)["uid"] = name, name
		s.put(p)
	}
	c := s.open(t)
	l := c.MergedLogs(LogOptions{Follow: true, Tail: 2})
	followPods(t, c, l, "web-1", "web-2", "web-3")
	all, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 3 })
	slices.Sort(all)
	if err != nil || !strings.Contains(all[0], "# cannot be read: ") || !slices.Equal(all[1:], []string{"one", "three"}) {
		t.Fatalf("%q, %v", all, err)
	}
	p := run(running, nil, "run-of-web-3")
	p["metadata"].(object)["name"], p["metadata"].(object)["uid"] = "web-3", "web-3"
	p["metadata"].(object)["creationTimestamp"] = c.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	s.put(p)
	if all, err := readLogs(ctx, l, func(all []string) bool { return len(all) == 1 }); err != nil || all[0] != "two" {
		t.Errorf("%q, %v", all, err)
	}
	for _, asked := range s.Requests("/log?") {
		if strings.Contains(asked, "tailLines=2") == strings.Contains(asked, "web-3") &&
			!strings.Contains(asked, "sinceTime") {
			t.Errorf("asked %s", asked)
		}
	}
}

func TestLogsBeyondTheLimitAreHeld(t *testing.T) {
	s := newServer(t)
	p, containers := pod("shop", "web", "Running"), []object{}
	targets := make([]LogTarget, LogStreamsMax+2)
	for i := range targets {
		name := fmt.Sprint("c", i)
		containers = append(containers, object{"name": name, "image": "x"})
		s.Log(memapi.Container{Namespace: "shop", Pod: "web", Name: name}, memapi.Line{Time: s.Clock().Now(), Text: name})
		targets[i] = LogTarget{Stream: i, Namespace: "shop", Name: "web", Container: name}
	}
	p["spec"].(object)["containers"] = containers
	s.put(p)
	l := s.open(t).MergedLogs(LogOptions{Follow: true})
	l.Want(targets)
	lines, reading := 0, 0
	for lines < LogStreamsMax {
		msg, err := l.Next(patient(t))
		if err != nil {
			t.Fatal(err)
		}
		got := msg.(LogLines)
		lines, reading = lines+len(got.Lines), got.Reading
		if !slices.Equal(got.Held, []int{LogStreamsMax, LogStreamsMax + 1}) {
			t.Errorf("holds %v", got.Held)
		}
	}
	if reading != LogStreamsMax {
		t.Errorf("%d are read", reading)
	}
	l.Want(targets[LogStreamsMax:])
	all, err := readLogs(patient(t), l, func(all []string) bool { return len(all) == 2 })
	if want := []string{"c64", "c65"}; err != nil || !slices.Equal(all, want) {
		t.Errorf("then %q, %v", all, err)
	}
}

// TestLogsResumeOverCutConnections cuts the connection again and again while numbered
// lines come: each arrives once, in order.
func TestLogsResumeOverCutConnections(t *testing.T) {
	s := newServer(t)
	began := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	var served atomic.Int64
	const total = 3000
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/log") {
			return false
		}
		since, _ := time.Parse(time.RFC3339, r.URL.Query().Get("sinceTime"))
		cut := int(served.Add(1)) * 500
		for i := range total {
			at := began.Add(time.Duration(i) * 1700 * time.Microsecond)
			if at.Before(since) {
				continue
			}
			text := fmt.Sprintf("%s %d\n", at.Format(time.RFC3339Nano), i)
			if i == cut {
				_, _ = io.WriteString(w, text[:len(text)-2]) // Half a line comes.
				return true
			}
			_, _ = io.WriteString(w, text)
		}
		return true
	})
	s.put(run(object{"running": object{}}, nil, "run-1"))
	c := s.open(t)
	l := c.MergedLogs(LogOptions{Follow: true})
	followPods(t, c, l, "web-1")
	all, err := readLogs(patient(t), l, func(all []string) bool { return len(all) >= total })
	if err != nil || len(all) != total {
		t.Fatalf("%d lines, %v", len(all), err)
	}
	for i, text := range all {
		if text != fmt.Sprint(i) {
			t.Fatalf("line %d is %q", i, text)
		}
	}
	if n := served.Load(); n < 5 {
		t.Errorf("%d requests", n)
	}
}

func TestLogsOfAPodThatIsNotThere(t *testing.T) {
	s := newServer(t)
	l := s.open(t).Logs(LogOptions{Namespace: "shop", Pod: "web-1"})
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

// TestWhyUnread says in few words what the kubelet says of a container that never restarted.
func TestWhyUnread(t *testing.T) {
	for text, want := range map[string]string{
		`previous terminated container "app" in pod "web-1" not found`: "container app has no previous run",
		"no logs for you": "cannot be read: no logs for you",
	} {
		if got := whyUnread("app", errors.New(text)); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	pods := schema.GroupResource{Resource: "pods"}
	for _, test := range []struct {
		because, want string
	}{
		{
			`User "system:serviceaccount:shop:visitor" cannot get resource "pods/log" in API group "" in the namespace "shop"`,
			`you may not get pods/log: pods "web-1" is forbidden: User "system:`,
		},
		{"verb=get, resource=nodes, subresource=proxy", `cannot be read: pods "web-1" is forbidden: verb=get`},
	} {
		err := apierrors.NewForbidden(pods, "web-1", errors.New(test.because))
		if got := whyUnread("app", err); !strings.HasPrefix(got, test.want) {
			t.Errorf("got %q, want %q first", got, test.want)
		}
	}
}
