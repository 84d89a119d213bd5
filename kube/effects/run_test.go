package effects

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// writing is an API server with one object, that can be written and goes wrong as told.
type writing struct {
	t *testing.T

	mu      sync.Mutex
	object  map[string]any
	created []map[string]any
	sent    []string // what was written, without dry runs
	// before is called with each write that is not a dry run; true is its whole answer.
	before func(w http.ResponseWriter, s *writing) bool
	// conflicts is how many writes, dry runs too, are answered with Conflict.
	conflicts int
	// away is how many requests get no answer at all.
	away int
}

func startWriting(t *testing.T, object string) (*writing, *kube.Cluster) {
	t.Helper()
	s := &writing{t: t, object: parse(t, object)}
	server := kubetest.New(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	server.Intercept(s.answer)
	flags := genericclioptions.NewConfigFlags(false)
	address := server.Listen(t).URL
	flags.APIServer = &address
	c, err := kube.Open(kube.Options{Flags: flags, Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return s, c
}

// change calls do, which may set fields of s while requests are answered.
func (s *writing) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

func (s *writing) answer(w http.ResponseWriter, r *http.Request) bool {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	name := textAt(s.object, "metadata", "name")
	dry := r.URL.Query().Get("dryRun") == "All"
	switch {
	case s.away > 0:
		s.away--
		return cut(w)
	case r.Method == http.MethodGet && len(path) > 3 && path[len(path)-1] == name:
		return s.reply(w, s.object)
	case r.Method == http.MethodGet && s.makes(path[len(path)-1]) != nil:
		return s.reply(w, s.makes(path[len(path)-1]))
	case r.Method == http.MethodDelete:
		return s.delete(w, r, dry)
	case r.Method != http.MethodPatch && (r.Method != http.MethodPost || strings.Contains(r.URL.Path, "k8s.io")):
		return false
	case s.conflicts > 0:
		s.conflicts--
		return refuse(w)
	}
	if !dry {
		s.sent = append(s.sent, r.Method+" "+path[len(path)-1])
		if s.before != nil && s.before(w, s) {
			return true
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	if r.Method == http.MethodPost {
		made := parse(s.t, string(body))
		if !dry {
			s.created = append(s.created, made)
		}
		return s.reply(w, made)
	}
	after := s.patched(body)
	if !dry {
		s.object = after
	}
	return s.reply(w, after)
}

// refuse answers that somebody else has written the object.
func refuse(w http.ResponseWriter) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusConflict)
	_, _ = io.WriteString(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Conflict","code":409,`+
		`"message":"the object has been modified"}`)
	return true
}

// delete deletes the object if it has the version that is asked for.
func (s *writing) delete(w http.ResponseWriter, r *http.Request, dry bool) bool {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	asked := textAt(parse(s.t, string(body)), "preconditions", "resourceVersion")
	if asked != textAt(s.object, "metadata", "resourceVersion") {
		return refuse(w)
	}
	if !dry {
		s.sent = append(s.sent, r.Method)
	}
	return s.reply(w, s.object)
}

// makes is what was made by a name; nil for nothing.
func (s *writing) makes(name string) map[string]any {
	for _, o := range s.created {
		if textAt(o, "metadata", "name") == name {
			return o
		}
	}
	return nil
}

func (s *writing) patched(body []byte) map[string]any {
	patch, err := jsonpatch.DecodePatch(body)
	if err != nil {
		s.t.Fatal(err)
	}
	from, err := json.Marshal(s.object)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := patch.Apply(from)
	if err != nil {
		s.t.Fatal(err)
	}
	return parse(s.t, string(text))
}

func (s *writing) reply(w http.ResponseWriter, object map[string]any) bool {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(object); err != nil {
		s.t.Error(err)
	}
	return true
}

// cut ends the connection without an answer.
func cut(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }

const (
	web      = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"u"},"spec":{"replicas":3}}`
	password = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","namespace":"shop","uid":"u"},"data":{"p":"aHVudGVyMg=="}}`
	nightly  = `{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"night","namespace":"shop","uid":"u"},
		"spec":{"jobTemplate":{"metadata":{"labels":{"a":"b"}},"spec":{"template":{"spec":{"containers":[{"name":"app"}]}}}}}}`
)

// TestRun runs an effect against an API server that goes wrong.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		name          string
		dry           int // conflicts of the dry run
		conflicts     int // and of the write
		before        func(http.ResponseWriter, *writing) bool
		want          string // the error, "" for none
		replicas      int64
		entry, change string // of the journal
	}{
		{"well", 0, 0, nil, "", 5, "done", "/spec/replicas"},
		{"with a controller that writes too", 2, 2, nil, "", 5, "done", "/spec/replicas"},
		{"without a way through", 0, 9, nil, "has been modified", 3, "failed", ""},
		{"and the answer is lost after it was done", 0, 0, func(w http.ResponseWriter, s *writing) bool {
			inner(s.object, "spec")["replicas"] = int64(5)
			return cut(w)
		}, "", 5, "done", "/spec/replicas"},
		{"and the connection is lost before", 0, 0, func(w http.ResponseWriter, _ *writing) bool { return cut(w) },
			"not done: no answer came", 3, "failed", ""},
		{"and something else was done meanwhile", 0, 0, func(w http.ResponseWriter, s *writing) bool {
			inner(s.object, "spec")["replicas"] = int64(7)
			return cut(w)
		}, "look whether it happened", 7, "unknown", ""},
		{"and the connection comes back after a moment", 0, 0, func(w http.ResponseWriter, s *writing) bool {
			inner(s.object, "spec")["replicas"] = int64(5)
			s.away = 1
			return cut(w)
		}, "", 5, "done", "/spec/replicas"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, cluster := startWriting(t, web)
			dir := t.TempDir()
			hands := &Hands{Journal: journal.Open(dir, cluster.Now)}
			target := targetOf(cluster, kinds.Deployment, "web")
			offer, _ := Named("pause") // Without a subresource, which this server does not have.
			e, err := offer.Make(target, "")
			if err != nil {
				t.Fatal(err)
			}
			e.act = patch{mutate: func(o map[string]any) error {
				inner(o, "spec")["replicas"] = int64(5)
				return nil
			}}
			s.change(func() { s.conflicts = c.dry })
			plan := hands.Plan(t.Context(), e)
			if plan.Err != nil || len(plan.Fields) != 1 || len(s.sent) > 0 {
				t.Fatalf("the plan is %v, %v; sent %q", plan.Fields, plan.Err, s.sent)
			}
			s.change(func() { s.conflicts, s.before = c.conflicts, c.before })
			err = hands.Ready(plan).Run(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if got, _ := at(s.object, "/spec/replicas").(int64); got != c.replicas {
				t.Errorf("%d replicas, want %d", got, c.replicas)
			}
			entries, _, err := journal.Read(dir, cluster.Now())
			if err != nil || len(entries) != 1 || string(entries[0].Outcome) != c.entry {
				t.Fatalf("the journal has %v: %v", entries, err)
			}
			change := ""
			for _, made := range entries[0].Changes {
				change += made.Path
			}
			if change != c.change {
				t.Errorf("the journal has the changes %q, want %q", change, c.change)
			}
		})
	}
}

