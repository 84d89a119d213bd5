package remote

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// ownersMost is how far up the owner of a pod is looked for: ReplicaSet, Deployment, and what
// made that.
const ownersMost = 3

// follows is which pods may stand for a subject.
type follows struct {
	scope kube.Scope
	name  string // of the pod that comes before others; "" for none
}

// followed returns which pods may take the place of one. Those of a pod are what its owner
// makes in its stead.
func followed(ctx context.Context, c *kube.Cluster, place *Place) (follows, error) {
	scope := kube.Scope{GroupVersionResource: kinds.Pod.GVR(), Namespace: place.Pod.Namespace}
	if !place.Subject.isPod() {
		selector, _, err := selectorOf(ctx, c, place.Subject)
		scope.Labels = selector
		return follows{scope: scope}, err
	}
	scope.Labels = ownerSelector(ctx, c, place.Pod)
	if scope.Labels == "" {
		scope.Fields = fields.OneTermEqualSelector("metadata.name", place.Pod.Name).String()
	}
	return follows{scope, place.Pod.Name}, nil
}

// ownerSelector returns the selector of the topmost owner that has one, "" for none. What may
// not be read is not followed.
func ownerSelector(ctx context.Context, c *kube.Cluster, pod *corev1.Pod) (selector string) {
	owner := metav1.GetControllerOf(pod)
	for range ownersMost {
		if owner == nil {
			return selector
		}
		gv, err := schema.ParseGroupVersion(owner.APIVersion)
		if err != nil {
			return selector
		}
		resource, known := c.Resources().ByKind(schema.GroupKind{Group: gv.Group, Kind: owner.Kind})
		if !known {
			return selector
		}
		client, err := c.Raw().JSON(resource.GroupVersion())
		if err != nil {
			return selector
		}
		text, err := client.Get().Namespace(pod.Namespace).Resource(resource.Resource).Name(owner.Name).Do(ctx).Raw()
		if err != nil {
			return selector
		}
		object := &unstructured.Unstructured{}
		if object.UnmarshalJSON(text) != nil {
			return selector
		}
		if found, err := readSelector(object.Object); err == nil && found != "" {
			selector = found
		}
		owner = metav1.GetControllerOf(object)
	}
	return selector
}

// follow keeps the target up to date until the forward ends. Where pods may not be watched,
// the target stays what it was.
func (f *Forward) follow() {
	listing := f.cluster.Listing(f.follows.scope)
	watch := listing.Watch()
	for {
		if _, err := watch.Next(f.ctx); err != nil {
			return
		}
		if listing.State().Phase != kube.Live {
			continue // What is missing may be yet to come.
		}
		var pods []*corev1.Pod
		for _, r := range listing.Since(0).Changed {
			obj, err := f.cluster.Decode(r)
			if pod, is := obj.(*corev1.Pod); err == nil && is {
				pods = append(pods, pod)
			}
		}
		f.aim(pods)
	}
}

// aim chooses the pod that new connections go to.
func (f *Forward) aim(pods []*corev1.Pod) {
	f.mu.Lock()
	before := f.target
	var uid types.UID
	if before != nil {
		uid = before.UID
	}
	after := choose(pods, uid, f.follows.name)
	same := before == after || before != nil && after != nil && before.UID == after.UID
	if f.target = after; !same {
		close(f.moved)
		f.moved = make(chan struct{})
	}
	f.mu.Unlock()
	switch {
	case same:
	case after == nil:
		f.say(StateWaiting, "", "pod "+kinds.Clean(before.Name)+" is gone; waiting for a ready one")
	case before == nil:
		f.say(StateConnecting, "", "now pod "+kinds.Clean(after.Name))
	default:
		f.say(StateConnecting, "", "pod "+kinds.Clean(before.Name)+" is gone; now pod "+kinds.Clean(after.Name))
	}
}

// choose returns the pod that connections go to: the one that they went to as long as it
// lasts, one of a name, the newest that is ready. nil is none.
func choose(pods []*corev1.Pod, uid types.UID, name string) *corev1.Pod {
	var ready []*corev1.Pod
	for _, p := range pods {
		lasts := p.DeletionTimestamp == nil && p.Status.Phase == corev1.PodRunning
		if lasts && p.UID == uid {
			return p
		}
		if lasts && isReady(p) {
			ready = append(ready, p)
		}
	}
	for _, p := range ready {
		if p.Name == name {
			return p
		}
	}
	return newest(ready)
}
