package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Judge says what is wrong at a time. What it returns is shared with later verdicts: nobody may
// change it.
func (s *State) Judge(now time.Time) *Verdict {
	v := &Verdict{At: now, Coverage: s.covered(), Totals: s.totals(), Complete: s.watching}
	s.refresh()
	s.hear(now)
	s.elapse(now)
	if s.stands() {
		s.again(v)
		s.countWarnings(v)
		return v
	}
	s.round++
	c := &court{state: s, now: now, verdict: v, keptAsked: map[kinds.Ref]asked{},
		opened: map[string][]*sighting{}, parted: map[string]bool{}}
	c.gather()
	c.choose()
	c.blame()
	stands := c.fold()
	c.close()
	if !stands {
		s.all = true
		return s.Judge(now)
	}
	c.publish()
	s.countWarnings(v)
	s.last, s.all = v, false
	clear(s.due)
	if c.unplaced {
		s.due[""] = true
		s.wake = now.Add(1)
		v.Wake = s.wake
	}
	return v
}

// court is the making of one verdict.
type court struct {
	state   *State
	now     time.Time
	opened  map[string][]*sighting // the namespaces that are judged again, with what was wrong there
	parted  map[string]bool        // those that they reached before
	order   []*row                 // their rows
	docket  *docket                // of the namespace that is gathered
	verdict *Verdict
	// troubled are the kinds of which something is wrong with some.
	troubled map[schema.GroupKind]bool
	whole    []*kinds.Record // that would tell what is free on nodes
	// unplaced is set where the next verdict will tell more of pods without a node.
	unplaced bool
	// keptAsked is what the pods ask for that were counted.
	keptAsked map[kinds.Ref]asked
}

// row is what is wrong with one object, or with a workload and its pods.
type row struct {
	object   kinds.Ref
	problems []problem
	chosen   []*problem // those that count, of which the first gives the reason
	under    *row
	why      string
	made     bool // for a cause that has no problem of its own
	finding  *Finding
	node     string // the one that all its pods in trouble are on; "" for none
	beside   beside
	log      *LogWanted      // that would say why it crashes
	whole    []*kinds.Record // that would tell how its template differs from the one before
}

// consider adds a problem if it counts now. e is the entry that has it, if one does.
func (c *court) consider(p problem, e *entry) {
	object := p.object
	if p.owned {
		object = c.state.topOf(e, object)
	}
	c.state.sooner(&p, c.state.entry(object))
	c.docket.wakes(c.state.explain(&p, c.now), c.now)
	seen := c.sight(sightKey{p.object, p.rule, p.part}, c.docket)
	if p.refers && !seen.first.IsZero() {
		p.since = time.Time{}
	}
	counts, wake := p.counts(c.now, seen.begin)
	c.docket.wakes(wake, c.now)
	switch {
	case counts:
	case p.delay > 0 && !c.now.Before(p.from) && len(p.because) > 0:
		// What follows from something that is in trouble need not wait.
		p.follows = true
	default:
		return
	}
	if until := c.awaits(&p); !until.IsZero() {
		p.severity, p.follows = min(p.severity, Waiting), true
		c.docket.wakes(until, c.now)
	}
	if p.refers && c.now.Sub(p.since) > recently {
		p.since = time.Time{}
	} else if p.refers {
		c.docket.wakes(p.since.Add(recently+1), c.now)
	}
	if p.since.IsZero() && !seen.first.IsZero() {
		p.since, p.atLeast = seen.first, false
	}
	if w, ok := workloadOf(c.state.entry(object)); ok && p.spare > 0 && w.ready >= w.want && !w.stuck {
		if end := p.from.Add(p.spare); c.now.Before(end) {
			c.docket.wakes(end, c.now)
			return
		}
	}
	c.reaches(&p, object.Namespace)
	r := c.state.rows[object]
	if r == nil {
		r = &row{object: object}
		c.state.rows[object] = r
		c.order = append(c.order, r)
	}
	r.problems = append(r.problems, p)
}

