// Package kinds says how each kind of object is read: its columns, its health,
// its links and its details, from the typed object. One file is one kind; a
// kind without a file is read by generic.go.
//
//	object ──> Kind.Record ──> Record{cells, status, links}     (table, triage)
//	object ──> Kind.Details ──> Details{facts, containers, ...} (object view)
//
// Everything here is a pure function: no I/O, no clock, no colours, and it
// never looks at the cluster. All text leaves it cleaned.
package kinds

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Column is one column of a kind's table.
type Column struct {
	Name  string // as kubectl prints it: upper case, "UP-TO-DATE"
	Wide  bool   // only shown in the wide table (priority > 0 on the server)
	Right bool   // aligned to the right: numbers
	State bool   // its text is how well the object is: it takes the colour of the status
	Prose bool   // sentences: a screen gives it half of its width
	List  bool   // its text is entries with ", " between them
	// Object is set where its text is "kind/name".
	Object bool
	Lead   bool // shown behind the first column at any width, though only -o wide prints it
	// Drop is when a narrow screen leaves the column out: the largest first.
	Drop int
}

// Child is a kind of object that belongs to an object, and how it is found
// without loading more of the cluster than needed:
//
//	Owned                 in the same namespace, with a chain of owners that
//	                      leads to this object; Selector, if there is one,
//	                      narrows what has to be loaded
//	Selector, not Owned   in the same namespace, with labels that match
//	Field                 in all namespaces, with a field that matches
type Child struct {
	schema.GroupVersionResource
	Owned    bool
	Selector string // label selector, as kubectl's -l writes it
	Field    string // field selector: "spec.nodeName=worker-1"
}

// Fact is one line of an object's overview.
type Fact struct {
	Name, Value string
	Link        *Ref // the object that Value names, if it names one
	Level       Level
	// What the fact says holds from Begins until Ends; zero has no such end.
	Begins, Ends time.Time
}

// Condition is one of an object's status conditions.
type Condition struct {
	Type, Status, Reason, Message string
	Level                         Level // what this status means for this type
	Changed                       metav1.Time
}

// Container is one container of a pod, init and ephemeral ones included.
type Container struct {
	Name, Image string
	Type        string // "", "init", "sidecar", "ephemeral"
	State       string // "Running", "Waiting: CrashLoopBackOff", "Terminated: Error (exit 3)"
	Message     string // why it waits
	Termination string // what it said when it last ended; may have several lines
	Level       Level
	Ready       bool
	Restarts    int32
	Started     metav1.Time
	Ended       metav1.Time // zero while it runs or waits
	Last        string      // how the run before ended: "OOMKilled (exit 137)"; "" when there was none
	LastEnded   metav1.Time
	Resources   string // "cpu 100m/500m, memory 64Mi/128Mi" (requests/limits)
	Ports       string
	Probes      []string // "readiness", "liveness"
	ImageID     string   // of what runs: its digest, as the container runtime names it
}

// Datum is one key of a ConfigMap or a Secret.
type Datum struct {
	Key  string
	Size string // "36 B", "1.2 KiB, 40 lines"
	Text string // its value, if that is one short line and not of a Secret; else ""
}

// Details is what the overview of one object shows beyond its cells.
type Details struct {
	Facts      []Fact
	Conditions []Condition
	Containers []Container
	Children   []Child
	Data       []Datum
	Sections   []Section // facts under headings of their own
	// Silent is set when all that the facts say is what every object has.
	Silent bool
}

