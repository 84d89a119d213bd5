package views

import (
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	actObject  ui.Action = "open-object"
	actReports ui.Action = "status-changes"
)

// changeList is changes on the screen, the newest first: the tab of an object, the view of
// all, and the keys to filter and compare them.
type changeList struct {
	session *Session
	all     []history.Change
	rows    changeRows
	table   ui.Table
	objects bool   // the rows name their objects
	reports bool   // what the cluster reported is shown too
	filter  string // as typed
	before  string // the filter before the prompt opened
	top     int    // lines above the table
}

func newChangeList(s *Session, objects bool) *changeList {
	l := &changeList{session: s, objects: objects, reports: true}
	columns := []ui.Column{{Title: "WHEN", Fixed: true}}
	if objects {
		columns = append(columns, ui.Column{Title: "OBJECT", Max: 40})
	}
	l.table.SetColumns(append(columns, ui.Column{Title: "BY", Max: 20}, ui.Column{Title: "CHANGE"}))
	l.table.Sorted = -1
	l.rows.list = l
	return l
}

// set replaces the changes.
func (l *changeList) set(all []history.Change) {
	l.all = withoutQuickDeletions(all)
	l.arrange()
}

// quickDeletion is less than the deletion of an object takes that anything holds up. Pods have half of it
// to end.
const quickDeletion = time.Minute

// withoutQuickDeletions leaves out, of changes of which the newest is the first, that a deletion began which is
// over, unless that took long.
func withoutQuickDeletions(all []history.Change) (out []history.Change) {
	gone := map[kinds.Ref]time.Time{}
	for _, c := range all {
		switch {
		case c.Text == history.Gone:
			gone[c.Object] = c.At
		case c.Text == history.DeletionBegan && gone[c.Object].Sub(c.At).Abs() < quickDeletion:
			continue
		}
		out = append(out, c)
	}
	return out
}

// arrange finds the rows that pass the filter.
func (l *changeList) arrange() {
	l.rows.shown, l.rows.at = l.rows.shown[:0], map[string]int{}
	l.rows.ids = l.rows.ids[:0]
	for i := range l.all {
		c := &l.all[i]
		if !l.reports && c.Rank == history.Status || !passes(c, l.filter) {
			continue
		}
		id := changeID(c)
		for n := 2; ; n++ {
			if _, taken := l.rows.at[id]; !taken {
				break
			}
			id = changeID(c) + "#" + strconv.Itoa(n)
		}
		l.rows.at[id] = len(l.rows.shown)
		l.rows.shown, l.rows.ids = append(l.rows.shown, c), append(l.rows.ids, id)
	}
	l.table.Update(&l.rows)
}

// changeID names a change; it stays the same while newer ones come.
func changeID(c *history.Change) string {
	return strconv.FormatInt(c.At.UnixNano(), 36) + " " + c.Object.String() + " " + c.Text
}

// passes reports whether a change has every word of a filter, and none behind a "!".
func passes(c *history.Change, filter string) bool {
	if filter == "" {
		return true
	}
	text := strings.ToLower(strings.Join(
		[]string{c.Object.String(), shortRef(c.Object), byWords(c), c.Who, c.Rank.String(), c.Text}, " "))
	for word := range strings.FieldsSeq(strings.ToLower(filter)) {
		without, not := strings.CutPrefix(word, "!")
		if without != "" && strings.Contains(text, without) == not {
			return false
		}
	}
	return true
}

// byWords is who made a change, a person's tool told apart from a controller.
func byWords(c *history.Change) string {
	words := c.How
	if words == "" {
		words = strings.TrimPrefix(c.Who, "kube-")
	}
	switch {
	case c.Yours:
		words = "you: " + words
	case c.Hand:
		words = "hand: " + words
	}
	return words
}

func (l *changeList) keys() []ui.Key {
	help := "hide status"
	if !l.reports {
		help = "show status"
	}
	keys := []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "diff", Group: "Changes", Footer: true},
		{Action: actReports, Keys: []string{"f"}, Help: help, Group: "Changes", Footer: true},
		{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Changes", Footer: true},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the line", Group: "Changes"},
	}
	if l.objects {
		keys = append(keys, ui.Key{
			Action: actObject, Keys: []string{"o"}, Help: "open the object", Group: "Changes", Footer: true,
		})
	}
	if l.filter != "" {
		keys = append([]ui.Key{{
			Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Changes", Footer: true,
		}}, keys...)
	}
	return append(keys, l.table.Keys()...)
}

func (l *changeList) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Do:
		return l.do(msg)
	case ui.Clicked:
		msg.Y -= l.top
		if l.table.Clicked(msg, &l.rows) && msg.Double {
			return l.diff()
		}
	case ui.Wheel:
		l.table.Wheel(msg.Lines, &l.rows)
	case ui.Typed:
		l.setFilter(msg.Text)
	case ui.Entered:
		l.setFilter(msg.Text)
	case ui.Cancelled:
		l.setFilter(l.before)
	}
	return nil
}

