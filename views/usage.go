package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/rows"
)

// usage joins what metrics.k8s.io measures to the rows of a table, while that is looked
// at: of pods and nodes always, of what is made of pods when somebody asks for it.
//
//	pods.metrics  ──> used ──> CPU, MEM ──> rows.Index
//	bodies of the rows ──> amounts ──> CPU/L, MEM/L, CPU/R, MEM/R
//
// A body takes a tenth of a millisecond to read. So a few are read at once, where their
// rows are visible, and all of them in the background, when the rows are sorted or
// filtered by a percentage.
type usage struct {
	session   *Session
	kind      schema.GroupKind // of the rows
	namespace string
	asked     bool   // somebody wants to see it
	wanted    string // the column to sort by as soon as it is there

	resources *kube.Resources // that were searched for the metrics
	metrics   *kube.Listing   // nil while none are served
	pods      []*kube.Listing // the pods, and what stands between them and their owners
	joined    bool            // the columns are there

	used     map[kube.Key]kinds.Usage
	byUID    map[types.UID]owned // of what owns pods
	complete bool                // all of pods were there when it was read
	amounts  map[kube.Key]amountsOfOne
	measured map[kube.Key][]kinds.NamedUsage // of the containers of pods, as far as they were looked at

	budget int                               // how many bodies may still be read at once
	behind bool                              // more were wanted
	reader *kube.ObjectsWatch[kinds.Amounts] // reads all of them; nil until it is needed
	unread int                               // how many it has not read
}

// bodiesAtOnce is how many bodies are read between two frames: all that are visible, or
// those of a small table.
const bodiesAtOnce = 200

// owned is what the pods of an object use together.
type owned struct {
	used kinds.Usage
	pods int64
}

// amountsOfOne are those of one version of an object.
type amountsOfOne struct {
	of *kinds.Record
	kinds.Amounts
}

// between are the kinds that own pods, and what stands between them and the pods.
var between = map[schema.GroupKind][]schema.GroupVersionResource{
	{Kind: "ReplicationController"}:      nil,
	{Group: "apps", Kind: "ReplicaSet"}:  nil,
	{Group: "apps", Kind: "StatefulSet"}: nil,
	{Group: "apps", Kind: "DaemonSet"}:   nil,
	{Group: "batch", Kind: "Job"}:        nil,
	{Group: "apps", Kind: "Deployment"}:  {{Group: "apps", Version: "v1", Resource: "replicasets"}},
	{Group: "batch", Kind: "CronJob"}:    {{Group: "batch", Version: "v1", Resource: "jobs"}},
}

// newUsage returns the usage of a kind's objects; nil where there is none, and for a
// table that is printed, whose columns are the server's.
func newUsage(s *Session, kind schema.GroupKind, namespace string) *usage {
	_, owns := between[kind]
	direct := kind == podKind || kind == nodeKind || kind == kinds.ContainerKind.GroupKind()
	if s.Printed || !direct && !owns && kind != namespaceKind {
		return nil
	}
	return &usage{session: s, kind: kind, namespace: namespace, asked: direct, amounts: map[kube.Key]amountsOfOne{}}
}

// owns reports whether the rows own pods.
func (u *usage) owns() bool {
	_, owns := between[u.kind]
	return owns
}

// metricsResource returns the resource of metrics.k8s.io of a name.
func metricsResource(r *kube.Resources, name string) (kube.Resource, bool) {
	i := slices.IndexFunc(r.All(), func(res kube.Resource) bool {
		return res.Group == kinds.MetricsGroup && res.Resource == name && res.Can("list")
	})
	if i < 0 {
		return kube.Resource{}, false
	}
	return r.All()[i], true
}

