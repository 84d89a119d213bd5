package views

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	nodeKind      = schema.GroupKind{Kind: "Node"}
	nodeUsageKind = schema.GroupKind{Group: "metrics.k8s.io", Kind: "NodeMetrics"}
)

// nodesShown is how many nodes have a line of their own, those in trouble first.
const nodesShown = 8

// amounts are CPU in thousandths and memory in bytes.
type amounts struct{ cpu, memory int64 }

func (a *amounts) add(b amounts) { a.cpu, a.memory = a.cpu+b.cpu, a.memory+b.memory }

func amountsOf(list corev1.ResourceList) amounts {
	return amounts{list.Cpu().MilliValue(), list.Memory().Value()}
}

// atlasNode is what the atlas reads from a Node.
type atlasNode struct {
	kubelet, runtime, system, kernel, arch string

	capacity, allocatable amounts
	pods                  int64 // that it may run
	taints                []string
	cordoned              bool
}

func readAtlasNode(obj runtime.Object) any {
	n, ok := obj.(*corev1.Node)
	if !ok {
		return nil
	}
	info := &n.Status.NodeInfo
	out := atlasNode{
		kubelet: kinds.Clean(info.KubeletVersion), runtime: kinds.Clean(info.ContainerRuntimeVersion),
		system: kinds.Clean(info.OSImage), kernel: kinds.Clean(info.KernelVersion), arch: kinds.Clean(info.Architecture),
		capacity: amountsOf(n.Status.Capacity), cordoned: n.Spec.Unschedulable,
	}
	allocatable := n.Status.Allocatable
	if allocatable == nil {
		allocatable = n.Status.Capacity // as the API server fills in
	}
	out.allocatable, out.pods = amountsOf(allocatable), allocatable.Pods().Value()
	for i := range n.Spec.Taints {
		if t := &n.Spec.Taints[i]; t.Key != corev1.TaintNodeUnschedulable {
			out.taints = append(out.taints, kinds.Clean(t.ToString()))
		}
	}
	return out
}

// podRequests is what a pod asks for of the node that it runs on.
type podRequests struct {
	node string // "" when it takes no place
	amounts
}

// readRequests sums what a pod's containers ask for, as the scheduler does
// (k8s.io/component-helpers/resource): sidecars count all the time, an init container only
// as far as it asks for more than what runs later.
func readRequests(obj runtime.Object) any {
	pod, ok := obj.(*corev1.Pod)
	if !ok || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return podRequests{}
	}
	out := podRequests{node: pod.Spec.NodeName}
	var sidecars, most amounts
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		asks := amountsOf(c.Resources.Requests)
		asks.add(sidecars)
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			sidecars = asks
		}
		most = amounts{max(most.cpu, asks.cpu), max(most.memory, asks.memory)}
	}
	out.amounts = sidecars
	for i := range pod.Spec.Containers {
		out.add(amountsOf(pod.Spec.Containers[i].Resources.Requests))
	}
	out.amounts = amounts{max(most.cpu, out.cpu), max(most.memory, out.memory)}
	if whole := pod.Spec.Resources; whole != nil {
		if _, ok := whole.Requests[corev1.ResourceCPU]; ok {
			out.cpu = whole.Requests.Cpu().MilliValue()
		}
		if _, ok := whole.Requests[corev1.ResourceMemory]; ok {
			out.memory = whole.Requests.Memory().Value()
		}
	}
	out.add(amountsOf(pod.Spec.Overhead))
	return out
}

// readUsage reads what metrics-server says of a node.
func readUsage(obj runtime.Object) any {
	fields := fieldsOf(obj)
	read := func(name corev1.ResourceName) resource.Quantity {
		q, err := resource.ParseQuantity(textAt(fields, "usage", string(name)))
		if err != nil {
			return resource.Quantity{}
		}
		return q
	}
	cpu, memory := read(corev1.ResourceCPU), read(corev1.ResourceMemory)
	return amounts{cpu.MilliValue(), memory.Value()}
}

// nodeLoad is how full a node is, or all of them together.
type nodeLoad struct {
	name                                   string
	record                                 *kinds.Record
	capacity, allocatable, requested, used amounts
	pods, places                           int64
}

