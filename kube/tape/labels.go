package tape

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/labels"
)

// labels returns the labels of an object as they are written next to it, so that a
// reader can select by them without reading the object.
func (o *Object) labels() []byte {
	if !o.Protobuf {
		var read struct {
			Metadata struct{ Labels map[string]string } `json:"metadata"`
		}
		_ = json.Unmarshal(o.Body, &read) // it could be read before
		return appendLabels(nil, read.Metadata.Labels)
	}
	var set map[string]string
	for f := range fieldsOf(o.Body) {
		if f.number != listMeta {
			continue
		}
		for m := range fieldsOf(f.bytes) {
			if m.number != metaLabels {
				continue
			}
			if set == nil {
				set = map[string]string{}
			}
			key, value := mapEntry(m.bytes)
			set[key] = value
		}
	}
	return appendLabels(nil, set)
}

func mapEntry(entry []byte) (key, value string) {
	for f := range fieldsOf(entry) {
		switch f.number {
		case mapKey:
			key = string(f.bytes)
		case mapValue:
			value = string(f.bytes)
		}
	}
	return key, value
}

func appendLabels(to []byte, set map[string]string) []byte {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		to = appendText(appendText(to, key), set[key])
	}
	return to
}

// labelSets holds each set of labels once, since siblings share theirs.
type labelSets struct {
	mu   sync.Mutex
	sets map[string]labels.Set
}

// of returns the set that a text stands for. Nobody may change it.
func (l *labelSets) of(text []byte) (labels.Set, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if set, known := l.sets[string(text)]; known {
		return set, true
	}
	var set labels.Set
	c := newCursor(text)
	for c.more() {
		if set == nil {
			set = labels.Set{}
		}
		key := c.text()
		set[key] = c.text()
	}
	if l.sets == nil || len(l.sets) > labelSetsMax {
		l.sets = map[string]labels.Set{}
	}
	l.sets[string(text)] = set
	return set, !c.bad
}

// labelSetsMax bounds how many are held; then all are dropped.
const labelSetsMax = 20_000
