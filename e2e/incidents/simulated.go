package main

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// simulated is the label and the taint of a node whose kubelet is a simulation of ours: it can be lost without anybody
// losing real pods.
const simulated = "incidents.fathom.test/simulated"

// onSimulated is what a pod needs to run on such a node, and on no other.
const onSimulated = `nodeSelector: {` + simulated + `: "true"}, tolerations: [{key: ` + simulated +
	`, operator: Exists}]`

// node makes a simulated node, whose kubelet lives until the repair or until kill.
func node(name string) Step {
	return func(ctx context.Context, s *scene) error {
		resources := corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
			corev1.ResourcePods: resource.MustParse("110"),
		}
		made := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{simulated: "true", corev1.LabelHostname: name}},
			Spec:       corev1.NodeSpec{Taints: []corev1.Taint{{Key: simulated, Effect: corev1.TaintEffectNoSchedule}}},
			Status: corev1.NodeStatus{Capacity: resources, Allocatable: resources,
				NodeInfo:   corev1.NodeSystemInfo{KubeletVersion: s.version, OSImage: "simulated", OperatingSystem: "linux"},
				Addresses:  []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}},
				Conditions: readyConditions(metav1.Now()),
			},
		}
		if _, err := s.client.CoreV1().Nodes().Create(ctx, made, metav1.CreateOptions{}); err != nil {
			return err
		}
		living, stopKubelet := context.WithCancel(context.WithoutCancel(ctx))
		k := &kubelet{scene: s, name: name}
		go k.run(living)
		s.kubelets[name] = stopKubelet
		s.strikes = append(s.strikes, func(ctx context.Context) error {
			stopKubelet()
			return s.client.CoreV1().Nodes().Delete(ctx, name, metav1.DeleteOptions{})
		})
		return until(ctx, settleLimit, "node "+name, func(ctx context.Context) (bool, error) {
			found, err := s.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			return err == nil && len(found.Spec.Taints) == 1, err
		})
	}
}

func readyConditions(now metav1.Time) []corev1.NodeCondition {
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason string) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type: kind, Status: status, Reason: reason, Message: "kubelet: " + reason, LastHeartbeatTime: now,
			LastTransitionTime: now,
		}
	}
	return []corev1.NodeCondition{
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID"),
		condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady"),
	}
}

// kill ends the kubelet of a simulated node; it lives again after the repair.
func kill(name string) Step {
	return func(_ context.Context, s *scene) error {
		s.kubelets[name]()
		s.undo = append(s.undo, func(ctx context.Context) error {
			living, stopKubelet := context.WithCancel(context.WithoutCancel(ctx))
			s.kubelets[name] = stopKubelet
			s.strikes = append(s.strikes, func(context.Context) error { stopKubelet(); return nil })
			k := &kubelet{scene: s, name: name, returned: true}
			go k.run(living)
			return nil
		})
		return nil
	}
}

// kubelet keeps a simulated node's lease, and runs and ends its pods on paper.
type kubelet struct {
	*scene
	name string
	// returned is set for one that has to say again that the node is ready.
	returned bool
	renewed  time.Time
	pods     int
}

func (k *kubelet) run(ctx context.Context) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// Whatever fails is tried again at the next tick; a node without a kubelet is seen soon enough.
			_ = k.tick(ctx)
		}
	}
}

func (k *kubelet) tick(ctx context.Context) error {
	if time.Since(k.renewed) > 5*time.Second {
		if err := k.renew(ctx); err != nil {
			return err
		}
		k.renewed = time.Now()
	}
	pods, err := k.client.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + k.name})
	if err != nil {
		return err
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		switch {
		case pod.DeletionTimestamp != nil:
			now := int64(0)
			err = k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
		case pod.Status.Phase == corev1.PodPending, !isReady(pod):
			err = k.start(ctx, pod)
		}
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}

func (k *kubelet) renew(ctx context.Context) error {
	leases := k.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	now, seconds := metav1.NowMicro(), int32(40)
	spec := coordinationv1.LeaseSpec{HolderIdentity: &k.name, LeaseDurationSeconds: &seconds, RenewTime: &now}
	current, err := leases.Get(ctx, k.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: k.name}, Spec: spec},
			metav1.CreateOptions{})
	} else if err == nil {
		current.Spec = spec
		_, err = leases.Update(ctx, current, metav1.UpdateOptions{})
	}
	if err != nil || !k.returned {
		return err
	}
	node, err := k.client.CoreV1().Nodes().Get(ctx, k.name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	node.Status.Conditions = readyConditions(metav1.Now())
	_, err = k.client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{})
	k.returned = err != nil
	return err
}

// start says that all containers of a pod run and are ready.
func (k *kubelet) start(ctx context.Context, pod *corev1.Pod) error {
	now := metav1.Now()
	if pod.Status.PodIP == "" {
		k.pods++
		pod.Status.PodIP = fmt.Sprintf("10.129.%d.%d", time.Now().Unix()%250, k.pods%250+1)
		pod.Status.PodIPs = []corev1.PodIP{{IP: pod.Status.PodIP}}
	}
	pod.Status.Phase, pod.Status.StartTime = corev1.PodRunning, &now
	kept := pod.Status.Conditions[:0]
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled {
			kept = append(kept, c)
		}
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		kept = append(kept, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	pod.Status.Conditions = kept
	pod.Status.ContainerStatuses = nil
	for _, c := range pod.Spec.Containers {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, Ready: true, Started: new(true),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		})
	}
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}
