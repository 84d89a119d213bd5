package triage

import (
	"iter"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// made is labels as a link has them: "app=web,tier=front". Of a template they are its record's, and
// take nothing here.
type made string

// madeBy are the labels of the pods that an object makes.
func madeBy(r *kinds.Record) made {
	for _, l := range r.Links {
		if l.Relation == kinds.Makes {
			return made(l.Labels)
		}
	}
	return ""
}

// selectedBy are the labels by which a Service selects.
func selectedBy(r *kinds.Record) made {
	for _, l := range r.Links {
		if l.Selector != "" {
			return made(l.Selector)
		}
	}
	return ""
}

// madeOf are labels, which take nothing where they are the same as others.
func madeOf(set labels.Set, same made) made {
	if len(set) == 0 {
		return ""
	}
	if text := made(labels.FormatLabels(set)); text != same {
		return text
	}
	return same
}

// all are the keys and values.
func (m made) all() iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		for rest := string(m); rest != ""; {
			var pair string
			pair, rest, _ = strings.Cut(rest, ",")
			if key, value, _ := strings.Cut(pair, "="); !yield(key, value) {
				return
			}
		}
	}
}

// has reports whether all of some labels are among them.
func (m made) has(some made) bool { return some.in(m) }

// in reports whether they are all among others.
func (m made) in(others labels.Labels) bool {
	for key, value := range m.all() {
		if v, ok := others.Lookup(key); !ok || v != value {
			return false
		}
	}
	return true
}

// Has implements labels.Labels.
func (m made) Has(key string) bool { _, ok := m.Lookup(key); return ok }

// Get implements labels.Labels.
func (m made) Get(key string) string { value, _ := m.Lookup(key); return value }

// Lookup implements labels.Labels.
func (m made) Lookup(key string) (string, bool) {
	for k, v := range m.all() {
		if k == key {
			return v, true
		}
	}
	return "", false
}
