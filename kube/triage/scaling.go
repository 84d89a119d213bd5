package triage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleAutoscaler = rule("autoscaler", start, "metrics of new pods take a minute",
		"An autoscaler that cannot read metrics, has no target, or is at its maximum.")
	ruleBudget = rule("budget", soon, "a drain takes its time",
		"A PodDisruptionBudget that allows no disruption while a node with its pods is cordoned.")

	autoscalerKind = groupKind("autoscaling", "HorizontalPodAutoscaler")
	budgetKind     = groupKind("policy", "PodDisruptionBudget")

	_ = judging(autoscalerKind, nil, judgeAutoscaler)
	_ = deriving(autoscalerKind, blindness)
	_ = judging(budgetKind, nil, judgeBudget)
)

func judgeAutoscaler(h *autoscalingv2.HorizontalPodAutoscaler, e *entry) {
	target := h.Spec.ScaleTargetRef
	group, _, _ := strings.Cut(target.APIVersion, "/")
	scaled := refTo(group, target.Kind, h.Namespace, target.Name)
	e.swings(h)
	for _, c := range h.Status.Conditions {
		p := problem{rule: ruleAutoscaler, part: string(c.Type), severity: Degraded, weight: weightPending,
			since: c.LastTransitionTime.Time, reason: because(c.Reason, c.Message),
			evidence: e.field("status.conditions["+string(c.Type)+"]", because(c.Reason, c.Message))}
		switch {
		case c.Type == autoscalingv2.AbleToScale && c.Status == corev1.ConditionFalse && c.Reason == "FailedGetScale":
			p.because = []cause{{scaled, "scales"}}
		case c.Type == autoscalingv2.ScalingActive && c.Status == corev1.ConditionFalse && c.Reason != "ScalingDisabled":
			p.because = []cause{metricsAPI(c.Message), {scaled, "scales"}}
			if !strings.Contains(c.Message, "missing request for") {
				p.delay = soon // New pods have no metrics yet.
			}
			p.object = e.record.Ref()
			p.reason = kinds.Clean(oneLine(p.reason))
			f := e.facts.(*autoscalerFacts)
			f.target, f.blind = scaled, &p
			for i := range h.Spec.Metrics {
				if r := h.Spec.Metrics[i].Resource; r != nil && r.Target.Type == autoscalingv2.UtilizationMetricType {
					f.shares = append(f.shares, r.Name)
				}
			}
			continue
		case c.Type == autoscalingv2.ScalingLimited && c.Status == corev1.ConditionTrue && c.Reason == "TooManyReplicas":
			p.severity = Notice
		default:
			continue
		}
		e.add(p)
	}
}

// autoscalerFacts is how many replicas an autoscaler asked for lately, and what keeps it from
// asking.
type autoscalerFacts struct {
	asked  []int32
	target kinds.Ref
	shares []corev1.ResourceName // the resources that it looks at as a share of what is requested
	blind  *problem              // that it cannot read metrics; nil while it can
}

// blindness judges an autoscaler without metrics. Where its pods ask for nothing, there is
// nothing to wait for.
func blindness(s *State, e *entry) []problem {
	f, ok := e.facts.(*autoscalerFacts)
	if !ok || f.blind == nil {
		return nil
	}
	p := *f.blind
	if api := s.entry(p.because[0].Ref); api != nil {
		if back, ok := api.facts.(*apiFacts); ok {
			p.from = back.since.Add(soon)
		}
	}
	target := s.entry(f.target)
	ranges := kinds.LimitRange.GroupKind() // Their defaults are requests that no template shows.
	if w, ok := workloadOf(target); ok && s.complete(ranges) && len(s.in(ranges, e.record.Namespace)) == 0 {
		for _, what := range f.shares {
			if name := w.unasked.Get(string(what)); name != "" {
				p.delay, p.from = 0, time.Time{}
				p.evidence = append(slices.Clip(p.evidence), target.field("spec.template",
					"container "+name+" has no request for "+string(what))...)
			}
		}
	}
	return []problem{p}
}

// swingsMany is how often an autoscaler must have changed its direction to be said to swing.
const (
	swingsMany = 4
	askedMax   = 2 * swingsMany
	// swingsRemembered is how long after its last step it is still said: as long as it looks
	// back before it takes replicas away, twice over.
	swingsRemembered = 10 * time.Minute
)

