package views

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/helm"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

const tabHistory tabID = "history"

func init() {
	registerTab(tabSpec{
		order: 5, id: tabHistory, key: "h", footer: true,
		fits: func(k *kinds.Kind) bool { return k == kinds.HelmRelease },
		open: func(s *subject) tab { return newHistory(s) },
	})
}

// newest keeps the newest revision of each release of Helm in a table.
type newest struct {
	list      *list
	revisions map[kube.Key]int64
}

func newNewest(l *list) *newest {
	n := &newest{list: l}
	defer n.update()
	l.keepOnly(func(r *kinds.Record) bool { return n.revisions[releaseOf(r)] == revisionOf(r) })
	return n
}

// update finds the newest revisions after a change.
func (n *newest) update() {
	n.revisions = map[kube.Key]int64{}
	for _, r := range n.list.listing.Since(0).Changed {
		release := releaseOf(r)
		n.revisions[release] = max(n.revisions[release], revisionOf(r))
	}
	n.list.reread()
}

func releaseOf(r *kinds.Record) kube.Key {
	return kube.Key{Namespace: r.Namespace, Name: cellText(r, "NAME")}
}

func revisionOf(r *kinds.Record) int64 {
	n, _ := r.Cells[r.Kind.Column("REVISION")].Number()
	return n
}

// historyMax is how many revisions are compared; Helm keeps ten by default.
const historyMax = 20

// releaseHistory is the revisions of a release, and what each of them changed. Of the values that
// users gave it says which changed; their texts are shown like those of any Secret, when
// they are asked for.
type releaseHistory struct {
	document
	subject  *subject
	listing  *kube.Listing // of the revisions; nil until the release's name is known
	watch    *kube.Watch
	stale    bool
	revealed bool
	hidden   bool // a revision is not in its Secret
	compared map[pair]compared
}

// pair is two revisions that are compared; older is nil for the first.
type pair struct{ older, newer *kinds.Record }

type compared struct {
	changes helm.Changes
	err     error
}

func newHistory(s *subject) *releaseHistory {
	v := &releaseHistory{subject: s, stale: true, compared: map[pair]compared{}}
	v.document = document{text: lines{}, file: s.fileName("-history.txt")}
	return v
}

// Keys implements tab.
func (v *releaseHistory) Keys() []ui.Key {
	help := "show values"
	if v.revealed {
		help = "hide values"
	}
	reveal := ui.Key{Action: actReveal, Keys: []string{"x"}, Help: help, Group: "Object", Footer: true}
	return append([]ui.Key{reveal}, v.document.keys()...)
}

// Update implements tab.
func (v *releaseHistory) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		v.reveal(false)
		return v.follow()
	case subjectChanged:
		v.stale = true
		return v.follow()
	case kube.ListingChanged:
		v.stale = v.stale || msg.Listing == v.listing
		return nil
	case ui.Do:
		if msg.Action == actReveal {
			v.reveal(!v.revealed)
			return nil
		}
	}
	return v.document.update(msg)
}

func (v *releaseHistory) reveal(on bool) { v.revealed, v.stale = on, true }

// follow asks for all revisions of the release.
func (v *releaseHistory) follow() ui.Intent {
	s := v.subject
	if v.listing == nil && s.record != nil {
		release := cellText(s.record, "NAME")
		if release == "" || len(validation.IsValidLabelValue(release)) > 0 {
			return nil
		}
		v.listing = s.session.Cluster.Listing(kube.Scope{
			GroupVersionResource: s.resource.GroupVersionResource, Namespace: s.namespace, Labels: "name=" + release,
		})
		v.watch = v.listing.Watch()
	}
	if v.watch == nil {
		return nil
	}
	return ui.Watch{Source: v.watch}
}

// revisions are those of the release, the newest first.
func (v *releaseHistory) revisions() []*kinds.Record {
	var all []*kinds.Record
	if v.listing != nil {
		all = v.listing.Since(0).Changed
	}
	if len(all) == 0 && v.subject.record != nil {
		all = []*kinds.Record{v.subject.record}
	}
	slices.SortFunc(all, func(a, b *kinds.Record) int {
		return cmp.Or(-cmp.Compare(revisionOf(a), revisionOf(b)), strings.Compare(a.Name, b.Name))
	})
	return all
}

// refresh writes the text again after a change.
func (v *releaseHistory) refresh() {
	if !v.stale {
		return
	}
	v.stale, v.hidden = false, false
	all := v.revisions()
	known := map[pair]compared{}
	var text lines
	for i, r := range all {
		if i > 0 {
			text = append(text, ui.Line{})
		}
		text = append(text, revisionLine(r))
		if i >= historyMax {
			continue
		}
		var older *kinds.Record
		if i+1 < len(all) {
			older = all[i+1]
		}
		p := pair{older, r}
		c, ok := v.compared[p]
		if !ok {
			c.changes, c.err = v.compare(p)
		}
		known[p] = c
		text = append(text, v.changeLines(p, c)...)
	}
	v.compared = known
	v.text = text
	v.pager.Replaced(v.text)
}

// compare reads two revisions and compares them. The first changes everything.
func (v *releaseHistory) compare(p pair) (helm.Changes, error) {
	newer, err := v.release(p.newer)
	if err != nil {
		return helm.Changes{}, err
	}
	older := &helm.Release{}
	if p.older != nil {
		if older, err = v.release(p.older); err != nil {
			return helm.Changes{}, err
		}
	}
	return helm.Compare(older, newer), nil
}

