package suite

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/redact"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// recordLimit is how long a recording may take to read what is there, or to notice a
// change.
const recordLimit = time.Minute

// TestARecordingIsWhatTheClusterWas records the whole cluster while a deployment is scaled, and compares every object
// of the last moment with the cluster's, byte by byte. Objects that changed while they were read are left out.
func TestARecordingIsWhatTheClusterWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.tape")
	end := startRecording(t, path)
	kubectl(t, "-n", "shop", "scale", "deployment/web", "--replicas=4")
	defer kubectl(t, "-n", "shop", "scale", "deployment/web", "--replicas=2")
	kubectl(t, "-n", "shop", "rollout", "status", "deployment/web", "--timeout=60s")
	before, at := objectsOf(t, world.client.Discovery().RESTClient(), path), time.Now()
	// The file can be read while it is written: by now it is past the look at the
	// cluster.
	awaitTape(t, path, func(tape *tape.Tape) bool { return tape.End().After(at.Add(time.Second)) })
	end()
	after := objectsOf(t, world.client.Discovery().RESTClient(), path)

	player := playToEnd(t, path)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "http://tape", Transport: player.API(), QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	recorded := objectsOf(t, client.Discovery().RESTClient(), path)
	same, changed := 0, 0
	for name, live := range before {
		if later, there := after[name]; !there || later.Version != live.Version || live.Version == "" {
			changed++
			continue
		}
		same++
		if got, there := recorded[name]; !there {
			t.Errorf("%s is not on the tape", name)
		} else if !equalObjects(live, got) {
			t.Errorf("%s is another on the tape:\n-live +tape\n%s", name, cmp.Diff(printable(live), printable(got)))
		}
	}
	for name := range recorded {
		_, earlier := before[name]
		if _, later := after[name]; !earlier && !later {
			t.Errorf("%s is on the tape, and not in the cluster", name)
		}
	}
	t.Logf("%d objects are the same, %d changed meanwhile", same, changed)
	if same < 300 || changed > same/2 {
		t.Errorf("only %d objects could be compared, %d changed", same, changed)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

// startRecording runs `fathom record` and returns when it has read what is there; end ends it as ctrl-c does, and
// returns what it said.
func startRecording(t *testing.T, path string) (end func() (said string)) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), world.fathom, "record", "-o", path, "--logs", "all")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+world.cluster.Kubeconfig, "HOME="+t.TempDir())
	told, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	complete, all := make(chan struct{}), make(chan string, 1)
	go func() {
		var text strings.Builder
		var once sync.Once
		for lines := bufio.NewScanner(told); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if strings.HasPrefix(lines.Text(), "recording ") {
				once.Do(func() { close(complete) })
			}
		}
		all <- text.String()
	}()
	select {
	case <-complete:
	case text := <-all:
		t.Fatalf("ended: %s %v", text, cmd.Wait())
	case <-time.After(recordLimit):
		t.Fatal("the cluster was not read in time")
	}
	return func() string {
		t.Helper()
		_ = cmd.Process.Signal(syscall.SIGINT)
		text := <-all
		if err := cmd.Wait(); err != nil || !strings.Contains(text, "recorded "+path) {
			t.Errorf("%v: %s", err, text)
		}
		t.Log(text)
		return text
	}
}

// awaitTape opens a tape again and again until it is as it should be.
func awaitTape(t *testing.T, path string, reached func(*tape.Tape) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(
		t.Context(),
		200*time.Millisecond,
		recordLimit,
		true,
		func(context.Context) (bool, error) {
			recorded, err := tape.Open(path)
			if err != nil {
				return false, err
			}
			defer recorded.Close()
			return reached(recorded), nil
		},
	)
	if err != nil {
		t.Fatal("the tape:", err)
	}
}

func playToEnd(t *testing.T, path string) *tape.Player {
	t.Helper()
	recorded, err := tape.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if recorded.Cut() != "" {
		t.Error(recorded.Cut())
	}
	player, err := tape.NewPlayer(recorded, tape.PlayerOptions{Paused: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		player.Close()
		_ = recorded.Close()
	})
	player.Seek(recorded.End())
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	for w := player.Watch(); !player.State().AtEnd; {
		if _, err := w.Next(ctx); err != nil {
			t.Fatal(err, player.State())
		}
	}
	return player
}

// objectsOf lists the objects of every resource that is on a tape, by resource and
// name, as the bytes that a server sends. Metrics, which differ each time, are left
// out.
func objectsOf(t *testing.T, client rest.Interface, path string) map[string]tape.Object {
	t.Helper()
	recorded, err := tape.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer recorded.Close()
	all := map[string]tape.Object{}
	for _, r := range recorded.Resources() {
		root := "/apis/" + r.Group + "/"
		if r.Group == "" {
			root = "/api/"
		}
		if r.Group == "metrics.k8s.io" {
			continue
		}
		accept := "application/vnd.kubernetes.protobuf,application/json"
		if !scheme.Scheme.Recognizes(r.GroupVersionKind()) {
			accept = "application/json"
		}
		body, err := client.Get().AbsPath(root+r.Version+"/"+r.Resource).SetHeader("Accept", accept).DoRaw(t.Context())
		if err != nil {
			t.Fatal(r, err)
		}
		list, err := tape.ParseList(&r, body)
		if err != nil {
			t.Fatal(r, err)
		}
		for _, o := range list.Objects {
			all[r.Resource+"."+r.Group+" "+o.Namespace+"/"+o.Name] = o
		}
	}
	return all
}

// equalObjects reports whether what is on a tape is what the server sent: the same bytes, the same JSON, or a Secret of
// the same keys and sizes.
func equalObjects(live, got tape.Object) bool {
	if live.Resource.Resource == "secrets" {
		return cmp.Equal(printable(live), printable(got))
	}
	if live.Protobuf && got.Protobuf {
		return bytes.Equal(live.Body, got.Body)
	}
	return cmp.Equal(printable(live), printable(got))
}

func printable(o tape.Object) any {
	var secret corev1.Secret
	if o.Resource.Resource == "secrets" && secret.Unmarshal(o.Body) == nil {
		values := redact.ValuesOf(secret.Namespace, secret.Name, secret.Data, nil)
		secret.Labels, secret.Annotations = values.Hide(secret.Labels), values.Hide(secret.Annotations)
		for key, value := range secret.Data {
			secret.Data[key] = make([]byte, len(value))
		}
		return secret
	}
	var value any
	if o.Protobuf || json.Unmarshal(o.Body, &value) != nil {
		return string(o.Body)
	}
	return value
}
