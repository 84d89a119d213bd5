package memapi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Apply adds objects or replaces them whole, in order, each as a change of its own.
// What an API server would set is set where the object does not say it: the namespace
// "default", a UID, a resourceVersion, the time of creation. Objects before the one
// that fails stay applied.
func (a *API) Apply(objects ...runtime.Object) error {
	for _, obj := range objects {
		u, err := toMap(obj)
		if err != nil {
			return err
		}
		if err := a.apply(u); err != nil {
			return err
		}
	}
	return nil
}

// ApplyYAML applies the documents of a YAML text; a List stands for its items.
func (a *API) ApplyYAML(text string) error {
	documents := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var object map[string]any
		if err := yaml.Unmarshal(document, &object); err != nil {
			return err
		}
		if object == nil {
			continue
		}
		u := &unstructured.Unstructured{Object: object}
		if !u.IsList() {
			err = a.apply(u)
		} else {
			err = u.EachListItem(func(o runtime.Object) error { return a.Apply(o) })
		}
		if err != nil {
			return err
		}
	}
}

// Patch merges a JSON merge patch (RFC 7386) into an object. It fails when
// there is none.
func (a *API) Patch(kind schema.GroupVersionKind, namespace, name string, patch []byte) error {
	var with map[string]any
	if err := utiljson.Unmarshal(patch, &with); err != nil {
		return err
	}
	a.mu.Lock()
	r, old := a.find(kind.GroupKind(), namespace, name)
	a.mu.Unlock()
	if old == nil {
		return fmt.Errorf("there is no %s %s", kind.Kind, keyOf(namespace, name))
	}
	text, err := old.json(r.gvk)
	if err != nil {
		return err
	}
	u := &unstructured.Unstructured{}
	if err := utiljson.Unmarshal(text, &u.Object); err != nil {
		return err
	}
	u.Object = merge(u.Object, with)
	u.SetGroupVersionKind(r.gvk)
	u.SetNamespace(namespace)
	u.SetName(name)
	u.SetResourceVersion("")
	return a.apply(u)
}

// Delete removes an object. It fails when there is none.
func (a *API) Delete(kind schema.GroupVersionKind, namespace, name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, old := a.find(kind.GroupKind(), namespace, name)
	if old == nil {
		return fmt.Errorf("there is no %s %s", kind.Kind, keyOf(namespace, name))
	}
	b := batch{}
	a.remove(b, r.store, old.key)
	a.notify(b)
	return nil
}

// apply completes and puts u, which it keeps.
func (a *API) apply(u *unstructured.Unstructured) error {
	a.mu.Lock()
	r := a.resources[u.GroupVersionKind()]
	if r != nil && !r.namespaced {
		u.SetNamespace("")
	} else if r != nil && u.GetNamespace() == "" {
		u.SetNamespace("default")
	}
	_, old := a.find(u.GroupVersionKind().GroupKind(), u.GetNamespace(), u.GetName())
	version := a.version + 1
	a.mu.Unlock()
	if err := a.complete(u, old, version); err != nil {
		return err
	}
	o, err := ObjectOf(u)
	if err != nil {
		return err
	}
	return a.Put(o)
}

func (a *API) find(kind schema.GroupKind, namespace, name string) (*resource, *item) {
	r := a.resourceOf(kind)
	if r == nil {
		return nil, nil
	}
	return r, r.store.items[keyOf(namespace, name)]
}

// complete sets what the server would have set.
func (a *API) complete(u *unstructured.Unstructured, old *item, version uint64) error {
	uid := types.UID(fmt.Sprintf("00000000-0000-4000-8000-%012x", version))
	created := a.options.Clock.Now().UTC().Format(time.RFC3339)
	metadata, ok := u.Object["metadata"].(map[string]any)
	if !ok {
		return fmt.Errorf("a %s has no metadata", u.GetKind())
	}
	stamp, _ := metadata["creationTimestamp"].(string)
	if old != nil && stamp == "" {
		was, err := old.meta()
		if err != nil {
			return err
		}
		created = was.CreationTimestamp.UTC().Format(time.RFC3339)
	}
	if old != nil {
		uid = old.uid
	}
	if u.GetUID() == "" {
		u.SetUID(uid)
	}
	if stamp == "" {
		metadata["creationTimestamp"] = created
	}
	if u.GetResourceVersion() == "" {
		u.SetResourceVersion(strconv.FormatUint(version, 10))
	}
	return nil
}

func merge(into, with map[string]any) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	for name, value := range with {
		switch value := value.(type) {
		case nil:
			delete(into, name)
		case map[string]any:
			below, _ := into[name].(map[string]any)
			into[name] = merge(below, value)
		default:
			into[name] = value
		}
	}
	return into
}
