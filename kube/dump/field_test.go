package dump

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// TestItems opens lists whose items are written in ways that kubectl does not.
func TestItems(t *testing.T) {
	const first = "apiVersion: v1\nkind: List\nitems:\n"
	for name, test := range map[string]struct{ text, pods, maps string }{
		"flow style": {first + "- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}\n" +
			"- {apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop}}\n", "shop/a shop/b", ""},
		"flow style of several lines": {first + "- {apiVersion: v1, kind: Pod,\n   metadata: {name: a,\n" +
			"     namespace: shop}}\n",
			"shop/a", ""},
		"JSON in YAML": {first + "- {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\", " +
			"\"namespace\": \"shop\"}}\n",
			"shop/a", ""},
		"flow style, kind said last": {"items:\n- {metadata: {name: a, namespace: shop}}\nkind: PodList\n" +
			"apiVersion: v1\n", "shop/a", ""},
		"quoted keys": {first + "- \"apiVersion\": v1\n  \"kind\": Pod\n" +
			"  \"metadata\": {name: a, namespace: shop}\n", "shop/a", ""},
		"a bare sequence in flow style": {"- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: " +
			"shop}}\n", "shop/a", ""},
		"an anchor of another item": {first + "- apiVersion: v1\n  kind: Pod\n" +
			"  metadata: {name: a, namespace: shop, labels: &l {a: b}}\n" +
			"- apiVersion: v1\n  kind: Pod\n  metadata: {name: b, namespace: shop, labels: *l}\n", "shop/a shop/b", ""},
		"a merge key": {first + "- &base\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: a, namespace: shop}\n" +
			"- <<: *base\n  metadata: {name: b, namespace: shop}\n", "shop/a shop/b", ""},
		"a merge key in deep items": {first + "  - &base\n    apiVersion: v1\n    kind: Pod\n" +
			"    metadata: {name: a, namespace: shop}\n" +
			"  - <<: *base\n    metadata: {name: b, namespace: shop}\n  - <<: *base\n" +
			"    metadata: {name: c, namespace: shop}\n", "shop/a shop/b shop/c", ""},
		"an anchor before the items": {"apiVersion: v1\nkind: List\nx: &meta {name: a, namespace: shop}\nitems:\n" +
			"- apiVersion: v1\n  kind: Pod\n  metadata: *meta\n- apiVersion: v1\n  kind: ConfigMap\n" +
			"  metadata: *meta\n", "shop/a", "shop/a"},
		"an anchor in a bare sequence": {"- apiVersion: v1\n  kind: Pod\n  metadata: &m {name: a, namespace: shop}\n" +
			"- apiVersion: v1\n  kind: ConfigMap\n  metadata: *m\n", "shop/a", "shop/a"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, write(t, "x.yaml", []byte(test.text)))
			pods, maps := d.names(t, "", "v1", "pods"), d.names(t, "", "v1", "configmaps")
			if pods != test.pods || maps != test.maps || len(d.Problems) > 0 {
				t.Errorf("pods %q, ConfigMaps %q, problems %q", pods, maps, d.problemTexts())
			}
		})
	}
}

// TestEmptyLists holds that a cluster without objects is an answer.
func TestEmptyLists(t *testing.T) {
	for name, text := range map[string]string{
		"kubectl get -o yaml": "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n",
		"kubectl get -o json": "{\"apiVersion\": \"v1\", \"items\": [], \"kind\": \"List\"}",
		"a typed list":        "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": null}",
		"nothing after items": "apiVersion: v1\nkind: PodList\nitems:\n",
		"a Pod that was deleted": "type: DELETED\nobject:\n  apiVersion: v1\n  kind: Pod\n" +
			"  metadata: {name: a, namespace: shop}\n",
	} {
		d := open(t, write(t, "x.yaml", []byte(text)))
		if got := d.names(t, "", "v1", "pods"); got != "" || len(d.Problems) > 0 {
			t.Errorf("%s: pods %q, problems %q", name, got, d.problemTexts())
		}
	}
	broken := write(t, "x.yaml", []byte("apiVersion: v1\nkind: List\nitems:\n- apiVersion: [\n"))
	if _, err := Open(t.Context(), broken, nil, Options{}); err == nil {
		t.Error("a list whose only item is broken passes for an empty one")
	}
}

