package rows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Index is the filtered and sorted rows of a listing. It follows the listing's
// changes one by one and implements ui.Rows.
type Index struct {
	listing Listing
	member  func(*kinds.Record) bool // nil lets in every record

	kind     *kinds.Kind
	beside   Beside         // nil for none
	all      []kinds.Column // of the kind, then those beside
	leading  int            // of those beside
	arranged Arrangement    // what somebody wants otherwise
	columns  []column
	version  uint64
	members  []*kinds.Record // what member lets in, by namespace and name
	shown    []*kinds.Record // sorted; what the filter lets through
	ordered  []*kinds.Record // all members in the order of shown, while a filter is set; nil when unknown

	sorted       int // index into columns
	descending   bool
	byLevel      bool // how bad the objects are comes before the column
	filter       filter
	filterErr    error  // the part of the filter that is not understood
	unknownAt    uint64 // the version of the listing whose labels were looked through, plus one
	problemsOnly bool   // hide what is well
	wide         bool
	printed      bool                            // columns are the server's, in its order
	worse        func(*kinds.Record) kinds.Level // what others say of a record; nil for nothing
	besideFirst  bool                            // what is beside the records comes right behind the name
	namespaces   bool                            // show the namespace column
	without      string                          // the name of a column that is left out
}

// Listing is where the records come from: a kube.Listing.
type Listing interface {
	Kind() *kinds.Kind
	Since(version uint64) kube.Delta
}

// New returns the rows of a listing, with a NAMESPACE column or without. It is
// empty until Refresh.
func New(listing Listing, namespaces bool) *Index {
	return &Index{listing: listing, namespaces: namespaces}
}

// Kind is the kind of the records, nil before the listing knows it.
func (x *Index) Kind() *kinds.Kind { return x.kind }

// Total is the number of records before filtering.
func (x *Index) Total() int { return len(x.members) }

// Hidden is the number of records that the filter hides.
func (x *Index) Hidden() int { return len(x.members) - len(x.shown) }

// Record returns the record of a row.
func (x *Index) Record(i int) *kinds.Record { return x.shown[i] }

// Only lets in the records for which member is true; nil lets in all. It shows
// with the next Refresh.
func (x *Index) Only(member func(*kinds.Record) bool) {
	x.member = member
	x.Reread()
}

// Reread makes the next Refresh look at every record of the listing, because
// the answers of what Only was given have changed.
func (x *Index) Reread() { x.version = 0 }

// Refresh applies what changed in the listing, and reports whether the columns have
// changed.
func (x *Index) Refresh(now time.Time) (newColumns bool) {
	if kind := x.listing.Kind(); kind != x.kind {
		x.setKind(kind)
		newColumns = true
	}
	if x.kind == nil {
		return newColumns
	}
	delta := x.listing.Since(x.version)
	if delta.Version == x.version && !delta.Reset {
		return newColumns
	}
	x.version = delta.Version
	if delta.Reset {
		x.members, x.shown, x.ordered = nil, nil, nil
	}
	x.apply(delta, now)
	return newColumns
}

// setKind adopts a kind's columns; the sort goes back to the first.
func (x *Index) setKind(kind *kinds.Kind) {
	x.kind, x.version, x.sorted, x.descending, x.byLevel = kind, 0, 0, false, false
	x.members, x.shown, x.ordered = nil, nil, nil
	x.joinColumns()
	x.sorted = x.firstSorted()
	if x.Prose() >= 0 { // What is said is read from the newest on.
		x.sorted = max(0, x.Column("LAST SEEN"))
	}
}

// change is what happens to one row: before is nil for a new one, after for
// one that goes.
type change struct{ before, after *kinds.Record }

// apply applies changes; what did not change is moved in blocks and not looked
// at.
func (x *Index) apply(delta kube.Delta, now time.Time) {
	var changes []change
	var added []*kinds.Record
	var removed []int
	remove := func(key kube.Key) {
		if i, found := x.find(key); found {
			removed = append(removed, i)
			changes = append(changes, change{before: x.members[i]})
		}
	}
	for _, key := range delta.Gone {
		remove(key)
	}
	for _, rec := range delta.Changed {
		key := keyOf(rec)
		if !x.isMember(rec) {
			remove(key)
			continue
		}
		i, found := x.find(key)
		if !found {
			added = append(added, rec)
			changes = append(changes, change{after: rec})
			continue
		}
		changes = append(changes, change{before: x.members[i], after: rec})
		x.members[i] = rec
	}
	slices.Sort(removed)
	x.members = removeAt(x.members, removed)
	slices.SortFunc(added, byKey)
	x.members = merge(x.members, added, byKey)
	// One sort costs less than finding each row's place. The place of a row that is sorted
	// by what is beside its record cannot be found once that is another one.
	if len(changes) > 64+len(x.members)/4 || len(changes) > 0 && x.isBeside(x.sortCell()) {
		x.rebuild(now)
		return
	}
	x.shown = x.applyTo(x.shown, changes, func(rec *kinds.Record) bool { return x.passes(rec, now) })
	if x.ordered != nil {
		x.ordered = x.applyTo(x.ordered, changes, func(*kinds.Record) bool { return true })
	}
}