// Kind is how one kind of object is read.
type Kind struct {
	schema.GroupVersionKind
	Resource   string   // plural, as in API paths: "pods"
	Short      []string // the short names that the API server gives it: "po"
	Namespaced bool
	// Columns are the server's, in its order, without NAMESPACE. NAME is the first,
	// except for Event, which has it last.
	Columns []Column
	Secret  bool // values are hidden until asked for
	Quiet   bool // such an object has no health of its own
	// LinksTo names the kinds that the links of its records point to, owners apart:
	// "Service IngressClass.networking.k8s.io". Who asks what leads to an object looks at
	// the kinds that name its kind here.
	LinksTo string
	// PartOf is the kind of the objects that those of this kind are parts of, and whose
	// bodies they have; nil for a kind of its own.
	PartOf *Kind

	// In is the kind of the objects that hold these, and InLabels selects them, where these
	// are not objects of the API themselves; nil for all others. A record has the name of
	// the object that holds it.
	In       *Kind
	InLabels string

	// New makes an empty typed object to decode into; nil for a kind that is
	// read as unstructured.
	New func() runtime.Object
	// Skip are fields that read never looks at, by their names in protobuf
	// ("spec.containers.image"): they need not be decoded for a record, and are
	// most of an object. An object without them gives the same record.
	Skip []string
	// Reset empties an object of New for another one to be decoded into, and
	// keeps the room of its lists; nil for a kind whose objects are few.
	Reset func(obj runtime.Object)
	// Unjudged are fields that IsWell never looks at, as Skip has them: of most objects nothing else
	// need be decoded.
	Unjudged []string
	// status is how well an object is that nobody deletes; nil for a kind whose read finds out by itself.
	status func(obj runtime.Object) Status
	// read fills the cells, status and links of a record. The record's
	// metadata is set already. It must not keep obj or anything inside it, and
	// refuses an object of another type.
	read func(obj runtime.Object, r *Record) error
	// details is nil for a kind without a file.
	details func(obj runtime.Object) Details
}

// GVR is the kind's resource.
func (k *Kind) GVR() schema.GroupVersionResource {
	return k.GroupVersion().WithResource(k.Resource)
}

// Held returns what the API calls the objects that records are read from.
func (k *Kind) Held() schema.GroupVersionKind {
	if k.In != nil {
		return k.In.GroupVersionKind
	}
	return k.GroupVersionKind
}

// Column is the index of the column of that name, or -1.
func (k *Kind) Column(name string) int {
	return slices.IndexFunc(k.Columns, func(c Column) bool { return c.Name == name })
}

// Record reads one version of an object. It never panics on a half-empty
// object and keeps no pointer into it. Any goroutine may call it.
func (k *Kind) Record(obj runtime.Object) (*Record, error) {
	m, ok := obj.(metav1.Object)
	if !ok {
		return nil, fmt.Errorf("%s: %T has no metadata", k.Kind, obj)
	}
	r := k.record(m)
	if err := k.read(obj, r); err != nil {
		return nil, err
	}
	r.terminating(m.GetFinalizers())
	r.Links = exactly(r.Links)
	return r, nil
}

// IsWell reports whether an object is known to be well without making its record, whose texts
// stay in memory for the records that share them.
func (k *Kind) IsWell(obj runtime.Object) bool {
	m, ok := obj.(metav1.Object)
	return ok && k.status != nil && m.GetDeletionTimestamp() == nil && k.status(obj).Level <= OK
}

// record is a Record with everything that all objects have.
func (k *Kind) record(m metav1.Object) *Record {
	r := &Record{
		Kind:            k,
		UID:             NewUID(m.GetUID()),
		Namespace:       intern(m.GetNamespace()),
		Name:            Clean(m.GetName()),
		ResourceVersion: m.GetResourceVersion(),
		Created:         m.GetCreationTimestamp().Time,
		Labels:          readLabels(m.GetLabels()),
	}
	if d := m.GetDeletionTimestamp(); d != nil {
		r.Deleting = d.Time
	}
	for _, o := range m.GetOwnerReferences() {
		r.link(ownerLink(o, m.GetNamespace()))
	}
	return r
}

// terminating says in the status of an object that it is being deleted, and what holds it. What is
// worse comes first.
func (r *Record) terminating(finalizers []string) {
	if r.Deleting.IsZero() {
		return
	}
	const word = "Terminating"
	held := ""
	if len(finalizers) > 0 {
		held = "finalizer " + Clean(strings.Join(finalizers, ", "))
	}
	switch reason := &r.Status.Reason; {
	case r.Status.Level <= OK:
		r.Status = Status{Waiting, because(word, held), r.Deleting}
	case held == "" || strings.Contains(*reason, held):
	case *reason == word:
		*reason = because(word, held)
	case strings.HasPrefix(*reason, word):
		*reason += "; " + held
	default:
		*reason += "; " + because(word, held)
	}
}

