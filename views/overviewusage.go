package views

import (
	"fmt"
	"slices"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// usageOfOne is what the subject of a page uses: a pod, one of its containers, a node, or
// what owns pods. Only the metrics of those are asked for, and none where nobody serves
// them.
type usageOfOne struct {
	subject  *subject
	children *children
	amounts  kinds.Amounts // of the newest version
	metrics  *kube.Listing // nil while none are served, or of other kinds
	watch    *kube.Watch
}

// read takes over a new version of the subject, and discovery's last word.
func (u *usageOfOne) read() {
	s := u.subject
	if s.record == nil {
		return
	}
	if obj, err := s.session.Cluster.Decode(s.record); err == nil {
		u.amounts = kinds.AmountsOf(obj)
		if s.alone {
			u.amounts = kinds.ContainerAmounts(obj, s.container)
		}
	}
	if u.metrics != nil {
		return
	}
	if scope, ok := u.scope(); ok {
		u.metrics = s.session.Cluster.Listing(scope)
		u.watch = u.metrics.Watch()
	}
}

// scope is where the metrics of the subject are.
func (u *usageOfOne) scope() (scope kube.Scope, ok bool) {
	s := u.subject
	name, scope := "pods", kube.Scope{Namespace: s.namespace, Fields: "metadata.name=" + s.name}
	if !u.measurable() {
		return scope, false
	}
	if s.ref().GroupKind == nodeKind {
		name = "nodes"
	}
	if pods := u.pods(); pods != nil {
		scope.Fields, scope.Labels = "", pods.child.Selector
	}
	resource, ok := metricsResource(s.session.Cluster.Resources(), name)
	scope.GroupVersionResource = resource.GroupVersionResource
	return scope, ok
}

// measurable reports whether the subject is of a kind that uses anything.
func (u *usageOfOne) measurable() bool {
	kind := u.subject.ref().GroupKind
	return kind == podKind || kind == nodeKind || u.pods() != nil
}

// pods are the pods that the subject owns; nil of other kinds.
func (u *usageOfOne) pods() *childList {
	if _, owns := between[u.subject.ref().GroupKind]; !owns {
		return nil
	}
	i := slices.IndexFunc(u.children.lists, func(l *childList) bool { return l.child.Resource == "pods" && l.child.Owned })
	if i < 0 {
		return nil
	}
	return u.children.lists[i]
}

// watches asks for the metrics, if there are any.
func (u *usageOfOne) watches() []ui.Intent {
	if u.read(); u.watch == nil {
		return nil
	}
	return []ui.Intent{ui.Watch{Source: u.watch}}
}

// used returns what is used, and by how many pods or nodes.
func (u *usageOfOne) used() (used kinds.Usage, count int64) {
	s := u.subject
	if pods := u.pods(); pods != nil {
		for _, pod := range pods.records {
			if r := u.metrics.Get(pod.Namespace, pod.Name); r != nil {
				used, count = used.Add(kinds.UsageOf(r)), count+1
			}
		}
		return used, count
	}
	r := u.metrics.Get(s.namespace, s.name)
	switch {
	case r == nil:
		return used, 0
	case !s.alone:
		return kinds.UsageOf(r), 1
	}
	for _, c := range u.ofContainers() {
		if c.Name == s.container {
			return c.Usage, 1
		}
	}
	return used, 0
}

// ofContainers is what the containers of a pod use.
func (u *usageOfOne) ofContainers() []kinds.NamedUsage {
	r := u.metrics.Get(u.subject.namespace, u.subject.name)
	if r == nil || u.subject.ref().GroupKind != podKind {
		return nil
	}
	fields, err := u.subject.session.Cluster.Fields(r)
	if err != nil {
		return nil
	}
	return kinds.ContainerUsage(fields)
}

// section is the lines about it; none before anything is known.
func (u *usageOfOne) section(width int) []entry {
	if u.metrics == nil {
		return nil
	}
	var all []row
	title := "usage"
	if used, count := u.used(); count > 0 {
		all = append(all, u.row("cpu", true, used, count), u.row("memory", false, used, count))
		if u.pods() != nil {
			title += " of " + counted(int(count), "pods")
		}
		all = append(all, u.containerRows()...)
	}
	if text := stateProblem(u.metrics.State()); text != "" {
		all = append(all, row{cells: []ui.Span{{Text: text, Role: themes.Degraded}}})
	}
	return section(title, all, width)
}

// row says how much of one of the two is used, and which part of what there is.
func (u *usageOfOne) row(name string, cpu bool, used kinds.Usage, count int64) row {
	text := used.MemoryText()
	if cpu {
		text = used.CPUText()
	}
	cells := []ui.Span{{Text: name, Role: themes.Muted}, {Text: text, Role: themes.Text}}
	add := func(of kinds.Usage, what string, bound bool) {
		share, amount := used.MemoryPercent(of), of.MemoryText()
		if cpu {
			share, amount = used.CPUPercent(of), of.CPUText()
		}
		if share == kinds.Unmeasured {
			return
		}
		role := themes.Text
		if percent, _ := share.Number(); bound && percent >= fullPercent {
			role = themes.Degraded
		}
		text := share.Format(u.subject.session.Now(), kinds.CoarseAge)
		cells = append(cells, ui.Span{Text: fmt.Sprintf("%s of %s %s", text, what, amount), Role: role})
	}
	add(u.amounts.Request.Times(count), "request", false)
	add(u.amounts.Limit.Times(count), "limit", true)
	add(u.amounts.Allocatable.Times(count), "allocatable", true)
	if len(cells) == 2 {
		cells = append(cells, ui.Span{Text: "no request, no limit", Role: themes.Muted})
	}
	return row{cells: cells}
}

// fullPercent is how much of a limit is worth a colour.
const fullPercent = 90

// containerRows are the parts of a pod's usage, where it has several.
func (u *usageOfOne) containerRows() []row {
	containers := u.ofContainers()
	if len(containers) < 2 || u.subject.alone {
		return nil
	}
	var all []row
	for _, c := range containers {
		all = append(all, row{cells: []ui.Span{
			{Text: "  " + c.Name, Role: themes.Muted},
			{Text: c.CPUText(), Role: themes.Text}, {Text: c.MemoryText(), Role: themes.Text},
		}})
	}
	return all
}

// unmeasured is the fact that nobody measures anything; "" where somebody may.
func (u *usageOfOne) unmeasured() string {
	s := u.subject.session
	if u.metrics != nil || !u.measurable() || s.isSaved() || !s.Cluster.Resources().Complete() {
		return ""
	}
	return "not measured: " + notServed
}