// look finds out whether there are metrics, and returns what has to be watched for them.
func (u *usage) look() ui.Intent {
	if !u.asked || u.metrics != nil {
		return nil
	}
	resources := u.session.Cluster.Resources()
	if resources == u.resources {
		return nil
	}
	u.resources = resources
	name := "pods"
	if u.kind == nodeKind {
		name = "nodes"
	}
	found, ok := metricsResource(resources, name)
	if !ok {
		return nil
	}
	var all ui.All
	listen := func(gvr schema.GroupVersionResource) *kube.Listing {
		l := u.session.Cluster.Listing(kube.Scope{GroupVersionResource: gvr, Namespace: u.namespace})
		all = append(all, ui.Watch{Source: l.Watch()})
		return l
	}
	u.metrics = listen(found.GroupVersionResource)
	if u.owns() {
		for _, gvr := range append([]schema.GroupVersionResource{kinds.Pod.GVR()}, between[u.kind]...) {
			u.pods = append(u.pods, listen(gvr))
		}
	}
	return all
}

// ask is called when somebody wants to see usage. It returns what has to be watched.
func (u *usage) ask() ui.Intent {
	u.asked = true
	return u.look()
}

// problem returns what keeps usage from being shown; "" when nothing does or it is on its way.
func (u *usage) problem() string {
	if u.metrics == nil {
		silent := func(problem string) bool { return strings.Contains(problem, kinds.MetricsGroup) }
		switch resources := u.session.Cluster.Resources(); {
		case !resources.Complete():
			return ""
		case slices.ContainsFunc(resources.Problems(), silent):
			return "no CPU and MEM: the cluster's " + kinds.MetricsGroup + " does not answer"
		}
		return "no CPU and MEM: " + notServed
	}
	for _, l := range append([]*kube.Listing{u.metrics}, u.pods...) {
		if text := stateProblem(l.State()); text != "" {
			return "no newer CPU and MEM: " + text
		}
	}
	return ""
}

// update takes over a change of what is watched, and reports whether it was one.
func (u *usage) update(msg kube.ListingChanged) bool {
	late := slices.Contains(u.pods, msg.Listing) && !u.complete && msg.Listing.State().Phase == kube.Live
	if u.metrics == nil || msg.Listing != u.metrics && !late {
		return false
	}
	u.read()
	return true
}

// read reads all measurements again: they all change together.
func (u *usage) read() {
	records := u.metrics.Since(0).Changed
	u.used, u.measured = make(map[kube.Key]kinds.Usage, len(records)), nil
	if len(u.amounts) > 2*len(records)+amountsMax {
		u.amounts = map[kube.Key]amountsOfOne{} // Most are of what is gone.
	}
	for _, r := range records {
		key := kube.Key{Namespace: r.Namespace, Name: r.Name}
		if u.kind == namespaceKind {
			key = kube.Key{Name: r.Namespace}
		}
		u.used[key] = u.used[key].Add(kinds.UsageOf(r))
	}
	u.sumByOwner()
}

// sumByOwner sums up what the pods of each owner use.
func (u *usage) sumByOwner() {
	if !u.owns() {
		return
	}
	u.byUID, u.complete = map[types.UID]owned{}, true
	for _, l := range u.pods {
		u.complete = u.complete && l.State().Phase == kube.Live
	}
	above := map[types.UID]types.UID{}
	for _, l := range u.pods[1:] {
		for _, r := range l.Since(0).Changed {
			above[r.GetUID()] = ownerOf(r)
		}
	}
	for _, pod := range u.pods[0].Since(0).Changed {
		used, ok := u.used[kube.Key{Namespace: pod.Namespace, Name: pod.Name}]
		owner := ownerOf(pod)
		if len(u.pods) > 1 {
			owner = above[owner]
		}
		if ok && owner != "" {
			sum := u.byUID[owner]
			u.byUID[owner] = owned{sum.used.Add(used), sum.pods + 1}
		}
	}
}

// ownerOf is the UID of the first owner of an object; "" when it has none.
func ownerOf(r *kinds.Record) types.UID {
	i := slices.IndexFunc(r.Links, func(l *kinds.Link) bool { return l.Relation == kinds.OwnedBy })
	if i < 0 {
		return ""
	}
	return r.Links[i].UID
}

