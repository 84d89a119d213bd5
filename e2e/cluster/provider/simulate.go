package provider

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/workqueue"
)

// simulate gives the cluster the simulated nodes that the options ask for and
// describes it. Nodes that it already has beyond those stay.
func (n *native) simulate(ctx context.Context, s *state, binaries map[string]string) (*Cluster, error) {
	if n.Nodes > s.Nodes {
		if err := n.addNodes(ctx, s, binaries); err != nil {
			return nil, fmt.Errorf("simulated nodes: %w", err)
		}
	}
	return n.cluster(s), nil
}

func (n *native) addNodes(ctx context.Context, s *state, binaries map[string]string) error {
	if _, ok := s.process("kwok"); !ok {
		n.say("starting kwok")
		kwok := n.kwok(s)
		if err := n.launch(s, process{Name: kwok.name, Args: append([]string{binaries[kwok.name]},
			kwok.args...)}); err != nil {
			return err
		}
		if err := n.waitHealthy(ctx, s, kwok); err != nil {
			return err
		}
	}
	client, err := (&Cluster{Name: n.Name, Kubeconfig: n.path("kubeconfig"), Context: n.Name}).Clientset()
	if err != nil {
		return err
	}
	n.say("making %d simulated nodes", n.Nodes-s.Nodes)
	failures := make([]error, n.Nodes-s.Nodes)
	workqueue.ParallelizeUntil(ctx, 16, len(failures), func(i int) {
		_, err := client.CoreV1().Nodes().Create(ctx, simulatedNode(s.Nodes+i), metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			failures[i] = err
		}
	})
	// Nodes that fail all fail for one reason.
	for _, err := range append(failures, ctx.Err()) {
		if err != nil {
			return err
		}
	}
	s.Nodes = n.Nodes
	if err := s.write(n.path("state.json")); err != nil {
		return err
	}
	return until(ctx, 2*time.Minute, "simulated nodes are Ready", func(ctx context.Context) error {
		return simulatedReady(ctx, client, n.Nodes)
	})
}

func simulatedReady(ctx context.Context, client kubernetes.Interface, want int) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: "type=kwok"})
	if err != nil {
		return err
	}
	ready := 0
	for i := range nodes.Items {
		if nodeReady(&nodes.Items[i]) == nil {
			ready++
		}
	}
	if ready < want {
		return fmt.Errorf("%d of %d are Ready", ready, want)
	}
	return nil
}

// simulatedNode is a node as kwok wants it: its annotation makes kwok answer for
// it, and its taint keeps pods away that did not ask for a simulation.
func simulatedNode(i int) *corev1.Node {
	name := fmt.Sprintf("simulated-%04d", i)
	resources := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("32"),
		corev1.ResourceMemory: resource.MustParse("256Gi"),
		corev1.ResourcePods:   resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
			Labels: map[string]string{
				"type": "kwok", corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
				corev1.LabelTopologyZone: fmt.Sprintf("zone-%c", 'a'+i%3),
			},
		},
		Spec: corev1.NodeSpec{
			Taints: []corev1.Taint{{Key: "kwok.x-k8s.io/node", Value: "fake", Effect: corev1.TaintEffectNoSchedule}},
		},
		Status: corev1.NodeStatus{
			Allocatable: resources,
			Capacity:    resources,
			// Ready from the start: kwok would need a second write for each node.
			Conditions: []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
				LastHeartbeatTime: metav1.Now(), LastTransitionTime: metav1.Now(),
			}},
			Addresses: []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}},
			NodeInfo: corev1.NodeSystemInfo{
				OperatingSystem: "linux",
				Architecture:    "amd64",
				OSImage:         "simulated",
				KubeletVersion:  "kwok",
			},
		},
	}
}
