package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// Tables that answer a question of every day, by a name of their own.
func init() {
	registerView(viewSpec{
		name: "warnings", help: "the warning events, newest first",
		open: func(s *Session) rootView { return filteredTable(s, kinds.Event, "type=Warning") },
	})
	registerView(viewSpec{
		name: "unlimited", help: "the pods without a limit of memory", also: []string{"no-limits"},
		open: func(s *Session) rootView { return filteredTable(s, kinds.Pod, "mem/l=-") },
	})
}

// filteredTable is the table of a kind, which the filter narrows.
func filteredTable(s *Session, kind *kinds.Kind, filter string) rootView {
	resource := Pods(s.Cluster)
	if r, ok := s.Cluster.Resources().ByKind(kind.GroupKind()); ok {
		resource = r
	} else if kind != kinds.Pod {
		resource = kube.Resource{GroupVersionResource: kind.GVR(), Kind: kind.Kind, Namespaced: kind.Namespaced}
	}
	v := Objects(s, resource).(*table)
	v.list.setFilter(filter)
	return v
}

// podKeys lead from home to the pods, sorted as the same keys sort them there.
func podKeys() []ui.Key {
	return []ui.Key{
		{Action: actSortStarts, Keys: []string{"T"}, Help: "pods by restarts", Group: "Cluster"},
		{Action: actSortCPU, Keys: []string{"C"}, Help: "pods by CPU", Group: "Cluster"},
		{Action: actSortMemory, Keys: []string{"M"}, Help: "pods by memory", Group: "Cluster"},
	}
}

// podsBy opens the pods of where home looks, in an order.
func (v *home) podsBy(order ui.Action) ui.Intent {
	view := goToKind{session: v.session, resource: Pods(v.session.Cluster), namespace: v.verdict.Namespace}.view().(*table)
	switch l := view.list; {
	case order == actSortStarts:
		l.order = order
		l.refresh()
	case l.usage != nil && order == actSortCPU:
		l.usage.wanted = columnCPU
	case l.usage != nil:
		l.usage.wanted = columnMemory
	}
	return ui.Open{View: view}
}

// instead names the view that answers what the filter was typed for, where there is one:
// nobody finds the pods without limits by typing "limits".
func (l *list) instead() string {
	text, _ := l.rows.Filter()
	word := strings.TrimSuffix(strings.ToLower(text), "s")
	for _, v := range viewSpecs {
		if len(word) > 3 && strings.Contains(strings.Join(append(v.also, v.name), " "), word) {
			return "; :" + v.name + " is " + v.help
		}
	}
	return ""
}