func (l *changeList) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actOpen:
		return l.diff()
	case actReports:
		l.reports = !l.reports
		l.arrange()
	case actFilter:
		l.before = l.filter
		return ui.Prompt{Name: "filter", Label: "/", Text: l.filter}
	case actClearFilter:
		l.setFilter("")
	case actCopy:
		if c := l.current(); c != nil {
			return ui.Copy{Text: c.At.UTC().Format(time.RFC3339) + " " + c.Object.String() + ": " + c.Line(), What: "the line"}
		}
	case actObject:
		if c := l.current(); c != nil {
			return l.session.openRef(c.Object, "")
		}
	default:
		l.table.Do(msg, &l.rows)
	}
	return nil
}

func (l *changeList) setFilter(text string) {
	l.filter = text
	l.arrange()
}

// current is the change under the cursor, or nil.
func (l *changeList) current() *history.Change {
	if i := l.table.Current(&l.rows); i >= 0 && i < l.rows.Len() {
		return l.rows.shown[i]
	}
	return nil
}

// diff compares the two versions of the change under the cursor, or those that two marked
// changes led to.
func (l *changeList) diff() ui.Intent {
	if marks := l.table.Marks(); len(marks) == 2 {
		a, b := l.rows.Find(marks[0]), l.rows.Find(marks[1])
		if a >= 0 && b >= 0 {
			older, newer := l.rows.shown[max(a, b)], l.rows.shown[min(a, b)]
			return l.compare(older.After(), newer.After(), "between two marked changes")
		}
	}
	c := l.current()
	if c == nil {
		return nil
	}
	return l.compare(c.Old, c.New, c.Text)
}

func (l *changeList) compare(older, newer *history.Version, title string) ui.Intent {
	if older == nil && newer == nil {
		return ui.Say{Text: "no version is kept from before fathom watched it", Role: themes.Muted}
	}
	return ui.Open{View: newDiff(l.session, older, newer, title)}
}

// detailLines is the room for the whole change under the cursor, below the table.
const detailLines = 3

// draw draws the table below some notes.
func (l *changeList) draw(f ui.Frame, notes ...ui.Line) string {
	var out []string
	for _, line := range notes {
		if f.Height > 2 {
			out = append(out, ui.PaintLine(f, line.Truncate(f.Width), f.Width, 0))
			f.Height--
		}
	}
	l.top = len(out)
	if c := l.current(); c != nil {
		out = append(out, withDetail(f, &l.table, &l.rows, detailLines, l.detail(c)))
	} else {
		out = append(out, l.table.Draw(f, &l.rows))
	}
	return strings.Join(out, "\n")
}

func (l *changeList) detail(c *history.Change) string {
	words := c.Text
	if l.objects {
		words = c.Object.String() + ": " + words
	}
	if by := c.By(); by != "" {
		words += ", " + by
	}
	return words
}

// changeRows are the rows of a changeList.
type changeRows struct {
	list  *changeList
	shown []*history.Change
	ids   []string
	at    map[string]int
}

// Len implements ui.Rows.
func (r *changeRows) Len() int { return len(r.shown) }

// ID implements ui.Rows.
func (r *changeRows) ID(i int) string { return r.ids[i] }

// Find implements ui.Rows.
func (r *changeRows) Find(id string) int {
	if i, ok := r.at[id]; ok {
		return i
	}
	return -1
}

// Version implements ui.Rows.
func (r *changeRows) Version(int) any { return nil }

// RowRole implements ui.Rows.
func (r *changeRows) RowRole(i int) themes.Role {
	rank := r.shown[i].Rank
	if rank == history.Status || rank == history.Labels {
		return themes.Muted
	}
	if rank == history.Deleted {
		return themes.Degraded
	}
	return themes.Text
}

// Row implements ui.Rows.
func (r *changeRows) Row(i int, now time.Time, cells []ui.TableCell) time.Time {
	c := r.shown[i]
	cells[0].Text = when(c, now)
	n := 1
	if r.list.objects {
		object := c.Object
		if object.Namespace == r.list.session.Namespace {
			object.Namespace = ""
		}
		cells[n].Text = shortRef(object)
		n++
	}
	cells[n].Text = byWords(c)
	if c.Hand {
		cells[n].Role = themes.Accent
	}
	cells[n+1].Text = c.Text
	return time.Time{}
}

// when is the time of a change; of a rebuilt one it is marked.
func when(c *history.Change, now time.Time) string {
	if c.Rebuilt {
		return "~" + timeOfDay(c.At, now)
	}
	return " " + timeOfDay(c.At, now)
}

// timeOfDay is a time that has passed, of another day with its date.
func timeOfDay(at, now time.Time) string {
	at = at.In(now.Location())
	y, m, d := now.Date()
	switch {
	case !at.Before(time.Date(y, m, d, 0, 0, 0, 0, now.Location())):
		return at.Format("15:04:05")
	case now.Sub(at) > 300*24*time.Hour:
		return at.Format("2006-01-02")
	}
	return at.Format("Jan _2 15:04")
}

// ofObjects returns what chooses the changes of some objects.
func ofObjects(refs ...kinds.Ref) func(kinds.Ref) bool {
	wanted := map[kinds.Ref]bool{}
	for _, r := range refs {
		wanted[r] = true
	}
	return func(r kinds.Ref) bool { return wanted[r] }
}
