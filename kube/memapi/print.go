package memapi

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/kubernetes/scheme"
)

// printers are the built-in kinds whose Tables this package writes, with the
// columns and words of k8s.io/kubernetes/pkg/printers/internalversion. For what
// is not here ask Options.Print, or get the server's plain table.
var printers = map[schema.GroupVersionKind]printer{}

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

// newPrinter reads columns as "Name, #Count, +Wide": a number, and one that only
// the wide table shows. Cells may hold times, which become ages.
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
		c := metav1.TableColumnDefinition{Name: strings.TrimLeft(name, "#+"), Type: "string"}
		if strings.Contains(name, "#") {
			c.Type = "integer"
		}
		if strings.HasPrefix(name, "+") {
			c.Priority = 1
		}
		if name == "Name" {
			c.Format = "name"
		}
		p.columns = append(p.columns, c)
	}
	return p
}

// prints registers how a type of the scheme is written.
func prints[T runtime.Object](example T, columns string, cells func(T) []any) {
	kinds, _, err := scheme.Scheme.ObjectKinds(example)
	if err != nil {
		panic(err)
	}
	printers[kinds[0]] = newPrinter(columns, cells)
}

// printsMap registers how a kind that the scheme does not have is written.
func printsMap(gvk schema.GroupVersionKind, columns string, cells func(*unstructured.Unstructured) []any) {
	printers[gvk] = newPrinter(columns, cells)
}

func since(at metav1.Time, now time.Time) string {
	if at.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(at.Time))
}

// or is the value, or what stands for nil.
func or[T any](value *T, otherwise any) any {
	if value == nil {
		return otherwise
	}
	return *value
}
