package memapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

var errText = errors.New("a JSON object that cannot be read")

// member is one member of a JSON object: where it and its value are.
type member struct {
	key      string
	from, to int // of the value
}

// members calls each for the members of the object that begins at text[at],
// without reading what is inside them, until it returns false. It returns where
// the first member is, or would be.
func members(text []byte, at int, each func(member) bool) (first int, err error) {
	at = space(text, at)
	if at >= len(text) || text[at] != '{' {
		return 0, errText
	}
	at++
	first = at
	for {
		at = space(text, at)
		if at >= len(text) {
			return 0, errText
		}
		if text[at] == '}' {
			return first, nil
		}
		m := member{}
		end := skip(text, at)
		if end < 0 || text[at] != '"' || json.Unmarshal(text[at:end], &m.key) != nil {
			return 0, errText
		}
		at = space(text, end)
		if at >= len(text) || text[at] != ':' {
			return 0, errText
		}
		m.from = space(text, at+1)
		if m.to = skip(text, m.from); m.to < 0 {
			return 0, errText
		}
		if !each(m) {
			return first, nil
		}
		at = space(text, m.to)
		if at < len(text) && text[at] == ',' {
			at++
		}
	}
}

func space(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}

// skip returns the end of the value that begins at text[at], or -1.
func skip(text []byte, at int) int {
	depth := 0
	for ; at < len(text); at++ {
		switch text[at] {
		case '"':
			end := at + 1
			for ; end < len(text) && text[end] != '"'; end++ {
				if text[end] == '\\' {
					end++
				}
			}
			if end >= len(text) {
				return -1
			}
			at = end
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\n', '\t', '\r':
			continue
		default:
			for at+1 < len(text) && bytes.IndexByte([]byte(",]}: \n\t\r"), text[at+1]) < 0 {
				at++
			}
		}
		if depth == 0 {
			return at + 1
		}
		if depth < 0 {
			return -1
		}
	}
	return -1
}

// edit is new text in the place of old.
type edit struct {
	from, to int
	text     string
}

func replaced(text []byte, edits []edit) []byte {
	size := len(text)
	for _, e := range edits {
		size += len(e.text)
	}
	out, at := make([]byte, 0, size), 0
	for _, e := range edits {
		out = append(append(out, text[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, text[at:]...)
}

// served returns the JSON of an object with its kind and apiVersion set, and its
// resourceVersion unless that is 0. The text stays as it is where it says them
// already.
func served(text []byte, gvk schema.GroupVersionKind, version uint64) ([]byte, error) {
	want := map[string]string{"kind": strconv.Quote(gvk.Kind), "apiVersion": strconv.Quote(gvk.GroupVersion().String())}
	var edits []edit
	var inside error
	first, err := members(text, 0, func(m member) bool {
		if value, ok := want[m.key]; ok {
			if string(text[m.from:m.to]) != value {
				edits = append(edits, edit{m.from, m.to, value})
			}
			delete(want, m.key)
		}
		if m.key == "metadata" && version != 0 {
			edits, inside = versioned(text, m.from, version, edits)
			version = 0
		}
		return version != 0 || len(want) > 0
	})
	if err != nil || inside != nil {
		return nil, errors.Join(err, inside)
	}
	var missing []string
	for _, key := range []string{"kind", "apiVersion"} {
		if value, ok := want[key]; ok {
			missing = append(missing, strconv.Quote(key)+":"+value)
		}
	}
	if len(missing) > 0 {
		edits = slices.Insert(edits, 0, insert(text, first, strings.Join(missing, ",")))
	}
	if len(edits) == 0 {
		return text, nil
	}
	return replaced(text, edits), nil
}

// versioned adds the edit that sets the resourceVersion in the metadata that
// begins at text[from].
func versioned(text []byte, from int, version uint64, edits []edit) ([]edit, error) {
	number := strconv.Quote(strconv.FormatUint(version, 10))
	found := false
	first, err := members(text, from, func(m member) bool {
		if found = m.key == "resourceVersion"; found && string(text[m.from:m.to]) != number {
			edits = append(edits, edit{m.from, m.to, number})
		}
		return !found
	})
	if !found && err == nil {
		edits = append(edits, insert(text, first, `"resourceVersion":`+number))
	}
	return edits, err
}

// insert puts a member at the beginning of the object whose members begin at first.
func insert(text []byte, first int, what string) edit {
	if next := space(text, first); next < len(text) && text[next] != '}' {
		what += ","
	}
	return edit{first, first, what}
}
