package triage

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// State is what is known of a cluster, judged object by object. One goroutine owns it.
type State struct {
	tables map[schema.GroupKind]*table
	index
	sick     map[string]set           // entries with problems, by namespace
	ailing   map[schema.GroupKind]int // how many of a kind they are
	stale    set                      // entries whose derived problems may be out of date
	coverage map[schema.GroupKind]Coverage
	// placings are what was said of pods that no node takes.
	placings   map[*needs]placing
	nodes      uint64                   // counts what may change that: nodes that come, go or change
	well       map[schema.GroupKind]int // how many of a kind are
	done       int                      // pods that have ended as they should
	aside      int                      // nodes that are ready and cordoned
	checks     []Check
	version    string    // of the API server
	silent     bool      // the API server has said nothing for a while
	heard      time.Time // when it began to answer again
	credential credential
	wanted     []LogWanted
	past       revisions
	asked      map[kinds.Ref]asked // what the pods on nodes that have too little left ask for
	logs       map[logKey]Log      // the last lines of containers that crashed

	seen map[sightKey]*sighting // problems, while they last
	left []leaving              // those that are gone, in the order in which they went

	last    *Verdict
	wake    time.Time // of the last verdict that was made
	round   uint64    // counts those
	rows    map[kinds.Ref]*row
	dockets map[string]*docket
	due     map[string]bool // the namespaces in which the last verdict may not hold
	all     bool            // it may not hold anywhere
	named   bool            // Services or namespaces have come or gone
	signed  []sign          // what was wrong outside of namespaces
	rooted  []sign          // what that followed from
	opened  map[string]bool // the namespaces that rules are asked about; nil for all
	looked  int             // counts the entries that verdicts have looked at

	// owners counts how often a workload or a ReplicaSet has come or gone.
	owners   int
	watching bool // all was there once, so what comes now has just begun
	quiet    time.Time
}

type name struct{ namespace, name string }

// entry is an object with what was judged of it.
type entry struct {
	record *kinds.Record
	facts  any // what rules over several objects need of it
	// ills is nil for what is well, as most of a cluster is.
	ills *ills
}

// ills is what is wrong with an object.
type ills struct {
	problems []problem // of its own
	derived  []problem // that hang on other objects
	top      kinds.Ref // its topmost owner, as of so many owners; without a name where nobody asked
	topAt    int
}

func (e *entry) problems() []problem {
	if e.ills == nil {
		return nil
	}
	return e.ills.problems
}

func (e *entry) derived() []problem {
	if e.ills == nil {
		return nil
	}
	return e.ills.derived
}

// suffer adds a problem of its own.
func (e *entry) suffer(p problem) {
	if e.ills == nil {
		e.ills = &ills{}
	}
	e.ills.problems = append(e.ills.problems, p)
}

// suffers takes what is wrong now.
func (e *entry) suffers(problems, derived []problem) {
	switch {
	case len(problems)+len(derived) == 0:
		e.ills = nil
		return
	case e.ills == nil:
		e.ills = &ills{}
	}
	e.ills.problems, e.ills.derived = problems, derived
}

// Check is a check of the control plane that failed; clean.
type Check struct {
	Name  string
	Said  string
	Since time.Time
}

// New returns an empty State.
func New() *State {
	return &State{
		tables:   map[schema.GroupKind]*table{},
		index:    newIndex(),
		sick:     map[string]set{},
		ailing:   map[schema.GroupKind]int{},
		stale:    set{},
		coverage: map[schema.GroupKind]Coverage{},
		well:     map[schema.GroupKind]int{},
		seen:     map[sightKey]*sighting{},
		logs:     map[logKey]Log{},
		past:     newRevisions(),
		rows:     map[kinds.Ref]*row{},
		dockets:  map[string]*docket{},
		due:      map[string]bool{},
		asked:    map[kinds.Ref]asked{},
	}
}

// judge reads one object: its problems, and facts for rules over several objects. obj is
// nil where needs said that the record is enough.
type judge struct {
	needs func(r *kinds.Record) bool // nil: always
	judge func(obj runtime.Object, e *entry)
}

var judges = map[schema.GroupKind]judge{}

