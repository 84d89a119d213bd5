package views

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// family is what an object owns, selects or runs: the records of its kind's
// children that belong to it, kept while they change.
type family struct {
	subject *subject
	members []*members
	uids    map[types.UID]bool // of all members
}

// members are the objects of one child kind.
type members struct {
	child   kinds.Child
	listing *kube.Listing
	watch   *kube.Watch
	records []*kinds.Record
}

func newFamily(s *subject) *family {
	f := &family{subject: s}
	f.meet()
	return f
}

// meet looks up which kinds of children the subject has now; a selector may
// have changed with the object. It says whether they are others than before.
func (f *family) meet() bool {
	s := f.subject
	if s.record == nil {
		return false
	}
	obj, err := s.session.Cluster.Decode(s.record)
	if err != nil {
		return false
	}
	children := s.record.Kind.Details(obj).Children
	if f.same(children) {
		return false
	}
	f.members = nil
	for _, c := range children {
		scope := kube.Scope{GroupVersionResource: c.GroupVersionResource, Namespace: s.namespace, Labels: c.Selector, Fields: c.Field}
		listing := s.session.Cluster.Listing(scope)
		f.members = append(f.members, &members{child: c, listing: listing, watch: listing.Watch()})
	}
	f.gather()
	return true
}

func (f *family) same(children []kinds.Child) bool {
	if len(children) != len(f.members) {
		return false
	}
	for i, c := range children {
		if f.members[i].child != c {
			return false
		}
	}
	return true
}

// watch asks for every listing of the family.
func (f *family) watch() ui.All {
	var all ui.All
	for _, m := range f.members {
		all = append(all, ui.Watch{Source: m.watch})
	}
	return all
}

// update takes over a change, and says whether it was one of the family's.
func (f *family) update(msg kube.ListingChanged) bool {
	for _, m := range f.members {
		if m.listing == msg.Listing {
			f.gather()
			return true
		}
	}
	return false
}

// gather collects the members in the order of the kinds, so that the owner of
// an owner is known before what it owns.
func (f *family) gather() {
	f.uids = map[types.UID]bool{}
	root := types.UID("")
	if f.subject.record != nil {
		root = f.subject.record.GetUID()
	}
	denied := false
	for _, m := range f.members {
		m.records = m.records[:0]
		// Without the owners in between, the selector has to do.
		selected := !m.child.Owned || denied && m.child.Selector != ""
		denied = denied || m.listing.State().Phase == kube.Denied
		for _, r := range m.listing.Since(0).Changed {
			if selected || f.owns(root, r) {
				m.records = append(m.records, r)
				f.uids[r.GetUID()] = true
			}
		}
	}
}

// owns says whether one of a record's owners is the root or one of its own.
func (f *family) owns(root types.UID, r *kinds.Record) bool {
	for _, l := range r.Links {
		if l.Relation == kinds.OwnedBy && (l.UID == root || f.uids[l.UID]) {
			return true
		}
	}
	return false
}

// has says whether a UID is one of the family.
func (f *family) has(uid types.UID) bool { return f.uids[uid] }
