package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// page writes the whole page.
func (v *overview) page(f ui.Frame) []entry {
	s := v.subject
	if s.record == nil {
		var out []entry
		for _, line := range note(v.missing(), themes.Muted, f.Width-2) {
			out = append(out, entry{line: line})
		}
		return out
	}
	if s.alone {
		return v.containerPage(f)
	}
	page := append(v.summary(f), v.whereabouts(f)...)
	page = append(page, v.data(f)...)
	page = append(page, v.containers(f)...)
	page = append(page, v.usage.section(f.Width)...)
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
	if v.rights != nil {
		page = append(page, v.rights.section(f.Width)...)
	}
	page = append(page, v.facts(f)...)
	for _, part := range v.details.Sections {
		page = append(page, v.part(part, f)...)
	}
	if v.near != nil {
		page = append(page, v.near.sections(f.Width)...)
	}
	return page
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
	return "loading " + v.subject.ref().String() + " ..."
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
	how, worse := v.subject.judgment(r.Ref(), r.Status)
	level, cause := how.level, v.cause()
	if strings.Contains(how.reason, cause) {
		cause = ""
	}
	if warning := v.lastWarning(); level == kinds.Waiting && warning != "" {
		level, cause = kinds.Degraded, warning // It waits for what keeps failing.
	}
	if v.told = cause; worse {
		v.told += "\n" + how.reason
	}
	word, role := level.String(), rows.LevelRole(level)
	if level == kinds.OK {
		role = themes.OK
	}
	if !v.subject.deleted.IsZero() {
		word, role = "deleted at "+v.subject.deleted.Format("15:04:05")+"; this is its last version", themes.Degraded
	} else if !r.Deleting.IsZero() {
		word, role = "terminating since "+v.ago(r.Deleting, f.Now), themes.Waiting
	}
	line := ui.Line{{Text: r.Ref().String(), Role: themes.Heading}}
	if r.Kind.Columns[0].Name == "LAST SEEN" {
		// An event is nothing that could be well or not.
		what, seen := seenWords(r, f.Now)
		v.ago(lastSeen(r), f.Now)
		return []entry{{line: line}, {line: append(behind(2, what, role), behind(2, seen, themes.Muted)...)}}
	}
	if word != "" {
		line = append(line, behind(2, word, role)...)
	}
	var below []entry
	if reason := how.reason; reason != "" {
		if ui.Width(line.String())+ui.Width(reason)+v.timesRoom() <= f.Width {
			line = append(line, behind(2, reason, role)...)
		} else {
			for _, part := range wrap(reason, f.Width-4) {
				below = append(below, entry{line: behind(2, part, role)})
			}
		}
	}
	for _, span := range v.times(f.Now) { // As many as there is room for: half a time says nothing.
		if line.Width()+ui.Width(span.Text) < f.Width {
			line = append(line, span)
		}
	}
	out := append([]entry{{line: line}}, below...)
	if cause != "" {
		for _, part := range wrap(cause, f.Width-4) {
			out = append(out, entry{line: behind(2, part, role)})
		}
	}
	if v.unread != nil {
		words, role := v.subject.without(v.unread)
		for _, line := range note(words, role, f.Width-2) {
			out = append(out, entry{line: line})
		}
	}
	return out
}

// times says since when the object is as it is, and how old it is.
func (v *overview) times(now time.Time) ui.Line {
	r := v.subject.record
	var line ui.Line
	since, ended := v.ago(r.Status.Since, now), v.ago(v.lastFailure(), now)
	switch {
	case !r.Deleting.IsZero(): // The words before have said since when.
	case since != "":
		line = append(line, ui.Span{Text: "  for " + since, Role: themes.Muted})
	case ended != "":
		line = append(line, ui.Span{Text: "  last ended " + ended + " ago", Role: themes.Muted})
	}
	if created := v.ago(r.Created, now); created != "" {
		line = append(line, ui.Span{Text: "  created " + created + " ago", Role: themes.Muted})
	}
	return line
}

// The widest that a reason's margins and the times behind it mostly are. They are left
// free, so that the reason does not change its place when an age does.
const (
	sinceRoom = len("    for 59m  created 59d ago ")
	endedRoom = len("    last ended 59m ago  created 59d ago ")
)

