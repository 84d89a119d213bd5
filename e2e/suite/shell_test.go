package suite

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

// vim is the name of the editor that a container with the programs of its node has: Debian's alternatives lead out of
// what is mounted.
func vim(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"vim.basic", "vim.nox", "vim.tiny"} {
		if _, err := os.Stat(filepath.Join("/usr/bin", name)); err == nil && world.cluster.Provider == "native" {
			return name
		}
	}
	if os.Getenv("CI") != "" && world.cluster.Provider == "native" {
		t.Fatal("this machine, which is the node, has no vim; apt-get install vim-tiny")
	}
	t.Skip("the node has no vim")
	return ""
}

// TestShellWithAnEditor writes a file with vim in a shell: another size reaches it, and what was on the screen before
// comes back, vim's screen first and fathom's after it.
func TestShellWithAnEditor(t *testing.T) {
	t.Parallel()
	program := vim(t)
	f := boxed(t, box(t, "vim", true), "pods")
	f.Keys("s")
	f.WaitFor("shell in ", limit)
	f.Type("echo before-$((40+2))\r")
	f.WaitFor("before-42", limit)
	f.Type(program + " -u NONE -N /tmp/notes\r")
	f.WaitFor(func(shot screen.Screen) bool {
		return shot.AltScreen && strings.HasPrefix(shot.Row(38), "~") && shot.Contains("/tmp/notes")
	}, limit)
	f.Resize(130, 45)
	f.WaitFor(func(shot screen.Screen) bool { return strings.HasPrefix(shot.Row(43), "~") }, limit)
	f.Keys("i")
	f.Type("kept by vim")
	f.WaitFor("kept by vim", limit)
	f.Keys("esc")
	f.Type(":echo &columns &lines\r")
	f.WaitFor("130 45", limit)
	f.Type(":wq\r")
	f.WaitFor(func(shot screen.Screen) bool { return !shot.AltScreen && shot.Contains("before-42") }, limit)
	f.Type("cat /tmp/notes; stty size\r")
	f.WaitFor("kept by vim", limit)
	f.WaitFor("45 130", limit)
	f.Type("exit\r")
	whole(t, f, "exit code 0")
	if shot := f.Screen(); shot.Columns != 130 || strings.TrimSpace(shot.Row(44)) == "" {
		t.Errorf("fathom does not fill the terminal\n%s", shot)
	}
}

// TestAttach attaches to a shell that is what a container runs: keys and sizes reach it, and it goes on when it is
// left.
func TestAttach(t *testing.T) {
	t.Parallel()
	namespace := box(t, "attach", true, func(app *corev1.Container) {
		app.Command, app.Args, app.Stdin, app.TTY, app.ReadinessProbe = []string{"sh", "-i"}, nil, true, true, nil
	})
	f := boxed(t, namespace, "pods")
	for _, answer := range []string{"one-42", "two-42"} {
		f.Keys("a")
		f.WaitFor("ctrl+p ctrl+q comes back", limit)
		f.Type("echo " + answer[:4] + "$((40+2)); echo \"had $had\"; had=" + answer[:3] + "\r")
		f.WaitFor(answer, limit)
		f.Resize(100, 30)
		untilSized(f, "30 100")
		f.Keys("ctrl+p", "ctrl+q")
		whole(t, f, ": left")
	}
	if !strings.Contains(string(f.Transcript()), "had one") {
		t.Error("the second time it was another shell")
	}
	pod := world.client.CoreV1().Pods(namespace)
	list, err := pod.List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Status.ContainerStatuses[0].RestartCount != 0 {
		t.Errorf("it did not go on: %v", err)
	}
}

// TestDebugInPodsOfItsOwn debugs in a copy of a pod and on its node; both pods are gone afterwards.
func TestDebugInPodsOfItsOwn(t *testing.T) {
	t.Parallel()
	namespace := box(t, "own", false)
	f := boxed(t, namespace, "pods")
	for _, c := range []struct {
		choices []string
		name    string
	}{
		{[]string{"copy"}, "-debug-"},
		{[]string{"node", "general"}, "node-debugger-"},
	} {
		beginDebug(f, c.choices...)
		pod := podLike(t, namespace, c.name)
		f.Keys("ctrl+p", "ctrl+q")
		whole(t, f, ": left")
		ctx, stop := context.WithTimeout(t.Context(), limit)
		untilGone(ctx, t, "pod "+pod, func() error {
			_, err := world.client.CoreV1().Pods(namespace).Get(ctx, pod, metav1.GetOptions{})
			return err
		})
		stop()
	}
}

// beginDebug debugs what is under the cursor in the way that is chosen, with the image of the workload for want of one
// with tools, until the terminal is in the new container.
func beginDebug(f *screen.Terminal, choices ...string) {
	const runs = "it runs; ctrl+p ctrl+q comes back"
	before := strings.Count(string(f.Transcript()), runs)
	f.Type(":debug\r")
	for _, choice := range choices {
		f.WaitFor("─ debug ", limit)
		f.Type(choice)
		f.WaitFor(regexp.MustCompile(`│ › `+choice+` +[a-z]`), limit)
		f.Keys("enter")
	}
	f.WaitFor("debug with image", limit)
	f.Keys("ctrl+u")
	f.Type(image.Repository + ":v41\r")
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor(func(screen.Screen) bool { return strings.Count(string(f.Transcript()), runs) > before }, streamLimit)
}

// podLike waits for a pod that runs and whose name has a part.
func podLike(t *testing.T, namespace, part string) (name string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, streamLimit, true,
		func(ctx context.Context) (bool, error) {
			pods, err := world.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return false, err
			}
			for _, pod := range pods.Items {
				if strings.Contains(pod.Name, part) && pod.Status.Phase == corev1.PodRunning {
					name = pod.Name
				}
			}
			return name != "", nil
		})
	if err != nil {
		t.Fatalf("no pod is named like %s: %v", part, err)
	}
	return name
}
