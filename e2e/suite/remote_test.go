package suite

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

// streamLimit is how long a pod may take to be replaced on a busy machine.
const streamLimit = 2 * time.Minute

// nodeFolders are those of the node that give a container its programs: a shell, tar, a pager.
var nodeFolders = []string{"/usr", "/bin", "/lib", "/lib64"}

// box makes a namespace with a Deployment of one pod, which serves HTTP; with tools it has the programs of its node.
func box(t *testing.T, name string, tools bool, change ...func(app *corev1.Container)) (namespace string) {
	t.Helper()
	named := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: writeNamespace + "-" + name}}
	namespace = sandboxNamed(t, world.client, named)
	labels, grace := map[string]string{"app": "box"}, int64(1)
	spec := corev1.PodSpec{
		TerminationGracePeriodSeconds: &grace,
		Containers: []corev1.Container{{
			Name: "app", Image: image.Repository + ":1", Args: []string{"--serve=:8080"},
			Env:   []corev1.EnvVar{{Name: "PATH", Value: "/usr/bin:/bin"}, {Name: "PS1", Value: "box> "}},
			Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
				HTTPGet: &corev1.HTTPGetAction{Path: "/readyz", Port: intstr.FromInt32(8080)},
			}},
		}},
	}
	mount := func(path string, source corev1.VolumeSource) {
		name := strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-")
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: name, VolumeSource: source})
		app := &spec.Containers[0]
		app.VolumeMounts = append(app.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: path})
	}
	mount("/tmp", corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}})
	if tools {
		for _, folder := range nodeFolders {
			mount(folder, corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: folder}})
		}
	}
	for _, c := range change {
		c(&spec.Containers[0])
	}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "box"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: spec},
		},
	}
	_, err := world.client.AppsV1().Deployments(namespace).Create(t.Context(), deployment, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	readyPod(t, namespace, "")
	return namespace
}

// readyPod waits for the one pod that is ready and is not another one.
func readyPod(t *testing.T, namespace, other string) (name string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), streamLimit)
	defer stop()
	w, err := world.client.CoreV1().Pods(namespace).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		pod, is := event.Object.(*corev1.Pod)
		if !is || pod.Name == other || pod.DeletionTimestamp != nil {
			continue
		}
		for _, c := range pod.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				return pod.Name
			}
		}
	}
	t.Fatalf("no pod of %s was ready within %v", namespace, streamLimit)
	return ""
}

// boxed opens the pods of a namespace in write mode.
func boxed(t *testing.T, namespace string, args ...string) *screen.Terminal {
	t.Helper()
	f := open(t, append([]string{"-n", namespace, "--write"}, args...)...)
	f.WaitFor("● live", limit)
	f.WaitFor("box", limit)
	return f
}

// whole waits until fathom's screen is back.
func whole(t *testing.T, f *screen.Terminal, says string) {
	t.Helper()
	f.WaitFor(says, limit)
	f.WaitFor(func(shot screen.Screen) bool {
		return shot.AltScreen && strings.Contains(shot.Row(0), "● live") && shot.Contains("box-") && !shot.Contains("box>")
	}, limit)
	f.Keys("?")
	f.WaitFor("help", limit)
	f.Keys("esc")
	f.WaitFor(func(shot screen.Screen) bool { return strings.Contains(shot.Row(0), "pods") }, limit)
}

// untilSized waits until the shell on the screen has a size, rows and columns. The shell looks until it
// has: the size travels beside what is typed, and may come after it.
func untilSized(f *screen.Terminal, size string) {
	f.Type(`until [ "$(stty size)" = "` + size + `" ]; do :; done; echo "it is $(stty size)"` + "\r")
	f.WaitFor("it is "+size, limit)
}

// TestShell works in a shell: a command, another size, a program that takes the whole screen, and its end.
func TestShell(t *testing.T) {
	namespace := box(t, "shell", true)
	f := boxed(t, namespace, "pods")
	f.Keys("s")
	f.WaitFor("shell in "+namespace+"/box-", limit)
	f.Type("echo ready-$((40+2))\r")
	f.WaitFor("ready-42", limit)
	f.Resize(100, 30)
	untilSized(f, "30 100")
	program := "less /usr/lib/os-release"
	if world.cluster.Provider != "native" { // A node that is a container need not have a pager.
		program = `printf '\033[?1049h'; cat /usr/lib/os-release; ` +
			`until [ "$x" = q ]; do read -rsn1 x; done; printf '\033[?1049l'`
	}
	f.Type(program + "\r")
	f.WaitFor(func(shot screen.Screen) bool { return shot.AltScreen && shot.Contains("PRETTY_NAME") }, limit)
	f.Type("q")
	f.WaitFor(func(shot screen.Screen) bool { return !shot.AltScreen }, limit)
	f.Type("exit 3\r")
	whole(t, f, "exit code 3")

	// The shell is killed in the middle of what it drew.
	f.Keys("s")
	f.WaitFor("shell in "+namespace+"/box-", limit)
	f.Type("printf '\\033[?1049h\\033[?1000h\\033[?25l\\033[31m'; kill -9 $$\r")
	whole(t, f, "exit code 137 (killed)")
	f.Keys("q")
	if code := f.WaitExit(limit); code != 0 {
		t.Errorf("exit code %d", code)
	}
	checkGivenBack(t, f)
}

