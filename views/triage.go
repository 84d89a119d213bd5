package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "triage", help: "what is broken, worst first", also: []string{"problems", "home", "pulse", "pulses"},
		open: func(s *Session) rootView { return s.home() },
	})
}

// Triage is the screen that says what is broken.
func Triage(s *Session) ui.View { return newHome(s) }

// home is what is broken in the cluster: a row for each finding, worst first, the symptoms
// folded under it, and the finding under the cursor in full below.
type home struct {
	screen
	triage  *live.Triage
	verdict *triage.Verdict
	rows    findingRows
	table   ui.Table
	filter  string
	before  string // the filter before the prompt opened
	top     int    // lines above the table
	wake    time.Time
	calm    calm
	group   string // see findingRows
}

func newHome(s *Session) *home {
	v := &home{triage: s.triage(), verdict: &triage.Verdict{}, calm: newCalm(s)}
	v.rows.open = map[string]bool{}
	v.table.Sorted = -1
	v.screen = newScreen(s, v)
	v.refresh()
	return v
}

// refresh takes over the newest verdict.
func (v *home) refresh() {
	v.verdict = v.triage.Verdict()
	all := v.verdict.Findings
	if v.group != "" {
		all = byGroup(all, v.group)
	}
	v.rows.group = v.group
	v.rows.set(all, v.filter)
	v.table.Update(&v.rows)
	if v.session.begin(v.verdict.Namespace) {
		v.keepSpaces()
	}
}

// place implements page.
func (v *home) place() []string { return []string{namespaceName(v.verdict.Namespace), "triage"} }

// state implements page.
func (v *home) state() kube.State {
	switch {
	case v.verdict.At.IsZero():
		return kube.State{Phase: kube.Connecting}
	case !v.verdict.Complete:
		return kube.State{Phase: kube.Loading, Loaded: judged(v.verdict)}
	}
	return kube.State{}
}

func judged(v *triage.Verdict) int {
	n := 0
	for _, c := range v.Coverage {
		n += c.Judged
	}
	return n
}

// empty implements page.
func (v *home) empty() bool { return judged(v.verdict) == 0 }

const actGroup ui.Action = "group"

// keys implements page.
func (v *home) keys() []ui.Key {
	opens := "why"
	if r := v.current(); r != nil && unserved(r.object) {
		opens = "atlas"
	}
	keys := []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: opens, Group: "Triage", Footer: true},
		{Action: actFold, Keys: []string{"space"}, Help: "what follows from it", Group: "Triage", Footer: true},
		{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Triage", Footer: true},
		{Action: actGroup, Keys: []string{"b"}, Help: "group by ...", Group: "Triage"},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the line", Group: "Triage"},
		{Action: actCopyName, Keys: []string{"Y"}, Help: "copy the name", Group: "Triage"},
	}
	digits := v.session.digitKey()
	digits.Footer = false // The tabs of what is under the cursor need the room.
	keys = append(keys, append(podKeys(), digits)...)
	if v.filter != "" {
		clearing := ui.Key{Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Triage", Footer: true}
		keys = append([]ui.Key{clearing}, keys...)
	}
	if v.rows.Len() == 0 && v.quiet() {
		return append(append(walkKeys(), podKeys()...), digits)
	}
	if r := v.current(); r != nil {
		kind, _ := kinds.For(r.object.GroupKind)
		for _, k := range tabKeys(kind) {
			k.Footer = k.Footer && k.Action != tabWhy.action()
			keys = append(keys, k)
		}
	}
	if r := v.current(); r != nil {
		keys = append(keys, freeKeys(v.session.handKeysOf(r.object), keys)...)
	}
	return append(keys, moves(&v.table)...)
}