// applyTo applies changes to sorted records, of which it keeps those that pass.
func (x *Index) applyTo(sorted []*kinds.Record, changes []change, passes func(*kinds.Record) bool) []*kinds.Record {
	var added []*kinds.Record
	var removed []int
	for _, c := range changes {
		at, was := 0, false
		if c.before != nil {
			at, was = slices.BinarySearchFunc(sorted, c.before, x.compare)
		}
		stays := c.after != nil && passes(c.after)
		if was && stays && x.inOrderAt(sorted, at, c.after) {
			sorted[at] = c.after
			continue
		}
		if was {
			removed = append(removed, at)
		}
		if stays {
			added = append(added, c.after)
		}
	}
	slices.Sort(removed)
	sorted = removeAt(sorted, removed)
	slices.SortFunc(added, x.compare)
	return merge(sorted, added, x.compare)
}

// inOrderAt reports whether a record may replace the one at a place without
// breaking the order.
func (x *Index) inOrderAt(sorted []*kinds.Record, at int, rec *kinds.Record) bool {
	return (at == 0 || x.compare(sorted[at-1], rec) < 0) &&
		(at == len(sorted)-1 || x.compare(rec, sorted[at+1]) < 0)
}

func (x *Index) isMember(rec *kinds.Record) bool {
	return rec.Kind == x.kind && (x.member == nil || x.member(rec))
}

// find returns the place of an object among the members.
func (x *Index) find(key kube.Key) (int, bool) {
	return slices.BinarySearchFunc(x.members, key, func(rec *kinds.Record, key kube.Key) int {
		return cmp.Or(strings.Compare(rec.Namespace, key.Namespace), strings.Compare(rec.Name, key.Name))
	})
}

// rebuild filters and sorts all members.
func (x *Index) rebuild(now time.Time) {
	x.ordered = nil
	x.showFrom(x.members, now)
	x.sort()
}

// showFrom shows those of some records that pass; the records may be those
// that are shown.
func (x *Index) showFrom(records []*kinds.Record, now time.Time) {
	before := len(x.shown)
	x.shown = slices.Grow(x.shown[:0], len(records))
	for _, rec := range records {
		if x.passes(rec, now) {
			x.shown = append(x.shown, rec)
		}
	}
	if len(x.shown) < before {
		clear(x.shown[len(x.shown):before])
	}
}

// Filter returns the text of the filter, and whether only problems are shown.
func (x *Index) Filter() (text string, problemsOnly bool) { return x.filter.text, x.problemsOnly }

// SetFilter shows the rows that pass a filter, and with problemsOnly hides what is
// well. The part that is not understood is left out; FilterProblem says so.
func (x *Index) SetFilter(text string, problemsOnly bool, now time.Time) {
	var f filter
	f, x.filterErr = x.parseFilter(text)
	x.setFilter(f, problemsOnly, now)
	x.unknownAt = 0
}

// FilterProblem says which part of the filter is not understood, or which name in it is
// neither a column nor a label of any record; "" when all is well.
func (x *Index) FilterProblem() string {
	if x.filterErr != nil {
		return x.filterErr.Error()
	}
	if x.unknownAt != x.version+1 {
		x.unknownAt = x.version + 1
		x.filter.unknown = slices.DeleteFunc(x.filter.unknown, x.hasLabel)
	}
	if len(x.filter.unknown) == 0 || len(x.members) == 0 {
		return ""
	}
	return fmt.Sprintf("no column or label %q here", x.filter.unknown[0])
}

// UnknownNames returns the names in the filter that are not columns.
func (x *Index) UnknownNames() []string { return x.filter.unknown }

// setFilter keeps the order of all rows while it filters, so that clearing the
// filter needs no sort.
func (x *Index) setFilter(f filter, problemsOnly bool, now time.Time) {
	narrower := (problemsOnly || !x.problemsOnly) && f.narrows(x.filter)
	x.filter, x.problemsOnly = f, problemsOnly
	if x.ordered == nil && x.Hidden() == 0 {
		x.ordered, x.shown = x.shown, nil
		narrower = false
	}
	switch {
	case narrower:
		x.showFrom(x.shown, now)
	case x.ordered == nil:
		x.rebuild(now)
	case !problemsOnly && len(f.terms) == 0:
		x.shown, x.ordered = x.ordered, nil
	default:
		x.showFrom(x.ordered, now)
	}
}

// hasLabel reports whether any record has a label.
func (x *Index) hasLabel(name string) bool {
	return slices.ContainsFunc(x.members, func(rec *kinds.Record) bool {
		_, found := rec.Label(name)
		return found
	})
}

// Judge adds what others than the records' own status say of them.
func (x *Index) Judge(worse func(*kinds.Record) kinds.Level, now time.Time) {
	x.worse = worse
	if x.problemsOnly {
		x.rebuild(now)
	}
}

// level is how bad an object is.
func (x *Index) level(rec *kinds.Record) kinds.Level {
	if x.worse != nil {
		return max(rec.Status.Level, x.worse(rec))
	}
	return rec.Status.Level
}

// AnyStatus reports whether any record says how it is.
func (x *Index) AnyStatus() bool {
	return slices.ContainsFunc(x.members, func(r *kinds.Record) bool { return r.Status.Level > kinds.Quiet })
}

func (x *Index) passes(rec *kinds.Record, now time.Time) bool {
	return (!x.problemsOnly || x.level(rec) >= kinds.Waiting) && x.filter.matches(rec, now)
}

func keyOf(r *kinds.Record) kube.Key { return kube.Key{Namespace: r.Namespace, Name: r.Name} }
