package history

import (
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// doneSlack is how far apart the time at which fathom did something, by this machine's clock, and
// the API server's time of the same change may be.
const doneSlack = time.Minute

// WithDone adds what this person did with fathom to what is known, the newest first. A change that
// is known already is not said twice: it gets who made it, and what was rebuilt of it gives way to
// what the journal says, which is exact.
func WithDone(known, done []Change) []Change {
	if len(done) == 0 {
		return known
	}
	of := map[kinds.Ref][]int{}
	for i := range done {
		of[done[i].Object] = nil
	}
	out := append([]Change(nil), known...)
	for i := range out {
		if at, is := of[out[i].Object]; is && out[i].Rank != Status {
			of[out[i].Object] = append(at, i)
		}
	}
	said := make([]bool, len(done))
	for _, same := range []func(c, d *Change) bool{saysSame, wroteThen} {
		for i := range done {
			d := &done[i]
			nearest := -1
			for _, n := range of[d.Object] {
				gap := out[n].At.Sub(d.At).Abs()
				if !out[n].Yours && same(&out[n], d) && (nearest < 0 || gap < out[nearest].At.Sub(d.At).Abs()) {
					nearest = n
				}
			}
			if !said[i] && nearest >= 0 {
				out[nearest].become(d)
				said[i] = true
			}
		}
	}
	for i := range done {
		if !said[i] {
			out = append(out, done[i])
		}
	}
	Sort(out)
	return out
}

// saysSame reports whether a change that is known says what was done. Of deletions there are several words.
func saysSame(c, d *Change) bool {
	same := c.Text == d.Text || c.Rank == Deleted && d.Rank == Deleted
	return same && c.At.Sub(d.At).Abs() <= doneSlack
}

// wroteThen reports whether a change that is known was written by fathom when something was done:
// webhooks may have changed more than that, and what is rebuilt says less. A manager without a user may be
// anybody's.
func wroteThen(c, d *Change) bool {
	return (c.Who == d.Who || c.Who == c.How) && c.How == d.How && c.At.Sub(d.At).Abs() <= mergeSlack
}

// become makes a change that is known the one that was done.
func (c *Change) become(d *Change) {
	c.Who, c.How, c.Hand, c.Yours = d.Who, d.How, d.Hand, true
	if c.Rebuilt && c.New == nil {
		c.At, c.Text, c.Rank, c.Rebuilt, c.Bound, c.Later = d.At, d.Text, d.Rank, false, false, false
	}
}