func (v *releaseHistory) release(r *kinds.Record) (*helm.Release, error) {
	obj, err := v.subject.session.Cluster.Decode(r)
	if err != nil {
		return nil, err
	}
	return kinds.ReadHelmRelease(obj)
}

// revisionLine is "revision 4  deployed  2026-11-23T11:00:00Z  Upgrade complete".
func revisionLine(r *kinds.Record) ui.Line {
	line := ui.Line{
		{Text: "revision " + strconv.FormatInt(revisionOf(r), 10), Role: themes.Heading},
		{Text: "  " + cellText(r, "STATUS"), Role: rows.LevelRole(r.Status.Level)},
	}
	if at, ok := r.Cells[r.Kind.Column("UPDATED")].Moment(); ok {
		line = append(line, ui.Span{Text: "  " + at.UTC().Format(time.RFC3339), Role: themes.Muted})
	}
	return line
}

// changeLines say what a revision changed.
func (v *releaseHistory) changeLines(p pair, c compared) lines {
	var out lines
	if p.newer.Status.Reason != "" {
		out = append(out, ui.Line{{Text: "  " + p.newer.Status.Reason, Role: rows.LevelRole(p.newer.Status.Level)}})
	}
	for _, column := range []string{"CHART", "APP VERSION"} {
		if text := changedCell(p, column); text != "" {
			out = append(out, labelLine(strings.ToLower(column), text))
		}
	}
	switch {
	case errors.Is(c.err, helm.ErrHidden):
		v.hidden = true
		return out
	case c.err != nil:
		return append(out, ui.Line{{Text: "  " + kinds.Clean(c.err.Error()), Role: themes.Degraded}})
	case p.older == nil && revisionOf(p.newer) > 1:
		return append(out, ui.Line{{Text: "  the previous revision is gone", Role: themes.Muted}})
	}
	if p.older != nil && revisionOf(p.older) != revisionOf(p.newer)-1 {
		out = append(out, labelLine("since", "revision "+strconv.FormatInt(revisionOf(p.older), 10)))
	}
	out = append(out, labelLine("values", changed(len(c.changes.Values))))
	for _, change := range c.changes.Values {
		out = append(out, v.valueLine(change))
	}
	objects := changed(len(c.changes.Objects))
	if n := c.changes.Relabelled; n > 0 {
		objects += ", " + strconv.Itoa(n) + " in their version labels only"
	}
	out = append(out, labelLine("objects", objects))
	for _, change := range c.changes.Objects {
		out = append(out, changeLine(change, ""))
	}
	if n := c.changes.Further; n > 0 {
		out = append(out, ui.Line{{Text: "    and " + counted(n, "changes") + " more", Role: themes.Muted}})
	}
	return out
}

// changedCell is a cell, with what it was before if it was something else.
func changedCell(p pair, column string) string {
	text, before := cellText(p.newer, column), ""
	if p.older != nil {
		before = cellText(p.older, column)
	}
	if before != "" && before != text {
		return text + ", was " + before
	}
	return text
}

func labelLine(label, text string) ui.Line {
	return ui.Line{
		{Text: "  " + label + strings.Repeat(" ", max(1, len("app version ")-len(label))), Role: themes.SyntaxKey},
		{Text: text, Role: themes.Text},
	}
}

func changed(n int) string {
	if n == 0 {
		return "unchanged"
	}
	return strconv.Itoa(n) + " changed"
}

// valueMax is how much of a value is shown; the YAML tab has all of it.
const valueMax = 500

// valueLine is a value that changed, hidden unless values are shown.
func (v *releaseHistory) valueLine(c helm.Change) ui.Line {
	var parts []string
	if c.How != helm.Removed {
		parts = append(parts, v.value(c.New))
	}
	if c.How != helm.Added {
		parts = append(parts, "was "+v.value(c.Old))
	}
	return changeLine(c, strings.Join(parts, ", "))
}

func (v *releaseHistory) value(text string) string {
	switch {
	case !v.revealed:
		return "<hidden>"
	case len(text) > valueMax:
		return kinds.Clean(text[:valueMax]) + " …"
	}
	return kinds.Clean(text)
}

func changeLine(c helm.Change, value string) ui.Line {
	role := map[helm.How]themes.Role{helm.Added: themes.OK, helm.Removed: themes.Degraded}[c.How]
	line := ui.Line{{Text: "    " + string(rune(c.How)) + " " + kinds.Clean(c.Name), Role: role}}
	if value != "" {
		line = append(line, ui.Span{Text: "  " + value, Role: themes.Muted})
	}
	return line
}

// Draw implements tab.
func (v *releaseHistory) Draw(f ui.Frame) string {
	v.refresh()
	return v.document.draw(f, v.head(f.Width)...)
}

func (v *releaseHistory) head(width int) []ui.Line {
	switch {
	case v.hidden:
		return note(helm.ErrHidden.Error(), themes.Degraded, width)
	case v.text.Len() == 0 && !v.subject.deleted.IsZero():
		return note("it does not exist", themes.Muted, width)
	case v.text.Len() == 0:
		return note("loading ...", themes.Muted, width)
	}
	return nil
}

// Wake implements tab.
func (v *releaseHistory) Wake(now time.Time) time.Time { return v.document.wake(now) }
