package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const tabWhy tabID = "why"

func init() {
	registerTab(tabSpec{
		order: 15, id: tabWhy, key: "w", footer: true, api: true,
		open: func(s *subject) tab { return newWhy(s) },
	})
}

// why says why the subject is as it is: the way from a symptom to its cause with the
// evidence, what else the cause takes down or degrades, and what to look at next; or, where nothing is
// wrong, what the subject needs, and that it is there.
type why struct {
	subject *subject
	triage  *live.Triage
	watch   *live.Watch
	near    *nearby
	scaled  *scaledDown // nil for none
	log     *lastLog
	walk    walk
	wake    time.Time
}

func newWhy(s *subject) *why {
	t := s.session.triageFor(s.namespace)
	return &why{subject: s, triage: t, watch: t.Watch()}
}

// ShowWhy lets the view of an object begin with why it is as it is.
func ShowWhy(view ui.View) error { return beginWith(view, tabWhy) }

// Failing reports whether the object that a view shows is failing, by itself or as what follows
// from something that is.
func Failing(view ui.View, verdict *triage.Verdict) bool {
	v, ok := view.(*object)
	if !ok {
		return false
	}
	f, _ := findingOf(verdict, v.subject.ref())
	return f != nil && f.Severity == triage.Failing
}

// awaited implements awaiting.
func (v *why) awaited() bool {
	return !v.triage.Verdict().Complete || v.log.awaited() || v.near != nil && v.near.linked.awaited()
}

// Keys implements tab.
func (v *why) Keys() []ui.Key {
	return append(walkKeys(), ui.Key{Action: actCopy, Keys: []string{"c"}, Help: "copy the name", Group: "Object"})
}

// Update implements tab.
func (v *why) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		v.renewTriage()
		all := ui.All{ui.Watch{Source: v.watch}}
		if v.near != nil {
			all = append(append(all, v.near.linked.watches()...), v.scaled.watches()...)
		}
		return append(all, v.follow()...)
	case live.Judged:
		if left := v.watch; v.renewTriage() {
			return append(ui.All{ui.Unwatch{Source: left}, ui.Watch{Source: v.watch}}, v.follow()...)
		}
		return v.follow()
	case subjectChanged:
		if v.near != nil && v.near.linked.refresh() {
			return append(v.near.follow(), v.followScaled()...)
		}
	case kube.ListingChanged:
		if v.near != nil && v.near.linked.update(msg) {
			return append(v.near.follow(), v.followScaled()...)
		}
	case kube.HealthChanged: // Discovery may have found more.
		if v.near != nil {
			return v.near.follow()
		}
	case kube.Changed, kube.Rebuilt, effects.Done:
		v.scaled.keep(msg)
	case kube.LogLines:
		v.log.take(msg)
	case ui.Ended:
		v.log.end(msg)
	case ui.Do:
		if msg.Action == actCopy {
			return ui.Copy{Text: v.subject.name, What: "name"}
		}
		return v.walk.update(msg)
	default:
		return v.walk.update(msg)
	}
	return nil
}

// renewTriage goes to the triage of the subject's namespace, and reports whether that is another now:
// the session's may have turned out to look at one namespace only, or has moved on.
func (v *why) renewTriage() bool {
	t := v.subject.session.triageFor(v.subject.namespace)
	if t == v.triage {
		return false
	}
	v.triage, v.watch = t, t.Watch()
	return true
}

// finding is what is wrong with the subject, as findingOf says.
func (v *why) finding() (f *triage.Finding, symptom *triage.Symptom) {
	return findingOf(v.triage.Verdict(), v.subject.ref())
}

// follow asks for what the page needs beside the verdict: the log of a crash, or the
// subject's surroundings where nothing is wrong.
func (v *why) follow() ui.All {
	f, _ := v.finding()
	if f != nil {
		v.triage.Explain(f.ID)
		return v.followLog(f)
	}
	if v.near == nil && v.triage.Verdict().Complete && v.subject.record != nil {
		v.near = newNearby(v.subject, nil)
		return append(v.near.follow(), v.followScaled()...)
	}
	return nil
}

