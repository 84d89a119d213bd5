package dump

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// note remembers a text of the object, if somebody needs to know it.
func (w *objectWriter) note(value []byte) {
	if len(w.frames) == 0 {
		return
	}
	f := &w.frames[len(w.frames)-1]
	switch f.place {
	case inFree:
		return
	case inLabels:
		if w.labels == nil {
			w.labels = map[string]string{}
		}
		w.labels[f.key] = w.names.of(value)
		return
	case atRoot:
		w.noteKind(f.key, value)
	case inMetadata:
		w.noteIdentity(f.key, value)
	case inContainer:
		switch f.key {
		case "name":
			w.containers, w.containerName = append(w.containers, w.names.of(value)), true
		case "image":
			w.image = w.names.of(value)
		}
	default:
	}
	if f.list {
		return
	}
	if timed[f.key] {
		w.noteTime(value)
	}
	w.noteSelectable(value)
}

// noteKind notes what the object says it is. When that is not what was guessed, it is
// no use reading on.
func (w *objectWriter) noteKind(key string, value []byte) {
	switch key {
	case "apiVersion":
		w.apiVersion = w.names.of(value)
	case "kind":
		w.kind = w.names.of(value)
	default:
		return
	}
	if w.apiVersion == "" || w.kind == "" {
		return
	}
	if w.guess.Kind != w.kind || !sameVersion(w.guess, w.apiVersion) {
		w.stop = otherKind
	}
}

// sameVersion reports whether a kind is one of an apiVersion.
func sameVersion(gvk schema.GroupVersionKind, apiVersion string) bool {
	if gvk.Group == "" {
		return gvk.Version == apiVersion
	}
	group, version, _ := strings.Cut(apiVersion, "/")
	return gvk.Group == group && gvk.Version == version
}

func (w *objectWriter) noteIdentity(key string, value []byte) {
	switch key {
	case "name":
		w.name = string(value)
	case "namespace":
		w.namespace = w.names.of(value)
	case "uid":
		w.uid = string(value)
	case "resourceVersion":
		w.version = string(value)
	}
}

// noteTime keeps the latest time. Texts of the usual form sort as their times do.
func (w *objectWriter) noteTime(value []byte) {
	if len(value) == len(w.latest) && string(value) <= w.latest {
		return
	}
	t := timeOf(string(value))
	if next := later(w.latestTime, t, w.before); !next.Equal(w.latestTime) {
		w.latestTime, w.latest = next, ""
		if len(value) == len("2006-01-02T15:04:05Z") {
			w.latest = string(value)
		}
	}
}

// noteSelectable notes a value that a field selector may mean.
func (w *objectWriter) noteSelectable(value []byte) {
	depth := len(w.frames)
	if !w.selects || depth == 0 || depth > 2 || w.frames[depth-1].list || w.frames[depth-1].place == inMetadata {
		return
	}
	to := w.selectable
	if depth == 2 {
		above := w.frames[0].key
		if to = w.deeper[above]; to == nil {
			to = map[string]any{}
			w.deeper[above] = to
		}
		w.selectable[above] = to
	}
	to[w.frames[depth-1].key] = w.names.of(value)
}

// containerList returns the names of the containers, which stay.
func (w *objectWriter) containerList() []string {
	key := strings.Join(w.containers, "/")
	if known, ok := w.lists[key]; ok {
		return known
	}
	names := append([]string{}, w.containers...)
	if len(w.lists) < internedMax {
		w.lists[key] = names
	}
	return names
}

// interned holds the texts that objects repeat, each once.
type interned map[string]string

const (
	internedMax    = 4096
	internedLength = 64
)

func (i interned) of(text []byte) string {
	if known, ok := i[string(text)]; ok {
		return known
	}
	kept := string(text)
	if len(kept) <= internedLength {
		if len(i) == internedMax {
			clear(i)
		}
		i[kept] = kept
	}
	return kept
}

// isInstant reports whether a text is a time that encoding/json accepts.
func isInstant(value []byte) bool {
	const form = "0000-00-00T00:00:00Z"
	if len(value) == len(form) {
		number := func(at int) int { return int(value[at]-'0')*10 + int(value[at+1]-'0') }
		for i, c := range value {
			if form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
				return false
			}
		}
		month, day := number(5), number(8)
		if month < 1 || month > 12 || day < 1 || number(11) > 23 || number(14) > 59 || number(17) > 59 {
			return false
		}
		if day <= 28 {
			return true
		}
	}
	_, err := time.Parse(time.RFC3339, string(value))
	return err == nil
}

// appendString appends a text as JSON.
func appendString[T string | []byte](to []byte, value T) []byte {
	plain := 0
	to = append(to, '"')
	for i := range len(value) {
		c := value[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, value[plain:i]...)
		plain = i + 1
		switch c {
		case '\n':
			to = append(to, '\\', 'n')
		case '\t':
			to = append(to, '\\', 't')
		case '\r':
			to = append(to, '\\', 'r')
		case '"', '\\':
			to = append(to, '\\', c)
		default:
			to = append(to, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		}
	}
	return append(append(to, value[plain:]...), '"')
}

// unescaped returns the text of a JSON string that has escapes.
func unescaped(quoted []byte) ([]byte, bool) {
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return nil, false
	}
	return []byte(text), utf8.ValidString(text)
}