// judging registers how objects of a kind are judged.
func judging[T runtime.Object](kind schema.GroupKind, needs func(*kinds.Record) bool, read func(T, *entry)) bool {
	judges[kind] = judge{needs, func(obj runtime.Object, e *entry) {
		if typed, ok := obj.(T); ok {
			read(typed, e)
		}
	}}
	return true
}

// Needs reports whether Put wants the whole object of a record.
func Needs(r *kinds.Record) bool {
	j, ok := judges[r.Kind.GroupKind()]
	return ok && (j.needs == nil || j.needs(r))
}

// Put adds a version of an object. obj is nil if Needs said so, or if it cannot be had.
func (s *State) Put(r *kinds.Record, obj runtime.Object) {
	kind := r.Kind.GroupKind()
	table := s.table(kind)
	e := table.get(name{r.Namespace, r.Name})
	if e != nil && e.staysWell(r) {
		e.record = r
		return
	}
	now := entry{record: r}
	switch j, ok := judges[kind]; {
	case ok && obj != nil:
		if e != nil {
			now.facts = e.before()
		}
		j.judge(obj, &now)
	case !ok:
		judgeByStatus(&now)
	}
	now.lingers(obj)
	switch {
	case e == nil:
		e = &entry{record: r}
		table.add(e)
		s.owned(r.Ref())
	case kind == nodeKind && e.saysTheSame(&now):
		e.record = r
		return
	default:
		s.leave(e)
	}
	e.record, e.facts = r, now.facts
	e.suffers(now.problems(), e.derived())
	s.enter(e)
}

// before is what the judge of the next version wants to know of this one.
func (e *entry) before() any {
	if f, goesOn := e.facts.(*autoscalerFacts); goesOn {
		return f
	}
	return nil
}

// staysWell reports whether a pod was well and is, as most changes of a cluster leave it, and
// belongs to the same as before.
func (e *entry) staysWell(r *kinds.Record) bool {
	was := e.record
	return e.facts == nil && r.Kind.GroupKind() == podKind && !podNeedsLook(r) && !podNeedsLook(was) &&
		was.Status.Level == r.Status.Level && slices.Equal(was.Links, r.Links) && slices.Equal(was.Labels, r.Labels) &&
		(len(r.Labels) == 0 || &was.Labels[0] == &r.Labels[0])
}

// saysTheSame reports whether a version of an object leaves all as it was: the heartbeats of
// nodes are of that sort.
func (e *entry) saysTheSame(now *entry) bool {
	return e.record.Status == now.record.Status && slices.Equal(e.record.Labels, now.record.Labels) &&
		reflect.DeepEqual(e.facts, now.facts) &&
		reflect.DeepEqual(e.problems(), now.problems())
}

// Remove takes an object away.
func (s *State) Remove(ref kinds.Ref) {
	table, key := s.table(ref.GroupKind), name{ref.Namespace, ref.Name}
	if e := table.get(key); e != nil {
		s.leave(e)
		table.remove(key)
		s.owned(ref)
	}
}

// Keep removes all objects of a kind in a namespace, or everywhere (""), but those that are
// given.
func (s *State) Keep(kind schema.GroupKind, namespace string, records []*kinds.Record) {
	keep := make(map[name]bool, len(records))
	for _, r := range records {
		keep[name{r.Namespace, r.Name}] = true
	}
	for _, e := range slices.Collect(s.table(kind).all()) {
		r := e.record
		if !keep[name{r.Namespace, r.Name}] && (namespace == "" || namespace == r.Namespace) {
			s.Remove(r.Ref())
		}
	}
}

// Cover says how much of a kind there is.
func (s *State) Cover(kind schema.GroupKind, c Coverage) {
	was, known := s.coverage[kind]
	s.coverage[kind] = c
	if known && was.Missing == c.Missing && was.Namespace == c.Namespace {
		return
	}
	s.all = true
	s.owners++
	if kind == nodeKind {
		s.nodes++
	}
	for judged := range derived {
		s.markAll(judged)
	}
}

// SetChecks says which checks of the API server fail.
func (s *State) SetChecks(failed []Check) {
	s.all = s.all || !slices.Equal(s.checks, failed)
	s.checks = failed
}

// Answers takes whether the API server answers. While it is silent, a lease that nobody renews
// says nothing.
func (s *State) Answers(ok bool) {
	s.all = s.all || s.silent == ok
	s.silent = !ok
}

