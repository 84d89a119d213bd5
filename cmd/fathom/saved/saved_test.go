package saved

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// hostile is what a terminal obeys: in a file's name, in a file, on a tape.
const hostile = "a\x1b]0;title\a\u202e\u200b"

// clean opens what is at a path and checks all that is said of it.
func clean(t *testing.T, path, at string) *Cluster {
	t.Helper()
	check := func(what, text string) {
		t.Helper()
		if kinds.Clean(text) != text {
			t.Errorf("%s is %q", what, text)
		}
	}
	c, err := Open(t.Context(), path, Options{
		At: at, Report: func(_, text string) { check("a report", text) },
	})
	if err != nil {
		check("the error", err.Error())
		return nil
	}
	t.Cleanup(c.Close)
	check("the name", c.Name+c.Address+c.Namespace+c.Label+c.FirstLost)
	check("a namespace", strings.Join(c.Namespaces, " "))
	if c.Player != nil {
		check("the player", c.Player.State().Mark+c.Player.State().Step)
	}
	return c
}

func TestWhatWasSavedComesOutClean(t *testing.T) {
	folder := filepath.Join(t.TempDir(), hostile)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(folder, hostile+name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("pod.yaml", `{"apiVersion": "v1", "kind": "Pod",
		"metadata": {"name": "web", "namespace": "a\u001b]0;title\u202e"}}`)
	write("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n")
	dumped := clean(t, folder, "")
	if dumped.Lost == 0 || len(dumped.Namespaces) == 0 || !strings.Contains(dumped.Namespaces[0]+dumped.FirstLost, "␛") {
		t.Errorf("the dump is not hostile: %+v", dumped)
	}
	if clean(t, filepath.Join(folder, "missing"), "") != nil {
		t.Error("a file that is missing is opened")
	}

	var out bytes.Buffer
	about := tape.About{Cluster: hostile, Namespaces: []string{hostile}, Started: time.Now(), Logs: "none"}
	now := about.Started
	w, err := tape.NewWriter(&out, about, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []struct {
		kind tape.MarkKind
		text string
	}{{tape.Complete, ""}, {tape.Gap, hostile}, {tape.Note, hostile}} {
		now = now.Add(time.Second)
		if err := w.Mark(mark.kind, mark.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	played := clean(t, write("x.tape", out.String()), "end")
	if mark := played.Player.State().Mark; !strings.Contains(mark, "␛") {
		t.Errorf("the tape's mark is %q", mark)
	}
	if clean(t, write("y.tape", out.String()[:tape.PrefixSize]), "") != nil {
		t.Error("a tape that is cut at once is opened")
	}
}
