package suite

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// sixReplicas is an editor that gives a Deployment with one replica six.
func sixReplicas(t *testing.T) string {
	t.Helper()
	script := filepath.Join(t.TempDir(), "editor")
	write(t, script, "#!/bin/sh\nsed -i 's/replicas: 1$/replicas: 6/' \"$1\"\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	return script
}

// TestEditThatCannotBeWritten edits what somebody else changes or deletes meanwhile, and over a connection that loses
// the request and the answer: what was written can be edited again, unless it turns out to be there.
func TestEditThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	_, namespace, _ := handled(t, "edits", brief(t))
	server, kubeconfig := forget(t)
	options, state := brief(t), t.TempDir()
	options.Env = append(options.Env, "XDG_STATE_HOME="+state, "EDITOR="+sixReplicas(t))
	f := openWith(t, kubeconfig, options, "deployments", "-n", namespace, "--write")
	f.WaitFor("› web", limit)
	scaleTo := func(n string) { kubectl(t, "scale", "deployment", "web", "-n", namespace, "--replicas="+n) }
	nothing := func() {}
	for _, c := range []struct {
		meanwhile   func()
		loses, says string
	}{
		{func() { scaleTo("2") }, "", `it has changed since you\s[│\s]*looked: spec.replicas`},
		{nothing, "request", `no answer came`},
		{nothing, "answer", `(?m)^ done: edit deployment`},
		{func() { kubectl(t, "delete", "deployment", "web", "-n", namespace) }, "", `not found`},
	} {
		server.lose("")
		f.WaitFor("● live", limit)
		scaleTo("1")
		f.WaitFor(regexp.MustCompile(`› web +0/1`), limit)
		f.Keys("e")
		f.WaitFor(regexp.MustCompile(`\+ +replicas: 6`), limit)
		f.WaitFor("[ No ]    Yes", limit)
		f.Keys("y")
		f.WaitFor("[ Yes ]", limit)
		c.meanwhile()
		server.lose(c.loses)
		f.Keys("enter")
		f.WaitFor(regexp.MustCompile(c.says), 2*limit)
		if c.loses != "answer" {
			f.WaitFor("edit again", limit)
			f.Keys("esc")
			f.WaitGone("edit again", limit)
		}
	}
	const entry = "edit deployments web "
	equalEntries(t, journaled(t, state), entry+"failed", entry+"failed", entry+"done", entry+"failed")
}

// TestEditThatIsRefused edits what a policy keeps as it is, and as somebody who may only read.
func TestEditThatIsRefused(t *testing.T) {
	t.Parallel()
	options := brief(t)
	options.Env = append(options.Env, "EDITOR="+sixReplicas(t))
	f, namespace, state := handled(t, "editless", options)
	someEffects[0].prepare(t, namespace)
	freeze(t, namespace)
	filter(f, "web")
	f.Keys("e")
	shot := f.WaitFor(regexp.MustCompile(`frozen\s+until\s+Monday`), limit)
	if shot.Contains("Yes") {
		t.Errorf("it may be answered with yes\n%s", shot)
	}
	equalEntries(t, journaled(t, state))
	onlyWrites(t, namespace)

	reader := sandbox(t)
	options = screen.Options{Columns: 80, Rows: 24, Env: options.Env}
	f = openWith(t, visitor(t, reader), options, "deployments", "--write")
	f.WaitFor("● live", limit)
	f.WaitFor("› web", limit)
	f.Keys("e")
	f.WaitFor(regexp.MustCompile(`you may not patch deployments|forbidden`), limit)
	onlyWrites(t, reader)
}
