package views

import (
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerTab(tabSpec{
		order: 10, id: "overview", key: "v",
		goesBack: "the object itself; what it is linked to is live",
		open:     func(s *subject) tab { return newOverview(s) },
	})
}

const (
	childrenMax   = 200 // rows of one kind of children; the rest is counted
	lastEventsMax = 8
)

// overview is one live page about the subject: status, facts, containers,
// conditions, what it owns or runs, last events.
type overview struct {
	subject  *subject
	details  kinds.Details
	parts    []kinds.Section // of the container that alone is shown
	unread   error           // why there are no newer details
	children *children
	events   *kube.Listing
	watching *kube.Watch // of the events
	usage    usageOfOne
	rights   *rights // of a ServiceAccount
	near     *nearby // nil until what comes first is there
	revealed bool    // the values of a Secret are shown
	told     string  // the cause that the headline names
	wake     time.Time
	walk     walk
	filter   lineFilter
}

func newOverview(s *subject) *overview {
	v := &overview{subject: s, children: newChildren(s)}
	v.usage = usageOfOne{subject: s, children: v.children}
	if s.resource.GroupKind() == kinds.ServiceAccount.GroupKind() {
		v.rights = newRights(s.session, account{"ServiceAccount", s.namespace, s.name})
	}
	v.read()
	return v
}

// read takes over a new version of the subject.
func (v *overview) read() {
	s := v.subject
	if s.record == nil {
		return
	}
	obj, err := s.session.Cluster.Decode(s.record)
	if v.unread = err; err == nil {
		v.details = s.record.Kind.Details(obj)
		if s.alone {
			v.parts = kinds.ContainerSections(obj, s.container)
		}
	}
}

// Keys implements tab.
func (v *overview) Keys() []ui.Key {
	keys := append(append(v.filter.keys(), walkKeys()...), ui.Key{
		Action: actCopy, Keys: []string{"c"}, Help: "copy what it names", Group: "Object",
	})
	if v.secret() {
		help := "show values"
		if v.revealed {
			help = "hide values"
		}
		keys = append(keys, ui.Key{Action: actReveal, Keys: []string{"x"}, Help: help, Group: "Object", Footer: true})
	}
	return keys
}

// Update implements tab.
func (v *overview) Update(msg ui.Msg) ui.Intent {
	if intent, handled := v.filter.update(msg); handled {
		return intent
	}
	switch msg := msg.(type) {
	case ui.Shown:
		v.revealed, v.subject.reveal = v.subject.reveal, false
		return v.watch()
	case subjectChanged:
		v.read()
		v.usage.read()
		if v.children.resolve() || v.events == nil {
			return v.watch()
		}
		if v.near != nil && v.near.linked.refresh() {
			return v.near.follow()
		}
	case kube.ListingChanged:
		v.children.update(msg)
		if v.rights != nil {
			return ui.All{v.rights.update(msg), v.follow(msg)}
		}
		return v.follow(msg)
	case kube.HealthChanged: // Discovery may have found more.
		all := ui.All(v.usage.watches())
		if v.near != nil {
			all = append(all, v.near.linked.follow()...)
		}
		if len(all) > 0 {
			return all
		}
	case ui.Do:
		switch msg.Action {
		case actCopy:
			return v.copy()
		case actReveal:
			v.revealed = !v.revealed
			return nil
		}
		return v.walk.update(msg)
	default:
		return v.walk.update(msg)
	}
	return nil
}

// awaited implements awaiting.
func (v *overview) awaited() bool { return v.near != nil && v.near.linked.awaited() }

// watch asks for what the page shows besides the subject, as far as it is known.
func (v *overview) watch() ui.Intent {
	if v.subject.record == nil {
		return nil
	}
	if v.events == nil {
		v.events = v.subject.events()
		v.watching = v.events.Watch()
	}
	all := append(v.children.watches(), ui.Watch{Source: v.watching})
	all = append(all, v.subject.judging(false)...)
	all = append(all, v.usage.watches()...)
	if v.rights != nil {
		all = append(all, v.rights.follow())
	}
	if v.near != nil {
		all = append(all, v.near.linked.watches()...)
	}
	return append(all, v.follow(kube.ListingChanged{})...)
}

// follow looks at what is linked to the subject: as soon as the rest of the page has come,
// and again when that changes.
func (v *overview) follow(msg kube.ListingChanged) ui.All {
	switch {
	case v.near != nil && v.near.linked.update(msg):
		return v.near.follow()
	case v.near != nil || v.events == nil || v.subject.alone:
		return nil
	case v.events.State().Phase.Undecided() || v.children.undecided():
		return nil
	}
	v.near = newNearby(v.subject, v.children.kinds())
	return v.near.follow()
}

// Draw implements tab.
func (v *overview) Draw(f ui.Frame) string {
	v.wake = time.Time{}
	return v.walk.draw(f, v.filter.apply(v.page(inside(f))))
}

// Wake implements tab.
func (v *overview) Wake(time.Time) time.Time { return v.wake }
