package kinds

import (
	"strconv"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// PodDisruptionBudget says how many of some pods must stay when nodes are drained.
var PodDisruptionBudget = register(Kind{
	GroupVersionKind: policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudget"),
	Resource:         "poddisruptionbudgets",
	Short:            []string{"pdb"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "MIN AVAILABLE"},
		{Name: "MAX UNAVAILABLE"},
		{Name: "ALLOWED DISRUPTIONS", Right: true, State: true},
		{Name: "AGE"},
	},
	LinksTo: "Pod",
	New:     func() runtime.Object { return &policyv1.PodDisruptionBudget{} },
}, readPodDisruptionBudget, podDisruptionBudgetDetails)

func readPodDisruptionBudget(b *policyv1.PodDisruptionBudget, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(podsOr(b.Spec.MinAvailable, "N/A")),
		TextCell(podsOr(b.Spec.MaxUnavailable, "N/A")),
		countCell(int64(b.Status.DisruptionsAllowed)),
		AgeCell(r.Created),
	}
	r.Status = podDisruptionBudgetStatus(b)
	r.linkSelected(Guards, podKind, b.Namespace, b.Spec.Selector)
}

// podsOr is a number or a share of pods.
func podsOr(n *intstr.IntOrString, unset string) string {
	if n == nil {
		return unset
	}
	return n.String()
}

// podDisruptionBudgetStatus calls a budget well that allows no disruption while all of
// its pods are healthy: that may be what it is for.
func podDisruptionBudgetStatus(b *policyv1.PodDisruptionBudget) Status {
	s := &b.Status
	for _, c := range s.Conditions {
		if c.Type == policyv1.DisruptionAllowedCondition && c.Reason == policyv1.SyncFailedReason {
			return Status{Degraded, Clean(because(c.Reason, c.Message)), c.LastTransitionTime.Time}
		}
	}
	switch {
	case s.ObservedGeneration < b.Generation:
		return unseen
	case s.ExpectedPods == 0:
		return Status{Level: Quiet, Reason: "no pods"}
	case s.CurrentHealthy < s.DesiredHealthy:
		return Status{Level: Degraded, Reason: join(", ", healthyText(b), "no disruption allowed", neverAllows(b))}
	}
	return Status{Level: OK, Reason: neverAllows(b)}
}

// neverAllows says why a budget lets no pod be evicted however well all are; "" if it does.
func neverAllows(b *policyv1.PodDisruptionBudget) string {
	most, least := b.Spec.MaxUnavailable, b.Spec.MinAvailable
	switch {
	case most != nil && (*most == intstr.FromInt32(0) || most.String() == "0%"):
		return "never lets a node drain: max unavailable is " + most.String()
	case least != nil && (least.String() == "100%" || least.Type == intstr.Int && least.IntVal >= b.Status.ExpectedPods):
		return "lets no node drain: min available is " + least.String() + " of " +
			strconv.Itoa(int(b.Status.ExpectedPods)) + " pods"
	}
	return ""
}

// healthyText is "1/2 needed pods healthy".
func healthyText(b *policyv1.PodDisruptionBudget) string {
	return ratio(int64(b.Status.CurrentHealthy), int64(b.Status.DesiredHealthy)) + " needed pods healthy"
}

func podDisruptionBudgetDetails(b *policyv1.PodDisruptionBudget) Details {
	var f facts
	f.add("Min available", podsOr(b.Spec.MinAvailable, ""))
	f.add("Max unavailable", podsOr(b.Spec.MaxUnavailable, ""))
	if b.Spec.Selector == nil {
		f.add("Guards", "no pods: it has no selector")
	} else {
		f.add("Guards", podsText(b.Spec.Selector))
	}
	f.add("Pods", join(", ", healthyText(b), strconv.Itoa(int(b.Status.ExpectedPods))+" in all"))
	f.add("Allowed disruptions", strconv.Itoa(int(b.Status.DisruptionsAllowed)))
	// As the comment of its field in k8s.io/api/policy/v1/types.go has it.
	unhealthy := valueOr(b.Spec.UnhealthyPodEvictionPolicy, policyv1.IfHealthyBudget)
	f.add("Unhealthy pods are evicted", string(unhealthy))
	d := Details{Facts: f}
	if b.Spec.Selector != nil {
		d.Children = []Child{{GroupVersionResource: pods, Selector: selectorText(b.Spec.Selector)}}
	}
	for _, c := range b.Status.Conditions {
		read := standardCondition(c)
		if c.Reason == policyv1.InsufficientPodsReason && b.Status.CurrentHealthy >= b.Status.DesiredHealthy {
			read.Level = OK
		}
		d.Conditions = append(d.Conditions, read)
	}
	return d
}
