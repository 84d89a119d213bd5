package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// ColumnRule is what the user wants of the columns of a kind's table.
type ColumnRule struct {
	Kind string // by any of its names
	// Namespace and Context are patterns, as effects.Fits has them; "" is any. A table of several
	// namespaces has to be in the pattern with each of them.
	Namespace, Context string
	Columns            []ColumnChoice
	Only               bool // hide the columns that are not chosen
}

// ColumnChoice is one column of a ColumnRule: one that the kind has, or one of the user's own.
type ColumnChoice struct {
	Name   string
	Hidden bool                // not shown; rows may be sorted and filtered by it all the same
	Wide   bool                // only shown where there is room
	Right  *bool               // aligned to the right; nil as the column is
	Width  int                 // in cells at most; 0 for no limit
	Own    *kinds.CustomColumn // nil for a column of the kind
}

func (c *ColumnChoice) arranged() rows.Arranged {
	return rows.Arranged{Name: c.Name, Hidden: c.Hidden, Wide: c.Wide, Right: c.Right, Width: c.Width}
}

// columnRule returns the rule for a table: the one that names a namespace, or else a context,
// comes before one that does not; of equal ones the first.
func (s *Session) columnRule(r kube.Resource, namespaces []string) *ColumnRule {
	var best *ColumnRule
	for i := range s.Columns {
		rule := &s.Columns[i]
		if rule.fits(s.Cluster, r, namespaces) && (best == nil || rule.weight() > best.weight()) {
			best = rule
		}
	}
	return best
}

func (c *ColumnRule) fits(cluster *kube.Cluster, r kube.Resource, namespaces []string) bool {
	found := cluster.Resources().Find(c.Kind)
	if len(found) == 0 || found[0].GroupResource() != r.GroupResource() {
		return false
	}
	if c.Context != "" && !effects.Fits(c.Context, cluster.Name()) {
		return false
	}
	outside := func(name string) bool { return !effects.Fits(c.Namespace, name) }
	return c.Namespace == "" || len(namespaces) > 0 && !slices.ContainsFunc(namespaces, outside)
}

func (c *ColumnRule) weight() (w int) {
	if c.Namespace != "" {
		w += 2
	}
	if c.Context != "" {
		w++
	}
	return w
}

// checkColumns says once, when discovery has come, which rules are for kinds that the cluster
// does not have.
func (s *Session) checkColumns() {
	if s.columnsChecked || len(s.Columns) == 0 || !s.Cluster.Resources().Complete() {
		return
	}
	s.columnsChecked = true
	for _, rule := range s.Columns {
		if len(s.Cluster.Resources().Find(rule.Kind)) == 0 {
			s.Messages.Add("warning", fmt.Sprintf("config: columns: %s has no kind %q", s.Cluster.Name(), rule.Kind))
		}
	}
}

// ownColumns are the columns of the user's own in a table. They implement rows.Beside.
//
// A whole object takes a fifth of a millisecond to read. So those of visible rows are read at
// once, and all of them in the background, when the rows are sorted or filtered by a value.
type ownColumns struct {
	session *Session
	columns []kinds.Column
	sources []*kinds.CustomColumn
	objects bool // a column needs whole objects

	cells  map[kube.Key]cellsOfOne
	budget int  // how many objects may still be read at once
	behind bool // more were wanted

	readers []*kube.ObjectsWatch[[]kinds.Cell] // read all of them; none until it is needed
	unread  []int                              // by each reader: how many it has not read
}

// cellsOfOne are those of one version of an object.
type cellsOfOne struct {
	of    *kinds.Record
	cells []kinds.Cell
}

// objectsAtOnce is how many objects are read between two frames, besides the visible ones.
const objectsAtOnce = 50

// arrangeColumns gives a table the columns of a rule.
func (l *list) arrangeColumns(rule *ColumnRule) {
	if rule == nil {
		return
	}
	own := &ownColumns{session: l.session, cells: map[kube.Key]cellsOfOne{}}
	arrangement := rows.Arrangement{Only: rule.Only}
	for _, c := range rule.Columns {
		arrangement.Columns = append(arrangement.Columns, c.arranged())
		if c.Own == nil {
			continue
		}
		own.columns = append(own.columns, kinds.Column{Name: c.Name, Wide: c.Wide})
		own.sources = append(own.sources, c.Own)
		own.objects = own.objects || c.Own.NeedsObject()
	}
	if len(own.columns) > 0 {
		arrangement.Beside, l.own = own, own
	}
	l.rows.Arrange(arrangement, l.session.Now())
	l.columnsChanged()
	l.table.Update(l.rows)
}

