package triage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// docket is what is wrong in one namespace, or with what has none (""), as of the verdict that
// looked last. It stands until something in its namespace changes, its time comes, or what is wrong
// outside of namespaces is something else: so a verdict costs what has changed.
type docket struct {
	namespace string
	rows      []*row
	seen      []*sighting
	wake      time.Time // when it may read otherwise though nothing changes; zero for never
	// reach are other namespaces whose objects may be why, or whose rows this one may make. The
	// docket and those are judged again each time.
	reach map[string]bool
	logs  bool // a log is quoted: the Services that it names may be in any namespace
}

// change notes that a verdict may differ in a namespace, or anywhere (""), where what has
// no namespace changed.
func (s *State) change(namespace string) {
	if namespace == "" {
		s.all = true
		return
	}
	s.due[namespace] = true
}

// elapse notes which dockets are due by now.
func (s *State) elapse(now time.Time) {
	s.all = s.all || s.last == nil || now.Before(s.last.At)
	for namespace, d := range s.dockets {
		if !d.wake.IsZero() && !now.Before(d.wake) || s.named && d.logs {
			s.due[namespace] = true
		}
	}
	s.named = false
	s.forget(now)
}

// stands reports whether nothing has changed that the last verdict hangs on.
func (s *State) stands() bool { return !s.all && len(s.due) == 0 }

// docketOf returns the docket of a namespace.
func (s *State) docketOf(namespace string) *docket {
	d := s.dockets[namespace]
	if d == nil {
		d = &docket{namespace: namespace}
		s.dockets[namespace] = d
	}
	return d
}

// wakes notes when the docket may read otherwise.
func (d *docket) wakes(at, now time.Time) {
	if at.After(now) && !at.Equal(never) && (d.wake.IsZero() || at.Before(d.wake)) {
		d.wake = at
	}
}

// reaches notes where else the causes of a problem may be, which is in the row of an object in
// a namespace.
func (c *court) reaches(p *problem, namespace string) {
	d := c.docket
	d.logs = d.logs || p.crash || p.hangs
	if namespace != d.namespace {
		d.reachTo(namespace)
	}
	for _, by := range p.because {
		switch {
		case by.Kind == webhookName && by.Group == "":
			d.reachTo("") // What refuses pods learns since when.
		case by.Namespace != "" && by.Namespace != d.namespace:
			d.reachTo(by.Namespace)
		}
	}
}

func (d *docket) reachTo(namespace string) {
	if d.reach == nil {
		d.reach = map[string]bool{}
	}
	d.reach[namespace] = true
}

// gather collects the problems that count, of the namespaces that are due, by the object that they
// are about. What has no namespace is judged each time, and is why so much else is as it is that
// everything is judged again when it changes.
func (c *court) gather() {
	s := c.state
	c.open(map[string]bool{"": true})
	round := s.due
	if s.all {
		round = nil
	}
	for {
		c.open(round)
		if round = c.reached(); len(round) > 0 {
			continue
		}
		if signs := c.signs(); s.all || slices.Equal(signs, s.signed) {
			s.signed = signs
			break
		}
		s.all, round = true, nil
	}
	// Whatever came first: of two that need the same, one is named.
	slices.SortFunc(c.order, func(a, b *row) int { return compareRefs(a.object, b.object) })
}

// reached are the namespaces that what was gathered reaches, or reached before, and that were not
// gathered yet.
func (c *court) reached() map[string]bool {
	out := maps.Clone(c.parted)
	for namespace, d := range c.state.dockets {
		if len(d.reach) > 0 {
			out[namespace] = true
			maps.Copy(out, d.reach)
		}
	}
	maps.DeleteFunc(out, func(namespace string, _ bool) bool {
		_, done := c.opened[namespace]
		return done
	})
	return out
}

// open gathers what is wrong in some namespaces, or in all (nil), that were not yet.
func (c *court) open(namespaces map[string]bool) {
	s := c.state
	s.opened = namespaces
	found := map[string][]problem{}
	for _, rule := range []func(func(problem)){s.webhooks, s.claims, s.cordons, s.budgets, s.failedChecks, s.cronJobs,
		s.credentials} {
		rule(func(p problem) {
			p.reason = kinds.Clean(oneLine(p.reason))
			if s.asks(p.object.Namespace) {
				found[p.object.Namespace] = append(found[p.object.Namespace], p)
			}
		})
	}
	if namespaces == nil {
		namespaces = map[string]bool{}
		for namespace := range s.sick {
			namespaces[namespace] = true
		}
		for namespace := range s.dockets {
			namespaces[namespace] = true
		}
		for namespace := range found {
			namespaces[namespace] = true
		}
	}
	for _, namespace := range slices.Sorted(maps.Keys(namespaces)) {
		if _, done := c.opened[namespace]; !done {
			c.openOne(namespace, found[namespace])
		}
	}
}

