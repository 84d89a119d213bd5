package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	register(spec{
		order: 10, id: "overview", key: "v",
		open: func(s *subject) tab { return newOverview(s) },
	})
}

const (
	childrenMax   = 200 // rows of one kind of children; the rest is counted
	lastEventsMax = 8
)

// overview is one live page about the subject: status, facts, containers,
// conditions, what it owns or runs, last events. The cursor walks over the
// lines that lead somewhere.
type overview struct {
	subject  *subject
	details  kinds.Details
	unread   error // why there are no newer details
	children *children
	events   *kube.Listing
	watching *kube.Watch // of the events
	moved    bool        // the user put the cursor where it is
	cursor   int         // index of a line
	top      int
	height   int
	wake     time.Time
	lines    []entry // as last drawn
}

// entry is one line of the page; enter on it does then.
type entry struct {
	line ui.Line
	id   string // names the line, so that the cursor stays on it
	then ui.Intent
}

func newOverview(s *subject) *overview {
	v := &overview{subject: s, children: newChildren(s)}
	v.read()
	return v
}

// read takes over a new version of the subject.
func (v *overview) read() {
	s := v.subject
	if s.record == nil {
		return
	}
	obj, err := s.session.Cluster.Decode(s.record)
	if v.unread = err; err == nil {
		v.details = s.record.Kind.Details(obj)
	}
}

// Keys implements tab.
func (v *overview) Keys() []ui.Key {
	return []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "open", Group: "Object", Footer: true},
		{Action: ui.Down, Keys: []string{"j", "down"}, Help: "down", Group: "Move"},
		{Action: ui.Up, Keys: []string{"k", "up"}, Help: "up", Group: "Move"},
		{Action: ui.Top, Keys: []string{"g", "home"}, Help: "top", Group: "Move"},
		{Action: ui.Bottom, Keys: []string{"G", "end"}, Help: "bottom", Group: "Move"},
		{Action: ui.PageDown, Keys: []string{"ctrl+f", "pgdown"}, Help: "page down", Group: "Move"},
		{Action: ui.PageUp, Keys: []string{"ctrl+b", "pgup"}, Help: "page up", Group: "Move"},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the name", Group: "Object"},
	}
}

// Update implements tab.
func (v *overview) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return v.watch()
	case subjectChanged:
		v.read()
		if v.children.resolve() || v.events == nil {
			return v.watch()
		}
	case kube.ListingChanged:
		v.children.update(msg)
	case ui.Do:
		return v.do(msg)
	case ui.Wheel:
		v.scroll(msg.Lines)
	case ui.Clicked:
		return v.clicked(msg)
	}
	return nil
}

// watch asks for what the page shows beside the subject, as far as it is known.
func (v *overview) watch() ui.Intent {
	s := v.subject
	if s.record == nil {
		return nil
	}
	if v.events == nil {
		v.events = s.session.Cluster.Listing(kube.Scope{GroupVersionResource: eventsResource, Namespace: s.namespace, Fields: eventFields(s)})
		v.watching = v.events.Watch()
	}
	return append(v.children.watches(), ui.Watch{Source: v.watching})
}

func (v *overview) do(msg ui.Do) ui.Intent {
	v.moved = true
	switch msg.Action {
	case ui.Down:
		v.step(1)
	case ui.Up:
		v.step(-1)
	case ui.Top:
		v.cursor, v.top = -1, 0
		v.step(1)
	case ui.Bottom:
		v.cursor = len(v.lines)
		v.step(-1)
		v.top = max(0, len(v.lines)-v.height)
	case ui.PageDown:
		v.scroll(v.height)
	case ui.PageUp:
		v.scroll(-v.height)
	case actCopy:
		return ui.Copy{Text: v.subject.name, What: "name"}
	case actOpen:
		if v.cursor >= 0 && v.cursor < len(v.lines) {
			return v.lines[v.cursor].then
		}
	}
	return nil
}

// step moves to the next line that leads somewhere; when that is out of sight,
// the page scrolls first, so that nothing is passed over unseen.
func (v *overview) step(by int) {
	for i := v.cursor + by; i >= 0 && i < len(v.lines); i += by {
		if v.lines[i].then == nil {
			continue
		}
		if i < v.top-1 || i > v.top+v.height {
			break
		}
		v.cursor = i
		v.top = min(max(v.top, i-v.height+1), i)
		return
	}
	v.scroll(by)
}

