package remote

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
)

// debuggerName is the container to debug with, in a pod of its own.
const debuggerName = "debugger"

// podNameMost is how long the name of a pod may be with what is put behind it.
const podNameMost = 50

func (d Debug) ephemeral(name string) corev1.EphemeralContainer {
	return corev1.EphemeralContainer{
		EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: name, Image: d.Image, Stdin: true, TTY: true, SecurityContext: d.Profile.security(false),
			ImagePullPolicy: corev1.PullIfNotPresent, TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		},
		TargetContainerName: d.Target,
	}
}

func (d Debug) container(onNode bool) corev1.Container {
	return corev1.Container{
		Name: debuggerName, Image: d.Image, Stdin: true, TTY: true, SecurityContext: d.Profile.security(onNode),
		ImagePullPolicy: corev1.PullIfNotPresent,
	}
}

// copyOf returns a pod like another one: without labels, so that nothing selects it, without
// an owner, and without probes.
func (d Debug) copyOf(of *corev1.Pod) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: of.Namespace, Name: shortName(of.Name) + "-debug-" + rand.String(5),
			Annotations: map[string]string{"fathom/copy-of": of.Name},
		},
		Spec: *of.Spec.DeepCopy(),
	}
	pod.Spec.NodeName = ""
	pod.Spec.EphemeralContainers = nil
	pod.Spec.Hostname = ""
	share, limit := true, debugLimit
	pod.Spec.ShareProcessNamespace, pod.Spec.ActiveDeadlineSeconds = &share, &limit
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		c.LivenessProbe, c.ReadinessProbe, c.StartupProbe = nil, nil, nil
	}
	pod.Spec.Containers = append(pod.Spec.Containers, d.container(false))
	return pod
}

// onNode returns a pod on a node, whatever its taints say.
func (d Debug) onNode(node, namespace string) *corev1.Pod {
	limit, grace := debugLimit, int64(0)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: "node-debugger-" + shortName(node) + "-" + rand.String(5),
			Labels: map[string]string{"app.kubernetes.io/managed-by": "fathom"},
		},
		Spec: corev1.PodSpec{
			NodeName: node, RestartPolicy: corev1.RestartPolicyNever, ActiveDeadlineSeconds: &limit,
			TerminationGracePeriodSeconds: &grace, Containers: []corev1.Container{d.container(true)},
			Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
		},
	}
	if !d.Profile.host {
		return pod
	}
	pod.Spec.HostNetwork, pod.Spec.HostPID = true, true
	if d.Profile.Name == "netadmin" {
		return pod
	}
	pod.Spec.HostIPC = true
	pod.Spec.Volumes = []corev1.Volume{{
		Name: "host", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}},
	}}
	pod.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "host", MountPath: "/host"}}
	return pod
}

// shortName leaves room for what is put behind a name.
func shortName(name string) string {
	return strings.Trim(name[:min(len(name), podNameMost)], "-.")
}
