package kube

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Rebuild returns what the cluster remembers of the changes of an object: from the object
// itself, and from the records beside it that know more: its ReplicaSets or
// ControllerRevisions, the revisions of its Helm release, the events about it. It decodes
// them: call it off the program's loop.
func (c *Cluster) Rebuild(r *kinds.Record, beside []*kinds.Record) []history.Change {
	fields, err := c.Fields(r)
	if err != nil {
		return nil
	}
	changes := history.Rebuild(r.Ref(), fields)
	var revisions []history.Revision
	var events []map[string]any
	var releases []history.Release
	for _, b := range beside {
		switch {
		case isRevision(b.Kind) && points(b, kinds.OwnedBy, r.GetUID()):
			if object, err := c.Fields(b); err == nil {
				revisions = append(revisions, history.Revision{Version: history.VersionOf(b, b.Created), Object: object})
			}
		case b.Kind == kinds.Event && isAbout(b, r):
			if object, err := c.Fields(b); err == nil {
				events = append(events, object)
			}
		case b.Kind == kinds.HelmRelease:
			releases = append(releases, releaseOf(b))
		}
	}
	changes = append(changes, history.RebuildRevisions(r.Ref(), fields, revisions, events)...)
	changes = append(changes, history.RebuildEvents(events)...)
	slices.SortStableFunc(releases, func(a, b history.Release) int { return cmp.Compare(a.Revision, b.Revision) })
	return append(changes, history.RebuildReleases(releases)...)
}

func isRevision(k *kinds.Kind) bool { return k == kinds.ReplicaSet || k == kinds.ControllerRevision }

func points(r *kinds.Record, relation kinds.Relation, to types.UID) bool {
	return slices.ContainsFunc(r.Links, func(l *kinds.Link) bool { return l.Relation == relation && l.UID == to })
}

func isAbout(event, r *kinds.Record) bool {
	return slices.ContainsFunc(event.Links, func(l *kinds.Link) bool {
		return l.Relation == kinds.About && l.To == r.Ref()
	})
}

// releaseOf reads the revision of a Helm release from its record.
func releaseOf(r *kinds.Record) history.Release {
	out := history.Release{Version: history.VersionOf(r, r.Created)}
	cell := func(name string) kinds.Cell {
		if i := r.Kind.Column(name); i >= 0 && i < len(r.Cells) {
			return r.Cells[i]
		}
		return kinds.Cell{}
	}
	words := func(name string) string { return cell(name).Format(r.Created, kinds.CoarseAge) }
	out.Name, out.Chart, out.Status = words("NAME"), words("CHART"), words("STATUS")
	out.Revision, _ = cell("REVISION").Number()
	out.At, _ = cell("UPDATED").Moment()
	return out
}

// heldRecord returns the record of an object, if any listing holds it.
func (c *Cluster) heldRecord(ref kinds.Ref) *kinds.Record {
	for _, l := range c.allListings() {
		if kind := l.Kind(); kind == nil || kind.GroupKind() != ref.GroupKind {
			continue
		}
		if r := l.Get(ref.Namespace, ref.Name); r != nil {
			return r
		}
	}
	return nil
}

// heldBeside returns the revisions of a workload and what says that it was scaled, as far as listings
// hold them.
func (c *Cluster) heldBeside(r *kinds.Record) []*kinds.Record {
	if r.Kind != kinds.Deployment && r.Kind != kinds.StatefulSet && r.Kind != kinds.DaemonSet {
		return nil
	}
	var out []*kinds.Record
	seen := map[kinds.UID]bool{}
	for _, l := range c.allListings() {
		if kind := l.Kind(); kind == nil || !isRevision(kind) {
			continue
		}
		for _, b := range l.pointingAt(r, kinds.OwnedBy) {
			if !seen[b.UID] {
				seen[b.UID] = true
				out = append(out, b)
			}
		}
	}
	out = append(out, c.heldScalings(r)...)
	slices.SortFunc(out, func(a, b *kinds.Record) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// pointingAt returns the objects of the listing that an object of their namespace owns, or the events about
// it.
func (l *Listing) pointingAt(to *kinds.Record, relation kinds.Relation) []*kinds.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pointing == nil {
		l.pointing = map[types.UID][]Key{}
		for k, r := range l.rows {
			l.point(k, r)
		}
	}
	var out []*kinds.Record
	uid := to.GetUID()
	for _, k := range l.pointing[uid] {
		if r := l.rows[k]; r != nil && k.Namespace == to.Namespace && points(r, relation, uid) {
			out = append(out, r)
		}
	}
	return out
}

// point notes at what a row points. It is called with the lock held.
func (l *Listing) point(k Key, r *kinds.Record) {
	for _, link := range r.Links {
		joins := link.Relation == kinds.OwnedBy || link.Relation == kinds.About
		if joins && !slices.Contains(l.pointing[link.UID], k) {
			l.pointing[link.UID] = append(l.pointing[link.UID], k)
		}
	}
}
