package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Rank says what a change is about. What breaks things most often comes first.
type Rank uint8

// The ranks, from what most often breaks something to what hardly ever does.
const (
	Image Rank = iota + 1
	Env
	Command
	Data // of a ConfigMap or a Secret
	Selector
	Ports
	Replicas
	Deleted
	Spec // any other field that somebody wants to be so
	Created
	Labels // and annotations, owners, finalizers
	Status // what the cluster reports; the effect of something, not its cause
)

// String is the rank in a word, for filters and JSON.
func (r Rank) String() string {
	return [...]string{
		"", "image", "env", "command", "data", "selector", "ports", "replicas", "deleted", "spec", "created",
		"labels", "status",
	}[r]
}

// Change is one version of an object becoming the next.
type Change struct {
	Object  kinds.Ref
	At      time.Time
	Who     string // the manager, as managedFields name it; "" when nothing says who
	How     string // the tool and what it did: "Argo CD", "kubectl edit", "hpa"; "" as Who
	Hand    bool   // a person's tool, not a controller
	Yours   bool   // this person did it with fathom, as the journal says
	Text    string // "image checkout:v41 → :v42, replicas 3 → 5"
	Rank    Rank   // of the first part of Text
	Rebuilt bool   // from what the cluster remembers: nobody watched when it happened
	Bound   bool   // it happened at some time before At, as Text says
	Later   bool   // with Bound: at some time after At
	// Controlled is set when another object controls this one: what happens to it is the
	// effect of what happened to that.
	Controlled bool

	// Old and New are the versions that differ; nil where there is none, or none is kept.
	Old, New *Version
}

// Version is one version of an object, or of a part of it.
type Version struct {
	Kind            *kinds.Kind
	Namespace, Name string
	UID             kinds.UID
	ResourceVersion string
	At              time.Time
	Body            kinds.Body
	Part            []string // the fields that lead to what is compared; nil is the whole object

	step int // counts the versions of the object in a Ring
}

// VersionOf returns the version that a record is of.
func VersionOf(r *kinds.Record, at time.Time) *Version {
	return &Version{
		Kind: r.Kind, Namespace: r.Namespace, Name: r.Name, UID: r.UID,
		ResourceVersion: r.ResourceVersion, At: at, Body: r.Body,
	}
}

// Ref names the object.
func (v *Version) Ref() kinds.Ref {
	return kinds.Ref{GroupKind: v.Kind.GroupKind(), Namespace: v.Namespace, Name: v.Name}
}

// After is the version that the change led to; of a deletion, the last that there was.
func (c *Change) After() *Version {
	if c.New != nil {
		return c.New
	}
	return c.Old
}

// By is who made the change and how: "by argocd-controller (Argo CD)", "by hand (kubectl
// edit)", "by you with fathom"; "" when nothing says so.
func (c *Change) By() string {
	switch {
	case c.Who == "":
		return ""
	case c.Yours:
		return "by you with " + c.How
	case c.Hand:
		return "by hand (" + c.How + ")"
	case c.How == "" || strings.EqualFold(strings.ReplaceAll(c.How, " ", "-"), c.Who):
		return "by " + c.Who
	}
	return "by " + c.Who + " (" + c.How + ")"
}

// Line is the change in one line, without its object and time.
func (c *Change) Line() string {
	if by := c.By(); by != "" {
		return c.Text + "  " + by
	}
	return c.Text
}

// Sort puts the newest change first, and of those of one moment what matters most.
func Sort(changes []Change) {
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Rank, b.Rank))
	})
}
