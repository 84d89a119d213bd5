package history

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Manager is an entry of managedFields: who set fields of an object, how and when.
type Manager struct {
	Name, Operation, Subresource, Version string
	At                                    time.Time
}

// ManagersOf reads the managedFields of an object.
func ManagersOf(object map[string]any) []Manager {
	var out []Manager
	for _, entry := range asList(asMap(object["metadata"])["managedFields"]) {
		m := asMap(entry)
		at, _ := time.Parse(time.RFC3339, text(m["time"]))
		out = append(out, Manager{
			Name: kinds.Clean(text(m["manager"])), Operation: text(m["operation"]),
			Subresource: text(m["subresource"]), Version: text(m["apiVersion"]), At: at,
		})
	}
	return out
}

func text(v any) string { s, _ := v.(string); return s }

// Author returns the manager whose entry moved between two versions: of several, the one
// that writes what changed, a status or not. older is nil for an object that was created.
// It returns the zero Manager when no entry says who.
//
// An entry's time has no fractions of a second: of two writes of one manager within a
// second, only the first moves it. So when none moved, it is the one that moved last, and
// its time is not that of the change.
func Author(older, newer map[string]any, status bool) (m Manager, moves bool) {
	before, now := ManagersOf(older), ManagersOf(newer)
	moved := slices.DeleteFunc(slices.Clone(now), func(m Manager) bool { return slices.Contains(before, m) })
	candidates := moved
	if len(moved) == 0 {
		candidates = slices.DeleteFunc(now, func(m Manager) bool { return !writes(m, status) })
	}
	if len(candidates) == 0 {
		return Manager{}, false
	}
	m = slices.MaxFunc(candidates, func(a, b Manager) int {
		return cmp.Or(
			compareBool(writes(a, status), writes(b, status)),
			a.At.Compare(b.At),
			cmp.Compare(a.Name, b.Name),
		)
	})
	return m, len(moved) > 0
}

// writes reports whether a manager writes the status, or everything else.
func writes(m Manager, status bool) bool { return (m.Subresource == "status") == status }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// tool is what is behind the name of a manager.
type tool struct {
	prefix string // of the manager's name
	name   string // as people call it; "" is the manager's own name
	hand   bool   // a person works with it
}

// tools are the managers that are known, the more exact names before their beginnings. A
// client that names no manager is called like its User-Agent up to the first slash
// (k8s.io/apiserver/pkg/endpoints/handlers/create.go, managerOrUserAgent).
var tools = []tool{
	{"kubectl-client-side-apply", "kubectl apply", true},
	{"kubectl-last-applied", "kubectl apply", true},
	{"kubectl-rollout", "kubectl rollout", true},
	{"kubectl-", "kubectl ", true}, // and the command's own name
	{"kubectl", "kubectl", true},
	{"oc", "oc", true},
	{"k9s", "k9s", true},
	{"fathom", "fathom", true},
	{"node-fetch", "Lens", true},
	{"Lens", "Lens", true},
	{"OpenLens", "OpenLens", true},
	{"freelens", "Freelens", true},
	{"headlamp", "Headlamp", true},
	{"dashboard", "Kubernetes Dashboard", true},
	{"Mozilla", "a browser", true},
	{"argocd-server", "Argo CD's UI or CLI", true},
	{"argocd", "Argo CD", false},
	{"rollouts-controller", "Argo Rollouts", false},
	{"argo-rollouts", "Argo Rollouts", false},
	{"kustomize-controller", "Flux", false},
	{"helm-controller", "Flux", false},
	{"source-controller", "Flux", false},
	{"image-automation-controller", "Flux", false},
	{"image-reflector-controller", "Flux", false},
	{"notification-controller", "Flux", false},
	{"flux", "flux", true},
	{"fleetagent", "Rancher Fleet", false},
	{"fleetcontroller", "Rancher Fleet", false},
	{"rancher", "Rancher", false},
	{"helm", "Helm", false},
	{"Helm", "Helm", false},
	{"tiller", "Helm", false},
	{"kapp", "kapp", false},
	{"Terraform", "Terraform", false},
	{"terraform", "Terraform", false},
	{"HashiCorp", "Terraform", false},
	{"pulumi", "Pulumi", false},
	{"skaffold", "Skaffold", true},
	{"tilt", "Tilt", true},
	{"ansible", "Ansible", false},
	{"OpenAPI-Generator", "a Python or Java client", false},
	{"flagger", "Flagger", false},
	{"crossplane", "Crossplane", false},
	{"keda", "KEDA", false},
	{"vpa-", "vpa", false},
	{"cluster-autoscaler", "cluster autoscaler", false},
	{"karpenter", "Karpenter", false},
	{"cert-manager", "cert-manager", false},
	{"external-secrets", "External Secrets", false},
	{"sealed-secrets", "Sealed Secrets", false},
	{"external-dns", "ExternalDNS", false},
	{"kyverno", "Kyverno", false},
	{"gatekeeper", "Gatekeeper", false},
	{"pilot-discovery", "Istio", false},
	{"istio", "Istio", false},
	{"velero", "Velero", false},
}

// controlPlane are the managers that make the cluster what its objects say.
var controlPlane = []string{
	"kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver", "cloud-controller-manager",
	"kube-proxy", "k3s", "deploy",
}

// IsControlPlane reports whether a manager is a part of Kubernetes itself: what it writes
// is the effect of something else.
func IsControlPlane(manager string) bool { return slices.Contains(controlPlane, manager) }

// Tool returns what is behind a manager, in words, and whether a person works with it.
func (m Manager) Tool() (name string, hand bool) {
	if m.Name == "kube-controller-manager" && m.Subresource == "scale" {
		return "hpa", false
	}
	for _, t := range tools {
		rest, ok := strings.CutPrefix(m.Name, t.prefix)
		exact := strings.HasSuffix(t.prefix, "-") || rest == "" || rest[0] < 'a' || rest[0] > 'z'
		if !ok || !exact {
			continue
		}
		if t.prefix == "kubectl-" {
			return t.name + rest, true
		}
		if m.Operation == "Apply" && t.name == "kubectl" {
			return "kubectl apply --server-side", true
		}
		return t.name, t.hand
	}
	return "", false
}
