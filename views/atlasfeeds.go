package views

import (
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// How many objects of a kind the atlas loads by itself. Of more it knows the number, and
// what a listing that is there anyway says. Nodes are always loaded: they are what the
// page is about.
const (
	loadMax       = 500
	definitionMax = 60     // a CustomResourceDefinition is up to a megabyte
	heldMax       = 10_000 // objects of a listing that is there anyway
)

// feedID names one of the lists that the atlas reads.
type feedID string

// feedSpec is a list of objects, and what the atlas reads of each.
type feedSpec struct {
	schema.GroupKind
	namespace, labels string
	read              func(runtime.Object) any // nil reads the record only
	// counted is how many there may be for all of them to be loaded; 0 loads them at once.
	counted int64
}

// The lists. What a role in the cluster is recognised by is in the file of its layer.
var feedSpecs = map[feedID]feedSpec{
	"nodes":        {GroupKind: nodeKind, read: readAtlasNode},
	"control":      {GroupKind: podKind, namespace: systemNamespace, labels: "tier=control-plane", read: readControlPod},
	"leases":       {GroupKind: leaseKind, namespace: systemNamespace, read: readLease},
	"loops":        {GroupKind: accountKind, namespace: systemNamespace},
	"api":          {GroupKind: sliceKind, namespace: "default", labels: apiSlices, read: readSlice},
	"addons1":      {GroupKind: deploymentKind, labels: addonSelector("k8s-app")},
	"addons2":      {GroupKind: daemonSetKind, labels: addonSelector("k8s-app"), read: readImages},
	"addons3":      {GroupKind: deploymentKind, labels: addonSelector(nameLabel)},
	"addons4":      {GroupKind: daemonSetKind, labels: addonSelector(nameLabel)},
	"csi":          {GroupKind: csiDriverKind},
	"nodeLeases":   {GroupKind: leaseKind, namespace: "kube-node-lease", read: readLease, counted: loadMax},
	"usage":        {GroupKind: nodeUsageKind, read: readUsage, counted: loadMax},
	"pods":         {GroupKind: podKind, read: readRequests, counted: loadMax},
	"deployments":  {GroupKind: deploymentKind, counted: loadMax},
	"statefulsets": {GroupKind: statefulSetKind, counted: loadMax},
	"daemonsets":   {GroupKind: daemonSetKind, counted: loadMax},
	"jobs":         {GroupKind: jobKind, counted: loadMax},
	"cronjobs":     {GroupKind: cronJobKind, counted: loadMax},
	"services":     {GroupKind: apiServiceKind, read: readAPIService},
	"definitions":  {GroupKind: definitionKind, read: readDefinition, counted: definitionMax},
	"validating":   {GroupKind: validatingKind, read: readWebhooks},
	"mutating":     {GroupKind: mutatingKind, read: readWebhooks},
	"quotas":       {GroupKind: quotaKind, read: readQuota, counted: loadMax},
	"claims":       {GroupKind: claimKind, counted: loadMax},
	"classes":      {GroupKind: storageClassKind, read: readStorageClass},
	"namespaces":   {GroupKind: namespaceKind, counted: 4 * loadMax},
}

// firstFeeds are small, and say how the control plane is: they are the first to be asked for.
var firstFeeds = []feedID{"control", "leases", "loops", "api"}

// countedKinds are the kinds whose objects are counted besides those of the lists.
var countedKinds = []schema.GroupKind{
	{Kind: "ConfigMap"}, {Kind: "Secret"}, {Kind: "Service"}, {Kind: "PersistentVolume"}, accountKind,
	{Group: "apps", Kind: "ReplicaSet"},
	{Group: "networking.k8s.io", Kind: "Ingress"}, {Group: "networking.k8s.io", Kind: "NetworkPolicy"},
	{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"},
	{Group: rbacGroup, Kind: "Role"}, {Group: rbacGroup, Kind: "RoleBinding"},
	{Group: rbacGroup, Kind: "ClusterRole"}, {Group: rbacGroup, Kind: "ClusterRoleBinding"},
	{Group: admissionGroup, Kind: "ValidatingAdmissionPolicy"}, {Group: admissionGroup, Kind: "MutatingAdmissionPolicy"},
}

// feed is one list, once it is asked for.
type feed struct {
	digest  *kube.Digest
	entries []kube.DigestEntry
	state   kube.State // when the entries were read
	scope   kube.Scope
}

// atlasFeeds is what the atlas knows, and what it watches for that.
type atlasFeeds struct {
	session  *Session
	only     []feedID      // the lists that are wanted, and nothing else; nil is all there is to ask
	checked  *kube.Checked // nil before the first answer
	counted  map[schema.GroupVersionResource]kube.Count
	identity *kube.Identified // nil before the answer
	asked    *kube.IdentityWatch
	rightsIn string // the namespace that was asked about last
	lists    map[feedID]*feed
	started  bool
	counting bool
}

func newAtlasFeeds(s *Session) atlasFeeds {
	return atlasFeeds{
		session: s, lists: map[feedID]*feed{}, counted: map[schema.GroupVersionResource]kube.Count{},
	}
}

// update takes over what a source said, and asks for what can be asked for now.
func (a *atlasFeeds) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return a.watches()
	case kube.Checked:
		a.checked = &msg
	case kube.Identified:
		if msg.From == a.asked {
			a.identity = &msg
		}
	case kube.CountsRead:
		maps.Copy(a.counted, msg.Of)
	case kube.Digested:
		for _, f := range a.lists {
			if f.digest == msg.From {
				f.entries, f.state = f.digest.Entries(), msg.State
			}
		}
	case kube.HealthChanged:
	default:
		return nil
	}
	return a.more()
}

