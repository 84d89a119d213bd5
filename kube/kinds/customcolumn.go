package kinds

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/util/jsonpath"

	"github.com/fathom-k8s/fathom/kube/redact"
)

// CustomColumn is where a column that a user asks for has its values from: from what a path
// finds in an object, as kubectl's -o custom-columns, or from a label or an annotation.
// Any goroutine may use it.
type CustomColumn struct {
	label, annotation string

	mu   sync.Mutex // a jsonpath keeps state while it walks
	path *jsonpath.JSONPath
}

// LabelColumn shows the value of a label.
func LabelColumn(key string) *CustomColumn { return &CustomColumn{label: key} }

// AnnotationColumn shows the value of an annotation.
func AnnotationColumn(key string) *CustomColumn { return &CustomColumn{annotation: key} }

// PathColumn shows what a JSONPath finds: ".spec.nodeName", "{.spec.nodeName}" or
// "spec.nodeName", as kubectl takes them.
func PathColumn(path string) (*CustomColumn, error) {
	bare := strings.TrimSpace(path)
	if strings.HasPrefix(bare, "{") && strings.HasSuffix(bare, "}") {
		bare = strings.TrimSpace(bare[1 : len(bare)-1])
	}
	bare = strings.TrimPrefix(bare, "$")
	switch {
	case strings.Trim(bare, ".") == "":
		return nil, errors.New("it names no field")
	case bare[0] != '.' && bare[0] != '[':
		bare = "." + bare
	}
	parsed, err := parsePath("column", bare)
	if err != nil {
		return nil, err
	}
	return &CustomColumn{path: parsed}, nil
}

// NeedsObject reports whether the values are not in the records.
func (c *CustomColumn) NeedsObject() bool { return c.label == "" }

// noValue is the cell of an object that has none, as kubectl shows it.
const noValue = "<none>"

// Cell is the column's cell of an object. Object has its fields, without the values of
// Secrets (CustomCells); it is not looked at unless NeedsObject.
func (c *CustomColumn) Cell(r *Record, object map[string]any) Cell {
	text, found := "", false
	switch {
	case c.label != "":
		text, found = r.Label(c.label)
	case c.annotation != "":
		metadata, _ := object["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		text, found = annotations[c.annotation].(string)
	default:
		return c.find(object)
	}
	if !found {
		return TextCell(noValue)
	}
	return valueCell(text)
}

// CustomCells are the cells of some columns of an object. The values of Secrets are hidden.
func CustomCells(columns []*CustomColumn, r *Record, object map[string]any) []Cell {
	if object != nil {
		object, _ = redact.Object(object, redact.Plain)
	}
	out := make([]Cell, len(columns))
	for i, c := range columns {
		out[i] = c.Cell(r, object)
	}
	return out
}

// find reads what the path finds: one value as what it is, several as kubectl lists them.
func (c *CustomColumn) find(object map[string]any) Cell {
	c.mu.Lock()
	defer c.mu.Unlock()
	results, err := c.path.FindResults(object)
	if err != nil {
		return TextCell(noValue)
	}
	var values []any
	for _, result := range results {
		for _, v := range result {
			if v.IsValid() && v.CanInterface() && v.Interface() != nil {
				values = append(values, v.Interface())
			}
		}
	}
	switch len(values) {
	case 0:
		return TextCell(noValue)
	case 1:
		return anyCell(values[0])
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = anyText(v)
	}
	return textCell(strings.Join(texts, ","))
}

// anyCell is the cell of a value of JSON.
func anyCell(value any) Cell {
	switch v := value.(type) {
	case string:
		return valueCell(v)
	case int64, float64:
		return numberCell(v)
	}
	return textCell(anyText(value))
}

// anyText is a value of JSON in one line.
func anyText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, []any:
		if data, err := json.Marshal(v); err == nil {
			return string(data)
		}
	}
	return fmt.Sprint(value)
}

// cellBytesMax is how much of a value a cell keeps: a path may find whole objects.
const cellBytesMax = 1024

// textCell is a TextCell of at most cellBytesMax bytes.
func textCell(text string) Cell {
	if len(text) > cellBytesMax {
		text = strings.ToValidUTF8(text[:cellBytesMax], "") + "…"
	}
	return TextCell(text)
}

// valueCell is the cell of a text, by what it looks like: a time, a number or quantity, a
// version, or else a text.
func valueCell(text string) Cell {
	const longest = 64 // of what is not a text
	if text == "" || len(text) > longest {
		return textCell(text)
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return AgeCell(at)
	}
	if first := text[0]; first >= '0' && first <= '9' || (first == '-' || first == '+') && len(text) > 1 {
		if q, err := resource.ParseQuantity(text); err == nil {
			return NumberCell(text, q.Value())
		}
	}
	if _, parts, ok := ParseVersion(text); ok && parts > 1 {
		return VersionCell(text)
	}
	return TextCell(text)
}