// scroll moves the window and takes the cursor along.
func (v *overview) scroll(by int) {
	v.top = max(0, min(v.top+by, len(v.lines)-v.height))
	if v.cursor >= v.top && v.cursor < v.top+v.height {
		return
	}
	for i := v.top; i < min(v.top+v.height, len(v.lines)); i++ {
		if v.lines[i].then != nil {
			v.cursor = i
			return
		}
	}
}

func (v *overview) clicked(msg ui.Clicked) ui.Intent {
	i := v.top + msg.Y
	if i >= len(v.lines) || v.lines[i].then == nil {
		return nil
	}
	v.cursor, v.moved = i, true
	if msg.Double {
		return v.lines[i].then
	}
	return nil
}

// Draw implements tab.
func (v *overview) Draw(f ui.Frame) string {
	var id string
	if v.moved && v.cursor >= 0 && v.cursor < len(v.lines) {
		id = v.lines[v.cursor].id
	}
	v.height, v.wake = f.Height, time.Time{}
	v.lines = v.page(f)
	v.keepCursor(id)
	out := make([]string, 0, f.Height)
	for i := v.top; i < min(len(v.lines), v.top+f.Height); i++ {
		out = append(out, v.drawLine(f, i))
	}
	return strings.Join(out, "\n")
}

func (v *overview) drawLine(f ui.Frame, i int) string {
	e := v.lines[i]
	line := append(ui.Line{{Text: " ", Role: themes.Text}}, e.line...)
	if i != v.cursor || e.then == nil || f.Still {
		return ui.PaintLine(f, line, f.Width, 0)
	}
	line[0].Text = "›"
	var b strings.Builder
	room := f.Width
	for _, s := range line {
		text := ui.Truncate(s.Text, room)
		room -= ui.Width(text)
		b.WriteString(f.Theme.PaintOn(themes.Cursor, s.Role, text))
	}
	return b.String() + f.Theme.PaintOn(themes.Cursor, themes.Text, strings.Repeat(" ", max(0, room)))
}

// keepCursor puts the cursor back on its line after the page changed.
func (v *overview) keepCursor(id string) {
	if i := slices.IndexFunc(v.lines, func(e entry) bool { return e.id == id && e.then != nil }); id != "" && i >= 0 {
		v.cursor = i
	} else if !v.moved || v.cursor >= len(v.lines) || v.cursor < 0 || v.lines[v.cursor].then == nil {
		v.cursor = slices.IndexFunc(v.lines, func(e entry) bool { return e.then != nil })
	}
	v.top = max(0, min(v.top, len(v.lines)-v.height))
}

// page writes the whole page.
func (v *overview) page(f ui.Frame) []entry {
	s := v.subject
	if s.record == nil {
		var out []entry
		for _, line := range ui.Wrap(v.missing(), f.Width-2) {
			out = append(out, entry{line: ui.Line{{Text: line, Role: themes.Muted}}})
		}
		return out
	}
	page := v.summary(f)
	page = append(page, v.containers(f)...)
	// What an object owns is what it is made of. What it only runs or selects
	// may be long, and says less of it than its conditions.
	if slices.ContainsFunc(v.details.Children, func(c kinds.Child) bool { return c.Owned }) {
		page = append(page, v.childSections(f)...)
		page = append(page, v.conditions(f)...)
	} else {
		page = append(page, v.conditions(f)...)
		page = append(page, v.childSections(f)...)
	}
	page = append(page, v.lastEvents(f)...)
	return append(page, v.facts(f)...)
}

// missing says why there is nothing to show.
func (v *overview) missing() string {
	state := v.subject.listing.State()
	if state.Err != nil {
		return stateProblem(state)
	}
	if state.Phase == kube.Live {
		return v.subject.ref().String() + " does not exist"
	}
	return "asking for " + v.subject.ref().String() + " ..."
}

func (v *overview) ago(at time.Time, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	if next := kinds.NextCoarseAge(at, now); v.wake.IsZero() || next.Before(v.wake) {
		v.wake = next
	}
	return kinds.CoarseAge(now.Sub(at))
}