func (v *overview) timesRoom() int {
	if v.subject.record.Status.Since.IsZero() && !v.lastFailure().IsZero() {
		return endedRoom
	}
	return sinceRoom
}

// first reports whether a fact says where an object that is not well is or whose it is:
// whoever looks into a failure asks for that first.
func (v *overview) first(fact kinds.Fact) bool {
	return v.subject.record.Status.Level > kinds.Waiting && fact.Link != nil &&
		(fact.Name == "Node" || fact.Name == "Controlled by")
}

// whereabouts are the facts that come first.
func (v *overview) whereabouts(f ui.Frame) []entry {
	var all []row
	for _, fact := range v.details.Facts {
		if v.first(fact) {
			all = append(all, v.factRow(fact, f.Now))
		}
	}
	if len(all) == 0 {
		return nil
	}
	out := section("", all, f.Width)[2:]
	for i := range out {
		out[i].late = true
	}
	return out
}

func (v *overview) part(part kinds.Section, f ui.Frame) []entry {
	var all []row
	for _, fact := range part.Facts {
		all = append(all, v.factRow(fact, f.Now))
	}
	return section(part.Title, all, f.Width)
}

func (v *overview) facts(f ui.Frame) []entry {
	var all []row
	if next := v.nextRun(f.Now); next != "" {
		all = append(all, row{cells: []ui.Span{{Text: "Next run", Role: themes.Muted}, {Text: next, Role: themes.Text}}})
	}
	for _, fact := range v.details.Facts {
		if !v.first(fact) {
			all = append(all, v.factRow(fact, f.Now))
		}
	}
	if text := v.usage.unmeasured(); text != "" && len(all) > 0 {
		all = append(all, row{cells: []ui.Span{{Text: "usage", Role: themes.Muted}, {Text: text, Role: themes.Muted}}})
	}
	return section("facts", all, f.Width)
}

// factRow is the line of one fact.
func (v *overview) factRow(fact kinds.Fact, now time.Time) row {
	v.dated(&fact, now)
	r := row{id: fact.Name + fact.Value, cells: []ui.Span{
		{Text: fact.Name, Role: themes.Muted},
		{Text: fact.Value, Role: rows.LevelRole(fact.Level)},
	}}
	if fact.Link != nil {
		r.cells[1].Role, r.then = themes.Accent, goTo{*fact.Link}
	}
	if v.subject.resource.Group == rbacGroup && (fact.Name == "User" || fact.Name == "Group") {
		r.cells[1].Role, r.then = themes.Accent, openAccount{v.subject.session, account{fact.Name, "", fact.Value}}
	}
	return r
}

func (v *overview) containers(f ui.Frame) []entry {
	var beside, below []row
	for _, c := range v.details.Containers {
		cells, origin := v.containerCells(c, f.Now)
		first := row{id: c.Name, then: openContainer{c.Name}, cells: cells}
		wide := first
		wide.cells = slices.Concat(cells, origin)
		beside, below = append(beside, wide), append(below, first)
		messages := v.messageRows(c, f.Width)
		beside, below = append(beside, messages...), append(below, messages...)
		source := strings.TrimSpace(origin[0].Text + "  " + origin[1].Text)
		below = append(below, row{cells: []ui.Span{{Text: "  " + source, Role: themes.Muted}}})
	}
	// An image's name ends with its tag, so a cut one is of no use.
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
			{Text: c.State, Role: rows.LevelRole(c.Level)},
			{Text: restarts, Role: themes.Muted},
		}, []ui.Span{
			{Text: c.Image, Role: themes.Text},
			{Text: strings.TrimSpace(c.Resources + "  " + c.Ports), Role: themes.Muted},
		}
}

