package suite

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// leaks finds the values of Secrets in everything that fathom writes.
type leaks struct {
	t      *testing.T
	marked *kubetest.Marked
	// home has all files that fathom may write: state, caches, what is saved.
	home    string
	command []string // with what it opens
	env     []string
}

func newLeaks(t *testing.T, marked *kubetest.Marked, kubeconfig string, command ...string) *leaks {
	home := t.TempDir()
	return &leaks{t: t, marked: marked, home: home, command: command, env: []string{
		"HOME=" + home, "KUBECONFIG=" + kubeconfig, "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "TMPDIR=" + home,
	}}
}

func (l *leaks) start(args ...string) *screen.Terminal {
	l.t.Helper()
	options := screen.Options{Columns: 400, Rows: 250, Dir: l.home, Env: l.env}
	return screen.Start(l.t, options, world.fathom, append(slices.Clone(l.command), args...)...)
}

func (l *leaks) check(where string, text []byte) {
	l.t.Helper()
	if places := l.marked.Leaks(text); len(places) > 0 {
		l.t.Errorf("%s has the values of %q", where, places)
	}
}

// transcript checks all bytes that went to a terminal, and what they put onto the clipboard.
func (l *leaks) transcript(where string, f *screen.Terminal) {
	l.t.Helper()
	transcript := f.Transcript()
	l.check(where, transcript)
	for _, copied := range regexp.MustCompile(`\x1b\]52;c;([\w+/=]+)`).FindAllSubmatch(transcript, -1) {
		text, err := base64.StdEncoding.DecodeString(string(copied[1]))
		if err != nil {
			l.t.Fatal(err)
		}
		l.check("the clipboard of "+where, text)
	}
}

// tables walks over tables with their keys.
func (l *leaks) tables() {
	for _, kind := range []string{"secrets", "holders"} {
		f := l.start(kind)
		f.WaitFor(regexp.MustCompile(`(?s)holder|release.*token`), limit)
		f.Keys("ctrl+w")
		f.WaitIdle(quiet, limit)
		for _, keys := range []string{"/", "J", "K", "c", "esc"} {
			f.Keys(keys)
			if keys == "/" {
				f.Type("e age<1d")
				f.Keys("enter")
			}
			f.WaitIdle(quiet, limit)
		}
		goTo(f, "messages")
		f.WaitIdle(quiet, limit)
		l.transcript("the table of "+kind, f)
		l.quit(f)
	}
}

func (l *leaks) quit(f *screen.Terminal) {
	l.t.Helper()
	f.Keys("ctrl+c")
	f.WaitExit(limit)
}

// object walks over the tabs of an object, copies and saves each, and asks for its values at last.
func (l *leaks) object(name string) {
	l.t.Helper()
	f := l.start(name)
	type tab struct{ key, text string }
	first, tabs := "FACTS", []tab{{"v", "FACTS"}, {"d", "Annotations:"}, {"E", "no events"}, {"y", "bytes hidden"}}
	if strings.HasPrefix(name, "helm/") {
		// The last one shows the values.
		first, tabs = "<hidden>", []tab{{"v", "FACTS"}, {"y", "bytes hidden"}, {"h", "<hidden>"}}
	}
	f.WaitFor(first, limit)
	for _, tab := range tabs {
		f.Keys(tab.key)
		f.WaitFor(tab.text, limit)
		// On an overview c copies the value under the cursor, which is what is asked for:
		// TestCopyOneValue presses it there.
		if tab.key != "E" && tab.key != "v" {
			f.Keys("c")
			f.WaitFor("copied", limit)
		}
		if tab.key == "d" || tab.key == "y" || tab.key == "h" {
			f.Keys("left", "ctrl+y")
			f.WaitFor(regexp.MustCompile(`copied \d+ lines`), limit)
			f.Keys("left", "ctrl+s")
			f.WaitFor("saved ", limit)
		}
	}
	l.transcript(name, f)
	l.files("after " + name)
	f.Keys("x")
	f.WaitFor(l.marked.Names[name], limit)
	if len(l.marked.Leaks(f.Transcript())) == 0 {
		l.t.Errorf("the values of %s are on the screen, and not found there", name)
	}
	l.quit(f)
	l.files("after the values of " + name + " were shown")
}

