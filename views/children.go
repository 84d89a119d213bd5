package views

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// children are what an object owns, selects or runs. They follow the cluster
// while their listings are watched.
type children struct {
	subject *subject
	lists   []*childList
	uids    map[types.UID]bool // of all records of the lists
}

// childList is the children of one kind.
type childList struct {
	child   kinds.Child
	listing *kube.Listing
	watch   *kube.Watch
	records []*kinds.Record
	gone    []kube.Gone // those that were deleted while somebody watched
}

func newChildren(s *subject) *children {
	c := &children{subject: s}
	c.resolve()
	return c
}

// resolve finds out which kinds of children the subject has now, since a
// selector may have changed with the object, and reports whether they changed.
func (c *children) resolve() bool {
	s := c.subject
	if s.record == nil {
		return false
	}
	obj, err := s.session.Cluster.Decode(s.record)
	if err != nil {
		return false
	}
	found := s.record.Kind.Details(obj).Children
	if c.same(found) {
		return false
	}
	c.lists = nil
	for _, child := range found {
		listing := s.session.Cluster.Listing(kube.Scope{
			GroupVersionResource: child.GroupVersionResource,
			Namespace:            s.namespace,
			Labels:               child.Selector,
			Fields:               child.Field,
		})
		c.lists = append(c.lists, &childList{child: child, listing: listing, watch: listing.Watch()})
	}
	c.collect()
	return true
}

func (c *children) same(found []kinds.Child) bool {
	if len(found) != len(c.lists) {
		return false
	}
	for i, child := range found {
		if c.lists[i].child != child {
			return false
		}
	}
	return true
}

// undecided reports whether some of them may still come.
func (c *children) undecided() bool {
	return slices.ContainsFunc(c.lists, func(l *childList) bool { return l.listing.State().Phase.Undecided() })
}

// kinds are those of the lists, as far as they are known.
func (c *children) kinds() []schema.GroupKind {
	var out []schema.GroupKind
	for _, l := range c.lists {
		if k := l.listing.Kind(); k != nil {
			out = append(out, k.GroupKind())
		}
	}
	return out
}

// watches asks for every listing.
func (c *children) watches() ui.All {
	var all ui.All
	for _, l := range c.lists {
		all = append(all, ui.Watch{Source: l.watch})
	}
	return all
}

// update takes over a change and reports whether it was of one of the lists.
func (c *children) update(msg kube.ListingChanged) bool {
	for _, l := range c.lists {
		if l.listing == msg.Listing {
			c.collect()
			return true
		}
	}
	return false
}

// collect reads the lists in the order of the kinds, so that the owner of an
// owner is known before what it owns.
func (c *children) collect() {
	c.uids = map[types.UID]bool{}
	root := types.UID("")
	if c.subject.record != nil {
		root = c.subject.record.GetUID()
	}
	denied := false
	for _, l := range c.lists {
		l.records = l.records[:0]
		// Without the owners in between, the selector has to be enough.
		selected := !l.child.Owned || denied && l.child.Selector != ""
		denied = denied || l.listing.State().Phase == kube.Denied
		for _, r := range l.listing.Since(0).Changed {
			if selected || c.own(root, r) {
				l.records = append(l.records, r)
				c.uids[r.GetUID()] = true
			}
		}
		l.gone = nil
		if l.child.Owned {
			l.gone = c.subject.session.Cluster.History().Gone(func(r *kinds.Record) bool {
				return r.Kind.GVR() == l.child.GroupVersionResource && c.own(root, r)
			})
		}
	}
}

// own reports whether the root or one of the children owns a record.
func (c *children) own(root types.UID, r *kinds.Record) bool {
	for _, l := range r.Links {
		if l.Relation == kinds.OwnedBy && (l.UID == root || c.uids[l.UID]) {
			return true
		}
	}
	return false
}

// contains reports whether one of the children has a UID.
func (c *children) contains(uid types.UID) bool { return c.uids[uid] }