// asks reports whether rules over several objects are asked about a namespace.
func (s *State) asks(namespace string) bool { return s.opened == nil || s.opened[namespace] }

func (c *court) openOne(namespace string, found []problem) {
	s := c.state
	d := s.docketOf(namespace)
	c.opened[namespace] = d.seen
	maps.Copy(c.parted, d.reach)
	for _, r := range d.rows {
		if s.rows[r.object] == r {
			delete(s.rows, r.object)
		}
	}
	*d = docket{namespace: namespace}
	c.docket = d
	for _, e := range s.sick[namespace].sorted() {
		s.looked++
		for i := range e.ills.problems {
			if c.lapsed(&e.ills.problems[i]) {
				c.consider(e.ills.problems[i], e)
			}
		}
		for i := range e.ills.derived {
			c.consider(e.ills.derived[i], e)
		}
	}
	for i := range found {
		c.consider(found[i], nil)
	}
}

// sorted are entries in an order that is always the same.
func (s set) sorted() []*entry {
	return slices.SortedFunc(maps.Keys(s), func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.record.Kind.Kind, b.record.Kind.Kind), byName(a, b))
	})
}

// sign is a problem of what has no namespace, as far as others may follow from it.
type sign struct {
	object kinds.Ref
	rule   string
}

func (c *court) signs() []sign {
	var out []sign
	for _, r := range c.order {
		if r.object.Namespace != "" {
			continue
		}
		for i := range r.problems {
			out = append(out, sign{r.object, r.problems[i].rule})
		}
	}
	slices.SortStableFunc(out, func(a, b sign) int {
		return cmp.Or(compareRefs(a.object, b.object), strings.Compare(a.rule, b.rule))
	})
	return out
}

// rejoin puts the rows of dockets that stand under what has no namespace, which was judged again.
func (c *court) rejoin() bool {
	for namespace, d := range c.state.dockets {
		if _, done := c.opened[namespace]; done {
			continue
		}
		for _, r := range d.rows {
			if r.under != nil && r.under.object.Namespace == "" {
				if r.under = c.state.rows[r.under.object]; r.under == nil {
					return false
				}
			}
		}
		for _, r := range d.rows {
			if root := r.root(); root.object.Namespace == "" {
				r.foldInto(root.finding)
			}
		}
	}
	return c.rootsStand()
}

// rootsStand reports whether what has no namespace follows from the same as before: findings that
// stand name it.
func (c *court) rootsStand() bool {
	var rooted []sign
	for _, r := range c.order {
		if root := r.root(); r.object.Namespace == "" && root != r {
			rooted = append(rooted, sign{r.object, root.object.String()})
		}
	}
	same := slices.Equal(rooted, c.state.rooted)
	c.state.rooted = rooted
	return same || c.state.all
}

// close keeps what was judged.
func (c *court) close() {
	s := c.state
	for _, r := range c.order {
		d := s.docketOf(r.object.Namespace)
		d.rows = append(d.rows, r)
	}
	for namespace, before := range c.opened {
		for _, seen := range before {
			s.leaves(seen, c.now)
		}
		if d := s.dockets[namespace]; len(d.rows)+len(d.seen)+len(d.reach) == 0 && d.wake.IsZero() {
			delete(s.dockets, namespace)
		}
	}
}

// roots are the rows that follow from nothing, the worst first.
func (s *State) roots() []*row {
	var out []*row
	for _, d := range s.dockets {
		for _, r := range d.rows {
			if r.under == nil {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, func(x, y *row) int {
		a, b := x.finding, y.finding
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), -cmp.Compare(a.harm, b.harm),
			boolOrder(a.Settling, b.Settling), -a.Since.Compare(b.Since), strings.Compare(a.ID, b.ID))
	})
	return out
}

// nextWake is when a docket may read otherwise though nothing changes; zero for never.
func (s *State) nextWake() time.Time {
	var next time.Time
	for _, d := range s.dockets {
		if !d.wake.IsZero() && (next.IsZero() || d.wake.Before(next)) {
			next = d.wake
		}
	}
	return next
}
