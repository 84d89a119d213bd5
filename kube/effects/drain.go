package effects

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// drain is the line of the menu. The effect that it makes is the cordon that a drain begins with;
// PlanDrain has the rest.
var drain = Offer{
	Name: "drain", Help: "it: cordon it, and evict its pods",
	Make: func(t Target, text string) (Effect, error) {
		e, err := cordon.Make(t, text)
		e.Name = "drain"
		return e, err
	},
	fits: of(kinds.Node),
}

// DrainOptions say which pods go though something is lost with them, as the flags of kubectl drain do.
type DrainOptions struct {
	Bare bool // pods that no controller recreates: --force
	Data bool // pods with emptyDir volumes: --delete-emptydir-data
}

// DrainPlan is what a drain of a node would do.
type DrainPlan struct {
	Node   Target
	Cordon Plan       // IsNothing(Cordon.Err) where it is cordoned already
	Pods   []DrainPod // of the node, by namespace and name
	Notes  []string   // what a person should know before; clean
	Err    error      // why it cannot be done
}

// DrainPod is a pod on the node. Its Plan is the one of its eviction, whose Err is why the API server
// would refuse that at this moment.
type DrainPod struct {
	Plan
	Owner  string // "statefulset db"; "" for none; clean
	Ending bool   // it is being deleted already
	Bare   bool   // nothing recreates it
	Data   bool   // it has emptyDir volumes, which go with it
	never  string // why it is not evicted in any case
	kept   bool   // as somebody wants it, not by its nature
}

// Stays says why a pod is not evicted; "" where it is. The rules are those of kubectl
// (k8s.io/kubectl/pkg/drain/filters.go).
func (p *DrainPod) Stays(o DrainOptions) string {
	switch {
	case p.never != "":
		return p.never
	case p.Bare && !o.Bare:
		return "nothing would recreate it"
	case p.Data && !o.Data:
		return "what is in its emptyDir volumes would be lost"
	}
	return ""
}

// Keep has a pod stay, for a reason that is clean.
func (p *DrainPod) Keep(why string) { p.never, p.kept = why, true }

// Blocked says why the API server would not evict a pod now, "" where it would; it is clean. It passes
// where a disruption budget or a busy server is why: a drain asks again. Anything else stays.
func (p *DrainPod) Blocked() (why string, passes bool) {
	if p.Err == nil || p.Ending {
		return "", false
	}
	return reason(p.Err), apierrors.IsTooManyRequests(p.Err)
}

// reason is an error in the few words that a row has room for, clean: those of a policy that refuses come first.
func reason(err error) string {
	return cmp.Or(plain.Refusal(err.Error()), kinds.Clean(err.Error()))
}

// Kubectl is the command line that does the same; "" where there is none, since kubectl drains nothing
// while it would have to leave a pod that nothing recreates, or one with data. It is clean.
func (p *DrainPlan) Kubectl(o DrainOptions) string {
	for i := range p.Pods {
		if pod := &p.Pods[i]; pod.Stays(o) != "" && (pod.kept || pod.Bare || pod.Data) {
			return ""
		}
	}
	e := Effect{Target: p.Node, Command: []string{"drain", p.Node.Ref.Name, "--ignore-daemonsets"}}
	if o.Bare {
		e.Command = append(e.Command, "--force")
	}
	if o.Data {
		e.Command = append(e.Command, "--delete-emptydir-data")
	}
	return e.Kubectl()
}

// drainAtOnce is how many evictions are asked for at a time.
const drainAtOnce = 5

// PlanDrain asks the API server what a drain of a node would do, and changes nothing. Any goroutine may
// call it.
func (h *Hands) PlanDrain(ctx context.Context, node Target) DrainPlan {
	p := DrainPlan{Node: node}
	e, err := cordon.Make(node, "")
	if err != nil {
		p.Err = err
		return p
	}
	if p.Cordon = h.Plan(ctx, e); p.Cordon.Err != nil && !IsNothing(p.Cordon.Err) {
		p.Err = p.Cordon.Err
		return p
	}
	resource, err := podResource(node)
	if err != nil {
		p.Err = err
		return p
	}
	pods, err := podsOn(ctx, node)
	if err != nil {
		p.Err = fmt.Errorf("its pods are not known: %w", err)
		return p
	}
	p.Pods = make([]DrainPod, len(pods))
	for i, pod := range pods {
		p.Pods[i] = judgePod(Target{Cluster: node.Cluster, Resource: resource}, pod)
	}
	h.askEvictions(ctx, p.Pods)
	p.Notes = budgetNotes(ctx, node, pods, p.Pods)
	return p
}

// podsOn are the pods that a node has, those that have ended too.
func podsOn(ctx context.Context, node Target) ([]map[string]any, error) {
	resource, err := podResource(node)
	if err != nil {
		return nil, err
	}
	on := fields.OneTermEqualSelector("spec.nodeName", node.Ref.Name).String()
	list, err := node.Cluster.FetchSelected(ctx, resource, "", "", on)
	return itemsAt(list, "/items"), err
}

