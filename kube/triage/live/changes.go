package live

import (
	"context"
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/triage"
)

const (
	// explained is how many findings, the worst, have their changes looked for.
	explained = 20
	// changesShown is how many changes a finding has.
	changesShown = 5
	// changesFresh is how long the changes of a finding are as they are: more come to
	// light while its neighbourhood is read.
	changesFresh = 3 * time.Second
	// changesOld is the same for a finding that has lasted for longer than changesSettle.
	changesOld    = 20 * time.Second
	changesSettle = time.Minute
	// correlated is how many findings are looked into for one verdict, but the first that has
	// everything: each reads objects.
	correlated = 4
)

// changes is what was found for a finding.
type changes struct {
	since, latest time.Time

	at time.Time // when they were looked for
	// folded and complete are how much was known then.
	folded   int
	complete bool
	found    []history.Change
}

// naming is the waiting for which fields were written, of the changes before findings.
type naming struct {
	awaited, done bool
	began         time.Time // by the wall's clock; zero before the first verdict that would be complete
}

// over reports whether a verdict need not wait for it: the first one that is complete does, for a
// time.
func (n *naming) over(wall time.Time, wait time.Duration) bool {
	if n.began.IsZero() {
		n.began = wall
	}
	n.done = n.done || !n.awaited || wall.Sub(n.began) > wait
	return n.done
}

// Explain has the changes before one finding, by its ID, looked for, however many are worse. It holds
// until another is asked for.
func (t *Triage) Explain(id string) {
	t.mu.Lock()
	another := t.lookedAt != id
	t.lookedAt = id
	t.mu.Unlock()
	if another {
		t.explains.NotifyNow()
	}
}

// watchExplained wakes the runner when another finding is looked at, and when more is known of
// what was changed.
func (r *runner) watchExplained(ctx context.Context) {
	for _, explains := range []*signal.Signal{&r.triage.explains, r.triage.cluster.History().FieldsRead()} {
		r.triage.messages().Start("triage of what is looked at", func() {
			var s signal.Subscription
			for s.Next(ctx, explains, nil) == nil {
				select {
				case r.explain <- struct{}{}:
				case <-ctx.Done():
				}
			}
		})
	}
}

// correlate names the changes before each finding, from what was seen and what the
// cluster remembers, and reports whether there are more to be looked into.
func (r *runner) correlate(v *triage.Verdict) (more bool) {
	kept := map[string]changes{}
	r.naming.awaited = false
	v.Findings = slices.Clone(v.Findings) // The findings themselves belong to later verdicts too.
	left := correlated
	if v.Complete && !r.complete {
		left = explained
	}
	r.triage.mu.Lock()
	wanted := r.triage.lookedAt
	r.triage.mu.Unlock()
	for i, f := range v.Findings {
		if f.Since.IsZero() || i >= explained && f.ID != wanted {
			continue
		}
		known, ok := r.changes[f.ID]
		if !ok || known.isOld(f, v) {
			if left <= 0 && f.ID != wanted {
				more = true
			} else {
				left--
				known = changes{f.Since, f.Latest, v.At, len(f.Folded), v.Complete, r.before(f)}
				ok = true
			}
		}
		if !ok {
			continue
		}
		kept[f.ID] = known
		if known.since.Equal(f.Since) {
			here := *f
			if r.triage.cluster.History().NameFields(known.found) {
				r.naming.awaited = true
			}
			here.Changes, here.Looked = nil, true
			for _, c := range known.found {
				here.Changes = append(here.Changes, triage.Change{Object: c.Object, At: c.At, Who: c.By(), Text: c.Text})
			}
			v.Findings[i] = &here
		}
	}
	r.changes = kept
	return more
}

// isOld reports whether changes should be looked for again.
func (c *changes) isOld(f *triage.Finding, v *triage.Verdict) bool {
	fresh := changesFresh
	if v.At.Sub(f.Since) > changesSettle {
		fresh = changesOld
	}
	return !c.since.Equal(f.Since) || !c.latest.Equal(f.Latest) || c.folded != len(f.Folded) || c.complete != v.Complete ||
		v.At.Sub(c.at) > fresh || v.At.Before(c.at)
}

// before are the changes near a finding before its onsets that somebody made.
func (r *runner) before(f *triage.Finding) []history.Change {
	var out []history.Change
	window := history.BeforeDefault + f.Latest.Sub(f.Since)
	for _, c := range r.triage.cluster.History().Before(r.state.Near(f), f.Latest, window) {
		// That a node or a namespace was made breaks nothing.
		kind := c.Object.GroupKind
		made := c.Rank == history.Created && (kind == kinds.Node.GroupKind() || kind == kinds.Namespace.GroupKind())
		if c.Rank == history.Status || c.Controlled || made || isGiven(&c) || len(out) == changesShown {
			continue
		}
		out = append(out, c)
	}
	return out
}

// isGiven reports whether a controller made something that every namespace has.
func isGiven(c *history.Change) bool {
	given := c.Object.GroupKind == kinds.ServiceAccount.GroupKind() && c.Object.Name == "default" ||
		c.Object.GroupKind == kinds.ConfigMap.GroupKind() && c.Object.Name == "kube-root-ca.crt"
	return given && c.Rank == history.Created && (c.Who == "" || history.IsControlPlane(c.Who))
}
