package links

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// records reads the objects of a file in testdata, or of a text. Each gets its own name
// and kind as UID, so that owners can be written by hand.
func records(t testing.TB, text string) []*kinds.Record {
	t.Helper()
	if !strings.Contains(text, "\n") {
		file, err := os.ReadFile(filepath.Join("testdata", text))
		if err != nil {
			t.Fatal(err)
		}
		text = string(file)
	}
	var out []*kinds.Record
	for doc := range strings.SplitSeq(text, "\n---\n") {
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(doc), &u.Object); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		out = append(out, record(t, u))
	}
	return out
}

func record(t testing.TB, u *unstructured.Unstructured) *kinds.Record {
	t.Helper()
	gvk := u.GroupVersionKind()
	if u.GetUID() == "" {
		u.SetUID(uidOf(gvk.Kind, u.GetName()))
	}
	kind, ok := kinds.For(gvk.GroupKind())
	if !ok {
		resource := gvk.GroupVersion().WithResource(strings.ToLower(gvk.Kind) + "s")
		kind, _ = kinds.Generic(resource, gvk.Kind, true, nil)
	}
	var obj runtime.Object = u
	if kind.New != nil {
		obj = kind.New()
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, obj); err != nil {
			t.Fatal(err)
		}
	}
	r, err := kind.Record(obj)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// webGraph is the graph of testdata/web.yaml.
func webGraph(t testing.TB) *Graph {
	t.Helper()
	g := New()
	for _, r := range records(t, "web.yaml") {
		g.Put(r)
	}
	return g
}

// refOf reads "deployment.apps shop/web"; a namespace may be left out.
func refOf(s string) kinds.Ref {
	kind, object, _ := strings.Cut(s, " ")
	gk := schema.ParseGroupKind(kind)
	for _, k := range kinds.All() {
		if k.Group == gk.Group && strings.EqualFold(k.Kind, gk.Kind) {
			gk = k.GroupKind()
		}
	}
	namespace, name, ok := strings.Cut(object, "/")
	if !ok {
		namespace, name = "", object
	}
	return kinds.Ref{GroupKind: gk, Namespace: namespace, Name: name}
}

// text is a tree as the tests write it.
func text(g *Graph, lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s", strings.Repeat("  ", l.Depth))
		if l.Words != "" {
			fmt.Fprintf(&b, "%s ", l.Words)
		}
		switch {
		case l.Equals != nil:
			fmt.Fprintf(&b, "%d %s", len(l.Equals), l.Edge.To.Kind)
		default:
			b.WriteString(l.Edge.To.String())
		}
		if l.Edge.Record == nil && g.Missing(&l.Edge) {
			b.WriteString(" missing")
		}
		for mark, set := range map[string]bool{" *": l.Subject, " again": l.Repeat, " +": l.Folds && !l.Open} {
			if set {
				b.WriteString(mark)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
