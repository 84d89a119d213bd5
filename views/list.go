package views

import (
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// list is a listing on the screen: rows, the table widget, and the keys to
// sort, filter and copy. The table view and the events tab are made of it.
type list struct {
	session *Session
	listing *kube.Listing
	watch   *kube.Watch
	rows    *rows.Index
	table   ui.Table
	before  string // the filter before the prompt opened
	top     int    // lines above the table
	settled bool   // the first load has finished or failed
	hint    string // where else to look when there is nothing
}

func newList(s *Session, listing *kube.Listing, namespaces bool) *list {
	l := &list{session: s, listing: listing, watch: listing.Watch(), rows: rows.New(listing, namespaces)}
	l.refresh()
	return l
}

// refresh takes over what changed in the listing.
func (l *list) refresh() {
	// Asked before the rows are read: there may be more of them than the state says,
	// never fewer.
	l.settled = !l.listing.State().Phase.Undecided()
	if l.rows.Refresh(l.session.Now()) {
		l.columnsChanged()
		l.show(l.rows.Filter())
	}
	l.table.Update(l.rows)
}

// keepOnly narrows the list to the records that keep lets in.
func (l *list) keepOnly(keep func(*kinds.Record) bool) {
	l.rows.Only(keep)
	l.refresh()
}

// reread asks keepOnly's function again, since its answers have changed.
func (l *list) reread() {
	l.rows.Reread()
	l.refresh()
}

func (l *list) columnsChanged() {
	l.table.SetColumns(l.rows.Columns())
	l.table.Sorted, l.table.Descending = l.rows.Sorted()
}

// current is the record under the cursor, or nil.
func (l *list) current() *kinds.Record {
	if i := l.table.Current(l.rows); i >= 0 && i < l.rows.Len() {
		return l.rows.Record(i)
	}
	return nil
}

const (
	actFilter      ui.Action = "filter"
	actClearFilter ui.Action = "clear-filter"
	actSortNext    ui.Action = "sort-next"
	actSortPrev    ui.Action = "sort-previous"
	actSortFlip    ui.Action = "sort-flip"
	actSortName    ui.Action = "sort-name"
	actSortAge     ui.Action = "sort-age"
	actSortStatus  ui.Action = "sort-status"
	actSortSpace   ui.Action = "sort-namespace"
	actWide        ui.Action = "wide"
	actWrong       ui.Action = "only-wrong"
	actCopy        ui.Action = "copy"
)

// keys are the bindings of any list.
func (l *list) keys() []ui.Key {
	keys := []ui.Key{
		{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Table", Footer: true},
		{Action: actWrong, Keys: []string{"z"}, Help: "problems only", Group: "Table"},
		{Action: actWide, Keys: []string{"ctrl+w"}, Help: "all columns", Group: "Table"},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy name or cell", Group: "Table"},
		{Action: actSortNext, Keys: []string{"shift+right"}, Help: "sort by next column", Group: "Sort"},
		{Action: actSortPrev, Keys: []string{"shift+left"}, Help: "sort by previous column", Group: "Sort"},
		{Action: actSortFlip, Keys: []string{"O"}, Help: "reverse sort", Group: "Sort"},
		{Action: actSortName, Keys: []string{"N"}, Help: "sort by name", Group: "Sort"},
		{Action: actSortAge, Keys: []string{"A"}, Help: "sort by age", Group: "Sort"},
		{Action: actSortStatus, Keys: []string{"S"}, Help: "sort by status", Group: "Sort"},
		{Action: actSortSpace, Keys: []string{"P"}, Help: "sort by namespace", Group: "Sort"},
	}
	if l.filtered() {
		clearing := ui.Key{Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Table", Footer: true}
		keys = append([]ui.Key{clearing}, keys...)
	}
	return append(keys, l.table.Keys()...)
}

// update handles what concerns the list.
func (l *list) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case kube.ListingChanged:
		if msg.Listing == l.listing {
			l.refresh()
		}
	case ui.Do:
		return l.do(msg)
	case ui.Clicked:
		l.clicked(msg)
	case ui.Wheel:
		l.table.Wheel(msg.Lines, l.rows)
	case ui.Typed:
		l.setFilter(msg.Text)
	case ui.Entered:
		l.setFilter(msg.Text)
		if problem := l.rows.FilterProblem(); problem != "" {
			return ui.Say{Text: "filter: " + problem, Role: themes.Degraded}
		}
	case ui.Cancelled:
		l.setFilter(l.before)
	}
	return nil
}

func (l *list) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actFilter:
		l.before, _ = l.rows.Filter()
		return ui.Prompt{Name: "filter", Label: "/", Text: l.before}
	case actClearFilter:
		l.show("", false)
	case actWrong:
		text, wrong := l.rows.Filter()
		l.show(text, !wrong)
	case actWide:
		l.rows.SetWide(!l.rows.Wide())
		l.columnsChanged()
		l.table.Update(l.rows)
	case actCopy:
		return l.copyChoices()
	case actSortNext:
		l.sortByNeighbour(1)
	case actSortPrev:
		l.sortByNeighbour(-1)
	case actSortFlip:
		l.sortByNeighbour(0)
	case actSortName, actSortAge, actSortStatus, actSortSpace:
		return l.sortByName(msg.Action)
	default:
		l.table.Do(msg, l.rows)
	}
	return nil
}

// sortByNeighbour sorts by the next column in a direction (1 or -1) of those that the
// table has room for; 0 is the sorted one again.
func (l *list) sortByNeighbour(direction int) {
	column, _ := l.rows.Sorted()
	n := len(l.rows.Columns())
	for range n {
		column = (column + direction + n) % n
		if !l.table.Omitted(column) {
			break
		}
	}
	l.sortTo(column)
}

