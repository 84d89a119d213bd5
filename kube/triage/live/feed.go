package live

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// watch is a listing that the rules need.
type watch struct {
	schema.GroupKind
	schema.GroupVersionResource
	namespaced bool
	namespace  string // the only one that is needed; "" for all
	fields     string
	// partial is set for a part of a kind that another watch has whole, but later.
	partial bool
	// unwell is set where only what is not well is kept.
	unwell bool
}

func watching(k *kinds.Kind) watch {
	return watch{GroupKind: k.GroupKind(), GroupVersionResource: k.GVR(), namespaced: k.Namespaced}
}

func watchingPart(k *kinds.Kind, namespace, fields string) watch {
	w := watching(k)
	w.namespace, w.fields = namespace, fields
	return w
}

// stages are what the rules need, in the order in which it is read: what is small and tells
// most, what has to do with all of that, what that points at, and then everything. A stage begins
// when the one before has come, so that the large lists are in nobody's way.
var stages = [][]watch{
	{
		troubled(), watchingPart(kinds.Event, "", "type=Warning"), watchingPart(kinds.Lease, "kube-system", ""),
	}, {
		watching(kinds.Deployment), watching(kinds.StatefulSet), watching(kinds.DaemonSet), watching(kinds.Node),
		watching(kinds.APIService),
	}, {
		watching(kinds.Service), watching(kinds.EndpointSlice), watching(kinds.Ingress), watching(kinds.IngressClass),
		watching(kinds.Job), watching(kinds.CronJob), watching(kinds.PersistentVolumeClaim),
		watching(kinds.PersistentVolume), watching(kinds.StorageClass), watching(kinds.Namespace),
		watching(kinds.ResourceQuota), watching(kinds.HorizontalPodAutoscaler), watching(kinds.PodDisruptionBudget),
		watching(kinds.ValidatingWebhookConfiguration), watching(kinds.MutatingWebhookConfiguration),
		watching(kinds.NetworkPolicy), watching(kinds.LimitRange), watching(kinds.CertificateSigningRequest),
	}, {
		watching(kinds.Pod), watching(kinds.ReplicaSet),
	}, {
		// That these are there is judged where they are named, and that they change is what matters.
		watching(kinds.ConfigMap), watchingPart(kinds.Secret, "", kube.NotOfHelm),
	},
}

// watchingUnwell is watching of what is not well only.
func watchingUnwell(k *kinds.Kind) watch {
	w := watching(k)
	w.unwell = true
	return w
}

// small are what a glance needs: enough to count what fails, and nothing that is large, is
// renewed all the time or is asked for again. Of workloads and nodes, which are thousands in a
// large cluster, it keeps those that are not well.
var small = [][]watch{
	{troubled(), watchingPart(kinds.Event, "", decisive)},
	{
		watchingUnwell(kinds.Deployment), watchingUnwell(kinds.StatefulSet), watchingUnwell(kinds.DaemonSet),
		watchingUnwell(kinds.Node), watchingUnwell(kinds.Job),
	},
}

// decisive are the Warning events but those that only say more of what the object says itself: they are
// the most by far, and renewed while the trouble lasts.
const decisive = "type=Warning,reason!=BackOff,reason!=Unhealthy,reason!=FailedScheduling"

// troubled are the pods that do not run: few, and most of what is wrong.
func troubled() watch {
	w := watchingPart(kinds.Pod, "", "status.phase!=Running,status.phase!=Succeeded")
	w.partial = true
	return w
}

const (
	// leasesMax is how many nodes there may be for their leases to be watched: each is
	// renewed every ten seconds, and the node controller says the same later.
	leasesMax = 200
)

// feed is one listing that the state is fed from.
type feed struct {
	of      watch
	listing *kube.Listing
	watch   *kube.Watch
	version uint64
	end     context.CancelFunc
	dirty   bool
	settled bool // everything had come, or was refused, when it was read last
}

