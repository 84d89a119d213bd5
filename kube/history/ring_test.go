package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// block stands for what holds a body.
type block struct{ bytes int }

func sizeOf(b kinds.Body) int { return b.Kept.(*block).bytes }

func record(name, version string, bytes int) *kinds.Record {
	return &kinds.Record{
		Kind: kinds.Pod, Namespace: "shop", Name: name, UID: kinds.NewUID("1"), ResourceVersion: version,
		Body: kinds.Body{Kept: &block{bytes}},
	}
}

func TestUpdatesDoNotPushOutWhatWasDeleted(t *testing.T) {
	const budget = 100 << 10
	r := Ring{Budget: budget, Size: sizeOf}
	r.Put(nil, record("first", "1", 1000), noon)
	r.Put(record("first", "1", 1000), nil, noon)
	older := record("busy", "0", 1000)
	for i := range 1000 {
		newer := record("busy", fmt.Sprint(i+1), 1000)
		r.Put(older, newer, noon.Add(time.Duration(i)*time.Second))
		older = newer
		if u := r.Usage(); u.Bytes > budget {
			t.Fatalf("after %d updates it has %d bytes of %d", i, u.Bytes, budget)
		}
	}
	entries := r.Entries(time.Time{}, nil)
	if n := len(entries); n < 40 || entries[0].Number != 1002 || entries[n-1].Old != nil || entries[n-2].New != nil {
		t.Errorf("%d entries are kept, up to %d", n, entries[0].Number)
	}
	if u := r.Usage(); !u.Dropped || u.Bytes < budget/2 || !u.Oldest.After(noon) {
		t.Errorf("it says %+v", u)
	}
	later := r.Entries(noon.Add(999*time.Second), nil)
	if len(later) != 1 || later[0].New.ResourceVersion != "1000" {
		t.Errorf("since the last second there is %v", later)
	}
}

// TestOlderVersionsShrink holds that versions are made small before any is dropped, that one in a
// while stays whole, and what was created or deleted does.
func TestOlderVersionsShrink(t *testing.T) {
	const budget = 100 << 10
	r := Ring{Budget: budget, Size: sizeOf}
	shrunk := 0
	r.Shrink = func(older, newer kinds.Body) bool {
		if newer.Kept.(*block).bytes == 0 {
			t.Fatal("the next version is gone")
		}
		older.Kept.(*block).bytes = 50
		shrunk++
		return true
	}
	older := record("busy", "0", 1000)
	r.Put(nil, older, noon)
	for i := range 1000 {
		newer := record("busy", fmt.Sprint(i+1), 1000)
		r.Put(older, newer, noon)
		older = newer
		if u := r.Usage(); u.Bytes > budget || u.Dropped && shrunk == 0 {
			t.Fatalf("after %d updates it has %d bytes of %d, and %d are small", i, u.Bytes, budget, shrunk)
		}
	}
	r.Put(older, nil, noon)
	entries := r.Entries(time.Time{}, nil)
	if n := len(entries); n < 100 {
		t.Errorf("%d entries are kept", n)
	}
	run, longest := 0, 0
	for _, e := range entries {
		if e.Old == nil || e.New == nil {
			if sizeOf(cmp.Or(e.Old, e.New).Body) != 1000 {
				t.Error("what was created or deleted is not whole")
			}
			continue
		}
		if run++; sizeOf(e.Old.Body) == 1000 {
			run = 0
		}
		longest = max(longest, run)
	}
	if longest != wholeEvery-1 {
		t.Errorf("%d versions follow each other that are not whole, want %d", longest, wholeEvery-1)
	}
}

// A chain of versions shares its bodies: each is counted once.
func TestWhatIsSharedCountsOnce(t *testing.T) {
	r := Ring{Budget: 1 << 20, Size: sizeOf}
	a, b, c := record("x", "1", 1000), record("x", "2", 1000), record("x", "3", 1000)
	siblings := record("y", "1", 0)
	siblings.Body = a.Body
	r.Put(a, b, noon)
	r.Put(b, c, noon)
	r.Put(siblings, record("y", "2", 1000), noon)
	if got, want := r.Usage().Bytes, 4*1000+3*entryBytes; got != want {
		t.Errorf("four bodies take %d bytes, not %d", got, want)
	}
}

