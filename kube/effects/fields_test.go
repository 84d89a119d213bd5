package effects

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
)

// parse reads JSON as the API's answers are read.
func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := utiljson.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		want                string // the fields, one after another
	}{
		{"nothing", `{"spec":{"replicas":3}}`, `{"spec":{"replicas":3}}`, ""},
		{"a number of another type", `{"spec":{"replicas":3}}`, `{"spec":{"replicas":3.0}}`, ""},
		{"a value", `{"spec":{"replicas":3}}`, `{"spec":{"replicas":5}}`, "/spec/replicas 3→5"},
		{"a new field", `{"spec":{}}`, `{"spec":{"paused":true}}`, "/spec/paused <nil>→true"},
		{"a field that goes", `{"spec":{"paused":true}}`, `{"spec":{}}`, "/spec/paused true→<nil>"},
		{"zero is not nothing", `{"spec":{}}`, `{"spec":{"replicas":0}}`, "/spec/replicas <nil>→0"},
		{"names with slashes and tildes", `{"metadata":{"labels":{"a/b~c":"1"}}}`, `{"metadata":{"labels":{"a/b~c":"2"}}}`,
			"/metadata/labels/a~1b~0c 1→2"},
		{"lists of the same length", `{"l":[{"n":"a"},{"n":"b"}]}`, `{"l":[{"n":"a"},{"n":"c"}]}`, "/l/1/n b→c"},
		{"lists of another length", `{"l":[1]}`, `{"l":[1,2]}`, "/l [1]→[1 2]"},
		{"a list with nothing in it", `{"l":[1]}`, `{"l":[null]}`, "/l [1]→[<nil>]"},
		{"a list that becomes a map", `{"l":[1]}`, `{"l":{"a":1}}`, "/l [1]→map[a:1]"},
		{"bookkeeping", `{"metadata":{"resourceVersion":"1","generation":1,"managedFields":[]}}`,
			`{"metadata":{"resourceVersion":"2","generation":2,"managedFields":[1]}}`, ""},
		{"status", `{"status":{"a":1}}`, `{"status":{"a":2}}`, ""},
		{"no object before", `null`, `{"spec":{"a":1}}`, "/spec <nil>→map[a:1]"},
	} {
		var words []string
		for _, f := range Compare(parse(t, c.before), parse(t, c.after), false) {
			words = append(words, fmt.Sprintf("%s %v→%v", f.Path, f.Before, f.After))
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := Compare(parse(t, `{"status":{"a":1}}`), parse(t, `{"status":{"a":2}}`), true); len(got) != 1 {
		t.Errorf("with the status: %v", got)
	}
}

// FuzzPatch makes any object from any other by the patch of what differs.
func FuzzPatch(f *testing.F) {
	f.Add(`{"spec":{"a":[1,2],"b/c":{"~":null}}}`, `{"spec":{"a":[2],"b/c":{"~":"x"}}}`)
	f.Add(`{"metadata":{"uid":"1","resourceVersion":"7","labels":{"a":"b"}}}`, `{"metadata":{"uid":"1","resourceVersion":"7"}}`)
	f.Add(`{"l":[1,null]}`, `{"l":[null,{"a":1}]}`)
	f.Add(`{"l":[{"a":1},{"b":[1]}]}`, `{"l":[{"a":2},{"b":[]}]}`)
	f.Fuzz(func(t *testing.T, older, newer string) {
		before, after := map[string]any{}, map[string]any{}
		if utiljson.Unmarshal([]byte(older), &before) != nil || utiljson.Unmarshal([]byte(newer), &after) != nil {
			t.Skip()
		}
		before, after = withoutNulls(before).(map[string]any), withoutNulls(after).(map[string]any)
		fields := Compare(before, after, true)
		text, err := patchOf(before, fields)
		if err != nil {
			t.Fatal(err)
		}
		patch, err := jsonpatch.DecodePatch(text)
		if err != nil {
			t.Fatal(err)
		}
		from, err := json.Marshal(before)
		if err != nil {
			t.Fatal(err)
		}
		made, err := patch.Apply(from)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := map[string]any{}
		if err := utiljson.Unmarshal(made, &got); err != nil {
			t.Fatal(err)
		}
		if left := Compare(got, after, true); len(left) > 0 {
			t.Errorf("%s → %s by %s leaves %v", older, newer, text, left)
		}
	})
}

// withoutNulls is a value as the API server sends it: it has no null in a map.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if inner == nil {
				delete(v, k)
			} else {
				v[k] = withoutNulls(inner)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = withoutNulls(inner)
		}
	}
	return v
}

func TestTakeBack(t *testing.T) {
	before := parse(t, `{"spec":{"replicas":3,"l":[{"image":"a:1"}]},"metadata":{"labels":{"x":"1"}}}`)
	after := parse(t, `{"spec":{"replicas":5,"l":[{"image":"a:2"}],"paused":true},"metadata":{}}`)
	changes := journaled(pod, Compare(before, after, false))
	object := runtime.DeepCopyJSON(after)
	if err := takeBack(object, changes); err != nil {
		t.Fatal(err)
	}
	if left := Compare(before, object, false); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	object = runtime.DeepCopyJSON(after)
	object["spec"].(map[string]any)["replicas"] = int64(7)
	err := takeBack(object, changes)
	if err == nil || err.Error() != "it has changed since: spec.replicas 5 → 7" {
		t.Errorf("after another change: %v", err)
	}
}

func TestJournalHasNoSecrets(t *testing.T) {
	fields := []Field{
		{"/data/password", "aHVudGVyMg==", nil}, {"/metadata/labels/a", "1", "2"},
		{"/stringData", nil, map[string]any{"a": "hunter2"}},
		{"/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", "hunter2", nil},
	}
	text, err := json.Marshal(journaled(secret, fields))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"hunter2", "aHVudGVyMg"} {
		if strings.Contains(string(text), word) {
			t.Errorf("the journal has %s", text)
		}
	}
	if !strings.Contains(string(text), `"2"`) {
		t.Errorf("the journal lacks a label: %s", text)
	}
}
