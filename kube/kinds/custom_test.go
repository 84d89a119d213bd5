package kinds

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// judged is an object of a custom resource and what its status should be.
type judged struct {
	name, object string
	level        Level
	reason       string
}

// checkJudged reads objects of a kind, as an API server sends them and as rows of its Table.
func checkJudged(t *testing.T, gvk schema.GroupVersionKind, all []judged) {
	t.Helper()
	resource := gvk.GroupVersion().WithResource("things")
	generic, err := Generic(resource, gvk.Kind, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	table := FromTable(resource, gvk.Kind, true, nil)
	for _, j := range all {
		t.Run(j.name, func(t *testing.T) {
			u := customObject(t, gvk, j.object)
			want{nil, j.level, j.reason}.check(t, generic, u)
			r, err := table.Row(nil, u)
			if err != nil || r.Status.Level != j.level || r.Status.Reason != j.reason {
				t.Errorf("as a row: got %v, %v", r, err)
			}
		})
	}
}

func customObject(t *testing.T, gvk schema.GroupVersionKind, text string) *unstructured.Unstructured {
	t.Helper()
	u := unstructuredFrom(t, text)
	u.SetGroupVersionKind(gvk)
	return u
}

func TestCustomResourcesByRule(t *testing.T) {
	checkJudged(t, schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}, []judged{
		{"nothing at all", `{}`, Quiet, ""},
		{"ready", `{status: {conditions: [{type: Ready, status: "True"}]}}`, OK, ""},
		{"conditions that are not a list", `{status: {conditions: {Ready: "False"}}}`, Quiet, ""},
		{"a status that is not one", `{status: ready}`, Quiet, ""},
		{"a condition without a status", `{status: {conditions: [{type: Ready}]}}`, Quiet, ""},
		{"a status in other letters", `{status: {conditions: [{type: Ready, status: "false"}]}}`, Quiet, ""},
		{"a condition of its own", `{status: {conditions: [{type: Shiny, status: "False"}]}}`, Quiet, ""},
		{"one of another sense elsewhere", `{status: {conditions: [{type: Progressing, status: "False"},
  {type: Available, status: "True"}]}}`, OK, ""},
		{"being deleted", `
metadata: {deletionTimestamp: "2026-11-23T11:00:00Z", generation: 2}
status: {observedGeneration: 1, conditions: [{type: Ready, status: "True"}]}`, Waiting, "Terminating"},
		{"cannot be deleted", `
metadata: {deletionTimestamp: "2026-11-23T11:00:00Z", finalizers: [example.com/disk]}
status: {conditions: [{type: Stalled, status: "True", reason: DeleteFailed, message: the disk is attached}]}`,
			Waiting, "Terminating: Stalled=True: DeleteFailed: the disk is attached; finalizer example.com/disk"},
		{"its controller is behind", `{metadata: {generation: 4}, status: {observedGeneration: 3,
  conditions: [{type: Stalled, status: "True"}]}}`, Waiting, "change not seen yet by its controller"},
		{"never seen, as Flux begins", `{metadata: {generation: 1}, status: {observedGeneration: -1}}`,
			Waiting, "change not seen yet by its controller"},
		{"a generation in a text", `{metadata: {generation: 4}, status: {observedGeneration: "3"}}`,
			Waiting, "change not seen yet by its controller"},
		{"a generation that is not a number", `{metadata: {generation: 4}, status: {observedGeneration: 7f9c}}`, Quiet, ""},
		{"restored with an older generation", `{metadata: {generation: 1}, status: {observedGeneration: 9,
  conditions: [{type: Ready, status: "True"}]}}`, OK, ""},
		{"behind by its conditions", `{metadata: {generation: 4}, status: {conditions: [{type: Ready, status: "True",
  observedGeneration: 3}, {type: Healthy, status: "True", observedGeneration: 2}]}}`,
			Waiting, "change not seen yet by its controller"},
		{"one condition is as new as the object", `{metadata: {generation: 4}, status: {conditions: [
  {type: Ready, status: "False", observedGeneration: 4}, {type: Healthy, status: "True", observedGeneration: 2}]}}`,
			Degraded, "Ready=False"},
		{"stalled while it reconciles", `{status: {conditions: [{type: Reconciling, status: "True"},
  {type: Stalled, status: "True", reason: Stuck}]}}`, Failing, "Stalled=True: Stuck"},
		{"reconciling", `{status: {conditions: [{type: Ready, status: "False"}, {type: Stalled, status: "False"},
  {type: Reconciling, status: "True", message: fetching}]}}`, Waiting, "Reconciling=True: fetching"},
		{"not ready", `{status: {conditions: [{type: Ready, status: "False", reason: A, message: b}]}}`,
			Degraded, "Ready=False: A: b"},
		{"not known", `{status: {conditions: [{type: Ready, status: Unknown}]}}`, Waiting, "Ready=Unknown"},
		{"the opposite of ready", `{status: {conditions: [{type: NotReady, status: "True"}]}}`, Degraded, "NotReady=True"},
		{"a pressure", `{status: {conditions: [{type: DiskPressure, status: "True"}, {type: Ready, status: "True"}]}}`,
			Failing, "DiskPressure=True"},
		{"a failure", `{status: {conditions: [{type: BackupFailed, status: "True"}]}}`, Failing, "BackupFailed=True"},
		{"a failure that is not", `{status: {conditions: [{type: QuorumFailure, status: "False"}]}}`, OK, ""},
		{"degraded", `{status: {conditions: [{type: Available, status: "True"}, {type: Degraded, status: "True",
  reason: OneDown}]}}`, Degraded, "Degraded=True: OneDown"},
		{"text that moves the cursor", `{status: {conditions: [{type: Ready, status: "False", message: "a\e[2J"}]}}`,
			Degraded, "Ready=False: a␛[2J"},
	})
}

