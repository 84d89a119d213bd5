package kubetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// PodsPerOwner is how many of the varied pods belong to one ReplicaSet.
const PodsPerOwner = 10

// VariedPod is the i-th pod of a cluster, as in real ones: the ten of a ReplicaSet are
// alike except for what only one of them can have.
func VariedPod(i int) *corev1.Pod {
	own, shared := rand.New(rand.NewPCG(1, uint64(i))), rand.New(rand.NewPCG(2, uint64(i/PodsPerOwner)))
	app := fmt.Sprintf("%s-%s-%d", word(shared), word(shared), i/PodsPerOwner)
	hash := fmt.Sprintf("%09x", shared.Uint64()&0xfffffffff)
	created := time.Date(2026, 11, 1, 0, 0, shared.IntN(1e6)+own.IntN(600), 0, time.UTC)
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:              fmt.Sprintf("%s-%s-%05x", app, hash, own.Uint64()&0xfffff),
			GenerateName:      app + "-" + hash + "-",
			Namespace:         "team-" + strconv.Itoa(shared.IntN(40)),
			UID:               uid(own),
			ResourceVersion:   strconv.Itoa(1e8 + own.IntN(9e7)),
			CreationTimestamp: metav1.NewTime(created),
			Labels: map[string]string{
				"app.kubernetes.io/name": app, "app.kubernetes.io/instance": app + "-prod", "pod-template-hash": hash,
				"app.kubernetes.io/version": fmt.Sprintf("v1.%d.%d", shared.IntN(60), shared.IntN(20)), "team": word(shared),
			},
			Annotations: map[string]string{
				"checksum/config":      fmt.Sprintf("%016x%016x", shared.Uint64(), shared.Uint64()),
				"prometheus.io/scrape": "true",
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: app + "-" + hash, UID: uid(shared), Controller: new(true),
			}},
			ManagedFields: ManagedFields(),
		},
		Spec: corev1.PodSpec{
			NodeName:           fmt.Sprintf("ip-10-0-%d-%d.compute.internal", own.IntN(20), own.IntN(250)),
			ServiceAccountName: app, DeprecatedServiceAccount: app,
			RestartPolicy: corev1.RestartPolicyAlways, DNSPolicy: corev1.DNSClusterFirst, SchedulerName: "default-scheduler",
			Volumes: volumes(app, own),
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: address(own, 10), HostIP: address(own, 172), QOSClass: corev1.PodQOSBurstable,
			StartTime: new(metav1.NewTime(created)),
		},
	}
	p.Status.PodIPs = []corev1.PodIP{{IP: p.Status.PodIP}}
	for _, c := range []corev1.PodConditionType{
		"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
	} {
		since := metav1.NewTime(created.Add(time.Duration(own.IntN(60)) * time.Second))
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{
			Type: c, Status: corev1.ConditionTrue, LastTransitionTime: since,
		})
	}
	for n := range 1 + shared.IntN(3) {
		addContainer(p, word(shared)+strconv.Itoa(n), own, shared)
	}
	return p
}

func volumes(app string, own *rand.Rand) []corev1.Volume {
	config := &corev1.ConfigMapVolumeSource{}
	config.Name = app + "-config"
	token := &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token"}},
	}}
	return []corev1.Volume{
		{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: config}},
		{
			Name:         "kube-api-access-" + fmt.Sprintf("%05x", own.Uint64()&0xfffff),
			VolumeSource: corev1.VolumeSource{Projected: token},
		},
	}
}

func addContainer(p *corev1.Pod, name string, own, shared *rand.Rand) {
	app := p.Spec.ServiceAccountName
	image := fmt.Sprintf("registry.example.com/%s/%s:v1.%d.%d", p.Namespace, name, shared.IntN(60), shared.IntN(20))
	c := corev1.Container{
		Name: name, Image: image, Args: []string{"--listen=:8080", "--level=" + word(shared)},
		EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: app + "-secrets"},
		}}},
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
		Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
			"cpu":    *resource.NewMilliQuantity(int64(50*(1+shared.IntN(40))), resource.DecimalSI),
			"memory": *resource.NewQuantity(int64(1+shared.IntN(64))<<25, resource.BinarySI),
		}},
		ReadinessProbe: &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{
				HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(8080), Scheme: "HTTP"},
			},
			TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3,
		},
		VolumeMounts: []corev1.VolumeMount{{Name: "config", MountPath: "/etc/" + app, ReadOnly: true}},
	}
	for range 2 + shared.IntN(12) {
		key := "SHOP_" + word(shared)
		c.Env = append(c.Env, corev1.EnvVar{Name: key, Value: word(shared) + "-" + strconv.Itoa(shared.IntN(1e6))})
	}
	p.Spec.Containers = append(p.Spec.Containers, c)
	s := corev1.ContainerStatus{
		Name: name, Image: image, ImageID: "registry.example.com/" + name + "@sha256:" + sum(shared),
		ContainerID: "containerd://" + sum(own), Ready: true, Started: new(true),
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: p.CreationTimestamp}},
	}
	if own.IntN(20) == 0 {
		s.Ready, s.RestartCount = false, own.Int32N(300)
		s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
			Reason: "CrashLoopBackOff", Message: "back-off 5m0s restarting failed container=" + name + " pod=" + p.Name,
		}}
		s.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: 1, Reason: "Error", FinishedAt: p.CreationTimestamp,
		}
	}
	p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, s)
}

// sum returns 32 bytes in hex.
func sum(r *rand.Rand) string {
	return fmt.Sprintf("%016x%016x%016x%016x", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
}

func word(r *rand.Rand) string {
	words := [...]string{
		"api", "billing", "cart", "checkout", "email", "fraud", "gateway", "images",
		"inventory", "ledger", "login", "orders", "payments", "prices", "search", "worker",
	}
	return words[r.IntN(len(words))]
}

func uid(r *rand.Rand) types.UID {
	return types.UID(fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x",
		r.Uint32(), r.Uint32()&0xffff, r.Uint32()&0xfff, r.Uint32()&0xfff, r.Uint64()&0xffffffffffff))
}

func address(r *rand.Rand, net int) string {
	return fmt.Sprintf("%d.%d.%d.%d", net, r.IntN(256), r.IntN(256), r.IntN(256))
}

// ManagedFields returns the field sets of one manager.
func ManagedFields() []metav1.ManagedFieldsEntry {
	return []metav1.ManagedFieldsEntry{{
		Manager: "kubectl", Operation: "Apply", FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`),
	}}
}

// PodList is a list of n pods that differ, with the field sets of their
// managers.
func PodList(n int) *corev1.PodList {
	about := metav1.ListMeta{ResourceVersion: "7", Continue: "more", RemainingItemCount: new(int64(3))}
	list := &corev1.PodList{ListMeta: about}
	for i := range n {
		p := VariedPod(i)
		p.ManagedFields = []metav1.ManagedFieldsEntry{
			{
				Manager: "kubelet", Operation: "Update", Subresource: "status",
				FieldsV1: metav1.NewFieldsV1(`{"f:status":"` + strings.Repeat("k:{type} ", 70) + `"}`),
			},
			{Manager: "controller", Operation: "Update", Time: &p.CreationTimestamp},
		}
		list.Items = append(list.Items, *p)
	}
	return list
}
