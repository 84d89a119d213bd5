package kinds

import (
	"slices"
	"strings"
)

// Polarity says which status of a type of condition is bad, and how bad.
type Polarity struct {
	Type  string // "Ready"; "*Failure" is every type that ends so
	Bad   string // "True" or "False"; the other one is good
	Level Level
}

// polarities are the types of conditions that mean the same wherever they stand:
// Kubernetes' own, and those that its ecosystem agrees on (Gateway API, Cluster API, Flux,
// cert-manager, Argo, Crossplane). A type that is not here means nothing. The first line
// that fits counts.
var polarities = []Polarity{
	{"Ready", "False", Failing},
	{"Available", "False", Failing},
	{"Healthy", "False", Failing},
	{"Established", "False", Failing},
	{"NamesAccepted", "False", Failing},
	{"Accepted", "False", Failing},
	{"Programmed", "False", Failing},
	{"ResolvedRefs", "False", Failing},
	{"Deployed", "False", Failing},
	{"Released", "False", Failing},
	{"Valid", "False", Failing},
	{"Succeeded", "False", Failing},
	{"Synced", "False", Degraded},
	{"Reconciled", "False", Degraded},
	{"ContainersReady", "False", Degraded},
	{"ScalingActive", "False", Degraded},
	{"AbleToScale", "False", Degraded},
	{"Initialized", "False", Waiting},
	{"PodScheduled", "False", Waiting},
	{"PodReadyToStartContainers", "False", Waiting},
	{"DisruptionAllowed", "False", Waiting},

	{"Stalled", "True", Failing},
	{"Failed", "True", Failing},
	{"FailureTarget", "True", Failing},
	{"NetworkUnavailable", "True", Failing},
	{"ControllerResizeError", "True", Failing},
	{"NodeResizeError", "True", Failing},
	{"ModifyVolumeError", "True", Failing},
	{"Degraded", "True", Degraded},
	{"NotReady", "True", Degraded},
	{"DisruptionTarget", "True", Degraded},
	{"ScalingLimited", "True", Degraded},
	{"NonStructuralSchema", "True", Degraded},
	{"Reconciling", "True", Waiting},
	{"Terminating", "True", Waiting},
	{"Resizing", "True", Waiting},
	{"PodResizePending", "True", Waiting},
	{"FileSystemResizePending", "True", Waiting},
	{"ModifyingVolume", "True", Waiting},
	{"NamespaceContentRemaining", "True", Waiting},
	{"NamespaceFinalizersRemaining", "True", Waiting},
	{"*Pressure", "True", Failing},
	{"*Failed", "True", Failing},
	{"*Failure", "True", Failing},
}

// builtinPolarities are types that Kubernetes' own kinds use in one sense, and others in
// another: a ClusterOperator of OpenShift that is well has Progressing=False.
var builtinPolarities = []Polarity{{"Progressing", "False", Failing}}

// userPolarities are the lines of the user's config.
var userPolarities []Polarity

// AddPolarities adds types of conditions, which go before those that are known. It is
// called before the first object is read.
func AddPolarities(lines []Polarity) { userPolarities = slices.Clone(lines) }

// Problem returns what is wrong with a line, "" for nothing.
func (p Polarity) Problem() string {
	name := strings.TrimPrefix(p.Type, "*")
	switch {
	case name == "" || strings.ContainsAny(name, "* \t\n"):
		return `a type of condition is a word; a * may stand at its beginning: "*Expired"`
	case p.Bad != "True" && p.Bad != "False":
		return "the status that is bad is True or False"
	}
	return ""
}

// is reports whether a line is about a type of condition.
func (p *Polarity) is(kind string) bool {
	if suffix, ok := strings.CutPrefix(p.Type, "*"); ok {
		return strings.HasSuffix(kind, suffix)
	}
	return p.Type == kind
}

// level is what a status means. Who does not know is degraded at most, and a status that
// is neither of the three means nothing.
func (p *Polarity) level(status string) Level {
	switch status {
	case p.Bad:
		return p.Level
	case "Unknown":
		return min(p.Level, Degraded)
	case "True", "False":
		return OK
	}
	return Quiet
}

// levelIn is what a status means by the first line about its type in any of the lists:
// nothing for a type that none has.
func levelIn(kind, status string, lists ...[]Polarity) Level {
	for _, list := range lists {
		for i := range list {
			if list[i].is(kind) {
				return list[i].level(status)
			}
		}
	}
	return Quiet
}
