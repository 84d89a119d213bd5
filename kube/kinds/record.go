package kinds

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Level says how well an object is.
type Level uint8

// The levels, from nothing to say to failing.
const (
	// Quiet is an object without health of its own (a ConfigMap), or one
	// that has ended as it should (a completed Job).
	Quiet Level = iota
	// OK works as it should.
	OK
	// Waiting is on its way: starting, pending, rolling out, terminating.
	Waiting
	// Degraded works in part.
	Degraded
	// Failing does not work.
	Failing
)

// String is the level in one word, so that colour never stands alone.
func (l Level) String() string {
	return [...]string{"", "ok", "waiting", "degraded", "failing"}[l]
}

// Status is an object's health in the cluster's own words.
type Status struct {
	Level  Level
	Reason string    // "CrashLoopBackOff", "2/3 ready", "Evicted: ..."; cleaned; "" when all is well
	Since  time.Time // when it became so; zero when nothing says it
}

// Ref names one object. The empty Namespace is a cluster-scoped object.
type Ref struct {
	schema.GroupKind
	Namespace, Name string
}

// String is "deployment shop/web", as messages name an object.
func (r Ref) String() string {
	name := r.Name
	if r.Namespace != "" {
		name = r.Namespace + "/" + r.Name
	}
	return strings.ToLower(r.Kind) + " " + name
}

// Record is what the cache keeps of one object. It is made once, when a
// version of the object arrives, and never changes after: share it freely
// between goroutines, never write to it.
//
// A Record is a runtime.Object and a metav1.Object, so that client-go's
// reflector can carry it in the object's place.
type Record struct {
	Kind            *Kind
	UID             UID
	Namespace, Name string // as in the API: DNS names, safe to draw
	ResourceVersion string
	Created         time.Time
	Deleting        time.Time // deletionTimestamp; zero when not being deleted
	Labels          []Label   // sorted by key, and shared with other records
	Cells           []Cell    // one for each of Kind.Columns
	Status          Status
	Links           []*Link // what they point to is shared too

	// Body is the whole object, as kept by the cache that made the record.
	Body Body

	immutable
}

// Body is where a cache keeps a whole object.
type Body struct {
	Kept any    // what holds it, perhaps with others; nil when it was not kept
	Part uint32 // which of those it is
	Sum  uint32 // differs, most likely, for objects that differ
}

// Label is one label; both parts are cleaned and interned.
type Label struct{ Key, Value string }

// Label returns the value of a label, and whether the object has it.
func (r *Record) Label(key string) (string, bool) {
	for _, l := range r.Labels {
		if l.Key == key {
			return l.Value, true
		}
	}
	return "", false
}

// IsWell reports whether the object is known to be well, as Kind.IsWell does.
func (r *Record) IsWell() bool { return r.Kind.status != nil && r.Status.Level <= OK }

// Ref names the object.
func (r *Record) Ref() Ref {
	return Ref{GroupKind: r.Kind.GroupKind(), Namespace: r.Namespace, Name: r.Name}
}

// The runtime.Object and metav1.Object sides of a record; the setters that a
// reflector never calls come from immutable.

// GetObjectKind implements runtime.Object.
func (r *Record) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject implements runtime.Object; a record never changes, so it is
// its own copy.
func (r *Record) DeepCopyObject() runtime.Object { return r }

// GetNamespace implements metav1.Object.
func (r *Record) GetNamespace() string { return r.Namespace }

// GetName implements metav1.Object.
func (r *Record) GetName() string { return r.Name }

// GetUID implements metav1.Object.
func (r *Record) GetUID() types.UID { return types.UID(r.UID.String()) }

// GetResourceVersion implements metav1.Object.
func (r *Record) GetResourceVersion() string { return r.ResourceVersion }

// GetCreationTimestamp implements metav1.Object.
func (r *Record) GetCreationTimestamp() metav1.Time { return metav1.NewTime(r.Created) }

// immutable is the part of metav1.Object that a record does not have.
type immutable struct{}

func (immutable) SetNamespace(string)                           {}
func (immutable) SetName(string)                                {}
func (immutable) GetGenerateName() string                       { return "" }
func (immutable) SetGenerateName(string)                        {}
func (immutable) SetUID(types.UID)                              {}
func (immutable) SetResourceVersion(string)                     {}
func (immutable) GetGeneration() int64                          { return 0 }
func (immutable) SetGeneration(int64)                           {}
func (immutable) GetSelfLink() string                           { return "" }
func (immutable) SetSelfLink(string)                            {}
func (immutable) SetCreationTimestamp(metav1.Time)              {}
func (immutable) GetDeletionTimestamp() *metav1.Time            { return nil }
func (immutable) SetDeletionTimestamp(*metav1.Time)             {}
func (immutable) GetDeletionGracePeriodSeconds() *int64         { return nil }
func (immutable) SetDeletionGracePeriodSeconds(*int64)          {}
func (immutable) GetLabels() map[string]string                  { return nil }
func (immutable) SetLabels(map[string]string)                   {}
func (immutable) GetAnnotations() map[string]string             { return nil }
func (immutable) SetAnnotations(map[string]string)              {}
func (immutable) GetFinalizers() []string                       { return nil }
func (immutable) SetFinalizers([]string)                        {}
func (immutable) GetOwnerReferences() []metav1.OwnerReference   { return nil }
func (immutable) SetOwnerReferences([]metav1.OwnerReference)    {}
func (immutable) GetManagedFields() []metav1.ManagedFieldsEntry { return nil }
func (immutable) SetManagedFields([]metav1.ManagedFieldsEntry)  {}

var (
	_ runtime.Object = (*Record)(nil)
	_ metav1.Object  = (*Record)(nil)
)