// Draw implements tab.
func (v *why) Draw(f ui.Frame) string {
	v.wake = time.Time{}
	return v.walk.draw(f, v.page(inside(f)))
}

// Wake implements tab.
func (v *why) Wake(time.Time) time.Time { return v.wake }

func (v *why) page(f ui.Frame) []entry {
	verdict := v.triage.Verdict()
	found, symptom := v.finding()
	switch {
	case found != nil:
		return v.broken(f, found, symptom)
	case verdict.At.IsZero() || !verdict.Complete:
		return []entry{{line: ui.Line{{Text: fmt.Sprintf("looking at the cluster: %d objects judged ...", judged(verdict)),
			Role: themes.Muted}}}}
	}
	return v.well(f)
}

// well is the page of an object that nothing is known against.
func (v *why) well(f ui.Frame) []entry {
	title := ui.Line{{Text: v.subject.ref().String(), Role: themes.Heading}}
	r := v.subject.record
	if r == nil {
		return []entry{{line: append(title, behind(2, "is not known", themes.Muted)...)}}
	}
	words, role := "nothing is known to be wrong", themes.OK
	if v.scaled != nil {
		words, role = "scaled to 0", themes.Waiting
	}
	if r.Status.Level >= kinds.Waiting {
		words, role = r.Status.Reason, themes.Waiting
	}
	out := []entry{{line: append(title, behind(2, words, role)...)}}
	if r.Status.Level == kinds.OK && r.Status.Reason != "" { // A budget may be meant to let no node drain.
		for _, part := range wrap(r.Status.Reason, f.Width-4) {
			out = append(out, entry{line: behind(2, part, themes.Text)})
		}
	}
	if !r.Deleting.IsZero() {
		out = v.ending(title, f)
	} else if v.scaled != nil {
		out = append(out, v.scaled.lines(v, f.Width, f.Now)...)
	}
	if gaps := coverageText(v.triage.Verdict()); gaps != "" {
		for _, part := range wrap(gaps, f.Width-3) {
			out = append(out, entry{line: ui.Line{{Text: part, Role: themes.Degraded}}})
		}
	}
	if v.near != nil {
		out = append(out, v.near.sections(f.Width)...)
	}
	return out
}

// ending says since when an object is being deleted, and what holds it, which may be longer than a
// line.
func (v *why) ending(title ui.Line, f ui.Frame) []entry {
	r := v.subject.record
	since := r.Deleting
	if r.Status.Since.Before(since) && !r.Status.Since.IsZero() {
		since = r.Status.Since // The deletion of a pod says when its grace is over.
	}
	v.age(since, f.Now)
	words := behind(2, "waiting "+sinceText(&triage.Finding{Since: since}, f.Now), themes.Waiting)
	out := []entry{{line: append(title, words...)}}
	if out[0].line.Width() >= f.Width {
		out = []entry{{line: title.Truncate(f.Width - 1)}, {line: words}}
	}
	for _, part := range wrap(r.Status.Reason, f.Width-4) {
		out = append(out, entry{line: behind(2, part, themes.Waiting)})
	}
	return out
}