// TestKindsByPath opens what typed clients write, which leave out apiVersion and kind.
func TestKindsByPath(t *testing.T) {
	const bare = "metadata: {name: a, namespace: shop}\n"
	for path, want := range map[string][4]string{
		"must-gather/namespaces/shop/pods/a/a.yaml": {"", "v1", "pods", "shop/a"},
		"must-gather/namespaces/shop/apps/deployments/a.yaml": {"apps", "v1", "deployments",
			"shop/a"},
		"must-gather/namespaces/shop/core/configmaps/a.yaml": {"", "v1", "configmaps", "shop/a"},
		"must-gather/namespaces/shop/networking.k8s.io/ingresses/a.yaml": {"networking.k8s.io", "v1",
			"ingresses", "shop/a"},
		"x/namespaces/shop/batch/cronjobs/a.json": {"batch", "v1", "cronjobs",
			"shop/a"},
		"must-gather/cluster-scoped-resources/core/nodes/a.yaml": {"", "v1", "nodes", "a"},
		"must-gather/cluster-scoped-resources/storage.k8s.io/storageclasses/a.yaml": {"storage.k8s.io", "v1",
			"storageclasses", "a"},
		"must-gather/namespaces/a/a.yaml": {"", "v1", "namespaces", "a"},
	} {
		text := bare
		if !strings.Contains(want[3], "/") {
			text = "metadata: {name: a}\n"
		}
		if strings.HasSuffix(path, ".json") {
			text = `{"metadata": {"name": "a", "namespace": "shop"}}`
		}
		d := open(t, tree(t, map[string]string{path: text}))
		if got := d.names(t, want[0], want[1], want[2]); got != want[3] || len(d.Problems) > 0 {
			t.Errorf("%s: %q, problems %q", path, got, d.problemTexts())
		}
	}
	for path, want := range map[string][4]string{
		"bundle/cluster-resources/deployments/shop.json":   {"apps", "v1", "deployments", "shop/a"},
		"bundle/cluster-resources/stateful-sets.json":      {"apps", "v1", "statefulsets", "shop/a"},
		"must-gather/namespaces/shop/apps/daemonsets.yaml": {"apps", "v1", "daemonsets", "shop/a"},
		"services.json": {"", "v1", "services", "shop/a"},
		"bundle/cluster-resources/pods/shop.json": {"", "v1", "pods", "shop/a"},
	} {
		d := open(
			t,
			tree(t, map[string]string{path: `{"metadata": {}, "items": [{"metadata": {"name": "a", "namespace": ` +
				`"shop"}}]}`}),
		)
		if got := d.names(t, want[0], want[1], want[2]); got != want[3] || len(d.Problems) > 0 {
			t.Errorf("%s: %q, problems %q", path, got, d.problemTexts())
		}
	}
	definitions := `{"items": [{"metadata": {"name": "lakes.water.test"},
		"spec": {"group": "water.test", "scope": "Namespaced", "names": {"plural": "lakes", "kind": "Lake"},
		"versions": [{"name": "v1", "served": true}]}}]}`
	d := open(t, tree(t, map[string]string{"b/cluster-resources/custom-resource-definitions.json": definitions}))
	if d.names(t, "water.test", "v1", "lakes") != "" || d.Objects != 1 {
		t.Errorf("%d objects, problems %q", d.Objects, d.problemTexts())
	}
}

// TestForeignContent holds that what other programs write is reported once for
// each file, and is not counted as lost.
func TestForeignContent(t *testing.T) {
	d := open(t, tree(t, map[string]string{
		"a.yaml":        pod("shop", "a"),
		"analysis.json": `[{"name": "x", "severity": "warn"}, {"name": "y"}]`,
		"resources.json": `[{"kind": "APIResourceList", "apiVersion": "v1", "resources": []}, {"kind": ` +
			`"APIResourceList", "apiVersion": "v1"}]`,
		"version.json": `{"serverVersion": {"major": "1"}}`,
		"values.yaml":  "image: web\n---\nreplicas: 3\n",
		"names.yaml":   "- one\n- two\n",
		"status.json":  `{"kind": "Status", "apiVersion": "v1", "status": "Failure"}`,
		"lost.yaml":    "apiVersion: v1\nkind: Pod\nmetadata: {namespace: shop}\n",
	}))
	var want []string
	for _, file := range []string{"analysis.json", "lost", "names.yaml", "resources.json", "status.json",
		"values.yaml", "version.json"} {
		if file == "lost" {
			want = append(want, "lost.yaml:1: Pod without a name")
			continue
		}
		want = append(want, file+":1: not from Kubernetes: not shown")
	}
	if !slices.Equal(d.problemTexts(), want) || d.Lost() != 1 || d.Objects != 1 {
		t.Errorf("%d lost, %q", d.Lost(), d.problemTexts())
	}
}

// TestWatchEvents opens what kubectl get --output-watch-events has written: the
// last state of each object.
func TestWatchEvents(t *testing.T) {
	event := func(kind, name, version, phase string) string {
		return "type: " + kind + "\nobject:\n  apiVersion: v1\n  kind: Pod\n  metadata:\n    name: " + name +
			"\n    namespace: shop\n    resourceVersion: \"" + version + "\"\n  status:\n    phase: " + phase + "\n"
	}
	inJSON := `{"type": "ADDED", "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "j", ` +
		`"namespace": "shop"}}}`
	for name, test := range map[string]struct{ text, pods, phase string }{
		"added, modified": {event("ADDED", "a", "5", "Pending") + "---\n" + event("MODIFIED", "a", "7",
			"Running"), "shop/a", "Running"},
		"deleted": {event("ADDED", "a", "5", "Running") + "---\n" + event("ADDED", "b", "6",
			"Running") + "---\n" + event("DELETED", "b", "9", "Running"), "shop/a", "Running"},
		"deleted, and there again": {event("DELETED", "a", "5", "Failed") + "---\n" + event("ADDED", "a", "8",
			"Running"), "shop/a", "Running"},
		"the end comes first": {event("DELETED", "b", "9", "Failed") + "---\n" + event("MODIFIED", "b", "7",
			"Failed") + "---\n" + event("ADDED", "a", "8", "Running"), "shop/a", "Running"},
		"JSON": {inJSON + "\n" + inJSON + "\n" + strings.Replace(inJSON, "ADDED", "BOOKMARK",
			1), "shop/j", ""},
	} {
		d := open(t, write(t, "x.yaml", []byte(test.text)))
		if got := d.names(t, "", "v1", "pods"); got != test.pods || len(d.Problems) > 0 {
			t.Errorf("%s: pods %q, problems %q", name, got, d.problemTexts())
		}
		if !strings.Contains(d.get(t, "/api/v1/pods"), test.phase) {
			t.Errorf("%s: not %s", name, test.phase)
		}
	}
}

