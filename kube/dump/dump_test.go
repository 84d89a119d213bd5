package dump

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// tree writes files, by their paths, and returns the folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func open(t *testing.T, path string, change ...func(*Options)) *Dump {
	t.Helper()
	var o Options
	for _, f := range change {
		f(&o)
	}
	d, err := Open(t.Context(), path, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// list asks for the objects of a resource, as a client does.
func (d *Dump) list(t *testing.T, group, version, resource string) []unstructured.Unstructured {
	t.Helper()
	client, err := dynamic.NewForConfig(&rest.Config{Host: "http://dump", Transport: d, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	of := schema.GroupVersionResource{Group: group, Version: version, Resource: resource}
	all, err := client.Resource(of).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return all.Items
}

// names are the objects of a resource as namespace/name.
func (d *Dump) names(t *testing.T, group, version, resource string) string {
	t.Helper()
	var names []string
	for _, o := range d.list(t, group, version, resource) {
		names = append(names, strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/"))
	}
	return strings.Join(names, " ")
}

// get is the body that a request is answered with.
func (d *Dump) get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://dump"+url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := d.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// problemTexts are the problems as text.
func (d *Dump) problemTexts() []string {
	var all []string
	for _, p := range d.Problems {
		all = append(all, p.String())
	}
	return all
}

func pod(namespace, name string) string {
	return `apiVersion: v1
kind: Pod
metadata:
  name: ` + name + `
  namespace: ` + namespace + `
  resourceVersion: "10"
  creationTimestamp: "2026-01-02T03:00:00Z"
spec:
  containers:
  - name: app
    image: web
`
}

func indented(text, first, rest string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return first + strings.Join(lines, "\n"+rest) + "\n"
}

func yamlList(items ...string) string {
	text := "apiVersion: v1\nitems:\n"
	for _, item := range items {
		text += indented(item, "- ", "  ")
	}
	return text + "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
}

// asUTF16 is a text as PowerShell writes it.
func asUTF16(text string) string {
	out := "\xff\xfe"
	for _, c := range text {
		out += string([]byte{byte(c), byte(c >> 8)})
	}
	return out
}

// TestShapes opens the same two pods in every form that tools write.
func TestShapes(t *testing.T) {
	a, b := pod("shop", "a"), pod("shop", "b")
	bare := func(text string) string { return strings.Replace(text, "apiVersion: v1\nkind: Pod\n", "", 1) }
	asJSON := func(text string) string {
		object, err := parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out, _ := json.MarshalIndent(object, "        ", "    ")
		return string(out)
	}
	deep := indented(a, "  - ", "    ") + indented(b, "  - ", "    ")
	typed := strings.Replace(yamlList(bare(a), bare(b)), "kind: List", "kind: PodList", 1)
	shapes := map[string]string{
		"documents":                          a + "---\n" + b,
		"documents that begin with a marker": "--- # first\n" + a + "...\n---\n\n# only a comment\n---\n" + b,
		"a List":                             yamlList(a, b),
		"a List whose items are deep":        "apiVersion: v1\nitems:\n" + deep + "kind: List\n",
		"a List that says so first":          "apiVersion: v1\nkind: List\nitems:\n" + deep,
		"a PodList":                          typed,
		"two Lists":                          yamlList(a) + "---\n" + yamlList(b),
		"CRLF":                               strings.ReplaceAll(yamlList(a, b), "\n", "\r\n"),
		"a BOM":                              "\xef\xbb\xbf" + yamlList(a, b),
		"UTF-16, as PowerShell":              asUTF16(yamlList(a, b)),
		"a sequence":                         indented(a, "- ", "  ") + indented(b, "- ", "  "),
		"JSON":                               asJSON(a) + "\n" + asJSON(b),
		"JSON without a line between":        asJSON(a) + asJSON(b),
		"a JSON List": "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        " + asJSON(
			a,
		) + ",\n        " + asJSON(
			b,
		) + "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\"resourceVersion\": \"\"}\n}\n",
		"a JSON PodList": "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": [" + asJSON(
			bare(a),
		) + "," + asJSON(
			bare(b),
		) + "]}",
		"a JSON PodList, said last": "{\"items\": [" + asJSON(
			bare(a),
		) + "," + asJSON(
			bare(b),
		) + "], \"kind\": \"PodList\", \"apiVersion\": \"v1\"}",
		"a JSON array": "[" + asJSON(a) + "," + asJSON(b) + "]",
		"flow style": "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}\n---\n" +
			"{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop}}\n",
		"empty lists": "apiVersion: v1\nitems: []\nkind: NodeList\n---\napiVersion: v1\nkind: ServiceList\nitems:\n" +
			"---\n{\"kind\": \"EventList\", \"apiVersion\": \"v1\", \"items\": null}{\"kind\": \"List\", " +
			"\"apiVersion\": \"v1\", \"items\": []}\n---\n" + yamlList(
			a,
			b,
		),
		"a List in flow style": "apiVersion: v1\nkind: PodList\n" +
			"items: [{metadata: {name: a, namespace: shop}}, {metadata: {name: b, namespace: shop}}]\n",
		"an object between markers": "---\n" + asJSON(a) + "\n---\n" + b,
	}
	for name, text := range shapes {
		t.Run(name, func(t *testing.T) {
			d := open(t, filepath.Join(tree(t, map[string]string{"x.yaml": text}), "x.yaml"))
			if got := d.names(t, "", "v1", "pods"); got != "shop/a shop/b" || len(d.Problems) > 0 {
				t.Errorf("pods %q, problems %q", got, d.problemTexts())
			}
		})
	}
}

// damage is a text that is broken somewhere, what can be read of it, and what is
// reported about the rest.
type damage struct {
	name, text, pods string
	problems         []string
}

// TestDamagedYAML holds that what is broken loses only itself, and is reported
// with its line.
func TestDamagedYAML(t *testing.T) {
	a, b, c := pod("shop", "a"), pod("shop", "b"), pod("shop", "c")
	list := yamlList(a, b, c)
	checkDamage(t, []damage{
		{
			"a tab",
			a + "---\n" + strings.Replace(b, "  name: b", "\tname: b", 1) + "---\n" + c,
			"shop/a shop/c",
			[]string{"x.yaml:16: found character that cannot start any token"},
		},
		{
			"wrong indentation in an item",
			strings.Replace(list, "    name: b", "   name: b\n     x: y", 1),
			"shop/a shop/c",
			[]string{"x.yaml:18: mapping values are not allowed in this context"},
		},
		{
			"an item's line at the left",
			strings.Replace(
				list,
				"    namespace: shop\n    resourceVersion: \"10\"\n    creationTimestamp: \"2026-01-02T03:00:00Z\"\n"+
					"  spec:\n    containers:\n    - name: app\n      image: web\n- apiVersion: v1\n  kind: Pod\n"+
					"  metadata:\n    name: c",
				"oops: 1\n    namespace: shop\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: c",
				1,
			),
			"",
			nil,
		},
		{"cut in an item", list[:strings.Index(list, "name: c")+7], "shop/a shop/b", nil},
		{
			"cut between items",
			list[:strings.Index(list, "kind: List")],
			"shop/a shop/b shop/c",
			[]string{"x.yaml:1: the list has no end: the file is cut, and the last object may be only a part of one"},
		},
		{"a second name", a + "---\n" + strings.Replace(b, "kind: Pod", "kind: [Pod", 1) + "---\n" + c,
			"shop/a shop/c", nil},
		{
			"no name",
			a + "---\n" + strings.Replace(b, "name: b", "nome: b", 1),
			"shop/a",
			[]string{"x.yaml:13: Pod without a name"},
		},
		{
			"no kind",
			a + "---\nmetadata: {name: bar}\n",
			"shop/a",
			[]string{"x.yaml:13: not a Kubernetes object: apiVersion and kind are missing"},
		},
		{
			"aliases that multiply",
			a + "---\n" + bomb + "---\n" + c,
			"shop/a shop/c",
			[]string{"x.yaml:13: document contains excessive aliasing"},
		},
	})
}

// TestErrorsQuoteNoValues damages Secrets in ways that the YAML parser describes with their values.
func TestErrorsQuoteNoValues(t *testing.T) {
	a, b, c := pod("shop", "a"), pod("shop", "b"), pod("shop", "c")
	checkDamage(t, []damage{
		{
			"a value that looks like an alias",
			a + "---\n" + strings.Replace(b, "kind: Pod", "kind: Secret\nstringData: {p: *hunter2}", 1) + "---\n" + c,
			"shop/a shop/c",
			[]string{"x.yaml:13: unknown anchor referenced"},
		},
		{
			"a value of no such type",
			a + "---\n" + strings.Replace(b, "kind: Pod", "kind: Secret\nstringData: {p: !!int hunter2}", 1) + "---\n" + c,
			"shop/a shop/c",
			[]string{"x.yaml:13: cannot decode !!str as a !!int"},
		},
		{
			"a key that is a list",
			a + "---\n" + strings.Replace(b, "kind: Pod", "kind: Secret\nstringData: {[hunter2]: p}", 1) + "---\n" + c,
			"shop/a shop/c",
			[]string{"x.yaml:13: invalid map key"},
		},
	})
}

// TestDamagedJSON holds the same for JSON.
func TestDamagedJSON(t *testing.T) {
	item := func(name string) string {
		return "        {\n            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\",\n" +
			"            \"metadata\": {\n                \"name\": \"" + name + "\",\n                " +
			"\"namespace\": \"shop\"\n            }\n        }"
	}
	items := item("a") + ",\n" + item("b") + ",\n" + item("c")
	jsonList := "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n" + items + "\n    ],\n    \"kind\": \"List\"\n}\n"
	checkDamage(t, []damage{
		{
			"a JSON item without its end",
			strings.Replace(
				jsonList,
				"                \"namespace\": \"shop\"\n            }\n        },\n        {\n"+
					"            \"apiVersion\": \"v1\",\n            \"kind\": \"Pod\",\n"+
					"            \"metadata\": {\n                \"name\": \"c\"",
				"                \"namespace\": \"shop\"\n        {\n            \"apiVersion\": \"v1\",\n"+
					"            \"kind\": \"Pod\",\n            \"metadata\": {\n                \"name\": \"c\"",
				1,
			),
			"shop/a shop/c",
			[]string{"x.yaml:12: it has no end"},
		},
		{
			"a bracket too many",
			strings.Replace(jsonList, "        },", "        }},", 1),
			"shop/a shop/b shop/c",
			[]string{"x.yaml:11: a bracket too many between the items of a list"},
		},
		{
			"a JSON list that is cut",
			jsonList[:strings.Index(jsonList, "\"c\"")],
			"shop/a shop/b",
			[]string{
				"x.yaml:1: the list has no end: the file is cut, and the last object may be only a part of one",
				"x.yaml:20: the file ends in the middle of it",
			},
		},
		{
			"a JSON item that is none",
			strings.Replace(jsonList, "\"name\": \"b\"", "\"name\" \"b\"", 1),
			"shop/a shop/c",
			[]string{"x.yaml:16: invalid character '\"' after object key"},
		},
	})
}

func checkDamage(t *testing.T, tests []damage) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := open(t, tree(t, map[string]string{"x.yaml": test.text, "y.yaml": pod("other", "whole")}))
			got := strings.TrimPrefix(strings.TrimPrefix(d.names(t, "", "v1", "pods"), "other/whole"), " ")
			if test.pods != "" && got != test.pods || len(d.Problems) == 0 || d.Lost() != len(d.Problems) {
				t.Errorf("pods %q, want %q; problems %q", got, test.pods, d.problemTexts())
			}
			if test.problems != nil && !slices.Equal(d.problemTexts(), test.problems) {
				t.Errorf("problems %q", d.problemTexts())
			}
		})
	}
}

