package shop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"
)

// fieldManager owns the fields that Apply sets.
const fieldManager = "shop"

// applier writes objects of any kind.
type applier struct {
	config *rest.Config
	client dynamic.Interface
	mapper *restmapper.DeferredDiscoveryRESTMapper
}

func newApplier(config *rest.Config) (*applier, error) {
	config = unlimited(config)
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	resources, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(resources))
	return &applier{config: config, client: client, mapper: mapper}, nil
}

// unlimited lifts client-go's own rate limit, under which the shop would take most of a minute. Warnings are expected:
// the namespace payments asks for them.
func unlimited(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.WarningHandlerWithContext = rest.NoWarnings{}
	return config
}

func (a *applier) applyFiles(ctx context.Context, names ...string) error {
	for _, name := range names {
		list, err := read(objects, "objects/"+name)
		if err != nil {
			return err
		}
		if err := a.apply(ctx, list...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// apply sends objects in their order, and the status of those that have one: the API server takes no status together
// with a spec.
func (a *applier) apply(ctx context.Context, list ...*unstructured.Unstructured) error {
	options := metav1.ApplyOptions{FieldManager: fieldManager, Force: true}
	for _, object := range list {
		resource, err := a.resource(object)
		if err != nil {
			return err
		}
		if _, err := resource.Apply(ctx, object.GetName(), object, options); err != nil {
			return fmt.Errorf("apply %s: %w", title(object), err)
		}
		if _, has := object.Object["status"]; !has {
			continue
		}
		if _, err := resource.ApplyStatus(ctx, object.GetName(), object, options); err != nil {
			return fmt.Errorf("apply the status of %s: %w", title(object), err)
		}
	}
	return nil
}

// delete removes objects and returns when they are gone. Objects and kinds that do not exist are fine.
func (a *applier) delete(ctx context.Context, list ...*unstructured.Unstructured) error {
	foreground := metav1.DeletePropagationForeground
	for _, object := range list {
		resource, err := a.resource(object)
		if meta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			return err
		}
		err = resource.Delete(ctx, object.GetName(), metav1.DeleteOptions{PropagationPolicy: &foreground})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete %s: %w", title(object), err)
		}
	}
	for _, object := range list {
		resource, err := a.resource(object)
		if meta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			return err
		}
		err = wait.PollUntilContextCancel(ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			_, err := resource.Get(ctx, object.GetName(), metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return true, nil
			}
			return false, err
		})
		if err != nil {
			return fmt.Errorf("%s to be gone: %w", title(object), err)
		}
	}
	return nil
}

// established waits until the API server serves the custom kinds, and learns them.
func (a *applier) established(ctx context.Context) error {
	list, err := read(objects, "objects/crds.yaml")
	if err != nil {
		return err
	}
	return a.served(ctx, list...)
}

func (a *applier) served(ctx context.Context, definitions ...*unstructured.Unstructured) error {
	for _, definition := range definitions {
		resource, err := a.resource(definition)
		if err != nil {
			return err
		}
		err = wait.PollUntilContextTimeout(
			ctx,
			100*time.Millisecond,
			30*time.Second,
			true,
			func(ctx context.Context) (bool, error) {
				current, err := resource.Get(ctx, definition.GetName(), metav1.GetOptions{})
				if err != nil {
					return false, err
				}
				// A definition that was just made has null there, which is not a list.
				conditions, _, _ := unstructured.NestedSlice(current.Object, "status", "conditions")
				return slices.ContainsFunc(conditions, func(condition any) bool {
					fields, _ := condition.(map[string]any)
					return fields["type"] == "Established" && fields["status"] == "True"
				}), nil
			},
		)
		if err != nil {
			return fmt.Errorf("%s to be established: %w", title(definition), err)
		}
	}
	for _, definition := range definitions {
		if err := a.discovered(ctx, definition); err != nil {
			return fmt.Errorf("%s to be discovered: %w", title(definition), err)
		}
	}
	return nil
}

// discovered waits until the API server names a kind among what it serves, which is a moment after it is established.
func (a *applier) discovered(ctx context.Context, definition *unstructured.Unstructured) error {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	return wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 30*time.Second, true,
		func(context.Context) (bool, error) {
			a.mapper.Reset() // It keeps what it has once found.
			_, err := a.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
			if meta.IsNoMatchError(err) {
				return false, nil
			}
			return err == nil, err
		})
}

// resource finds the path of an object's kind; the error satisfies meta.IsNoMatchError where the
// cluster has no such kind.
func (a *applier) resource(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := a.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return a.client.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
	}
	return a.client.Resource(mapping.Resource), nil
}

// read returns the objects of a YAML file in their order.
func read(files fs.FS, path string) ([]*unstructured.Unstructured, error) {
	content, err := fs.ReadFile(files, path)
	if err != nil {
		return nil, err
	}
	var list []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict(document, &object.Object); err != nil {
			return nil, fmt.Errorf("%s, document %d: %w", path, len(list)+1, err)
		}
		if len(object.Object) > 0 {
			list = append(list, object)
		}
	}
}

func title(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetKind() + " " + object.GetName()
	}
	return object.GetKind() + " " + object.GetNamespace() + "/" + object.GetName()
}