func podResource(node Target) (kube.Resource, error) {
	resource, ok := node.Cluster.Resources().ByKind(kinds.Pod.GroupKind())
	if !ok {
		return resource, errors.New("which resources the cluster has is not known yet")
	}
	return resource, nil
}

// judgePod says what is to be known of a pod before it is evicted. t has its cluster and its resource.
func judgePod(t Target, pod map[string]any) DrainPod {
	t.Ref = kinds.Ref{GroupKind: kinds.Pod.GroupKind()}
	t.Ref.Namespace, t.Ref.Name = textAt(pod, "metadata", "namespace"), textAt(pod, "metadata", "name")
	t.UID = types.UID(textAt(pod, "metadata", "uid"))
	eviction := Evict(t)
	eviction.act = deletion{evict: true, changed: true} // Nobody has looked at each pod.
	out := DrainPod{
		Plan:   Plan{Effect: eviction},
		Owner:  controllerOf(pod),
		Ending: textAt(pod, "metadata", "deletionTimestamp") != "",
	}
	phase := textAt(pod, "status", "phase")
	ended := phase == "Succeeded" || phase == "Failed"
	switch {
	case textAt(pod, "metadata", "annotations", "kubernetes.io/config.mirror") != "":
		out.never = "it is a static pod, from a file on the node"
	case ended || out.Ending: // Nothing more is lost.
	case strings.HasPrefix(out.Owner, "daemonset "):
		out.never = out.Owner + " would recreate it at once"
	default:
		out.Bare = out.Owner == ""
		for _, volume := range itemsAt(pod, "/spec/volumes") {
			out.Data = out.Data || volume["emptyDir"] != nil
		}
	}
	return out
}

// askEvictions has the API server say which evictions it would take now.
func (h *Hands) askEvictions(ctx context.Context, pods []DrainPod) {
	places := make(chan struct{}, drainAtOnce)
	var all sync.WaitGroup
	for i := range pods {
		p := &pods[i]
		if p.never != "" || p.Ending {
			continue
		}
		places <- struct{}{}
		all.Add(1)
		p.Cluster.Raw().Messages.Start(p.Effect, func() {
			defer all.Done()
			defer func() { <-places }()
			p.Plan = h.Plan(ctx, p.Effect)
		})
	}
	all.Wait()
}

// budgetNotes say which disruption budgets let how many of the pods go.
func budgetNotes(ctx context.Context, node Target, pods []map[string]any, drained []DrainPod) []string {
	resource, ok := node.Cluster.Resources().ByKind(kinds.PodDisruptionBudget.GroupKind())
	if !ok {
		return nil
	}
	list, err := node.Cluster.FetchSelected(ctx, resource, "", "", "")
	if err != nil {
		return []string{"which disruption budgets guard the pods is not known: " + kinds.Clean(err.Error())}
	}
	var notes []string
	for _, budget := range itemsAt(list, "/items") {
		n := 0
		for i, pod := range pods {
			if drained[i].never == "" && !drained[i].Ending && guards(budget, pod) {
				n++
			}
		}
		if note := budgetNote(budget, n); note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// budgetNote is about a budget that guards n of the pods; "" where it lets them all go.
func budgetNote(budget map[string]any, n int) string {
	allowed, _ := number(at(budget, "/status/disruptionsAllowed"))
	if n == 0 || int(allowed) >= n {
		return ""
	}
	name := kinds.Clean(textAt(budget, "metadata", "namespace") + "/" + textAt(budget, "metadata", "name"))
	if allowed > 0 {
		return fmt.Sprintf("budget %s lets %d of its %s go at a time", name, int(allowed), plural(int64(n), "pod"))
	}
	healthy, _ := number(at(budget, "/status/currentHealthy"))
	wanted, _ := number(at(budget, "/status/desiredHealthy"))
	pods := "its pod"
	if n > 1 {
		pods = "any of its " + strconv.Itoa(n) + " pods"
	}
	if expected, _ := number(at(budget, "/status/expectedPods")); expected > 0 && wanted >= expected {
		return fmt.Sprintf("budget %s never lets %s go: %d needed of %d, %d healthy",
			name, pods, int(wanted), int(expected), int(healthy))
	}
	return fmt.Sprintf("budget %s does not let %s go now: %d healthy, %d needed", name, pods, int(healthy), int(wanted))
}

// guards reports whether a disruption budget selects a pod.
func guards(budget, pod map[string]any) bool {
	if textAt(budget, "metadata", "namespace") != textAt(pod, "metadata", "namespace") {
		return false
	}
	selector := selectorIn(budget)
	return selector != nil && selector.Matches(labelsAt(pod, "/metadata/labels"))
}
