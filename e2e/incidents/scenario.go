package main

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// Scenario is one incident and what triage is expected to say of it.
type Scenario struct {
	// Name and Area are the row and the section of the results.
	Name, Area string
	// Prepare comes before Base, such as nodes for it.
	Prepare Step
	// Base is YAML that is there, and well, before the fault. Empty means app.
	Base string
	// Inject causes the fault.
	Inject Step
	// Repair ends it. Without one, what Inject changed is put back and what it added is
	// removed.
	Repair Step
	// Sign is how the API shows the fault.
	Sign Sign
	// Roots are the rows that must be on top, in any order.
	Roots []Root
	// Also lists what may have rows below the roots.
	Also string
	// Why says why a root may have more than one answer.
	Why string
	// Grace is how long after the sign nobody could know that it is a fault.
	Grace time.Duration
	// Hold is how long the symptoms may take to follow the fault, before the fold is looked at.
	Hold time.Duration
	// Limit is how long the sign may take to come; 0 means a minute.
	Limit time.Duration
	// Whole scenarios stop components or taint nodes that everything in the cluster needs.
	Whole bool
	// Short scenarios run with the tests.
	Short bool
}

// Root is a row that is expected on top.
type Root struct {
	// Is is the object, or the objects that are equally right, as in "Deployment web, Service web".
	Is string
	// Reason matches what the row says in the cluster's own words.
	Reason string
	// Folds are the symptoms that the row must hold, and MayFold those that it may.
	// "Pod app=web" are the pods with this label that are not ready.
	Folds, MayFold string
	// Severity is "" where any that is worse than a notice is right; "notice" takes every one.
	Severity string
}

// Situation is something that happens in a healthy cluster.
type Situation struct {
	Name    string
	Prepare Step
	Base    string
	// Do is watched until it returns, and a little longer.
	Do Step
	// Whole is set where the situation needs the whole shop healthy.
	Whole bool
	Short bool
}

// Step does something to the cluster.
type Step func(ctx context.Context, s *scene) error

// Sign is what the API shows of a fault.
type Sign struct {
	// look reports whether the API shows it, and since when it says that was so; the zero time
	// where it does not say.
	look func(ctx context.Context, s *scene) (since time.Time, shown bool, err error)
	// lasts is set where the sign stays after the repair, as an event does.
	lasts bool
}

// Ref names an object. Selector stands for the names of pods.
type Ref struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Selector  string `json:"-"`
}

func (r Ref) String() string {
	name := r.Name + r.Selector
	if r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	return strings.ToLower(r.Kind) + " " + name
}

// is reports whether two references name the same object. The case of kinds does not count; a
// kind or a name may be "*", and then the namespace does not count either for the kind.
func (r Ref) is(other Ref) bool {
	if r.Kind == "*" {
		return r.Name == "" || r.Name == other.Name
	}
	if r.Name == "*" {
		return strings.EqualFold(r.Kind, other.Kind) && r.Namespace == other.Namespace
	}
	return strings.EqualFold(r.Kind, other.Kind) && r.Namespace == other.Namespace && r.Name == other.Name
}

// namespaceless are the kinds that the scenarios name without a namespace.
var namespaceless = regexp.MustCompile(`(?i)^(node|namespace|persistentvolume|storageclass|apiservice|` +
	`customresourcedefinition|validatingwebhookconfiguration|mutatingwebhookconfiguration|` +
	`validatingadmissionpolicy|validatingadmissionpolicybinding|ingressclass|priorityclass|` +
	`certificatesigningrequest|component)$`)

// refs reads a list such as "Deployment web, Node {node}, Pod app=web". Names without a
// namespace are in the scene's.
func (s *scene) refs(list string) []Ref {
	var found []Ref
	for item := range strings.SplitSeq(list, ",") {
		kind, name, _ := strings.Cut(strings.TrimSpace(item), " ")
		if kind == "" {
			continue
		}
		found = append(found, s.ref(kind, name))
	}
	return found
}

func (s *scene) ref(kind, name string) Ref {
	r := Ref{Kind: kind, Name: s.expand(name)}
	if !namespaceless.MatchString(kind) {
		r.Namespace = s.namespace
		if namespace, rest, ok := strings.Cut(r.Name, "/"); ok {
			r.Namespace, r.Name = namespace, rest
		}
	}
	if strings.Contains(r.Name, "=") {
		r.Name, r.Selector = "", r.Name
	}
	return r
}

// expand puts in what is known only when the scene is set.
func (s *scene) expand(text string) string {
	return strings.NewReplacer("{node}", s.node, "{ns}", s.namespace, "{host}", s.host).Replace(text)
}