// of returns what the object of a row uses, and how many pods or nodes that are.
func (u *usage) of(r *kinds.Record) (used kinds.Usage, count int64) {
	if u.owns() {
		sum := u.byUID[r.GetUID()]
		return sum.used, sum.pods
	}
	if pod, container, ok := kinds.SplitContainer(r); ok {
		for _, c := range u.ofContainers(kube.Key{Namespace: r.Namespace, Name: pod}) {
			if c.Name == container {
				return c.Usage, 1
			}
		}
		return kinds.Usage{}, 0
	}
	used, ok := u.used[kube.Key{Namespace: r.Namespace, Name: r.Name}]
	if !ok {
		return used, 0
	}
	return used, 1
}

// ofContainers returns what the containers of a pod use.
func (u *usage) ofContainers(pod kube.Key) []kinds.NamedUsage {
	used, known := u.measured[pod]
	if known {
		return used
	}
	if r := u.metrics.Get(pod.Namespace, pod.Name); r != nil {
		if fields, err := u.session.Cluster.Fields(r); err == nil {
			used = kinds.ContainerUsage(fields)
		}
	}
	if u.measured == nil {
		u.measured = map[kube.Key][]kinds.NamedUsage{}
	}
	u.measured[pod] = used
	return used
}

// amountsOf returns what the object of a row asks for, may have, or has: as its last
// version said whose body was read.
func (u *usage) amountsOf(r *kinds.Record) kinds.Amounts {
	key := kube.Key{Namespace: r.Namespace, Name: r.Name}
	known := u.amounts[key]
	switch {
	case known.of == r:
		return known.Amounts
	case u.budget == 0:
		u.behind = true
		return known.Amounts
	}
	u.budget--
	known.of = r
	if amounts, err := u.session.Cluster.Amounts(r); err == nil {
		known.Amounts = amounts
	}
	u.amounts[key] = known
	return known.Amounts
}

// readAll returns what has to be watched to know the amounts of all rows, once they were
// wanted.
func (u *usage) readAll(rows *kube.Listing) ui.Intent {
	if !u.behind || u.reader != nil {
		return nil
	}
	u.reader, u.unread = u.session.Cluster.WatchAmounts(rows), rows.Len()
	return ui.Watch{Source: u.reader}
}

// takeAmounts takes over what the reader has read, and reports whether it was the reader.
func (u *usage) takeAmounts(msg ui.Msg) bool {
	read, ok := msg.(kube.ObjectsRead[kinds.Amounts])
	if !ok || read.From != u.reader {
		return false
	}
	for r, amounts := range read.Of {
		u.amounts[kube.Key{Namespace: r.Namespace, Name: r.Name}] = amountsOfOne{r, amounts}
	}
	u.unread = read.Left
	return true
}

// The columns of usage.
const (
	columnCPU           = "CPU"
	columnMemory        = "MEM"
	leadingColumns      = 4
	leadingWithoutParts = 2
)

// amountsMax is how many amounts of objects that are gone are kept at least.
const amountsMax = 1000

// Columns implements rows.Beside.
func (u *usage) Columns() (columns []kinds.Column, leading int) {
	column := func(name string, wide bool) kinds.Column { return kinds.Column{Name: name, Right: true, Wide: wide} }
	switch u.kind {
	case namespaceKind:
		return []kinds.Column{column(columnCPU, false), column(columnMemory, false)}, leadingWithoutParts
	case nodeKind:
		return []kinds.Column{
			column(columnCPU, false), column("CPU/A", false), column(columnMemory, false), column("MEM/A", false),
		}, leadingColumns
	}
	return []kinds.Column{
		column(columnCPU, false), column("CPU/L", true), column(columnMemory, false), column("MEM/L", true),
		column("CPU/R", true), column("MEM/R", true),
	}, leadingColumns
}

// Cell implements rows.Beside.
func (u *usage) Cell(r *kinds.Record, column int) kinds.Cell {
	used, count := u.of(r)
	switch {
	case count == 0 && u.kind == podKind && u.unlimited(r, column):
		return kinds.Unlimited
	case count == 0:
		return kinds.Unmeasured
	case column == 0:
		return used.CPUCell()
	case column == 2 || u.kind == namespaceKind:
		return used.MemoryCell()
	}
	if u.kind == podKind && u.unlimited(r, column) {
		return kinds.Unlimited
	}
	of, cpu := u.partOf(r, column)
	if cpu {
		return used.CPUPercent(of.Times(count))
	}
	return used.MemoryPercent(of.Times(count))
}

