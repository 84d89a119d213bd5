package triage

import (
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// index finds objects by what rules over several of them ask for, so that a verdict costs
// what is wrong and what changed, and never a walk over the cluster.
type index struct {
	warnings  map[kinds.Ref][]*entry // by what they are about
	slices    map[kinds.Ref][]*entry // EndpointSlices by their Service
	routes    map[kinds.Ref][]*entry // Ingresses by the Services that they route to, and their Secrets
	callers   map[kinds.Ref][]*entry // CustomResourceDefinitions by the Service that converts them
	naming    map[kinds.Ref][]*entry // workloads, aliases and routes by what they name
	governed  map[kinds.Ref][]*entry // StatefulSets by the Service that they name
	users     map[kinds.Ref][]*entry // pods by the claims that they mount
	lacking   map[kinds.Ref][]*entry // pods that should be ready and are not, by their owner
	members   hashed                 // pods and ReplicaSets by the workload that owns them
	onNode    map[string][]*entry    // pods by their node
	selectors hashed                 // Services by the first label that they select
	rulers    hashed                 // workloads by the first label that they select
	templates hashed                 // workloads by each label of their template
	addresses map[string]kinds.Ref   // Services by their cluster IPs
	inside    map[string]namespace

	pending    set               // claims without a volume, or being deleted
	cordoned   set               // nodes
	illNodes   set               // nodes that are not ready, or report pressure
	tight      set               // budgets that allow no disruption
	unplaced   set               // pods without a node
	hooks      set               // webhook configurations
	failedJobs map[kinds.Ref]int // by the CronJob that owns them
	minutes    map[minute]int    // of Warnings, by when they were seen last
}

type (
	set      map[*entry]bool
	labelKey struct{ namespace, key, value string }

	// namespace is what is asked for a namespace at a time.
	namespace struct {
		services, unserved, policies, budgets set
		pods                                  map[*kinds.Label]*podGroup
	}

	// podGroup is the pods of a namespace with the same labels.
	podGroup struct {
		labels    []kinds.Label
		all, live int32 // live ones may answer: they have not ended and are not about to
	}
)

func newIndex() index {
	by := func() map[kinds.Ref][]*entry { return map[kinds.Ref][]*entry{} }
	return index{
		warnings: by(), slices: by(), routes: by(), governed: by(), callers: by(), naming: by(), users: by(),
		lacking: by(), members: newHashed(),
		onNode: map[string][]*entry{}, selectors: newHashed(), rulers: newHashed(), templates: newHashed(),
		addresses: map[string]kinds.Ref{}, inside: map[string]namespace{},
		pending: set{}, cordoned: set{}, illNodes: set{}, tight: set{}, unplaced: set{}, hooks: set{},
		failedJobs: map[kinds.Ref]int{}, minutes: map[minute]int{},
	}
}

// of returns a namespace.
func (x *index) of(name string) namespace {
	n, ok := x.inside[name]
	if !ok {
		n = namespace{services: set{}, unserved: set{}, policies: set{}, budgets: set{}, pods: map[*kinds.Label]*podGroup{}}
		x.inside[name] = n
	}
	return n
}

// put adds an entry, or takes it out.
func (x *index) put(e *entry, in bool) {
	switch f := e.facts.(type) {
	case *serviceFacts:
		x.putService(e, f, in)
	case *workloadFacts:
		for key, value := range f.template.all() {
			x.templates.put(hashOf(labelKey{e.record.Namespace, key, value}), e, in)
		}
		if key, ok := firstLabel(e.record.Namespace, f.matches.all()); ok {
			x.rulers.put(key, e, in)
		}
		if f.governing != "" {
			put(x.governed, e.governing(f), e, in)
		}
		x.putJob(e, in)
	case *ingressFacts:
		for _, ref := range slices.Concat(f.services(e.record.Namespace), f.secretsOf(e.record.Namespace)) {
			put(x.routes, ref, e, in)
		}
	case *nodeFacts:
		x.cordoned.put(e, in && f.cordoned)
		x.illNodes.put(e, in && len(e.problems()) > 0)
	case *claimFacts:
		x.pending.put(e, in && (f.pending || f.kept != ""))
	case *budgetFacts:
		x.tight.put(e, in && f.allowed == 0)
		x.of(e.record.Namespace).budgets.put(e, in)
	case *policyFacts:
		x.of(e.record.Namespace).policies.put(e, in)
	case *hookFacts:
		x.hooks.put(e, in)
	}
	if kind := e.record.Kind.GroupKind(); kind != podKind && derived[kind] != nil {
		for _, ref := range named(e) {
			put(x.naming, ref, e, in)
		}
	}
	switch e.record.Kind.GroupKind() {
	case eventKind:
		put(x.warnings, aboutOf(e.record), e, in)
		x.putMinute(e, in)
	case sliceKind:
		put(x.slices, serviceOfSlice(e.record), e, in)
	case podKind:
		x.putPod(e, in)
	case definitionKind:
		for _, l := range e.record.Links {
			if l.Relation == kinds.Calls {
				put(x.callers, l.To, e, in)
			}
		}
	case setKind:
		if owner := controllerOf(e.record); owner.GroupKind == deployKind {
			x.members.put(hashOf(owner), e, in)
		}
	}
}

func (s set) put(e *entry, in bool) {
	if in {
		s[e] = true
	} else {
		delete(s, e)
	}
}

func put[K comparable](index map[K][]*entry, key K, e *entry, in bool) {
	if in {
		index[key] = append(index[key], e)
		return
	}
	left := slices.DeleteFunc(index[key], func(o *entry) bool { return o == e })
	if len(left) == 0 {
		delete(index, key)
		return
	}
	index[key] = left
}

func (x *index) putService(e *entry, f *serviceFacts, in bool) {
	n := x.of(e.record.Namespace)
	n.services.put(e, in)
	if !in {
		n.unserved.put(e, false)
	}
	if key, ok := firstLabel(e.record.Namespace, f.selector.all()); ok {
		x.selectors.put(key, e, in)
	}
	for _, ip := range f.addresses {
		if in {
			x.addresses[ip] = e.record.Ref()
		} else if x.addresses[ip] == e.record.Ref() {
			delete(x.addresses, ip)
		}
	}
}

// firstLabel is one label that whatever a selector selects must have.
func firstLabel(namespace string, selector iter.Seq2[string, string]) (of hash, ok bool) {
	first := labelKey{namespace: namespace}
	for key, value := range selector {
		if first.key == "" || key < first.key {
			first.key, first.value = key, value
		}
	}
	return hashOf(first), first.key != ""
}

func (x *index) putJob(e *entry, in bool) {
	if e.record.Kind.GroupKind() != jobKind ||
		!slices.ContainsFunc(e.problems(), func(p problem) bool { return p.rule == ruleJob }) {
		return
	}
	owner := controllerOf(e.record)
	if in {
		x.failedJobs[owner]++
	} else if x.failedJobs[owner]--; x.failedJobs[owner] == 0 {
		delete(x.failedJobs, owner)
	}
}

func (x *index) putPod(e *entry, in bool) {
	r := e.record
	if f, ok := e.facts.(*podFacts); ok {
		x.unplaced.put(e, in && f.unplaced)
		if f.lacks {
			put(x.lacking, controllerOf(r), e, in)
		}
	}
	for _, l := range r.Links {
		if l.Relation == kinds.Mounts && l.To.GroupKind == claimKind {
			put(x.users, l.To, e, in)
		}
	}
	if owner := controllerOf(r); owner.GroupKind == statefulSet || owner.GroupKind == daemonSet {
		x.members.put(hashOf(owner), e, in)
	}
	if node := nodeOf(r); node != "" {
		put(x.onNode, node, e, in)
	}
	if len(r.Labels) == 0 {
		return
	}
	n := x.of(r.Namespace)
	g := n.pods[&r.Labels[0]]
	if g == nil {
		g = &podGroup{labels: r.Labels}
		n.pods[&r.Labels[0]] = g
	}
	step := int32(1)
	if !in {
		step = -1
	}
	g.all += step
	if r.Status.Level != kinds.Quiet && r.Deleting.IsZero() {
		g.live += step
	}
	if g.all == 0 {
		delete(n.pods, &r.Labels[0])
	}
}

// membersOf are the pods and ReplicaSets that a workload owns.
func (s *State) membersOf(owner kinds.Ref) []*entry {
	all := s.members.of(hashOf(owner))
	other := func(e *entry) bool { return controllerOf(e.record) != owner }
	if slices.ContainsFunc(all, other) {
		return slices.DeleteFunc(slices.Clone(all), other)
	}
	return all
}

// labelledAs are the entries of an index that are in a namespace.
func labelledAs(index hashed, namespace, key, value string) []*entry {
	return among(index.of(hashOf(labelKey{namespace, key, value})), namespace)
}

// among are those of a namespace.
func among(all []*entry, namespace string) []*entry {
	elsewhere := func(e *entry) bool { return e.record.Namespace != namespace }
	if slices.ContainsFunc(all, elsewhere) {
		return slices.DeleteFunc(slices.Clone(all), elsewhere)
	}
	return all
}

// nodeOf is the node that a pod runs on.
func nodeOf(pod *kinds.Record) string {
	for _, l := range pod.Links {
		if l.Relation == kinds.RunsOn {
			return l.To.Name
		}
	}
	return ""
}

// Has, Get and Lookup let a selector look at the labels of a group.
func (g *podGroup) Has(key string) bool { _, ok := g.Lookup(key); return ok }

// Get implements labels.Labels.
func (g *podGroup) Get(key string) string { value, _ := g.Lookup(key); return value }

// Lookup implements labels.Labels.
func (g *podGroup) Lookup(key string) (string, bool) {
	for _, l := range g.labels {
		if l.Key == key {
			return l.Value, true
		}
	}
	return "", false
}

// servicesOf are the Services that select pods with these labels, by name.
func (s *State) servicesOf(namespace string, pods made) []*entry {
	var out []*entry
	for key, value := range pods.all() {
		for _, e := range labelledAs(s.selectors, namespace, key, value) {
			if pods.has(e.facts.(*serviceFacts).selector) {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, byName)
	return out
}

// workloadsOf are the workloads whose pods a selector selects, by kind and name.
func (s *State) workloadsOf(namespace string, selector made) []*entry {
	var out []*entry
	for _, e := range s.narrowest(namespace, selector.all()) {
		if e.record.Kind.GroupKind() != jobKind &&
			e.facts.(*workloadFacts).template.has(selector) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *entry) int { return compareRefs(a.record.Ref(), b.record.Ref()) })
	return out
}

// narrowest are the fewest workloads among which all are that a selector selects.
func (s *State) narrowest(namespace string, selector iter.Seq2[string, string]) []*entry {
	var best []*entry
	first := true
	for key, value := range selector {
		if all := s.templates.of(hashOf(labelKey{namespace, key, value})); first || len(all) < len(best) {
			best, first = all, false
		}
	}
	return among(best, namespace)
}

// groupsOf are the groups of pods that a selector selects.
func (s *State) groupsOf(namespace string, selects func(labels.Labels) bool) []*podGroup {
	var out []*podGroup
	for _, g := range s.inside[namespace].pods {
		if selects(g) {
			out = append(out, g)
		}
	}
	return out
}

// ports are the ports of a template: what its containers declare, and what their probes
// ask.
func portsOf(spec *corev1.PodSpec) (declared []corev1.ContainerPort, asked []int32) {
	all := slices.Concat(spec.Containers, sidecarsOf(spec))
	for i := range all {
		declared = append(declared, all[i].Ports...)
		for _, p := range []*corev1.Probe{all[i].ReadinessProbe, all[i].LivenessProbe, all[i].StartupProbe} {
			if port, ok := numberOf(p); ok {
				asked = append(asked, port)
			}
		}
	}
	return declared, asked
}

func sidecarsOf(spec *corev1.PodSpec) []corev1.Container {
	var out []corev1.Container
	for i := range spec.InitContainers {
		if isSidecar(&spec.InitContainers[i]) {
			out = append(out, spec.InitContainers[i])
		}
	}
	return out
}

func isSidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// numberOf is the number of the port that a probe asks over the network.
func numberOf(p *corev1.Probe) (int32, bool) {
	switch {
	case p == nil:
	case p.HTTPGet != nil && p.HTTPGet.Port.IntVal > 0:
		return p.HTTPGet.Port.IntVal, true
	case p.TCPSocket != nil && p.TCPSocket.Port.IntVal > 0:
		return p.TCPSocket.Port.IntVal, true
	case p.GRPC != nil:
		return p.GRPC.Port, true
	}
	return 0, false
}
