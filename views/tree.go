package views

import (
	"errors"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/links"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	tabTree   tabID = "tree"
	tabUsedBy tabID = "used-by"
)

func init() {
	registerTab(tabSpec{
		order: 60, id: tabTree, key: "t", footer: true,
		goesBack: "the object's own links; the other objects are live",
		open:     func(s *subject) tab { return newTree(s, false) },
	})
	registerTab(tabSpec{
		order: 70, id: tabUsedBy, key: "u", api: true,
		open: func(s *subject) tab { return newTree(s, true) },
	})
}

// tree shows what the subject leads to and what leads to it, or in reverse only that,
// the nearest first.
type tree struct {
	subject *subject
	linked  *linked
	tree    links.Tree
	rows    treeRows
	table   ui.Table
	filter  string
	before  string // the filter before the prompt opened
	built   time.Time
	stale   bool // the rows are of an older graph
	moved   bool // the user put the cursor where it is
	top     int  // lines above the table
}

func newTree(s *subject, reverse bool) *tree {
	v := &tree{subject: s, linked: newLinked(s)}
	v.tree = links.Tree{Subject: s.ref(), Reverse: reverse, Toggled: map[uint64]bool{}}
	v.tree.Apart = func(ref kinds.Ref) bool { return s.session.troubles()[ref].level > kinds.OK }
	v.rows.linked, v.rows.reverse = v.linked, reverse
	if !reverse {
		v.rows.only, v.tree.Wanted = s.only, s.only
	}
	v.table.Sorted = -1
	v.table.SetColumns([]ui.Column{
		{Title: "OBJECT", Fixed: true, Whole: true}, {Title: "STATUS"}, {Title: "WHERE", Optional: true},
	})
	v.build()
	return v
}

const (
	actLinks ui.Action = "links"
)

// Keys implements tab.
func (v *tree) Keys() []ui.Key {
	keys := []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "open", Group: "Object", Footer: true},
		{Action: actFold, Keys: []string{"space"}, Help: "fold", Group: "Tree", Footer: true},
		{Action: actLinks, Keys: []string{"f"}, Help: "links: " + v.tree.Follow.Next().String(), Group: "Tree", Footer: true},
		{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Tree", Footer: true},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the name", Group: "Object"},
	}
	if v.filter != "" || v.rows.only.Kind != "" {
		clearing := ui.Key{Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Tree", Footer: true}
		keys = append([]ui.Key{clearing}, keys...)
	}
	return append(keys, moves(&v.table)...)
}

// Update implements tab.
func (v *tree) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return slices.Concat(v.linked.watches(), v.subject.judging(true), v.rebuild())
	case subjectChanged:
		if v.linked.refresh() {
			return v.rebuild()
		}
	case kube.ListingChanged:
		if v.linked.update(msg) {
			return v.rebuild()
		}
	case live.Judged:
		return v.rebuild()
	case kube.HealthChanged:
		return v.linked.follow() // Discovery may have found more.
	case ui.Do:
		return v.do(msg)
	case ui.Clicked:
		v.moved, v.table.FromAbove = true, false
		msg.Y -= v.top
		if v.table.Clicked(msg, &v.rows) && msg.Double {
			return v.open("")
		}
	case ui.Wheel:
		v.moved, v.table.FromAbove = true, false
		v.table.Wheel(msg.Lines, &v.rows)
	case ui.Typed:
		v.setFilter(msg.Text)
	case ui.Entered:
		v.setFilter(msg.Text)
	case ui.Cancelled:
		v.setFilter(v.before)
	}
	return nil
}

// awaited implements awaiting.
func (v *tree) awaited() bool { return v.linked.awaited() }

func (v *tree) do(msg ui.Do) ui.Intent {
	v.moved, v.table.FromAbove = true, false
	switch msg.Action {
	case actOpen:
		if l := v.current(); l != nil && l.Equals != nil {
			return v.toggle()
		}
		return v.open("")
	case actFold:
		return v.toggle()
	case actLinks:
		v.tree.Follow = v.tree.Follow.Next()
		v.stale = true
		return v.follow()
	case actFilter:
		v.before = v.filter
		return ui.Prompt{Name: "filter", Label: "/", Text: v.filter}
	case actClearFilter:
		v.rows.only = schema.GroupKind{}
		v.setFilter("") // What is open stays open.
	case actCopy, actCopyName:
		if l := v.current(); l != nil {
			return ui.Copy{Text: l.Edge.To.Name, What: "name"}
		}
	default:
		if id, ok := tabOf(msg.Action); ok {
			return v.open(id)
		}
		v.table.Do(msg, &v.rows)
	}
	return nil
}

// target implements targeting: the object under the cursor, if it is another one.
func (v *tree) target() bool {
	l := v.current()
	return l != nil && l.Equals == nil && l.Edge.To != v.subject.ref()
}

func (v *tree) current() *links.Line {
	if i := v.table.Current(&v.rows); i >= 0 && i < v.rows.Len() {
		return v.rows.line(i)
	}
	return nil
}

