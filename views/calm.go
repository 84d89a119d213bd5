package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// calm is what home shows while nothing is broken: how many workloads there are, how full
// the nodes are, how many warnings come, and what changed last.
type calm struct {
	session *Session
	feeds   atlasFeeds
	history *kube.HistoryWatch // nil until nothing is broken
	changes []history.Change
	begun   time.Time
	walk    walk
}

func newCalm(s *Session) calm {
	c := calm{session: s, feeds: newAtlasFeeds(s)}
	c.feeds.only = []feedID{"nodes", "pods", "usage"}
	return c
}

// churn are the kinds that change because others do.
var churn = ofKinds(
	podKind, schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}, sliceKind, schema.GroupKind{Kind: "Endpoints"},
	leaseKind, schema.GroupKind{Kind: "Event"}, nodeUsageKind,
)

func ofKinds(all ...schema.GroupKind) map[schema.GroupKind]bool {
	out := map[schema.GroupKind]bool{}
	for _, gk := range all {
		out[gk] = true
	}
	return out
}

// follow watches what the page shows.
func (c *calm) follow() ui.Intent {
	if c.history == nil {
		c.begun = c.session.Now()
		c.history = c.session.Cluster.History().Watch(func(ref kinds.Ref) bool { return !churn[ref.GroupKind] })
	}
	return ui.All{ui.Watch{Source: c.history}, c.feeds.update(ui.Shown{})}
}

// update takes over what a source said.
func (c *calm) update(msg ui.Msg) ui.Intent {
	changed, ok := msg.(kube.Changed)
	switch {
	case c.history == nil:
		return nil
	case ok && changed.From == c.history:
		c.changes = c.changes[:0]
		for i := range changed.Changes {
			if changed.Changes[i].Rank != history.Status && len(c.changes) < calmChanges {
				c.changes = append(c.changes, changed.Changes[i])
			}
		}
		return nil
	}
	return c.feeds.update(msg)
}

// act carries out a key or a click on the page.
func (c *calm) act(msg ui.Msg) ui.Intent {
	intent := c.walk.update(msg)
	if to, ok := intent.(goTo); ok {
		return c.session.openRef(to.ref, "")
	}
	return intent
}

func (c *calm) draw(f ui.Frame, v *triage.Verdict) string {
	page := c.page(inside(f), v)[1:] // What is above ends with a blank line.
	if f.Still {
		f.Height = len(page)
	}
	return c.walk.draw(f, page)
}

// calmChanges is how many of the last changes are shown.
const calmChanges = 5

// page is the page in a width.
func (c *calm) page(f ui.Frame, v *triage.Verdict) []entry {
	out := section("what there is", []row{{cells: []ui.Span{{Text: totalsWords(v), Role: themes.Text}}}}, f.Width)
	w := &atlasWriter{feeds: &c.feeds, session: c.session, frame: f}
	out = append(out, section("capacity: █ used, ▒ requested, ░ free", w.capacities(), f.Width)...)
	out = append(out, section("warnings per minute, a repeated one once", []row{{id: "warnings", cells: warningCells(v),
		then: w.toTable(schema.GroupKind{Kind: "Event"}, "")}}, f.Width)...)
	out = append(out, section("last changes", c.changeRows(f.Now), f.Width)...)
	return append(out, section("next", []row{{cells: []ui.Span{
		{Text: ":changes · :atlas the cluster itself · :pods, :deploy, ... the objects", Role: themes.Muted}}}},
		f.Width)...)
}

// warningCells are how many warnings came in the last minutes, or why nobody knows.
func warningCells(v *triage.Verdict) []ui.Span {
	bars, n := sparkline(v.Warnings)
	at := slices.IndexFunc(v.Coverage, func(c triage.Coverage) bool { return c.Kind == kinds.Event.Resource })
	switch {
	case v.Warnings == nil && at >= 0:
		return []ui.Span{{Text: "not known: events " + short(v.Coverage[at].Missing), Role: themes.Degraded}}
	case n == 0:
		return []ui.Span{{Text: fmt.Sprintf("none in %d minutes", len(v.Warnings)), Role: themes.Muted}}
	}
	return []ui.Span{{Text: bars, Role: themes.Degraded},
		{Text: fmt.Sprintf("%d in %d minutes", n, len(v.Warnings)), Role: themes.Text}}
}

