package kinds

import (
	"fmt"
	"math/rand"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"sigs.k8s.io/randfill"
)

// row formats the cells of an object as kubectl prints them.
func row(t *testing.T, k *Kind, obj runtime.Object) (*Record, map[string]string) {
	t.Helper()
	r, err := k.Record(obj)
	if err != nil {
		t.Fatal(err)
	}
	checkRecord(t, r)
	out := map[string]string{}
	for i, c := range k.Columns {
		out[c.Name] = r.Cells[i].Format(now, duration.HumanDuration)
	}
	return r, out
}

// want is what a test expects of some columns and of the status.
type want struct {
	cells  map[string]string
	level  Level
	reason string
}

// check compares an object's record to what a test wants of it.
func (w want) check(t *testing.T, k *Kind, obj runtime.Object) *Record {
	t.Helper()
	r, cells := row(t, k, obj)
	for name, text := range w.cells {
		if got, ok := cells[name]; !ok || got != text {
			t.Errorf("%s: got %q, want %q", name, got, text)
		}
	}
	if r.Status.Level != w.level || r.Status.Reason != w.reason {
		t.Errorf("status: got %s %q, want %s %q", r.Status.Level, r.Status.Reason, w.level, w.reason)
	}
	checkDetails(t, k.Details(obj))
	return r
}

// checkLink compares a link of a record, if it is there, to the one that a test wants.
func checkLink(t *testing.T, r *Record, at int, want Link) {
	t.Helper()
	if at >= len(r.Links) || *r.Links[at] != want {
		t.Errorf("link %d: got %v, want %v", at, r.Links, want)
	}
}

func isClean(t *testing.T, what, s string) {
	t.Helper()
	if Clean(s) != s {
		t.Errorf("%s is not clean: %q", what, s)
	}
}

func checkRecord(t *testing.T, r *Record) {
	t.Helper()
	if len(r.Cells) != len(r.Kind.Columns) {
		t.Fatalf("%s has %d cells for %d columns", r.Kind.Kind, len(r.Cells), len(r.Kind.Columns))
	}
	for i, c := range r.Cells {
		isClean(t, r.Kind.Kind+" "+r.Kind.Columns[i].Name, c.text)
	}
	isClean(t, "name", r.Name)
	isClean(t, "namespace", r.Namespace)
	isClean(t, "reason", r.Status.Reason)
	for _, l := range r.Labels {
		isClean(t, "label", l.Key+l.Value)
	}
	for _, l := range r.Links {
		isClean(t, "link", l.To.Group+l.To.Kind+l.To.Namespace+l.To.Name+l.Selector+l.Labels+l.How)
		checkLinked(t, r.Kind, l)
	}
}

// checkLinked compares a link with what its kind says of links.
func checkLinked(t *testing.T, k *Kind, l *Link) {
	t.Helper()
	anyKind := []Relation{OwnedBy, About, Mentions, Scales, Makes, Defines, Installs}
	if !slices.Contains(anyKind, l.Relation) && !slices.Contains(k.LinkKinds(), l.To.GroupKind) {
		t.Errorf("LinksTo of %s lacks %s, which a record points to", k.Kind, l.To.GroupKind)
	}
	if l.ByName() && (l.Selector != "" || l.Labels != "") {
		t.Errorf("a link of %s has more than one form: %+v", k.Kind, l)
	}
}

func checkDetails(t *testing.T, d Details) {
	t.Helper()
	for _, f := range d.Facts {
		isClean(t, "fact", f.Name+f.Value)
		if f.Link != nil {
			isClean(t, "link of a fact", f.Link.Kind+f.Link.Namespace+f.Link.Name)
		}
	}
	for _, c := range d.Conditions {
		isClean(t, "condition", c.Type+c.Status+c.Reason+c.Message)
	}
	for _, c := range d.Containers {
		isClean(t, "container", c.Name+c.Image+c.State+c.Message+c.Last+c.Resources+c.Ports)
		isClean(t, "termination", strings.ReplaceAll(c.Termination, "\n", " "))
	}
}

