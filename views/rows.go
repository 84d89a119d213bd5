package views

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// rows is a listing, filtered and sorted: an index that follows the listing's
// changes one by one. It implements ui.Rows.
type rows struct {
	listing records
	keep    func(*kinds.Record) bool // membership; nil keeps all

	kind    *kinds.Kind
	columns []column
	version uint64
	all     []*kinds.Record // what keep lets in, by namespace and name
	shown   []*kinds.Record // sorted; what the filter lets through
	whole   []*kinds.Record // all in the order of shown, while a filter is set; nil when it is not known

	sorted     int // index into columns
	descending bool
	filter     filter
	wrong      bool // only what is not well
	wide       bool
	namespaces bool   // show the namespace column
	without    string // a column that says nothing here
}

// records is where rows come from: a kube.Listing.
type records interface {
	Kind() *kinds.Kind
	Since(version uint64) kube.Delta
}

// column is one column on the screen: a cell of the record, or its namespace.
type column struct {
	name string
	cell int // -1: the namespace
}

func newRows(listing records, namespaces bool) *rows {
	return &rows{listing: listing, namespaces: namespaces}
}

// refresh takes over what changed in the listing, and says whether columns
// changed.
func (r *rows) refresh(now time.Time) (newColumns bool) {
	if kind := r.listing.Kind(); kind != r.kind {
		r.setKind(kind)
		newColumns = true
	}
	if r.kind == nil {
		return newColumns
	}
	delta := r.listing.Since(r.version)
	if delta.Version == r.version && !delta.Reset {
		return newColumns
	}
	r.version = delta.Version
	if delta.Reset {
		r.all, r.shown, r.whole = nil, nil, nil
	}
	r.apply(delta, now)
	return newColumns
}

// move is what becomes of one row: before is nil for one that comes, after for
// one that goes.
type move struct{ before, after *kinds.Record }

// apply takes over changes; what did not change is moved in blocks and not
// looked at.
func (r *rows) apply(delta kube.Delta, now time.Time) {
	var moves []move
	var came []*kinds.Record
	var gone []int
	leave := func(key kube.Key) {
		if i, found := r.find(key); found {
			gone = append(gone, i)
			moves = append(moves, move{before: r.all[i]})
		}
	}
	for _, key := range delta.Gone {
		leave(key)
	}
	for _, rec := range delta.Changed {
		key := keyOf(rec)
		if !r.belongs(rec) {
			leave(key)
			continue
		}
		i, found := r.find(key)
		if !found {
			came = append(came, rec)
			moves = append(moves, move{after: rec})
			continue
		}
		moves = append(moves, move{before: r.all[i], after: rec})
		r.all[i] = rec
	}
	slices.Sort(gone)
	r.all = removeAt(r.all, gone)
	slices.SortFunc(came, byKey)
	r.all = merge(r.all, came, byKey)
	if len(moves) > 64+len(r.all)/4 {
		r.rebuild(now) // One sort by what is compared costs less than each row's place.
		return
	}
	r.moveShown(moves, now)
}

// moveShown brings rows that changed to their places.
func (r *rows) moveShown(moves []move, now time.Time) {
	r.shown = r.moveIn(r.shown, moves, func(rec *kinds.Record) bool { return r.passes(rec, now) })
	if r.whole != nil {
		r.whole = r.moveIn(r.whole, moves, func(*kinds.Record) bool { return true })
	}
}

// moveIn brings rows that changed to their places among sorted ones, if they
// are to be there.
func (r *rows) moveIn(sorted []*kinds.Record, moves []move, show func(*kinds.Record) bool) []*kinds.Record {
	var came []*kinds.Record
	var gone []int
	for _, m := range moves {
		at, was := 0, false
		if m.before != nil {
			at, was = slices.BinarySearchFunc(sorted, m.before, r.compare)
		}
		stays := m.after != nil && show(m.after)
		if was && stays && r.fits(sorted, at, m.after) {
			sorted[at] = m.after
			continue
		}
		if was {
			gone = append(gone, at)
		}
		if stays {
			came = append(came, m.after)
		}
	}
	slices.Sort(gone)
	sorted = removeAt(sorted, gone)
	slices.SortFunc(came, r.compare)
	return merge(sorted, came, r.compare)
}

// fits says whether a record keeps the order at a place that becomes its own.
func (r *rows) fits(sorted []*kinds.Record, at int, rec *kinds.Record) bool {
	return (at == 0 || r.compare(sorted[at-1], rec) < 0) &&
		(at == len(sorted)-1 || r.compare(rec, sorted[at+1]) < 0)
}

func (r *rows) belongs(rec *kinds.Record) bool {
	return rec.Kind == r.kind && (r.keep == nil || r.keep(rec))
}

// find is the place of an object in all.
func (r *rows) find(key kube.Key) (int, bool) {
	return slices.BinarySearchFunc(r.all, key, func(rec *kinds.Record, key kube.Key) int {
		return cmp.Or(strings.Compare(rec.Namespace, key.Namespace), strings.Compare(rec.Name, key.Name))
	})
}

// rebuild filters and sorts everything anew.
func (r *rows) rebuild(now time.Time) {
	r.whole = nil
	r.showOf(r.all, now)
	r.sort()
}

// showOf shows what passes of some records, which may be those that are shown.
func (r *rows) showOf(records []*kinds.Record, now time.Time) {
	before := len(r.shown)
	r.shown = slices.Grow(r.shown[:0], len(records))
	for _, rec := range records {
		if r.passes(rec, now) {
			r.shown = append(r.shown, rec)
		}
	}
	if len(r.shown) < before {
		clear(r.shown[len(r.shown):before])
	}
}

