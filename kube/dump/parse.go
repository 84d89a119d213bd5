package dump

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// parse reads a piece, and hands on what it holds: mostly one object. What is
// wrong becomes a problem.
func (r *reader) parse(w queuedObject, quick *blockReader, before time.Time, results chan<- parsedObject) {
	object, ok := quick.read(w.text)
	var err error
	if !ok {
		object, err = parse(w.text)
	}
	if err == nil && len(object) > 0 { // else there is nothing but comments
		err = eachObject(object, w.kind, func(object map[string]any, kind schema.GroupVersionKind) error {
			f, err := parsedObjectOf(object, kind, w.origin, before)
			if err == nil {
				results <- f
			}
			return err
		})
	}
	if err == nil {
		return
	}
	line := w.line
	if at, known := errors.AsType[lineError](err); known {
		line += at.line - 1
	}
	r.problems.lost(w.origin.file, line, "%v", err)
}

// eachObject calls do with an object, or with the items of a list that was not
// cut into its items: an empty one, or one in flow style. The error is that of
// the last item that has one.
func eachObject(object map[string]any, kind schema.GroupVersionKind, do func(map[string]any, schema.GroupVersionKind) error) error {
	name, _ := object["kind"].(string)
	single, isList := strings.CutSuffix(name, "List")
	items, hasItems := object["items"]
	if !isList || !hasItems {
		return do(object, kind)
	}
	if single != "" {
		version, _ := object["apiVersion"].(string)
		kind = schema.FromAPIVersionAndKind(version, single)
	}
	all, _ := items.([]any)
	var wrong error
	for _, item := range all {
		item, ok := item.(map[string]any)
		if !ok {
			wrong = errNoObject
		} else if err := do(item, kind); err != nil {
			wrong = err
		}
	}
	return wrong
}

// parsedObjectOf makes an object that can be served.
func parsedObjectOf(object map[string]any, kind schema.GroupVersionKind, at origin, before time.Time) (parsedObject, error) {
	was := schema.FromAPIVersionAndKind(textOf(object, "apiVersion"), textOf(object, "kind"))
	u, err := objectIn(object, kind)
	if err != nil {
		return parsedObject{}, err
	}
	f := parsedObject{origin: at, latest: newest(object, before)}
	if is := u.GroupVersionKind(); was.Kind == is.Kind && was.GroupVersion() != is.GroupVersion() && was.Version != "" {
		f.upgraded = fmt.Sprintf("%s of %s, which is served no more, shown as %s", was.Kind, was.GroupVersion(), is.GroupVersion())
	}
	if f.object, err = memapi.ObjectOf(u); err != nil {
		return parsedObject{}, err
	}
	text, err := f.object.Data.Bytes()
	if err != nil {
		return parsedObject{}, err
	}
	if err := fits(u, text); err != nil {
		return parsedObject{}, err
	}
	if f.object.GVK.Group == "" && f.object.GVK.Kind == "Pod" {
		f.containers, f.server = containersOf(u)
	}
	return f, nil
}

func textOf(object map[string]any, field string) string {
	text, _ := object[field].(string)
	return text
}
