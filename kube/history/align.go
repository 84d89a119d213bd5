package history

import (
	"maps"
	"slices"
)

// Align returns two versions as a diff by lines wants them: without what changes and means
// nothing, and with the items of lists in one order where only their order differs or some
// of them are in both. template says that they are pod templates of revisions.
func Align(older, newer map[string]any, template bool) (a, b map[string]any) {
	if template {
		a, b = withoutHash(older), withoutHash(newer)
	} else {
		a, b = Meaningful(older), Meaningful(newer)
	}
	aligned, _ := align(nil, a, b).(map[string]any)
	return aligned, b
}

// Meaningful copies an object without the fields that change and mean nothing, such as what tools write down
// for themselves in annotations. Its lists are those of the object. Any goroutine may call it.
func Meaningful(object map[string]any) map[string]any { return meaningful(nil, object) }

func meaningful(path []string, m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for key, v := range m {
		at := append(slices.Clip(path), key)
		named := len(at) == 1 && (key == "apiVersion" || key == "kind")
		if isNoise(at) && !named {
			continue
		}
		if inner, ok := v.(map[string]any); ok && len(inner) > 0 {
			left := meaningful(at, inner)
			if len(left) == 0 {
				continue
			}
			v = left
		}
		out[key] = v
	}
	return out
}

// align returns the older value with its lists in the order of the newer.
func align(path []string, older, newer any) any {
	switch a := older.(type) {
	case map[string]any:
		b, ok := newer.(map[string]any)
		if !ok {
			return older
		}
		out := maps.Clone(a)
		for key, v := range a {
			out[key] = align(append(slices.Clip(path), key), v, b[key])
		}
		return out
	case []any:
		b, ok := newer.([]any)
		if !ok || len(path) == 0 {
			return older
		}
		key := keyOf(a, b)
		if key == nil {
			return older
		}
		return alignItems(path, key, a, b)
	}
	return older
}

// alignItems sorts older items like the newer ones; those that only the older list has
// follow the one that they followed.
func alignItems(path []string, key keying, older, newer []any) []any {
	if orderMatters(path) {
		return alignInPlace(path, key, older, newer)
	}
	before, now := indexed(key, older), indexed(key, newer)
	follows := map[string][]int{} // the items that only older has, by the one before them
	last := ""
	for i, name := range before.names {
		if _, stays := now.at[name]; stays {
			last = name
			continue
		}
		follows[last] = append(follows[last], i)
	}
	out := make([]any, 0, len(older))
	add := func(name string) {
		for _, i := range follows[name] {
			out = append(out, older[i])
		}
	}
	add("")
	for i, name := range now.names {
		if at, was := before.at[name]; was {
			out = append(out, align(append(slices.Clip(path), "["+name+"]"), older[at], newer[i]))
			add(name)
		}
	}
	return out
}

// alignInPlace aligns what is inside the items, and leaves their order.
func alignInPlace(path []string, key keying, older, newer []any) []any {
	now := indexed(key, newer)
	out := slices.Clone(older)
	for i := range out {
		name, _ := key.of(out[i])
		out[i] = align(append(slices.Clip(path), "["+name+"]"), out[i], item(newer, now.at, name))
	}
	return out
}
