package effects

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/redact"
)

// Field is a value of an object that differs between two versions of it.
type Field struct {
	// Path is a JSON pointer (RFC 6901).
	Path string `json:"path"`
	// Before and After are the values; nil where the field is not there.
	Before any `json:"before"`
	After  any `json:"after"`
}

// Compare returns what differs between two versions of an object, in the order of the
// paths. What the API server keeps for itself is left out, and so is the status unless
// somebody asks for it. Lists of the same length are compared item by item, others as a
// whole.
func Compare(before, after map[string]any, status bool) []Field {
	return compare(nil, "", meaningful(before, status), meaningful(after, status))
}

// bookkeeping are the fields of metadata that every write moves.
var bookkeeping = []string{
	"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink",
}

// meaningful is an object without what is not the doing of who writes it.
func meaningful(object map[string]any, status bool) map[string]any {
	if object == nil {
		return nil
	}
	out := maps.Clone(object)
	if !status {
		delete(out, "status")
	}
	if metadata, ok := out["metadata"].(map[string]any); ok {
		metadata = maps.Clone(metadata)
		for _, name := range bookkeeping {
			delete(metadata, name)
		}
		out["metadata"] = metadata
	}
	return out
}

func compare(to []Field, path string, before, after any) []Field {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return compareMaps(to, path, b, a)
		}
	case []any:
		if a, ok := after.([]any); ok && len(a) == len(b) && !slices.Contains(a, nil) && !slices.Contains(b, nil) {
			for i := range b {
				to = compare(to, path+"/"+strconv.Itoa(i), b[i], a[i])
			}
			return to
		}
	}
	if equal(before, after) {
		return to
	}
	return append(to, Field{path, before, after})
}

func compareMaps(to []Field, path string, before, after map[string]any) []Field {
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		to = compare(to, path+"/"+escape(name), before[name], after[name])
	}
	return to
}

// equal compares values whose numbers may be of different types: 3 and 3.0.
func equal(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// escape makes a name a part of a JSON pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func unescape(part string) string {
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}

// operation is one of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// patchOf is the JSON patch that makes one version of an object the other, and only that
// version: the API server answers Conflict when it has another resourceVersion or UID.
func patchOf(before map[string]any, fields []Field) ([]byte, error) {
	ops := make([]operation, 0, len(fields)+2)
	for _, name := range []string{"uid", "resourceVersion"} {
		if value := textAt(before, "metadata", name); value != "" {
			ops = append(ops, operation{"replace", "/metadata/" + name, value})
		}
	}
	for _, f := range fields {
		switch {
		case f.After == nil:
			ops = append(ops, operation{Op: "remove", Path: f.Path})
		case f.Before == nil:
			ops = append(ops, operation{"add", f.Path, f.After})
		default:
			ops = append(ops, operation{"replace", f.Path, f.After})
		}
	}
	return json.Marshal(ops)
}

// at returns the value at a JSON pointer; nil where there is none.
func at(object any, path string) any {
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		switch v := object.(type) {
		case map[string]any:
			object = v[unescape(part)]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			object = v[i]
		default:
			return nil
		}
	}
	return object
}

// Words says the field for a person: "spec.replicas 3 → 5". A value of more than a line is
// named by what it is.
func (f Field) Words() string {
	return fieldName(f.Path) + " " + valueWords(f.Before) + " → " + valueWords(f.After)
}

// WordsIn is Words for an object of a kind, without values of Secrets. It is clean.
func (f Field) WordsIn(kind string) string {
	if isSecretValue(kind, f.Path) {
		return kinds.Clean(fieldName(f.Path)) + " (a Secret's value)"
	}
	return kinds.Clean(f.Words())
}

// secretParts are the fields of a Secret that hold values, and the annotations, which repeat
// what was applied.
var secretParts = []string{"/data", "/stringData", "/metadata/annotations"}

// isSecretValue reports whether the field of an object of a kind holds a Secret's value.
func isSecretValue(kind, path string) bool {
	return kind == "Secret" && slices.ContainsFunc(secretParts, func(part string) bool {
		return path == part || strings.HasPrefix(path, part+"/")
	})
}

// wordsMax is the longest value that Words repeats.
const wordsMax = 60

func valueWords(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		if len(v) > wordsMax || strings.Contains(v, "\n") {
			return fmt.Sprintf("%d characters", len(v))
		}
		return cmp.Or(v, `""`)
	case []any:
		return fmt.Sprintf("%d items", len(v))
	case map[string]any:
		if len(v) == 1 {
			for k, inner := range v {
				if _, deep := inner.(map[string]any); !deep {
					return k + "=" + valueWords(inner)
				}
			}
		}
		return fmt.Sprintf("%d fields", len(v))
	}
	return fmt.Sprint(v)
}

// textAt is the text in a field of an object, "" where there is none.
func textAt(object map[string]any, path ...string) string {
	var value any = object
	for _, name := range path {
		inner, _ := value.(map[string]any)
		value = inner[name]
	}
	text, _ := value.(string)
	return text
}

// Shown is an object as a person compares it: without what every write moves, and without
// values of a Secret.
func Shown(object map[string]any, kind string) map[string]any {
	out := meaningful(object, true)
	if kind == "Secret" {
		return redact.Secret(runtime.DeepCopyJSON(out), redact.Plain)
	}
	return out
}
