package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// BeforeDefault is how long before the onset of trouble a change may have caused it.
	BeforeDefault = 15 * time.Minute
	// afterOnset is how much later than the onset a change may seem: both have whole
	// seconds, rounded down, and a change without a manager's time is dated when it came.
	afterOnset = 2 * time.Second
)

// Near is an object whose changes may have caused something, by how many links away it is:
// 0 is the object itself, and what is below 0 is named as the cause.
type Near map[kinds.Ref]int

// Before returns the changes of some objects in the time before an onset, the likeliest
// cause first: what somebody wanted to be so comes before what the control plane made of
// it, and that before what was reported; of equals, what is named as the cause, and then the
// nearest to the onset. window 0 is BeforeDefault. Without any it is empty: nothing was seen
// to change.
func Before(changes []Change, near Near, onset time.Time, window time.Duration) []Change {
	window = cmp.Or(window, BeforeDefault)
	var out []Change
	for _, c := range changes {
		if _, is := near[c.Object]; is && !c.At.Before(onset.Add(-window)) && !c.At.After(onset.Add(afterOnset)) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(a.effect(), b.effect()),
			cmp.Compare(min(near[a.Object], 0), min(near[b.Object], 0)),
			b.At.Compare(a.At),
			cmp.Compare(near[a.Object], near[b.Object]),
			cmp.Compare(a.Rank, b.Rank),
		)
	})
	return out
}

// effect is 0 for what may be a cause, and rises with how surely something else caused it.
func (c *Change) effect() int {
	switch {
	case c.Rank == Status:
		return 2
	case c.Rank >= Created, c.Controlled, IsControlPlane(c.Who) && c.How != "hpa":
		return 1
	}
	return 0
}