// summary is the first line: how the object is, in words, and how old it is.
func (v *overview) summary(f ui.Frame) []entry {
	r := v.subject.record
	word, role := r.Status.Level.String(), levelRole(r.Status.Level)
	if r.Status.Level == kinds.OK {
		role = themes.OK
	}
	if !v.subject.deleted.IsZero() {
		word, role = "deleted at "+v.subject.deleted.Format("15:04:05")+"; this is its last version", themes.Degraded
	} else if !r.Deleting.IsZero() {
		word, role = "terminating since "+v.ago(r.Deleting, f.Now), themes.Waiting
	}
	line := ui.Line{{Text: r.Ref().String(), Role: themes.Heading}}
	if word != "" {
		line = append(line, ui.Span{Text: "  " + word, Role: role})
	}
	var below []entry
	if reason := r.Status.Reason; reason != "" {
		if ui.Width(lineText(line))+ui.Width(reason)+24 <= f.Width {
			line = append(line, ui.Span{Text: "  " + reason, Role: role})
		} else {
			for _, part := range wrap(reason, f.Width-4) {
				below = append(below, entry{line: ui.Line{{Text: "  " + part, Role: role}}})
			}
		}
	}
	if since := v.ago(r.Status.Since, f.Now); since != "" {
		line = append(line, ui.Span{Text: "  for " + since, Role: themes.Muted})
	}
	if created := v.ago(r.Created, f.Now); created != "" {
		line = append(line, ui.Span{Text: "  created " + created + " ago", Role: themes.Muted})
	}
	out := append([]entry{{line: line}}, below...)
	if v.unread != nil {
		words, role := v.subject.without(v.unread)
		out = append(out, entry{line: ui.Line{{Text: words, Role: role}}})
	}
	return out
}

func (v *overview) facts(f ui.Frame) []entry {
	var rows []row
	for _, fact := range v.details.Facts {
		r := row{id: fact.Name + fact.Value, cells: []ui.Span{{Text: fact.Name, Role: themes.Muted}, {Text: fact.Value, Role: levelRole(fact.Level)}}}
		if fact.Link != nil {
			r.cells[1].Role, r.then = themes.Accent, goTo{*fact.Link}
		}
		rows = append(rows, r)
	}
	return section("facts", rows, f.Width)
}

func (v *overview) containers(f ui.Frame) []entry {
	var beside, below []row
	for _, c := range v.details.Containers {
		cells, origin := v.containerCells(c, f.Now)
		first := row{id: c.Name, then: showLogs{container: c.Name}, cells: cells}
		wide := first
		wide.cells = slices.Concat(cells, origin)
		beside, below = append(beside, wide), append(below, first)
		if c.Message != "" && !strings.Contains(v.subject.record.Status.Reason, c.Message) {
			message := row{cells: []ui.Span{{Text: "  " + c.Message, Role: levelRole(c.Level)}}}
			beside, below = append(beside, message), append(below, message)
		}
		below = append(below, row{cells: []ui.Span{{Text: "  " + strings.TrimSpace(origin[0].Text+"  "+origin[1].Text), Role: themes.Muted}}})
	}
	// What an image is called ends with its tag: cut, it is of no use.
	if rowsFit(beside, f.Width) {
		return section("containers", beside, f.Width)
	}
	return section("containers", below, f.Width)
}

// containerCells say how a container is, and what it is made from.
func (v *overview) containerCells(c kinds.Container, now time.Time) (state, origin []ui.Span) {
	name := c.Name
	if c.Type != "" {
		name += " (" + c.Type + ")"
	}
	restarts := fmt.Sprintf("%d restarts", c.Restarts)
	if c.Last != "" {
		restarts += ", last " + c.Last
	}
	if ago := v.ago(c.LastEnded.Time, now); ago != "" {
		restarts += " " + ago + " ago"
	}
	return []ui.Span{
			{Text: name, Role: themes.Text},
			{Text: c.State, Role: levelRole(c.Level)},
			{Text: restarts, Role: themes.Muted},
		}, []ui.Span{
			{Text: c.Image, Role: themes.Text},
			{Text: strings.TrimSpace(c.Resources + "  " + c.Ports), Role: themes.Muted},
		}
}

func (v *overview) conditions(f ui.Frame) []entry {
	var rows []row
	for _, c := range v.details.Conditions {
		rows = append(rows, row{cells: []ui.Span{
			{Text: c.Type, Role: themes.Text},
			{Text: c.Status, Role: levelRole(c.Level)},
			{Text: v.ago(c.Changed.Time, f.Now), Role: themes.Muted},
			{Text: strings.TrimSpace(c.Reason + "  " + c.Message), Role: levelRole(c.Level)},
		}})
	}
	return section("conditions", rows, f.Width)
}

