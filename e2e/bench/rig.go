package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

type apiRig struct {
	cluster     *provider.Cluster
	client      *kubernetes.Clientset
	pods, nodes int
	next        atomic.Int64
}

func openRig(ctx context.Context, name, size string) (rig, func(), error) {
	counts := map[string][2]int{"S1": {100, 10}, "S2": {10000, 1000}, "S3": {50000, 5000}}[size]
	clusters, err := provider.New(provider.Options{Name: name, Progress: os.Stderr})
	if err != nil {
		return nil, nil, err
	}
	cluster, err := clusters.Up(ctx)
	if err != nil {
		return nil, nil, err
	}
	down := func() { _ = clusters.Down(context.Background()) }
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	if err != nil {
		return nil, down, err
	}
	config.QPS = -1
	r := &apiRig{cluster: cluster, client: kubernetes.NewForConfigOrDie(config)}
	grace := int64(0)
	_, err = r.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "load"}}, metav1.CreateOptions{})
	_ = err
	for i := range counts[1] {
		_, _ = r.client.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("fake-%04d", i)}}, metav1.CreateOptions{})
	}
	for i := range counts[0] {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: podName(i), Namespace: "load", Labels: map[string]string{"n": "0"}},
			Spec: corev1.PodSpec{NodeName: fmt.Sprintf("fake-%04d", i%counts[1]), TerminationGracePeriodSeconds: &grace,
				Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
				Containers:  []corev1.Container{{Name: "a", Image: "example.com/image:1"}}}}
		if _, err := r.client.CoreV1().Pods("load").Create(ctx, pod, metav1.CreateOptions{}); err != nil && i == 0 {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	pods, err := r.client.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, down, err
	}
	nodes, err := r.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	r.pods, r.nodes = len(pods.Items), len(nodes.Items)
	return r, down, err
}

func podName(i int) string { return fmt.Sprintf("web-%05d", i) }

func (r *apiRig) Kubeconfig() string { return r.cluster.Kubeconfig }
func (r *apiRig) Pods() int          { return r.pods }
func (r *apiRig) Nodes() int         { return r.nodes }

func (r *apiRig) Churn(ctx context.Context, perSecond, first int) error {
	if first == 0 {
		first = r.pods - 10
	}
	work := make(chan int64)
	for range 8 {
		go func() {
			for n := range work {
				patch := fmt.Sprintf(`{"metadata":{"labels":{"n":"%d"}}}`, n)
				_, _ = r.client.CoreV1().Pods("load").Patch(ctx, podName(int(n*7919)%first), types.MergePatchType, []byte(patch), metav1.PatchOptions{})
			}
		}()
	}
	defer close(work)
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			work <- r.next.Add(1)
		}
	}
}

func (r *apiRig) Requests(since time.Time, userAgent string) ([]request, error) {
	log, err := os.ReadFile(r.cluster.AuditLog)
	if err != nil {
		return nil, err
	}
	type line struct {
		AuditID, Stage, Verb, UserAgent          string
		ObjectRef                                struct{ Resource string }
		RequestReceivedTimestamp, StageTimestamp time.Time
	}
	byID := map[string]*request{}
	var order []string
	for text := range bytes.Lines(log) {
		if !bytes.Contains(text, []byte(`"userAgent":"`+userAgent)) {
			continue
		}
		var l line
		if json.Unmarshal(text, &l) != nil || l.RequestReceivedTimestamp.Before(since) || !strings.HasPrefix(l.UserAgent, userAgent) {
			continue
		}
		if byID[l.AuditID] == nil {
			byID[l.AuditID] = &request{verb: l.Verb, resource: l.ObjectRef.Resource, began: l.RequestReceivedTimestamp}
			order = append(order, l.AuditID)
		}
		if l.Stage == "ResponseComplete" {
			byID[l.AuditID].ended = l.StageTimestamp
		}
	}
	var found []request
	for _, id := range order {
		found = append(found, *byID[id])
	}
	return found, nil
}