// Details reads what the overview shows of one object. What every kind has
// (owners, labels, finalizers) comes after the kind's own facts.
func (k *Kind) Details(obj runtime.Object) Details {
	if k.details == nil {
		return genericDetails(obj)
	}
	return k.details(obj)
}

// exactly returns s without the room that append left for more.
func exactly[T any](s []T) []T {
	if len(s) == cap(s) {
		return s
	}
	return append(make([]T, 0, len(s)), s...)
}

func ownerLink(o metav1.OwnerReference, namespace string) Link {
	group, _ := schema.ParseGroupVersion(o.APIVersion)
	return Link{Relation: OwnedBy, UID: o.UID, To: Ref{
		GroupKind: schema.GroupKind{Group: intern(group.Group), Kind: intern(o.Kind)},
		Namespace: intern(namespace),
		Name:      Clean(o.Name),
	}}
}

func readLabels(m map[string]string) []Label {
	if len(m) == 0 {
		return nil
	}
	var room [16]Label // as many as most objects have
	out := room[:0]
	for k, v := range m {
		out = append(out, Label{intern(k), intern(v)})
	}
	slices.SortStableFunc(out, func(a, b Label) int { return cmp.Compare(a.Key, b.Key) })
	return labelSets.share(out)
}

var all = map[schema.GroupKind]*Kind{}

// register adds a kind; only package variables of this package call it, so a
// duplicate is a programmer's error.
func register[T runtime.Object](k Kind, read func(T, *Record), details func(T) Details) *Kind {
	if _, dup := all[k.GroupKind()]; dup {
		panic(fmt.Sprintf("kind %s registered twice", k.GroupKind()))
	}
	k.read = func(obj runtime.Object, r *Record) error {
		typed, ok := obj.(T)
		if !ok {
			return wrongType(&k, obj)
		}
		read(typed, r)
		if k.status != nil {
			r.Status = k.status(obj)
		}
		return nil
	}
	k.details = func(obj runtime.Object) Details {
		typed, ok := obj.(T)
		if !ok {
			return genericDetails(obj)
		}
		d := details(typed)
		d.Facts = append(d.Facts, metadataFacts(obj)...)
		return d
	}
	all[k.GroupKind()] = &k
	return &k
}

// unjudged returns what of an object's metadata says nothing about how well it is, and more fields.
func unjudged(more ...string) []string {
	return append(more, "metadata.annotations", "metadata.creationTimestamp", "metadata.finalizers",
		"metadata.generateName", "metadata.labels", "metadata.managedFields", "metadata.name", "metadata.namespace",
		"metadata.ownerReferences", "metadata.resourceVersion", "metadata.selfLink", "metadata.uid")
}

// emptied empties an object for another one to be decoded into.
func emptied[T any, P interface {
	*T
	runtime.Object
}](obj runtime.Object) {
	if typed, ok := obj.(P); ok {
		*typed = *new(T)
	}
}

// statusBy returns how to find out how well an object of a type is.
func statusBy[T runtime.Object](read func(T) Status) func(runtime.Object) Status {
	return func(obj runtime.Object) (s Status) {
		if typed, ok := obj.(T); ok {
			s = read(typed)
		}
		return s
	}
}

func wrongType(k *Kind, obj runtime.Object) error {
	return fmt.Errorf("a %T is not a %s", obj, k.Kind)
}

// For returns how to read objects of a group and kind, and whether a file
// describes them.
func For(gk schema.GroupKind) (*Kind, bool) {
	k, ok := all[gk]
	return k, ok
}

// All returns the kinds that have a file, sorted by resource name.
func All() []*Kind {
	return slices.SortedFunc(maps.Values(all), func(a, b *Kind) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Group, b.Group))
	})
}