// setFilter shows what passes a filter, and with wrong only what is not well.
// The order of all rows is kept meanwhile, and need not be found again.
func (r *rows) setFilter(f filter, wrong bool, now time.Time) {
	narrower := (wrong || !r.wrong) && f.narrows(r.filter)
	r.filter, r.wrong = f, wrong
	if r.whole == nil && r.hidden() == 0 {
		r.whole, r.shown = r.shown, nil
		narrower = false
	}
	switch {
	case narrower:
		r.showOf(r.shown, now)
	case r.whole == nil:
		r.rebuild(now)
	case !wrong && len(f.terms) == 0:
		r.shown, r.whole = r.whole, nil
	default:
		r.showOf(r.whole, now)
	}
}

func (r *rows) passes(rec *kinds.Record, now time.Time) bool {
	return (!r.wrong || rec.Status.Level >= kinds.Waiting) && r.filter.holds(rec, now)
}

// setKind takes over a kind's columns; the sort goes back to the first.
func (r *rows) setKind(kind *kinds.Kind) {
	r.kind, r.version, r.sorted, r.descending = kind, 0, 0, false
	r.all, r.shown, r.whole = nil, nil, nil
	r.layOut()
}

// layOut chooses the columns that are shown.
func (r *rows) layOut() {
	sortedCell := r.sortCell()
	r.columns = r.columns[:0]
	if r.kind == nil {
		return
	}
	if r.namespaces {
		r.columns = append(r.columns, column{"NAMESPACE", -1})
	}
	for i, c := range r.kind.Columns {
		if (!c.Wide || r.wide) && c.Name != r.without {
			r.columns = append(r.columns, column{c.Name, i})
		}
	}
	r.sorted = max(0, slices.IndexFunc(r.columns, func(c column) bool { return c.cell == sortedCell }))
}

// tableColumns are the columns as the table widget wants them. The columns
// that name the object stay when the rest is scrolled sideways.
func (r *rows) tableColumns() []ui.Column {
	out := make([]ui.Column, len(r.columns))
	for i, c := range r.columns {
		out[i] = ui.Column{Title: c.name, Fixed: c.cell < 0 || c.name == "NAME"}
		if c.cell >= 0 {
			out[i].Right = r.kind.Columns[c.cell].Right
		}
	}
	return out
}

// sortBy sorts by a column; the same column again turns the order round.
func (r *rows) sortBy(i int, now time.Time) {
	if i < 0 || i >= len(r.columns) {
		return
	}
	if i == r.sorted {
		r.descending = !r.descending
		r.whole = nil
		r.turn()
		return
	}
	r.sorted, r.descending = i, false
	r.rebuild(now)
}

// Len implements ui.Rows.
func (r *rows) Len() int { return len(r.shown) }

// hidden is how many rows the filter keeps away.
func (r *rows) hidden() int { return len(r.all) - len(r.shown) }

// ID implements ui.Rows: "namespace/name".
func (r *rows) ID(i int) string { return r.shown[i].Namespace + "/" + r.shown[i].Name }

// Find implements ui.Rows.
func (r *rows) Find(id string) int {
	namespace, name, _ := strings.Cut(id, "/")
	at, found := r.find(kube.Key{Namespace: namespace, Name: name})
	if !found {
		return -1
	}
	i, found := slices.BinarySearchFunc(r.shown, r.all[at], r.compare)
	if !found {
		return -1
	}
	return i
}

// Version implements ui.Rows: a record never changes.
func (r *rows) Version(i int) any { return r.shown[i] }

// Row implements ui.Rows.
func (r *rows) Row(i int, now time.Time, cells []ui.TableCell) (until time.Time) {
	rec := r.shown[i]
	for j := range cells {
		cells[j] = ui.TableCell{Role: themes.Text}
		c := r.columns[j].cell
		switch {
		case c < 0:
			cells[j] = ui.TableCell{Text: rec.Namespace, Role: themes.Muted}
		case c < len(rec.Cells):
			cells[j] = ui.TableCell{Text: rec.Cells[c].Format(now, kinds.CoarseAge), Role: r.role(rec, c)}
			until = sooner(until, rec.Cells[c], now)
		}
	}
	return until
}

// sooner is when a cell reads differently, if that is before until.
func sooner(until time.Time, c kinds.Cell, now time.Time) time.Time {
	at, ok := c.Moment()
	if !ok {
		return until
	}
	if next := kinds.NextCoarseAge(at, now); until.IsZero() || next.Before(until) {
		return next
	}
	return until
}

// role colours what says how an object is; the rest stays plain.
func (r *rows) role(rec *kinds.Record, cell int) themes.Role {
	if form := rec.Cells[cell].Form(); form == kinds.Age {
		return themes.Muted
	}
	switch r.kind.Columns[cell].Name {
	case "NAME", "STATUS", "READY", "TYPE", "COMPLETIONS", "AVAILABLE":
		return levelRole(rec.Status.Level)
	}
	return themes.Text
}

// RowRole implements ui.Rows.
func (r *rows) RowRole(i int) themes.Role {
	if !r.shown[i].Deleting.IsZero() {
		return themes.Muted
	}
	return themes.Text
}

// levelRole is how a level looks. What is well looks like text: only trouble
// asks for the eye.
func levelRole(l kinds.Level) themes.Role {
	switch l {
	case kinds.Waiting:
		return themes.Waiting
	case kinds.Degraded:
		return themes.Degraded
	case kinds.Failing:
		return themes.Failing
	default:
		return themes.Text
	}
}

func keyOf(r *kinds.Record) kube.Key { return kube.Key{Namespace: r.Namespace, Name: r.Name} }

var _ ui.Rows = (*rows)(nil)
