package memapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/contain"
)

// Print returns how the Tables of a kind are written: the columns, and the cells
// of one object. Both are nil for a kind that the function does not know.
type Print func(schema.GroupVersionKind) (columns []metav1.TableColumnDefinition, cells Cells)

// Cells returns the cells of an object, one for each column, at the time now. The
// object is the scheme's type of the printed version, or unstructured where the
// scheme has none.
type Cells = func(object runtime.Object, now time.Time) ([]any, error)

// printer writes the rows of one table.
type printer struct {
	as      schema.GroupVersionKind // the version that cells reads
	untyped bool                    // cells reads maps, even where the scheme has a type
	columns []metav1.TableColumnDefinition
	cells   Cells
	compare func(x, y runtime.Object) int // how rows are ordered; nil is by key

	panicked contain.Report
}

// printerOf returns how a server writes a resource: by the definition's columns,
// as the owner says, as this package knows, or by name and age.
func (a *API) printerOf(r *resource) printer {
	if r.columns != nil {
		return printer{as: r.gvk, columns: definedColumns(r.columns), cells: definedCells(r.columns)}
	}
	family := familyOf(r.gvk)
	for _, gvk := range []schema.GroupVersionKind{r.gvk, family.WithVersion("v1"), family.WithVersion("v2")} {
		if a.options.Print != nil {
			if columns, cells := a.options.Print(gvk); cells != nil {
				return printer{as: gvk, columns: columns, cells: cells, compare: orders[gvk]}
			}
		}
		if p, ok := printers[gvk]; ok {
			p.as = gvk
			return p
		}
	}
	if p, ok := anyVersion[r.gvk.GroupKind()]; ok {
		p.as = r.gvk
		return p
	}
	p := guessed
	if scheme.Scheme.Recognizes(r.gvk) || r.gvk.GroupKind() == definitionKind {
		p = plain
	}
	p.as = r.gvk
	return p
}

// table writes objects as the server's Table.
func (a *API) table(r *request, list []*item, about metav1.ListMeta) (*metav1.Table, error) {
	p := a.printerOf(r.resource)
	p.panicked = a.options.Panicked
	t := &metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: metaGroup + "/" + r.form.meta}, ListMeta: about,
		ColumnDefinitions: p.columns, Rows: make([]metav1.TableRow, 0, len(list)),
	}
	now := a.options.Clock.Now()
	if p.compare != nil {
		list = sorted(list, p)
	}
	for _, i := range list {
		row, err := r.row(p, i, now)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// sorted returns the list in the order of the kind's table; an object that cannot be
// read stays next to its neighbours.
func sorted(list []*item, p printer) []*item {
	objects := make(map[*item]runtime.Object, len(list))
	for _, i := range list {
		if object, err := i.object(p); err == nil {
			objects[i] = object
		}
	}
	return slices.SortedStableFunc(slices.Values(list), func(x, y *item) int {
		if objects[x] == nil || objects[y] == nil {
			return 0
		}
		return p.compare(objects[x], objects[y])
	})
}

// invalid stands in the cells of an object that cannot be printed.
const invalid = "<invalid>"

// row returns the cells of an object. One that is not what its kind should be, or whose
// printer panics, loses its cells except for the name, and never the table.
func (p printer) row(i *item, now time.Time) ([]any, error) {
	object, err := i.object(p)
	if err == nil {
		var cells []any
		if cells, err = p.safely(object, now); err == nil {
			return cells, nil
		}
	}
	if _, lost := i.data.Bytes(); lost != nil {
		return nil, lost
	}
	cells := make([]any, len(p.columns))
	for n, c := range p.columns {
		cells[n] = invalid
		if c.Format == "name" {
			cells[n] = i.name()
		}
	}
	return cells, nil
}

func (p printer) safely(object runtime.Object, now time.Time) (cells []any, err error) {
	defer p.panicked.Recover("print a "+p.as.Kind, &err)
	return p.cells(object, now)
}

func (r *request) row(p printer, i *item, now time.Time) (row metav1.TableRow, err error) {
	if row.Cells, err = p.row(i, now); err != nil {
		return row, err
	}
	switch r.query.Get("includeObject") {
	case "None":
	case "Object":
		row.Object.Raw, err = i.json(r.resource.gvk)
	default:
		var partial *metav1.PartialObjectMetadata
		partial, err = r.partial(i)
		row.Object.Raw = encode(partial)
	}
	return row, err
}

// object returns the object as a printer reads it: as the scheme's type, or as a
// map.
func (i *item) object(p printer) (runtime.Object, error) {
	if !p.untyped && scheme.Scheme.Recognizes(p.as) {
		return i.typed(p.as)
	}
	text, err := i.json(p.as)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	return u, i.failed(utiljson.Unmarshal(text, &u.Object))
}

// rowEvent returns the table in which a watch sends one object. Only the first
// has the columns.
func (w *watcher) rowEvent(i *item) (*metav1.Table, error) {
	if err := w.request.convertible(i); err != nil {
		return nil, err
	}
	t, err := w.api.table(w.request, []*item{i}, metav1.ListMeta{ResourceVersion: strconv.FormatUint(i.version, 10)})
	if err != nil {
		return nil, err
	}
	if w.columns {
		t.ColumnDefinitions = nil
	}
	w.columns = true
	return t, nil
}

// bookmarkTable returns the table in which a watch sends a bookmark.
func (w *watcher) bookmarkTable(about metav1.ObjectMeta) *metav1.Table {
	kind := w.request.metaKind("PartialObjectMetadata")
	object := &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: kind.Kind, APIVersion: kind.GroupVersion().String()}, ObjectMeta: about,
	}
	return &metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: kind.GroupVersion().String()},
		ListMeta: metav1.ListMeta{ResourceVersion: about.ResourceVersion},
		Rows:     []metav1.TableRow{{Cells: []any{}, Object: runtime.RawExtension{Raw: encode(object)}}},
	}
}

// Cells returns what columns of an object's table show; "" where its kind has no such
// column. Only the owner's goroutine calls it.
func (a *API) Cells(o Object, columns ...string) []string {
	out := make([]string, len(columns))
	r := a.resourceOf(o.GVK.GroupKind())
	if r == nil {
		return out
	}
	p := a.printerOf(r)
	cells, err := p.row(newItem(o, 0), a.options.Clock.Now())
	if err != nil {
		return out
	}
	for i, column := range columns {
		named := func(c metav1.TableColumnDefinition) bool { return strings.EqualFold(c.Name, column) }
		n := slices.IndexFunc(p.columns, named)
		if n >= 0 && n < len(cells) {
			out[i] = fmt.Sprint(cells[n])
		}
	}
	return out
}