// watches asks for everything that is watched so far; what is watched already is not
// watched twice.
func (a *atlasFeeds) watches() ui.Intent {
	var all ui.All
	if !a.started && a.only == nil {
		a.started = true
		all = append(all, a.askRights(a.namespace()))
		if !a.session.isSaved() {
			all = append(all, ui.Watch{Source: a.session.Cluster.WatchChecks()})
		}
	}
	return append(all, a.more())
}

// askRights asks what we may do in a namespace.
func (a *atlasFeeds) askRights(namespace string) ui.Watch {
	a.rightsIn, a.asked = namespace, a.session.Cluster.WatchIdentity(namespace)
	return ui.Watch{Source: a.asked}
}

// namespace is where is looked when not all namespaces may be.
func (a *atlasFeeds) namespace() string {
	if a.session.Namespace != "" {
		return a.session.Namespace
	}
	return a.session.Cluster.Namespace()
}

// more asks for the lists that are not asked for yet and can be.
func (a *atlasFeeds) more() ui.Intent {
	var all ui.All
	for _, id := range slices.AppendSeq(slices.Clone(firstFeeds), maps.Keys(feedSpecs)) {
		spec := feedSpecs[id]
		if a.lists[id] != nil || !a.wants(id) {
			continue
		}
		if scope, ok := a.scopeOf(spec); ok {
			f := &feed{digest: a.session.Cluster.Digest(scope, spec.reader()), scope: scope}
			a.lists[id] = f
			all = append(all, ui.Watch{Source: f.digest})
		}
	}
	if resources := a.session.Cluster.Resources(); !a.counting && resources.Complete() {
		a.counting = true
		all = append(all, ui.Watch{Source: a.session.Cluster.WatchCounts(a.toCount(resources), a.namespace())})
	}
	a.backends(func(d *kube.Digest) { all = append(all, ui.Watch{Source: d}) })
	if len(all) == 0 {
		return nil
	}
	return all
}

func (a *atlasFeeds) wants(id feedID) bool { return a.only == nil || slices.Contains(a.only, id) }

func (s feedSpec) reader() func(runtime.Object) any {
	if s.read == nil {
		return func(runtime.Object) any { return nil }
	}
	return s.read
}

// toCount are the resources that are counted.
func (a *atlasFeeds) toCount(resources *kube.Resources) (out []kube.Resource) {
	add := func(gk schema.GroupKind) {
		if r, ok := resources.ByKind(gk); ok && r.Can("list") {
			out = append(out, r)
		}
	}
	for id, spec := range feedSpecs {
		if a.wants(id) && spec.counted > 0 && spec.GroupKind != nodeUsageKind && spec.GroupKind != leaseKind {
			add(spec.GroupKind)
		}
	}
	for _, gk := range countedKinds {
		if a.only == nil {
			add(gk)
		}
	}
	return out
}

// scopeOf is the scope of a list, if it is to be loaded.
func (a *atlasFeeds) scopeOf(spec feedSpec) (kube.Scope, bool) {
	r, ok := a.session.Cluster.Resources().ByKind(spec.GroupKind)
	if !ok || !r.Can("list") {
		return kube.Scope{}, false
	}
	scope := kube.Scope{GroupVersionResource: r.GroupVersionResource, Namespace: spec.namespace, Labels: spec.labels}
	switch {
	case spec.counted == 0:
		return scope, true
	case spec.GroupKind == nodeUsageKind, spec.GroupKind == leaseKind:
		// As many as there are nodes.
		nodes, state := a.entries("nodes")
		return scope, state.Phase == kube.Live && int64(len(nodes)) <= spec.counted
	}
	count, ok := a.counted[r.GroupVersionResource]
	if !ok || count.Err != nil {
		return scope, false
	}
	if held := a.session.Cluster.Held(count.Scope); held != nil && held.State().Phase == kube.Live && count.N <= heldMax {
		return count.Scope, true
	}
	return count.Scope, !count.More && count.N <= spec.counted
}

// entries are the objects of a list, and how it is doing; its phase is Idle while it is
// not asked for.
func (a *atlasFeeds) entries(id feedID) ([]kube.DigestEntry, kube.State) {
	f := a.lists[id]
	if f == nil {
		return nil, kube.State{}
	}
	return f.entries, f.state
}

// served returns the resource of a kind.
func (a *atlasFeeds) served(gk schema.GroupKind) (kube.Resource, bool) {
	return a.session.Cluster.Resources().ByKind(gk)
}

// now is the time that ages are counted from: the API server's, where its clock and that
// of this machine differ.
func (a *atlasFeeds) now(now time.Time) time.Time {
	if a.checked == nil || a.checked.Ahead.Abs() < clockSlack {
		return now
	}
	return now.Add(-a.checked.Ahead)
}

// clockSlack is how far two clocks may be apart without a word.
const clockSlack = 5 * time.Second

// trouble counts the records of a list that are not well, and those that are on their
// way.
func trouble(entries []kube.DigestEntry) (failing, waiting int, worst *kinds.Record) {
	for _, e := range entries {
		switch level := e.Record.Status.Level; {
		case level >= kinds.Degraded:
			failing++
			if worst == nil || level > worst.Status.Level {
				worst = e.Record
			}
		case level == kinds.Waiting:
			waiting++
		}
	}
	return failing, waiting, worst
}