// fullness is the larger share of what is allocatable that is asked for.
func (l *nodeLoad) fullness() int64 {
	return max(percent(l.requested.cpu, l.allocatable.cpu), percent(l.requested.memory, l.allocatable.memory))
}

func percent(n, of int64) int64 {
	if of <= 0 {
		return 0
	}
	return n * 100 / of
}

// nodes are the machines: how they are, what they run with, and how full they are.
func (w *atlasWriter) nodes() []part {
	p := part{name: "nodes", does: "machines that run the pods", then: w.toTable(nodeKind, "")}
	entries, p, ok := w.list("nodes", p, "nodes")
	if !ok {
		if p.sight == isSeen {
			p = p.unseen(isNotShown, w.none("nodes"))
		}
		return []part{p}
	}
	var cordoned []string
	var bad []part
	for _, e := range entries {
		if n, ok := e.Value.(atlasNode); ok && n.cordoned {
			cordoned = append(cordoned, e.Record.Name)
		}
		if r := e.Record; r.Status.Level >= kinds.Degraded && r.Status.Reason != kinds.Cordoned {
			one := part{name: r.Name, then: w.toRecord(r)}
			one.say(r.Status.Level, r.Status.Reason)
			if !r.Status.Since.IsZero() {
				one.note("for " + w.ago(r.Status.Since))
			}
			bad = append(bad, one)
		}
	}
	of := strconv.Itoa(len(entries))
	if p.sight == isLoading {
		of = "these"
	}
	p.say(kinds.OK, strconv.Itoa(len(entries)-len(bad))+" of "+of+" ready")
	if len(cordoned) > 0 {
		p.say(kinds.Quiet, "cordoned: "+fewOf(cordoned, 3))
	}
	parts := append([]part{p}, bad[:min(len(bad), nodesShown)]...)
	if n := len(bad) - nodesShown; n > 0 {
		more := part{name: "more nodes", then: p.then}
		more.say(kinds.Failing, strconv.Itoa(n)+" more are not well")
		parts = append(parts, more)
	}
	parts = append(parts, w.kubelets(entries), w.proxies())
	parts = append(parts, w.machines(entries)...)
	return append(parts, w.taints(entries))
}

// ofNodes says while nodes are loaded that what is said of all of them is of some.
func (w *atlasWriter) ofNodes() string {
	if entries, state := w.feeds.entries("nodes"); state.Phase == kube.Loading && len(entries) > 0 {
		return " · of those read so far"
	}
	return ""
}

// grouped counts equal texts: "containerd://2.1.0 ×11, containerd://1.7.2 ×1".
func grouped(entries []kube.DigestEntry, of func(atlasNode) string) string {
	counts := map[string]int{}
	for _, e := range entries {
		if n, ok := e.Value.(atlasNode); ok && of(n) != "" {
			counts[of(n)]++
		}
	}
	texts := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, text := range texts {
		texts[i] = text + " ×" + strconv.Itoa(counts[text])
	}
	return fewOf(texts, 3)
}

// kubelets are the agents on the nodes: their versions, and whether they still report.
func (w *atlasWriter) kubelets(entries []kube.DigestEntry) part {
	p := part{name: "kubelet", does: "starts the pods of its node", then: w.toTable(nodeKind, "")}
	p.say(kinds.Quiet, grouped(entries, func(n atlasNode) string { return n.kubelet }))
	server := w.session.Cluster.Version()
	for _, e := range entries {
		if n, ok := e.Value.(atlasNode); ok {
			if level, text := kubeletSkew(server, n.kubelet); text != "" && level >= p.level {
				p.say(level, e.Record.Name+" "+text)
				break
			}
		}
	}
	w.kubeletLeases(&p, len(entries))
	return p
}

// kubeletLeases adds which kubelets do not renew their leases.
func (w *atlasWriter) kubeletLeases(p *part, nodes int) {
	leases, state := w.feeds.entries("nodeLeases")
	late := []string(nil)
	for _, e := range leases {
		if l, ok := e.Value.(lease); ok && w.expired(l) {
			late = append(late, e.Record.Name+" for "+w.ago(l.renewed))
		}
	}
	switch {
	case state.Phase == kube.Denied:
		p.note("leases hidden by your rights")
	case nodes > loadMax:
		p.note("leases not loaded: over " + strconv.Itoa(loadMax) + " nodes")
	case state.Phase.Undecided():
		p.note("leases loading")
	case len(leases) == 0:
		p.note(w.none("leases of nodes"))
	case len(late) > 0:
		p.say(kinds.Degraded, "lease not renewed: "+fewOf(late, 3))
	default:
		p.say(kinds.OK, "all renew their leases")
	}
}

