package kinds

import (
	"cmp"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Pod runs containers on a node.
var Pod = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Pod"),
	Resource:         "pods",
	Short:            []string{"po"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "READY", State: true},
		{Name: "STATUS", State: true},
		{Name: "RESTARTS"},
		{Name: "AGE"},
		{Name: "IP", Wide: true},
		{Name: "NODE", Wide: true},
		{Name: "NOMINATED NODE", Wide: true},
		{Name: "READINESS GATES", Wide: true},
	},
	New:     func() runtime.Object { return &corev1.Pod{} },
	LinksTo: "Node " + specLinksTo,
	Skip:    podSkipped(),
	Reset:   resetPod,
}, readPod, podDetails)

func resetPod(obj runtime.Object) {
	p := obj.(*corev1.Pod)
	clear(p.Labels)
	*p = corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Labels: p.Labels, OwnerReferences: p.OwnerReferences[:0]},
		Spec: corev1.PodSpec{
			Volumes:        p.Spec.Volumes[:0],
			InitContainers: p.Spec.InitContainers[:0],
			Containers:     p.Spec.Containers[:0],
		},
		Status: corev1.PodStatus{
			Conditions:            p.Status.Conditions[:0],
			InitContainerStatuses: p.Status.InitContainerStatuses[:0],
			ContainerStatuses:     p.Status.ContainerStatuses[:0],
		},
	}
}

// podSkipped returns the fields that readPod does not use, except for rare ones.
func podSkipped() []string {
	skipped := []string{
		"metadata.annotations", "metadata.finalizers", "metadata.generateName", "metadata.managedFields",
		"spec.affinity", "spec.nodeSelector", "spec.securityContext", "spec.tolerations", "spec.topologySpreadConstraints",
		"spec.dnsPolicy", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccount",
		"spec.preemptionPolicy",
		"status.conditions.lastProbeTime",
		"status.hostIP", "status.hostIPs", "status.podIPs", "status.qosClass", "status.startTime",
	}
	for _, containers := range []string{"spec.containers.", "spec.initContainers."} {
		for _, field := range []string{
			"image", "command", "args", "workingDir", "ports", "env.name", "env.value", "resources", "volumeMounts",
			"livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
			"terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext",
		} {
			skipped = append(skipped, containers+field)
		}
	}
	for _, statuses := range []string{"status.containerStatuses.", "status.initContainerStatuses."} {
		for _, field := range []string{
			"image", "imageID", "containerID", "allocatedResources", "resources", "volumeMounts", "user",
		} {
			skipped = append(skipped, statuses+field)
		}
	}
	return append(skipped, "status.ephemeralContainerStatuses", "spec.ephemeralContainers")
}

func readPod(p *corev1.Pod, r *Record) {
	s := summarize(p)
	restarted := s.restarted
	if s.restarts == 0 {
		restarted = time.Time{}
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		ShareCell(int64(s.ready), int64(s.all)),
		TextCell(s.status),
		CountedCell(strconv.Itoa(s.restarts), int64(s.restarts), restarted),
		AgeCell(r.Created),
		ownCell(firstOf(p.Status.PodIP, "<none>")),
		TextCell(firstOf(p.Spec.NodeName, "<none>")),
		TextCell(firstOf(p.Status.NominatedNodeName, "<none>")),
		readinessGates(p),
	}
	r.Status = podStatus(p, s)
	linkPod(r, p)
}

// readinessGates is "1/2": how many of the conditions that others set for the
// pod are true.
func readinessGates(p *corev1.Pod) Cell {
	if len(p.Spec.ReadinessGates) == 0 {
		return TextCell("<none>")
	}
	met := 0
	for _, g := range p.Spec.ReadinessGates {
		if podCondition(p, g.ConditionType).Status == corev1.ConditionTrue {
			met++
		}
	}
	return ShareCell(int64(met), int64(len(p.Spec.ReadinessGates)))
}

func podCondition(p *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for i := range p.Status.Conditions {
		if p.Status.Conditions[i].Type == kind {
			return p.Status.Conditions[i]
		}
	}
	return corev1.PodCondition{}
}

// podSummary is what READY, STATUS and RESTARTS say about a pod. It follows the API
// server's printPod (pkg/printers/internalversion/printers.go), which kubectl shows;
// the order in which reasons override each other is part of it.
type podSummary struct {
	ready, all int
	status     string
	restarts   int
	restarted  time.Time // when a container last ended
}

