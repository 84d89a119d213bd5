package kinds

import (
	"maps"
	"slices"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Node is a machine that runs pods.
var Node = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Node"),
	Resource:         "nodes",
	Short:            []string{"no"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "STATUS", State: true},
		{Name: "ROLES"},
		{Name: "AGE"},
		{Name: "VERSION"},
		{Name: "INTERNAL-IP", Wide: true},
		{Name: "EXTERNAL-IP", Wide: true},
		{Name: "OS-IMAGE", Wide: true},
		{Name: "KERNEL-VERSION", Wide: true},
		{Name: "CONTAINER-RUNTIME", Wide: true},
	},
	LinksTo: "Lease.coordination.k8s.io CSINode.storage.k8s.io",
	New:     func() runtime.Object { return &corev1.Node{} },
	Reset:   emptied[corev1.Node],
	Unjudged: unjudged("status.addresses", "status.allocatable", "status.capacity",
		"status.images", "status.nodeInfo"),
	status: statusBy(nodeStatus),
}, readNode, nodeDetails)

func readNode(n *corev1.Node, r *Record) {
	info := &n.Status.NodeInfo
	kernel := firstOf(info.KernelVersion, "<unknown>")
	if info.Architecture != "" {
		kernel += " (" + info.Architecture + ")"
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(nodeState(n)),
		TextCell(nodeRoles(n)),
		AgeCell(r.Created),
		VersionCell(info.KubeletVersion),
		ownCell(nodeAddress(n, corev1.NodeInternalIP)),
		ownCell(nodeAddress(n, corev1.NodeExternalIP)),
		TextCell(firstOf(info.OSImage, "<unknown>")),
		TextCell(kernel),
		TextCell(firstOf(info.ContainerRuntimeVersion, "<unknown>")),
	}
	r.linkTo(Uses, ref(coordinationv1.SchemeGroupVersion, "Lease", corev1.NamespaceNodeLease, n.Name), "")
	r.linkTo(Uses, ref(storagev1.SchemeGroupVersion, "CSINode", "", n.Name), "")
}

// nodeState is the STATUS column.
func nodeState(n *corev1.Node) string {
	state := "Unknown"
	for i := range n.Status.Conditions {
		c := &n.Status.Conditions[i]
		if c.Type != corev1.NodeReady {
			continue
		}
		state = "NotReady"
		if c.Status == corev1.ConditionTrue {
			state = "Ready"
		}
	}
	if n.Spec.Unschedulable {
		state += ",SchedulingDisabled"
	}
	return state
}

// nodeRoles reads the roles from the labels node-role.kubernetes.io/<role> and
// kubernetes.io/role=<role>.
func nodeRoles(n *corev1.Node) string {
	roles := map[string]bool{}
	for key, value := range n.Labels {
		if role, ok := strings.CutPrefix(key, "node-role.kubernetes.io/"); ok {
			roles[role] = true
		} else if key == "kubernetes.io/role" {
			roles[value] = true
		}
	}
	delete(roles, "")
	return firstOf(strings.Join(slices.Sorted(maps.Keys(roles)), ","), "<none>")
}

func nodeAddress(n *corev1.Node, kind corev1.NodeAddressType) string {
	for _, a := range n.Status.Addresses {
		if a.Type == kind {
			return a.Address
		}
	}
	return "<none>"
}

func nodeStatus(n *corev1.Node) Status {
	s := Status{Level: Failing, Reason: "its kubelet has not reported yet"}
	for i := range n.Status.Conditions {
		c := &n.Status.Conditions[i]
		if c.Type != corev1.NodeReady {
			continue
		}
		s = Status{Level: OK}
		if c.Status != corev1.ConditionTrue {
			s = Status{Failing, Clean(because("NotReady", firstOf(c.Message, c.Reason))), c.LastTransitionTime.Time}
		}
	}
	if s.Level != OK {
		return s
	}
	for i := range n.Status.Conditions {
		c := &n.Status.Conditions[i]
		if c.Status == corev1.ConditionTrue && conditionLevel(string(c.Type), string(c.Status), c.Reason) >= Degraded {
			return Status{Degraded, Clean(because(string(c.Type), c.Message)), c.LastTransitionTime.Time}
		}
	}
	if n.Spec.Unschedulable {
		return Status{Degraded, Cordoned, cordoned(n)}
	}
	return s
}

// Cordoned is the reason of a node that is ready and takes no new pods.
const Cordoned = "SchedulingDisabled"

// cordoned is when the node stopped taking pods, as the taint that the node
// controller adds for it says.
func cordoned(n *corev1.Node) time.Time {
	for _, t := range n.Spec.Taints {
		if t.Key == corev1.TaintNodeUnschedulable && t.TimeAdded != nil {
			return t.TimeAdded.Time
		}
	}
	return time.Time{}
}

func nodeDetails(n *corev1.Node) Details {
	var f facts
	f.add("Roles", nodeRoles(n))
	for _, a := range n.Status.Addresses {
		f.add(string(a.Type), a.Address)
	}
	if n.Spec.Unschedulable {
		f.addLevel("Unschedulable", "yes: takes no new pods", Degraded)
	}
	for _, t := range n.Spec.Taints {
		f.add("Taint", t.ToString())
	}
	info := &n.Status.NodeInfo
	f.add("Kubelet", info.KubeletVersion)
	f.add("OS", join(", ", info.OSImage, info.KernelVersion, join("/", info.OperatingSystem, info.Architecture)))
	f.add("Container runtime", info.ContainerRuntimeVersion)
	f.add("Pod CIDRs", strings.Join(n.Spec.PodCIDRs, ", "))
	f.add("Provider ID", n.Spec.ProviderID)
	f.add("Capacity", listText(n.Status.Capacity))
	f.add("Allocatable", listText(allocatable(n)))
	if len(n.Status.Images) > 0 {
		f.add("Images", plural(len(n.Status.Images), "image"))
	}
	return Details{
		Facts:      f,
		Conditions: conditionsOf(n.Status.Conditions, readNodeCondition),
		Children:   []Child{{GroupVersionResource: pods, Field: "spec.nodeName=" + n.Name}},
	}
}

// allocatable is what pods may have of a node: all of it unless the kubelet
// keeps a part for itself (SetDefaults_NodeStatus in
// k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func allocatable(n *corev1.Node) corev1.ResourceList {
	if n.Status.Allocatable == nil {
		return n.Status.Capacity
	}
	return n.Status.Allocatable
}

func readNodeCondition(c corev1.NodeCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
