package kinds

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The groups of custom resources that are known here.
const (
	gatewayGroup     = "gateway.networking.k8s.io"
	snapshotGroup    = "snapshot.storage.k8s.io"
	certManagerGroup = "cert-manager.io"
	argoGroup        = "argoproj.io"
	fluxSourceGroup  = "source.toolkit.fluxcd.io"
)

// SaysHowItIs reports whether it is known what the status of a custom resource says.
func SaysHowItIs(kind schema.GroupKind) bool {
	c := customs[kind]
	return c.status != nil || c.conditions != nil
}

// customs are the custom resources whose status says more than the rule reads, or in other
// places.
var customs = map[schema.GroupKind]custom{
	{Group: "autoscaling.k8s.io", Kind: "VerticalPodAutoscaler"}: {conditions: []Polarity{
		{"ConfigUnsupported", "True", Failing},
		{"ConfigDeprecated", "True", Degraded},
		{"NoPodsMatched", "True", Degraded},
		{"FetchingHistory", "True", Waiting},
		{"RecommendationProvided", "False", Waiting},
	}, fields: []fieldLink{{"spec.targetRef", Scales, ""}}},

	{Group: gatewayGroup, Kind: "GatewayClass"}: {
		conditions: []Polarity{{"SupportedVersion", "False", Degraded}},
	},
	{Group: gatewayGroup, Kind: "Gateway"}: {
		conditions: []Polarity{{"Conflicted", "True", Failing}, {"OverlappingTLSConfig", "True", Degraded}},
		status:     gatewayStatus,
		parts:      listeners,
		fields: []fieldLink{
			{"spec.gatewayClassName", Uses, "GatewayClass." + gatewayGroup},
			{"spec.listeners.tls.certificateRefs", Uses, "Secret"},
		},
	},
	{Group: gatewayGroup, Kind: "HTTPRoute"}: route,
	{Group: gatewayGroup, Kind: "GRPCRoute"}: route,
	{Group: gatewayGroup, Kind: "TLSRoute"}:  route,
	{Group: gatewayGroup, Kind: "TCPRoute"}:  route,
	{Group: gatewayGroup, Kind: "UDPRoute"}:  route,

	{Group: snapshotGroup, Kind: "VolumeSnapshot"}: {status: snapshotStatus, fields: []fieldLink{
		{"spec.source.persistentVolumeClaimName", Uses, "PersistentVolumeClaim"},
		{"spec.source.volumeSnapshotContentName", Claims, contentKind},
		{"status.boundVolumeSnapshotContentName", Claims, contentKind},
		{"spec.volumeSnapshotClassName", ProvisionedBy, classKind},
	}},
	{Group: snapshotGroup, Kind: "VolumeSnapshotContent"}: {status: snapshotStatus, fields: []fieldLink{
		{"spec.volumeSnapshotRef", ClaimedBy, "VolumeSnapshot." + snapshotGroup},
		{"spec.volumeSnapshotClassName", ProvisionedBy, classKind},
		{"spec.driver", ProvisionedBy, driverKind},
	}},
	{Group: snapshotGroup, Kind: "VolumeSnapshotClass"}: {fields: []fieldLink{{"driver", ProvisionedBy, driverKind}}},

	{Group: certManagerGroup, Kind: "Certificate"}: {status: certificateStatus, fields: []fieldLink{
		{"spec.secretName", Makes, "Secret"},
		{"spec.issuerRef", ProvisionedBy, issuerKinds},
	}},
	{Group: certManagerGroup, Kind: "CertificateRequest"}: {
		conditions: []Polarity{{"Denied", "True", Failing}, {"InvalidRequest", "True", Failing}},
		fields:     []fieldLink{{"spec.issuerRef", ProvisionedBy, issuerKinds}},
	},

	{Group: argoGroup, Kind: "Application"}: {
		status: argoStatus, links: argoLinks,
		fields: []fieldLink{{"spec.project", BelongsTo, "AppProject." + argoGroup}},
	},

	{Group: "kustomize.toolkit.fluxcd.io", Kind: "Kustomization"}: {
		status: fluxStatus, links: fluxLinks,
		fields: []fieldLink{
			{"spec.sourceRef", Uses, sourceKinds},
			{"spec.dependsOn", Uses, "Kustomization.kustomize.toolkit.fluxcd.io"},
		},
	},
	{Group: "helm.toolkit.fluxcd.io", Kind: "HelmRelease"}: {
		conditions: []Polarity{{"TestSuccess", "False", Degraded}, {"Remediated", "True", Degraded}},
		status:     fluxStatus,
		links:      fluxLinks,
		fields: []fieldLink{
			{"spec.chart.spec.sourceRef", Uses, sourceKinds},
			{"spec.chartRef", Uses, sourceKinds},
			{"spec.dependsOn", Uses, "HelmRelease.helm.toolkit.fluxcd.io"},
		},
	},
	{Group: fluxSourceGroup, Kind: "GitRepository"}:  {status: fluxStatus},
	{Group: fluxSourceGroup, Kind: "OCIRepository"}:  {status: fluxStatus},
	{Group: fluxSourceGroup, Kind: "HelmRepository"}: {status: fluxStatus},
	{Group: fluxSourceGroup, Kind: "HelmChart"}:      {status: fluxStatus},
	{Group: fluxSourceGroup, Kind: "Bucket"}:         {status: fluxStatus},
}

