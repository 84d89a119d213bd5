package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// podsMax is how many pods of a workload are looked at to find the newest one.
const podsMax = 500

// Subject is what a stream is wanted of: a pod, or what selects pods.
type Subject struct {
	Resource        kube.Resource
	Namespace, Name string
	Container       string // "" leaves it open
}

// String is "deployment shop/web"; clean.
func (s Subject) String() string {
	ref := kinds.Ref{GroupKind: s.Resource.GroupKind(), Namespace: s.Namespace, Name: s.Name}
	return kinds.Clean(ref.String())
}

// isPod reports whether the subject is one pod.
func (s Subject) isPod() bool { return s.Resource.Group == "" && s.Resource.Resource == "pods" }

// Container is one container of a pod. Its text is clean.
type Container struct {
	Name       string
	Role       string // "init", "sidecar", "ephemeral", "" for one of the others
	Running    bool
	Stdin, TTY bool
}

// Place is the pod that stands for a subject, and its containers, the default one first.
type Place struct {
	Subject    Subject
	Pod        *corev1.Pod // as the cluster has it, not cleaned
	Containers []Container
	Service    *corev1.Service // the subject, where it is one
	Windows    bool
}

// Resolve asks for the pod that stands for a subject: itself, or the newest one that is ready
// of those that it selects. The error wraps ErrNoPod where there is none, and is clean. Any
// goroutine may call it.
func Resolve(ctx context.Context, c *kube.Cluster, s Subject) (*Place, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Raw().Timeout)
	defer cancel()
	place := &Place{Subject: s}
	var err error
	if s.isPod() {
		place.Pod, err = fetchPod(ctx, c, s.Namespace, s.Name)
	} else {
		var selector string
		if selector, place.Service, err = selectorOf(ctx, c, s); err == nil {
			place.Pod, err = newestOf(ctx, c, s, selector)
		}
	}
	if err != nil {
		return nil, err
	}
	place.Containers, place.Windows = containersOf(place.Pod), onWindows(place.Pod)
	return place, nil
}

func fetchPod(ctx context.Context, c *kube.Cluster, namespace, name string) (*corev1.Pod, error) {
	client, err := core(c)
	if err != nil {
		return nil, words(err)
	}
	pod := &corev1.Pod{}
	err = client.Get().Namespace(namespace).Resource("pods").Name(name).Do(ctx).Into(pod)
	return pod, words(err)
}

