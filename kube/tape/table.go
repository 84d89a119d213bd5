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
	path string
}

func columnsOf(version map[string]any) []column {
	var read struct {
		Columns []struct {
			metav1.TableColumnDefinition
			JSONPath string `json:"jsonPath"`
		} `json:"additionalPrinterColumns"`
	}
	_ = json.Unmarshal(encode(version), &read)
	var columns []column
	for _, c := range read.Columns {
		columns = append(columns, column{c.TableColumnDefinition, c.JSONPath})
	}
	return columns
}

// table shows the definition's columns, or the age where there are none: the
// server's printers for its own kinds are not here.
func (a *API) table(r *request, list []*item, about metav1.ListMeta) metav1.Table {
	columns := r.resource.columns
	if columns == nil {
		columns = []column{{metav1.TableColumnDefinition{Name: "Age", Type: "date"}, ".metadata.creationTimestamp"}}
	}
	t := metav1.Table{
		TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: "meta.k8s.io/v1"}, ListMeta: about,
		ColumnDefinitions: []metav1.TableColumnDefinition{{Name: "Name", Type: "string", Format: "name"}},
		Rows:              []metav1.TableRow{},
	}
	for _, c := range columns {
		t.ColumnDefinitions = append(t.ColumnDefinitions, c.TableColumnDefinition)
	}
	for _, i := range list {
		var object map[string]any
		_ = json.Unmarshal(i.json, &object)
		row := metav1.TableRow{Cells: []any{i.name}}
		for _, c := range columns {
			row.Cells = append(row.Cells, c.cell(object, a.options.Clock.Now()))
		}
		switch r.URL.Query().Get("includeObject") {
		case "None":
		case "Object":
			row.Object = runtime.RawExtension{Raw: i.json}
		default:
			row.Object = runtime.RawExtension{Raw: encode(partial(i))}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (c column) cell(object map[string]any, now time.Time) any {
	path := jsonpath.New(c.Name).AllowMissingKeys(true)
	if path.Parse("{"+c.path+"}") != nil {
		return nil
	}
	found, err := path.FindResults(object)
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
	if path.PrintResults(&out, found[0]) != nil {
		return nil
	}
	return out.String()
}