// update implements page.
func (v *home) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown, live.Judged:
		v.refresh()
		if v.quiet() {
			return v.calm.follow()
		}
	case ui.Do:
		return v.do(msg)
	case ui.Clicked:
		msg.Y -= v.top
		if v.rows.Len() == 0 {
			return v.calm.act(msg)
		}
		if v.table.Clicked(msg, &v.rows) && msg.Double {
			return v.open(tabWhy)
		}
	case ui.Wheel:
		if v.rows.Len() == 0 {
			return v.calm.act(msg)
		}
		v.table.Wheel(msg.Lines, &v.rows)
	case ui.Typed:
		v.setFilter(msg.Text)
	case ui.Entered:
		v.setFilter(msg.Text)
	case ui.Cancelled:
		v.setFilter(v.before)
	default:
		return v.calm.update(msg)
	}
	return nil
}

func (v *home) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actOpen:
		if v.rows.Len() == 0 {
			return v.calm.act(msg)
		}
		return v.open(tabWhy)
	case actFold:
		if r := v.current(); r != nil {
			v.rows.open[r.finding.ID] = !v.rows.open[r.finding.ID]
			v.refresh()
		}
	case actGroup:
		return v.chooseGroup()
	case actNamespace:
		return v.toNamespace(msg.Key)
	case actPrevious:
		intent := v.open(tabLogs)
		if open, ok := intent.(ui.Open); ok {
			if o, ok := open.View.(*object); ok {
				o.subject.previous = true
			}
		}
		return intent
	case actSortStarts, actSortCPU, actSortMemory:
		return v.podsBy(msg.Action)
	case actFilter:
		v.before = v.filter
		return ui.Prompt{Name: "filter", Label: "/", Text: v.filter}
	case actClearFilter:
		v.setFilter("")
	case actCopy:
		if r := v.current(); r != nil {
			return ui.Copy{Text: r.finding.Object.String() + "  " + r.finding.Reason, What: "the line"}
		}
	case actCopyName:
		if r := v.current(); r != nil {
			return ui.Copy{Text: r.object.Name, What: "name"}
		}
	default:
		if r := v.current(); r != nil && isHand(msg.Action) {
			return v.session.handRef(msg.Action, r.object)
		}
		if id, ok := tabOf(msg.Action); ok {
			return v.open(id)
		}
		if v.rows.Len() == 0 {
			return v.calm.act(msg)
		}
		v.table.Do(msg, &v.rows)
	}
	return nil
}

func (v *home) setFilter(text string) {
	v.filter = text
	v.refresh()
}

func (v *home) current() *findingRow {
	if i := v.table.Current(&v.rows); i >= 0 && i < v.rows.Len() {
		return &v.rows.shown[i]
	}
	return nil
}

// open opens the object under the cursor at a tab. What is not an object of the API opens
// where it can be looked at.
func (v *home) open(tab tabID) ui.Intent {
	r := v.current()
	switch {
	case r == nil:
		return nil
	case unserved(r.object):
		return ui.Open{View: newAtlas(v.session)}
	}
	return v.session.openRef(r.object, tab)
}

// previewLines is how many lines the finding under the cursor has below the table.
const previewLines = 5

// Draw implements ui.View.
func (v *home) Draw(f ui.Frame) string {
	v.wake = v.verdict.Wake
	v.table.SetColumns(v.columns(f.Width))
	head := v.head(f)
	out := make([]string, 0, f.Height)
	for _, line := range head {
		out = append(out, ui.PaintLine(f, line, f.Width, 0))
	}
	v.top = len(out)
	rest := f
	rest.Height -= len(out)
	switch {
	case rest.Height < 2 && !f.Still:
		return strings.Join(out[:min(len(out), f.Height)], "\n")
	case v.rows.Len() > 0:
		return strings.Join(append(out, v.drawRows(rest)...), "\n")
	case v.quiet():
		return strings.Join(append(out, v.calm.draw(rest, v.verdict)), "\n")
	case v.filter != "":
		for _, part := range findingHint(f.Width - 2) {
			out = append(out, ui.PaintLine(f, ui.Line{{Text: " " + part, Role: themes.Muted}}, f.Width, 0))
		}
	}
	return strings.Join(out, "\n")
}

