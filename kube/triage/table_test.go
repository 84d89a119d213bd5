package triage

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func entryNamed(n string) *entry { return &entry{record: &kinds.Record{Namespace: "shop", Name: n}} }

// TestClashes holds that entries of the same hash do not pass for each other.
func TestClashes(t *testing.T) {
	a, b := entryNamed("a"), entryNamed("b")
	of := func(n string) name { return name{"shop", n} }
	all := &table{byHash: map[hash]*entry{hashOf(of("b")): a}}
	if all.get(of("b")) != nil {
		t.Error("another entry is taken for one that is not there")
	}
	all.add(b)
	if all.get(of("b")) != b || all.len() != 2 || len(slices.Collect(all.all())) != 2 {
		t.Errorf("of two there are %d", all.len())
	}
	all.remove(of("b"))
	if all.get(of("b")) != nil || all.len() != 1 {
		t.Errorf("one was taken away of two, and there are %d", all.len())
	}
	all = &table{byHash: map[hash]*entry{}}
	all.add(b)
	all.clashes = map[name]*entry{of("c"): entryNamed("c")}
	all.remove(of("b"))
	if all.len() != 1 {
		t.Errorf("there are %d, want one", all.len())
	}
}

// TestHashed holds that an index gives what was put, whether it is alone or not.
func TestHashed(t *testing.T) {
	index := newHashed()
	var there [3][]*entry
	for i := range 400 {
		key := i * i % 3
		e := entryNamed(fmt.Sprint(i))
		in := i%5 < 3 || len(there[key]) == 0
		if in {
			there[key] = append(there[key], e)
		} else {
			e, there[key] = there[key][0], there[key][1:]
		}
		index.put(hash(key), e, in)
		for k, want := range there {
			got := index.of(hash(k))
			if len(got) != len(want) || slices.ContainsFunc(want, func(e *entry) bool { return !slices.Contains(got, e) }) {
				t.Fatalf("after %d steps there are %d, want %d", i+1, len(got), len(want))
			}
		}
	}
}
