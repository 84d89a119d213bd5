package kinds

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	mentionsMax      = 32   // links of one object
	mentionDepth     = 12   // maps and lists inside each other
	mentionFields    = 2000 // fields that are looked at
	nameMax          = 253
	mentionHowLength = 60
)

// mentions looks through a custom resource for fields that look like references to other
// objects: secretName, configMapRef, and whatever has a kind and a name.
type mentions struct {
	record *Record
	own    schema.GroupKind
	found  int
	looked int
}

// fieldKinds are the kinds that a field's name ends with, before Name or Ref.
var fieldKinds = []struct{ suffix, kind string }{
	{"secret", "Secret"}, {"configmap", "ConfigMap"}, {"serviceaccount", "ServiceAccount"},
	{"persistentvolumeclaim", "PersistentVolumeClaim"}, {"claim", "PersistentVolumeClaim"}, {"service", "Service"},
	{"storageclass", "StorageClass"}, {"priorityclass", "PriorityClass"}, {"ingressclass", "IngressClass"},
	{"runtimeclass", "RuntimeClass"},
}

// fieldKind is the kind that the name of a field says, and whether such a field is a
// reference at all.
func fieldKind(name string) (kind schema.GroupKind, isRef bool) {
	stem := strings.ToLower(name)
	for _, end := range []string{"keyref", "refs", "ref", "reference", "keyselector"} {
		if cut, ok := strings.CutSuffix(stem, end); ok {
			stem, isRef = cut, true
			break
		}
	}
	if !isRef {
		var named bool
		if stem, named = strings.CutSuffix(stem, "name"); !named {
			return kind, false
		}
	}
	for _, f := range fieldKinds {
		if strings.HasSuffix(stem, f.suffix) {
			return byName[f.kind], true
		}
	}
	return kind, isRef
}

// collect looks at all fields but those that are not the object's own business, and those
// that hold values of Secrets.
func (m mentions) collect(fields map[string]any) {
	for _, part := range []string{"spec", "status"} {
		m.walk(part, fields[part], mentionDepth)
	}
	for _, part := range slices.Sorted(maps.Keys(otherFields(fields))) {
		m.field(part, part, fields[part], mentionDepth)
	}
}

func (m *mentions) walk(path string, value any, depth int) {
	if m.looked++; depth == 0 || m.looked > mentionFields || m.found == mentionsMax {
		return
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			m.walk(path, item, depth-1)
		}
	case map[string]any:
		if text(value["kind"]) != "" && text(value["name"]) != "" {
			m.add(path, value, schema.GroupKind{})
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if !slices.Contains(notMentioned, name) {
				m.field(path+"."+name, name, value[name], depth-1)
			}
		}
	}
}

// notMentioned are fields that hold what others say, or values.
var notMentioned = []string{"conditions", "data", "stringData", "binaryData", "metadata", "managedFields"}

// field looks at a field of some name, and at what is inside.
func (m *mentions) field(path, name string, value any, depth int) {
	if kind, isRef := fieldKind(name); isRef {
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		for _, item := range items {
			m.add(path, item, kind)
		}
	}
	m.walk(path, value, depth)
}

// add adds a link to what a field refers to, unless it is linked in another way.
func (m *mentions) add(path string, value any, means schema.GroupKind) {
	to, _, ok := m.record.reference(value, means, m.own)
	if !ok || m.found == mentionsMax || to == m.record.Ref() || to.Kind == "User" || to.Kind == "Group" {
		return
	}
	// A group that the field leaves out was a guess.
	same := func(l *Link) bool {
		return l.To.Kind == to.Kind && l.To.Name == to.Name && l.To.Namespace == to.Namespace
	}
	if slices.ContainsFunc(m.record.Links, same) {
		return
	}
	m.found++
	m.record.linkTo(Mentions, to, path[max(0, len(path)-mentionHowLength):])
}

// validName reports whether a text can be the name of an object, or of a kind. What a
// template leaves to be filled in cannot.
func validName(s string) bool {
	if s == "" || len(s) > nameMax {
		return false
	}
	for i := range len(s) {
		c := s[i]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && (i == 0 || !strings.ContainsRune("-._:", rune(c))) {
			return false
		}
	}
	return true
}
