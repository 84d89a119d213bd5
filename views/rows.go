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
	listing *kube.Listing
	keep    func(*kinds.Record) bool // membership; nil keeps all

	kind    *kinds.Kind
	columns []column
	version uint64
	all     map[kube.Key]*kinds.Record // what keep lets in
	shown   []*kinds.Record            // sorted; what the filter lets through

	sorted     int // index into columns
	descending bool
	filter     filter
	wrong      bool // only what is not well
	wide       bool
	namespaces bool   // show the namespace column
	without    string // a column that says nothing here
	wake       time.Time
}

// column is one column on the screen: a cell of the record, or its namespace.
type column struct {
	name string
	cell int // -1: the namespace
}

func newRows(listing *kube.Listing, namespaces bool) *rows {
	return &rows{listing: listing, namespaces: namespaces, all: map[kube.Key]*kinds.Record{}}
}

// refresh takes over what changed in the listing, and says whether columns
// changed and whether rows did.
func (r *rows) refresh(now time.Time) (newColumns, newRows bool) {
	if kind := r.listing.Kind(); kind != r.kind {
		r.setKind(kind)
		newColumns = true
	}
	if r.kind == nil {
		return newColumns, false
	}
	delta := r.listing.Since(r.version)
	if delta.Version == r.version && !delta.Reset {
		return newColumns, false
	}
	r.version = delta.Version
	if delta.Reset {
		clear(r.all)
		r.shown = nil
	}
	if len(delta.Changed)+len(delta.Gone) > 64+len(r.shown)/16 {
		r.takeMany(delta, now)
	} else {
		r.takeFew(delta, now)
	}
	return newColumns, true
}

func (r *rows) takeMany(delta kube.Delta, now time.Time) {
	for _, key := range delta.Gone {
		delete(r.all, key)
	}
	for _, rec := range delta.Changed {
		r.store(rec)
	}
	r.rebuild(now)
}

func (r *rows) takeFew(delta kube.Delta, now time.Time) {
	for _, key := range delta.Gone {
		if old, ok := r.all[key]; ok {
			r.hide(old)
			delete(r.all, key)
		}
	}
	for _, rec := range delta.Changed {
		if old, ok := r.all[keyOf(rec)]; ok {
			r.hide(old)
		}
		if r.store(rec) && r.passes(rec, now) {
			i, _ := slices.BinarySearchFunc(r.shown, rec, r.compare)
			r.shown = slices.Insert(r.shown, i, rec)
		}
	}
}

// store keeps a record that belongs here, and says whether it does.
func (r *rows) store(rec *kinds.Record) bool {
	if rec.Kind != r.kind || r.keep != nil && !r.keep(rec) {
		delete(r.all, keyOf(rec))
		return false
	}
	r.all[keyOf(rec)] = rec
	return true
}

func (r *rows) hide(rec *kinds.Record) {
	if i, found := slices.BinarySearchFunc(r.shown, rec, r.compare); found {
		r.shown = slices.Delete(r.shown, i, i+1)
	}
}

// rebuild filters and sorts everything anew.
func (r *rows) rebuild(now time.Time) {
	r.shown = r.shown[:0]
	for _, rec := range r.all {
		if r.passes(rec, now) {
			r.shown = append(r.shown, rec)
		}
	}
	slices.SortFunc(r.shown, r.compare)
}

func (r *rows) passes(rec *kinds.Record, now time.Time) bool {
	return (!r.wrong || rec.Status.Level >= kinds.Waiting) && r.filter.holds(rec, now)
}

// compare is a total order: the sorted column, then namespace and name.
func (r *rows) compare(a, b *kinds.Record) int {
	byValue := 0
	if c := r.sortCell(); c >= 0 && c < len(a.Cells) && c < len(b.Cells) {
		byValue = a.Cells[c].Compare(b.Cells[c])
	}
	if r.descending {
		byValue = -byValue
	}
	return cmp.Or(byValue, strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

func (r *rows) sortCell() int {
	if r.sorted < len(r.columns) {
		return r.columns[r.sorted].cell
	}
	return -1
}

// setKind takes over a kind's columns; the sort goes back to the first.
func (r *rows) setKind(kind *kinds.Kind) {
	r.kind, r.version, r.sorted, r.descending = kind, 0, 0, false
	clear(r.all)
	r.shown = nil
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
	} else {
		r.sorted, r.descending = i, false
	}
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
	rec, ok := r.all[kube.Key{Namespace: namespace, Name: name}]
	if !ok {
		return -1
	}
	i, found := slices.BinarySearchFunc(r.shown, rec, r.compare)
	if !found {
		return -1
	}
	return i
}

// Row implements ui.Rows.
func (r *rows) Row(i int, now time.Time, cells []ui.TableCell) {
	rec := r.shown[i]
	for j := range cells {
		cells[j] = ui.TableCell{Role: themes.Text}
		c := r.columns[j].cell
		switch {
		case c < 0:
			cells[j] = ui.TableCell{Text: rec.Namespace, Role: themes.Muted}
		case c < len(rec.Cells):
			cells[j] = ui.TableCell{Text: rec.Cells[c].Format(now, kinds.CoarseAge), Role: r.role(rec, c)}
			r.wakeFor(rec.Cells[c], now)
		}
	}
}

// wakeFor remembers when the first age on the screen reads differently.
func (r *rows) wakeFor(c kinds.Cell, now time.Time) {
	at, ok := c.Moment()
	if !ok {
		return
	}
	if next := kinds.NextCoarseAge(at, now); r.wake.IsZero() || next.Before(r.wake) {
		r.wake = next
	}
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
