package views

import (
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/recorder"
	"github.com/fathom-k8s/fathom/ui"
)

// The palette's intents open their view only when they are carried out.
type (
	goToKind struct {
		session   *Session
		resource  kube.Resource
		namespace string
		filter    string // of the table
		order     order  // of its rows
		stay      bool   // in another cluster: in the namespace where one is there
	}
	goToObject struct {
		session         *Session
		resource        kube.Resource
		namespace, name string
		tab             tabID
	}
	goToNamespace struct {
		session   *Session
		namespace string
	}
	openView struct {
		session *Session
		name    string // of a registered view
	}
	explainField struct {
		session  *Session
		resource kube.Resource
		path     string
	}
	toggleRecord struct{ session *Session }
)

// Intent implements ui.Lazy.
func (g goToKind) Intent() ui.Intent { return ui.Open{View: g.view()} }

func (g goToKind) view() ui.View {
	if g.resource.Namespaced {
		g.session.GoToSpaces(g.namespace)
	}
	view := Objects(g.session, g.resource)
	if t, ok := view.(*table); ok && g.filter != "" {
		t.list.setFilter(g.filter)
	}
	if t, ok := view.(*table); ok && g.order != (order{}) {
		t.list.sortAs(g.order)
	}
	return view
}

// Reopen implements ui.Reopener.
func (v *table) Reopen() ui.View {
	return goToPlace{v.session, v.resource, v.shown()}.view()
}

// Reopen implements ui.Reopener.
func (v *object) Reopen() ui.View {
	s := v.subject
	return newObject(v.session, s.resource, s.namespace, s.name, s.record, v.specs[v.current].id)
}

// Intent implements ui.Lazy.
func (g goToObject) Intent() ui.Intent {
	return ui.Open{View: newObject(g.session, g.resource, g.namespace, g.name, nil, g.tab)}
}

// Intent implements ui.Lazy.
func (g goToNamespace) Intent() ui.Intent {
	g.session.GoToSpaces(g.namespace)
	return ui.Open{View: Objects(g.session, Pods(g.session.Cluster))}
}

// Intent implements ui.Lazy.
func (g openView) Intent() ui.Intent {
	for _, v := range viewSpecs {
		if v.name == g.name {
			view := v.open(g.session)
			view.root().name = v.name
			return ui.Open{View: view}
		}
	}
	return nil
}

// Intent implements ui.Lazy.
func (g explainField) Intent() ui.Intent {
	return ui.Open{View: Explain(g.session, g.resource, g.path)}
}

// Intent implements ui.Lazy.
func (g toggleRecord) Intent() ui.Intent {
	if g.session.Cluster.Recording() != nil {
		return recorder.NewStop(g.session.Cluster)
	}
	return recorder.NewStart(g.session.Cluster)
}