// runner feeds a state. Only its goroutine touches it.
type runner struct {
	glance    bool      // only the number of what fails is wanted
	stages    [][]watch // that are begun one after the other
	complete  bool      // everything was judged once
	namespace string    // the only one that is looked at; "" for all
	triage    *Triage
	state     *triage.State
	feeds     []*feed
	wake      chan *feed
	checks    chan kube.Checked
	explain   chan struct{} // another finding is looked at
	last      time.Time
	rewound   time.Time     // when the clock went back, by the wall's; zero if it never did
	started   time.Time     // by the wall's clock
	took      time.Duration // the last verdict
	stage     int           // how many stages have begun
	logs      *logs
	changes   map[string]changes // by the ID of a finding
	naming    naming
	customs   customs
	scalings  *kube.Listing // of what changed before; no rule needs it. Nil before the last stage
	lapsed    bool          // a lease that nobody renews is said of something
}

const (
	// judging is the least time between two verdicts, and judgingMost the most while what costs
	// much keeps changing: no more than one part in judgingShare of the time goes into verdicts.
	judging      = 50 * time.Millisecond
	judgingMost  = time.Second
	judgingShare = 20
	// loadingShare and loadingMost are the same until everything has been judged once: somebody
	// waits for it.
	loadingShare = 3
	loadingMost  = 300 * time.Millisecond
	// agingShare and agingMost are the same while only time passes: of a thousand crash loops every
	// second one settles, and that can wait.
	agingShare = 100
	agingMost  = 10 * time.Second
	// glances is the least time between two counts of what fails.
	glances = time.Second
	// listsMost is how long a count waits for the lists of what is looked at.
	listsMost = 15 * time.Second
	// unpublished is how long a verdict waits for the first stage.
	unpublished = time.Second
	// arriving is how long what was so then may be on its way after a clock went back: each listing
	// hears of it by itself, and is complete all the time.
	arriving = time.Second
	// answered is how old the API server's last answer may be. A link is tested at least
	// every 15 seconds (see kube.Cluster.Health).
	answered = 20 * time.Second
)

// feed feeds and judges until its context ends.
func (t *Triage) feed(ctx context.Context, d depth) {
	r := &runner{
		triage: t, namespace: t.namespace, state: triage.New(), started: time.Now(), stages: stages,
		wake: make(chan *feed), checks: make(chan kube.Checked), explain: make(chan struct{}),
		logs:    newLogs(t.cluster, t.firstLogs),
		customs: customs{counted: make(chan kube.CountsRead), known: map[schema.GroupVersionResource]kube.Resource{}},
	}
	for _, stage := range stages {
		for _, w := range stage {
			r.state.Cover(w.GroupKind, triage.Coverage{Kind: w.Resource, Of: -1, Missing: triage.Loading})
		}
	}
	var discovered <-chan time.Time
	if d == glancing {
		r.glance, r.stages = true, small
		if !awaitLists(ctx, t.cluster.Loading) {
			return
		}
	} else {
		r.watchChecks(ctx)
		r.watchExplained(ctx)
		ticker := time.NewTicker(customsEvery)
		defer ticker.Stop()
		discovered = ticker.C
	}
	r.begin(ctx)
	r.loop(ctx, discovered)
}

// awaitLists waits until what the screen shows has come, and a while more, so that nothing is in its way
// and the two do not need memory at the same time. On a slow link it waits no longer than listsMost. false
// means that ctx ended.
func awaitLists(ctx context.Context, loading func() bool) bool {
	for began := time.Now(); ; {
		before := loading()
		if !signal.Sleep(ctx, glances, nil) {
			return false
		}
		if !before && !loading() || time.Since(began) >= listsMost {
			return true
		}
	}
}