// conditions are a line each. When some are bad, those that say the same of it share one,
// and the good ones another: what is wrong has been said above.
func (v *overview) conditions(f ui.Frame) []entry {
	all := v.details.Conditions
	bad := func(c kinds.Condition) bool { return c.Level > kinds.Waiting }
	if !slices.ContainsFunc(all, bad) {
		return section("conditions", v.conditionRows(all, f.Now), f.Width, conditionHeads...)
	}
	var shown []kinds.Condition
	var good []string
	for _, c := range all {
		same := func(o kinds.Condition) bool { return o.Status == c.Status && o.Why() == c.Why() && c.Why() != "" }
		i := slices.IndexFunc(shown, same)
		switch {
		case i >= 0 && len(shown[i].Type)+len(c.Type)+2 <= cellMax:
			shown[i].Type += ", " + c.Type
			shown[i].Level = max(shown[i].Level, c.Level)
		case c.Level <= kinds.OK && c.Why() == "":
			good = append(good, c.Type)
		default:
			shown = append(shown, c)
		}
	}
	rows := v.conditionRows(shown, f.Now)
	if len(good) > 0 {
		rows = append(rows, row{cells: []ui.Span{{Text: "ok: " + strings.Join(good, ", "), Role: themes.Muted}}})
	}
	return section("conditions", rows, f.Width, conditionHeads...)
}

var conditionHeads = []string{"STATUS", "SINCE", "REASON"}

func (v *overview) conditionRows(conditions []kinds.Condition, now time.Time) []row {
	var all []row
	for _, c := range conditions {
		c.Message = kinds.ShortSchedule(c.Message)
		why := c.Why()
		if v.said(c.Message) {
			why = c.Reason + ", as above"
		}
		all = append(all, row{cells: []ui.Span{
			{Text: c.Type, Role: themes.Text},
			{Text: c.Status, Role: rows.LevelRole(c.Level)},
			{Text: v.ago(c.Changed.Time, now), Role: themes.Muted},
			{Text: why, Role: rows.LevelRole(c.Level)},
		}})
	}
	return all
}

// saidMin is how long a text is at least that is not worth saying twice.
const saidMin = 12

// said reports whether the headline or a container says a text already.
func (v *overview) said(text string) bool {
	text = strings.TrimPrefix(text, "Error: ")
	if len(text) < saidMin {
		return false
	}
	return strings.Contains(v.subject.record.Status.Reason, text) || strings.Contains(v.told, text) ||
		slices.ContainsFunc(v.details.Containers, func(c kinds.Container) bool { return strings.Contains(c.Message, text) })
}

func (v *overview) lastEvents(f ui.Frame) []entry {
	if v.events == nil {
		return nil
	}
	records := slices.DeleteFunc(v.events.Since(0).Changed, func(r *kinds.Record) bool { return !v.subject.wasSeen(r) })
	slices.SortFunc(records, func(a, b *kinds.Record) int { return lastSeen(b).Compare(lastSeen(a)) })
	var rows []row
	for _, r := range records[:min(len(records), lastEventsMax)] {
		role := themes.Text
		if cellText(r, "TYPE") == "Warning" {
			role = themes.Degraded
		}
		message := ui.Span{Text: kinds.ShortSchedule(cellText(r, "MESSAGE")), Role: themes.Text}
		if v.said(message.Text) {
			message = ui.Span{Text: "as above", Role: themes.Muted}
		}
		rows = append(rows, row{cells: []ui.Span{
			{Text: v.ago(lastSeen(r), f.Now), Role: themes.Muted},
			{Text: cellText(r, "TYPE"), Role: role},
			{Text: cellText(r, "REASON"), Role: role},
			message,
		}})
	}
	if text := stateProblem(v.events.State()); text != "" {
		rows = append(rows, row{cells: []ui.Span{{Text: text, Role: themes.Degraded}}})
	}
	return section("last events", rows, f.Width)
}

// lastWarning is what the newest event says, if that is a warning.
func (v *overview) lastWarning() string {
	if v.events == nil {
		return ""
	}
	var newest *kinds.Record
	for _, r := range v.events.Since(0).Changed {
		if v.subject.wasSeen(r) && (newest == nil || lastSeen(r).After(lastSeen(newest))) {
			newest = r
		}
	}
	if newest == nil || cellText(newest, "TYPE") != "Warning" {
		return ""
	}
	return cellText(newest, "REASON") + ": " + cellText(newest, "MESSAGE")
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