// TestShellThatIsNotThere asks for a shell where the image has none.
func TestShellThatIsNotThere(t *testing.T) {
	namespace := box(t, "bare", false)
	f := boxed(t, namespace, "pods")
	f.Keys("s")
	f.WaitFor("no shell in app; debug", limit)
	whole(t, f, "box-")
	beginDebug(f, "sysadmin")
	pods, err := world.client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 1 {
		t.Fatalf("%d pods: %v", len(pods.Items), err)
	}
	statuses := pods.Items[0].Status.EphemeralContainerStatuses
	if len(statuses) != 1 || statuses[0].State.Running == nil {
		t.Errorf("the containers to debug with are %v", statuses)
	}
	f.Keys("ctrl+p", "ctrl+q")
	whole(t, f, ": left")
}

// TestCopyBothWays copies ten megabytes into a container and out again.
func TestCopyBothWays(t *testing.T) {
	namespace := box(t, "copy", true)
	folder := t.TempDir()
	want := make([]byte, 10_000_000)
	if _, err := rand.Read(want); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "in"), want, 0o600); err != nil {
		t.Fatal(err)
	}
	f := boxed(t, namespace, "pods")
	for _, paths := range []string{folder + "/in :/tmp/there", ":/tmp/there " + folder + "/out"} {
		f.Type(":cp\r")
		f.WaitFor("copy from to", limit)
		f.Keys("ctrl+u")
		f.Type(paths + "\r")
		f.WaitFor("done, 9.5 MiB", streamLimit)
		f.Keys("esc")
		f.WaitFor(func(shot screen.Screen) bool { return strings.Contains(shot.Row(0), "pods") }, limit)
	}
	got, err := os.ReadFile(filepath.Join(folder, "out"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes came back, %v, want the %d that were sent", len(got), err, len(want))
	}
}

// TestForwardOutlivesItsPods replaces the pod of a forward five times while requests go through it. Only those that
// were on their way when their pod ended may fail.
func TestForwardOutlivesItsPods(t *testing.T) {
	namespace := box(t, "forward", false)
	f := boxed(t, namespace, "deployments")
	port := freePort(t)
	f.Keys("F")
	f.WaitFor("8080:8080", limit)
	f.Keys("ctrl+u")
	f.Type(fmt.Sprintf("%d:http\r", port))
	f.WaitFor(fmt.Sprintf("forwarding 127.0.0.1:%d", port), limit)

	const workers, replacements = 2, 5
	load := startLoad(t, fmt.Sprintf("http://127.0.0.1:%d/", port), workers)
	pod := readyPod(t, namespace, "")
	for range replacements {
		served := load.served()
		grace := int64(1)
		options := metav1.DeleteOptions{GracePeriodSeconds: &grace}
		if err := world.client.CoreV1().Pods(namespace).Delete(t.Context(), pod, options); err != nil {
			t.Fatal(err)
		}
		pod = readyPod(t, namespace, pod)
		load.await(t, served+10, pod)
	}
	served, failed := load.end()
	t.Logf("%d requests were answered, %d failed: %q", served, len(failed), failed)
	if len(failed) > workers*replacements {
		t.Errorf("%d requests failed, of %d at most that were on their way", len(failed), workers*replacements)
	}
	goTo(f, "forwards")
	f.WaitFor(regexp.MustCompile(fmt.Sprintf(`127\.0\.0\.1:%d .*KiB`, port)), limit)
	goTo(f, "messages")
	f.WaitFor("is gone", limit)
	f.Keys("q", "q", "q")
	f.WaitExit(limit)
	if conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second); err == nil {
		_ = conn.Close()
		t.Error("the port is still open after the program")
	}
}

// TestForwardOfAPodThatDoesNotRun asks for ports of a pod that no node has.
func TestForwardOfAPodThatDoesNotRun(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "pending", brief(t))
	kubectlApply(t, namespace, twoPods)
	goTo(f, "pods")
	f.WaitFor("› apple", limit)
	f.Keys("F")
	f.WaitFor("local:remote of ", limit)
	f.Keys("ctrl+u")
	f.Type(fmt.Sprintf("%d:8080\r", freePort(t)))
	f.WaitFor("forward: pod apple is Pending: no pod that runs", limit)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// load is requests, one after the other for each worker.