// broken is the page of an object that is in trouble, or whose trouble follows from
// something else.
func (v *why) broken(f ui.Frame, found *triage.Finding, symptom *triage.Symptom) []entry {
	v.age(found.Since, f.Now)
	role := severityRole(found.Severity)
	state := found.Severity.String() + " " + sinceText(found, f.Now)
	if found.Settling {
		state += ", may still settle"
	}
	if found.Flapping {
		state += ", comes and goes"
	}
	var out []entry
	if symptom != nil {
		out = append(out,
			entry{line: ui.Line{{Text: symptom.Object.String(), Role: themes.Heading}}},
			entry{line: behind(2, symptom.Reason, themes.Text).Truncate(f.Width - 1)},
			entry{line: behind(2, symptom.Why+" "+shortRef(symptom.Under)+"; the cause is", themes.Muted).Truncate(f.Width - 1)},
			entry{})
	}
	title := entry{line: ui.Line{{Text: shortRef(found.Object), Role: themes.Heading}}, id: "cause"}
	if symptom != nil {
		title.then = goTo{found.Object}
	}
	if words := behind(2, state, role); title.line.Width()+words.Width() < f.Width {
		title.line = append(title.line, words...)
		out = append(out, title)
	} else {
		title.line = title.line.Truncate(f.Width - 1)
		out = append(out, title, entry{line: words})
	}
	for _, part := range wrap(found.ReasonAt(f.Now), f.Width-4) {
		out = append(out, entry{line: behind(2, part, role)})
	}
	changed := section("what changed before", v.changeRows(found, f.Now), f.Width)
	room := f.Height - len(out) - min(len(changed), changedAhead)
	chain, whole := chainSection(chainRows(found, symptom), f.Width, room)
	out = append(out, chain...)
	out = append(out, changed...)
	out = append(out, v.logSection(f.Width)...)
	out = append(out, section("evidence", evidenceRows(found, whole), f.Width)...)
	for _, e := range triage.Effects {
		out = append(out, section(e.String(), affectsRows(found, e), f.Width)...)
	}
	out = append(out, section(fmt.Sprintf("follows from it %d", len(found.Folded)), foldedRows(found), f.Width)...)
	out = append(out, section("likely linked", linkRows(found), f.Width)...)
	if f.Still { // There are no keys on paper.
		return out
	}
	return append(out, section("next", nextRows(found), f.Width)...)
}

func (v *why) age(since, now time.Time) {
	if !since.IsZero() {
		v.wake = kinds.NextCoarseAge(since, now)
	}
}

// nearRef is an object beside a finding: without the namespace, where it is the same.
func nearRef(ref kinds.Ref, f *triage.Finding) string {
	if ref.Namespace == f.Object.Namespace {
		ref.Namespace = ""
	}
	return shortRef(ref)
}

// changedAhead is how many lines of what changed before, with their heading, are on the first
// screen, however long the way to the cause is.
const changedAhead = 5

// chainSection is the way to the cause, in so much room that what changed before it is still on the
// first screen: a step on one line each, and as many of the last as fit, since the evidence has the
// rest. It reports whether it is whole.
func chainSection(rows []row, width, room int) (out []entry, whole bool) {
	const title = "how it comes to that"
	all := section(title, rows, width)
	if len(all) <= room || len(rows) == 0 {
		return all, true
	}
	left := rows[max(0, len(rows)-max(room-2, chainLeast)):]
	out = all[:2:2]
	for n, r := range left {
		line := ui.Line{r.cells[0]}
		for i, s := range r.cells[1:] {
			if again := i == 0 && n > 0 && s.Text == left[n-1].cells[1].Text; !again {
				line = append(line, ui.Span{Text: "  ", Role: themes.Text}, s)
			}
		}
		out = append(out, entry{line: line.Truncate(width - 1), id: title + r.id, then: r.then})
	}
	return out, false
}

// chainLeast is how many steps of the way to the cause are shown in any room.
const chainLeast = 3

func chainRows(f *triage.Finding, symptom *triage.Symptom) []row {
	chain := f.Chain
	if symptom != nil {
		chain = f.ChainTo(*symptom)
	}
	var out []row
	for i, s := range chain {
		// Equal pods say the same.
		same := func(o triage.Step) bool {
			return o.Word == s.Word && o.Text == s.Text && o.Object.Kind == s.Object.Kind
		}
		if slices.IndexFunc(chain, same) < i {
			continue
		}
		role := themes.Text
		if s.Word == "log" {
			role = themes.Accent
		}
		out = append(out, row{id: fmt.Sprint("chain", i), then: goTo{s.Object}, cells: []ui.Span{
			{Text: s.Word, Role: themes.Muted}, {Text: nearRef(s.Object, f), Role: themes.Accent}, {Text: s.Text, Role: role}}})
	}
	return out
}

