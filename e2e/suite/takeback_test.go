package suite

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestTakeBackWhatWasDone changes an image, labels, a schedule, a node and a text in the editor, and takes each back
// from the journal: the object is as it was.
func TestTakeBackWhatWasDone(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "editor")
	write(t, script, "#!/bin/sh\nsed -i 's/paused: true/paused: false/' \"$1\"\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	options := brief(t)
	options.Env = append(options.Env, "EDITOR=/does/not/exist", "KUBE_EDITOR="+script)
	f, namespace, state := handled(t, "back", options)
	var want []string
	for _, r := range []reviewed{
		{"deployments", "web", "image", "images (", "app=fathom.test/workload:2"},
		{"deployments", "web", "label", "labels (", "tier=front"},
		{"cronjobs", "night", "suspend", "", ""},
		{"nodes", namespace + "-open", "cordon", "", ""},
		{"deployments", "still", "edit", "", ""},
	} {
		r.prepare(t, namespace)
		fields := "{.spec} {.metadata.labels}"
		if r.kind == "nodes" { // The taints are the node controller's.
			fields = "{.spec.unschedulable}"
		}
		is := func() string { return kubectl(t, "get", r.kind, r.object, "-n", namespace, "-o", "jsonpath="+fields) }
		before := is()
		r.look(f)
		yes(f, "done: ")
		if is() == before {
			t.Errorf("%s changed nothing", r.effect)
		}
		goTo(f, "journal")
		f.WaitFor(regexp.MustCompile(`›.* done +.*`+r.object+" "), limit)
		f.Keys("enter")
		f.WaitFor(regexp.MustCompile(`take back: .*`+r.object), limit)
		yes(f, "done: take back")
		if after := is(); after != before {
			t.Errorf("%s was taken back from\n%s\nto\n%s", r.effect, before, after)
		}
		entry := r.effect + " " + r.kind + " " + r.object + " done"
		want = append(want, entry, entry)
	}
	equalEntries(t, journaled(t, state), want...)
}
