package history

import (
	"fmt"
	"slices"
	"strings"
)

// keying are the fields that tell the items of a list apart.
type keying []string

// keyings are tried in order; the first that every item has, with no value twice, tells
// them apart. They are the keys of the lists of the built-in kinds (listMapKey in their
// OpenAPI documents), and what custom resources copy from them.
var keyings = []keying{
	{"name"},
	{"containerPort", "protocol"},
	{"containerPort"},
	{"port", "protocol"},
	{"port"},
	{"mountPath"},
	{"devicePath"},
	{"type"},
	{"uid"},
	{"key", "effect"},
	{"host"},
	{"ip"},
	{"path"},
	{"topologyKey", "whenUnsatisfiable"},
	{"id"},
	{"key"},
}

// keyOf returns what tells the items of both lists apart, or nil when nothing does.
func keyOf(older, newer []any) keying {
	if len(older)+len(newer) == 0 {
		return nil
	}
	for _, k := range keyings {
		if k.fits(older) && k.fits(newer) {
			return k
		}
	}
	return nil
}

// fits reports whether every item has the key, and no two have the same.
func (k keying) fits(items []any) bool {
	seen := make(map[string]bool, len(items))
	for _, i := range items {
		name, ok := k.of(i)
		if !ok || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

// of returns the key of an item: "http", "53/UDP".
func (k keying) of(item any) (string, bool) {
	m, ok := item.(map[string]any)
	if !ok {
		return "", false
	}
	parts := make([]string, 0, len(k))
	for i, field := range k {
		switch v := m[field].(type) {
		case string:
			parts = append(parts, v)
		case int64, float64:
			parts = append(parts, fmt.Sprint(v))
		case nil:
			if i == 0 {
				return "", false
			}
		default:
			return "", false
		}
	}
	return strings.Join(parts, "/"), true
}

// index is where the items of a list are, by their keys.
type index struct {
	names []string // in their order
	at    map[string]int
}

func indexed(key keying, items []any) index {
	out := index{at: make(map[string]int, len(items))}
	for i, v := range items {
		name, _ := key.of(v)
		out.names = append(out.names, name)
		out.at[name] = i
	}
	return out
}

func item(items []any, at map[string]int, name string) any {
	if i, ok := at[name]; ok && i < len(items) {
		return items[i]
	}
	return nil
}

// orderMatters reports whether the order of a list's items means something: variables may
// refer to those before them, and init containers run one after the other.
func orderMatters(path []string) bool {
	last := path[len(path)-1]
	return last == "env" || last == "initContainers" || last == "rules"
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
