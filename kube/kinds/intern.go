package kinds

import (
	"strings"
	"sync"
)

// internedMax bounds the table of shared strings; a full table starts anew, and
// what it shared stays shared.
const internedMax = 1 << 16

var interned = struct {
	sync.Mutex
	values map[string]string
}{values: map[string]string{}}

// intern cleans s and makes equal strings share their bytes: label keys and
// values, namespaces and owners repeat across thousands of objects. (A
// unique.Handle would forget the shared copy as soon as only its string is
// kept.)
func intern(s string) string {
	if s == "" {
		return ""
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
