package provider

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// healthLimit is how long a component may take to be healthy. An API server that finds tens of
// thousands of objects reads them into its caches first, which was seen to take most of a minute on
// a slow machine.
const healthLimit = 3 * time.Minute

// waitHealthy waits until a component that was just started answers, and fails at
// once with the end of its log if it exits.
func (n *native) waitHealthy(ctx context.Context, s *state, component arguments) error {
	err := until(ctx, healthLimit, component.name+" is healthy", func(ctx context.Context) error {
		if process, _ := s.process(component.name); !process.alive() {
			return fmt.Errorf("%s: %w", component.name, errExited)
		}
		return healthy(ctx, component.health)
	})
	if err != nil {
		return n.withLog(err, component.name)
	}
	return nil
}

// probe asks programs of this cluster at addresses that only they have; some of them
// use self-signed certificates.
var probe = &http.Client{
	Timeout:   2 * time.Second,
	Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
}

func healthy(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := probe.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

// waitReady waits until the cluster can be used: the API server is ready, the
// default service account exists, the node is Ready, and metrics are served. Its
// error ends with the log of the program that is to blame.
func (n *native) waitReady(ctx context.Context, s *state, limit time.Duration) error {
	client, err := (&Cluster{Name: n.Name, Kubeconfig: n.path("kubeconfig"), Context: n.Name}).Clientset()
	if err != nil {
		return err
	}
	blame := ""
	err = until(ctx, limit, "cluster "+n.Name+" is ready", func(ctx context.Context) error {
		// One request may hang for as long as a paused program does.
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		var err error
		blame, err = n.unready(ctx, s, client)
		return err
	})
	if err != nil {
		return n.withLog(err, blame)
	}
	return nil
}

// unready says what is missing and which component should have done it.
func (n *native) unready(ctx context.Context, s *state, client kubernetes.Interface) (string, error) {
	for _, process := range s.Processes {
		if !process.alive() {
			return process.Name, fmt.Errorf("%s: %w", process.Name, errExited)
		}
	}
	if err := healthy(ctx, s.url("apiserver")+"/readyz"); err != nil {
		return "kube-apiserver", err
	}
	if n.Bare {
		return "", nil
	}
	if _, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{}); err != nil {
		return "kube-controller-manager", fmt.Errorf("default service account: %w", err)
	}
	if s.Node == nil {
		return "", nil
	}
	node, err := client.CoreV1().Nodes().Get(ctx, n.nodeName(), metav1.GetOptions{})
	if err != nil {
		return "kubelet", fmt.Errorf("node: %w", err)
	}
	if err := nodeReady(node); err != nil {
		return "kubelet", err
	}
	if err := metricsServed(client); err != nil {
		return "metrics-server", err
	}
	return "", nil
}

func nodeReady(node *corev1.Node) error {
	for _, condition := range node.Status.Conditions {
		if condition.Type != corev1.NodeReady {
			continue
		}
		if condition.Status == corev1.ConditionTrue {
			return nil
		}
		return fmt.Errorf("node %s is not Ready: %s: %s", node.Name, condition.Reason, condition.Message)
	}
	return fmt.Errorf("node %s has no Ready condition yet", node.Name)
}

// ready is nil if a cluster of any provider can be used: its API server is ready,
// it has a node that is Ready, and the default service account exists.
func (c *Cluster) ready(ctx context.Context) error {
	client, err := c.Clientset()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := client.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx); err != nil {
		return fmt.Errorf("api server: %w", err)
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("nodes: %w", err)
	}
	if !slices.ContainsFunc(nodes.Items, func(node corev1.Node) bool { return nodeReady(&node) == nil }) {
		return fmt.Errorf("none of %d nodes is Ready", len(nodes.Items))
	}
	if _, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{}); err != nil {
		return fmt.Errorf("default service account: %w", err)
	}
	return nil
}

// whole is nil if the cluster is ready, and with it every node and the metrics that it says
// it has.
func (c *Cluster) whole(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	client, err := c.Clientset()
	if err != nil {
		return err
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("nodes: %w", err)
	}
	if len(nodes.Items) < c.RealNodes {
		return fmt.Errorf("%d of %d nodes have joined", len(nodes.Items), c.RealNodes)
	}
	for i := range nodes.Items {
		if err := nodeReady(&nodes.Items[i]); err != nil {
			return err
		}
	}
	if c.Metrics {
		return metricsServed(client)
	}
	return nil
}

// discover finds out what a cluster made by somebody else can do.
func (c *Cluster) discover(ctx context.Context) error {
	client, err := c.Clientset()
	if err != nil {
		return err
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("nodes: %w", err)
	}
	for i := range nodes.Items {
		switch node := &nodes.Items[i]; {
		case node.Annotations["kwok.x-k8s.io/node"] != "":
			c.SimulatedNodes++
		case nodeReady(node) == nil:
			c.RealNodes++
		}
	}
	c.RealPods = c.RealNodes > 0
	c.Metrics = metricsServed(client) == nil
	return nil
}

// withLog adds the last lines of a component's log to an error.
func (n *native) withLog(err error, component string) error {
	path := n.logPath(component)
	data, readErr := os.ReadFile(path)
	if readErr != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	lines = lines[max(0, len(lines)-10):]
	return fmt.Errorf("%w\nend of %s:\n%s", err, path, strings.Join(lines, "\n"))
}