// bomb is small and would be 10^9 words.
var bomb = func() string {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'i'; c++ {
		before := string(c - 1)
		text += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+before+", ", 10),
			", ") + "]\n"
	}
	return text
}()

func TestOpenSaysWhatIsMissing(t *testing.T) {
	root := tree(
		t,
		map[string]string{
			"empty.yaml":   "",
			"text.txt":     "hello",
			"binary":       "\x00\x01\x02",
			"bad.yaml":     "a: [",
			"picture.yaml": "\x89PNG\x00\x00",
			"cut.tgz":      "\x1f\x8b\x08\x00",
		},
	)
	if err := os.Mkdir(filepath.Join(root, "folder"), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"none":         "no such file or directory",
		"folder":       "no files in it",
		"empty.yaml":   "no Kubernetes objects in it",
		"text.txt":     "no Kubernetes objects in it; `fathom open` takes",
		"binary":       "no Kubernetes objects in it",
		"bad.yaml":     "no Kubernetes objects could be read: bad.yaml:1: did not find expected node content",
		"picture.yaml": "picture.yaml: binary",
		"cut.tgz":      "it ends too early",
	} {
		_, err := Open(t.Context(), filepath.Join(root, name), nil, Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(t.Context(), "-", strings.NewReader(""), Options{}); err == nil ||
		err.Error() != "standard input: it is empty" {
		t.Errorf("empty input: %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Open(stopped, root, nil, Options{}); err == nil {
		t.Error("opened though it was cancelled")
	}
}

func TestStandardInput(t *testing.T) {
	d, err := Open(t.Context(), "-", strings.NewReader(pod("shop", "a")), Options{})
	if err != nil || d.names(t, "", "v1", "pods") != "shop/a" || d.Objects != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	want := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	if !d.Now.Equal(want) || !d.API.Clock().Now().Equal(want) {
		t.Errorf("now is %s", d.Now)
	}
}
