// Package shop puts a small web shop into a cluster: the objects that a platform team meets every day in three
// namespaces, some of which are broken on purpose. The objects directory holds them as YAML, one file per area.
//
//	Apply ──> namespaces, CRDs ──> the rest ──> a rollout that fails
//	Wait  ──> every workload is as it is meant to be, the broken ones broken
//	Delete ─> nothing is left
//
// It needs real pods and the workload image (package image): about 30 pods that together request less than one
// CPU and 1 GiB of memory, and hardly use any.
package shop

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// OncallUser may read pods, logs, deployments, services, config maps and events of the namespace
// payments, and nothing else.
const OncallUser = "pay-oncall"

// Namespaces are those of the shop, sorted.
var Namespaces = []string{"payments", "platform", "shop"}

//go:embed objects/*.yaml
var objects embed.FS

// Apply creates the shop's objects, or brings them back to what they should be. It
// returns when the API server has them; Wait waits until they run. It takes some
// seconds on a fresh cluster, as the release that fails has to follow on one that
// worked.
func Apply(ctx context.Context, config *rest.Config) error {
	a, err := newApplier(config)
	if err != nil {
		return err
	}
	if err := a.applyWorking(ctx); err != nil {
		return err
	}
	if err := a.applyFiles(ctx, "broken.yaml"); err != nil {
		return err
	}
	return a.applyFiles(ctx, "checkout-v42.yaml")
}

// ApplyWorking creates the part of the shop that works: all of it except what is broken
// on purpose. It returns when customers could use checkout v41.
func ApplyWorking(ctx context.Context, config *rest.Config) error {
	a, err := newApplier(config)
	if err != nil {
		return err
	}
	return a.applyWorking(ctx)
}

// ReleaseV42 rolls out the checkout that crashes.
func ReleaseV42(ctx context.Context, config *rest.Config) error {
	return applyOne(ctx, config, "checkout-v42.yaml")
}

// ReleaseV41 rolls out the checkout that works.
func ReleaseV41(ctx context.Context, config *rest.Config) error {
	return applyOne(ctx, config, "checkout-v41.yaml")
}

// ApplyConfig brings the shop's ConfigMaps and Secrets back to what they should be.
func ApplyConfig(ctx context.Context, config *rest.Config) error {
	return applyOne(ctx, config, "config.yaml")
}

func applyOne(ctx context.Context, config *rest.Config, file string) error {
	a, err := newApplier(config)
	if err != nil {
		return err
	}
	return a.applyFiles(ctx, file)
}

func (a *applier) applyWorking(ctx context.Context) error {
	if err := a.applyFiles(ctx, "namespaces.yaml", "crds.yaml"); err != nil {
		return err
	}
	if err := a.established(ctx); err != nil {
		return err
	}
	err := a.applyFiles(ctx, "cluster.yaml", "policy.yaml", "config.yaml", "volumes.yaml", "extensions.yaml")
	if err != nil {
		return err
	}
	generated, err := generatedObjects()
	if err != nil {
		return err
	}
	if err := a.apply(ctx, generated...); err != nil {
		return err
	}
	if err := a.applyFiles(ctx, "custom.yaml", "shop.yaml", "payments.yaml", "platform.yaml"); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(a.config)
	if err != nil {
		return err
	}
	if err := settleByHand(ctx, client); err != nil {
		return err
	}
	return a.releaseFirst(ctx, client)
}

// releaseFirst releases checkout v41, unless there is a checkout already, and waits until customers could use it.
func (a *applier) releaseFirst(ctx context.Context, client kubernetes.Interface) error {
	deployments := client.AppsV1().Deployments("shop")
	_, err := deployments.Get(ctx, "checkout", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		return err
	}
	if err := a.applyFiles(ctx, "checkout-v41.yaml"); err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(
		ctx,
		200*time.Millisecond,
		2*time.Minute,
		true,
		func(ctx context.Context) (bool, error) {
			checkout, err := deployments.Get(ctx, "checkout", metav1.GetOptions{})
			return err == nil && checkout.Status.AvailableReplicas == 3, err
		},
	)
	if err != nil {
		return fmt.Errorf("three available pods of checkout v41: %w\n%s", err,
			provider.Waiting(context.WithoutCancel(ctx), client, "shop", "app.kubernetes.io/name=checkout"))
	}
	return nil
}

// settleByHand runs the cron job settlement as `kubectl create job --from` does, so that it has a job without
// anybody waiting for the night.
func settleByHand(ctx context.Context, client kubernetes.Interface) error {
	cron, err := client.BatchV1().CronJobs("payments").Get(ctx, "settlement", metav1.GetOptions{})
	if err != nil {
		return err
	}
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "settlement-by-hand",
			Labels:      cron.Spec.JobTemplate.Labels,
			Annotations: map[string]string{"cronjob.kubernetes.io/instantiate": "manual"},
			OwnerReferences: []metav1.OwnerReference{
				*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob")),
			},
		},
		Spec: cron.Spec.JobTemplate.Spec,
	}
	_, err = client.BatchV1().Jobs("payments").Create(ctx, job, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// Delete removes what Apply made and returns when it is gone.
func Delete(ctx context.Context, config *rest.Config) error {
	a, err := newApplier(config)
	if err != nil {
		return err
	}
	// Custom objects go with their namespaces and definitions, and volumes can only go once nothing claims them.
	files := []string{"extensions.yaml", "namespaces.yaml", "custom.yaml", "crds.yaml", "cluster.yaml"}
	for _, file := range files {
		list, err := read(objects, "objects/"+file)
		if err != nil {
			return err
		}
		if err := a.delete(ctx, list...); err != nil {
			return err
		}
	}
	return nil
}

// Wait returns when every workload of the shop is in the state it is meant to be in,
// including those that are meant to be broken. When ctx ends before, the error lists
// what is not there yet.
func Wait(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(unlimited(config))
	if err != nil {
		return err
	}
	var missing []string
	err = wait.PollUntilContextCancel(ctx, 500*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		seen, err := look(ctx, client)
		if err != nil {
			return false, err
		}
		missing = seen.missing()
		return len(missing) == 0, nil
	})
	if err != nil {
		return &NotReadyError{Missing: slices.Clone(missing), cause: err}
	}
	return nil
}

// NotReadyError says which parts of the shop are not as they are meant to be.
type NotReadyError struct {
	Missing []string
	cause   error
}

func (e *NotReadyError) Error() string {
	return strings.Join(append([]string{fmt.Sprintf("shop: %v", e.cause)}, e.Missing...), "\n  ")
}

// Unwrap returns the reason for not waiting any longer, such as context.DeadlineExceeded.
func (e *NotReadyError) Unwrap() error { return e.cause }
