package redact

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
)

const (
	// containedLeast is the length from which a value is looked for inside of other
	// texts. A shorter one ("1", "no") stands in many by chance, and only hides a text
	// that says nothing else.
	containedLeast = 4
	// workMax bounds the bytes that are compared or unpacked for one object: some tens
	// of milliseconds.
	workMax = 256 << 20
	// layersMax is how many encodings around each other are taken off. A Helm release
	// has three: Base64 of Base64 of gzip.
	layersMax = 4
)

// Values are the values of a Secret, in order to find copies of them. It is for one
// goroutine.
type Values struct {
	all    [][]byte
	shown  []string // names that are on the screen anyway
	budget int      // bytes that may still be looked at
}

func newValues() *Values { return &Values{budget: workMax} }

// ValuesOf returns the values of a Secret, whose own name and namespace anyone may see.
func ValuesOf(namespace, name string, data map[string][]byte, stringData map[string]string) *Values {
	v := newValues()
	v.Show(namespace)
	v.Show(name)
	for _, value := range data {
		v.Add(value)
	}
	for _, value := range stringData {
		v.Add([]byte(value))
	}
	return v
}

// Add adds a value, which it keeps.
func (v *Values) Add(value []byte) {
	if len(bytes.TrimSpace(value)) > 0 {
		v.all = append(v.all, value)
	}
}

// Show says that a name is known to whoever sees the Secret. A text is not hidden
// because it contains that name: the namespace in a service account's token is one.
func (v *Values) Show(name string) {
	if name != "" {
		v.shown = append(v.shown, name)
	}
}

// Copied reports whether a text of the Secret's metadata is, or may be, a copy of its
// values.
func (v *Values) Copied(text string) bool {
	return v.peel([]byte(text), layersMax, func(layer []byte, outermost bool) bool {
		return isCompressed(layer) || isObject(layer) && (outermost || isText(layer)) || v.in(layer)
	})
}

// Hide returns labels or annotations with Words in place of copies.
// It changes nothing in m.
func (v *Values) Hide(m map[string]string) map[string]string {
	out := maps.Clone(m)
	for key, text := range m {
		if v.Copied(text) {
			out[key] = Words(len(text))
		}
	}
	return out
}

// contained reports whether a text of another object contains a value.
func (v *Values) contained(text string) bool {
	return len(v.all) > 0 && v.peel([]byte(text), layersMax, func(layer []byte, _ bool) bool { return v.in(layer) })
}

// isManifest reports whether a text is a Secret with values, or has one inside.
func (v *Values) isManifest(text string) bool {
	return Suspect([]byte(text)) &&
		v.peel([]byte(text), layersMax, func(layer []byte, _ bool) bool { return holdsSecret(layer) })
}

// peel reports whether found holds for a text, or for one that is encoded in it. A text
// that takes too much work counts as found.
func (v *Values) peel(text []byte, layers int, found func(layer []byte, outermost bool) bool) bool {
	if v.budget -= len(text); v.budget < 0 || found(text, layers == layersMax) {
		return true
	}
	for _, decode := range decoders {
		inner, ok := decode(text, v)
		if ok && (layers == 0 || v.peel(inner, layers-1, found)) {
			return true
		}
	}
	return false
}

// in reports whether a text contains one of the values.
func (v *Values) in(text []byte) bool {
	for _, value := range v.all {
		trimmed := bytes.TrimSpace(value)
		if slices.Contains(v.shown, string(trimmed)) || len(trimmed) > len(text) {
			continue
		}
		if len(trimmed) < containedLeast {
			if bytes.Equal(bytes.TrimSpace(text), trimmed) {
				return true
			}
			continue
		}
		for needle := range spellings(trimmed) {
			if v.budget -= len(text); v.budget < 0 || bytes.Contains(text, needle) {
				return true
			}
		}
	}
	return false
}

// yamlKey is the first line of a block mapping, or of one in a sequence.
var yamlKey = regexp.MustCompile(`(?m)^[ \t]*(?:- +)?(?:[\w./-]+|"[^"\n]*"|'[^'\n]*')[ \t]*:(?:\s|$)`)

// plainMost is more than a text has that only says something. Real objects of that
// length need not be looked through.
const plainMost = 64 << 10

// isObject reports whether a text looks like an object or a list: JSON, whole or cut, or
// YAML.
func isObject(text []byte) bool {
	if len(text) > plainMost {
		return true
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	return len(text) > 0 && (text[0] == '{' || text[0] == '[' || yamlKey.Match(text))
}
