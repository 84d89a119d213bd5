package effects

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// DrainStep is how far the eviction of a pod is.
type DrainStep int

// The steps. Those from DrainGone on are the last.
const (
	DrainWaits   DrainStep = iota
	DrainBlocked           // by a disruption budget, or a server that is busy: it is asked again
	DrainEnds              // it is evicted, and its containers end
	DrainGone
	DrainStays  // as planned
	DrainFailed // it could not be evicted
	DrainStopped
)

// DrainState is a step, since when it lasts, and what is to be said of it, clean.
type DrainState struct {
	Step  DrainStep
	Since time.Time
	Said  string
}

// Draining is a node that is being drained. It goes on until all is done, somebody stops it, or its cluster is
// closed. Its methods may be called from any goroutine.
type Draining struct {
	Plan    DrainPlan
	Options DrainOptions
	reason  string // why it is done, for the journal
	hands   *Hands
	now     func() time.Time
	stop    context.CancelFunc
	changed signal.Signal

	mu     sync.Mutex
	states []DrainState // one for each pod of the plan
	came   int          // pods that have come since and would have to go
	ended  bool
	err    error // why nothing could be evicted
}

// drainRetry is how long a pod that may not go waits, as long as with kubectl
// (k8s.io/kubectl/pkg/drain/drain.go).
const drainRetry = 5 * time.Second

// drainLook is how often the pods that are left are looked at.
const drainLook = 2 * time.Second

// Drained is the node that is being drained, or was last; nil for none.
func (h *Hands) Drained() *Draining {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.drained
}

// Drain begins to do what was planned, for a reason that goes into the journal, "" for none. now is the
// clock of its steps. It fails while another drain goes on.
func (h *Hands) Drain(plan DrainPlan, o DrainOptions, reason string, now func() time.Time) (*Draining, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.drained != nil && h.drained.GoesOn() {
		return nil, fmt.Errorf("%s is not over", h.drained)
	}
	ctx, stop := context.WithCancel(plan.Node.Cluster.Lifetime())
	d := &Draining{
		Plan: plan, Options: o, reason: reason, hands: h, now: now, stop: stop,
		states: make([]DrainState, len(plan.Pods)),
	}
	h.drained = d
	for i := range plan.Pods {
		d.states[i].Since = now()
		if why := plan.Pods[i].Stays(o); why != "" {
			d.states[i].Step, d.states[i].Said = DrainStays, why
		}
	}
	plan.Node.Cluster.Raw().Messages.Start(d, func() {
		defer d.end()
		d.run(ctx)
	})
	return d, nil
}

// drainEndedBy is the drain that goes on of a node on which a plan lets pods come again; nil for none.
func (h *Hands) drainEndedBy(p Plan) *Draining {
	const closed = "/spec/unschedulable"
	d := h.Drained()
	if d == nil || !d.GoesOn() || d.Plan.Node.Ref != p.Ref || d.Plan.Node.Cluster != p.Cluster ||
		p.After == nil || at(p.Before, closed) != true || at(p.After, closed) == true {
		return nil
	}
	return d
}

// String names the work.
func (d *Draining) String() string { return "drain " + d.Plan.Node.Ref.String() }

// Stop has no more pods evicted. Those that end already go on to, and the node stays cordoned.
func (d *Draining) Stop() { d.stop() }

// GoesOn reports whether it is not over.
func (d *Draining) GoesOn() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.ended
}

// Came is how many pods have come since the plan was made, and would have to go.
func (d *Draining) Came() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.came
}

// States are how far all pods of the plan are, whether it has ended, and why nothing could be done.
func (d *Draining) States() (states []DrainState, ended bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]DrainState(nil), d.states...), d.ended, d.err
}

// DrainChanged is what a DrainWatch yields.
type DrainChanged struct{ Of *Draining }

// DrainWatch is a source of DrainChanged.
type DrainWatch struct {
	of           *Draining
	subscription signal.Subscription
}

// Watch returns a source that says when something has changed. The first answer comes at once.
func (d *Draining) Watch() *DrainWatch { return &DrainWatch{of: d} }

// Next waits for a change.
func (w *DrainWatch) Next(ctx context.Context) (any, error) {
	if err := w.subscription.Next(ctx, &w.of.changed, nil); err != nil {
		return nil, err
	}
	return DrainChanged{w.of}, nil
}

func (d *Draining) set(i int, step DrainStep, said string) {
	d.mu.Lock()
	if d.states[i].Step != step {
		d.states[i] = DrainState{Step: step, Since: d.now()}
	}
	d.states[i].Said = said
	d.mu.Unlock()
	d.changed.Notify()
}

func (d *Draining) stepOf(i int) DrainStep {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.states[i].Step
}

