package kinds

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// Link is a typed edge from the record that holds it to others. It says them in one of
// four forms:
//
//	UID       the object with that UID; To names it too
//	To.Name   the object of that name. "data-db-*" is each whose name has a number there
//	Labels    what selects pods with these labels: the pods that a template makes
//	Selector  objects of To's kind in To's namespace whose labels match; "" is all
//
// An empty To.Namespace is a resource without namespaces, or with Selector all of them.
// An empty To.Kind is any kind, with a selector that is not empty.
type Link struct {
	Relation Relation
	// Optional is set when the object works without what the link points to.
	Optional bool
	To       Ref
	UID      types.UID
	Selector string // as kubectl's -l writes it
	Labels   string // "app=web,tier=front", sorted by key
	How      string // where the object says so: "app: url, user", "volume conf"; clean
}

// ByName reports whether the link names one object, or a row of numbered ones.
func (l *Link) ByName() bool { return l.To.Name != "" }

// AnyNumber stands in To.Name for the ordinal of a StatefulSet's claim.
const AnyNumber = "*"

// core returns the name of an object of the core group.
func core(kind, namespace, name string) Ref {
	to := Ref{Namespace: intern(namespace), Name: intern(name)}
	to.Kind = kind
	return to
}

// link adds a link. Siblings have the same owner and use the same objects.
func (r *Record) link(l Link) {
	r.Links = append(r.Links, &links.share([]Link{l})[0])
}

// linkTo adds a link to an object, if it has a name, and not twice.
func (r *Record) linkTo(relation Relation, to Ref, how string) {
	if to.Name == "" {
		return
	}
	l := Link{Relation: relation, To: to, How: intern(how)}
	for _, known := range r.Links {
		if *known == l {
			return
		}
	}
	r.link(l)
}

// linkSelected adds a link to all that a label selector selects. A selector that is nil
// selects nothing, and so does one that is invalid.
func (r *Record) linkSelected(relation Relation, kind schema.GroupKind, namespace string, s *metav1.LabelSelector) {
	parsed, err := metav1.LabelSelectorAsSelector(s)
	if s == nil || err != nil {
		return
	}
	r.link(Link{
		Relation: relation,
		To:       Ref{GroupKind: kind, Namespace: intern(namespace)},
		Selector: intern(parsed.String()),
	})
}

// linkMade adds a link to the pods that a template with these labels makes.
func (r *Record) linkMade(namespace string, podLabels map[string]string) {
	if len(podLabels) == 0 {
		return
	}
	to := core("Pod", namespace, "")
	r.link(Link{Relation: Makes, To: to, Labels: intern(labels.FormatLabels(podLabels))})
}

// LinkKinds returns the kinds that links of the kind's records point to, owners apart.
func (k *Kind) LinkKinds() []schema.GroupKind {
	fields := strings.Fields(k.LinksTo)
	out := make([]schema.GroupKind, len(fields))
	for i, f := range fields {
		out[i] = schema.ParseGroupKind(f)
	}
	return out
}