// evidenceRows are the evidence, but what the way to the cause says if that is whole.
func evidenceRows(f *triage.Finding, whole bool) []row {
	var out []row
	for i, e := range f.Evidence {
		same := func(o triage.Evidence) bool { return o.Field == e.Field && o.Text == e.Text }
		said := func(o triage.Step) bool {
			return o.Object.Kind == e.Object.Kind && o.Field == e.Field && strings.HasSuffix(o.Text, e.Text)
		}
		if slices.IndexFunc(f.Evidence, same) < i || whole && slices.ContainsFunc(f.Chain, said) {
			continue
		}
		out = append(out, row{id: fmt.Sprint("evidence", i), then: goTo{e.Object}, cells: []ui.Span{
			{Text: e.Field, Role: themes.Muted}, {Text: e.Text, Role: themes.Text}}})
	}
	return out
}

func affectsRows(f *triage.Finding, e triage.Effect) []row {
	var out []row
	for _, a := range f.With(e) {
		out = append(out, row{id: "affects " + a.Object.String(), then: goTo{a.Object}, cells: []ui.Span{
			{Text: nearRef(a.Object, f), Role: themes.Accent}, {Text: a.Reason, Role: themes.Text}}})
	}
	return out
}

// foldedShown is how many symptoms the page shows.
const foldedShown = 20

func foldedRows(f *triage.Finding) []row {
	var out []row
	for _, s := range f.Folded[:min(len(f.Folded), foldedShown)] {
		out = append(out, row{id: "folded " + s.Object.String(), then: goTo{s.Object}, cells: []ui.Span{
			{Text: nearRef(s.Object, f), Role: themes.Accent}, {Text: s.Reason, Role: themes.Text}}})
	}
	if more := len(f.Folded) - foldedShown; more > 0 {
		out = append(out, row{cells: []ui.Span{{Text: fmt.Sprintf("and %d more", more), Role: themes.Muted}}})
	}
	return out
}

func linkRows(f *triage.Finding) []row {
	var out []row
	for _, l := range f.Links {
		out = append(out, row{id: "link " + l.To.String(), then: goTo{l.To}, cells: []ui.Span{
			{Text: nearRef(l.To, f), Role: themes.Accent}, {Text: l.Why, Role: themes.Text}}})
	}
	return out
}

// nextRows say which keys lead on.
func nextRows(f *triage.Finding) []row {
	words := "d describe · y YAML · E events · t tree"
	switch pod, _, previous := toldContainer(f); {
	case pod.Name != "" && !previous: // It has had one run, has ended for good, or does not end.
		words = "l logs · " + words
	case crashes(f):
		words = "l logs · p logs of the run before · " + words
	}
	return []row{{cells: []ui.Span{{Text: words, Role: themes.Muted}}}}
}

// crashes reports whether a log may tell more about a finding.
func crashes(f *triage.Finding) bool {
	return strings.Contains(f.Rule, "crash") || strings.Contains(f.Rule, "probe") || strings.Contains(f.Rule, "ready")
}

// changeRows are the changes before the onset, or that there are none.
func (v *why) changeRows(f *triage.Finding, now time.Time) []row {
	var out []row
	if len(f.Changes) == 0 {
		words := "no change near it was seen in the 15 minutes before"
		switch {
		case f.Since.IsZero():
			words = "since when it lasts is not known, so nothing can be linked to it"
		case !f.Looked:
			words = "looking for what changed near it ..."
		}
		return []row{{cells: []ui.Span{{Text: words, Role: themes.Muted}}}}
	}
	for i, c := range f.Changes {
		before := ""
		if gap := f.Since.Sub(c.At); gap >= time.Second {
			before = ", " + kinds.CoarseAge(gap) + " before"
			if gap < time.Minute { // An age of ten seconds' steps would say 0s.
				before = ", " + gap.Truncate(time.Second).String() + " before"
			}
		}
		out = append(out, row{id: fmt.Sprint("change", i), then: goTo{c.Object}, cells: []ui.Span{
			{Text: c.At.In(now.Location()).Format("15:04:05"), Role: themes.Muted},
			{Text: nearRef(c.Object, f), Role: themes.Accent},
			{Text: strings.TrimSpace(c.Text+" "+c.Who) + before, Role: themes.Text}}})
	}
	return out
}