// TestTables opens the tables that a server writes, as far as they hold objects.
func TestTables(t *testing.T) {
	row := `{"cells": ["a"], "object": {"kind": "%s", "apiVersion": "v1", "metadata": {"name": "a", "namespace": ` +
		`"shop"}}}`
	table := `{"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": [], "rows": [` + row + `]}`
	d := open(t, write(t, "x.json", []byte(strings.Replace(table, "%s", "Pod", 1))))
	if got := d.names(t, "", "v1", "pods"); got != "shop/a" || len(d.Problems) > 0 {
		t.Errorf("pods %q, problems %q", got, d.problemTexts())
	}
	for _, text := range []string{strings.Replace(table, "%s", "PartialObjectMetadata", 1), strings.Replace(table,
		row, `{"cells": ["a"]}`, 1)} {
		_, err := Open(t.Context(), write(t, "x.json", []byte(text)), nil, Options{})
		if err == nil ||
			!strings.Contains(
				err.Error(),
				"a server's table, which has no whole objects: save the output of kubectl get -o yaml",
			) {
			t.Error(err)
		}
	}
}

// TestLongLogLines holds that a line stays whole, however long it is.
func TestLongLogLines(t *testing.T) {
	for _, length := range []int{10, readAhead - 1, readAhead, readAhead + 1, 2 * readAhead, 150_000} {
		for _, end := range []string{"", "\n", "\r\n"} {
			log := "before\n" + strings.Repeat("x", length) + end
			d := open(t, tree(t, map[string]string{"a.yaml": pod("shop", "a"), "logs/a.log": log}))
			if got := d.get(t, "/api/v1/namespaces/shop/pods/a/log"); got != "before\n"+strings.Repeat("x",
				length)+"\n" {
				t.Errorf("%d and %q: %d bytes in %d lines", length, end, len(got), strings.Count(got, "\n"))
			}
		}
	}
}

// TestCompressions opens a file and an archive in every compression.
func TestCompressions(t *testing.T) {
	text := []byte(pod("shop", "a"))
	packed := tarOf(t, []tar.Header{{Name: "d/a.yaml"}}, string(text))
	for suffix, squeeze := range map[string]func(*testing.T, []byte) []byte{
		".gz": squeeze, ".xz": squeezeXZ, ".zst": squeezeZstd, ".bz2": squeezeBzip2,
	} {
		inner := tarOf(t, []tar.Header{{Name: "d/a.yaml" + suffix}}, string(squeeze(t, text)))
		for name, content := range map[string][]byte{
			"a.yaml" + suffix: squeeze(t, text), "a.tar" + suffix: squeeze(t, packed), "nameless": squeeze(t,
				packed), "inside.tar": inner,
		} {
			d := open(t, write(t, name, content))
			if got := d.names(t, "", "v1", "pods"); got != "shop/a" || len(d.Problems) > 0 {
				t.Errorf("%s of %s: pods %q, problems %q", name, suffix, got, d.problemTexts())
			}
		}
		bomb := squeeze(t, bytes.Repeat([]byte("a: b\n"), 1<<18))
		small := Options{Limits: Limits{Bytes: 1 << 20}}
		_, err := Open(t.Context(), write(t, "x.yaml"+suffix, bomb), nil, small)
		if err == nil || !strings.Contains(err.Error(), "refused: more than") {
			t.Errorf("a bomb in %s: %v", suffix, err)
		}
		whole := squeeze(t, packed)
		cut := write(t, "cut.tar"+suffix, whole[:len(whole)-len(whole)/4])
		if d, err := Open(t.Context(), cut, nil, Options{}); err == nil && d.Lost() == 0 {
			t.Errorf("a cut %s passes for whole", suffix)
		}
	}
}

func squeezeXZ(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func squeezeZstd(t *testing.T, text []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(text, nil)
}

// squeezeBzip2 uses a program: none of the project's libraries writes bzip2.
func squeezeBzip2(t *testing.T, text []byte) []byte {
	t.Helper()
	path, err := exec.LookPath("bzip2")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatalf("install bzip2: %v", err)
	case err != nil:
		t.Skip("needs bzip2")
	}
	cmd := exec.CommandContext(t.Context(), path, "-c")
	cmd.Stdin = bytes.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
