package views

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/openapi"
)

// What an object has at a field. A field inside a list or a map has a value for each
// item, so there may be any number of them.

// valuesAt returns the values of field i. fields are those of the object's kind.
func valuesAt(object map[string]any, fields []openapi.Field, i int) []any {
	chain := []int{i}
	for at, depth := i-1, fields[i].Depth; at >= 0 && depth > 0; at-- {
		if fields[at].Depth < depth {
			chain, depth = append(chain, at), fields[at].Depth
		}
	}
	values := []any{object}
	for _, at := range slices.Backward(chain) {
		var next []any
		for _, v := range values {
			if m, ok := v.(map[string]any); ok && m[fields[at].Name] != nil {
				next = append(next, m[fields[at].Name])
			}
		}
		if values = next; at != i {
			values = items(values, fields[at].Type)
		}
	}
	return values
}

// items returns what is inside lists and maps, as a type says which they are.
func items(values []any, kind string) []any {
	for {
		rest, list := strings.CutPrefix(kind, "[]")
		if !list {
			var isMap bool
			if rest, isMap = strings.CutPrefix(kind, "map[string]"); !isMap {
				return values
			}
		}
		var inside []any
		for _, v := range values {
			switch v := v.(type) {
			case []any:
				inside = append(inside, v...)
			case map[string]any:
				for _, key := range slices.Sorted(maps.Keys(v)) {
					inside = append(inside, v[key])
				}
			}
		}
		values, kind = inside, rest
	}
}

// valuesShown is how many values of one field stand side by side.
const valuesShown = 5

// briefValues says on one line what values there are; "" for none.
func briefValues(values []any) string {
	var texts []string
	inside, unit := 0, ""
	for _, v := range values {
		switch v := v.(type) {
		case []any:
			if flat := flatList(v); flat != "" && len(values) == 1 {
				return flat
			}
			inside, unit = inside+len(v), "items"
		case map[string]any:
			if flat := flatMap(v); flat != "" && len(values) == 1 {
				return flat
			}
			inside, unit = inside+len(v), "fields"
		default:
			if text := scalar(v); !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	switch {
	case unit != "" && inside == 0:
		return "empty"
	case unit != "" && len(values) > 1:
		return counted(len(values), "values") + ", " + counted(inside, unit)
	case unit != "":
		return counted(inside, unit)
	case len(texts) > valuesShown:
		return strings.Join(texts[:valuesShown], ", ") + fmt.Sprintf(", … %d values", len(texts))
	}
	return strings.Join(texts, ", ")
}

// flatList is a short list of single values on one line, "" for any other.
func flatList(list []any) string {
	if len(list) > valuesShown {
		return ""
	}
	texts := make([]string, len(list))
	for i, v := range list {
		if !single(v) {
			return ""
		}
		texts[i] = scalar(v)
	}
	return strings.Join(texts, ", ")
}

// flatMap is the same for a map.
func flatMap(m map[string]any) string {
	if len(m) > valuesShown {
		return ""
	}
	var texts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !single(m[key]) {
			return ""
		}
		texts = append(texts, kinds.Clean(key)+": "+scalar(m[key]))
	}
	return strings.Join(texts, ", ")
}

func single(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// scalar is a single value as text. An empty one stays visible.
func scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		if v == "" {
			return `""`
		}
		return kinds.Clean(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return kinds.Clean(fmt.Sprint(v))
}

// entriesShown bounds the lines that a map or a list of single values takes.
const entriesShown = 20

// wholeValues says what values there are, a line for each entry of a map or item of a
// list. What has fields of its own is only counted.
func wholeValues(values []any) []string {
	if len(values) != 1 {
		if text := briefValues(values); text != "" {
			return []string{text}
		}
		return nil
	}
	var out []string
	switch v := values[0].(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out = append(out, kinds.Clean(key)+": "+briefValues([]any{v[key]}))
		}
	case []any:
		for _, item := range v {
			out = append(out, "- "+briefValues([]any{item}))
		}
	default:
		return []string{scalar(v)}
	}
	if more := len(out) - entriesShown; more > 0 {
		out = append(out[:entriesShown], fmt.Sprintf("… and %d more", more))
	}
	return out
}