// loop judges what comes, when it is due.
func (r *runner) loop(ctx context.Context, discovered <-chan time.Time) {
	timer := time.NewTimer(judging)
	defer timer.Stop()
	due := false
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-r.wake:
			f.dirty = true
			if f.settled && f.of.GroupKind == kinds.Lease.GroupKind() && !r.lapsed {
				continue // That a lease is renewed changes nothing; when one is not, it is time anyway.
			}
		case c := <-r.checks:
			r.check(c)
		case <-r.explain:
		case <-discovered:
			r.discover(ctx)
			continue
		case c := <-r.customs.counted:
			r.counted(ctx, c)
		case read := <-r.logs.read:
			r.logs.taken(r.state, read)
			r.triage.keep(read)
			r.askLogs(ctx, time.Now()) // A verdict would keep the readers waiting.
		case <-timer.C:
			due = false
			timer.Reset(r.judge(ctx))
			continue
		}
		switch {
		case r.stage == len(r.stages) && !r.complete && !r.glance && r.allIn():
			timer.Reset(0) // Nothing comes any more that would be worth waiting for.
		case !due:
			timer.Reset(r.pace())
		}
		due = true
	}
}

// allIn reports whether nothing of what has begun is still to come.
func (r *runner) allIn() bool {
	if r.scalings != nil && r.scalings.State().Phase.Undecided() {
		return false
	}
	return r.customs.awaited == 0 && !slices.ContainsFunc(r.feeds, func(f *feed) bool {
		return f.listing.State().Phase.Undecided()
	})
}

// pace is how long what comes is left to gather.
func (r *runner) pace() time.Duration {
	if r.glance {
		return max(glances, judgingShare*r.took)
	}
	if !r.complete {
		return min(max(judging, loadingShare*r.took), loadingMost)
	}
	return min(max(judging, judgingShare*r.took), judgingMost)
}

// aging is how long a verdict that is due only as time has passed is left to wait.
func (r *runner) aging() time.Duration {
	if r.glance || !r.complete {
		return r.pace()
	}
	return max(r.pace(), min(agingShare*r.took, agingMost))
}

// begin begins the next stage.
func (r *runner) begin(ctx context.Context) {
	all := r.stages[r.stage]
	r.stage++
	if !r.glance && r.stage == len(r.stages) {
		all = append(slices.Clip(all), customsKnown(r.triage.cluster.Resources().All())...)
		r.scalings = r.triage.cluster.Scalings(ctx, r.triage.namespace)
		if n := r.nodes(); n > 0 && n <= leasesMax {
			all = append(all, watchingPart(kinds.Lease, triage.NodeLeases, ""))
		}
	}
	for _, w := range all {
		scope := kube.Scope{GroupVersionResource: w.GroupVersionResource, Namespace: w.namespace, Fields: w.fields,
			Unwell: w.unwell}
		if w.namespaced && w.namespace == "" {
			scope.Namespace = r.triage.namespace
		}
		r.follow(ctx, w, scope)
	}
	r.discover(ctx)
}

// nodes is how many nodes there are.
func (r *runner) nodes() int {
	for _, f := range r.feeds {
		if f.of.GroupKind == kinds.Node.GroupKind() {
			return f.listing.State().Loaded
		}
	}
	return 0
}

// follow begins to watch a listing.
func (r *runner) follow(ctx context.Context, w watch, scope kube.Scope) {
	ctx, end := context.WithCancel(ctx)
	f := &feed{of: w, listing: r.triage.cluster.Listing(scope), end: end}
	f.watch = f.listing.Watch()
	r.feeds = append(r.feeds, f)
	r.triage.messages().Start("triage of "+scope.String(), func() {
		for {
			if _, err := f.watch.Next(ctx); err != nil {
				return
			}
			select {
			case r.wake <- f:
			case <-ctx.Done():
				return
			}
		}
	})
}

// watchChecks follows the API server's checks of itself.
func (r *runner) watchChecks(ctx context.Context) {
	source := r.triage.cluster.WatchReadiness()
	r.triage.messages().Start("triage of the API server", func() {
		for {
			msg, err := source.Next(ctx)
			if err != nil {
				return
			}
			if c, ok := msg.(kube.Checked); ok {
				select {
				case r.checks <- c:
				case <-ctx.Done():
					return
				}
			}
		}
	})
}

// check takes over which checks fail.
func (r *runner) check(c kube.Checked) {
	var failed []triage.Check
	for _, check := range c.Ready.Checks {
		if !check.OK {
			failed = append(failed, triage.Check{Name: check.Name, Said: check.Said})
		}
	}
	r.state.SetChecks(failed)
}

