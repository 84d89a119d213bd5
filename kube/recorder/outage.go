package recorder

import (
	"fmt"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// outageLeast is how long an outage must be to be worth a mark.
const outageLeast = 2 * time.Second

// outage knows which followers have lost the cluster: one outage is one gap on the
// tape, however many watches it ends.
type outage struct {
	recording *recording
	mu        sync.Mutex
	since     time.Time
	why       string
	lost      map[*follower]bool
	most      int // followers that were lost at a time
}

func (o *outage) markLost(f *follower, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.lost) == 0 {
		o.since, o.why = o.recording.cluster.Now(), plain.Error("", err).Error()
		o.lost, o.most = map[*follower]bool{}, 0
	}
	o.lost[f] = true
	o.most = max(o.most, len(o.lost))
}

// markReached ends the outage when f is the last that had lost the cluster.
func (o *outage) markReached(f *follower) {
	o.mu.Lock()
	if !o.lost[f] {
		o.mu.Unlock()
		return
	}
	delete(o.lost, f)
	over, since, why := len(o.lost) == 0, o.since, o.why
	what := kinds.Clean(f.String())
	if o.most > 1 {
		what = fmt.Sprintf("%d kinds", o.most)
	}
	o.mu.Unlock()
	now := o.recording.cluster.Now()
	if over && now.Sub(since) >= outageLeast {
		o.recording.addNote(tape.Gap, fmt.Sprintf("%s: nothing was heard from %s to %s (%s)", what,
			since.Format(time.TimeOnly), now.Format(time.TimeOnly), why))
	}
}