// Columns implements rows.Beside.
func (o *ownColumns) Columns() (columns []kinds.Column, leading int) { return o.columns, 0 }

// Cell implements rows.Beside.
func (o *ownColumns) Cell(r *kinds.Record, column int) kinds.Cell {
	if source := o.sources[column]; !source.NeedsObject() {
		return source.Cell(r, nil)
	}
	key := kube.Key{Namespace: r.Namespace, Name: r.Name}
	known := o.cells[key]
	if known.of != r && o.budget > 0 {
		o.budget--
		if cells, err := o.session.Cluster.Cells(r, o.sources); err == nil {
			known.cells = cells
		}
		known.of = r
		o.cells[key] = known
	} else if known.of != r {
		o.behind = true
	}
	if known.cells == nil {
		return kinds.Unmeasured
	}
	return known.cells[column]
}

// Percent implements rows.Beside: the value is what it is.
func (o *ownColumns) Percent(r *kinds.Record, column int) kinds.Cell { return o.Cell(r, column) }

// readAll returns what has to be watched to know the values of all rows, once they were wanted.
func (o *ownColumns) readAll(listings []*kube.Listing) ui.Intent {
	if !o.behind || o.readers != nil || !o.objects {
		return nil
	}
	var all ui.All
	for _, l := range listings {
		reader := o.session.Cluster.WatchCells(l, o.sources)
		o.readers, o.unread = append(o.readers, reader), append(o.unread, l.Len())
		all = append(all, ui.Watch{Source: reader})
	}
	return all
}

// update takes over what a reader has read, and reports whether it was one.
func (o *ownColumns) update(msg ui.Msg) bool {
	read, ok := msg.(kube.ObjectsRead[[]kinds.Cell])
	if !ok {
		return false
	}
	i := slices.Index(o.readers, read.From)
	if i < 0 {
		return false
	}
	for r, cells := range read.Of {
		o.cells[kube.Key{Namespace: r.Namespace, Name: r.Name}] = cellsOfOne{r, cells}
	}
	o.unread[i] = read.Left
	return true
}

// forget drops the values of most objects that are gone.
func (o *ownColumns) forget(l *list) {
	const spare = 1000
	if len(o.cells) <= 2*l.rows.Total()+spare {
		return
	}
	kept := map[kube.Key]cellsOfOne{}
	for i := range l.rows.Len() {
		r := l.rows.Record(i)
		key := kube.Key{Namespace: r.Namespace, Name: r.Name}
		if known, ok := o.cells[key]; ok {
			kept[key] = known
		}
	}
	o.cells = kept
}

// note says how much is still to be read, where rows are sorted or filtered by it.
func (o *ownColumns) note() string {
	left := 0
	for _, n := range o.unread {
		left += n
	}
	if left == 0 {
		return ""
	}
	return fmt.Sprintf("reading %s: %d objects to go ...", strings.Join(o.names(), ", "), left)
}

// names are the columns whose values are read from whole objects.
func (o *ownColumns) names() (names []string) {
	for i, c := range o.columns {
		if o.sources[i].NeedsObject() {
			names = append(names, c.Name)
		}
	}
	return names
}

var _ rows.Beside = (*ownColumns)(nil)

// followOwn takes over what was read of the rows, and returns what has to be watched.
func (l *list) followOwn(msg ui.Msg) ui.Intent {
	if l.own.update(msg) {
		l.rows.Rejoin(l.session.Now())
		l.table.Redraw()
		l.table.Update(l.rows)
	}
	l.own.forget(l)
	if l.own.behind && l.rows.UsesBeside() {
		return l.own.readAll(l.listings())
	}
	return nil
}

// listings are where the rows come from.
func (l *list) listings() []*kube.Listing {
	if l.together != nil {
		return l.together.parts
	}
	return []*kube.Listing{l.listing}
}
