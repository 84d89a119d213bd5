package effects

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// ofWorkload says what goes with a workload: its pods, and what is left without any.
func ofWorkload(ctx context.Context, t Target, object map[string]any) []string {
	selector := selectorOf(object)
	if selector == "" {
		return nil
	}
	owners := []string{textAt(object, "metadata", "uid")}
	var out []string
	if t.Ref.Kind == "Deployment" {
		sets, err := selected(ctx, t, kinds.ReplicaSet, selector)
		if err != nil {
			return []string{"its pods; how many there are is not known: " + err.Error()}
		}
		for _, set := range sets {
			if ownedBy(set, owners[:1]) {
				owners = append(owners, textAt(set, "metadata", "uid"))
			}
		}
	}
	pods, err := selected(ctx, t, kinds.Pod, selector)
	if err != nil {
		return []string{"its pods; how many there are is not known: " + err.Error()}
	}
	n := 0
	for _, pod := range pods {
		if ownedBy(pod, owners) {
			n++
		}
	}
	out = append(out, plural(int64(n), "pod"))
	if n == len(pods) { // Nothing else is behind what routes there.
		out = append(out, leftWithout(ctx, t, object)...)
	}
	return out
}

// selectorOf is the label selector of an object as a query; "" where it has none, or one that
// selects everything.
func selectorOf(object map[string]any) string {
	selector := selectorIn(object)
	if selector == nil || selector.Empty() {
		return ""
	}
	return selector.String()
}

// selectorIn is the label selector of an object; nil where it has none that can be read.
func selectorIn(object map[string]any) labels.Selector {
	raw, ok := at(object, "/spec/selector").(map[string]any)
	if !ok {
		return nil
	}
	var s metav1.LabelSelector
	if runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &s) != nil {
		return nil
	}
	selector, err := metav1.LabelSelectorAsSelector(&s)
	if err != nil {
		return nil
	}
	return selector
}

// labelsAt are the labels at a path of an object.
func labelsAt(object map[string]any, path string) labels.Set {
	raw, _ := at(object, path).(map[string]any)
	set := labels.Set{}
	for k, v := range raw {
		set[k], _ = v.(string)
	}
	return set
}

// selected are the objects of a kind in the target's namespace that a selector finds.
func selected(ctx context.Context, t Target, k *kinds.Kind, selector string) ([]map[string]any, error) {
	resource, ok := t.Cluster.Resources().ByKind(k.GroupKind())
	if !ok {
		return nil, fmt.Errorf("this cluster does not serve %s", k.Resource)
	}
	list, err := t.Cluster.FetchSelected(ctx, resource, t.Ref.Namespace, selector, "")
	return itemsAt(list, "/items"), err
}

func ownedBy(object map[string]any, owners []string) bool {
	return slices.ContainsFunc(itemsAt(object, "/metadata/ownerReferences"), func(ref map[string]any) bool {
		uid, _ := ref["uid"].(string)
		return slices.Contains(owners, uid)
	})
}

// leftWithout names the Services that select the pods of a workload, and no others.
func leftWithout(ctx context.Context, t Target, object map[string]any) []string {
	services, err := selected(ctx, t, kinds.Service, "")
	if err != nil {
		return []string{"which Services lose their pods is not known: " + err.Error()}
	}
	has := labelsAt(object, "/spec/template/metadata/labels")
	var names []string
	for _, s := range services {
		set := labelsAt(s, "/spec/selector")
		if len(set) > 0 && set.AsSelector().Matches(has) {
			names = append(names, kinds.Clean(textAt(s, "metadata", "name")))
		}
	}
	if names == nil {
		return nil
	}
	return []string{"the endpoints of service " + strings.Join(names, ", ")}
}
