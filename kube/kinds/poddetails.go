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
	uses := volumeUses(nil, p, v)
	for _, use := range uses {
		f.linkAs(name, strings.ToLower(use.To.Kind)+" "+use.To.Name, use.To)
	}
	switch {
	case len(uses) > 0:
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

// linkPod adds where the pod runs and what it uses, each once.
func linkPod(r *Record, p *corev1.Pod) {
	var room [12]Link // most pods have fewer
	links := room[:0]
	if p.Spec.NodeName != "" {
		link := Link{Relation: RunsOn, To: Ref{Name: intern(p.Spec.NodeName)}}
		link.To.Kind = "Node"
		links = append(links, link)
	}
	links = uses(links, p, "ServiceAccount", p.Spec.ServiceAccountName)
	for i := range p.Spec.Volumes {
		links = volumeUses(links, p, &p.Spec.Volumes[i])
	}
	for i := range p.Spec.InitContainers {
		links = containerUses(links, p, &p.Spec.InitContainers[i])
	}
	for i := range p.Spec.Containers {
		links = containerUses(links, p, &p.Spec.Containers[i])
	}
	for _, s := range p.Spec.ImagePullSecrets {
		links = uses(links, p, "Secret", s.Name)
	}
	r.Links = slices.Grow(r.Links, len(links))
	for _, l := range links {
		r.link(l)
	}
}

// uses adds a link to an object of the core group in the pod's namespace.
// Siblings use the same objects, so the names are shared.
func uses(links []Link, p *corev1.Pod, kind, name string) []Link {
	if name == "" {
		return links
	}
	link := Link{Relation: Uses, To: Ref{Namespace: intern(p.Namespace), Name: intern(name)}}
	link.To.Kind = kind
	if slices.Contains(links, link) {
		return links
	}
	return append(links, link)
}

// rootCA is the ConfigMap that every pod mounts for its token.
const rootCA = "kube-root-ca.crt"

func volumeUses(links []Link, p *corev1.Pod, v *corev1.Volume) []Link {
	switch {
	case v.ConfigMap != nil:
		return uses(links, p, "ConfigMap", v.ConfigMap.Name)
	case v.Secret != nil:
		return uses(links, p, "Secret", v.Secret.SecretName)
	case v.PersistentVolumeClaim != nil:
		return uses(links, p, "PersistentVolumeClaim", v.PersistentVolumeClaim.ClaimName)
	case v.Ephemeral != nil:
		return uses(links, p, "PersistentVolumeClaim", p.Name+"-"+v.Name)
	case v.CSI != nil && v.CSI.NodePublishSecretRef != nil:
		return uses(links, p, "Secret", v.CSI.NodePublishSecretRef.Name)
	case v.Projected == nil:
		return links
	}
	for i := range v.Projected.Sources {
		s := &v.Projected.Sources[i]
		if s.ConfigMap != nil && s.ConfigMap.Name != rootCA {
			links = uses(links, p, "ConfigMap", s.ConfigMap.Name)
		}
		if s.Secret != nil {
			links = uses(links, p, "Secret", s.Secret.Name)
		}
	}
	return links
}

func containerUses(links []Link, p *corev1.Pod, c *corev1.Container) []Link {
	for i := range c.EnvFrom {
		if s := c.EnvFrom[i].ConfigMapRef; s != nil {
			links = uses(links, p, "ConfigMap", s.Name)
		}
		if s := c.EnvFrom[i].SecretRef; s != nil {
			links = uses(links, p, "Secret", s.Name)
		}
	}
	for i := range c.Env {
		from := c.Env[i].ValueFrom
		if from == nil {
			continue
		}
		if from.ConfigMapKeyRef != nil {
			links = uses(links, p, "ConfigMap", from.ConfigMapKeyRef.Name)
		}
		if from.SecretKeyRef != nil {
			links = uses(links, p, "Secret", from.SecretKeyRef.Name)
		}
	}
	return links
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