// files checks all files, and what is in those that are packed. They have the keys of Secrets, so they were written.
func (l *leaks) files(when string) {
	l.t.Helper()
	err := filepath.WalkDir(l.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		l.check(path+" "+when, text)
		l.check(path+", unpacked, "+when, unpacked(text))
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// unpacked returns all that is packed with gzip or zstd somewhere in a file.
func unpacked(data []byte) []byte {
	var all []byte
	for _, magic := range []string{"\x1f\x8b\x08", "\x28\xb5\x2f\xfd"} {
		for rest := data; ; rest = rest[1:] {
			at := bytes.Index(rest, []byte(magic))
			if at < 0 {
				break
			}
			rest = rest[at:]
			if r, err := gzip.NewReader(bytes.NewReader(rest)); err == nil {
				text, _ := io.ReadAll(r) // What follows is not packed.
				all = append(all, text...)
			} else if r, err := zstd.NewReader(bytes.NewReader(rest)); err == nil {
				text, _ := io.ReadAll(r)
				all = append(all, text...)
				r.Close()
			}
		}
	}
	return all
}

// once prints with every output.
func (l *leaks) once() {
	l.t.Helper()
	for _, output := range []string{"", "wide", "name", "yaml", "json"} {
		for _, what := range append(slices.Sorted(maps.Keys(l.marked.Names)), "secrets", "holders") {
			args := append(slices.Clone(l.command), "--once", what)
			if output != "" {
				args = append(args, "-o", output)
			}
			out, problems, code := run(l.t, l.env, world.fathom, args...)
			where := "--once -o " + output + " " + what
			l.check(where, []byte(out+problems))
			if refused := output == "yaml" || output == "json"; (code != 0) != refused {
				l.t.Errorf("%s: exit code %d: %s", where, code, problems)
			}
		}
	}
}

// debug reads every page of --debug-listen while values are on the screen, and kills fathom then, which leaves a trace.
func (l *leaks) debug() {
	l.t.Helper()
	address := strings.TrimPrefix(unused(l.t), "https://")
	f := l.start("secret/copied", "--debug-listen", address)
	f.WaitFor("FACTS", limit)
	f.Keys("d")
	f.WaitFor("Annotations:", limit)
	f.Keys("y")
	f.WaitFor("bytes hidden", limit)
	f.Keys("x")
	f.WaitFor(l.marked.Names["secret/copied"], limit)
	for _, page := range []string{"heap", "goroutines", "counters", "cpu?seconds=1"} {
		for _, path := range []string{page, page + "?debug=1", page + "?debug=2"} {
			answer, err := http.Get("http://" + address + "/debug/" + strings.Replace(path, "?seconds=1?", "?seconds=1&", 1))
			if err != nil {
				l.t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			if _ = answer.Body.Close(); err != nil || len(body) == 0 || answer.StatusCode != http.StatusOK {
				l.t.Errorf("%s: %s, %d bytes, %v", path, answer.Status, len(body), err)
			}
			l.check("/debug/"+path, body)
			l.check("/debug/"+path+", unpacked", unpacked(body))
		}
	}
	if err := syscall.Kill(f.PID(), syscall.SIGQUIT); err != nil {
		l.t.Fatal(err)
	}
	f.WaitExit(limit)
	traces, err := filepath.Glob(filepath.Join(l.home, "state", "fathom", "crash-*"))
	if err != nil || len(traces) != 1 {
		l.t.Errorf("traces: %q, %v", traces, err)
	}
	l.files("after a crash")
}

// TestNoValueOfASecretGetsOut goes through tables and tabs of Secrets that have markers in each place where a value may
// stand, and looks for them in all bytes that fathom writes, wherever it writes them.
func TestNoValueOfASecretGetsOut(t *testing.T) {
	t.Run("a dump", func(t *testing.T) {
		marked := kubetest.NewMarked("shop")
		path := filepath.Join(t.TempDir(), "dump.yaml")
		// YAML takes what begins with a star for an alias, and its errors name that.
		alias := "---\nkind: Secret\nstringData: {p: *" + marked.Names["secret/plain"] + "}\n"
		write(t, path, marked.Definition+marked.Objects+alias)
		l := newLeaks(t, marked, "/nowhere", "open", path)
		l.tables()
		for name := range marked.Names {
			l.object(name)
		}
		l.once()
		l.debug()
	})
	t.Run("a cluster", func(t *testing.T) {
		namespace := sandbox(t)
		marked := kubetest.NewMarked(namespace)
		apply(t, marked)
		l := newLeaks(t, marked, world.cluster.Kubeconfig, "-n", namespace)
		l.tables()
		for name := range marked.Names {
			l.object(name)
		}
		l.once()
		l.debug()
		l.record(namespace)
	})
}

// apply makes the objects in the suite's cluster.
func apply(t *testing.T, marked *kubetest.Marked) {
	t.Helper()
	t.Cleanup(define(t, marked.Definition))
	kubectl(t, "wait", "--for=condition=Established", "--timeout=60s", "crd/holders.marked.test")
	objects := filepath.Join(t.TempDir(), "objects.yaml")
	write(t, objects, marked.Objects)
	kubectl(t, "create", "-f", objects)
}

// record records while a Secret changes and another is deleted, and reads the tape, as a file and as what it plays.
func (l *leaks) record(namespace string) {
	l.t.Helper()
	path := filepath.Join(l.home, "x.tape")
	end := startRecording(l.t, path)
	secrets := world.client.CoreV1().Secrets(namespace)
	copied, err := secrets.Get(l.t.Context(), "copied", metav1.GetOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	copied.Annotations["example.com/again"] = string(copied.Data["password"])
	copied.Annotations["example.com/stays"] = "once-upon-a-time"
	if _, err := secrets.Update(l.t.Context(), copied, metav1.UpdateOptions{}); err != nil {
		l.t.Fatal(err)
	}
	if err := secrets.Delete(l.t.Context(), "plain", metav1.DeleteOptions{}); err != nil {
		l.t.Fatal(err)
	}
	l.awaitOnTape(path, "once-upon-a-time")
	l.check("the stderr of record", []byte(end()))
	l.files("after a recording")
	out, problems, code := run(l.t, l.env, world.fathom, "open", path, "--once", "secrets", "-n", namespace, "--at", "end")
	l.check("the tape's table", []byte(out+problems))
	if code != 0 || !strings.Contains(out, "copied") {
		l.t.Errorf("the tape's table: exit code %d: %s%s", code, out, problems)
	}
	f := newLeaks(l.t, l.marked, "/nowhere", "open", path, "--at", "end").start("secret/copied", "-n", namespace)
	f.WaitFor("FACTS", limit)
	f.Keys("y")
	f.WaitFor("apiVersion", limit)
	f.Keys("x")
	f.WaitFor("example.com/stays: once-upon-a-time", limit)
	l.transcript("the tape, with x", f)
	l.quit(f)
}

// awaitOnTape waits until a text is on the tape.
func (l *leaks) awaitOnTape(path, text string) {
	l.t.Helper()
	err := wait.PollUntilContextTimeout(l.t.Context(), 200*time.Millisecond, recordLimit, true,
		func(context.Context) (bool, error) {
			data, err := os.ReadFile(path)
			return bytes.Contains(unpacked(data), []byte(text)), err
		})
	if err != nil {
		l.t.Fatalf("%q on the tape: %v", text, err)
	}
}
