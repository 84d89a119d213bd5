package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/yaml"
)

const (
	// deployer owns what is there before a fault, and hand is who causes it.
	deployer = "helm"
	hand     = "kubectl-edit"
)

// settleLimit is how long what a scene is made of may take to be well.
const settleLimit = 90 * time.Second

// scene is where one scenario happens, and what it has to put back.
type scene struct {
	*world
	namespace string
	// began is when the fault was caused.
	began time.Time
	// touched are the objects that Inject changed, added or removed.
	touched []Ref
	saved   []*unstructured.Unstructured
	added   []Ref
	undo    []func(context.Context) error
	// kubelets end those of simulated nodes, by node, and strikes remove what is left at the end.
	kubelets map[string]context.CancelFunc
	strikes  []func(context.Context) error
}

// set makes the namespace and what is in it before the fault.
func (w *world) set(ctx context.Context, name string, prepare Step, base string) (*scene, error) {
	s := &scene{world: w, namespace: name, kubelets: map[string]context.CancelFunc{}}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name,
		Labels: map[string]string{"incident": "true"}}}
	if _, err := w.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	err := until(ctx, settleLimit, "the service account of "+name, func(ctx context.Context) (bool, error) {
		_, err := w.client.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, err
	})
	if err != nil {
		return s, err
	}
	if prepare != nil {
		if err := prepare(ctx, s); err != nil {
			return s, err
		}
	}
	if base == "" {
		base = app
	}
	if err := s.apply(ctx, deployer, base); err != nil {
		return s, err
	}
	for _, r := range s.added {
		if r.Namespace == "" {
			s.strikes = append(s.strikes, func(ctx context.Context) error { return s.delete(ctx, r) })
		}
	}
	s.added, s.touched = nil, nil
	return s, until(ctx, settleLimit, "what is in "+name, s.well)
}

// strike removes the scene. The namespace goes in the background.
func (s *scene) strike(ctx context.Context) error {
	err := s.restore(ctx)
	for _, strike := range slices.Backward(s.strikes) {
		err = errors.Join(err, strike(ctx))
	}
	deletion := s.client.CoreV1().Namespaces().Delete(ctx, s.namespace, metav1.DeleteOptions{})
	if apierrors.IsNotFound(deletion) || apierrors.IsConflict(deletion) {
		deletion = nil
	}
	return errors.Join(err, deletion)
}

// apply makes the objects of YAML text.
func (s *scene) apply(ctx context.Context, manager, text string) error {
	list, err := read(s.expand(text))
	if err != nil {
		return err
	}
	for _, object := range list {
		if object.GetNamespace() == "" && !namespaceless.MatchString(object.GetKind()) {
			object.SetNamespace(s.namespace)
		}
		r := Ref{Kind: object.GetKind(), Namespace: object.GetNamespace(), Name: object.GetName()}
		resource, err := s.resourceOf(object)
		if err != nil {
			return err
		}
		if _, err := resource.Create(ctx, object, metav1.CreateOptions{FieldManager: manager}); err != nil {
			return fmt.Errorf("create %s: %w", r, err)
		}
		s.added = append(s.added, r)
		s.touched = append(s.touched, r)
	}
	return nil
}

// save remembers an object as it was before the fault.
func (s *scene) save(ctx context.Context, r Ref) error {
	s.touched = append(s.touched, r)
	same := func(other *unstructured.Unstructured) bool {
		return r.is(Ref{Kind: other.GetKind(), Namespace: other.GetNamespace(), Name: other.GetName()})
	}
	if slices.ContainsFunc(s.saved, same) || slices.ContainsFunc(s.added, r.is) {
		return nil
	}
	object, err := s.get(ctx, r)
	if err != nil {
		return err
	}
	s.saved = append(s.saved, object)
	return nil
}

// restore undoes what was done to the scene, the last first. It may be called again.
func (s *scene) restore(ctx context.Context) error {
	var problems []error
	for _, undo := range slices.Backward(s.undo) {
		problems = append(problems, undo(ctx))
	}
	for _, r := range slices.Backward(s.added) {
		problems = append(problems, s.delete(ctx, r))
	}
	for _, object := range s.saved {
		problems = append(problems, s.putBack(ctx, object))
	}
	s.undo, s.added, s.saved = nil, nil, nil
	return errors.Join(problems...)
}

// delete removes an object, and what stands in the way of that, and returns when it is gone.
func (s *scene) delete(ctx context.Context, r Ref) error {
	resource, err := s.resource(r)
	if err != nil {
		return err
	}
	zero := int64(0)
	background := metav1.DeletePropagationBackground // by itself the API would leave the pods of a Job
	options := metav1.DeleteOptions{PropagationPolicy: &background}
	if strings.EqualFold(r.Kind, "Pod") {
		options.GracePeriodSeconds = &zero
	}
	return until(ctx, settleLimit, r.String()+" to go", func(ctx context.Context) (bool, error) {
		err := resource.Delete(ctx, r.Name, options)
		if err == nil {
			none := []byte(`{"metadata":{"finalizers":null}}`)
			_, err = resource.Patch(ctx, r.Name, types.MergePatchType, none, metav1.PatchOptions{FieldManager: hand})
		}
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	})
}

// putBack gives an object its former content, or makes it again.
func (s *scene) putBack(ctx context.Context, object *unstructured.Unstructured) error {
	r := Ref{Kind: object.GetKind(), Namespace: object.GetNamespace(), Name: object.GetName()}
	resource, err := s.resource(r)
	if err != nil {
		return err
	}
	former := object.DeepCopy()
	former.SetManagedFields(nil)
	return retry.OnError(retry.DefaultBackoff, retriable, func() error {
		current, err := resource.Get(ctx, r.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			former.SetResourceVersion("")
			former.SetUID("")
			_, err = resource.Create(ctx, former, metav1.CreateOptions{FieldManager: deployer})
			return err
		}
		if err != nil {
			return err
		}
		former.SetResourceVersion(current.GetResourceVersion())
		former.SetUID(current.GetUID())
		_, err = resource.Update(ctx, former, metav1.UpdateOptions{FieldManager: deployer})
		return err
	})
}

func retriable(err error) bool { return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) }

// patch changes an object by a strategic merge patch in YAML.
func (s *scene) patch(ctx context.Context, r Ref, text string, subresources ...string) error {
	if err := s.save(ctx, r); err != nil {
		return err
	}
	data, err := yaml.YAMLToJSON([]byte(s.expand(text)))
	if err != nil {
		return err
	}
	resource, err := s.resource(r)
	if err != nil {
		return err
	}
	_, err = resource.Patch(ctx, r.Name, types.StrategicMergePatchType, data,
		metav1.PatchOptions{FieldManager: hand}, subresources...)
	return err
}

// well reports whether every workload of the scene's namespace has all that it wants.
func (s *scene) well(ctx context.Context) (bool, error) {
	deployments, err := s.client.AppsV1().Deployments(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}
	for _, d := range deployments.Items {
		want := *d.Spec.Replicas
		if d.Status.ObservedGeneration != d.Generation || d.Status.UpdatedReplicas != want ||
			d.Status.AvailableReplicas != want || d.Status.Replicas != want {
			return false, nil
		}
	}
	sets, err := s.client.AppsV1().StatefulSets(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}
	for _, d := range sets.Items {
		if d.Status.ObservedGeneration != d.Generation || d.Status.AvailableReplicas != *d.Spec.Replicas ||
			d.Status.UpdatedReplicas != *d.Spec.Replicas {
			return false, nil
		}
	}
	return true, nil
}