func TestEveryKindReadsAnEmptyObject(t *testing.T) {
	for _, k := range All() {
		t.Run(k.Kind, func(t *testing.T) {
			obj := newObject(k)
			row(t, k, obj)
			checkDetails(t, k.Details(obj))
		})
	}
}

// newObject returns an empty object of a kind.
func newObject(k *Kind) runtime.Object {
	if k.New == nil {
		return &unstructured.Unstructured{Object: map[string]any{}}
	}
	return k.New()
}

// fields are the names that kinds without a type read, and one that they do not.
var fields = []string{
	"metadata", "name", "namespace", "labels", "spec", "status", "conditions", "type", "reason", "message", "names",
	"kind", "group", "versions", "served", "storage", "subresources", "storedVersions", "conversion", "strategy",
	"webhook", "clientConfig", "caBundle", "service", "port", "path", "url", "version", "deprecated",
	"additionalPrinterColumns", "x",
}

// randomValue is a value as JSON has it, which fits its field seldom.
func randomValue(r *rand.Rand, texts []string, depth int) any {
	switch n := r.Intn(9); {
	case n < 4 && depth > 0:
		object := map[string]any{}
		for range 8 {
			object[fields[r.Intn(len(fields))]] = randomValue(r, texts, depth-1)
		}
		return object
	case n < 6 && depth > 0:
		return []any{randomValue(r, texts, depth-1), randomValue(r, texts, depth-1)}
	case n == 6:
		return r.Int63()
	case n == 7:
		return r.Intn(2) == 0
	}
	return texts[r.Intn(len(texts))]
}

// Everything that the API's types can hold, and much that no API server would
// send, must be read without a panic and come out clean.
func TestEveryKindReadsRandomObjects(t *testing.T) {
	texts := []string{"", "a", "web-1", "Running", "CrashLoopBackOff", "Completed", "True", "False", "\x1b[2Jx",
		"a\u202eb\n", "日本語", strings.Repeat("n", 300)}
	for seed := range int64(60) {
		fill := randfill.New().RandSource(rand.NewSource(seed)).NilChance(.3).NumElements(0, 3).MaxDepth(14).Funcs(
			func(s *string, c randfill.Continue) { *s = texts[c.Intn(len(texts))] },
			func(s *metav1.FieldsV1, _ randfill.Continue) { s.SetRawString("{}") },
			func(*runtime.RawExtension, randfill.Continue) {},
		)
		for _, k := range All() {
			obj := newObject(k)
			if u, ok := obj.(*unstructured.Unstructured); ok {
				for _, name := range []string{"spec", "status", "metadata"} {
					u.Object[name] = randomValue(rand.New(rand.NewSource(seed)), texts, 5)
				}
			} else {
				fill.Fill(obj)
			}
			t.Run(fmt.Sprintf("%s/%d", k.Kind, seed), func(t *testing.T) {
				row(t, k, obj)
				checkDetails(t, k.Details(obj))
				checkDetails(t, genericDetails(obj))
			})
		}
	}
}

func TestKindsAreWellFormed(t *testing.T) {
	names := map[string]*Kind{} // by which a user asks for a kind without its group
	for _, k := range All() {
		for _, name := range append([]string{k.Resource, strings.ToLower(k.Kind)}, k.Short...) {
			// Of two groups the core group is meant, and Endpoints are called so, one or many.
			if other := names[name]; other != nil && other != k && variable(k) == k.Kind {
				t.Errorf("%s and %s are both called %s", k.Kind, other.Kind, name)
			}
			names[name] = k
		}
		if k.Column("NAME") < 0 || k.Column("NAMESPACE") >= 0 {
			t.Errorf("%s: columns %v", k.Kind, k.Columns)
		}
		if name := k.Column("NAME"); name > 0 && !k.Columns[name].Wide {
			t.Errorf("%s: NAME is neither the first column nor a wide one", k.Kind)
		}
		for _, c := range k.Columns {
			if c.Name != strings.ToUpper(c.Name) || c.Name == "" {
				t.Errorf("%s: column %q", k.Kind, c.Name)
			}
		}
		if found, ok := For(k.GroupKind()); !ok || found != k {
			t.Errorf("%s is not found by its group and kind", k.Kind)
		}
		if k.Secret != (k == Secret) {
			t.Errorf("%s: secret is %v", k.Kind, k.Secret)
		}
	}
	if _, ok := For(schema.GroupKind{Group: "example.com", Kind: "Pod"}); ok {
		t.Error("a foreign Pod is taken for Kubernetes' own")
	}
}

