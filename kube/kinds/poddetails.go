package kinds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func podDetails(p *corev1.Pod) Details {
	var f facts
	f.link("Node", ref(corev1.SchemeGroupVersion, "Node", "", p.Spec.NodeName))
	f.link("Nominated node", ref(corev1.SchemeGroupVersion, "Node", "", p.Status.NominatedNodeName))
	f.addLevel("Reason", because(p.Status.Reason, p.Status.Message), Degraded)
	ips := make([]string, 0, len(p.Status.PodIPs))
	for _, ip := range p.Status.PodIPs {
		ips = append(ips, ip.IP)
	}
	f.add("IP", firstOf(strings.Join(ips, ", "), p.Status.PodIP))
	f.add("Host IP", p.Status.HostIP)
	f.time("Started", p.Status.StartTime)
	f.link("Service account", ref(corev1.SchemeGroupVersion, "ServiceAccount", p.Namespace, p.Spec.ServiceAccountName))
	f.add("QoS class", string(p.Status.QOSClass))
	f.link("Priority class", ref(schedulingv1.SchemeGroupVersion, "PriorityClass", "", p.Spec.PriorityClassName))
	if p.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		f.add("Restart policy", string(p.Spec.RestartPolicy))
	}
	if p.Spec.HostNetwork {
		f.add("Host network", "yes")
	}
	f.add("Node selector", mapText(p.Spec.NodeSelector))
	for i := range p.Spec.Volumes {
		addVolume(&f, p, &p.Spec.Volumes[i])
	}
	return Details{
		Facts: f,
		Conditions: conditionsOf(p.Status.Conditions, func(c corev1.PodCondition) Condition {
			return readPodCondition(c, p.Status.Phase)
		}),
		Containers: podContainers(p),
	}
}

func readPodCondition(c corev1.PodCondition, phase corev1.PodPhase) Condition {
	out := condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
	// A pod that has ended has no sandbox any more, and nobody waits for one.
	ended := phase == corev1.PodSucceeded || phase == corev1.PodFailed
	if ended && c.Type == corev1.PodReadyToStartContainers {
		out.Level = Quiet
	}
	return out
}

// addVolume says what a volume is made of; the token that every pod is given
// is left out.
func addVolume(f *facts, p *corev1.Pod, v *corev1.Volume) {
	name := "Volume " + v.Name
	links := specLinks{namespace: p.Namespace, pod: p.Name}
	links.volume(v)
	for _, l := range links.all {
		f.linkAs(name, strings.ToLower(l.To.Kind)+" "+l.To.Name, l.To)
	}
	switch {
	case len(links.all) > 0:
	case v.EmptyDir != nil:
		f.add(name, join(" ", "emptyDir", string(v.EmptyDir.Medium)))
	case v.VolumeSource == corev1.VolumeSource{}:
		f.add(name, "emptyDir") // SetDefaults_Volume in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go.
	case v.HostPath != nil:
		f.add(name, "hostPath "+v.HostPath.Path)
	case v.CSI != nil:
		f.add(name, "csi "+v.CSI.Driver)
	case v.NFS != nil:
		f.add(name, "nfs "+v.NFS.Server+":"+v.NFS.Path)
	case v.Image != nil:
		f.add(name, "image "+v.Image.Reference)
	}
}

// withRequests fills in missing requests with the limits (SetDefaults_Pod in
// k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func withRequests(r corev1.ResourceRequirements) corev1.ResourceRequirements {
	requests := make(corev1.ResourceList, len(r.Limits)+len(r.Requests))
	maps.Copy(requests, r.Limits)
	maps.Copy(requests, r.Requests)
	return corev1.ResourceRequirements{Requests: requests, Limits: r.Limits}
}

// resourcesText is "cpu 100m/500m, memory 64Mi/128Mi": requests and limits.
func resourcesText(r corev1.ResourceRequirements) string {
	names := map[corev1.ResourceName]bool{}
	for name := range r.Requests {
		names[name] = true
	}
	for name := range r.Limits {
		names[name] = true
	}
	parts := make([]string, 0, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		parts = append(parts, string(name)+" "+quantityText(r.Requests, name)+"/"+quantityText(r.Limits, name))
	}
	return strings.Join(parts, ", ")
}

func quantityText(list corev1.ResourceList, name corev1.ResourceName) string {
	q, ok := list[name]
	if !ok {
		return "-"
	}
	return q.String()
}

// listText is "cpu 4, memory 8Gi", without what is zero.
func listText(list corev1.ResourceList) string {
	parts := make([]string, 0, len(list))
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if q := list[name]; q.Cmp(resource.Quantity{}) != 0 {
			parts = append(parts, string(name)+" "+q.String())
		}
	}
	return strings.Join(parts, ", ")
}

func containerPorts(ports []corev1.ContainerPort) string {
	parts := make([]string, len(ports))
	for i, p := range ports {
		number := strconv.Itoa(int(p.ContainerPort))
		if p.HostPort != 0 {
			number = strconv.Itoa(int(p.HostPort)) + ":" + number
		}
		parts[i] = join(" ", p.Name, number+"/"+string(protocolOr(p.Protocol)))
	}
	return strings.Join(parts, ", ")
}