// swings notes what the autoscaler asks for, and adds that it goes to and fro.
func (e *entry) swings(h *autoscalingv2.HorizontalPodAutoscaler) {
	desired := h.Status.DesiredReplicas
	f, _ := e.facts.(*autoscalerFacts)
	if f == nil {
		f = &autoscalerFacts{}
	}
	now := &autoscalerFacts{asked: f.asked}
	if n := len(f.asked); n == 0 || f.asked[n-1] != desired {
		now.asked = append(slices.Clone(f.asked[max(0, n+1-askedMax):]), desired)
	}
	e.facts = now
	turns := 0
	for i := 2; i < len(now.asked); i++ {
		if (now.asked[i-1] > now.asked[i-2]) != (now.asked[i] > now.asked[i-1]) {
			turns++
		}
	}
	if turns < swingsMany || h.Status.LastScaleTime == nil {
		return
	}
	words := make([]string, len(now.asked))
	for i, n := range now.asked {
		words[i] = strconv.Itoa(int(n))
	}
	e.add(problem{rule: ruleAutoscaler, part: "swings", severity: Notice, weight: weightCount,
		reason: "it scales to and fro: " + strings.Join(words, ", "), until: h.Status.LastScaleTime.Add(swingsRemembered),
		evidence: e.field("status.desiredReplicas", strings.Join(words, ", "))})
}

// metricsAPI is the APIService that an autoscaler asks for what its message names.
func metricsAPI(message string) cause {
	name := "v1beta1.metrics.k8s.io"
	switch {
	case strings.Contains(message, "external.metrics.k8s.io"):
		name = "v1beta1.external.metrics.k8s.io"
	case strings.Contains(message, "custom.metrics.k8s.io"):
		name = "v1beta1.custom.metrics.k8s.io"
	}
	return cause{refTo("apiregistration.k8s.io", "APIService", "", name), "reads metrics from"}
}

// budgetFacts is how many pods a budget lets go.
type budgetFacts struct {
	allowed, healthy, expected, wanted int32
	selector                           labels.Selector
}

func judgeBudget(b *policyv1.PodDisruptionBudget, e *entry) {
	f := &budgetFacts{allowed: b.Status.DisruptionsAllowed, healthy: b.Status.CurrentHealthy,
		expected: b.Status.ExpectedPods, wanted: b.Status.DesiredHealthy}
	if selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector); err == nil {
		f.selector = selector
	}
	e.facts = f
}

// budgets judges those that allow no disruption: they are in the way of whoever drains a
// node. One whose pods are not well is a symptom of that.
func (s *State) budgets(add func(problem)) {
	for e := range s.tight {
		f := e.facts.(*budgetFacts)
		if f.expected == 0 || f.selector == nil || !s.asks(e.record.Namespace) {
			continue
		}
		p := problem{rule: ruleBudget, severity: Waiting, weight: weightCount, object: e.record.Ref(),
			evidence: e.field("status.disruptionsAllowed", "0")}
		if f.healthy < f.expected {
			p.severity, p.follows = Notice, true
			p.reason = fmt.Sprintf("allows no disruption: %d of %d pods are healthy", f.healthy, f.expected)
			if f.wanted >= f.expected {
				p.reason += ", and it needs all of them"
			}
			p.because = s.guardedBy(e.record.Namespace, f.selector)
			add(p)
			continue
		}
		for node := range s.cordoned {
			if pod := s.guardedOn(node, e.record.Namespace, f.selector); pod != nil {
				p.reason = fmt.Sprintf("allows no disruption: %s cannot be evicted from %s, which is cordoned",
					pod.record.Ref(), node.record.Ref())
				p.since, p.atLeast = node.facts.(*nodeFacts).cordonedAt, false
				p.evidence = append(p.evidence, node.field("spec.unschedulable", "true")...)
				add(p)
				break
			}
		}
	}
}

// guardedBy are the workloads whose pods a budget guards.
func (s *State) guardedBy(namespace string, selector labels.Selector) []cause {
	var out []cause
	requirements, _ := selector.Requirements()
	for _, r := range requirements {
		if values := r.Values().List(); len(values) == 1 {
			for _, e := range labelledAs(s.templates, namespace, r.Key(), values[0]) {
				if selector.Matches(e.facts.(*workloadFacts).template) {
					out = append(out, cause{e.record.Ref(), "guards the pods of"})
				}
			}
			break
		}
	}
	return out
}

// guardedOn is a pod on a node that a budget guards; nil for none.
func (s *State) guardedOn(node *entry, namespace string, selector labels.Selector) *entry {
	var first *entry
	for _, pod := range s.onNode[node.record.Name] {
		r := pod.record
		if r.Namespace == namespace && r.Deleting.IsZero() && r.Status.Level != kinds.Quiet &&
			selector.Matches(labelled{r}) && (first == nil || r.Name < first.record.Name) {
			first = pod
		}
	}
	return first
}