// open opens the object under the cursor at a tab.
func (v *tree) open(tab tabID) ui.Intent {
	l := v.current()
	if l == nil || l.Equals != nil {
		return nil
	}
	if absent := v.linked.absent(&l.Edge); absent != nil {
		return absent
	}
	return v.subject.session.openRef(l.Edge.To, tab)
}

func (v *tree) toggle() ui.Intent {
	l := v.current()
	if l == nil || !l.Folds && !l.Open {
		return nil
	}
	v.tree.Toggled[l.ID] = !v.tree.Toggled[l.ID]
	v.stale = true
	return v.follow()
}

// slowTree is how many lines make a tree that is not made again for every change, and
// slowGap the time that passes between two of them.
const (
	slowTree = 2000
	slowGap  = 300 * time.Millisecond
)

// rebuild makes the rows again, now or with the next frame.
func (v *tree) rebuild() ui.All {
	v.stale = true
	if len(v.rows.all) > slowTree && v.subject.session.Now().Sub(v.built) < slowGap {
		return nil
	}
	return v.follow()
}

// follow makes the rows and watches what they depend on. What comes at once is among
// the rows.
func (v *tree) follow() ui.All {
	var all ui.All
	for range 8 {
		if v.stale {
			v.build()
		}
		more := v.linked.follow()
		if len(more) == 0 {
			break
		}
		all = append(all, more...)
		v.stale = true
	}
	return all
}

func (v *tree) build() {
	v.stale, v.built = false, v.subject.session.Now()
	v.rows.set(v.tree.Lines(v.linked.graph))
	v.rows.keep(v.filter)
	v.table.FromAbove = !v.moved
	if !v.moved {
		v.rows.subject(&v.table)
	}
	v.table.Update(&v.rows)
}

func (v *tree) setFilter(text string) {
	v.filter = text
	v.rows.keep(text)
	v.table.Update(&v.rows)
}

// Draw implements tab.
func (v *tree) Draw(f ui.Frame) string {
	if v.stale {
		v.build()
	}
	var out []string
	for _, line := range v.notes(f.Width) {
		if f.Height > 3 {
			out = append(out, ui.PaintLine(f, line, f.Width, 0))
			f.Height--
		}
	}
	v.top = len(out)
	return strings.Join(append(out, v.table.Draw(f, &v.rows)), "\n")
}

// notes are the lines above the table: which links are followed, what is hidden, and what
// the tree does not know.
func (v *tree) notes(width int) []ui.Line {
	var out []ui.Line
	add := func(text string, role themes.Role) {
		if last := len(out) - 1; last >= 0 && out[last].Width()+2+ui.Width(text) < width {
			out[last] = append(out[last], behind(2, text, role)...)
			return
		}
		for _, line := range ui.Wrap(text, width-2) {
			out = append(out, behind(1, line, role))
		}
	}
	if v.filter != "" {
		add("/"+v.filter, themes.Accent)
	}
	if only := v.rows.only; only.Kind != "" {
		add(v.linked.resourceName(only)+" only", themes.Accent)
	}
	if v.tree.Follow.One {
		add(v.tree.Follow.String()+" links only", themes.Accent)
	}
	gaps, complete := v.linked.gaps(), !v.awaited()
	for _, gap := range gaps {
		role := themes.Degraded
		if strings.HasPrefix(gap, "loading") {
			role, complete = themes.Muted, false
		}
		add(gap, role)
	}
	if complete && len(v.rows.all) == 1 {
		// A tree of one line could be one that does not work.
		add(v.alone(len(gaps) > 0), themes.Muted)
	}
	return out
}

// alone says that there is nothing in the tree but the subject.
func (v *tree) alone(hasGaps bool) string {
	text := "nothing uses it, and it needs nothing"
	switch {
	case v.subject.record == nil && v.subject.listing.State().Phase == kube.Live:
		text = "it does not exist, and nothing uses it"
	case v.tree.Reverse:
		text = "nothing uses it"
	}
	if r := v.subject.record; v.tree.Reverse && r != nil && slices.ContainsFunc(r.Links, guards) {
		text += "; t shows the pods that it guards"
	}
	if hasGaps {
		text += ", as far as can be seen"
	}
	return text
}

// guards reports whether a link is from what says who may talk to pods, or how many must stay.
func guards(l *kinds.Link) bool { return l.Relation == kinds.Guards && l.To.Kind == kinds.Pod.Kind }

// Wake implements tab.
func (v *tree) Wake(time.Time) time.Time { return v.table.Wake() }

// ShowTree lets the view of an object begin with its tree.
func ShowTree(view ui.View) error { return beginWith(view, tabTree) }

// beginWith lets the view of an object begin with a tab.
func beginWith(view ui.View, tab tabID) error {
	v, ok := view.(*object)
	if !ok {
		return errors.New("only an object has " + string(tab))
	}
	v.first = tab
	v.specs = nil
	v.fit()
	return nil
}
