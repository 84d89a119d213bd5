package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/value"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Owned is a value of an object that managers say they set.
type Owned struct {
	Path []string  // keys and indexes of lists
	By   []Manager // the last that set anything comes first
}

// Blame returns who set each value of an object, by the field sets of its managedFields.
// Values without an entry were filled in by the API server, or by something that leaves
// none.
func Blame(object map[string]any) ([]Owned, error) {
	entries := asList(asMap(object["metadata"])["managedFields"])
	managers := ManagersOf(object)
	var sets []ownedSet
	for i, entry := range entries {
		fields := asMap(asMap(entry)["fieldsV1"])
		if fields == nil {
			continue
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		set := &fieldpath.Set{}
		if err := set.FromJSON(bytes.NewReader(text)); err != nil {
			return nil, fmt.Errorf("the fields of %s: %w", managers[i].Name, err)
		}
		sets = append(sets, ownedSet{managers[i], set})
	}
	slices.SortStableFunc(sets, func(a, b ownedSet) int { return b.At.Compare(a.At) })
	b := blaming{}
	b.walk(nil, object, sets, nil)
	return b.found, nil
}

// ownedSet is what a manager set inside a value.
type ownedSet struct {
	Manager
	set *fieldpath.Set
}

type blaming struct{ found []Owned }

// walk goes through a value. whole are the managers that name it, and nothing inside it. They set
// all of it, unless somebody is named inside: then each part has owners of its own, and theirs is
// that the value is there at all.
func (b *blaming) walk(path []string, v any, sets []ownedSet, whole []Manager) {
	inherited := whole
	if len(sets) > 0 {
		inherited = nil
	}
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			is := func(e fieldpath.PathElement) bool { return e.FieldName != nil && *e.FieldName == key }
			b.child(append(slices.Clip(path), key), child, sets, inherited, is)
		}
		if len(v) > 0 {
			return
		}
	case []any:
		for i, child := range v {
			is := func(e fieldpath.PathElement) bool { return selects(e, i, child) }
			b.child(append(slices.Clip(path), strconv.Itoa(i)), child, sets, inherited, is)
		}
		if len(v) > 0 {
			return
		}
	}
	if len(whole) > 0 {
		b.found = append(b.found, Owned{Path: path, By: whole})
	}
}

// child finds what managers say about a part of a value.
func (b *blaming) child(
	path []string, v any, sets []ownedSet, whole []Manager, is func(fieldpath.PathElement) bool,
) {
	var inside []ownedSet
	for _, s := range sets {
		divided, named := false, false
		// Neither loop may end early: Iterate goes on, and the range panics.
		for e := range s.set.Children.All() {
			if !divided && is(e) {
				set, _ := s.set.Children.Get(e)
				inside = append(inside, ownedSet{s.Manager, set})
				divided = true
			}
		}
		for e := range s.set.Members.All() {
			named = named || is(e)
		}
		if named && !divided {
			whole = append(slices.Clip(whole), s.Manager)
		}
	}
	b.walk(path, v, inside, whole)
}

// selects reports whether an element of a path is about an item of a list.
func selects(e fieldpath.PathElement, i int, item any) bool {
	switch {
	case e.Index != nil:
		return *e.Index == i
	case e.Value != nil:
		return value.Equals(*e.Value, value.NewValueInterface(item))
	case e.Key != nil:
		m := asMap(item)
		for _, field := range *e.Key {
			got, ok := m[field.Name]
			if !ok {
				got = keyDefaults[field.Name]
			}
			if !value.Equals(field.Value, value.NewValueInterface(got)) {
				return false
			}
		}
		return m != nil
	}
	return false
}

// keyDefaults are the keys of lists that the API server fills in.
var keyDefaults = map[string]any{"protocol": "TCP"}

// narrowedTo is how many fields are named.
const narrowedTo = 3

// namesItem matches the name of an item of a list, which says little beside its other fields.
var namesItem = regexp.MustCompile(`\.\d+\.name$`)

// Narrow says of writes that nothing but a manager's entry remembers which fields that
// manager has set: among them are those that it wrote. It changes the slice's changes.
func Narrow(changes []Change, owned []Owned) {
	for i := range changes {
		c := &changes[i]
		if !c.Vague() {
			continue
		}
		var fields []string
		for _, o := range owned {
			is := func(m Manager) bool { return kinds.Clean(m.Name) == c.Who && m.At.Equal(c.At) && m.Subresource == "" }
			path := strings.Join(o.Path, ".")
			if slices.ContainsFunc(o.By, is) && !strings.Contains(path, "last-applied") && !namesItem.MatchString(path) {
				fields = append(fields, kinds.Clean(strings.TrimPrefix(path, "spec.template.spec.")))
			}
		}
		if len(fields) == 0 {
			continue
		}
		slices.Sort(fields)
		c.Text = setText(fields)
	}
}

// setText is "spec.replicas was set", or "spec.a, spec.b or spec.c was set": of several fields that a manager
// has set, the last write may have been about any.
func setText(fields []string) string {
	named, more := fields[:min(len(fields), narrowedTo)], len(fields)-narrowedTo
	switch last := len(named) - 1; {
	case more == 1:
		return strings.Join(named, ", ") + " or 1 more was set"
	case more > 1:
		return fmt.Sprintf("%s or %d more were set", strings.Join(named, ", "), more)
	case last == 0:
		return named[0] + " was set"
	default:
		return strings.Join(named[:last], ", ") + " or " + named[last] + " was set"
	}
}
