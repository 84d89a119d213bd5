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

	"k8s.io/apimachinery/pkg/types"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// asJob finds the name of the Job that an effect makes in its words.
var asJob = regexp.MustCompile(` as job (\S+) `)

// replayed are the requests that the entries of a journal stand for: the user, the verb, the object and the outcome.
func replayed(t *testing.T, state string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(state, "fathom", "journal", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
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
			verb, resource, name := "patch", e.Object.Resource, e.Object.Name
			switch e.Effect {
			case "scale":
				resource += "/scale"
			case "delete":
				verb = "delete"
			case "evict":
				verb, resource = "create", resource+"/eviction"
			case "trigger":
				verb, resource, name = "create", "jobs", asJob.FindStringSubmatch(e.Words)[1]
			}
			words := fmt.Sprint(e.User, " ", verb, " ", resource, " ", name, " ", e.Outcome)
			if i, known := at[e.ID]; known {
				out[i] = words
				continue
			}
			at[e.ID] = len(out)
			out = append(out, words)
		}
	}
	return out
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
	conflict := ""
	for _, r := range all {
		if r.ObjectRef == nil || r.ObjectRef.Namespace != namespace {
			continue
		}
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
