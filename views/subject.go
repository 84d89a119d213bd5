package views

import (
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
)

// subject is the one object that an object view follows while it changes.
type subject struct {
	session         *Session
	resource        kube.Resource
	namespace, name string

	listing   *kube.Listing
	record    *kinds.Record    // the newest version, kept after its deletion; nil until known
	container string           // the container whose logs were asked for; "" leaves it to the logs
	alone     bool             // only that container is shown
	previous  bool             // the logs of the run before were asked for
	only      schema.GroupKind // its tree shows these, what is below them and what leads there; empty for all
	reveal    bool             // its values were asked for before there was a page to show them
	deleted   time.Time        // when it was found gone; zero while it exists
	asOf      *history.Version // the version that is looked at; nil is the newest
	until     time.Time        // when the next version came after asOf
	judged    *live.Watch      // of the triage; nil while nothing of it is shown
}

// newSubject returns the subject of one object; record is its version on the
// screen that it was opened from, or nil.
func newSubject(s *Session, resource kube.Resource, namespace, name string, record *kinds.Record) *subject {
	return &subject{
		session: s, resource: resource, namespace: namespace, name: name, record: record,
		listing: s.Cluster.Listing(kube.Scope{
			GroupVersionResource: resource.GroupVersionResource,
			Namespace:            namespace,
			Fields:               "metadata.name=" + name,
		}),
	}
}

// refresh takes the newest version from the listing and reports whether it has changed.
func (s *subject) refresh() bool {
	if s.asOf != nil {
		return false
	}
	record := s.listing.Get(s.namespace, s.name)
	switch {
	case record == nil && s.deleted.IsZero() && s.listing.State().Phase == kube.Live:
		return s.vanish()
	case record == nil, record == s.record:
		return false
	}
	s.record, s.deleted = record, time.Time{}
	return true
}

// vanish finds out what is left of an object that is not there, and reports whether
// anything is.
func (s *subject) vanish() bool {
	ref := s.ref()
	gone := s.session.Cluster.History().Gone(func(r *kinds.Record) bool { return r.Ref() == ref })
	switch {
	case len(gone) > 0:
		s.deleted = gone[0].Since
		if s.record == nil {
			s.record = gone[0].Record
		}
	case s.record != nil:
		s.deleted = s.session.Now()
	default:
		return false
	}
	return true
}

// without is the reason, in words, why the whole object is not there. The subject's own
// listing fetches what was dropped to make room for others.
func (s *subject) without(why error) (words string, role themes.Role) {
	if !errors.Is(why, kube.ErrDropped) {
		return why.Error(), themes.Failing
	}
	problem := stateProblem(s.listing.State())
	switch {
	case !s.deleted.IsZero():
		return "deleted; its last version is no longer kept", themes.Muted
	case problem != "":
		return "no longer kept, and cannot be fetched: " + problem, themes.Failing
	}
	return "fetching the object ...", themes.Muted
}

var eventsResource = schema.GroupVersionResource{Version: "v1", Resource: "events"}

// events are the events about the subject alone, which the server selects. Its
// UID tells it from an earlier object of the same name; but a kubelet gives a
// node's name as the UID of its node
// (k8s.io/kubernetes/pkg/kubelet/kubelet.go, nodeRef).
func (s *subject) events() *kube.Listing {
	fields := "involvedObject.kind=" + s.resource.Kind + ",involvedObject.name=" + s.name
	if s.record != nil && s.resource.Kind != "Node" {
		fields += ",involvedObject.uid=" + s.record.UID.String()
	}
	scope := kube.Scope{GroupVersionResource: eventsResource, Namespace: s.namespace, Fields: fields}
	return s.session.Cluster.Listing(scope)
}

// shownName is what people call the subject: of one container of a pod, the container.
func (s *subject) shownName() string {
	if s.alone {
		return s.container
	}
	return s.name
}

// secret reports whether the subject is a Secret, also before it has come.
func (s *subject) secret() bool {
	kind, known := kinds.For(s.resource.GroupKind())
	return known && kind.Secret
}

// ref names the subject.
func (s *subject) ref() kinds.Ref {
	return kinds.Ref{GroupKind: s.resource.GroupKind(), Namespace: s.namespace, Name: s.name}
}
