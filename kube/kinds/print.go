package kinds

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
)

// Print says how `kubectl get` shows a kind that has a file: its columns, and
// what gives the cells of an object at the time now, ages in kubectl's words.
// Both are nil for a kind or a version without a file. Any goroutine may call
// cells.
func Print(gvk schema.GroupVersionKind) (
	columns []metav1.TableColumnDefinition, cells func(object runtime.Object, now time.Time) ([]any, error),
) {
	k, ok := For(gvk.GroupKind())
	if !ok || k.GroupVersionKind != gvk {
		return nil, nil
	}
	for _, c := range k.Columns {
		d := metav1.TableColumnDefinition{Name: c.Name, Type: "string"}
		if c.Wide {
			d.Priority = 1
		}
		if c.Right {
			d.Type = "integer"
		}
		if c.Name == "NAME" && !c.Wide {
			d.Format = "name"
		}
		columns = append(columns, d)
	}
	return columns, func(object runtime.Object, now time.Time) ([]any, error) {
		r, err := k.Record(object)
		if err != nil {
			return nil, err
		}
		row := make([]any, len(r.Cells))
		for n, c := range r.Cells {
			row[n] = c.Format(now, duration.HumanDuration)
		}
		return row, nil
	}
}
