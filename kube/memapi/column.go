package memapi

import (
	"bytes"
	"fmt"
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/util/jsonpath"
)

// column is a printer column of a CustomResourceDefinition.
type column struct {
	metav1.TableColumnDefinition
	path string
}

func newColumn(c metav1.TableColumnDefinition, path string) column { return column{c, path} }

func definedColumns(columns []column) []metav1.TableColumnDefinition {
	all := []metav1.TableColumnDefinition{{Name: "Name", Type: "string", Format: "name"}}
	for _, c := range columns {
		all = append(all, c.TableColumnDefinition)
	}
	return all
}

// definedCells reads the cells as apiextensions-apiserver does
// (pkg/registry/customresource/tableconvertor).
func definedCells(columns []column) func(runtime.Object, time.Time) ([]any, error) {
	paths := make([]*jsonpath.JSONPath, len(columns))
	for n, c := range columns {
		// A path that cannot be parsed has no cells.
		if p := jsonpath.New(c.Name).AllowMissingKeys(true); p.Parse("{"+c.path+"}") == nil {
			paths[n] = p
		}
	}
	return func(object runtime.Object, now time.Time) ([]any, error) {
		u, ok := object.(*unstructured.Unstructured)
		if !ok {
			return nil, fmt.Errorf("%T is not a custom resource", object)
		}
		cells := []any{u.GetName()}
		for n, c := range columns {
			cells = append(cells, c.cell(paths[n], u.Object, now))
		}
		return cells, nil
	}
}

// cell returns nil where the path finds nothing, fails, or panics: a mistake in the
// definition costs this cell only.
func (c column) cell(path *jsonpath.JSONPath, object map[string]any, now time.Time) (cell any) {
	if path == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			cell = nil
		}
	}()
	found, err := path.FindResults(object)
	if err != nil || len(found) == 0 || len(found[0]) == 0 {
		return nil
	}
	value := found[0][0].Interface()
	if c.Type != "string" {
		return cellOf(c.Type, value, now)
	}
	var out bytes.Buffer
	if err := path.PrintResults(&out, []reflect.Value{reflect.ValueOf(value)}); err != nil {
		return nil
	}
	return out.String()
}

// cellOf is the value as its column shows it, or nil when it is of another type.
func cellOf(kind string, value any, now time.Time) any {
	switch value := value.(type) {
	case int64:
		switch kind {
		case "integer":
			return value
		case "number":
			return float64(value)
		}
	case float64:
		switch kind {
		case "integer":
			return int64(value)
		case "number":
			return value
		}
	case bool:
		if kind == "boolean" {
			return value
		}
	case string:
		if kind != "date" {
			return nil
		}
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return invalid
		}
		return duration.HumanDuration(now.Sub(at))
	}
	return nil
}
