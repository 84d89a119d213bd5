package rows

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// plainRows is what rows must show, found the long way.
func plainRows(r *Index, objects map[kube.Key]*kinds.Record) []*kinds.Record {
	var out []*kinds.Record
	for _, rec := range objects {
		if r.isMember(rec) && r.passes(rec, rowsNow) {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, r.compare)
	return out
}

func checkRows(t *testing.T, what string, r *Index, objects map[kube.Key]*kinds.Record) {
	t.Helper()
	if want := plainRows(r, objects); !slices.Equal(r.shown, want) {
		t.Fatalf("%s: %d rows are not the %d that there should be, in their order", what, len(r.shown), len(want))
	}
	if len(r.shown) > 0 {
		if i := len(r.shown) / 2; r.Find(r.ID(i)) != i {
			t.Fatalf("%s: row %d is not found", what, i)
		}
	}
}

// TestRowsFollow changes a listing, the order and the filter at random, and
// compares with rows that are filtered and sorted from scratch.
func TestRowsFollow(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	source := &feed{kind: kinds.Pod}
	r := New(source, true)
	r.SetWide(true)
	objects := map[kube.Key]*kinds.Record{}
	filters := []string{
		"",
		"c",
		"ch",
		"check",
		"!check",
		"!che",
		"check !f",
		"app=cart",
		"restarts>100",
		"/^web/",
		"wEb running",
		"age<9d",
	}
	for step := range 600 {
		what := ""
		switch random.IntN(5) {
		case 0:
			what = "sort"
			if random.IntN(3) == 0 {
				r.SortByLevel(1+random.IntN(5), rowsNow)
			} else {
				r.SortBy(random.IntN(9), rowsNow)
			}
		case 1:
			what = "filter"
			f, err := (&Index{all: kinds.Pod.Columns}).parseFilter(filters[random.IntN(len(filters))])
			if err != nil {
				t.Fatal(err)
			}
			r.setFilter(f, random.IntN(4) == 0, rowsNow)
		default:
			what = "change"
			source.deltas = append(source.deltas, changeSome(t, random, objects, step))
			r.Refresh(rowsNow)
		}
		checkRows(t, what, r, objects)
	}
}

// changeSome lets objects come, change and go: sometimes a few, sometimes many.
func changeSome(t *testing.T, random *rand.Rand, objects map[kube.Key]*kinds.Record, step int) kube.Delta {
	t.Helper()
	delta := kube.Delta{Reset: random.IntN(40) == 0}
	told := map[kube.Key]bool{}
	for range random.IntN([]int{3, 30, 300}[random.IntN(3)]) {
		rec := podRecord(t, random.IntN(600), step)
		key := keyOf(rec)
		if told[key] {
			continue
		}
		told[key] = true
		if random.IntN(3) == 0 {
			delete(objects, key)
			delta.Gone = append(delta.Gone, key)
			continue
		}
		objects[key] = rec
		delta.Changed = append(delta.Changed, rec)
	}
	if delta.Reset {
		delta.Gone, delta.Changed = nil, nil
		for _, rec := range objects {
			delta.Changed = append(delta.Changed, rec)
		}
	}
	return delta
}

// Reversing the order keeps rows of one value in the order of their names, and compares
// no value again.
func TestRowsTurn(t *testing.T) {
	source := &feed{kind: kinds.Pod}
	r := New(source, true)
	source.deltas = []kube.Delta{{Reset: true, Changed: podRecords(t, 500)}}
	r.Refresh(rowsNow)
	for i := range r.columns {
		r.SortBy(i, rowsNow)
		before := slices.Clone(r.shown)
		r.SortBy(i, rowsNow)
		if !slices.IsSortedFunc(r.shown, r.compare) {
			t.Errorf("%s: the turned order is none", r.columns[i].name)
		}
		r.SortBy(i, rowsNow)
		if !slices.Equal(r.shown, before) {
			t.Errorf("%s: turned twice it is another order", r.columns[i].name)
		}
	}
}

func TestFilterNarrows(t *testing.T) {
	for _, c := range []struct {
		longer, shorter string
		want            bool
	}{
		{"web", "we", true},
		{"web", "eb", true},
		{"we", "web", false},
		{"web x", "web", true},
		{"web", "", true},
		{"", "web", false},
		{"!we", "!web", true},
		{"!web", "!we", false},
		{"!web", "web", false},
		{"app=x", "web", false},
		{"web app=x", "we", true},
		{"age<5m web", "age<5m", false},
		{"/web/", "/we/", false},
		{"WEB", "we", true},
	} {
		longer, _ := (&Index{all: kinds.Pod.Columns}).parseFilter(c.longer)
		shorter, _ := (&Index{all: kinds.Pod.Columns}).parseFilter(c.shorter)
		if got := longer.narrows(shorter); got != c.want {
			t.Errorf("%q after %q: got %v, want %v", c.longer, c.shorter, got, c.want)
		}
	}
}