func (l *list) sortTo(column int) {
	l.rows.SortBy(column, l.session.Now())
	l.table.Sorted, l.table.Descending = l.rows.Sorted()
	l.table.Update(l.rows)
}

// sortByName sorts by the first column there is of those that an action means.
func (l *list) sortByName(action ui.Action) ui.Intent {
	names := map[ui.Action][]string{
		actSortName:   {"NAME"},
		actSortAge:    {"AGE", "LAST SEEN"},
		actSortStatus: {"STATUS", "READY", "TYPE"},
		actSortSpace:  {"NAMESPACE"},
	}[action]
	for _, name := range names {
		if i := l.rows.Column(name); i >= 0 {
			l.sortTo(i)
			return nil
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

// setFilter applies a filter; terms that cannot be read are left out.
func (l *list) setFilter(text string) {
	_, wrong := l.rows.Filter()
	l.show(text, wrong)
}

// filtered reports whether anything may be hidden.
func (l *list) filtered() bool {
	text, wrong := l.rows.Filter()
	return text != "" || wrong
}

// show applies a filter, and with wrong keeps only what is not well.
func (l *list) show(text string, wrong bool) {
	l.rows.SetFilter(text, wrong, l.session.Now())
	l.table.Update(l.rows)
}

func (l *list) clicked(msg ui.Clicked) bool {
	msg.Y -= l.top
	if column := l.table.Heading(msg); column >= 0 {
		l.sortTo(column)
		return true
	}
	return l.table.Clicked(msg, l.rows)
}

// copyChoices offers the texts of the row under the cursor, its name first; of
// marked rows, the names.
func (l *list) copyChoices() ui.Intent {
	if marks := l.table.Marks(); len(marks) > 0 {
		names := make([]string, len(marks))
		for i, id := range marks {
			_, names[i], _ = strings.Cut(id, "/")
		}
		return ui.Copy{Text: strings.Join(names, "\n"), What: counted(len(names), "names")}
	}
	r := l.current()
	if r == nil {
		return ui.Say{Text: "nothing to copy", Role: themes.Muted}
	}
	add := func(choices []ui.Choice, what, text string) []ui.Choice {
		name := strings.ToLower(what)
		return append(choices, ui.Choice{Name: name, Detail: text, Then: ui.Copy{Text: text, What: name}})
	}
	choices := add(nil, "name", r.Name)
	if r.Namespace != "" {
		choices = add(choices, "namespace/name", r.Namespace+"/"+r.Name)
	}
	for i, c := range r.Cells {
		if name := r.Kind.Columns[i].Name; name != "NAME" {
			choices = add(choices, name, c.Format(l.session.Now(), kinds.CoarseAge))
		}
	}
	return ui.Choose{Title: "copy", Choices: choices}
}

// draw draws the table below the line that says what is hidden and what is
// wrong, if there is anything to say.
func (l *list) draw(f ui.Frame, noun string) string {
	var top []string
	for _, line := range l.notes(f.Width, noun) {
		if f.Height > 2 {
			top = append(top, ui.PaintLine(f, line, f.Width, 0))
			f.Height--
		}
	}
	l.top = len(top)
	return strings.Join(append(top, l.table.Draw(f, l.rows)), "\n")
}

// notes are the lines above the table.
func (l *list) notes(width int, noun string) []ui.Line {
	var out []ui.Line
	if text := stateProblem(l.listing.State()); text != "" {
		out = append(out, failure(text, width)...)
	}
	if l.filtered() {
		count := fmt.Sprintf("  %d of %d %s, %d hidden", l.rows.Len(), l.rows.Total(), noun, l.rows.Hidden())
		line := ui.Line{{Text: " " + l.filterText(), Role: themes.Accent}, {Text: count, Role: themes.Muted}}
		if problem := l.rows.FilterProblem(); problem != "" {
			line = append(line, behind(2, problem, themes.Degraded)...)
		}
		out = append(out, line)
	}
	if l.rows.Len() == 0 {
		out = append(out, ui.Line{{Text: " " + l.emptyText(noun), Role: themes.Muted}})
	}
	return out
}

func (l *list) filterText() string {
	text, wrong := l.rows.Filter()
	switch {
	case wrong && text != "":
		return "problems only, /" + text
	case wrong:
		return "problems only"
	}
	return "/" + text
}

// emptyText is the reason why there is no row.
func (l *list) emptyText(noun string) string {
	state := l.listing.State()
	switch {
	case state.Phase == kube.Idle, state.Phase == kube.Connecting:
		return "loading " + noun + " ..."
	case state.Phase == kube.Loading:
		return fmt.Sprintf("loading %s ... %d so far", noun, state.Loaded)
	case state.Phase == kube.Denied:
		return "nothing to show; press : to go to a namespace or kind that you can read"
	case state.Phase == kube.Failed, state.Phase == kube.Stale:
		return "nothing to show"
	case l.rows.Total() > 0:
		return "no matches; esc clears the filter"
	}
	return "no " + noun + l.hint
}

// failure is an error above a table, wrapped to a width.
func failure(text string, width int) []ui.Line {
	var out []ui.Line
	for _, line := range ui.Wrap("✖ "+text, width-2) {
		out = append(out, behind(1, line, themes.Failing))
	}
	return out
}

// stateProblem is what keeps a listing from being fresh, or "".
func stateProblem(state kube.State) string {
	if state.Err == nil {
		return ""
	}
	return state.Err.Error()
}
