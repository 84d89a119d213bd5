package memapi_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/dump"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// opened returns the API of a file with this text.
func opened(t *testing.T, yaml string) *memapi.API {
	t.Helper()
	path := filepath.Join(t.TempDir(), "objects.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := dump.Open(t.Context(), path, nil, dump.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d.API
}

func get(t *testing.T, a *memapi.API, accept, path string) io.ReadCloser {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := a.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res.Body
}

func read(t *testing.T, body io.Reader) []byte {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestWhatAFileDoesNotSayIsNotServed holds that metadata stays as a file has it:
// in an object, a list, protobuf, a table's rows and metadata alone.
func TestWhatAFileDoesNotSayIsNotServed(t *testing.T) {
	for name, metadata := range map[string]map[string]any{
		"nothing but a name":         {"name": "a", "namespace": "shop"},
		"a resourceVersion":          {"name": "a", "namespace": "shop", "resourceVersion": "17"},
		"one that is not a number":   {"name": "a", "namespace": "shop", "resourceVersion": "v7"},
		"one that begins with zeros": {"name": "a", "namespace": "shop", "resourceVersion": "007"},
		"a UID and a time": {
			"name": "a", "namespace": "shop", "uid": "u-1", "creationTimestamp": "2026-01-02T03:04:05Z",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": map[string]any{"k": "v"},
			})
			if err != nil {
				t.Fatal(err)
			}
			api := opened(t, string(text))
			type object struct{ Metadata map[string]any }
			same := func(form string, got map[string]any) {
				t.Helper()
				delete(got, "creationTimestamp")
				want := map[string]any{}
				for key, value := range metadata {
					if key != "creationTimestamp" {
						want[key] = value
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", form, diff)
				}
			}
			const path = "/api/v1/namespaces/shop/configmaps"
			var one object
			if err := json.Unmarshal(read(t, get(t, api, "application/json", path+"/a")), &one); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(metadata, one.Metadata); diff != "" {
				t.Error(diff)
			}
			var list struct {
				Metadata struct{ ResourceVersion string }
				Items    []object
			}
			if err := json.Unmarshal(read(t, get(t, api, "application/json", path)), &list); err != nil {
				t.Fatal(err)
			}
			same("list", list.Items[0].Metadata)
			if list.Metadata.ResourceVersion == "" {
				t.Error("the list has no version to watch from")
			}
			var table struct{ Rows []struct{ Object object } }
			tables := "application/json;as=Table;v=v1;g=meta.k8s.io"
			if err := json.Unmarshal(read(t, get(t, api, tables, path)), &table); err != nil {
				t.Fatal(err)
			}
			same("table", table.Rows[0].Object.Metadata)
			message := read(t, get(t, api, "application/vnd.kubernetes.protobuf", path+"/a"))
			binary, _, err := scheme.Codecs.UniversalDeserializer().Decode(message, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			version, _ := metadata["resourceVersion"].(string)
			if got := binary.(*corev1.ConfigMap).ResourceVersion; got != version {
				t.Errorf("protobuf: version %q", got)
			}
		})
	}
}

// TestAWatchSaysTheVersionThatObjectsDoNotSay holds that a client knows where to resume
// after objects without a version.
func TestAWatchSaysTheVersionThatObjectsDoNotSay(t *testing.T) {
	api := opened(t, `
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}}
`)
	body := get(t, api, "application/json", "/api/v1/configmaps?watch=true&allowWatchBookmarks=true")
	events := bufio.NewScanner(body)
	var kinds, versions []string
	for len(kinds) < 3 && events.Scan() {
		var e struct {
			Type   string
			Object struct {
				Metadata struct{ ResourceVersion string }
			}
		}
		if err := json.Unmarshal(events.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		kinds, versions = append(kinds, e.Type), append(versions, e.Object.Metadata.ResourceVersion)
	}
	if strings.Join(kinds, " ") != "ADDED ADDED BOOKMARK" || versions[0]+versions[1] != "" || versions[2] == "" {
		t.Errorf("%q %q", kinds, versions)
	}
}
