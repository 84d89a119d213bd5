package views

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// list is a listing on the screen: rows, the table widget, and the keys to
// sort, filter and copy. The table view and the events tab are made of it.
type list struct {
	session   *Session
	listing   *kube.Listing
	watch     *kube.Watch
	together  *together // listing and others like it; nil for listing alone
	rows      *rows.Index
	table     ui.Table
	before    string        // the filter before the prompt opened
	filtering bool          // the prompt is open
	top       int           // lines above the table
	settled   bool          // the first load has finished or failed
	usage     *usage        // of what the rows show; nil where nothing is measured
	own       *ownColumns   // of the user; nil for none
	hint      string        // " in shop", where there is nothing
	looking   *live.Watch   // of what is broken, where the rows do not say it; nil until asked
	order     ui.Action     // how to sort as soon as there are rows; "" as they come
	ordered   order         // the same, by a column
	absent    func() string // why nothing can be there, "" when something could; may be nil
}

func newList(s *Session, listing *kube.Listing, namespaces bool) *list {
	l := &list{session: s, listing: listing, watch: listing.Watch(), rows: rows.New(listing, namespaces)}
	if s.Printed {
		l.rows.Printed()
	}
	l.refresh()
	return l
}

// newListOf returns a list of the objects of several namespaces.
func newListOf(s *Session, all *together) *list {
	l := &list{session: s, listing: all.parts[0], watch: all.parts[0].Watch(), together: all, rows: rows.New(all, true)}
	l.refresh()
	return l
}

// state is how fresh what the list shows is.
func (l *list) state() kube.State {
	if l.together != nil {
		return l.together.state()
	}
	return l.listing.State()
}

