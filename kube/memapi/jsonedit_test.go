package memapi

import (
	"encoding/json"
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestServedSetsOnlyWhatDiffers(t *testing.T) {
	gvk := schema.GroupVersionKind{Group: "g", Version: "v2", Kind: "K"}
	for name, c := range map[string]struct{ text, want string }{
		"all there": {
			`{"apiVersion":"g/v2","kind":"K","metadata":{"name":"a","resourceVersion":"7"}}`,
			`{"apiVersion":"g/v2","kind":"K","metadata":{"name":"a","resourceVersion":"7"}}`,
		},
		"all other": {
			`{"kind":"J","metadata":{"resourceVersion":"6"},"apiVersion":"g/v1"}`,
			`{"kind":"K","metadata":{"resourceVersion":"7"},"apiVersion":"g/v2"}`,
		},
		"nothing there": {
			`{"metadata":{"name":"a"}}`,
			`{"kind":"K","apiVersion":"g/v2","metadata":{"resourceVersion":"7","name":"a"}}`,
		},
		"empty metadata": {
			`{"metadata":{}}`, `{"kind":"K","apiVersion":"g/v2","metadata":{"resourceVersion":"7"}}`,
		},
		"deeper ones stay": {
			`{"spec":{"kind":"X","metadata":{"resourceVersion":"1"}},"kind":"K","apiVersion":"g/v2",` +
				`"metadata":{"labels":{"resourceVersion":"2"},"resourceVersion":"7"}}`,
			`{"spec":{"kind":"X","metadata":{"resourceVersion":"1"}},"kind":"K","apiVersion":"g/v2",` +
				`"metadata":{"labels":{"resourceVersion":"2"},"resourceVersion":"7"}}`,
		},
		"brackets in texts": {
			`{"a":"}\"]{","kind":"K","apiVersion":"g/v2","metadata":{"n":"\\","resourceVersion":"1"}}`,
			`{"a":"}\"]{","kind":"K","apiVersion":"g/v2","metadata":{"n":"\\","resourceVersion":"7"}}`,
		},
		"spaces": {
			"{ \"kind\" : \"J\" ,\n\"apiVersion\":\"g/v2\", \"metadata\" : { } }",
			"{ \"kind\" : \"K\" ,\n\"apiVersion\":\"g/v2\", \"metadata\" : {\"resourceVersion\":\"7\" } }",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := served([]byte(c.text), gvk, 7); string(got) != c.want || err != nil {
				t.Errorf("got %s %v\nwant %s", got, err, c.want)
			}
		})
	}
}

// FuzzServed holds that the valid JSON of an object stays valid, and says what was set.
func FuzzServed(f *testing.F) {
	for _, text := range []string{
		`{"metadata":{"name":"a"},"x":[1,{"y":null}],"kind":"\u004b"}`, `{"metadata":{}}`,
		`[`, `{"a"`, `{"metadata":[]}`, "{\"a\":\"\\",
	} {
		f.Add([]byte(text))
	}
	gvk := schema.GroupVersionKind{Version: "v1", Kind: "K"}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := served(text, gvk, 42)
		var before, after map[string]any
		if json.Unmarshal(text, &before) != nil || err != nil || repeats(text) {
			return
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%s became %s: %v", text, got, err)
		}
		meta, ok := before["metadata"].(map[string]any)
		if !ok {
			return
		}
		meta["resourceVersion"], before["kind"], before["apiVersion"] = "42", "K", "v1"
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s became %s", text, got)
		}
	})
}

// repeats reports whether a member that is edited is there twice: the last counts, and
// the first is found.
func repeats(text []byte) bool {
	seen := map[string]int{}
	count := func(m member) bool {
		seen[m.key]++
		return true
	}
	_, _ = members(text, 0, func(m member) bool {
		if m.key == "metadata" {
			_, _ = members(text, m.from, count)
		}
		return count(m)
	})
	return seen["metadata"] > 1 || seen["resourceVersion"] > 1 || seen["kind"] > 1 || seen["apiVersion"] > 1
}

// FuzzMessage holds that no message makes reading panic, and that a pod stays the same
// pod.
func FuzzMessage(f *testing.F) {
	pod := varied(1)
	message, err := pod.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(message)
	f.Add(enclose(podKind, message))
	f.Add(message[:len(message)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		raw, err := bare(data)
		if err != nil {
			return
		}
		changed, err := withVersion(raw, 42)
		if err != nil {
			return
		}
		var before, after corev1.Pod
		if before.Unmarshal(raw) != nil {
			return
		}
		if err := after.Unmarshal(changed); err != nil {
			t.Fatal(err)
		}
		before.ResourceVersion = "42"
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%v became %v", before, after)
		}
	})
}