// hear notes when the API server began to answer again.
func (s *State) hear(now time.Time) {
	switch {
	case s.silent:
		s.heard = never
	case s.heard.Equal(never):
		s.heard, s.all = now, true
	}
}

// Watching says that all has been read: a problem that comes from now on has just begun. It reports
// whether that is new.
func (s *State) Watching() (isNew bool) {
	isNew = !s.watching
	if isNew {
		s.due[""] = true // The next verdict knows since when nothing is wrong.
	}
	s.watching = true
	return isNew
}

func (s *State) table(kind schema.GroupKind) *table {
	t := s.tables[kind]
	if t == nil {
		t = &table{byHash: map[hash]*entry{}}
		s.tables[kind] = t
	}
	return t
}

// would reports whether an object would be known if it existed.
func (s *State) would(ref kinds.Ref) bool {
	c := s.coverage[ref.GroupKind]
	return s.complete(ref.GroupKind) && (c.Namespace == "" || c.Namespace == ref.Namespace)
}

// entry returns what is known of an object, nil if nothing is.
func (s *State) entry(ref kinds.Ref) *entry {
	t := s.tables[ref.GroupKind]
	if t == nil {
		return nil
	}
	return t.get(name{ref.Namespace, ref.Name})
}

// complete reports whether all objects of a kind are known.
func (s *State) complete(kind schema.GroupKind) bool {
	c, ok := s.coverage[kind]
	return ok && c.Missing == ""
}

func (s *State) enter(e *entry) {
	s.alters(e)
	s.matters(e)
	s.ail(e, e.isSick())
	s.count(e, 1)
	s.index.put(e, true)
	s.touch(e)
}

func (s *State) leave(e *entry) {
	s.alters(e)
	s.matters(e)
	s.touch(e)
	s.index.put(e, false)
	s.count(e, -1)
	s.ail(e, false)
}

// count counts how an entry is. A pod that has ended as it should is neither well nor ill: it would
// hide how many of those that should run do. A node that is ready and cordoned is well: somebody wants it
// so.
func (s *State) count(e *entry, by int) {
	kind, level := e.record.Kind.GroupKind(), e.record.Status.Level
	switch {
	case kind == podKind && level == kinds.Quiet:
		s.done += by
	case kind == nodeKind && e.record.Status.Reason == kinds.Cordoned:
		s.aside += by
		s.well[kind] += by
	case level <= kinds.OK:
		s.well[kind] += by
	}
}

// alters counts the changes of nodes.
func (s *State) alters(e *entry) {
	if e.record.Kind.GroupKind() == nodeKind {
		s.nodes++
	}
}

// ail notes whether an entry has problems.
func (s *State) ail(e *entry, sick bool) {
	namespace := e.record.Namespace
	in := s.sick[namespace]
	switch {
	case sick && !in[e]:
		if in == nil {
			in = set{}
			s.sick[namespace] = in
		}
		in[e] = true
		s.ailing[e.record.Kind.GroupKind()]++
	case !sick && in[e]:
		s.ailing[e.record.Kind.GroupKind()]--
		if delete(in, e); len(in) == 0 {
			delete(s.sick, namespace)
		}
	}
}

// in returns the objects of a kind in a namespace, or everywhere (""), by name.
func (s *State) in(kind schema.GroupKind, namespace string) []*entry {
	var out []*entry
	for e := range s.tables[kind].all() {
		if namespace == "" || e.record.Namespace == namespace {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, byName)
	return out
}

func byName(a, b *entry) int {
	return cmp.Or(strings.Compare(a.record.Namespace, b.record.Namespace), strings.Compare(a.record.Name, b.record.Name))
}

var (
	podKind     = groupKind("", "Pod")
	nodeKind    = groupKind("", "Node")
	eventKind   = groupKind("", "Event")
	serviceKind = groupKind("", "Service")
	claimKind   = groupKind("", "PersistentVolumeClaim")
	sliceKind   = groupKind("discovery.k8s.io", "EndpointSlice")
	setKind     = groupKind("apps", "ReplicaSet")
	deployKind  = groupKind("apps", "Deployment")
	statefulSet = groupKind("apps", "StatefulSet")
	daemonSet   = groupKind("apps", "DaemonSet")
	jobKind     = groupKind("batch", "Job")
	cronJobKind = groupKind("batch", "CronJob")
)