// judge reads what has changed, publishes a verdict and returns when the next one is due.
func (r *runner) judge(ctx context.Context) time.Duration {
	began := time.Now()
	settled := r.readAll(ctx)
	if settled && r.stage < len(r.stages) {
		settled = false
		r.begin(ctx)
		if !r.glance && r.stage == len(r.stages) {
			// What is left comes soon, and a verdict on all that is there would keep it waiting.
			r.askLogs(ctx, time.Now())
			return r.pace()
		}
	}
	defer func() { r.took = time.Since(began) }()
	now, wall := r.triage.cluster.Now(), time.Now()
	if now.Before(r.last) {
		r.state.Rewind()
		r.rewound = wall
	}
	r.last = now
	health := r.triage.cluster.Health(wall)
	r.state.Answers(health.State == kube.Live && wall.Sub(health.Since) < answered)
	r.state.SetVersion(r.triage.cluster.Version())
	what, begins, ends := r.triage.cluster.CredentialEnds()
	r.state.SetCredential(r.triage.cluster.Name(), what, begins, ends)
	v := r.state.Judge(now)
	if r.triage.namespace != "" {
		v.Findings = slices.DeleteFunc(slices.Clone(v.Findings), r.elsewhere)
	}
	if r.glance {
		if settled {
			r.triage.count(v)
		}
		return r.wakes(v)
	}
	v.Complete, v.Namespace = settled && r.logs.over(wall), r.namespace
	v.Narrowed = r.namespace != r.triage.namespace
	r.lapsed = v.Lapsed()
	more := r.correlate(v) && settled
	v.Complete = v.Complete && r.naming.over(wall, r.logs.wait)
	next := time.Hour
	if r.stage == len(r.stages) {
		if wait := r.askLogs(ctx, wall); wait > 0 {
			next = max(wait, r.aging())
		}
	}
	if settled {
		if left := arriving - wall.Sub(r.rewound); left > 0 {
			next = min(next, left)
		} else if r.state.Watching() {
			more = true // What follows at once knows since when nothing is wrong.
		}
		more = r.look() || more
		r.complete = true
		if r.logs.settled(wall) || !v.Complete {
			more = true
		}
	}
	if r.stage > 1 || wall.Sub(r.started) > unpublished {
		r.triage.publish(v)
	}
	switch {
	case more:
		return judging
	case r.stage == 1:
		return unpublished
	}
	return min(r.wakes(v), next)
}

// elsewhere reports whether a finding has nothing to do with the one namespace that was asked for:
// another namespace, or a request for a certificate. What else has no namespace may matter in it.
func (r *runner) elsewhere(f *triage.Finding) bool {
	kind := f.Object.GroupKind
	return kind == kinds.Namespace.GroupKind() && f.Object.Name != r.triage.namespace ||
		kind == kinds.CertificateSigningRequest.GroupKind()
}

// askLogs begins to read logs, and returns after what time there may be more.
func (r *runner) askLogs(ctx context.Context, wall time.Time) time.Duration {
	return r.logs.ask(ctx, r.triage.messages(), r.state.LogsWanted(), wall)
}

// wakes is when the next verdict is due if nothing changes.
func (r *runner) wakes(v *triage.Verdict) time.Duration {
	switch due := v.Wake.Sub(v.At); {
	case v.Wake.IsZero():
		return time.Hour
	case r.triage.cluster.Live():
		return min(max(due, r.aging()), time.Hour)
	default:
		// A tape's clock may be faster than the wall's.
		return min(max(due, judging), time.Second)
	}
}

// look reads the objects whole that would tell more, and reports whether there were any.
func (r *runner) look() bool {
	wanted := r.state.Wanted()
	for _, record := range wanted {
		obj, err := r.triage.cluster.Decode(record)
		if err != nil {
			obj = nil
		}
		r.state.SetWhole(record, obj)
	}
	return len(wanted) > 0
}
