package kinds

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/jsonpath"

	"github.com/fathom-k8s/fathom/kube/redact"
)

// PrinterColumn is a column that a CustomResourceDefinition asks for
// (additionalPrinterColumns).
type PrinterColumn struct {
	Name     string
	Type     string // "string", "integer", "number", "boolean", "date"
	Format   string
	JSONPath string // relative to the object: ".spec.replicas"
	Priority int32  // 0 is always shown, more only in the wide table
}

// Generic returns how to read the objects of a CustomResourceDefinition: with its
// printer columns, as the apiextensions server makes them
// (pkg/registry/customresource/tableconvertor). NAME comes first; a definition without
// columns has AGE. When a column's path cannot be read the error names it, and the kind
// has the columns before it, which is what the server shows.
func Generic(
	resource schema.GroupVersionResource, kind string, namespaced bool, columns []PrinterColumn,
) (*Kind, error) {
	if len(columns) == 0 {
		columns = []PrinterColumn{{Name: "Age", Type: "date", JSONPath: ".metadata.creationTimestamp"}}
	}
	k := &Kind{
		GroupVersionKind: resource.GroupVersion().WithKind(kind),
		Resource:         resource.Resource,
		Namespaced:       namespaced,
		LinksTo:          linksTo(schema.GroupKind{Group: resource.Group, Kind: kind}),
		Columns:          []Column{{Name: "NAME"}},
	}
	p := &printer{}
	var err error
	for _, c := range columns {
		path, parseErr := parsePath(c.Name, c.JSONPath)
		if parseErr != nil {
			err = fmt.Errorf("printer column %q of %s: path %q: %w", c.Name, resource.GroupResource(), c.JSONPath, parseErr)
			break
		}
		p.columns = append(p.columns, printerColumn{path, c.Type})
		k.Columns = append(k.Columns, tableColumn(c.Name, c.Type, c.Priority))
	}
	k.read = func(obj runtime.Object, r *Record) error {
		u, ok := obj.(*unstructured.Unstructured)
		if !ok {
			return wrongType(k, obj)
		}
		fields, _ := redact.Object(u.Object, redact.Plain)
		r.Cells = append(make([]Cell, 0, len(k.Columns)), ownCell(r.Name))
		r.Cells = p.cells(r.Cells, fields)
		readUnstructured(k, fields, r)
		return nil
	}
	return k, err
}

func tableColumn(name, kind string, priority int32) Column {
	name = strings.ToUpper(Clean(name))
	return Column{
		Name:  name,
		Wide:  priority != 0,
		Right: kind == "integer" || kind == "number",
		State: slices.Contains(stateNames, name),
	}
}

// stateNames are the columns that tell a state by convention. Of a kind without
// a file nothing but its columns' names is known.
var stateNames = []string{"STATUS", "READY", "TYPE", "COMPLETIONS", "AVAILABLE"}

// printer finds the cells of a custom resource. A jsonpath keeps state while it
// walks, so only one object is read at a time.
type printer struct {
	sync.Mutex
	columns []printerColumn
}

type printerColumn struct {
	path *jsonpath.JSONPath
	kind string
}

func (p *printer) cells(cells []Cell, object map[string]any) []Cell {
	p.Lock()
	defer p.Unlock()
	for i := range p.columns {
		cells = append(cells, p.columns[i].cell(object))
	}
	return cells
}

// cell reads the first value that the path finds. What is missing, or of
// another type than the column says, is empty.
func (c *printerColumn) cell(object map[string]any) Cell {
	found, err := c.path.FindResults(object)
	if err != nil || len(found) == 0 || len(found[0]) == 0 || !found[0][0].IsValid() {
		return TextCell("")
	}
	value := found[0][0].Interface()
	switch c.kind {
	case "string":
		var b bytes.Buffer
		if err := c.path.PrintResults(&b, []reflect.Value{reflect.ValueOf(value)}); err != nil {
			return TextCell("")
		}
		return TextCell(b.String())
	case "integer":
		return integerCell(value)
	case "number":
		return numberCell(value)
	case "boolean":
		if b, ok := value.(bool); ok {
			return boolCell(b)
		}
	case "date":
		if s, ok := value.(string); ok {
			return dateCell(s)
		}
	}
	return TextCell("")
}