// refresh takes over what changed in the listing.
func (l *list) refresh() {
	// Asked before the rows are read: there may be more of them than the state says,
	// never fewer.
	l.settled = !l.state().Phase.Undecided()
	if l.rows.Refresh(l.session.Now()) {
		l.columnsChanged()
		l.show(l.rows.Filter())
	}
	if order := l.order; order != "" && l.rows.Total() > 0 {
		l.order = ""
		l.sortByName(order)
	}
	if l.ordered != (order{}) && l.rows.Total() > 0 {
		l.sortAs(l.ordered)
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
	actSortStarts  ui.Action = "sort-restarts"
	actSortCPU     ui.Action = "sort-cpu"
	actSortMemory  ui.Action = "sort-memory"
	actWide        ui.Action = "wide"
	actWrong       ui.Action = "only-wrong"
	actCopy        ui.Action = "copy"
	actCopyName    ui.Action = "copy-name"
)

// keys are the bindings of any list.
func (l *list) keys() []ui.Key {
	keys := []ui.Key{
		{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Table", Footer: true},
		{Action: actWrong, Keys: []string{"z"}, Help: "problems only", Group: "Table"},
		{Action: actWide, Keys: []string{"ctrl+w"}, Help: "all columns", Group: "Table"},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy name or cell", Group: "Table"},
		{Action: actCopyName, Keys: []string{"Y"}, Help: "copy the name", Group: "Table"},
		{Action: actSortNext, Keys: []string{"shift+right"}, Help: "sort by next column", Group: "Sort"},
		{Action: actSortPrev, Keys: []string{"shift+left"}, Help: "sort by previous column", Group: "Sort"},
		{Action: actSortFlip, Keys: []string{"O"}, Help: "reverse sort", Group: "Sort"},
		{Action: actSortName, Keys: []string{"N"}, Help: "sort by name", Group: "Sort"},
		{Action: actSortAge, Keys: []string{"A"}, Help: "sort by age", Group: "Sort"},
		{Action: actSortStatus, Keys: []string{"S"}, Help: "sort by status, worst first", Group: "Sort"},
		{Action: actSortSpace, Keys: []string{"P"}, Help: "sort by namespace", Group: "Sort"},
	}
	if l.rows.Column("RESTARTS") >= 0 {
		keys = append(keys, ui.Key{Action: actSortStarts, Keys: []string{"T"}, Help: "sort by restarts", Group: "Sort"})
	}
	if l.usage != nil {
		keys = append(keys,
			ui.Key{Action: actSortCPU, Keys: []string{"C"}, Help: "sort by CPU", Group: "Sort"},
			ui.Key{Action: actSortMemory, Keys: []string{"M"}, Help: "sort by memory", Group: "Sort"})
	}
	if l.filtered() {
		clearing := ui.Key{Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Table", Footer: true}
		keys = append([]ui.Key{clearing}, keys...)
	}
	return append(keys, l.table.Keys()...)
}

// update handles what concerns the list.
func (l *list) update(msg ui.Msg) ui.Intent {
	if l.own == nil {
		return l.updateRows(msg)
	}
	l.own.budget = objectsAtOnce
	intent := l.updateRows(msg)
	if watch := l.followOwn(msg); watch != nil {
		intent = ui.All{watch, intent}
	}
	return intent
}

// updateRows handles what concerns the rows and what is measured of them.
func (l *list) updateRows(msg ui.Msg) ui.Intent {
	if l.usage == nil {
		return l.handle(msg)
	}
	l.usage.budget = bodiesAtOnce
	intent := l.handle(msg)
	l.followUsage(msg)
	l.usage.asked = l.usage.asked || l.usage.names(l.rows.UnknownNames())
	for _, watch := range []ui.Intent{l.usage.look(), l.usage.readAll(l.listing)} {
		if watch != nil {
			intent = ui.All{watch, intent}
		}
	}
	return intent
}

func (l *list) handle(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case kube.ListingChanged:
		if msg.Listing == l.listing || l.together != nil && l.together.has(msg.Listing) {
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
		l.filtering = false
		l.setFilter(msg.Text)
		if problem := l.filterProblem(); problem != "" {
			return ui.Say{Text: "filter: " + problem, Role: themes.Degraded}
		}
	case live.Judged:
		l.judge()
	case ui.Cancelled:
		l.filtering = false
		l.setFilter(l.before)
	}
	return nil
}

func (l *list) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actFilter:
		l.before, _ = l.rows.Filter()
		l.filtering = true
		return ui.Prompt{Name: "filter", Label: "/", Text: l.before}
	case actClearFilter:
		l.show("", false)
	case actWrong:
		text, wrong := l.rows.Filter()
		l.show(text, !wrong)
		return l.lookAtOthers()
	case actWide:
		l.rows.SetWide(!l.rows.Wide())
		l.columnsChanged()
		l.table.Update(l.rows)
		return l.askUsage()
	case actCopy:
		return l.copyChoices()
	case actCopyName:
		return l.copyName()
	case actSortNext:
		return l.sortByNeighbour(1)
	case actSortPrev:
		return l.sortByNeighbour(-1)
	case actSortFlip:
		return l.sortByNeighbour(0)
	case actSortName, actSortAge, actSortStatus, actSortSpace, actSortStarts:
		return l.sortByName(msg.Action)
	case actSortCPU:
		return l.sortByUsage(columnCPU)
	case actSortMemory:
		return l.sortByUsage(columnMemory)
	default:
		at := l.table.Current(l.rows)
		l.table.Do(msg, l.rows)
		if msg.Key == "ctrl+d" && msg.Action == ui.HalfDown && at >= 0 && l.table.Current(l.rows) == at {
			// Hands from k9s want to delete.
			return ui.Say{Text: "no row below: ctrl+d is half a page down; m has what can be done", Role: themes.Muted}
		}
	}
	return nil
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

// markedNames are the names of the marked rows, in the order of their marks.
func (l *list) markedNames() []string {
	names := l.table.Marks()
	for i, id := range names {
		_, names[i], _ = strings.Cut(id, "/")
	}
	return names
}

// copyName copies the name of the row under the cursor, or those of the marked ones.
func (l *list) copyName() ui.Intent {
	if r := l.current(); r != nil && len(l.table.Marks()) == 0 {
		return ui.Copy{Text: r.Name, What: "name"}
	}
	return l.copyChoices()
}

// copyChoices offers the texts of the row under the cursor, its name first; of
// marked rows, the names.
func (l *list) copyChoices() ui.Intent {
	if names := l.markedNames(); len(names) > 0 {
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
	if l.own != nil {
		for i, c := range l.own.columns {
			choices = add(choices, c.Name, l.own.Cell(r, i).Format(l.session.Now(), kinds.CoarseAge))
		}
	}
	return ui.Choose{Title: "copy", Choices: choices}
}

// draw draws the table below the line that says what is hidden and what is
// wrong, if there is anything to say.
func (l *list) draw(f ui.Frame, noun string) string {
	if l.usage != nil {
		l.usage.budget = max(bodiesAtOnce, f.Height)
	}
	if l.own != nil {
		l.own.budget = max(objectsAtOnce, f.Height)
	}
	var top []string
	for _, line := range l.notes(f.Width, noun) {
		if f.Height > 2 {
			if f.Still {
				line[0].Text = strings.TrimLeft(line[0].Text, " ")
			}
			top = append(top, ui.PaintLine(f, line, f.Width, 0))
			f.Height--
		}
	}
	if f.Still && l.rows.Len() == 0 {
		return strings.Join(top, "\n")
	}
	l.top = len(top)
	foot := l.foot(f)
	f.Height -= len(foot)
	drawn := l.table.Draw(f, l.rows)
	out := strings.Join(append(top, drawn), "\n")
	if len(foot) == 0 {
		return out
	}
	gap := f.Height - 1 - strings.Count(drawn, "\n")
	return out + strings.Repeat("\n", max(0, gap)+1) + strings.Join(foot, "\n")
}

// notes are the lines above the table.
func (l *list) notes(width int, noun string) []ui.Line {
	var out []ui.Line
	if text := stateProblem(l.state()); text != "" {
		out = append(out, failure(text, width)...)
	}
	if l.filtered() {
		count := fmt.Sprintf("  %d of %d %s, %d hidden", l.rows.Len(), l.rows.Total(), noun, l.rows.Hidden())
		line := ui.Line{{Text: " " + l.filterText(), Role: themes.Accent}, {Text: count, Role: themes.Muted}}
		if problem := l.filterProblem(); problem != "" {
			line = append(line, behind(2, problem, themes.Degraded)...)
		}
		out = append(out, line)
	}
	if text := l.usageNote(); text != "" {
		out = append(out, behind(1, text, themes.Degraded))
	}
	if l.own != nil && l.own.note() != "" {
		out = append(out, behind(1, l.own.note(), themes.Muted))
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
	state := l.state()
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
		if text := cmp.Or(l.judging(), l.unjudged(noun)); text != "" {
			return text
		}
		return "no matches" + l.instead() + "; esc clears the filter"
	}
	if l.absent != nil {
		if text := l.absent(); text != "" {
			return text
		}
	}
	hint := l.hint
	// Who may not list the namespaces will hardly be let into all of them.
	if hint != "" && !l.session.Printed && l.session.namespaces().State().Phase != kube.Denied {
		hint += "; 0 shows all namespaces"
	}
	return "no " + noun + hint
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