// selectorOf returns the label selector of the pods of a workload or a Service.
func selectorOf(ctx context.Context, c *kube.Cluster, s Subject) (string, *corev1.Service, error) {
	if s.Resource.Group == "" && s.Resource.Resource == "services" {
		service, err := fetchService(ctx, c, s)
		if err != nil {
			return "", nil, err
		}
		if len(service.Spec.Selector) == 0 {
			return "", nil, fmt.Errorf("%s selects no pods: %w", s, ErrNoPod)
		}
		return labels.SelectorFromSet(service.Spec.Selector).String(), service, nil
	}
	client, err := c.Raw().JSON(s.Resource.GroupVersion())
	if err != nil {
		return "", nil, words(err)
	}
	text, err := client.Get().Namespace(s.Namespace).Resource(s.Resource.Resource).Name(s.Name).Do(ctx).Raw()
	if err != nil {
		return "", nil, words(err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		return "", nil, words(err)
	}
	selector, err := readSelector(object.Object)
	if err != nil || selector == "" {
		return "", nil, fmt.Errorf("%s selects no pods: %w", s, errors.Join(ErrNoPod, err))
	}
	return selector, nil, nil
}

func fetchService(ctx context.Context, c *kube.Cluster, s Subject) (*corev1.Service, error) {
	client, err := core(c)
	if err != nil {
		return nil, words(err)
	}
	service := &corev1.Service{}
	err = client.Get().Namespace(s.Namespace).Resource("services").Name(s.Name).Do(ctx).Into(service)
	return service, words(err)
}

// readSelector reads spec.selector, which a ReplicationController has as a map of labels.
func readSelector(object map[string]any) (string, error) {
	found, _, err := unstructured.NestedMap(object, "spec", "selector")
	if err != nil || len(found) == 0 {
		return "", err
	}
	if _, plain := found["matchLabels"]; !plain && found["matchExpressions"] == nil {
		set, _, err := unstructured.NestedStringMap(object, "spec", "selector")
		return labels.SelectorFromSet(set).String(), err
	}
	typed := &metav1.LabelSelector{}
	if err := convert(found, typed); err != nil {
		return "", err
	}
	selector, err := metav1.LabelSelectorAsSelector(typed)
	if err != nil {
		return "", err
	}
	return selector.String(), nil
}

func newestOf(ctx context.Context, c *kube.Cluster, s Subject, selector string) (*corev1.Pod, error) {
	client, err := core(c)
	if err != nil {
		return nil, words(err)
	}
	list := &corev1.PodList{}
	options := &metav1.ListOptions{LabelSelector: selector, Limit: podsMax}
	err = client.Get().Namespace(s.Namespace).Resource("pods").VersionedParams(options, scheme.ParameterCodec).
		Do(ctx).Into(list)
	if err != nil {
		return nil, words(err)
	}
	pods := make([]*corev1.Pod, len(list.Items))
	for i := range list.Items {
		pods[i] = &list.Items[i]
	}
	if pod := newest(pods); pod != nil {
		return pod, nil
	}
	return nil, fmt.Errorf("%s has %w", s, ErrNoPod)
}

// newest returns the pod that a person would choose: ready before running, and then the
// newest; nil where none runs.
func newest(pods []*corev1.Pod) *corev1.Pod {
	pods = slices.DeleteFunc(slices.Clone(pods), func(p *corev1.Pod) bool {
		return p.DeletionTimestamp != nil || p.Status.Phase != corev1.PodRunning
	})
	if len(pods) == 0 {
		return nil
	}
	return slices.MinFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(rank(b)-rank(a), b.CreationTimestamp.Compare(a.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
}

func rank(p *corev1.Pod) int {
	if isReady(p) {
		return 1
	}
	return 0
}

func isReady(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// onWindows reports whether a pod runs on Windows, as far as it says so itself.
func onWindows(p *corev1.Pod) bool {
	if p.Spec.OS != nil {
		return p.Spec.OS.Name == corev1.Windows
	}
	return p.Spec.NodeSelector[corev1.LabelOSStable] == string(corev1.Windows)
}

// defaultContainer is kubectl's annotation.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// containersOf returns the containers of a pod: the default one first, then the others, those
// that were added to debug, and the init containers.
func containersOf(p *corev1.Pod) []Container {
	running := map[string]bool{}
	for _, all := range [][]corev1.ContainerStatus{
		p.Status.ContainerStatuses, p.Status.InitContainerStatuses, p.Status.EphemeralContainerStatuses,
	} {
		for _, s := range all {
			running[s.Name] = s.State.Running != nil
		}
	}
	var out []Container
	add := func(name, role string, stdin, tty bool) {
		out = append(out, Container{kinds.Clean(name), role, running[name], stdin, tty})
	}
	for _, c := range p.Spec.Containers {
		add(c.Name, "", c.Stdin, c.TTY)
	}
	for _, c := range p.Spec.EphemeralContainers {
		add(c.Name, "ephemeral", c.Stdin, c.TTY)
	}
	for _, c := range p.Spec.InitContainers {
		role := "init"
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			role = "sidecar"
		}
		add(c.Name, role, c.Stdin, c.TTY)
	}
	first := kinds.Clean(p.Annotations[defaultContainer])
	slices.SortStableFunc(out, func(a, b Container) int {
		switch first {
		case a.Name:
			return -1
		case b.Name:
			return 1
		}
		return 0
	})
	return out
}

// Running are the containers that run.
func (p *Place) Running() []Container {
	return slices.DeleteFunc(slices.Clone(p.Containers), func(c Container) bool { return !c.Running })
}

// Container returns a container by its name.
func (p *Place) Container(name string) (Container, bool) {
	i := slices.IndexFunc(p.Containers, func(c Container) bool { return c.Name == name })
	if i < 0 {
		return Container{}, false
	}
	return p.Containers[i], true
}

// Where is "shop/web-1"; clean.
func (p *Place) Where() string { return kinds.Clean(p.Pod.Namespace + "/" + p.Pod.Name) }
