package kube

import (
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// wholeOf returns the listing of all that a scope leaves something out of, if that runs.
func (c *Cluster) wholeOf(scope Scope) *Listing {
	if !scope.Unwell {
		return nil
	}
	scope.Unwell = false
	if l := c.Held(scope); l != nil && l.State().Phase != Idle {
		return l
	}
	return nil
}

// sift keeps a listing of what is not well in step with the one of everything, until that is
// released: what somebody looks at anyway is not requested twice, and its records are shared.
func (f *reflectorRun) sift(whole *Listing) {
	var changed signal.Subscription
	for version := uint64(0); changed.Next(f.ctx, &whole.changed, nil) == nil; {
		state := whole.State()
		if state.Phase == Idle {
			return
		}
		delta := whole.Since(version)
		version = delta.Version
		f.write(func(l *Listing) {
			if delta.Reset {
				l.keepOnly(delta.Changed)
			}
			for _, r := range delta.Changed {
				if r.IsWell() {
					l.leave(Key{r.Namespace, r.Name})
				} else {
					l.put(r)
				}
			}
			for _, k := range delta.Gone {
				l.leave(k)
			}
			l.synced = state.Phase == Live || state.Phase == Stale
			l.setPhase(state.Phase, state.Err)
			l.state.Remaining = state.Remaining
		})
	}
}

// keepOnly drops the rows that are not among records. It is called with the lock held.
func (l *Listing) keepOnly(records []*kinds.Record) {
	there := make(map[Key]bool, len(records))
	for _, r := range records {
		there[Key{r.Namespace, r.Name}] = true
	}
	for k := range l.rows {
		if !there[k] {
			l.leave(k)
		}
	}
}

// leave drops a row, if it is there, of what left the scope and may be there all the same. It is
// called with the lock held.
func (l *Listing) leave(k Key) {
	if l.rows[k] != nil {
		delete(l.rows, k)
		l.changes.add(k)
	}
}
