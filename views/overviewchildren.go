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
	"github.com/fathom-k8s/fathom/views/rows"
)

// childSections are what the subject owns, selects or runs, worst first.
func (v *overview) childSections(f ui.Frame) []entry {
	var out []entry
	for _, m := range v.children.lists {
		slices.SortStableFunc(m.records, func(a, b *kinds.Record) int {
			return cmp.Or(-cmp.Compare(a.Status.Level, b.Status.Level), -a.Created.Compare(b.Created), strings.Compare(a.Name,
				b.Name))
		})
		title := fmt.Sprintf("%s %d", m.child.Resource, len(m.records))
		var shown []row
		for _, r := range m.records[:min(len(m.records), childrenMax)] {
			shown = append(shown, v.childRow(m.child, r, f.Now))
			if reason := childReason(r); reason != "" && !strings.Contains(v.subject.record.Status.Reason, reason) {
				shown = append(shown, row{cells: []ui.Span{{Text: "  " + reason, Role: rows.LevelRole(r.Status.Level)}}})
			}
		}
		if more := len(m.records) - childrenMax; more > 0 {
			shown = append(shown, row{cells: []ui.Span{{Text: fmt.Sprintf("and %d more", more), Role: themes.Muted}}})
		}
		shown = append(shown, v.goneRows(m, f.Now)...)
		if text := stateProblem(m.listing.State()); text != "" {
			shown = append(shown, row{cells: []ui.Span{{Text: text, Role: themes.Degraded}}})
		}
		// A Service without pods is of no use, however it got there.
		if len(shown) == 0 && m.child.Resource == "pods" && m.child.Selector != "" && !m.child.Owned &&
			m.listing.State().Phase == kube.Live {
			text := "no pod has the labels " + m.child.Selector
			shown = append(shown, row{cells: []ui.Span{{Text: text, Role: themes.Degraded}}})
		}
		out = append(out, section(title, shown, f.Width, childHeads(m.records)...)...)
	}
	return out
}

// childColumn reports whether a column of children is shown. Of a rollout, the image is what
// tells one ReplicaSet from the other.
func childColumn(c kinds.Column) bool { return (!c.Wide || c.Name == "IMAGES") && c.Name != "NAME" }

// childHeads are the heads of the columns behind the names.
func childHeads(records []*kinds.Record) (out []string) {
	if len(records) == 0 {
		return nil
	}
	for _, c := range records[0].Kind.Columns {
		if childColumn(c) {
			out = append(out, c.Name)
		}
	}
	return out
}

func (v *overview) childRow(child kinds.Child, r *kinds.Record, now time.Time) row {
	name := r.Name
	if v.subject.namespace == "" && r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	cells := []ui.Span{{Text: name, Role: rows.LevelRole(r.Status.Level)}}
	for i, c := range r.Cells {
		if !childColumn(r.Kind.Columns[i]) {
			continue
		}
		text := c.Format(now, kinds.CoarseAge)
		if at, ok := c.Moment(); ok {
			v.ago(at, now)
		}
		cells = append(cells, ui.Span{Text: text, Role: rows.LevelRole(r.Status.Level)})
	}
	return row{id: r.Namespace + "/" + r.Name, cells: cells, then: openRecord{child, r}}
}

// goneMax is how many rows of deleted children one kind has.
const goneMax = 10

// goneRows are the children that were deleted: what is left of them can still be opened.
func (v *overview) goneRows(m *childList, now time.Time) []row {
	var out []row
	for _, g := range m.gone[:min(len(m.gone), goneMax)] {
		r := g.Record
		text := "gone since " + g.Since.In(now.Location()).Format("15:04:05")
		if reason := r.Status.Reason; reason != "" && r.Status.Level > kinds.Waiting {
			text += ", was " + reason
		}
		out = append(out, row{
			id:    "gone " + r.Namespace + "/" + r.Name,
			cells: []ui.Span{{Text: r.Name, Role: themes.Muted}, {Text: text, Role: themes.Muted}},
			then:  openRecord{m.child, r},
		})
	}
	if more := len(m.gone) - goneMax; more > 0 {
		out = append(out, row{cells: []ui.Span{{Text: fmt.Sprintf("and %d more that are gone", more), Role: themes.Muted}}})
	}
	return out
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
		if text := c.Format(time.Time{}, kinds.CoarseAge); c.Form() == kinds.Text && len(text) > 3 &&
			strings.Contains(reason, text) {
			return ""
		}
	}
	return reason
}