// Two listings see the same changes, one of them later.
func TestPutTwice(t *testing.T) {
	r := Ring{Size: sizeOf}
	a, b, again := record("x", "1", 1), record("x", "2", 1), record("x", "10", 1)
	again.UID = kinds.NewUID("2")
	steps := []struct{ older, newer *kinds.Record }{{nil, a}, {a, b}, {b, nil}, {nil, again}}
	for at, step := range steps {
		if !r.Put(step.older, step.newer, noon) {
			t.Errorf("step %d passes for an old one", at)
		}
		for early, old := range steps[:at+1] {
			if r.Put(old.older, old.newer, noon) {
				t.Errorf("after step %d, step %d passes for a new one", at, early)
			}
		}
	}
	versions := r.Versions(a.Ref())
	if len(versions) != 3 || versions[0] == nil || versions[0].ResourceVersion != "10" ||
		versions[2].ResourceVersion != "1" {
		t.Errorf("its versions are %v", versions)
	}
	if got := r.Versions(record("y", "1", 1).Ref()); got != nil {
		t.Errorf("another object has %v", got)
	}
}

func TestGone(t *testing.T) {
	r := Ring{Size: sizeOf}
	a, b, again := record("a", "1", 1), record("b", "2", 1), record("a", "5", 1)
	again.UID = kinds.NewUID("2")
	r.Put(a, nil, noon)
	r.Put(b, nil, noon.Add(time.Second))
	gone := r.Gone()
	if len(gone) != 2 || gone[0].Gone != b || gone[1].Gone != a || !gone[0].At.After(noon) {
		t.Errorf("gone are %v", gone)
	}
	r.Put(nil, again, noon)
	if gone := r.Gone(); len(gone) != 1 || gone[0].Gone != b {
		t.Errorf("after one was created again, gone are %v", gone)
	}
}

// An object that is larger than the whole budget is kept until the next.
func TestOneTooLarge(t *testing.T) {
	r := Ring{Budget: 1000, Size: sizeOf}
	r.Put(record("x", "1", 5000), record("x", "2", 5000), noon)
	r.Put(record("y", "1", 1), record("y", "2", 1), noon)
	entries := r.Entries(time.Time{}, nil)
	if len(entries) != 1 || entries[0].New.Name != "y" {
		t.Errorf("it keeps %v", entries)
	}
}

// TestOfSomeObjects holds that the changes of some objects are those among all, while old ones go.
func TestOfSomeObjects(t *testing.T) {
	r := Ring{Budget: 60 << 10, Size: sizeOf}
	there := map[string]*kinds.Record{}
	for i := range 2000 {
		name := fmt.Sprint("web-", i*i%7)
		newer := record(name, fmt.Sprint(i+1), 100)
		if i%11 == 0 && there[name] != nil {
			newer = nil
		} else if there[name] == nil {
			newer.UID = kinds.NewUID(types.UID(fmt.Sprint(i)))
		} else {
			newer.UID = there[name].UID
		}
		r.Put(there[name], newer, noon.Add(time.Duration(i)*time.Second))
		there[name] = newer
		if i%97 > 0 {
			continue
		}
		since := noon.Add(time.Duration(i-200) * time.Second)
		some := map[kinds.Ref]bool{record("web-1", "", 0).Ref(): true, record("web-4", "", 0).Ref(): true}
		want := r.Entries(since, func(ref kinds.Ref) bool { return some[ref] })
		if got := r.Of(since, maps.Keys(some)); !slices.Equal(got, want) {
			t.Fatalf("after %d changes there are %d, not %d", i+1, len(got), len(want))
		}
	}
	if !r.Usage().Dropped {
		t.Error("nothing had to go")
	}
}

func BenchmarkPut(b *testing.B) {
	r := Ring{Size: sizeOf}
	older := record("x", "0", 900)
	b.ReportAllocs()
	for i := range b.N {
		newer := record("x", fmt.Sprint(i+1), 900)
		r.Put(older, newer, noon)
		older = newer
	}
}
