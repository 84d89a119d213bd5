package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/cmd/fathom/saved"
	"github.com/fathom-k8s/fathom/kube/tape"
)

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, creationTimestamp: "2026-01-02T03:00:00Z"}
spec: {containers: [{name: app}, {name: sidecar}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: staging}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop}
spec: {containers: [{name: app}]}
`

// dumped is a dump of the manifest.
func dumped(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// taped is a recording of one pod.
func taped(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tape")
	if _, err := runRecord(t, "-o", path, "--for", "1100ms", "--logs", "none", "--kinds", "pods"); err != nil {
		t.Fatal(err)
	}
	return path
}

// openedFrom opens what is at a path, with what is said of it.
func openedFrom(t *testing.T, path string) (c *saved.Cluster, reported []string) {
	t.Helper()
	c, err := saved.Open(t.Context(), path, saved.Options{
		Paused: true, Report: func(_, text string) { reported = append(reported, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, reported
}

// TestOpenedAnswersTables asks a dump and a tape for what `kubectl get` asks for.
func TestOpenedAnswersTables(t *testing.T) {
	for name, path := range map[string]string{"a dump": dumped(t), "a tape": taped(t)} {
		opened, _ := openedFrom(t, path)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://saved/api/v1/namespaces/shop/pods", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
		res, err := opened.Transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var table metav1.Table
		if err := json.NewDecoder(res.Body).Decode(&table); err != nil {
			t.Fatal(err)
		}
		var columns []string
		for _, c := range table.ColumnDefinitions {
			columns = append(columns, strings.ToUpper(c.Name))
		}
		if !slices.Contains(columns, "READY") || !slices.Contains(columns, "RESTARTS") || len(table.Rows) == 0 {
			t.Errorf("%s: columns %q, %d rows", name, columns, len(table.Rows))
		}
	}
}

// TestATapeThatWasCutSaysSo opens a recording without its last bytes.
func TestATapeThatWasCutSaysSo(t *testing.T) {
	path := taped(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if opened, _ := openedFrom(t, path); opened.Player.State().Cut {
		t.Error("a whole tape is cut")
	}
	if err := os.WriteFile(path, whole[:len(whole)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	opened, reported := openedFrom(t, path)
	if !opened.Player.State().Cut {
		t.Error("the player does not know that its tape was cut")
	}
	if len(reported) == 0 || !strings.Contains(reported[0], "cut or damaged at byte") {
		t.Errorf("reported %q", reported)
	}
}

// runOpen runs `fathom open` for one screen.
func runOpen(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	cmd := rootCommand("fathom")
	var text bytes.Buffer
	cmd.SetOut(&text)
	cmd.SetArgs(append([]string{"open", "--once"}, args...))
	err = cmd.ExecuteContext(t.Context())
	return text.String(), err
}

// TestOpenFindsTheNamespace names objects without their namespaces.
func TestOpenFindsTheNamespace(t *testing.T) {
	dump := dumped(t)
	for _, c := range []struct {
		name string
		args []string
		want string // in the screen, or in the error
	}{
		{"one", []string{dump, "pods/db"}, "shop/db"},
		{"one, of two words", []string{dump, "po", "db"}, "shop/db"},
		{"one on a tape", []string{taped(t), "pod/web"}, "shop/web"},
		{"with its namespace", []string{dump, "pod/staging/web"}, "staging/web"},
		{"by -n", []string{dump, "pod/web", "-n", "shop"}, "shop/web"},
		{"several", []string{dump, "pod/web"}, `2 namespaces have a pod "web"; choose with -n: shop, staging`},
		{"none", []string{dump, "pod/gone"}, `no namespace has a pod "gone"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := runOpen(t, c.args...)
			if err != nil {
				out = err.Error()
				if strings.Contains(out, "\n") {
					t.Errorf("more than one line: %q", out)
				}
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("%q is not in %s", c.want, out)
			}
		})
	}
}

// TestOpenATapeElsewhere begins a tape on which a pod appears while it is recorded.
func TestOpenATapeElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tape")
	var out bytes.Buffer
	now := time.Date(2026, 1, 2, 13, 40, 0, 0, time.Local)
	about := tape.About{Cluster: "prod", Started: now, Logs: "none"}
	w, err := tape.NewWriter(&out, about, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	gvr := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	pods := tape.Resource{GroupVersionResource: gvr, Kind: "Pod", Namespaced: true}
	put := func(name string) {
		pod := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"` + name + `","namespace":"shop","resourceVersion":"1"}}`
		list, err := tape.ParseList(&pods, []byte(`{"apiVersion":"v1","kind":"PodList","metadata":{},"items":[`+pod+`]}`))
		if err != nil || w.Put(list.Objects[0], tape.Step) != nil {
			t.Fatal(err)
		}
	}
	put("early")
	_ = w.Mark(tape.Complete, "")
	now = now.Add(10 * time.Minute)
	put("later")
	now = now.Add(10 * time.Minute)
	put("last")
	if err := errors.Join(w.Close(), os.WriteFile(path, out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	outside := func(at string) string {
		return "--at " + at + ": give start, end, or a time on the tape, which goes from 13:40:00 to 14:00:00"
	}
	for at, want := range map[string]string{
		"": "early", "start": "early", "13:45": "early", "13:50:30": "early later", "end": "early last later",
		"12:00": outside("12:00"), "noon": outside("noon"), "99:99": outside("99:99"),
	} {
		args := []string{path, "pods"}
		if at != "" {
			args = append(args, "--at", at)
		}
		text, err := runOpen(t, args...)
		var names []string
		for _, name := range []string{"early", "last", "later"} {
			if strings.Contains(text, name) {
				names = append(names, name)
			}
		}
		if got := strings.Join(names, " "); got != want && (err == nil || err.Error() != want) {
			t.Errorf("at %q: %q, %v, want %q", at, got, err, want)
		}
	}
	if _, err := runOpen(t, dumped(t), "--at", "end"); !isUsage(err) {
		t.Errorf("a dump has times: %v", err)
	}
}

// TestOpenATree prints the tree of an object of a dump, and says what a tree needs.
func TestOpenATree(t *testing.T) {
	dump := dumped(t)
	out, err := runOpen(t, dump, "-n", "shop", "tree", "pod/web")
	if err != nil || !strings.Contains(out, "OBJECT") || !strings.Contains(out, "\npod web") {
		t.Errorf("got %q, %v", out, err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"tree", "pods"}, "tree pods: name one object: tree pods/NAME"},
		{[]string{"tree", "a", "b", "c"}, "tree, then an object"},
		{[]string{"-n", "shop", "tree", "pod/gone"}, "does not exist"},
	} {
		if _, err := runOpen(t, append([]string{dump}, c.args...)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.args, err, c.want)
		}
	}
}
