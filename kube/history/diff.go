package history

import (
	"maps"
	"reflect"
	"slices"

	"github.com/fathom-k8s/fathom/kube/redact"
)

// Difference is one field that differs, or a whole branch that only one version has.
type Difference struct {
	// Path leads to the field. An item of a list whose items have a key is "[key]".
	Path     []string
	Old, New any  // as they may be shown; nil where the field is absent
	Hidden   bool // the values are a Secret's: Old and New do not tell them apart
}

// depthMax bounds how deep two objects are compared; what is deeper is one value.
const depthMax = 40

// Compare returns the fields in which two versions of an object differ, in the order of
// their paths. Values of Secrets are hidden in what it returns; secret says that the
// objects are Secrets, whatever they call themselves.
func Compare(older, newer map[string]any, secret bool) []Difference {
	c := comparison{}
	c.maps(nil, older, newer, shown(older, secret), shown(newer, secret))
	return c.found
}

// shown is an object without the values of Secrets, in the same shape.
func shown(object map[string]any, secret bool) map[string]any {
	if secret {
		return redact.Secret(object, redact.Plain)
	}
	hidden, _ := redact.Object(object, redact.Plain)
	return hidden
}

// comparison walks through two objects, each beside what may be shown of it.
type comparison struct{ found []Difference }

func (c *comparison) maps(path []string, older, newer, olderShown, newerShown map[string]any) {
	for _, key := range keysOf(older, newer) {
		at := append(slices.Clip(path), key)
		if isNoise(at) {
			continue
		}
		c.values(at, older[key], newer[key], olderShown[key], newerShown[key])
	}
}

// keysOf returns the keys of both maps, sorted.
func keysOf(a, b map[string]any) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (c *comparison) values(path []string, older, newer, olderShown, newerShown any) {
	if reflect.DeepEqual(older, newer) {
		return
	}
	if len(path) < depthMax && !isWhole(path) {
		a, aMap := older.(map[string]any)
		b, bMap := newer.(map[string]any)
		// A branch that is new on the way to one field is best said as that field.
		if aMap && bMap || newer == nil && descends(path, a) || older == nil && descends(path, b) {
			c.maps(path, a, b, asMap(olderShown), asMap(newerShown))
			return
		}
		x, xList := older.([]any)
		y, yList := newer.([]any)
		if xList && (yList || newer == nil) || yList && older == nil {
			if key := keyOf(x, y); key != nil {
				c.lists(path, key, x, y, asList(olderShown), asList(newerShown))
				return
			}
		}
	}
	c.found = append(c.found, Difference{
		Path: path, Old: olderShown, New: newerShown,
		Hidden: !reflect.DeepEqual(older, olderShown) || !reflect.DeepEqual(newer, newerShown),
	})
}

// descends reports whether the fields of a map are compared one by one even where only one version
// has the map: the top fields of an object, and maps of single values.
func descends(path []string, m map[string]any) bool {
	if len(path) == 1 {
		return true
	}
	for _, v := range m {
		switch v.(type) {
		case map[string]any, []any:
			return false
		}
	}
	return len(m) > 0
}

// lists compares lists whose items have a key.
func (c *comparison) lists(path []string, key keying, older, newer, olderShown, newerShown []any) {
	a, b := indexed(key, older), indexed(key, newer)
	order := slices.Clone(a.names)
	for _, name := range b.names {
		if _, ok := a.at[name]; !ok {
			order = append(order, name)
		}
	}
	for _, name := range order {
		at := append(slices.Clip(path), "["+name+"]")
		x, y := item(older, a.at, name), item(newer, b.at, name)
		xs, ys := item(olderShown, a.at, name), item(newerShown, b.at, name)
		if x == nil || y == nil {
			c.whole(at, x, y, xs, ys)
			continue
		}
		c.values(at, x, y, xs, ys)
	}
	if orderMatters(path) && sameNames(a.names, b.names) && !slices.Equal(a.names, b.names) {
		c.found = append(c.found, Difference{
			Path: append(slices.Clip(path), "order"), Old: anyOf(a.names), New: anyOf(b.names),
		})
	}
}

// whole records an item that only one version has.
func (c *comparison) whole(path []string, older, newer, olderShown, newerShown any) {
	c.found = append(c.found, Difference{
		Path: path, Old: olderShown, New: newerShown,
		Hidden: !reflect.DeepEqual(older, olderShown) || !reflect.DeepEqual(newer, newerShown),
	})
}

func asMap(v any) map[string]any { m, _ := v.(map[string]any); return m }

func asList(v any) []any { l, _ := v.([]any); return l }

func anyOf(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}
