package memapi

import (
	"fmt"
	"strconv"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	quantity "k8s.io/apimachinery/pkg/api/resource"
)

// targetsMax is how many metrics the table of autoscalers shows.
const targetsMax = 2

func init() {
	const columns = "Name, Reference, Targets, MinPods, MaxPods, Replicas, Age"
	cells := func(o *autoscalingv2.HorizontalPodAutoscaler) []any {
		least := "<unset>"
		if o.Spec.MinReplicas != nil {
			least = strconv.Itoa(int(*o.Spec.MinReplicas))
		}
		return []any{
			o.Name, o.Spec.ScaleTargetRef.Kind + "/" + o.Spec.ScaleTargetRef.Name, targets(o),
			least, o.Spec.MaxReplicas, o.Status.CurrentReplicas, o.CreationTimestamp,
		}
	}
	prints(columns, cells)
	prints(columns, func(o *autoscalingv1.HorizontalPodAutoscaler) []any { return cells(newAutoscaler(o)) })
}

func targets(o *autoscalingv2.HorizontalPodAutoscaler) string {
	if len(o.Spec.Metrics) == 0 {
		return "<none>"
	}
	var all []string
	for n, spec := range o.Spec.Metrics {
		status := autoscalingv2.MetricStatus{}
		if n < len(o.Status.CurrentMetrics) {
			status = o.Status.CurrentMetrics[n]
		}
		all = append(all, target(spec, status))
	}
	return joinFirst(all, targetsMax, ", ")
}

func target(spec autoscalingv2.MetricSpec, status autoscalingv2.MetricStatus) string {
	var now autoscalingv2.MetricValueStatus
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		if status.Resource != nil {
			now = status.Resource.Current
		}
		return spec.Resource.Name.String() + ": " + share(spec.Resource.Target, now)
	case autoscalingv2.ContainerResourceMetricSourceType:
		if status.ContainerResource != nil {
			now = status.ContainerResource.Current
		}
		return spec.ContainerResource.Name.String() + ": " + share(spec.ContainerResource.Target, now)
	case autoscalingv2.PodsMetricSourceType:
		if status.Pods != nil {
			now = status.Pods.Current
		}
		return amount(now.AverageValue) + "/" + amount(spec.Pods.Target.AverageValue)
	case autoscalingv2.ObjectMetricSourceType:
		if status.Object != nil {
			now = status.Object.Current
		}
		return value(spec.Object.Target, now)
	case autoscalingv2.ExternalMetricSourceType:
		if status.External != nil {
			now = status.External.Current
		}
		return value(spec.External.Target, now)
	}
	return "<unknown type>"
}

func value(want autoscalingv2.MetricTarget, now autoscalingv2.MetricValueStatus) string {
	if want.AverageValue != nil {
		return amount(now.AverageValue) + "/" + amount(want.AverageValue) + " (avg)"
	}
	return amount(now.Value) + "/" + amount(want.Value)
}

func share(want autoscalingv2.MetricTarget, now autoscalingv2.MetricValueStatus) string {
	if want.AverageValue != nil {
		return amount(now.AverageValue) + "/" + amount(want.AverageValue)
	}
	current, target := "<unknown>", "<auto>"
	if now.AverageUtilization != nil {
		current = fmt.Sprintf("%d%%", *now.AverageUtilization)
	}
	if want.AverageUtilization != nil {
		target = fmt.Sprintf("%d%%", *want.AverageUtilization)
	}
	return current + "/" + target
}

func amount(q *quantity.Quantity) string {
	if q == nil {
		return "<unknown>"
	}
	return q.String()
}