func integerCell(value any) Cell {
	switch n := value.(type) {
	case int64:
		return countCell(n)
	case float64:
		return countCell(int64(n))
	}
	return TextCell("")
}

// numberCell sorts by the whole part and then by its text: the fraction of a
// number seldom decides.
func numberCell(value any) Cell {
	switch n := value.(type) {
	case int64:
		return countCell(n)
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return countCell(int64(n))
		}
		return NumberCell(fmt.Sprint(n), int64(math.Floor(n)))
	}
	return TextCell("")
}

func dateCell(s string) Cell {
	var t metav1.Time
	if err := t.UnmarshalQueryParameter(s); err != nil {
		return TextCell("<invalid>")
	}
	return AgeCell(t.Time)
}

// FromTable returns how to read objects that only the server can print: their cells
// come from the rows of its Table (see Row). Given an object instead, such a kind fills
// NAME and AGE only.
func FromTable(
	resource schema.GroupVersionResource, kind string, namespaced bool, columns []metav1.TableColumnDefinition,
) *Kind {
	k := &Kind{
		GroupVersionKind: resource.GroupVersion().WithKind(kind),
		Resource:         resource.Resource,
		Namespaced:       namespaced,
		LinksTo:          linksTo(schema.GroupKind{Group: resource.Group, Kind: kind}),
	}
	for _, c := range columns {
		k.Columns = append(k.Columns, tableColumn(c.Name, c.Type, c.Priority))
	}
	k.read = func(obj runtime.Object, r *Record) error {
		u, ok := obj.(*unstructured.Unstructured)
		if !ok {
			return wrongType(k, obj)
		}
		k.fill(nil, u, r)
		return nil
	}
	return k
}

// Row reads one row of the Table whose columns the kind was made from. obj is
// the row's object, all of it or its metadata only. Any goroutine may call it;
// it keeps neither cells nor obj.
func (k *Kind) Row(cells []any, obj *unstructured.Unstructured) (*Record, error) {
	if obj == nil {
		return nil, fmt.Errorf("%s: a table row without its object", k.Kind)
	}
	r := k.record(obj)
	k.fill(cells, obj, r)
	r.terminating(obj.GetFinalizers())
	return r, nil
}

// fill makes one cell for each column, however many the server sent.
func (k *Kind) fill(cells []any, obj *unstructured.Unstructured, r *Record) {
	r.Cells = make([]Cell, len(k.Columns))
	for i, c := range k.Columns {
		switch {
		case c.Name == "AGE":
			// The server sends a text that is old as soon as it arrives.
			r.Cells[i] = AgeCell(r.Created)
		case c.Name == "NAME":
			r.Cells[i] = ownCell(r.Name)
		case i < len(cells):
			r.Cells[i] = rowCell(cells[i])
		}
	}
	fields, _ := redact.Object(obj.Object, redact.Plain)
	readUnstructured(k, fields, r)
}

// rowCell is a value of a server's Table, as JSON has it.
func rowCell(value any) Cell {
	switch v := value.(type) {
	case nil:
		return TextCell("")
	case string:
		return TextCell(v)
	case int64, float64:
		return numberCell(v)
	}
	return TextCell(fmt.Sprint(value))
}

// readUnstructured reads what is known about any object without a Go type: how well it
// is, and what it points to.
func readUnstructured(k *Kind, fields map[string]any, r *Record) {
	o := readObject(k.GroupKind(), fields)
	r.Status = o.status(k.GroupKind())
	r.linkCustom(k.GroupKind(), o)
}