// TestRunOnANodeThatIsTainted cordons a node while others taint it: its controllers may, a person may not.
func TestRunOnANodeThatIsTainted(t *testing.T) {
	for key, want := range map[string]string{
		"node.kubernetes.io/not-ready": "", "shop.test/drill": "it has changed since you looked: spec.taints",
	} {
		s, c := startWriting(t, `{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"u"},"spec":{}}`)
		hands := &Hands{Journal: journal.Open("", c.Now)}
		e, err := cordon.Make(targetOf(c, kinds.Node, "n1"), "")
		if err != nil {
			t.Fatal(err)
		}
		plan := hands.Plan(t.Context(), e)
		if plan.Err != nil {
			t.Fatal(plan.Err)
		}
		s.change(func() {
			s.conflicts = 1
			inner(s.object, "spec")["taints"] = []any{map[string]any{"key": key, "effect": "NoExecute"}}
		})
		err = hands.Ready(plan).Run(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: it says %v, want %q", key, err, want)
		}
		done, taints := boolAt(s.object, "/spec/unschedulable"), itemsAt(s.object, "/spec/taints")
		if done != (want == "") || len(taints) != 1 {
			t.Errorf("%s: the node is %v", key, s.object)
		}
	}
}

// TestRunLosesTheAnswerOfACordon finds out that a node is cordoned though its controller has tainted it since.
func TestRunLosesTheAnswerOfACordon(t *testing.T) {
	s, c := startWriting(t, `{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"u"},"spec":{}}`)
	hands := &Hands{Journal: journal.Open("", c.Now)}
	e, err := cordon.Make(targetOf(c, kinds.Node, "n1"), "")
	if err != nil {
		t.Fatal(err)
	}
	plan := hands.Plan(t.Context(), e)
	if plan.Err != nil {
		t.Fatal(plan.Err)
	}
	s.change(func() {
		s.before = func(w http.ResponseWriter, s *writing) bool {
			spec := inner(s.object, "spec")
			spec["unschedulable"] = true
			spec["taints"] = []any{map[string]any{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}}
			return cut(w)
		}
	})
	if err := hands.Ready(plan).Run(t.Context()); err != nil {
		t.Errorf("it says %v", err)
	}
}