func TestRecordRefusesAnotherType(t *testing.T) {
	if _, err := Pod.Record(ConfigMap.New()); err == nil {
		t.Error("a ConfigMap was read as a Pod")
	}
	if _, err := Pod.Record(&unstructured.Unstructured{Object: map[string]any{}}); err == nil {
		t.Error("an unstructured object was read as a Pod")
	}
	if _, err := Pod.Record(&metav1.Status{}); err == nil {
		t.Error("an object without metadata was read")
	}
	checkDetails(t, Pod.Details(&unstructured.Unstructured{Object: map[string]any{}}))
}

func TestRecordMetadata(t *testing.T) {
	deleted, yes := metav1.NewTime(ago(time.Minute)), true
	obj := ConfigMap.New()
	m := obj.(metav1.Object)
	m.SetName("conf")
	m.SetNamespace("shop")
	m.SetUID("u1")
	m.SetResourceVersion("7")
	m.SetCreationTimestamp(metav1.NewTime(ago(time.Hour)))
	m.SetDeletionTimestamp(&deleted)
	m.SetFinalizers([]string{"example.com/wait"})
	m.SetLabels(map[string]string{"b": "2", "a": "1"})
	m.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", UID: "u0",
		Controller: &yes}})
	r, _ := row(t, ConfigMap, obj)
	if r.Ref().String() != "configmap shop/conf" || r.UID != NewUID("u1") || r.ResourceVersion != "7" ||
		!r.Created.Equal(ago(time.Hour)) {
		t.Errorf("got %+v", r)
	}
	if r.Status != (Status{Waiting, "Terminating: finalizer example.com/wait", deleted.Time}) {
		t.Errorf("status: got %+v", r.Status)
	}
	if len(r.Labels) != 2 || r.Labels[0] != (Label{"a", "1"}) {
		t.Errorf("labels: got %v", r.Labels)
	}
	if v, ok := r.Label("b"); v != "2" || !ok {
		t.Errorf("label b: got %q, %v", v, ok)
	}
	checkLink(t, r, 0, Link{
		Relation: OwnedBy, UID: "u0", To: Ref{schema.GroupKind{Group: "apps", Kind: "Deployment"}, "shop", "web"},
	})
	names := map[string]string{}
	for _, f := range ConfigMap.Details(obj).Facts {
		names[f.Name] = f.Value
	}
	if names["Controlled by"] != "Deployment/web" || names["Labels"] != "a=1,b=2" ||
		names["Finalizers"] != "example.com/wait" {
		t.Errorf("facts: got %v", names)
	}
}

// kept is how many bytes of heap a record keeps beyond its object's own text.
func kept(k *Kind, obj runtime.Object) float64 {
	records := make([]*Record, 2000)
	heap := func() float64 {
		goruntime.GC()
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for i := range records {
		records[i], _ = k.Record(obj)
	}
	with := heap()
	clear(records)
	return (with - heap()) / float64(len(records))
}

// BenchmarkRecord reads an object of each kind that is filled as a real one is.
func BenchmarkRecord(b *testing.B) {
	for _, k := range All() {
		b.Run(k.Kind, func(b *testing.B) {
			obj := sample(b, k)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Record(obj); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(kept(k, obj), "B/record")
		})
	}
}