// capacities say how full all nodes together are.
func (w *atlasWriter) capacities() []row {
	entries, _ := w.feeds.entries("nodes")
	if len(entries) == 0 {
		return nil
	}
	all, requests, usage := w.measure(entries)
	total := sumLoads(all)
	line := func(name string, capacity, allocatable, requested, used int64, allocatableText string) row {
		var words []string
		if usage == "" {
			words = append(words, percentText(percent(used, allocatable))+" used")
		} else {
			used = 0
		}
		if requests == "" {
			words = append(words, percentText(percent(requested, allocatable))+" requested")
		} else {
			requested = 0
		}
		return row{id: "capacity " + name, then: w.toTable(nodeKind, ""), cells: []ui.Span{{Text: name, Role: themes.Text},
			{Text: bar(barWidth, capacity, allocatable, requested, used), Role: themes.OK},
			{Text: strings.Join(append(words, allocatableText), spaced), Role: themes.Text}}}
	}
	out := []row{
		line("cpu", total.capacity.cpu, total.allocatable.cpu, total.requested.cpu, total.used.cpu,
			coresText(total.allocatable.cpu)+" allocatable"),
		line("memory", total.capacity.memory, total.allocatable.memory, total.requested.memory, total.used.memory,
			sizeText(total.allocatable.memory)+" allocatable"),
	}
	if requests == "" {
		out = append(out, row{id: "capacity pods", then: w.toTable(podKind, ""), cells: []ui.Span{
			{Text: "pods", Role: themes.Text}, {Text: bar(barWidth, total.places, total.places, total.pods, total.pods),
				Role: themes.OK}, {Text: numberText(total.pods) + " of " + numberText(total.places), Role: themes.Text}}})
	} else {
		requests = "requests " + requests
	}
	for _, gap := range []string{requests, usage} {
		if gap != "" {
			out = append(out, row{cells: []ui.Span{{Text: gap, Role: themes.Muted}}})
		}
	}
	return out
}

// spaced stands between words of a line.
const spaced = " · "

// totalsWords counts what there is: "3 nodes, 40 of 41 pods well". Somebody with few rights sees none
// of it.
func totalsWords(v *triage.Verdict) string {
	var parts []string
	for _, t := range v.Totals {
		text := counted(t.All, t.Kind)
		if t.Well < t.All {
			text = fmt.Sprintf("%d of %d %s well", t.Well, t.All, t.Kind)
		}
		if t.Cordoned > 0 {
			text += fmt.Sprintf(", %d cordoned", t.Cordoned)
		}
		if t.All > 0 {
			parts = append(parts, text)
		}
	}
	if parts == nil {
		return "nothing that could be looked at"
	}
	return strings.Join(parts, spaced)
}

func (c *calm) changeRows(now time.Time) []row {
	if len(c.changes) == 0 {
		words := "none since fathom began to look, at " + c.begun.In(now.Location()).Format("15:04:05")
		return []row{{cells: []ui.Span{{Text: words, Role: themes.Muted}}}}
	}
	var out []row
	for i := range c.changes {
		change := &c.changes[i]
		by := byWords(change)
		if by != "" {
			by = "  by " + by
		}
		out = append(out, row{id: changeID(change), then: goTo{change.Object}, cells: []ui.Span{
			{Text: strings.TrimSpace(when(change, now)), Role: themes.Muted},
			{Text: shortRef(change.Object), Role: themes.Accent}, {Text: change.Text + by, Role: themes.Text}}})
	}
	return out
}

// sparkline draws numbers as bars, the largest the highest, and adds them up; it is empty
// where there is nothing to draw.
func sparkline(numbers []int) (bars string, sum int) {
	most := 0
	for _, n := range numbers {
		most = max(most, n)
		sum += n
	}
	if most == 0 {
		return "", 0
	}
	levels := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, n := range numbers {
		if n == 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune(levels[n*(len(levels)-1)/most])
	}
	return b.String(), sum
}