// Percent implements rows.Beside: of CPU and MEM, what is used of the limit, or where
// there is none of the request.
func (u *usage) Percent(r *kinds.Record, column int) kinds.Cell {
	used, count := u.of(r)
	if count == 0 || column != 0 && column != 2 || u.kind == namespaceKind {
		return u.Cell(r, column)
	}
	a := u.amountsOf(r)
	of := a.Limit.Or(a.Allocatable).Or(a.Request).Times(count)
	if column == 0 {
		return used.CPUPercent(of)
	}
	return used.MemoryPercent(of)
}

var _ rows.Beside = (*usage)(nil)

// What a list does with usage.

// followUsage takes over a change of what is used, or that it is there at last.
func (l *list) followUsage(msg ui.Msg) {
	if l.usage.takeAmounts(msg) {
		l.rows.Rejoin(l.session.Now())
		l.table.Redraw()
		l.table.Update(l.rows)
		return
	}
	changed, ok := msg.(kube.ListingChanged)
	if !ok || !l.usage.update(changed) {
		return
	}
	now := l.session.Now()
	switch {
	case l.usage.joined:
		l.rows.Rejoin(now)
	case len(l.usage.used) > 0 && l.rows.Kind() != nil:
		l.usage.joined = true
		l.rows.Join(l.usage, now)
		l.columnsChanged()
	}
	if l.usage.joined && l.usage.wanted != "" {
		l.sortByUsage(l.usage.wanted)
	}
	l.table.Redraw()
	l.table.Update(l.rows)
}

// askUsage makes usage appear where it does not by itself.
func (l *list) askUsage() ui.Intent {
	if l.usage == nil {
		return nil
	}
	return l.usage.ask()
}

// sortByUsage sorts by CPU or MEM, the largest first, as soon as there is any, and shows
// it beside the names.
func (l *list) sortByUsage(name string) ui.Intent {
	u := l.usage
	u.wanted = name
	watch := u.ask()
	if !u.joined {
		if problem := u.problem(); problem != "" {
			return ui.All{watch, ui.Say{Text: problem, Role: themes.Degraded}}
		}
		return watch
	}
	u.wanted = ""
	l.rows.BesideFirst(true)
	at := l.rows.Column(name)
	if sorted, _ := l.rows.Sorted(); sorted != at {
		l.rows.SortOn(name, l.session.Now())
	}
	l.rows.SortBy(l.rows.Column(name), l.session.Now())
	l.columnsChanged()
	l.table.Update(l.rows)
	return watch
}

// usageNote says why there is no usage, or none that is fresh, where somebody asked for
// it.
func (l *list) usageNote() string {
	u := l.usage
	if u == nil || u.wanted == "" && !l.rows.UsesMeasured() {
		return ""
	}
	problem := u.problem()
	switch {
	case problem == "" && !u.joined && u.metrics != nil && u.metrics.State().Phase == kube.Live:
		return "nothing here has been measured yet"
	case problem == "" && !u.joined:
		return usageAwaited
	case problem == "" && u.unread > 0:
		return fmt.Sprintf("reading requests and limits: %d to go ...", u.unread)
	}
	return problem
}

const usageAwaited = "waiting for CPU and MEM ..."

// filterProblem says what of the filter is not understood, or why there is nothing that
// it could compare with.
func (l *list) filterProblem() string {
	problem := l.rows.FilterProblem()
	if problem == "" || l.usage == nil || !l.usage.names(l.rows.UnknownNames()) {
		return problem
	}
	return cmp.Or(l.usage.problem(), usageAwaited)
}

// notServed says why nothing is measured.
const notServed = "the cluster does not serve " + kinds.MetricsGroup + " (metrics-server)"

// names reports whether a filter means one of the columns.
func (u *usage) names(unknown []string) bool {
	columns, _ := u.Columns()
	return slices.ContainsFunc(columns, func(c kinds.Column) bool {
		return slices.ContainsFunc(unknown, func(name string) bool { return strings.EqualFold(c.Name, name) })
	})
}