// TestRunOnADeploymentThatIsNumbered labels a Deployment whose template was changed a moment before: its
// controller counts that meanwhile, which is nothing that was looked at. Another annotation is.
func TestRunOnADeploymentThatIsNumbered(t *testing.T) {
	for key, want := range map[string]string{
		revisionAnnotation: "", "shop.test/ticket": "it has changed since you looked: metadata.annotations",
	} {
		s, c := startWriting(t, `{"apiVersion":"apps/v1","kind":"Deployment",
			"metadata":{"name":"web","namespace":"shop","uid":"u"},"spec":{}}`)
		hands := &Hands{Journal: journal.Open("", c.Now)}
		e, err := label.Make(targetOf(c, kinds.Deployment, "web"), "team=shop")
		if err != nil {
			t.Fatal(err)
		}
		plan := hands.Plan(t.Context(), e)
		if plan.Err != nil {
			t.Fatal(plan.Err)
		}
		s.change(func() {
			s.conflicts = 1
			inner(s.object, "metadata", "annotations")[key] = "4"
		})
		err = hands.Ready(plan).Run(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: it says %v, want %q", key, err, want)
		}
		if textAt(s.object, "metadata", "annotations", key) != "4" {
			t.Errorf("%s: the Deployment is %v", key, s.object)
		}
	}
}

