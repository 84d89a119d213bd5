package dump

import (
	"cmp"
	"errors"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// deleted is the type of the event with which a watch sends the last state of an
// object that is gone.
const deleted = "DELETED"

// eachObject calls do with what is in a document: an object, the items of a list that
// was not cut into them, the objects of a server's table, or what a watch sends, with
// the type of the event. The error is that of the last one that has one.
func eachObject(
	object map[string]any, kind schema.GroupVersionKind,
	do func(object map[string]any, kind schema.GroupVersionKind, event string) error,
) error {
	name := textOf(object, "kind")
	single, isList := strings.CutSuffix(name, "List")
	items, hasItems := object["items"]
	inner, hasObject := object["object"].(map[string]any)
	switch event := textOf(object, "type"); {
	case hasObject && event != "" && name == "":
		if event == "BOOKMARK" || event == "ERROR" {
			return nil
		}
		return do(inner, kind, event)
	case name == "Table" && object["rows"] != nil:
		return eachRow(object["rows"], do)
	case !isList || !hasItems:
		return do(object, kind, "")
	}
	if single != "" {
		kind = schema.FromAPIVersionAndKind(textOf(object, "apiVersion"), single)
	}
	all, _ := items.([]any)
	var wrong error
	for _, item := range all {
		item, ok := item.(map[string]any)
		if !ok {
			wrong = errNoObject
			continue
		}
		wrong = cmp.Or(do(item, kind, ""), wrong)
	}
	return wrong
}

// errTable is returned for a table that shows objects but does not hold them.
var errTable = errors.New(
	"a server's table, which has no whole objects: save the output of kubectl get -o yaml or -o json",
)

// eachRow calls do with the objects of a server's table.
func eachRow(rows any, do func(map[string]any, schema.GroupVersionKind, string) error) error {
	all, _ := rows.([]any)
	var wrong error
	for _, row := range all {
		row, _ := row.(map[string]any)
		object, ok := row["object"].(map[string]any)
		if !ok || textOf(object, "kind") == "PartialObjectMetadata" {
			return errTable
		}
		wrong = cmp.Or(do(object, schema.GroupVersionKind{}, ""), wrong)
	}
	return wrong
}

// parseLast reads an item of a list together with the items before it whose
// anchors it may mean.
func parseLast(q queuedObject, text []byte) (map[string]any, bool) {
	whole := append([]byte(nil), q.anchors...)
	at := len(whole) + q.indent
	if whole = append(whole, text...); at >= len(whole) || whole[at] != ' ' {
		return nil, false
	}
	whole[at] = '-'
	var document any
	read, err := yaml.YAMLToJSON(whole)
	if err != nil || utiljson.Unmarshal(read, &document) != nil {
		return nil, false
	}
	if list, ok := document.(map[string]any); ok {
		document = list["items"]
	}
	items, _ := document.([]any)
	if len(items) == 0 {
		return nil, false
	}
	object, ok := items[len(items)-1].(map[string]any)
	return object, ok
}

// isForeign reports whether a document is another program's: it does not look like
// Kubernetes, or is of a kind without metadata, like a list of API resources.
func isForeign(object map[string]any, err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, errNoObject) {
		return object["metadata"] == nil
	}
	return errors.Is(err, errNoName) && object["metadata"] == nil
}

var errNoName = errors.New("without a name")
