package suite

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestJournalIsWhatTheServerAudited changes several things, one of which fails, and finds in the journal what the
// API server has in its audit log: the same requests in the same order, by the same user, with the same outcome.
func TestJournalIsWhatTheServerAudited(t *testing.T) {
	if world.cluster.AuditLog == "" {
		t.Skip("this provider has no audit log to read")
	}
	t.Parallel()
	f, namespace, state := handled(t, "replay", brief(t))
	someEffects[0].prepare(t, namespace)
	for _, r := range someEffects {
		r.look(f)
		yes(f, "done: "+r.effect)
	}
	r := reviewed{"deployments", "web", "label", "labels (", "tier=back"}
	r.look(f)
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	if _, err := world.client.AppsV1().Deployments(namespace).Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"tier":"side"}}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	f.Keys("enter")
	f.WaitFor("it has changed since you looked: metadata.labels.tier", limit)
	f.Keys("s")
	f.WaitFor("replicas: ", limit)
	f.Keys("ctrl+u")
	f.Type("0")
	f.Keys("enter")
	yes(f, "done: scale deployment")

	got, want := replayed(t, state), audited(t, namespace)
	if len(want) != len(someEffects)+2 || !slices.Equal(got, want) {
		t.Errorf("the journal has\n%s\nand the audit log\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestJournalOfStreamsIsWhatTheServerAudited has one stream of each kind, and finds the same ones in the journal and in
// the API server's audit log.
func TestJournalOfStreamsIsWhatTheServerAudited(t *testing.T) {
	if world.cluster.AuditLog == "" {
		t.Skip("this provider has no audit log to read")
	}
	t.Parallel()
	state := t.TempDir()
	namespace := box(t, "streamed", true, func(app *corev1.Container) { app.Args = append(app.Args, "--log-every=100ms") })
	options := brief(t)
	options.Env = append(options.Env, "XDG_STATE_HOME="+state)
	f := openWith(t, world.cluster.Kubeconfig, options, "pods", "-n", namespace, "--write")
	f.WaitFor("› box-", limit)
	f.Keys("s")
	f.WaitFor("shell in ", limit)
	f.Type("echo one-$((40+2)); exit 3\r")
	whole(t, f, "exit code 3")
	f.Keys("a")
	f.WaitFor(regexp.MustCompile(`request=\d+`), limit) // What the workload writes.
	f.Keys("ctrl+c")
	whole(t, f, ": left")
	f.Type(":cp\r")
	f.WaitFor("copy from to", limit)
	f.Keys("ctrl+u")
	f.Type(":/usr/lib/os-release " + t.TempDir() + "\r")
	f.WaitFor(regexp.MustCompile(`(?m)^ done`), limit)
	f.Keys("esc")
	f.WaitFor("› box-", limit)
	f.Keys("F")
	f.WaitFor("8080:8080", limit)
	f.Keys("ctrl+u")
	f.Type(fmt.Sprintf("%d:http\r", freePort(t)))
	f.WaitFor("forwarding 127.0.0.1:", limit)
	beginDebug(f, "sysadmin")
	f.Keys("ctrl+p", "ctrl+q")
	whole(t, f, ": left")

	got, want := replayed(t, state), audited(t, namespace)
	if len(want) != 6 || !slices.Equal(got, want) {
		t.Errorf("the journal has\n%s\nand the audit log\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// asJob finds the name of the Job that an effect makes in its words.
var asJob = regexp.MustCompile(` as job (\S+) `)

// replayed are the requests that the entries of a journal stand for: the user, the verb, the object and the outcome.
func replayed(t *testing.T, state string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(state, "fathom", "journal", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	entries, order := map[string][]string{}, []string(nil)
	for _, path := range files { // Their names are days.
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			var e struct {
				ID, Effect, Outcome, User, Words string
				Object                           struct{ Resource, Name string }
			}
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatal(err)
			}
			var words []string
			for _, sent := range requestsOf(e.Effect, e.Object.Resource, e.Object.Name, e.Words) {
				words = append(words, e.User+" "+sent+" "+e.Outcome)
			}
			if _, known := entries[e.ID]; !known {
				order = append(order, e.ID)
			}
			entries[e.ID] = words
		}
	}
	for _, id := range order {
		out = append(out, entries[id]...)
	}
	return out
}

// requestsOf are what an effect sends: verb, resource and name.
func requestsOf(effect, resource, name, words string) []string {
	switch effect {
	case "scale":
		return []string{"patch " + resource + "/scale " + name}
	case "delete":
		return []string{"delete " + resource + " " + name}
	case "evict":
		return []string{"create " + resource + "/eviction " + name}
	case "trigger":
		return []string{"create jobs " + asJob.FindStringSubmatch(words)[1]}
	case "shell", "copy":
		return []string{"get pods/exec " + name}
	case "attach":
		return []string{"get pods/attach " + name}
	case "forward":
		return []string{"get pods/portforward " + name}
	case "debug":
		return []string{"patch pods/ephemeralcontainers " + name, "get pods/attach " + name}
	}
	return []string{"patch " + resource + " " + name}
}

// audited are fathom's changes in a namespace, in the order in which the API server received them. What met a
// conflict and was sent again counts once.
func audited(t *testing.T, namespace string) (out []string) {
	t.Helper()
	all, err := writes()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(all, func(a, b request) int { return a.Received.Compare(b.Received) })
	conflict, known := "", map[string]bool{}
	for _, r := range all {
		// A stream has a line for its beginning and one for its end.
		if r.ObjectRef == nil || r.ObjectRef.Namespace != namespace || known[r.AuditID] {
			continue
		}
		known[r.AuditID] = true
		o := r.ObjectRef
		what := strings.TrimSuffix(fmt.Sprint(r.User.Username, " ", r.Verb, " ", o.Resource, "/", o.Subresource), "/")
		what += " " + o.Name
		if what == conflict {
			out = out[:len(out)-1]
		}
		conflict = ""
		switch {
		case r.ResponseStatus.Code == 409:
			conflict = what
			what += " failed"
		case r.ResponseStatus.Code >= 300:
			what += " failed"
		default:
			what += " done"
		}
		out = append(out, what)
	}
	return out
}