// route is any route of the Gateway API.
var route = custom{
	conditions: []Polarity{{"ResolvedRefs", "False", Degraded}, {"PartiallyInvalid", "True", Degraded}},
	status:     routeStatus,
	parts:      parents,
	fields: []fieldLink{
		{"spec.parentRefs", RoutesTo, gatewayKinds},
		{"spec.rules.backendRefs", RoutesTo, "Service"},
		{"spec.rules.filters.requestMirror.backendRef", RoutesTo, "Service"},
	},
}

// gatewayStatus is the worst of a Gateway's own conditions and those of its listeners. Its
// API begins with Unknown, so False is a verdict.
func gatewayStatus(o *object) Status {
	conditions := o.conditions()
	if s, behind := o.behind(); behind {
		return s
	}
	if c := find(conditions, "Programmed"); c.Status == "False" && slices.Contains(pendingReasons, c.Reason) {
		return conditionStatus(c, Waiting)
	}
	s := worstUpTo(Failing, conditions)
	if s.Level > OK {
		return s
	}
	return worse(s, partsStatus(listeners(o)))
}

// pendingReasons are those of a Gateway that waits for its address.
var pendingReasons = []string{"AddressNotAssigned", "Pending"}

// part is something inside an object that has conditions of its own.
type part struct {
	name       string
	conditions []Condition
	missing    bool // nothing is said of it
}

// listeners are the parts of a Gateway.
func listeners(o *object) []part {
	var out []part
	for _, l := range o.list("status", "listeners") {
		out = append(out, part{name: Clean("listener " + text(l["name"])), conditions: o.conditionsIn(l["conditions"])})
	}
	return out
}

// partsStatus is the worst of some parts: degraded at most, while another is well.
func partsStatus(parts []part) (s Status) {
	well := false
	for _, p := range parts {
		of := worstUpTo(Failing, p.conditions)
		if p.missing {
			of = Status{Level: Waiting, Reason: "no controller has answered"}
		}
		well = well || of.Level == OK
		if of.Reason != "" {
			of.Reason = p.name + ": " + of.Reason
		}
		s = worse(s, of)
	}
	if well && s.Level == Failing {
		s.Level = Degraded
	}
	return s
}

// routeStatus is what the parents of a route make of it.
func routeStatus(o *object) Status {
	all := o.list("status", "parents")
	for _, p := range all {
		if s, behind := o.behindIn(objects(p["conditions"])); behind {
			return s
		}
	}
	return partsStatus(parents(o))
}

// parents are the parts of a route: the parents that it asks for, with what each
// controller says of it there.
func parents(o *object) []part {
	var out []part
	answered := map[string]bool{}
	for _, p := range o.list("status", "parents") {
		ref, _ := p["parentRef"].(map[string]any)
		name := o.parentName(ref)
		answered[name] = true
		out = append(out, part{name: name, conditions: o.conditionsIn(p["conditions"])})
	}
	for _, ref := range o.list("spec", "parentRefs") {
		if name := o.parentName(ref); !answered[name] {
			out = append(out, part{name: name, missing: true})
		}
	}
	return out
}

