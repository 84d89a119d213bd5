package kinds

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"sigs.k8s.io/yaml"
)

// samplePath is where the sample of the kind in a file stands.
func samplePath(file string) string {
	return filepath.Join("testdata", strings.TrimSuffix(filepath.Base(file), ".go")+".yaml")
}

// variable is the name of the variable that holds a kind, and in lower case that of its
// file: the kind's, after a word of its group where the core group has a kind of that
// name too.
func variable(k *Kind) string {
	if core, ok := For(schema.GroupKind{Kind: k.Kind}); !ok || core == k {
		return k.Kind
	}
	word, _, _ := strings.Cut(k.Group, ".")
	return strings.ToUpper(word[:1]) + word[1:] + k.Kind
}

func fileOf(k *Kind) string { return strings.ToLower(variable(k)) + ".go" }

// sample is an object of a kind as a cluster has it: complete and healthy.
func sample(tb testing.TB, k *Kind) runtime.Object {
	tb.Helper()
	text, err := os.ReadFile(samplePath(fileOf(k)))
	if err != nil {
		tb.Fatalf("%s needs a sample: %v", k.Kind, err)
	}
	obj := newObject(k)
	if err := readYAML(text, obj); err != nil {
		tb.Fatalf("the sample of %s: %v", k.Kind, err)
	}
	return obj
}

// TestEveryKindFileHasASample finds the files that register a kind by reading them, so that no list of kinds has to be
// kept, and the samples whose file is gone.
func TestEveryKindFileHasASample(t *testing.T) {
	wanted := map[string]bool{}
	for _, file := range glob(t, "*.go") {
		if registered := registrations(t, file); registered > 0 {
			wanted[samplePath(file)] = true
			if registered > 1 {
				t.Errorf("%s registers %d kinds: one file is one kind", file, registered)
			}
		}
	}
	for _, path := range glob(t, filepath.Join("testdata", "*.yaml")) {
		if !wanted[path] {
			t.Errorf("%s is the sample of no kind", path)
		}
	}
	for _, k := range All() {
		path := samplePath(fileOf(k))
		if !wanted[path] {
			t.Errorf("%s should be registered in %s", k.Kind, fileOf(k))
		}
		delete(wanted, path)
		obj := sample(t, k)
		if gvk := obj.GetObjectKind().GroupVersionKind(); gvk != k.GroupVersionKind {
			t.Errorf("%s holds a %s", path, gvk)
		}
	}
	for path := range wanted {
		t.Errorf("%s is missing, or its file is not named after its kind", path)
	}
}

// TestEveryKindIsTested names the kinds without a table of ugly situations, and those
// without a manifest that has only the required fields. It reads the tests, so that a
// run of some of them finds the same.
func TestEveryKindIsTested(t *testing.T) {
	tables := map[string]bool{}
	for _, file := range glob(t, "*_test.go") {
		for _, call := range calls(t, file, "checkSituations") {
			if kind, ok := call.Args[1].(*ast.Ident); ok {
				tables[kind.Name] = true
			}
		}
	}
	required := map[*Kind]bool{}
	for _, m := range manifests {
		required[m.kind] = true
	}
	for _, k := range All() {
		if name := variable(k); !tables[name] {
			t.Errorf("%s has no ugly situations: checkSituations(t, %[1]s, ...)", name)
		}
		if !required[k] {
			t.Errorf("%s has no row in manifests with only the fields that it requires", k.Kind)
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

// registrations counts the kinds that a file registers.
func registrations(t *testing.T, file string) int { return len(calls(t, file, "register")) }

// calls are the calls of a function of this package in a file.
func calls(t *testing.T, file, function string) []*ast.CallExpr {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []*ast.CallExpr
	ast.Inspect(parsed, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && fmt.Sprint(call.Fun) == function {
			found = append(found, call)
		}
		return true
	})
	return found
}

func TestEverySampleIsReadWell(t *testing.T) {
	for _, k := range All() {
		t.Run(k.Kind, func(t *testing.T) {
			obj := sample(t, k)
			r, cells := row(t, k, obj)
			if r.Status.Level >= Failing {
				t.Errorf("status: %s %q", r.Status.Level, r.Status.Reason)
			}
			for name, text := range cells {
				if strings.Contains(text, "<invalid>") {
					t.Errorf("%s: %q", name, text)
				}
			}
			if strings.TrimSuffix(cells["NAME"], " (default)") != r.Name || r.Name == "" || (r.Namespace != "") != k.Namespaced {
				t.Errorf("NAME is %q of %q in namespace %q", cells["NAME"], r.Name, r.Namespace)
			}
			d := k.Details(obj)
			checkDetails(t, d)
			if len(d.Facts)+len(d.Conditions)+len(d.Containers)+len(d.Data) == 0 {
				t.Error("the overview says nothing")
			}
			checkPrint(t, k, obj, cells)
		})
	}
}

// checkPrint compares what Print gives a kubectl to the cells of a row.
func checkPrint(t *testing.T, k *Kind, obj runtime.Object, want map[string]string) {
	t.Helper()
	columns, cells := Print(k.GroupVersionKind)
	if len(columns) != len(k.Columns) {
		t.Fatalf("%d columns are printed, of %d", len(columns), len(k.Columns))
	}
	got, err := cells(obj, now)
	if err != nil || len(got) != len(columns) {
		t.Fatalf("%d cells for %d columns, %v", len(got), len(columns), err)
	}
	for i, c := range columns {
		if got[i] != want[c.Name] {
			t.Errorf("%s is printed as %q, want %q", c.Name, got[i], want[c.Name])
		}
	}
}

// ExampleKind_Record reads a pod that crashes: its cells as `kubectl get` has them, and its health in a word.
func ExampleKind_Record() {
	object := Pod.New()
	err := yaml.Unmarshal([]byte(`
metadata: {name: web-1, namespace: shop, creationTimestamp: "2026-11-23T10:00:00Z"}
spec: {nodeName: worker-1, containers: [{name: app, image: web:v42}]}
status:
  phase: Running
  containerStatuses:
  - name: app
    restartCount: 14
    state: {waiting: {reason: CrashLoopBackOff}}
    lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-11-23T11:55:00Z"}}
`), object)
	if err != nil {
		panic(err)
	}
	record, err := Pod.Record(object)
	if err != nil {
		panic(err)
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i, column := range Pod.Columns {
		if !column.Wide {
			fmt.Printf("%-9s %s\n", column.Name, record.Cells[i].Format(noon, duration.HumanDuration))
		}
	}
	fmt.Println(record.Status.Level, "because", record.Status.Reason)
	// Output:
	// NAME      web-1
	// READY     0/1
	// STATUS    CrashLoopBackOff
	// RESTARTS  14 (5m ago)
	// AGE       120m
	// failing because app CrashLoopBackOff, OOMKilled, exit 137, 14 restarts
}
