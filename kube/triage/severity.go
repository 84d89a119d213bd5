package triage

import "time"

// severity is that of the worst of what is wrong: the problem that says most need not be it.
func (c *court) severity(r *row) Severity {
	worst := c.hurts(r, r.chosen[0])
	if p := r.chosen[0]; p.rule == ruleTerminating && p.object == r.object {
		return worst // Whoever deleted it wants no pods of it.
	}
	for _, p := range r.chosen[1:] {
		if !p.follows {
			worst = max(worst, c.hurts(r, p))
		}
	}
	return worst
}

// hurts is how much one problem hurts the object of a row. What only takes long is harm to a workload
// when it has settled.
func (c *court) hurts(r *row, p *problem) Severity {
	w, ok := workloadOf(c.state.entry(r.object))
	settles := p.since.Add(Rules[p.rule].Settles)
	switch {
	case c.state.isWell(r.object):
		return min(p.severity, Degraded)
	case !ok || w.want == 0 || p.severity == Notice, p.rule == ruleTerminating && p.object == r.object:
		return p.severity
	case w.ready >= w.want:
		return min(p.severity, Degraded)
	case p.severity == Waiting && (p.since.IsZero() || c.now.Before(settles)):
		c.state.docketOf(r.object.Namespace).wakes(settles, c.now)
		return Waiting
	}
	return w.severity()
}

// settles is when a finding has settled: when the first of the problems has that make it as severe as it
// is. It is zero where one of those heals by nothing but a change, or where the onset is not known.
func (c *court) settles(f *Finding, r *row) (at time.Time) {
	for i, p := range r.chosen {
		since := p.since
		if i == 0 {
			since = f.Since
		}
		if i > 0 && p.follows || c.hurts(r, p) < f.Severity {
			continue
		}
		switch end := since.Add(Rules[p.rule].Settles); {
		case stays.MatchString(p.reason), i == 0 && since.IsZero():
			return time.Time{}
		case !since.IsZero() && (at.IsZero() || end.Before(at)):
			at = end
		}
	}
	return at
}
