package suite

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestShellLosesItsConnection cuts the connection of a shell that has a program on the whole screen: the terminal comes
// back as it was, and it is said why.
func TestShellLosesItsConnection(t *testing.T) {
	t.Parallel()
	namespace := box(t, "cut", true)
	kubeconfig, wire := linked(t, world.cluster.Kubeconfig, link.Profile{})
	f := openWith(t, kubeconfig, screen.Options{Columns: 120, Rows: 40}, "pods", "-n", namespace, "--write")
	f.WaitFor("● live", limit)
	f.WaitFor("box-", limit)
	f.Keys("s")
	f.WaitFor("shell in ", limit)
	f.Type("printf '\\033[?1049h\\033[?1000h\\033[?25l\\033[31m'; echo on-$((40+2))\r")
	f.WaitFor(func(shot screen.Screen) bool { return shot.AltScreen && shot.Contains("on-42") }, limit)
	wire.Cut()
	f.WaitFor("the connection was lost", limit)
	if err := wire.Restore(); err != nil {
		t.Fatal(err)
	}
	whole(t, f, "pods 1")
	f.Keys("s")
	f.WaitFor("shell in ", limit)
	f.Type("echo again-$((40+2))\r")
	f.WaitFor("again-42", limit)
	f.Type("exit\r")
	whole(t, f, "exit code 0")
	goTo(f, "journal")
	f.WaitFor(regexp.MustCompile(`done +shell in [\s\S]*unknown +shell in [\s\S]*the connection was lost`), limit)
	f.Keys("ctrl+c")
	f.WaitExit(limit)
	checkGivenBack(t, f)
}

// TestCopyLosesItsConnection cuts the connection of a copy in the middle, both ways: it is said, nothing stands where
// the copy would, and the next one succeeds.
func TestCopyLosesItsConnection(t *testing.T) {
	t.Parallel()
	namespace := box(t, "cutcopy", true)
	folder := t.TempDir()
	write(t, filepath.Join(folder, "in"), strings.Repeat("0123456789abcdef", 1<<17)) // 2 MiB
	// They take less than the 5 s after which client-go sends a ping: a server that has closed by then resets the
	// connection, and what is still on its way is lost.
	kubeconfig, wire := linked(t, world.cluster.Kubeconfig, link.Profile{BitsPerSecond: 8_000_000})
	f := openWith(t, kubeconfig, screen.Options{Columns: 120, Rows: 40}, "pods", "-n", namespace, "--write")
	copies := func(paths, says string) {
		t.Helper()
		f.WaitFor("● live", limit)
		f.WaitFor("box-", limit)
		f.Type(":cp\r")
		f.WaitFor("copy from to", limit)
		f.Keys("ctrl+u")
		f.Type(paths + "\r")
		f.WaitFor(regexp.MustCompile(says), streamLimit)
	}
	in, out := folder+"/in :/tmp/there", ":/tmp/there "+folder+"/out"
	for _, paths := range []string{in, out} {
		copies(paths, `[1-9][\d.]* [KM]iB`)
		wire.Cut()
		f.WaitFor("the connection was lost", limit)
		if err := wire.Restore(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(folder, "out")); err == nil {
			t.Error("a part of the file stands where the whole would")
		}
		f.Keys("esc")
		f.WaitFor(func(shot screen.Screen) bool { return strings.Contains(shot.Row(0), "pods") }, limit)
		copies(paths, `(?m)^ done *$`)
		f.Keys("esc")
		f.WaitFor(func(shot screen.Screen) bool { return strings.Contains(shot.Row(0), "pods") }, limit)
	}
}

// TestAttachLosesItsConnection cuts the connection of what is attached: it is said, and it can be attached to again.
func TestAttachLosesItsConnection(t *testing.T) {
	t.Parallel()
	namespace := box(t, "cutattach", true, func(app *corev1.Container) {
		app.Command, app.Args, app.Stdin, app.TTY, app.ReadinessProbe = []string{"sh", "-i"}, nil, true, true, nil
	})
	f, wire, state := cuttable(t, namespace)
	for _, answer := range []string{"one-42", "two-42"} {
		f.Keys("a")
		f.WaitFor("ctrl+p ctrl+q comes back", limit)
		f.Type("echo " + answer[:4] + "$((40+2)); echo \"had $had\"; had=" + answer[:3] + "\r")
		f.WaitFor(answer, limit)
		wire.Cut()
		f.WaitFor("the connection was lost", limit)
		if err := wire.Restore(); err != nil {
			t.Fatal(err)
		}
		whole(t, f, "pods 1")
	}
	if !strings.Contains(string(f.Transcript()), "had one") {
		t.Error("the second time it was another shell")
	}
	pod := readyPod(t, namespace, "")
	equalEntries(t, journaled(t, state), "attach pods "+pod+" unknown", "attach pods "+pod+" unknown")
}