// text is a value if it is one.
func text(value any) string {
	s, _ := value.(string)
	return s
}

// genericDetails reads what can be said of any object, typed or not.
func genericDetails(obj runtime.Object) Details {
	var object map[string]any
	if u, ok := obj.(*unstructured.Unstructured); ok {
		object = u.Object
	} else if m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj); err == nil {
		object = m
	}
	object, _ = redact.Object(object, redact.Plain)
	var spec, status, rest facts
	spec.addFields(object["spec"])
	status.addFields(object["status"])
	// A status often repeats what its spec says.
	status = slices.DeleteFunc(status, func(f Fact) bool { return slices.Contains(spec, f) })
	rest.addFields(otherFields(object))
	d := Details{Facts: append(rest, metadataFacts(obj)...), Conditions: allConditions(object)}
	d.Silent = len(d.Conditions) == 0 && !slices.ContainsFunc(slices.Concat(spec, status, rest), Fact.says)
	for _, part := range []Section{{"spec", spec}, {"status", status}} {
		if len(part.Facts) > 0 {
			d.Sections = append(d.Sections, part)
		}
	}
	return d
}

// says reports whether a fact says more than how many parts something has.
func (f Fact) says() bool {
	count, unit, _ := strings.Cut(f.Value, " ")
	_, err := strconv.Atoi(count)
	return err != nil || unit != "item" && unit != "items"
}

// allConditions reads the conditions of an object, and those of its parts under their names.
func allConditions(fields map[string]any) []Condition {
	kind := schema.FromAPIVersionAndKind(text(fields["apiVersion"]), text(fields["kind"])).GroupKind()
	o := readObject(kind, fields)
	out := o.conditions()
	if parts := customs[kind].parts; parts != nil {
		for _, p := range parts(o) {
			for _, c := range p.conditions {
				c.Type = p.name + ": " + c.Type
				out = append(out, c)
			}
		}
	}
	return out
}

// otherFields returns the fields of an object other than spec and status, without those
// that may hold a secret or are not text.
func otherFields(object map[string]any) map[string]any {
	rest := maps.Clone(object)
	for _, known := range []string{
		"apiVersion", "kind", "metadata", "spec", "status", "data", "stringData", "binaryData",
	} {
		delete(rest, known)
	}
	return rest
}

const (
	fieldsMax = 12 // facts of one part of an unknown object
	depthMax  = 3  // names in a field's path
)

// addFields adds the values of a spec or status, except for conditions.
func (f *facts) addFields(part any) {
	fields, _ := part.(map[string]any)
	left := fieldsMax
	f.walk("", fields, &left)
}

func (f *facts) walk(path string, fields map[string]any, left *int) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if *left == 0 {
			return
		}
		if path == "" && name == "conditions" {
			continue
		}
		value, name := fields[name], join(".", path, name)
		if text, ok := fieldText(value); ok {
			if text != "" {
				f.add(name, text)
				*left--
			}
			continue
		}
		if deeper, ok := value.(map[string]any); ok && strings.Count(name, ".") < depthMax-1 {
			f.walk(name, deeper, left)
		}
	}
}

// fieldText is a plain value, a map of such ("a=1,b=2"), or a list: of values, of the
// names of its objects, or how many they are. ok is false for a deeper map.
func fieldText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case map[string]any:
		plain := make(map[string]string, len(v))
		for name, item := range v {
			text, ok := scalarText(item)
			if !ok {
				return "", false
			}
			plain[name] = text
		}
		return cmp.Or(mapText(plain), "{}"), true
	case []any:
		return listOf(v), true
	}
	return scalarText(value)
}

func listOf(items []any) string {
	var parts []string
	for _, item := range items {
		text, ok := scalarText(item)
		if object, isObject := item.(map[string]any); isObject {
			text, ok = scalarText(object["name"])
		}
		if !ok {
			return plural(len(items), "item")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool, int64, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}
