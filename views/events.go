package views

import (
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerTab(tabSpec{
		order: 40, id: "events", key: "E", footer: true, api: true,
		goesBack: "events that had been seen, with the counts of now",
		open:     func(s *subject) tab { return newEvents(s) },
	})
}

// events are what the cluster said about the subject, and on request about
// what it owns.
type events struct {
	subject *subject
	list    *list
	owned   *children // whose events are shown too; nil for the subject's only
}

func newEvents(s *subject) *events {
	v := &events{subject: s}
	v.about()
	return v
}

// about lists the events of the subject alone, which the server selects.
func (v *events) about() {
	v.owned = nil
	v.open(v.subject.events(), v.subject.wasSeen)
}

// aboutChildren lists the events of the namespace and keeps those of the subject
// and of what it owns.
func (v *events) aboutChildren() {
	v.owned = newChildren(v.subject)
	scope := kube.Scope{GroupVersionResource: eventsResource, Namespace: v.subject.namespace}
	v.open(v.subject.session.Cluster.Listing(scope), func(r *kinds.Record) bool {
		for _, l := range r.Links {
			if l.Relation == kinds.About && v.subject.wasSeen(r) {
				return l.To == v.subject.ref() || v.owned.contains(l.UID)
			}
		}
		return false
	})
}

func (v *events) open(listing *kube.Listing, keep func(*kinds.Record) bool) {
	v.list = newList(v.subject.session, listing, false)
	if v.owned == nil {
		v.list.rows.LeaveOut("OBJECT") // it is always the subject
		v.list.columnsChanged()
		v.list.absent = v.ofChildren
	}
	v.list.keepOnly(keep)
}

// ofChildren is what stands in place of the subject's own events where it has none: of a workload
// that crashes, its pods have them.
func (v *events) ofChildren() string {
	r := v.subject.record
	if r == nil {
		return ""
	}
	obj, err := v.subject.session.Cluster.Decode(r)
	if err != nil {
		return ""
	}
	all := r.Kind.Details(obj).Children
	if len(all) == 0 {
		return ""
	}
	return "no events of its own; o adds those of its " + all[len(all)-1].Resource
}

const actOwned ui.Action = "events-owned"

// Keys implements tab.
func (v *events) Keys() []ui.Key {
	help := "include children"
	if v.owned != nil {
		help = "this object only"
	}
	return append([]ui.Key{
		{Action: actOwned, Keys: []string{"o"}, Help: help, Group: "Object", Footer: true},
		{Action: actOpen, Keys: []string{"enter"}, Help: "open the object", Group: "Object", Footer: v.owned != nil},
	}, v.list.keys()...)
}

// Update implements tab.
func (v *events) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return ui.Watch{Source: v.list.watch}
	case kube.ListingChanged:
		if v.owned != nil && v.owned.update(msg) {
			v.list.reread()
		}
	case subjectChanged:
		v.list.reread()
	case ui.Do:
		switch msg.Action {
		case actOwned:
			return v.toggle()
		case actOpen:
			return v.openAbout()
		}
	}
	return v.list.update(msg)
}

func (v *events) toggle() ui.Intent {
	if v.owned != nil {
		v.about()
		return ui.Watch{Source: v.list.watch}
	}
	v.aboutChildren()
	return append(v.owned.watches(), ui.Watch{Source: v.list.watch})
}

// openAbout opens the object that the event under the cursor is about.
func (v *events) openAbout() ui.Intent {
	r := v.list.current()
	if r == nil {
		return nil
	}
	for _, l := range r.Links {
		if l.Relation == kinds.About && l.To != v.subject.ref() {
			return v.subject.session.openRef(l.To, "")
		}
	}
	return nil
}

// Draw implements tab.
func (v *events) Draw(f ui.Frame) string { return v.list.draw(f, "events") }

// Wake implements tab.
func (v *events) Wake(time.Time) time.Time { return v.list.table.Wake() }