// TestDebugLosesItsConnection cuts the connection while it debugs. What it made for that is removed once the API server
// answers again; if that takes too long, it is said what is left.
func TestDebugLosesItsConnection(t *testing.T) {
	t.Parallel()
	namespace := box(t, "cutdebug", false)
	f, wire, state := cuttable(t, namespace)
	pod := readyPod(t, namespace, "")
	lose := func(back func(), choices ...string) {
		t.Helper()
		beginDebug(f, choices...)
		echo := "echo of " + strings.Join(choices, " ")
		f.Type(echo)
		f.WaitFor(echo, limit) // The terminal of the container answers: fathom's is raw.
		wire.Cut()
		back()
		whole(t, f, "pods ")
	}
	restore := func() {
		t.Helper()
		f.WaitFor("the connection was lost", limit)
		if err := wire.Restore(); err != nil {
			t.Fatal(err)
		}
	}
	lose(restore, "sysadmin")
	made := ""
	lose(func() {
		f.WaitFor("removing pod node-debugger-", limit)
		made = podLike(t, namespace, "node-debugger-")
		if err := wire.Restore(); err != nil {
			t.Fatal(err)
		}
	}, "node", "general")
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	untilGone(ctx, t, "pod "+made, func() error {
		_, err := world.client.CoreV1().Pods(namespace).Get(ctx, made, metav1.GetOptions{})
		return err
	})
	lose(func() {
		f.WaitFor("removing pod ", limit)
		f.WaitFor(regexp.MustCompile("remove pod "+namespace+`/\S+-debug-\w+, it may still be there`), limit)
		if err := wire.Restore(); err != nil {
			t.Fatal(err)
		}
	}, "copy")
	node := podOn(t, namespace, pod)
	equalEntries(t, journaled(t, state), "debug pods "+pod+" unknown", "debug nodes "+node+" unknown",
		"debug pods "+pod+" unknown")
}

// podOn returns the node of a pod.
func podOn(t *testing.T, namespace, name string) string {
	t.Helper()
	pod, err := world.client.CoreV1().Pods(namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pod.Spec.NodeName
}

// cuttable opens the pods of a namespace in write mode over a link that can be cut, with a folder for the journal.
func cuttable(t *testing.T, namespace string) (f *screen.Terminal, wire *link.Link, state string) {
	t.Helper()
	kubeconfig, wire := linked(t, world.cluster.Kubeconfig, link.Profile{})
	state = t.TempDir()
	options := screen.Options{Columns: 120, Rows: 40, Env: []string{"XDG_STATE_HOME=" + state}}
	f = openWith(t, kubeconfig, options, "pods", "-n", namespace, "--write")
	f.WaitFor("● live", limit)
	f.WaitFor("› box-", limit)
	return f, wire, state
}

// TestStreamsOfAPodThatIsGone asks for each stream of a pod that is deleted before the last answer to a dialog.
func TestStreamsOfAPodThatIsGone(t *testing.T) {
	t.Parallel()
	namespace := sandboxNamed(t, world.client, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: writeNamespace + "-left"},
	})
	state := t.TempDir()
	options := screen.Options{Columns: 120, Rows: 40, Env: []string{"XDG_STATE_HOME=" + state}}
	f := openWith(t, world.cluster.Kubeconfig, options, "pods", "-n", namespace, "--write")
	f.WaitFor("● live", limit)
	var entries []string
	for _, c := range []struct {
		name   string
		asked  [][2]string // what is typed, and what it asks then
		answer string
	}{
		{"shell", [][2]string{{"s", "─ shell in "}}, "side\r"},
		{"attach", [][2]string{{"a", "─ attach in "}}, "side\r"},
		{"forward", [][2]string{{"F", "local:remote of "}}, "\x15:8080\r"},
		{"copy", [][2]string{{":cp\r", "─ copy files in "}, {"side\r", "copy from to"}}, "\x15:/etc " + t.TempDir() + "\r"},
		{"debug", [][2]string{
			{":debug\r", "─ debug "}, {"sysadmin\r", "debug with image"}, {"\r", "[ No ]    Yes"}, {"y", "[ Yes ]"},
		}, "\r"},
	} {
		name := "leaves-" + c.name
		kubectlApply(t, namespace, `
apiVersion: v1
kind: Pod
metadata: {name: `+name+`}
spec:
  containers:
  - {name: app, image: "`+image.Repository+`:1", args: ["--serve=:8080"], ports: [{containerPort: 8080}]}
  - {name: side, image: "`+image.Repository+`:1", args: ["--serve=:8081"]}
`)
		readyPod(t, namespace, "")
		f.WaitFor(regexp.MustCompile(`› `+name+` .*2/2`), limit)
		for _, asked := range c.asked {
			f.Type(asked[0])
			f.WaitFor(asked[1], limit)
		}
		kubectl(t, "delete", "pod", name, "-n", namespace, "--force", "--grace-period=0")
		f.Type(c.answer)
		f.WaitFor(regexp.MustCompile(name+`[^\n]*[\s\S]*not found`), limit)
		entries = append(entries, c.name+" pods "+name+" failed")
		if c.name == "copy" {
			f.Keys("esc")
		}
		f.WaitFor("no pods", limit)
	}
	equalEntries(t, journaled(t, state), entries...)
}