// kubeletSkew judges a kubelet's version by the published policy: not newer than the API
// server, and at most three minor versions older, two before 1.25
// (https://kubernetes.io/releases/version-skew-policy).
func kubeletSkew(server, kubelet string) (kinds.Level, string) {
	serverMinor, ok := minorOf(server)
	kubeletMinor, known := minorOf(kubelet)
	if !ok || !known {
		return kinds.Quiet, ""
	}
	most := 3
	if kubeletMinor < 25 {
		most = 2
	}
	switch older := serverMinor - kubeletMinor; {
	case older < 0:
		return kinds.Degraded, kubelet + " is newer than the API server, which is not supported"
	case older > most:
		return kinds.Degraded, kubelet + " is too old for the API server (" + strconv.Itoa(most) + " minor versions at most)"
	case older == most:
		return kinds.Quiet, kubelet + " is as old as it may be: upgrade it before the API server"
	}
	return kinds.Quiet, ""
}

// minorOf is the minor version of "v1.36.3"; of other major versions nothing is known.
func minorOf(version string) (int, bool) {
	rest, ok := strings.CutPrefix(version, "v1.")
	if !ok {
		return 0, false
	}
	text, _, _ := strings.Cut(rest, ".")
	minor, err := strconv.Atoi(strings.TrimRight(text, "+"))
	return minor, err == nil
}

// proxies is kube-proxy, where it is a DaemonSet.
func (w *atlasWriter) proxies() part {
	p := part{name: "kube-proxy", does: "makes Services work on each node"}
	entries, p, ok := w.list("addons2", p, "daemonsets")
	if !ok && p.sight != isSeen {
		return p
	}
	i := slices.IndexFunc(entries, func(e kube.DigestEntry) bool {
		app, _ := e.Record.Label("k8s-app")
		return app == "kube-proxy"
	})
	if i < 0 {
		return p.unseen(isNotShown, "not shown: "+w.none("DaemonSet of it")+"; a CNI may do its work, or the node")
	}
	w.workload(&p, entries[i].Record)
	images, _ := entries[i].Value.([]string)
	for _, image := range images {
		if tag := imageTag(image); tag != "" {
			p.say(kinds.Quiet, tag)
			if level, text := kubeletSkew(w.session.Cluster.Version(), tag); level >= kinds.Degraded {
				p.say(level, text)
			}
		}
	}
	return p
}

func (w *atlasWriter) machines(entries []kube.DigestEntry) []part {
	var parts []part
	for _, m := range []struct {
		name, does string
		of         func(atlasNode) string
	}{
		{"runtime", "runs the containers", func(n atlasNode) string { return n.runtime }},
		{"system", "", func(n atlasNode) string { return n.system }},
		{"kernel", "", func(n atlasNode) string { return strings.TrimSpace(n.kernel + " " + n.arch) }},
	} {
		p := part{name: m.name, does: m.does, then: w.toTable(nodeKind, "")}
		if text := grouped(entries, m.of); text != "" {
			p.say(kinds.Quiet, text)
			parts = append(parts, p)
		}
	}
	return parts
}

func (w *atlasWriter) taints(entries []kube.DigestEntry) part {
	p := part{name: "taints", does: "keep pods away", then: w.toTable(nodeKind, "")}
	counts := map[string]int{}
	for _, e := range entries {
		if n, ok := e.Value.(atlasNode); ok {
			for _, t := range n.taints {
				counts[t]++
			}
		}
	}
	if len(counts) == 0 {
		p.say(kinds.Quiet, "none")
		return p
	}
	texts := slices.Sorted(maps.Keys(counts))
	for i, t := range texts {
		texts[i] = t + " ×" + strconv.Itoa(counts[t])
	}
	p.say(kinds.Quiet, fewOf(texts, 3))
	return p
}