// Every line means what it says, whichever kind has the condition.
func TestPolarities(t *testing.T) {
	for _, p := range polarities {
		if problem := p.Problem(); problem != "" || p.Level <= OK {
			t.Errorf("%+v: %s", p, problem)
		}
		kind := p.Type
		if kind[0] == '*' {
			kind = "Some" + kind[1:]
		}
		good := map[string]string{"True": "False", "False": "True"}[p.Bad]
		for status, level := range map[string]Level{
			p.Bad: p.Level, good: OK, "Unknown": min(p.Level, Degraded), "": Quiet, "yes": Quiet,
		} {
			if got := conditionLevel(kind, status, ""); got != level {
				t.Errorf("%s=%s: got %s, want %s", kind, status, got, level)
			}
		}
	}
	if conditionLevel("Progressing", "False", "") != Failing {
		t.Error("a Deployment that does not progress is well")
	}
}

func TestPolaritiesOfTheUser(t *testing.T) {
	AddPolarities([]Polarity{
		{"LicenseValid", "False", Failing}, {"*Expired", "True", Failing}, {"Ready", "True", Failing},
	})
	defer AddPolarities(nil)
	k, _ := Generic(widgets, "Widget", true, nil)
	for object, status := range map[string]Status{
		`{type: LicenseValid, status: "False", reason: Old}`: {Degraded, "LicenseValid=False: Old", time.Time{}},
		`{type: LicenseValid, status: "True"}`:               {Level: OK},
		`{type: TrialExpired, status: "True"}`:               {Failing, "TrialExpired=True", time.Time{}},
		`{type: Ready, status: "True"}`:                      {Failing, "Ready=True", time.Time{}},
		`{type: Healthy, status: "True"}`:                    {Level: OK},
	} {
		r, _ := row(t, k, unstructuredFrom(t, `{status: {conditions: [`+object+`]}}`))
		if r.Status != status {
			t.Errorf("%s: got %+v, want %+v", object, r.Status, status)
		}
	}
}
