package kinds

import (
	"strings"
	"sync"
)

// The table of shared strings is bounded by its count and by the length in
// bytes of what enters it: long texts (an event's message) seldom repeat. A
// full table starts anew, and what it shared stays shared.
const (
	internedMax      = 1 << 16
	internedBytesMax = 256
)

var interned = struct {
	sync.Mutex
	values map[string]string
}{values: map[string]string{}}

// intern cleans s and makes equal strings share their bytes: label keys and
// values, namespaces, phases and images repeat across thousands of objects. (A
// unique.Handle would forget the shared copy as soon as only its string is
// kept.)
func intern(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > internedBytesMax {
		return Clean(s)
	}
	interned.Lock()
	defer interned.Unlock()
	if v, ok := interned.values[s]; ok {
		return v
	}
	if len(interned.values) >= internedMax {
		clear(interned.values)
	}
	key, v := strings.Clone(s), Clean(s)
	if v == key {
		v = key
	}
	interned.values[key] = v
	return v
}
