package tape

import (
	"bytes"
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/util/jsonpath"
)

// column is a printer column of a CustomResourceDefinition.
type column struct {
	metav1.TableColumnDefinition
	path *jsonpath.JSONPath // nil when it cannot be parsed: the cells are empty
}

func newColumn(c metav1.TableColumnDefinition, path string) column {
	p := jsonpath.New(c.Name).AllowMissingKeys(true)
	if p.Parse("{"+path+"}") != nil {
		p = nil
	}
	return column{c, p}
}

var ageColumn = newColumn(metav1.TableColumnDefinition{Name: "Age", Type: "date"}, ".metadata.creationTimestamp")

// table shows the definition's columns, or the age where there are none: the
// server's printers for its own kinds are not here.
func (a *API) table(r *request, list []*item, about metav1.ListMeta) (*metav1.Table, error) {
	columns := r.resource.columns
	if columns == nil {
		columns = []column{ageColumn}
	}
	t := &metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: metaGroup + "/" + r.form.meta}, ListMeta: about,
		ColumnDefinitions: []metav1.TableColumnDefinition{{Name: "Name", Type: "string", Format: "name"}},
		Rows:              []metav1.TableRow{},
	}
	for _, c := range columns {
		t.ColumnDefinitions = append(t.ColumnDefinitions, c.TableColumnDefinition)
	}
	for _, i := range list {
		text, err := i.json(r.resource.gvk)
		if err != nil {
			return nil, err
		}
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			return nil, err
		}
		row := metav1.TableRow{Cells: []any{i.name()}}
		for _, c := range columns {
			row.Cells = append(row.Cells, c.cell(object, a.options.Clock.Now()))
		}
		switch r.query.Get("includeObject") {
		case "None":
		case "Object":
			row.Object = runtime.RawExtension{Raw: text}
		default:
			partial, err := r.partial(i)
			if err != nil {
				return nil, err
			}
			row.Object = runtime.RawExtension{Raw: encode(partial)}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// bookmarkTable is the table in which a watch tells a version.
func (w *watcher) bookmarkTable(about metav1.ObjectMeta) *metav1.Table {
	kind := w.request.metaKind("PartialObjectMetadata")
	return &metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: kind.GroupVersion().String()}, ListMeta: metav1.ListMeta{ResourceVersion: about.ResourceVersion},
		Rows: []metav1.TableRow{{Cells: []any{}, Object: runtime.RawExtension{Raw: encode(&metav1.PartialObjectMetadata{
			TypeMeta: metav1.TypeMeta{Kind: kind.Kind, APIVersion: kind.GroupVersion().String()}, ObjectMeta: about,
		})}}},
	}
}

func (c column) cell(object map[string]any, now time.Time) any {
	if c.path == nil {
		return nil
	}
	found, err := c.path.FindResults(object)
	if err != nil || len(found) == 0 || len(found[0]) == 0 {
		return nil
	}
	value := found[0][0].Interface()
	switch c.Type {
	case "integer", "number", "boolean":
		return value
	case "date":
		text, _ := value.(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return "<unknown>"
		}
		return duration.HumanDuration(now.Sub(at))
	}
	var out bytes.Buffer
	if c.path.PrintResults(&out, found[0]) != nil {
		return nil
	}
	return out.String()
}