// choose picks the problems that speak for each row: the heaviest, and of these, those
// that do not follow from something else first, and those of the newest template: they say whether a
// change has mended it.
func (c *court) choose() {
	for _, r := range c.order {
		for i := range r.problems {
			r.chosen = append(r.chosen, &r.problems[i])
		}
		current := c.state.rollsOut(r.object)
		slices.SortStableFunc(r.chosen, func(a, b *problem) int {
			return cmp.Or(boolOrder(a.follows, b.follows), -cmp.Compare(light(a), light(b)),
				boolOrder(c.excused(a), c.excused(b)), boolOrder(current.outranked(a), current.outranked(b)),
				-cmp.Compare(a.severity, b.severity), -cmp.Compare(a.weight, b.weight), earlier(a.since, b.since))
		})
	}
}

// light tells counts, which are the sum of what is wrong with single pods, from the rest.
func light(p *problem) int {
	if p.weight <= weightCount+1 {
		return 0
	}
	return 1
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// earlier puts the earlier time first, and an unknown one last.
func earlier(a, b time.Time) int {
	if a.IsZero() || b.IsZero() {
		return boolOrder(a.IsZero(), b.IsZero())
	}
	return a.Compare(b)
}

// excused reports whether a problem follows from another object's.
func (c *court) excused(p *problem) bool {
	above, _ := c.causeOf(p, nil)
	return above != nil
}

// causeOf is the row of the first cause of a problem that is in trouble itself.
func (c *court) causeOf(p *problem, self *row) (*row, string) {
	for _, by := range p.because {
		ref := by.Ref
		if ref.Kind == webhookName && ref.Group == "" {
			ref = c.state.hookNamed(ref.Name)
		}
		r := c.state.rows[ref]
		if r == nil {
			r = c.state.rows[c.state.workloadOf(ref)]
		}
		if r == nil || r == self || !blames(r, p) {
			continue
		}
		return r, by.why
	}
	return nil, ""
}

// blames reports whether what is wrong with a row can be the cause of a problem.
func blames(r *row, p *problem) bool {
	if r.object.GroupKind != nodeKind {
		return true
	}
	for i := range r.problems {
		switch r.problems[i].rule {
		case ruleNode:
			return true
		case rulePressure:
			if p.rule == ruleFailed || p.rule == ruleUnscheduled {
				return true
			}
		case ruleCordoned:
			if p.rule == ruleUnscheduled {
				return true
			}
		}
	}
	return false
}

// blame finds what each row follows from. A quota or a webhook that refuses pods is in
// trouble by that alone.
func (c *court) blame() {
	for _, r := range slices.Clone(c.order) {
		p := r.chosen[0]
		switch p.rule {
		case ruleCreate:
			c.refusal(p)
		case ruleCrash, ruleLiveness, ruleInit:
			c.need(r, p)
		}
		if p.demand != "" && c.state.rows[p.because[0].Ref] == nil {
			c.add(problem{rule: p.rule, part: p.part, severity: p.severity, weight: p.weight,
				object: p.because[0].Ref, reason: p.demand, since: p.since, atLeast: p.atLeast, evidence: p.evidence})
		}
	}
	for c.withdraw() {
	}
	for _, r := range c.order {
		r.under, r.why = c.causeOf(r.chosen[0], r)
	}
}

// withdraw removes rows that count only because of something that is not in trouble, and
// reports whether there were any: others may have counted only because of them.
func (c *court) withdraw() bool {
	before := len(c.order)
	c.order = slices.DeleteFunc(c.order, func(r *row) bool {
		above, _ := c.causeOf(r.chosen[0], r)
		if above != nil || !r.chosen[0].follows {
			return false
		}
		delete(c.state.rows, r.object)
		return true
	})
	return len(c.order) < before
}

// refusal makes a row of what refuses the pods of a workload.
func (c *court) refusal(p *problem) {
	for _, by := range p.because {
		ref := by.Ref
		if ref.Kind == webhookName && ref.Group == "" {
			ref = c.state.hookNamed(ref.Name)
		}
		refused := ref.GroupKind == quotaKind || ref.GroupKind == validatingKind || ref.GroupKind == mutatingKind
		if !refused || ref.Name == "" || c.state.entry(ref) == nil || strings.Contains(p.reason, "denied the request") {
			continue
		}
		c.state.counted(ref, p)
		if known := c.state.rows[ref]; known != nil {
			known.refuses(p)
			continue
		}
		c.add(problem{rule: ruleCreate, severity: p.severity, weight: weightCreate, object: ref, reason: p.reason,
			since: p.since, evidence: p.evidence})
	}
}

// refuses notes in the row of what refuses pods that it did: since when, at the latest, and
// for a quota what was asked for, which says more than that it is used up.
func (r *row) refuses(p *problem) {
	own := *r.chosen[0]
	switch {
	case r.object.GroupKind == quotaKind && own.rule != ruleCreate:
		own.since, own.atLeast = p.since, p.atLeast
	case own.since.IsZero() || own.atLeast && earlier(p.since, own.since) < 0:
		own.since, own.atLeast = p.since, true
	case own.rule == ruleCreate && earlier(p.since, own.since) < 0:
		own.since, own.atLeast = p.since, p.atLeast
	}
	if r.object.GroupKind == quotaKind && own.rule != ruleCreate {
		own.rule, own.reason, own.evidence = ruleCreate, p.reason, append(slices.Clip(own.evidence), p.evidence...)
	}
	own.severity = max(own.severity, p.severity)
	r.chosen[0] = &own
}

// root is what a row follows from in the end.
func (r *row) root() *row {
	top := r
	for range rowsDeep {
		if top.under == nil {
			return top
		}
		top = top.under
	}
	// Rows may go round.
	seen := map[*row]bool{}
	for r.under != nil && !seen[r] {
		seen[r] = true
		r = r.under
	}
	return r
}

// rowsDeep is how deep rows usually lie at most.
const rowsDeep = 8

// fold makes a finding of each root, and symptoms of the rest. It reports false where a row that
// stands follows from one that is not there any more.
func (c *court) fold() bool {
	for _, r := range c.order {
		if r.root() == r && r.under != nil {
			r.under = nil // Rows that go round have no root: this one is.
		}
	}
	for _, r := range c.order {
		r.finding = c.finding(r)
	}
	for _, r := range c.order {
		r.foldInto(r.root().finding)
	}
	return c.rejoin()
}

// foldInto adds what a row is about to the finding of its root.
func (r *row) foldInto(root *Finding) {
	if r.under != nil {
		root.Folded = append(root.Folded, Symptom{Object: r.object, Reason: r.finding.Reason, Why: r.why,
			Under: r.under.object})
		root.Severity = max(root.Severity, r.finding.Severity)
	}
	root.Folded = append(root.Folded, r.pods()...)
}

// belongsTo is why what is wrong with an object is that of its owner.
const belongsTo = "belongs to"

// pods are the objects whose problems a row consists of.
func (r *row) pods() []Symptom {
	var out []Symptom
	for _, p := range r.chosen {
		if p.object == r.object || slices.ContainsFunc(out, func(s Symptom) bool { return s.Object == p.object }) {
			continue
		}
		out = append(out, Symptom{Object: p.object, Reason: p.reason, Why: belongsTo, Under: r.object})
	}
	return out
}

// finding puts the problems of a row into words.
func (c *court) finding(r *row) *Finding {
	p := r.chosen[0]
	f := &Finding{Object: r.object, Rule: p.rule, Severity: p.severity, Reason: c.failure(r, p), Since: p.since,
		AtLeast: p.atLeast, Until: p.until, Evidence: slices.Clip(p.evidence), ID: r.object.String() + ": " + p.rule}
	current := c.state.rollsOut(r.object)
	f.Evidence = append(f.Evidence, r.overdue()...)
	for _, other := range r.chosen[1:] {
		if f.AtLeast && other.rule == ruleFewer && earlier(other.since, f.Since) < 0 {
			f.Since = other.since // It has not had enough pods since.
		}
		if light(other) < light(p) || c.excused(other) != c.excused(p) {
			continue
		}
		if (other.rule == p.rule || current.left(other)) && earlier(other.since, f.Since) < 0 {
			f.Since, f.AtLeast = other.since, other.atLeast
		}
		if other.object != p.object || other.rule != p.rule || other.part != p.part {
			f.Evidence = append(f.Evidence, other.evidence...)
		}
	}
	f.Reason += r.also()
	f.Evidence = slices.Clip(f.Evidence[:min(len(f.Evidence), evidenceMax)])
	e := c.state.entry(r.object)
	for i, of := range []*entry{e, c.state.entry(kinds.Ref{GroupKind: namespaceKind, Name: r.object.Namespace})} {
		if of != nil {
			f.Labels[i] = of.record.Labels
		}
	}
	ends := p.rule == ruleTerminating && p.object == r.object // Whoever deleted it wants no pods of it.
	if w, ok := workloadOf(e); ok && w.want > 0 && p.severity > Notice && !ends {
		if p.object != r.object || p.rule == ruleCreate {
			f.Reason = current.count(w, p) + p.reason
		}
	}
	f.Severity = c.severity(r)
	c.onset(f, r)
	if until := c.starting(r); !until.IsZero() {
		f.Severity, f.Settling = Waiting, true
		c.state.docketOf(f.Object.Namespace).wakes(until, c.now)
	}
	f.Latest = later(r.latest(f.Since), current.began(f, p))
	r.log = r.wantedLog()
	return f
}

// evidenceMax bounds the evidence of a finding: of hundreds of equal pods a few tell all.
const evidenceMax = 12

func workloadOf(e *entry) (*workloadFacts, bool) {
	if e == nil {
		return nil, false
	}
	w, ok := e.facts.(*workloadFacts)
	return w, ok
}

// publish ranks the findings.
func (c *court) publish() {
	c.troubled = map[schema.GroupKind]bool{}
	for kind, n := range c.state.ailing {
		c.troubled[kind] = n > 0
	}
	for ref := range c.state.rows {
		c.troubled[ref.GroupKind] = true
	}
	for _, r := range c.order {
		if r.under == nil {
			c.affects(r.finding)
			r.finding.harm = harm(r.finding)
			c.more(r)
			slices.SortStableFunc(r.finding.Folded, func(a, b Symptom) int {
				return strings.Compare(a.Object.String(), b.Object.String())
			})
			c.link(r)
			c.chain(r.finding)
		}
	}
	s := c.state
	roots := s.roots()
	c.verdict.Findings = make([]*Finding, 0, len(roots))
	for _, r := range roots {
		c.verdict.Findings = append(c.verdict.Findings, r.finding)
	}
	s.want(roots)
	c.place()
	c.linkNodes(roots)
	s.past.whole = append(s.past.whole, c.whole...)
	if len(c.keptAsked) > 0 {
		s.asked = c.keptAsked
	}
	s.wake = s.nextWake()
	c.verdict.Wake = s.wake
	if len(c.verdict.Findings) == c.verdict.Count(Notice) {
		if s.quiet.IsZero() && s.watching {
			s.quiet = c.now
		}
	} else {
		s.quiet = time.Time{}
	}
	c.verdict.Quiet = s.quiet
}

// more adds what a workload's neighbours say.
func (c *court) more(r *row) {
	w, ok := workloadOf(c.state.entry(r.object))
	if !ok {
		return
	}
	switch r.object.GroupKind {
	case deployKind:
		c.state.differs(r, w.rollout)
	case statefulSet, daemonSet:
		c.waitsFor(r.finding, w)
	}
}