// drawRows draws the table, and below it the finding under the cursor in full; or, while
// there are only notices, how the cluster is.
func (v *home) drawRows(f ui.Frame) []string {
	table := f
	table.Height = v.rows.Len() + 1
	if f.Still {
		return []string{v.table.Draw(table, &v.rows)}
	}
	var below []ui.Line
	switch {
	case v.quiet() && f.Height > 14:
		table.Height = min(table.Height, f.Height/2)
		for _, e := range v.calm.page(inside(f), v.verdict) {
			below = append(below, append(ui.Line{{Text: "  ", Role: themes.Text}}, e.line...))
		}
		below = below[:min(len(below), f.Height-table.Height)]
	case f.Height > 14:
		below = v.preview(f)
	}
	table.Height = min(table.Height, f.Height-len(below))
	out := []string{v.table.Draw(table, &v.rows)}
	if first, end := v.table.Window(&v.rows); end-first < v.rows.Len() && len(below) > 0 && !v.quiet() {
		below[0] = rule(fmt.Sprintf(" %d–%d of %d ", first+1, end, v.rows.Len()), f.Width)
	}
	for gap := f.Height - table.Height - len(below); gap > 0 && len(below) > 0 && !v.quiet(); gap-- {
		out = append(out, "")
	}
	for _, line := range below {
		out = append(out, ui.PaintLine(f, line, f.Width, 0))
	}
	return out
}

// quiet reports whether nothing is broken, as far as that can be known.
func (v *home) quiet() bool {
	return v.verdict.Complete && v.filter == "" && len(v.verdict.Findings) == v.verdict.Count(triage.Notice) &&
		v.session.MissingNamespace(v.verdict.Namespace) == ""
}

func (v *home) columns(width int) []ui.Column {
	v.rows.width = max(30, width*2/5)
	columns := []ui.Column{
		{Title: "OBJECT", Fixed: true, Max: v.rows.width}, {Title: "SINCE", Fixed: true}, {Title: "REASON"},
	}
	if v.group == "" {
		return columns
	}
	name := v.group[strings.LastIndexByte(v.group, '/')+1:]
	return append([]ui.Column{{Title: strings.ToUpper(name), Fixed: true, Max: 16}}, columns...)
}

// chooseGroup asks what to group by.
func (v *home) chooseGroup() ui.Intent {
	choices := []ui.Choice{{Name: "namespace", Then: setGroup{v, groupNamespace}}}
	for _, label := range groupLabels(v.verdict.Findings) {
		choices = append(choices, ui.Choice{Name: label, Detail: "label", Then: setGroup{v, label}})
	}
	if v.group != "" {
		choices = append([]ui.Choice{{Name: "do not group", Detail: "worst first", Then: setGroup{v, ""}}}, choices...)
	}
	return ui.Choose{Title: "group by", Choices: choices}
}

// setGroup groups the findings by a label.
type setGroup struct {
	home  *home
	label string
}

// Execute implements ui.Command.
func (g setGroup) Execute() {
	g.home.group = g.label
	g.home.refresh()
}

// head is how many findings of each severity there are, and what was not judged.
func (v *home) head(f ui.Frame) []ui.Line {
	if v.verdict.At.IsZero() {
		return []ui.Line{{{Text: " looking ...", Role: themes.Muted}}, nil}
	}
	line := ui.Line{{Text: " ", Role: themes.Text}}
	for _, s := range severities {
		if n := v.verdict.Count(s); n > 0 {
			line = append(line, ui.Span{Text: fmt.Sprintf("%s %s", severityMark(s), severityCount(n, s)), Role: severityRole(s)},
				ui.Span{Text: "  ", Role: themes.Text})
		}
	}
	if len(v.verdict.Findings) == v.verdict.Count(triage.Notice) && v.verdict.Complete {
		line = append(line, v.calmWords(f.Now))
	}
	if v.filter != "" {
		line = append(line, ui.Span{Text: fmt.Sprintf("  /%s: %d of %d", v.filter, v.rows.found, len(v.verdict.Findings)),
			Role: themes.Accent})
	}
	totals := totalsText(v.verdict)
	if gap := f.Width - line.Width() - ui.Width(totals) - 1; gap > 1 && totals != "" {
		line = append(line, ui.Span{Text: strings.Repeat(" ", gap), Role: themes.Text},
			ui.Span{Text: totals, Role: themes.Muted})
	}
	out := []ui.Line{line.Truncate(f.Width - 1)}
	if gaps := coverageText(v.verdict); gaps != "" {
		for _, part := range wrap(gaps, f.Width-2) {
			out = append(out, ui.Line{{Text: " " + part, Role: themes.Degraded}})
		}
	}
	return append(out, v.wayOut(f.Width)...)
}

