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
	word, role := r.Status.Level.String(), rows.LevelRole(r.Status.Level)
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
		line = append(line, behind(2, word, role)...)
	}
	var below []entry
	if reason := r.Status.Reason; reason != "" {
		if ui.Width(line.String())+ui.Width(reason)+v.timesRoom() <= f.Width {
			line = append(line, behind(2, reason, role)...)
		} else {
			for _, part := range wrap(reason, f.Width-4) {
				below = append(below, entry{line: behind(2, part, role)})
			}
		}
	}
	line = append(line, v.times(f.Now)...)
	out := append([]entry{{line: line}}, below...)
	if cause := v.cause(); cause != "" {
		out = append(out, entry{line: behind(2, cause, role).Truncate(f.Width - 1)})
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
	if since := v.ago(r.Status.Since, now); since != "" {
		line = append(line, ui.Span{Text: "  for " + since, Role: themes.Muted})
	} else if ended := v.ago(v.lastFailure(), now); ended != "" {
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

func (v *overview) facts(f ui.Frame) []entry {
	var all []row
	for _, fact := range v.details.Facts {
		r := row{id: fact.Name + fact.Value, cells: []ui.Span{
			{Text: fact.Name, Role: themes.Muted},
			{Text: fact.Value, Role: rows.LevelRole(fact.Level)},
		}}
		if fact.Link != nil {
			r.cells[1].Role, r.then = themes.Accent, goTo{*fact.Link}
		}
		all = append(all, r)
	}
	return section("facts", all, f.Width)
}

func (v *overview) containers(f ui.Frame) []entry {
	var beside, below []row
	for _, c := range v.details.Containers {
		cells, origin := v.containerCells(c, f.Now)
		first := row{id: c.Name, then: showLogs{container: c.Name}, cells: cells}
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

func (v *overview) conditions(f ui.Frame) []entry {
	var all []row
	for _, c := range v.details.Conditions {
		all = append(all, row{cells: []ui.Span{
			{Text: c.Type, Role: themes.Text},
			{Text: c.Status, Role: rows.LevelRole(c.Level)},
			{Text: v.ago(c.Changed.Time, f.Now), Role: themes.Muted},
			{Text: c.Why(), Role: rows.LevelRole(c.Level)},
		}})
	}
	return section("conditions", all, f.Width)
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
