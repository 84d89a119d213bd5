// Package incident gives the shop a bad day: a release that crashes, a Secret that
// somebody removes, a lost node, and the repair of all three. The demo's tape is a
// recording of it.
//
//	Prepare ──> the working shop, and a cache on simulated nodes
//	Play    ──> one step after another, each told in a sentence
//
// It needs real pods, the workload image (package image) and Nodes simulated nodes.
package incident

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/shop"
)

// Nodes is how many simulated nodes the cluster must have; one of them is lost.
const Nodes = 3

// Lost is the node that gets lost.
const Lost = "simulated-0001"

// cache is a Deployment on the simulated nodes, whose pods move away from a lost node after a minute.
//
//go:embed cache.yaml
var cache []byte

// Step is one thing that happens.
type Step struct {
	// After is how long after the step before it happens.
	After time.Duration
	// Say is one line for somebody who watches.
	Say string
	do  func(context.Context, *day) error
}

// day is what the steps act on.
type day struct {
	cluster *provider.Cluster
	config  *rest.Config
	client  kubernetes.Interface
}

// Steps are the incident, nine minutes from the first to the last.
func Steps() []Step {
	return []Step{
		{0, "two things are broken: enter tells why, ? lists keys", nothing},
		{time.Minute, "checkout v42 is being rolled out", func(ctx context.Context, d *day) error {
			return shop.ReleaseV42(ctx, d.config)
		}},
		{50 * time.Second, "v42 crashes: enter a pod, l its log, p the one before", nothing},
		{70 * time.Second, "the secret db is removed, and web is restarted", removeSecret},
		{30 * time.Second, "web's new pod lacks the secret: d describes, E events", nothing},
		{30 * time.Second, "a node stops answering", lose},
		{70 * time.Second, "a node is lost, its pods move: z shows what is wrong", nothing},
		{110 * time.Second, "the repair: checkout v41 again, the secret is back", repair},
		{time.Minute, "the node is back", bringBack},
		{40 * time.Second, "the release works: , and . step through the changes", nothing},
		{20 * time.Second, "", nothing},
	}
}

func nothing(context.Context, *day) error { return nil }

// Prepare brings the shop into its working state and returns when the cache runs on all simulated nodes.
func Prepare(ctx context.Context, cluster *provider.Cluster) error {
	d, err := newDay(cluster)
	if err != nil {
		return err
	}
	if err := shop.ApplyWorking(ctx, d.config); err != nil {
		return err
	}
	// A cluster that has had the incident before is repaired.
	for _, step := range []func(context.Context, *day) error{repair, bringBack} {
		if err := step(ctx, d); err != nil {
			return err
		}
	}
	if err := d.apply(ctx, cache); err != nil {
		return err
	}
	// The third database pod finds no volume, on purpose; here nothing should be broken
	// yet.
	_, err = d.client.AppsV1().StatefulSets("shop").Patch(ctx, "db", types.MergePatchType,
		[]byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, time.Second, 3*time.Minute, true, d.calm)
}

// Play carries out the steps and announces each as it begins. It takes as long as the
// incident.
func Play(ctx context.Context, cluster *provider.Cluster, tell func(Step)) error {
	d, err := newDay(cluster)
	if err != nil {
		return err
	}
	for _, step := range Steps() {
		select {
		case <-time.After(step.After):
		case <-ctx.Done():
			return ctx.Err()
		}
		tell(step)
		if err := step.do(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", step.Say, err)
		}
	}
	return nil
}

func newDay(cluster *provider.Cluster) (*day, error) {
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	return &day{cluster, config, client}, err
}

// calm reports whether every Deployment of the shop has all its pods.
func (d *day) calm(ctx context.Context) (bool, error) {
	for _, namespace := range shop.Namespaces {
		all, err := d.client.AppsV1().Deployments(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		for _, deployment := range all.Items {
			if deployment.Status.AvailableReplicas != *deployment.Spec.Replicas ||
				deployment.Status.UpdatedReplicas != *deployment.Spec.Replicas {
				return false, nil
			}
		}
	}
	return true, nil
}

func (d *day) apply(ctx context.Context, text []byte) error {
	force := true
	_, err := d.client.AppsV1().Deployments("shop").Patch(ctx, "cache", types.ApplyPatchType, text,
		metav1.PatchOptions{FieldManager: "incident", Force: &force})
	return err
}

func removeSecret(ctx context.Context, d *day) error {
	if err := d.client.CoreV1().Secrets("shop").Delete(ctx, "db", metav1.DeleteOptions{}); err != nil {
		return err
	}
	patch := fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":%q}}}}}`,
		time.Now().UTC().Format(time.RFC3339))
	_, err := d.client.AppsV1().Deployments("shop").Patch(ctx, "web", types.StrategicMergePatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: "kubectl-rollout"})
	return err
}

func repair(ctx context.Context, d *day) error {
	if err := shop.ApplyConfig(ctx, d.config); err != nil {
		return err
	}
	return shop.ReleaseV41(ctx, d.config)
}

// bringBack lets kwok keep the lost node alive again.
func bringBack(ctx context.Context, d *day) error { return d.answerFor(ctx, `"fake"`) }

// lose makes kwok forget a node: then nothing renews its lease, as with a kubelet that died.
func lose(ctx context.Context, d *day) error { return d.answerFor(ctx, "null") }

// answerFor sets whether kwok answers for the lost node; value is the annotation's, in
// JSON. Only a restarted kwok looks at it.
func (d *day) answerFor(ctx context.Context, value string) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"kwok.x-k8s.io/node":%s}}}`, value)
	_, err := d.client.CoreV1().Nodes().Patch(ctx, Lost, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	kwok, err := d.cluster.Component("kwok")
	if err != nil {
		return err
	}
	if err := kwok.Kill(ctx); err != nil {
		return err
	}
	return kwok.Start(ctx)
}