func (d *Draining) end() {
	d.stop()
	d.mu.Lock()
	for i := range d.states {
		if d.states[i].Step < DrainEnds {
			d.states[i].Step = DrainStopped
		}
	}
	d.ended = true
	d.mu.Unlock()
	d.changed.NotifyNow()
}

func (d *Draining) run(ctx context.Context) {
	if !IsNothing(d.Plan.Cordon.Err) {
		if err := d.ready(d.Plan.Cordon).Run(ctx); err != nil {
			d.mu.Lock()
			d.err = err
			d.mu.Unlock()
			return
		}
	}
	places := make(chan struct{}, drainAtOnce)
	var all sync.WaitGroup
	for i := range d.Plan.Pods {
		switch {
		case d.stepOf(i) == DrainStays:
		case d.Plan.Pods[i].Ending:
			d.set(i, DrainEnds, "")
		default:
			all.Add(1)
			d.Plan.Node.Cluster.Raw().Messages.Start(d, func() {
				defer all.Done()
				d.evict(ctx, i, places)
			})
		}
	}
	look := time.NewTicker(drainLook)
	defer look.Stop()
	for !d.finished() {
		select {
		case <-ctx.Done():
			all.Wait()
			return
		case <-look.C:
			d.lookForPods(ctx)
		}
	}
	all.Wait()
}

// finished reports whether there is nothing more to wait for.
func (d *Draining) finished() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.states {
		if s.Step < DrainGone {
			return false
		}
	}
	return true
}

// evict has one pod evicted, and asks again as long as it may not go. The journal has it once.
func (d *Draining) evict(ctx context.Context, i int, places chan struct{}) {
	pod := &d.Plan.Pods[i]
	begun := d.ready(pod.Plan).entry()
	begun.Words += ", to " + d.String()
	entry, err := d.hands.Journal.Begin(begun)
	if err != nil {
		d.set(i, DrainFailed, kinds.Clean(err.Error()))
		return
	}
	out := d.askUntilTaken(ctx, i, places)
	d.set(i, out.step, out.said)
	if err := d.hands.Journal.End(entry, out.err, out.unknown); err != nil && out.err == nil {
		d.set(i, out.step, kinds.Clean(err.Error()))
	}
}

func (d *Draining) ready(p Plan) Ready {
	r := d.hands.Ready(p)
	r.Reason = d.reason
	return r
}

// evicted is how an eviction ended.
type evicted struct {
	step    DrainStep
	said    string
	err     error
	unknown bool
}

func (d *Draining) askUntilTaken(ctx context.Context, i int, places chan struct{}) evicted {
	stopped := evicted{step: DrainStopped, err: errors.New("stopped before the API server took it")}
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return stopped
		}
		out := d.ask(ctx, i)
		<-places
		switch {
		case ctx.Err() != nil && errors.Is(out.Err, context.Canceled):
			return stopped
		case out.Err == nil:
			return evicted{step: DrainEnds}
		case apierrors.IsNotFound(out.Err), errors.Is(out.Err, errAnother):
			return evicted{step: DrainGone}
		case !apierrors.IsTooManyRequests(out.Err):
			return evicted{DrainFailed, reason(out.Err), out.Err, out.Unknown}
		}
		d.set(i, DrainBlocked, reason(out.Err))
		select {
		case <-time.After(drainRetry):
		case <-ctx.Done():
			return stopped
		}
	}
}

// ask sends an eviction. A pod that could not be read when it was planned is read first.
func (d *Draining) ask(ctx context.Context, i int) Outcome {
	p := d.Plan.Pods[i].Plan
	if p.source == nil {
		if p = d.hands.Plan(ctx, p.Effect); p.source == nil {
			return Outcome{Err: p.Err}
		}
	}
	// What was sent is waited for, so that it is known what happened.
	return p.Run(context.WithoutCancel(ctx))
}

// lookForPods notes which pods are gone.
func (d *Draining) lookForPods(ctx context.Context) {
	pods, err := podsOn(ctx, d.Plan.Node)
	if err != nil {
		return // Who cannot read now looks again.
	}
	planned := map[types.UID]bool{}
	for i := range d.Plan.Pods {
		planned[d.Plan.Pods[i].UID] = true
	}
	there, came := map[types.UID]bool{}, 0
	for _, pod := range pods {
		p := judgePod(Target{}, pod)
		there[p.UID] = true
		if !planned[p.UID] && p.Stays(d.Options) == "" {
			came++
		}
	}
	d.mu.Lock()
	d.came = came
	d.mu.Unlock()
	for i := range d.Plan.Pods {
		if d.stepOf(i) < DrainGone && !there[d.Plan.Pods[i].UID] {
			d.set(i, DrainGone, "")
		}
	}
}
