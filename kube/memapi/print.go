package memapi

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/kubernetes/scheme"
)

// The built-in kinds whose Tables this package writes, with the columns and words of
// k8s.io/kubernetes/pkg/printers/internalversion. Kinds that Options.Print is meant to
// know are not among them; a kind that nobody knows gets the server's plain table.
var (
	printers = map[schema.GroupVersionKind]printer{}
	// anyVersion prints kinds that have no stable version yet, or that the
	// scheme does not know: their objects are read as maps.
	anyVersion = map[schema.GroupKind]printer{}
)

// orders are those of the tables that the server sorts by more than the key.
var orders = map[schema.GroupVersionKind]func(x, y runtime.Object) int{
	flowcontrolv1.SchemeGroupVersion.WithKind("FlowSchema"): func(x, y runtime.Object) int {
		return cmp.Compare(precedence(x), precedence(y))
	},
}

func precedence(o runtime.Object) int32 { return o.(*flowcontrolv1.FlowSchema).Spec.MatchingPrecedence }

var (
	// plain is the table of a built-in kind without columns of its own.
	plain = newPrinter("Name, Created At", func(object metav1.Object) []any {
		return []any{object.GetName(), object.GetCreationTimestamp().UTC().Format(time.RFC3339)}
	})
	// guessed is the table of a custom resource whose definition names none.
	guessed = newPrinter("Name, Age", func(object metav1.Object) []any {
		return []any{object.GetName(), object.GetCreationTimestamp()}
	})
)

// newPrinter reads columns as "Name, #Count, ?Done, +Wide": a number, a boolean,
// and one that only the wide table shows. Times in cells become ages.
func newPrinter[T any](columns string, cells func(T) []any) printer {
	p := printer{cells: func(object runtime.Object, now time.Time) ([]any, error) {
		typed, ok := object.(T)
		if !ok {
			return nil, fmt.Errorf("a %T cannot be printed", object)
		}
		row := cells(typed)
		for n, cell := range row {
			if at, ok := cell.(metav1.Time); ok {
				row[n] = since(at, now)
			}
		}
		return row, nil
	}}
	for name := range strings.SplitSeq(columns, ", ") {
		c := metav1.TableColumnDefinition{Name: strings.TrimLeft(name, "#?+"), Type: "string"}
		switch name[0] {
		case '#':
			c.Type = "integer"
		case '?':
			c.Type = "boolean"
		case '+':
			c.Priority = 1
		}
		if name == "Name" {
			c.Format = "name"
		}
		if name == "Created At" {
			c.Type = "date"
		}
		p.columns = append(p.columns, c)
	}
	return p
}

// prints registers how a type of the scheme is written.
func prints[T runtime.Object](columns string, cells func(T) []any) {
	printers[kindOfType[T]()] = newPrinter(columns, cells)
}

func kindOfType[T runtime.Object]() schema.GroupVersionKind {
	kinds, _, err := scheme.Scheme.ObjectKinds(reflect.New(reflect.TypeFor[T]().Elem()).Interface().(T))
	if err != nil {
		panic(err)
	}
	return kinds[0]
}

// printsAnyVersion registers how a kind is written in all of its versions.
func printsAnyVersion(kind schema.GroupKind, columns string, cells func(*unstructured.Unstructured) []any) {
	p := newPrinter(columns, cells)
	p.untyped = true
	anyVersion[kind] = p
}

// textAt returns a text of an object, "" where it has none.
func textAt(o *unstructured.Unstructured, path ...string) string {
	text, _, _ := unstructured.NestedString(o.Object, path...)
	return text
}

// condition returns the condition of a type, nil when the object has none.
func condition(o *unstructured.Unstructured, kind string) map[string]any {
	all, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range all {
		if c, ok := c.(map[string]any); ok && c["type"] == kind {
			return c
		}
	}
	return nil
}

func since(at metav1.Time, now time.Time) string {
	if at.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(at.Time))
}

// orElse returns the value, or otherwise for nil.
func orElse[T any](value *T, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return *value
}