// childSections are what the subject owns, selects or runs, worst first.
func (v *overview) childSections(f ui.Frame) []entry {
	var out []entry
	for _, m := range v.children.lists {
		slices.SortStableFunc(m.records, func(a, b *kinds.Record) int {
			return cmp.Or(-cmp.Compare(a.Status.Level, b.Status.Level), -a.Created.Compare(b.Created), strings.Compare(a.Name, b.Name))
		})
		title := fmt.Sprintf("%s %d", m.child.Resource, len(m.records))
		var rows []row
		for _, r := range m.records[:min(len(m.records), childrenMax)] {
			rows = append(rows, v.childRow(m.child, r, f.Now))
			if reason := childReason(r); reason != "" && !strings.Contains(v.subject.record.Status.Reason, reason) {
				rows = append(rows, row{cells: []ui.Span{{Text: "  " + reason, Role: levelRole(r.Status.Level)}}})
			}
		}
		if more := len(m.records) - childrenMax; more > 0 {
			rows = append(rows, row{cells: []ui.Span{{Text: fmt.Sprintf("and %d more", more), Role: themes.Muted}}})
		}
		if text := stateProblem(m.listing.State()); text != "" {
			rows = append(rows, row{cells: []ui.Span{{Text: text, Role: themes.Degraded}}})
		}
		// A Service without pods is of no use, however it got there.
		if len(rows) == 0 && m.child.Resource == "pods" && m.child.Selector != "" && !m.child.Owned && m.listing.State().Phase == kube.Live {
			rows = append(rows, row{cells: []ui.Span{{Text: "none has the labels " + m.child.Selector, Role: themes.Degraded}}})
		}
		out = append(out, section(title, rows, f.Width)...)
	}
	return out
}

func (v *overview) childRow(child kinds.Child, r *kinds.Record, now time.Time) row {
	name := r.Name
	if v.subject.namespace == "" && r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	cells := []ui.Span{{Text: name, Role: levelRole(r.Status.Level)}}
	for i, c := range r.Cells {
		column := r.Kind.Columns[i]
		// Of a rollout, the image is what tells one ReplicaSet from the other.
		if column.Wide && column.Name != "IMAGES" || column.Name == "NAME" {
			continue
		}
		text := c.Format(now, kinds.CoarseAge)
		if at, ok := c.Moment(); ok {
			v.ago(at, now)
		}
		if column.Right {
			text = strings.ToLower(column.Name) + " " + text
		}
		cells = append(cells, ui.Span{Text: text, Role: levelRole(r.Status.Level)})
	}
	return row{id: r.Namespace + "/" + r.Name, cells: cells, then: openRecord{child, r}}
}

// childReason is what is wrong with a child, if its cells do not say so.
func childReason(r *kinds.Record) string {
	if r.Status.Level < kinds.Degraded {
		return ""
	}
	reason := r.Status.Reason
	for i, c := range r.Cells {
		// A reason that names the object, or what a wide table shows, says more than this row.
		if column := r.Kind.Columns[i]; column.Name == "NAME" || column.Wide {
			continue
		}
		if r.Kind.Columns[i].Name == "READY" && strings.HasSuffix(reason, " ready") {
			return ""
		}
		if text := c.Format(time.Time{}, kinds.CoarseAge); c.Form() == kinds.Text && len(text) > 3 && strings.Contains(reason, text) {
			return ""
		}
	}
	return reason
}

func (v *overview) lastEvents(f ui.Frame) []entry {
	if v.events == nil {
		return nil
	}
	records := v.events.Since(0).Changed
	slices.SortFunc(records, func(a, b *kinds.Record) int { return lastSeen(b).Compare(lastSeen(a)) })
	var rows []row
	for _, r := range records[:min(len(records), lastEventsMax)] {
		role := themes.Text
		if cellText(r, "TYPE") == "Warning" {
			role = themes.Degraded
		}
		rows = append(rows, row{cells: []ui.Span{
			{Text: v.ago(lastSeen(r), f.Now), Role: themes.Muted},
			{Text: cellText(r, "TYPE"), Role: role},
			{Text: cellText(r, "REASON"), Role: role},
			{Text: cellText(r, "MESSAGE"), Role: themes.Text},
		}})
	}
	if text := stateProblem(v.events.State()); text != "" {
		rows = append(rows, row{cells: []ui.Span{{Text: text, Role: themes.Degraded}}})
	}
	return section("last events", rows, f.Width)
}

func lastSeen(r *kinds.Record) time.Time {
	for i, c := range r.Kind.Columns {
		if c.Name == "LAST SEEN" && i < len(r.Cells) {
			if at, ok := r.Cells[i].Moment(); ok {
				return at
			}
		}
	}
	return r.Created
}

func cellText(r *kinds.Record, column string) string {
	for i, c := range r.Kind.Columns {
		if c.Name == column && i < len(r.Cells) {
			return r.Cells[i].Format(time.Time{}, kinds.CoarseAge)
		}
	}
	return ""
}

// Wake implements tab.
func (v *overview) Wake(time.Time) time.Time { return v.wake }