// parentName is "parent infra/public (https)".
func (o *object) parentName(ref map[string]any) string {
	name := join(" ", "parent", text(ref["name"]))
	if namespace := text(ref["namespace"]); namespace != "" && namespace != o.text("metadata", "namespace") {
		name = "parent " + namespace + "/" + text(ref["name"])
	}
	section := text(ref["sectionName"])
	if port, ok := wholeNumber(ref["port"]); ok {
		section = join(" ", section, "port "+strconv.FormatInt(port, 10))
	}
	if section != "" {
		name += " (" + section + ")"
	}
	return Clean(name)
}

// snapshotStatus is that of a volume snapshot, and of its content.
func snapshotStatus(o *object) Status {
	problem := o.part("status", "error")
	switch {
	case o.flag("status", "readyToUse"):
		return Status{Level: OK}
	case problem != nil:
		return Status{Failing, Clean(because("error", text(problem["message"]))), timeIn(text(problem["time"])).Time}
	}
	return Status{Level: Waiting, Reason: "not ready to use yet"}
}

// certificateStatus is that of a certificate of cert-manager: being issued is not a
// failure, and a renewal that failed is one while the old certificate is still valid.
func certificateStatus(o *object) Status {
	conditions := o.conditions()
	ready, issuing := find(conditions, "Ready"), find(conditions, "Issuing")
	switch {
	case ready.Status == "False" && ready.Reason == "Expired":
		return conditionStatus(ready, Failing)
	case issuing.Status == "True" && ready.Status != "True":
		attempts := ""
		if n, _ := wholeNumber(at(o.fields, "status", "failedIssuanceAttempts")); n > 0 {
			attempts = plural(int(n), "attempt") + " failed"
		}
		why := join(", ", because("issuing", issuing.Message), attempts)
		return Status{Waiting, why, issuing.Changed.Time}
	case issuing.Status == "False" && issuing.Reason == "Failed":
		level := Failing
		if ready.Status == "True" {
			level = Degraded
		}
		return conditionStatus(issuing, level)
	}
	return o.byRule()
}

// argoHealth is how bad a health of Argo CD is.
var argoHealth = map[string]Level{
	"Healthy": OK, "Progressing": Waiting, "Unknown": Waiting, "Missing": Degraded, "Degraded": Failing,
}

// argoStatus is that of an application of Argo CD: its health, then what it cannot compare
// or sync, then whether it differs from its source.
func argoStatus(o *object) Status {
	health := o.text("status", "health", "status")
	s := Status{Level: argoHealth[health]}
	if health == "Suspended" {
		s.Reason = "suspended"
	}
	if s.Level > OK {
		s.Reason = Clean(because(health, o.text("status", "health", "message")))
		s.Since = timeIn(o.text("status", "health", "lastTransitionTime")).Time
	}
	for _, c := range o.conditions() {
		if strings.HasSuffix(c.Type, "Error") {
			s = worse(s, Status{Degraded, because(c.Type, c.Message), c.Changed.Time})
		}
	}
	operation := o.part("status", "operationState")
	phase, message := text(operation["phase"]), text(operation["message"])
	switch phase {
	case "Failed", "Error":
		s = worse(s, Status{Degraded, Clean("sync " + because(phase, message)), timeIn(text(operation["finishedAt"])).Time})
	case "Running", "Terminating":
		s = worse(s, Status{Waiting, Clean("sync " + because(phase, message)), timeIn(text(operation["startedAt"])).Time})
	}
	if sync := o.text("status", "sync", "status"); sync == "OutOfSync" || sync == "Unknown" && s.Level > Quiet {
		s = worse(s, Status{Level: Waiting, Reason: "sync status " + sync})
	}
	return s
}

// fluxStatus is that of what Flux reconciles. It begins with Ready=Unknown, so that
// Ready=False is a failure, which comes before the generation: that is written by a success
// only. What is suspended sees no change.
func fluxStatus(o *object) Status {
	s := fluxReady(o)
	if !o.flag("spec", "suspend") {
		return s
	}
	if s.Level <= Waiting {
		return Status{Level: Quiet, Reason: "suspended"}
	}
	s.Reason = "suspended, " + s.Reason
	return s
}

func fluxReady(o *object) Status {
	ready := find(o.conditions(), "Ready")
	if _, behind := o.behindIn(o.list("status", "conditions")); !behind && ready.Status == "False" {
		switch ready.Reason {
		case "DependencyNotReady", "Progressing", "ProgressingWithRetry":
			return conditionStatus(ready, Waiting)
		}
		return conditionStatus(ready, Failing)
	}
	return o.byRule()
}