func summarize(p *corev1.Pod) podSummary {
	s := podSummary{all: len(p.Spec.Containers), status: string(podPhase(p))}
	if p.Status.Reason != "" {
		s.status = p.Status.Reason
	}
	for i := range p.Status.Conditions {
		c := &p.Status.Conditions[i]
		if c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonSchedulingGated {
			s.status = corev1.PodReasonSchedulingGated
		}
	}
	for i := range p.Spec.InitContainers {
		if isSidecar(&p.Spec.InitContainers[i]) {
			s.all++
		}
	}
	initializing, sidecars := s.addInitContainers(p)
	if !initializing || podCondition(p, corev1.PodInitialized).Status == corev1.ConditionTrue {
		s.restarts, s.restarted = sidecars.restarts, sidecars.restarted
		s.addContainers(p)
	}
	switch {
	case p.DeletionTimestamp == nil:
	case p.Status.Reason == nodeLost:
		s.status = "Unknown"
	case p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed:
		s.status = "Terminating"
	}
	return s
}

// podPhase is Pending until the kubelet says otherwise, as every pod is created
// (podStrategy in k8s.io/kubernetes/pkg/registry/core/pod/strategy.go).
func podPhase(p *corev1.Pod) corev1.PodPhase { return cmp.Or(p.Status.Phase, corev1.PodPending) }

// nodeLost is the reason that the node controller gives to the pods of a node
// that went away.
const nodeLost = "NodeLost"

// isSidecar reports whether an init container keeps running alongside the others
// (KEP-753).
func isSidecar(c *corev1.Container) bool {
	return c != nil && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

func initContainer(p *corev1.Pod, name string) *corev1.Container {
	for i := range p.Spec.InitContainers {
		if p.Spec.InitContainers[i].Name == name {
			return &p.Spec.InitContainers[i]
		}
	}
	return nil
}

// count adds the restarts of one container.
func (s *podSummary) count(c *corev1.ContainerStatus) {
	s.restarts += int(c.RestartCount)
	if t := c.LastTerminationState.Terminated; t != nil && s.restarted.Before(t.FinishedAt.Time) {
		s.restarted = t.FinishedAt.Time
	}
}

// addInitContainers looks at the init containers up to the first that is not
// done. Once all are, only the sidecars' restarts count, so they are returned
// apart.
func (s *podSummary) addInitContainers(p *corev1.Pod) (initializing bool, sidecars podSummary) {
	for i := range p.Status.InitContainerStatuses {
		c := &p.Status.InitContainerStatuses[i]
		s.count(c)
		sidecar := isSidecar(initContainer(p, c.Name))
		if sidecar {
			sidecars.count(c)
		}
		switch t, w := c.State.Terminated, c.State.Waiting; {
		case t != nil && t.ExitCode == 0:
			continue
		case sidecar && c.Started != nil && *c.Started:
			if c.Ready {
				s.ready++
			}
			continue
		case t != nil:
			s.status = "Init:" + endReason(t)
		case w != nil && w.Reason != "" && w.Reason != "PodInitializing":
			s.status = "Init:" + w.Reason
		default:
			s.status = "Init:" + ratio(int64(i), int64(len(p.Spec.InitContainers)))
		}
		return true, sidecars
	}
	return false, sidecars
}

// addContainers goes backwards, so that the first container with something to
// say gives the pod its status.
func (s *podSummary) addContainers(p *corev1.Pod) {
	running, failure := false, ""
	for i := len(p.Status.ContainerStatuses) - 1; i >= 0; i-- {
		c := &p.Status.ContainerStatuses[i]
		s.count(c)
		switch t, w := c.State.Terminated, c.State.Waiting; {
		case w != nil && w.Reason != "":
			s.status = w.Reason
		case t != nil:
			s.status = endReason(t)
			if t.ExitCode != 0 {
				failure = s.status
			}
		case c.Ready && c.State.Running != nil:
			running = true
			s.ready++
		}
	}
	if s.status != "Completed" {
		return
	}
	switch {
	case running && podCondition(p, corev1.PodReady).Status == corev1.ConditionTrue:
		s.status = "Running"
	case failure != "":
		s.status = failure
	case running:
		s.status = "NotReady"
	}
}

// endReason says how a container ended: "OOMKilled", "Signal:9", "ExitCode:3".
func endReason(t *corev1.ContainerStateTerminated) string {
	switch {
	case t.Reason != "":
		return t.Reason
	case t.Signal != 0:
		return "Signal:" + strconv.Itoa(int(t.Signal))
	}
	return "ExitCode:" + strconv.Itoa(int(t.ExitCode))
}