type load struct {
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	count  int
	last   string
	failed []string
	news   chan struct{}
}

func startLoad(t *testing.T, url string, workers int) *load {
	ctx, stop := context.WithCancel(t.Context())
	l := &load{stop: stop, news: make(chan struct{}, 1)}
	// A connection for each request, so that none outlives its pod.
	client := &http.Client{Timeout: streamLimit, Transport: &http.Transport{DisableKeepAlives: true}}
	for range workers {
		l.done.Go(func() {
			for ctx.Err() == nil {
				l.note(ask(ctx, client, url))
			}
		})
	}
	return l
}

func ask(ctx context.Context, client *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

func (l *load) note(text string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.count++
		l.last = text
	case !strings.Contains(err.Error(), "context canceled"):
		l.failed = append(l.failed, err.Error())
	}
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *load) served() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// await waits until so many requests were answered, the last one by a pod.
func (l *load) await(t *testing.T, count int, pod string) {
	t.Helper()
	deadline := time.After(streamLimit)
	for {
		l.mu.Lock()
		enough := l.count >= count && strings.HasPrefix(l.last, pod)
		l.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-l.news:
		case <-deadline:
			t.Fatalf("%d requests were answered, the last one by %q, want %d and %s", l.count, l.last, count, pod)
		}
	}
}

func (l *load) end() (served int, failed []string) {
	l.stop()
	l.done.Wait()
	return l.count, l.failed
}

// TestNothingIsStreamedWithoutWrite asks for everything in a session that only reads.
func TestNothingIsStreamedWithoutWrite(t *testing.T) {
	if world.cluster.AuditLog == "" {
		t.Skip("this provider has no audit log to read")
	}
	namespace := box(t, "read", false)
	f := open(t, "pods", "-n", namespace)
	f.WaitFor("● live", limit)
	f.WaitFor("box-", limit)
	for _, keys := range [][2]string{
		{"s", "shell"}, {"a", "attach"}, {"F", "forward"}, {":cp\r", "copy files"}, {":debug\r", "debug"},
		{":shell\r", "shell"},
	} {
		f.Type(keys[0])
		f.WaitFor(keys[1]+" needs write mode (:write)", limit)
	}
	f.Keys("q")
	f.WaitExit(limit)
	all, err := writes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if strings.Contains(r.RequestURI, "/"+namespace+"/") {
			t.Errorf("fathom sent %s %s", r.Verb, r.RequestURI)
		}
	}
}

// TestStreamsRefusedByRights asks for everything as somebody who may only read.
func TestStreamsRefusedByRights(t *testing.T) {
	namespace := box(t, "reader", false)
	f := openWith(t, visitor(t, namespace), brief(t), "pods", "--write")
	const denied = `you may not create it`
	refusedStreams(t, f, denied, "you may not patch pods/ephemeralcontainers")
}

// TestStreamsRefusedByAdmission asks for everything where a policy of the cluster refuses it.
func TestStreamsRefusedByAdmission(t *testing.T) {
	namespace := box(t, "iced", false)
	kubectlApply(t, namespace, twoPods)
	freeze(t, namespace)
	f := openWith(t, world.cluster.Kubeconfig, brief(t), "pods", "-n", namespace, "--write")
	const frozen = `frozen[│\s]+until[│\s]+Monday`
	refusedStreams(t, f, frozen, frozen)
}

// refusedStreams asks for a shell, to attach, for a forward, for a copy and to debug, and is refused for the reason;
// undebugged is that of the last.
func refusedStreams(t *testing.T, f *screen.Terminal, reason, undebugged string) {
	t.Helper()
	f.WaitFor("● live", limit)
	filter(f, "box")
	f.WaitFor("› box-", limit)
	for _, keys := range [][2]string{{"s", `shell: `}, {"a", `attach: `}} {
		f.Type(keys[0])
		f.WaitFor(regexp.MustCompile(keys[1]+`.*`+reason), limit)
	}
	f.Keys("F")
	f.WaitFor("8080:8080", limit)
	port := freePort(t)
	f.Keys("ctrl+u")
	f.Type(fmt.Sprintf("%d:http\r", port))
	f.WaitFor(regexp.MustCompile(`forward: .*`+reason), limit)
	if conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second); err == nil {
		_ = conn.Close()
		t.Error("the port of a forward that was refused is open")
	}
	f.Type(":cp\r")
	f.WaitFor("copy from to", limit)
	f.Keys("ctrl+u")
	f.Type(":/usr " + t.TempDir() + "\r")
	f.WaitFor(regexp.MustCompile(reason), limit)
	f.Keys("esc")
	f.WaitFor("› box-", limit)
	f.Type(":debug\r")
	f.WaitFor("─ debug ", limit)
	f.Keys("enter")
	f.WaitFor("debug with image", limit)
	f.Keys("enter")
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(undebugged), limit)
}
