package helm

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// How says what became of something.
type How byte

// What becomes of a value or an object.
const (
	Added   How = '+'
	Removed How = '-'
	Changed How = '~'
)

// Change is one value or object that differs.
type Change struct {
	How      How
	Name     string // "image.tag", "hosts[1]"; "Deployment shop/web"
	Old, New string // a value in JSON; "" for an object
}

// Changes are what one revision changed.
type Changes struct {
	Values  []Change
	Objects []Change
	// Relabelled is how many objects differ only in the version that their labels name.
	Relabelled int
	// Further is how many changes there are beside these.
	Further int
}

const (
	changesMax = 1000 // of values, and of objects
	depthMax   = 32   // maps and lists inside each other; what is deeper is one value
)

// Compare returns what newer changed. Charts and versions are in the heads.
func Compare(older, newer *Release) Changes {
	var c Changes
	c.compareMaps("", 0, older.Values, newer.Values)
	c.compareObjects(objectsOf(older.Manifest), objectsOf(newer.Manifest))
	return c
}

// add keeps a change while there is room.
func (c *Changes) add(to *[]Change, change Change) {
	if len(*to) == changesMax {
		c.Further++
		return
	}
	*to = append(*to, change)
}

func (c *Changes) compareMaps(path string, depth int, older, newer map[string]any) {
	for _, key := range keysOf(older, newer) {
		a, was := older[key]
		b, is := newer[key]
		c.compareValue(strings.TrimPrefix(path+"."+key, "."), depth+1, a, b, was, is)
	}
}

func (c *Changes) compareValue(name string, depth int, a, b any, was, is bool) {
	olderMap, aMap := a.(map[string]any)
	newerMap, bMap := b.(map[string]any)
	olderList, aList := a.([]any)
	newerList, bList := b.([]any)
	switch {
	case !was:
		c.add(&c.Values, Change{How: Added, Name: name, New: jsonOf(b)})
	case !is:
		c.add(&c.Values, Change{How: Removed, Name: name, Old: jsonOf(a)})
	case aMap && bMap && depth < depthMax:
		c.compareMaps(name, depth, olderMap, newerMap)
	case aList && bList && depth < depthMax:
		for i := range max(len(olderList), len(newerList)) {
			at := name + "[" + strconv.Itoa(i) + "]"
			c.compareValue(at, depth+1, item(olderList, i), item(newerList, i), i < len(olderList), i < len(newerList))
		}
	case !reflect.DeepEqual(a, b):
		c.add(&c.Values, Change{How: Changed, Name: name, Old: jsonOf(a), New: jsonOf(b)})
	}
}

func item(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// keysOf returns the keys of both maps, sorted.
func keysOf[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func jsonOf(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(value) != nil {
		return "?"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (c *Changes) compareObjects(older, newer map[string]string) {
	for _, name := range keysOf(older, newer) {
		a, was := older[name]
		b, is := newer[name]
		switch {
		case !was:
			c.add(&c.Objects, Change{How: Added, Name: name})
		case !is:
			c.add(&c.Objects, Change{How: Removed, Name: name})
		case withoutVersion(a) != withoutVersion(b):
			c.add(&c.Objects, Change{How: Changed, Name: name})
		case a != b:
			c.Relabelled++
		}
	}
}

// objectsOf splits a manifest into the texts of its objects, by "Kind namespace/name".
func objectsOf(manifest string) map[string]string {
	out, seen := map[string]string{}, map[string]int{}
	for doc := range strings.SplitSeq("\n"+strings.ReplaceAll(manifest, "\r\n", "\n"), "\n---") {
		lines := slices.DeleteFunc(strings.Split(doc, "\n"), func(line string) bool {
			trimmed := strings.TrimSpace(line)
			return trimmed == "" || trimmed[0] == '#'
		})
		if len(lines) == 0 {
			continue
		}
		name := nameOf(lines)
		if seen[name]++; seen[name] > 1 {
			name += " (" + strconv.Itoa(seen[name]) + ")"
		}
		out[name] = strings.Join(lines, "\n")
	}
	return out
}

// nameOf reads who an object is from the lines of its manifest. Helm writes what templates
// make, which is a field on each line. What is written in another way has no name.
func nameOf(lines []string) string {
	var kind, name, namespace string
	inside, indent := false, -1
	for _, line := range lines {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = plainValue(value)
		depth := len(line) - len(strings.TrimLeft(line, " "))
		if depth == 0 {
			inside, indent = key == "metadata", -1
			if key == "kind" {
				kind = value
			}
			continue
		}
		if inside && indent < 0 {
			indent = depth
		}
		switch {
		case !inside || depth != indent:
		case key == "name":
			name = value
		case key == "namespace":
			namespace = value
		}
	}
	if namespace != "" {
		name = namespace + "/" + name
	}
	return cmp.Or(kind, "object") + " " + cmp.Or(name, "without a name")
}

// plainValue is a YAML value without quotes and comment.
func plainValue(s string) string {
	s = strings.TrimSpace(s)
	if before, _, found := strings.Cut(s, " #"); found {
		s = strings.TrimSpace(before)
	}
	return strings.Trim(s, `"'`)
}

// versionLabels name the chart and its version on every object.
var versionLabels = []string{"helm.sh/chart:", "app.kubernetes.io/version:", "chart:"}

func withoutVersion(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
		line = strings.TrimSpace(line)
		return slices.ContainsFunc(versionLabels, func(l string) bool { return strings.HasPrefix(line, l) })
	}), "\n")
}