// TestRunDeletesWhatWasLookedAt deletes an object that somebody has written since: what the kubelet or an elector
// writes all the time is nothing that was looked at.
func TestRunDeletesWhatWasLookedAt(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(object map[string]any)
		want   string // the error, "" for none
	}{
		{"its status", func(o map[string]any) { inner(o, "status")["phase"] = "Running" }, ""},
		{"a lease in its annotations", func(o map[string]any) {
			inner(o, "metadata", "annotations")["control-plane.alpha.kubernetes.io/leader"] = "{}"
		}, ""},
		{"its role", func(o map[string]any) { inner(o, "metadata", "labels")["role"] = "primary" },
			"it has changed since you looked: metadata.labels.role replica → primary"},
	} {
		s, cluster := startWriting(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"db","namespace":"shop",
			"uid":"u","resourceVersion":"1","labels":{"role":"replica"}},"spec":{}}`)
		hands := &Hands{Journal: journal.Open("", cluster.Now)}
		plan := hands.Plan(t.Context(), Delete(targetOf(cluster, kinds.Pod, "db")))
		if plan.Err != nil {
			t.Fatal(plan.Err)
		}
		s.change(func() {
			inner(s.object, "metadata")["resourceVersion"] = "2"
			c.change(s.object)
		})
		err := hands.Ready(plan).Run(t.Context())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: it says %v, want %q", c.name, err, c.want)
		}
		if (len(s.sent) == 1) != (c.want == "") {
			t.Errorf("%s: sent %q", c.name, s.sent)
		}
	}
}

// TestRunMakesWhatWasPlanned triggers a CronJob: the request is made from that, and the plan shows the
// Job alone.
func TestRunMakesWhatWasPlanned(t *testing.T) {
	s, c := startWriting(t, nightly)
	hands := &Hands{Journal: journal.Open("", c.Now)}
	e, err := trigger.Make(targetOf(c, kinds.CronJob, "night"), "")
	if err != nil {
		t.Fatal(err)
	}
	plan := hands.Plan(t.Context(), e)
	if plan.Err != nil || plan.Before != nil || textAt(plan.After, "kind") != "Job" {
		t.Fatalf("the plan is %v → %v, %v", plan.Before, plan.After, plan.Err)
	}
	if err := hands.Ready(plan).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.created) != 1 {
		t.Fatalf("%d objects were made", len(s.created))
	}
	job := s.created[0]
	owners := itemsAt(job, "/metadata/ownerReferences")
	if len(owners) != 1 || owners[0]["uid"] != "u" || textAt(job, "metadata", "labels", "a") != "b" ||
		textAt(job, "metadata", "annotations", "cronjob.kubernetes.io/instantiate") != "manual" {
		t.Errorf("the job is %v", job)
	}
}

// TestRunThatMakesSomething triggers a CronJob while something goes wrong.
func TestRunThatMakesSomething(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *writing, job map[string]any) // after it was looked at
		want   string                               // the error, "" for none
	}{
		{"and the connection is lost before", func(s *writing, _ map[string]any) {
			s.before = func(w http.ResponseWriter, _ *writing) bool { return cut(w) }
		}, "not done: no answer came"},
		{"and the answer is lost after it was done", func(s *writing, job map[string]any) {
			s.before = func(w http.ResponseWriter, s *writing) bool {
				s.created = append(s.created, job)
				return cut(w)
			}
		}, ""},
		{"and the CronJob is another by now", func(s *writing, _ map[string]any) {
			inner(s.object, "metadata")["uid"] = "other"
		}, "another object of that name"},
		{"and the CronJob has changed", func(s *writing, _ map[string]any) {
			inner(s.object, "spec")["suspend"] = true
		}, "it has changed since you looked: spec.suspend"},
	} {
		s, cluster := startWriting(t, nightly)
		hands := &Hands{Journal: journal.Open("", cluster.Now)}
		target := targetOf(cluster, kinds.CronJob, "night")
		target.UID = "u"
		e, err := trigger.Make(target, "")
		if err != nil {
			t.Fatal(err)
		}
		plan := hands.Plan(t.Context(), e)
		if plan.Err != nil {
			t.Fatal(plan.Err)
		}
		s.change(func() { c.change(s, plan.After) })
		err = hands.Ready(plan).Run(t.Context())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: it says %v, want %q", c.name, err, c.want)
		}
		made := 0
		if c.want == "" {
			made = 1
		}
		if len(s.created) != made {
			t.Errorf("%s: %d jobs were made", c.name, len(s.created))
		}
	}
}

// TestErrorsHaveNoValuesOfSecrets changes a Secret that somebody else changes meanwhile.
func TestErrorsHaveNoValuesOfSecrets(t *testing.T) {
	s, c := startWriting(t, password)
	dir := t.TempDir()
	hands := &Hands{Journal: journal.Open(dir, c.Now)}
	e, err := label.Make(targetOf(c, kinds.Secret, "db"), "a=b")
	if err != nil {
		t.Fatal(err)
	}
	plan := hands.Plan(t.Context(), e)
	if plan.Err != nil {
		t.Fatal(plan.Err)
	}
	s.change(func() {
		s.conflicts = 1
		inner(s.object, "data")["p"] = "c3dvcmRmaXNo"
	})
	err = hands.Ready(plan).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "data.p (a Secret's value)") {
		t.Errorf("it says %v", err)
	}
	files, globErr := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if globErr != nil || len(files) != 1 {
		t.Fatalf("%v: %v", files, globErr)
	}
	text, readErr := os.ReadFile(files[0])
	if readErr != nil {
		t.Fatal(readErr)
	}
	for _, value := range []string{"aHVudGVyMg", "c3dvcmRmaXNo"} {
		if strings.Contains(err.Error()+string(text), value) {
			t.Errorf("%s is in %v or in the journal:\n%s", value, err, text)
		}
	}
	if CanEdit(targetOf(c, kinds.Secret, "db").Resource) {
		t.Error("a Secret would be written into a file")
	}
}