// severityCount is "3 failing", "2 notices".
func severityCount(n int, s triage.Severity) string {
	if s == triage.Notice && n > 1 {
		return fmt.Sprintf("%d notices", n)
	}
	return fmt.Sprintf("%d %s", n, s)
}

// calmWords say that nothing is broken, as far as that is known.
func (v *home) calmWords(now time.Time) ui.Span {
	missing := v.session.MissingNamespace(v.verdict.Namespace)
	switch {
	case missing != "":
		return ui.Span{Text: missing + "; 0 looks at all", Role: themes.Failing}
	case !v.verdict.Looked():
		return ui.Span{Text: v.verdict.Calm(), Role: themes.Failing}
	case coverageText(v.verdict) != "":
		return ui.Span{Text: v.verdict.Calm(), Role: themes.Text}
	}
	return ui.Span{Text: v.verdict.Calm() + v.quietSince(now), Role: themes.OK}
}

func (v *home) quietSince(now time.Time) string {
	if v.verdict.Quiet.IsZero() {
		return ""
	}
	next := kinds.NextCoarseAge(v.verdict.Quiet, now)
	if v.wake.IsZero() || next.Before(v.wake) {
		v.wake = next
	}
	return " since " + timeOfDay(v.verdict.Quiet, now) + ", " + kinds.CoarseAge(now.Sub(v.verdict.Quiet))
}

// Wake implements ui.View.
func (v *home) Wake(time.Time) time.Time {
	if table := v.table.Wake(); !table.IsZero() && (v.wake.IsZero() || table.Before(v.wake)) {
		return table
	}
	return v.wake
}

// triage is the triage of the session's cluster.
func (s *Session) triage() *live.Triage {
	if s.Triage == nil {
		s.Triage = s.NewTriage("", s.Namespace)
	}
	return s.Triage
}

// failing is what the header says of what is broken; "" while nothing is known to be. It
// names the namespace that was judged alone, unless that is the one that is shown.
func (s *Session) failing(shown string) ui.Span {
	if s.Triage == nil {
		return ui.Span{}
	}
	n, more := s.Triage.Failing()
	if n == 0 {
		return ui.Span{}
	}
	text := fmt.Sprintf("%d failing", n)
	if more {
		text = fmt.Sprintf("%d+ failing", n)
	}
	if judged := s.Triage.Verdict().Namespace; judged != "" && judged != shown {
		text += " in " + judged
	}
	return ui.Span{Text: text, Role: themes.Failing}
}

// coverageText names what was not judged, and why.
func coverageText(v *triage.Verdict) string {
	by := map[string][]string{}
	for _, c := range v.Coverage {
		if c.Missing != "" && (v.Complete || c.Missing == triage.Forbidden) {
			by[c.Missing] = append(by[c.Missing], c.Kind)
		}
	}
	var parts []string
	if v.Narrowed {
		by[triage.Forbidden] = append(by[triage.Forbidden], "")
	}
	for why, list := range by {
		slices.Sort(list)
		if list[0] == "" {
			list[0] = "other namespaces"
		}
		if more := len(list) - namedKinds; more > 1 {
			list = append(list[:namedKinds:namedKinds], fmt.Sprintf("and %d more kinds", more))
		}
		parts = append(parts, strings.Join(list, ", ")+" ("+short(why)+")")
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return ""
	}
	return "not judged: " + strings.Join(parts, "; ")
}

// namedKinds is how many kinds that were not judged are named; the report has all.
const namedKinds = 5
