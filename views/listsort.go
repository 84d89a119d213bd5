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
