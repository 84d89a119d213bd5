package kinds

// Relation is the type of a link.
type Relation uint8

// The relations that records carry, from the object that holds the link to the one that
// it points to.
const (
	// OwnedBy points from an object to the owner in its ownerReferences.
	OwnedBy Relation = iota
	// BelongsTo points from an object to what it is part of without being owned: from an
	// Endpoints and a StatefulSet to their Service, from a token to its account.
	BelongsTo
	// Contains leads from a namespace to what is in it and has no owner; no link says so.
	Contains
	// Defines points from a CustomResourceDefinition to its objects.
	Defines
	// RunsOn points from a pod to its node.
	RunsOn
	// Makes points from a workload to the pods of its template.
	Makes
	// Installs points from a release of Helm to what has its labels: nothing in the API says
	// that it belongs to it.
	Installs
	// Scales points from an autoscaler to what it scales.
	Scales
	// Uses points from an object to a class or a device that it asks for, from a node to its Lease
	// and its CSINode, which nothing runs on.
	Uses
	// About points from an event to the object it is about.
	About
	// Selects points from a Service to its pods.
	Selects
	// RoutesTo points from an Ingress or a route to a Service, from a route to its
	// Gateway's listener, from an EndpointSlice to a pod.
	RoutesTo
	// Guards points from a budget, a policy, a quota or a range to what it binds.
	Guards
	// Intercepts points from an admission webhook or policy to the namespaces that it is
	// asked about.
	Intercepts
	// Calls points from a webhook or an APIService to the Service that answers.
	Calls
	// Mounts points from a pod or a template to what one of its volumes holds.
	Mounts
	// EnvFrom points from a pod or a template to what its environment comes from.
	EnvFrom
	// Projects points from a pod or a template to a part of a projected volume.
	Projects
	// PullsWith points from a pod, a template or a ServiceAccount to an image pull secret.
	PullsWith
	// RunsAs points from a pod or a template to its ServiceAccount.
	RunsAs
	// Claims points from a claim to its volume.
	Claims
	// ClaimedBy points from a volume to the claim that has it.
	ClaimedBy
	// ProvisionedBy points from a claim or a volume to its class, from a class to its
	// driver.
	ProvisionedBy
	// Attaches points from a VolumeAttachment to its volume and its node.
	Attaches
	// Grants points from a binding to its role, from a role to those that it aggregates.
	Grants
	// Binds points from a binding to a ServiceAccount.
	Binds
	// Mentions points from a custom resource to what a field of it names.
	Mentions

	relations // how many there are
)

// Class is a group of relations that are followed together.
type Class uint8

// The classes of relations.
const (
	Owners Class = iota
	Runtime
	Configuration
	Network
	Storage
	Security
)

// String is the class in one word.
func (c Class) String() string {
	return [...]string{"owners", "runtime", "configuration", "network", "storage", "security"}[c]
}

type relationWords struct {
	forth, back string
	class       Class
	// below is set where the object that holds the link depends on the one that it
	// points to for being there: it stands below it in a tree. Elsewhere it needs it,
	// leads to it or binds it, and stands above.
	below bool
}

var relationTable = [relations]relationWords{
	OwnedBy:       {"owned by", "owns", Owners, true},
	BelongsTo:     {"belongs to", "has", Owners, true},
	Contains:      {"contains", "in", Owners, false},
	Defines:       {"defines", "defined by", Owners, false},
	RunsOn:        {"runs on", "runs", Runtime, false},
	Makes:         {"makes", "made by", Owners, false},
	Installs:      {"installs (inferred)", "installed by (inferred)", Owners, false},
	Scales:        {"scales", "scaled by", Runtime, false},
	Uses:          {"uses", "used by", Runtime, false},
	About:         {"about", "has event", Runtime, false},
	Selects:       {"selects", "selected by", Network, false},
	RoutesTo:      {"routes to", "routed from", Network, false},
	Guards:        {"guards", "guarded by", Security, false},
	Intercepts:    {"intercepts", "intercepted by", Security, false},
	Calls:         {"calls", "called by", Network, false},
	Mounts:        {"mounts", "mounted by", Configuration, false},
	EnvFrom:       {"env from", "in env of", Configuration, false},
	Projects:      {"projects", "projected by", Configuration, false},
	PullsWith:     {"pulls with", "pull secret of", Configuration, false},
	RunsAs:        {"runs as", "account of", Security, false},
	Claims:        {"claims", "claimed by", Storage, false},
	ClaimedBy:     {"claimed by", "claims", Storage, true},
	ProvisionedBy: {"provisioned by", "provisions", Storage, false},
	Attaches:      {"attaches", "attached by", Storage, false},
	Grants:        {"grants", "granted by", Security, false},
	Binds:         {"binds", "bound by", Security, false},
	Mentions:      {"mentions", "mentioned by", Configuration, false},
}

// String is the relation in words, from the object that holds the link: "mounts".
func (r Relation) String() string { return relationTable[r].forth }

// Reverse is the relation in words from the other end: "mounted by".
func (r Relation) Reverse() string { return relationTable[r].back }

// Class returns the class of the relation.
func (r Relation) Class() Class { return relationTable[r].class }

// HolderBelow reports whether the object that holds such a link stands below the one that
// the link points to, as an owned object stands below its owner.
func (r Relation) HolderBelow() bool { return relationTable[r].below }
