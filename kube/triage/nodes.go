package triage

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleNode = rule("node not ready", soon, "a kubelet that restarts is back within a minute",
		"A node whose kubelet is silent, or reports that the node is not ready.")
	rulePressure = rule("node pressure", soon, "the kubelet frees what it can",
		"A node that reports pressure on memory, disk or processes, or another bad condition.")
	ruleCordoned = rule("cordoned", atOnce, "somebody cordoned it on purpose",
		"A node that takes no pods while pods wait for one.")
)

var (
	_ = judging(nodeKind, nil, judgeNode)
	_ = deriving(podKind, podProblems)
)

// nodeFacts is what the rules of scheduling need of a node.
type nodeFacts struct {
	taints      []corev1.Taint
	allocatable amounts
	cordoned    bool
	cordonedAt  time.Time
	kubelet     string // its version
}

func judgeNode(n *corev1.Node, e *entry) {
	f := &nodeFacts{taints: n.Spec.Taints, allocatable: amountsOf(n.Status.Allocatable),
		kubelet: kinds.Clean(n.Status.NodeInfo.KubeletVersion)}
	f.cordoned = n.Spec.Unschedulable
	f.cordonedAt = written(n.ManagedFields)
	for _, t := range n.Spec.Taints {
		if t.Key == corev1.TaintNodeUnschedulable && t.TimeAdded != nil {
			f.cordonedAt = t.TimeAdded.Time
		}
	}
	e.facts = f
	ready := false
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			ready = c.Status == corev1.ConditionTrue
			if !ready {
				e.add(problem{rule: ruleNode, severity: Failing, weight: weightCreate, since: c.LastTransitionTime.Time,
					reason:   because("NotReady", firstOf(c.Message, c.Reason)),
					evidence: e.field("status.conditions[Ready]", because(string(c.Status)+" "+c.Reason, c.Message))})
			}
		}
	}
	if !ready {
		return
	}
	for _, c := range n.Status.Conditions {
		if c.Type != corev1.NodeReady && c.Status == corev1.ConditionTrue && badWhenTrue(n, c.Type) {
			e.add(problem{rule: rulePressure, part: string(c.Type), severity: Degraded, weight: weightStart,
				since: c.LastTransitionTime.Time, reason: because(string(c.Type), c.Message),
				evidence: e.field("status.conditions["+string(c.Type)+"]", because(c.Reason, c.Message))})
		}
	}
}

// amounts are what a node has, but what it has nothing of.
type amounts []amount

type amount struct {
	what corev1.ResourceName
	much resource.Quantity
}

func amountsOf(list corev1.ResourceList) amounts {
	out := make(amounts, 0, len(list))
	for _, what := range slices.Sorted(maps.Keys(list)) {
		if much := list[what]; !much.IsZero() {
			out = append(out, amount{what, much})
		}
	}
	return out
}

func (a amounts) of(what corev1.ResourceName) resource.Quantity {
	for i := range a {
		if a[i].what == what {
			return a[i].much
		}
	}
	return resource.Quantity{}
}

// labelSet are the labels of a record as the packages of Kubernetes want them.
func labelSet(r *kinds.Record) labels.Set {
	set := make(labels.Set, len(r.Labels))
	for _, l := range r.Labels {
		set[l.Key] = l.Value
	}
	return set
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// cordons judges cordoned nodes: they are somebody's doing, and in the way only while pods
// wait that could go there.
func (s *State) cordons(add func(problem)) {
	if len(s.cordoned) == 0 || !s.asks("") {
		return
	}
	var waits []*entry
	for pod := range s.unplaced {
		if pod.facts.(*podFacts).cordons {
			waits = append(waits, pod)
		}
	}
	if len(waits) == 0 {
		return
	}
	slices.SortFunc(waits, byName)
	for e := range s.cordoned {
		add(problem{rule: ruleCordoned, severity: Waiting, weight: weightCount, object: e.record.Ref(),
			since:  e.facts.(*nodeFacts).cordonedAt,
			reason: fmt.Sprintf("SchedulingDisabled: it is cordoned, and %s for a node", podsWait(waits)),
			evidence: append(e.field("spec.unschedulable", "true"), waits[0].field("status.conditions[PodScheduled]",
				waits[0].record.Status.Reason)...)})
	}
}

func podsWait(waits []*entry) string {
	if len(waits) == 1 {
		return waits[0].record.Ref().String() + " waits"
	}
	return fmt.Sprintf("%d pods wait", len(waits))
}
