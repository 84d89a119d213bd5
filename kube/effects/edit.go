package effects

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Editable is an object as YAML for an editor: without its status and what every write moves.
func Editable(object map[string]any) ([]byte, error) {
	out := meaningful(object, false)
	return yaml.Marshal(out)
}

// Edit returns the effect that gives an object the fields that a person has written. before is
// the object as it was when the text was made by Editable. It fails where the text is no
// object, or another one.
func Edit(t Target, before map[string]any, text []byte) (Effect, error) {
	edited, err := readEdited(text)
	if err != nil {
		return Effect{}, err
	}
	for _, path := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}, {"metadata", "namespace"}} {
		if was, is := textAt(before, path...), textAt(edited, path...); was != is {
			return Effect{}, fmt.Errorf("%s cannot be changed: it is %s", strings.Join(path, "."), kinds.Clean(was))
		}
	}
	fields := Compare(before, edited, false)
	if len(fields) == 0 {
		return Effect{}, errNothing
	}
	return Effect{
		Target: t, Name: "edit", Do: "edit", Undoes: true,
		act: patch{mutate: func(object map[string]any) error { return write(object, fields) }},
	}, nil
}

// readEdited reads one object of YAML. Comments are for the person only.
func readEdited(text []byte) (map[string]any, error) {
	data, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	object := map[string]any{}
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) || utiljson.Unmarshal(data, &object) != nil {
		return nil, errors.New("not an object")
	}
	return object, nil
}

// write sets fields of an object that still has what they were made from.
func write(object map[string]any, fields []Field) error {
	for _, f := range fields {
		if now := at(object, f.Path); !equal(now, f.Before) {
			return fmt.Errorf("it has changed since: %s", Field{f.Path, f.Before, now}.WordsIn(textAt(object, "kind")))
		}
		if err := put(object, f.Path, f.After); err != nil {
			return err
		}
	}
	return nil
}

// Rebase makes what a person has changed in the text of an object a change of what the object is now, and
// returns its text. It fails where it cannot tell where that belongs: in a list, others may stand at the same
// place by now.
func Rebase(before, now map[string]any, text []byte) ([]byte, error) {
	edited, err := readEdited(text)
	if err != nil {
		return nil, err
	}
	object := runtime.DeepCopyJSON(now)
	for _, f := range Compare(before, edited, false) {
		if _, list := f.Before.([]any); (list || inList(f.Path)) && !equal(at(now, f.Path), f.Before) {
			return nil, fmt.Errorf("%s is another one by now", fieldName(f.Path))
		}
		if err := put(object, f.Path, f.After); err != nil {
			return nil, err
		}
	}
	return Editable(object)
}

// inList reports whether a JSON pointer leads through a list.
func inList(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool {
		_, err := strconv.Atoi(part)
		return err == nil
	})
}

// CanEdit reports whether objects of a resource can be edited. A Secret cannot: its values
// would be in a file, and in what the editor keeps beside it.
func CanEdit(r kube.Resource) bool {
	return always(r, nil) && r.GroupKind() != kinds.Secret.GroupKind()
}
