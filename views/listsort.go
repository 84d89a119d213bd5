package views

import (
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// sortByNeighbour sorts by the next column in a direction (1 or -1) of those that the
// table has room for; 0 is the sorted one again.
func (l *list) sortByNeighbour(direction int) ui.Intent {
	column, _ := l.rows.Sorted()
	n := len(l.rows.Columns())
	for range n {
		column = (column + direction + n) % n
		if !l.table.Omitted(column) {
			break
		}
	}
	return l.sortTo(column)
}

// sortTo sorts by a column, and says so: where it stands may be new.
func (l *list) sortTo(column int) ui.Intent { return l.sortWith(l.rows.SortBy, column) }

func (l *list) sortWith(sort func(int, time.Time), column int) ui.Intent {
	sort(column, l.session.Now())
	l.table.Sorted, l.table.Descending = l.rows.Sorted()
	l.table.Update(l.rows)
	if column < 0 || column >= len(l.rows.Columns()) {
		return nil
	}
	order := "ascending"
	switch {
	case l.rows.ByLevel() && l.table.Descending:
		order = "worst last"
	case l.rows.ByLevel():
		order = "worst first"
	case l.table.Descending:
		order = "descending"
	}
	return ui.Say{Text: "sorted by " + l.rows.Columns()[column].Title + ", " + order, Role: themes.Muted}
}

// sortByName sorts by the first column there is of those that an action means.
func (l *list) sortByName(action ui.Action) ui.Intent {
	names := map[ui.Action][]string{
		actSortName:   {"NAME"},
		actSortAge:    {"AGE", "LAST SEEN"},
		actSortStatus: {"STATUS", "READY", "TYPE"},
		actSortSpace:  {"NAMESPACE"},
		actSortStarts: {"RESTARTS", "COUNT"},
	}[action]
	if l.rows.BesideFirst(false) {
		l.columnsChanged()
	}
	for _, name := range names {
		if i := l.rows.Column(name); i >= 0 && action == actSortStatus {
			return l.sortWith(l.rows.SortByLevel, i)
		} else if i >= 0 {
			return l.sortTo(i)
		}
	}
	return ui.Say{Text: "no column " + strings.ToLower(names[0]) + " here", Role: themes.Muted}
}

// sortOn sorts by a column in its natural order, whatever the order was.
func (l *list) sortOn(name string) {
	l.rows.SortOn(name, l.session.Now())
	l.columnsChanged()
	l.table.Update(l.rows)
}

// order is how rows are sorted; the zero value is as they come.
type order struct {
	Column     string `json:"column,omitempty"`
	Descending bool   `json:"descending,omitempty"`
	Worst      bool   `json:"worst,omitempty"` // how bad the objects are comes first
}

// sorting returns how the rows are sorted.
func (l *list) sorting() order {
	at, descending := l.rows.Sorted()
	if at < 0 || at >= len(l.rows.Columns()) {
		return order{}
	}
	return order{l.rows.Columns()[at].Title, descending, l.rows.ByLevel()}
}

// sortAs sorts in an order, as soon as there are rows and the column. One that is measured comes
// later than the others.
func (l *list) sortAs(o order) {
	l.ordered = o
	at := l.rows.Column(o.Column)
	switch {
	case l.usage != nil && l.rows.Total() > 0 && (o.Column == columnCPU || o.Column == columnMemory):
		l.ordered = order{}
		l.usage.wanted, l.usage.asked = o.Column, true
		return
	case l.rows.Total() == 0:
		return
	case at < 0:
		l.ordered = order{}
		return
	}
	l.ordered = order{}
	now := l.session.Now()
	if o.Worst {
		l.rows.SortByLevel(at, now)
	} else {
		l.rows.SortOn(o.Column, now)
	}
	if _, descending := l.rows.Sorted(); descending != o.Descending {
		l.rows.SortBy(at, now)
	}
	l.columnsChanged()
	l.table.Update(l.rows)
}
