package kinds

import (
	"fmt"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// HorizontalPodAutoscaler changes how many replicas a workload has by what they use.
var HorizontalPodAutoscaler = register(Kind{
	GroupVersionKind: autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler"),
	Resource:         "horizontalpodautoscalers",
	Short:            []string{"hpa"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "REFERENCE", Object: true},
		{Name: "TARGETS", State: true, List: true},
		{Name: "MINPODS", Right: true, Drop: 1},
		{Name: "MAXPODS", Right: true, Drop: 1},
		{Name: "REPLICAS", Right: true},
		{Name: "AGE"},
	},
	LinksTo: "Deployment.apps ReplicaSet.apps StatefulSet.apps ReplicationController",
	New:     func() runtime.Object { return &autoscalingv2.HorizontalPodAutoscaler{} },
}, readHorizontalPodAutoscaler, horizontalPodAutoscalerDetails)

// targetsMax is how many metrics the server's table shows.
const targetsMax = 2

func readHorizontalPodAutoscaler(h *autoscalingv2.HorizontalPodAutoscaler, r *Record) {
	least := TextCell("<unset>")
	if n := h.Spec.MinReplicas; n != nil {
		least = countCell(int64(*n))
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(h.Spec.ScaleTargetRef.Kind + "/" + h.Spec.ScaleTargetRef.Name),
		ownCell(targetsText(h)),
		least,
		countCell(int64(h.Spec.MaxReplicas)),
		countCell(int64(h.Status.CurrentReplicas)),
		AgeCell(r.Created),
	}
	r.Status = horizontalPodAutoscalerStatus(h)
	r.linkTo(Scales, scaled(h), "")
}

func scaled(h *autoscalingv2.HorizontalPodAutoscaler) Ref {
	group, _ := schema.ParseGroupVersion(h.Spec.ScaleTargetRef.APIVersion)
	group.Group = intern(group.Group)
	return ref(group, intern(h.Spec.ScaleTargetRef.Kind), h.Namespace, h.Spec.ScaleTargetRef.Name)
}

// targetsText is "cpu: 45%/80%, memory: 90%/95% + 1 more...".
func targetsText(h *autoscalingv2.HorizontalPodAutoscaler) string {
	if len(h.Spec.Metrics) == 0 {
		return "<none>"
	}
	var texts []string
	for i := range min(len(h.Spec.Metrics), targetsMax) {
		name, text := metricText(h, i)
		if name != "" {
			name += ": "
		}
		texts = append(texts, name+text)
	}
	text := strings.Join(texts, ", ")
	if more := len(h.Spec.Metrics) - targetsMax; more > 0 {
		text += fmt.Sprintf(" + %d more...", more)
	}
	return text
}

// metricText is the present value of a metric and the wanted one; a resource has a name.
// The status of a metric stands at its place, once it was measured.
func metricText(h *autoscalingv2.HorizontalPodAutoscaler, at int) (name, text string) {
	var is autoscalingv2.MetricStatus
	if at < len(h.Status.CurrentMetrics) {
		is = h.Status.CurrentMetrics[at]
	}
	var now autoscalingv2.MetricValueStatus
	switch m := &h.Spec.Metrics[at]; {
	case m.Resource != nil:
		if is.Resource != nil {
			now = is.Resource.Current
		}
		return string(m.Resource.Name), resourceMetric(&m.Resource.Target, &now)
	case m.ContainerResource != nil:
		if is.ContainerResource != nil {
			now = is.ContainerResource.Current
		}
		return string(m.ContainerResource.Name), resourceMetric(&m.ContainerResource.Target, &now)
	case m.Pods != nil:
		if is.Pods != nil {
			now = is.Pods.Current
		}
		return "", metricAmount(now.AverageValue) + "/" + metricAmount(m.Pods.Target.AverageValue)
	case m.Object != nil:
		if is.Object != nil {
			now = is.Object.Current
		}
		return "", otherMetric(&m.Object.Target, &now)
	case m.External != nil:
		if is.External != nil {
			now = is.External.Current
		}
		return "", otherMetric(&m.External.Target, &now)
	}
	return "", "<unknown type>"
}

func resourceMetric(want *autoscalingv2.MetricTarget, now *autoscalingv2.MetricValueStatus) string {
	if want.AverageValue != nil {
		return metricAmount(now.AverageValue) + "/" + metricAmount(want.AverageValue)
	}
	return metricPercent(now.AverageUtilization, "<unknown>") + "/" + metricPercent(want.AverageUtilization, "<auto>")
}

func otherMetric(want *autoscalingv2.MetricTarget, now *autoscalingv2.MetricValueStatus) string {
	if want.AverageValue != nil {
		return metricAmount(now.AverageValue) + "/" + metricAmount(want.AverageValue) + " (avg)"
	}
	return metricAmount(now.Value) + "/" + metricAmount(want.Value)
}

func metricPercent(n *int32, unset string) string {
	if n == nil {
		return unset
	}
	return strconv.Itoa(int(*n)) + "%"
}

func metricAmount(q *resource.Quantity) string {
	if q == nil {
		return "<unknown>"
	}
	return q.String()
}

// horizontalPodAutoscalerStatus reads the reasons of
// k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go.
func horizontalPodAutoscalerStatus(h *autoscalingv2.HorizontalPodAutoscaler) Status {
	if len(h.Status.Conditions) == 0 {
		return unseen
	}
	status := Status{Level: OK}
	for _, c := range h.Status.Conditions {
		read := readAutoscalerCondition(c)
		if c.Reason == "ScalingDisabled" {
			return Status{Quiet, "scaling is disabled: its target has 0 replicas", c.LastTransitionTime.Time}
		}
		if read.Level <= status.Level {
			continue
		}
		status = Status{read.Level, read.Why(), c.LastTransitionTime.Time}
		if c.Reason == "TooManyReplicas" {
			status.Reason = "at its maximum of " + strconv.Itoa(int(h.Spec.MaxReplicas))
		}
	}
	return status
}

// readAutoscalerCondition calls it a limit only where more replicas are wanted than may
// be: the least number of them is there to be reached, and a rate is soon over.
func readAutoscalerCondition(c autoscalingv2.HorizontalPodAutoscalerCondition) Condition {
	read := condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
	switch {
	case c.Type == autoscalingv2.ScalingLimited && c.Reason != "TooManyReplicas", c.Reason == "ScalingDisabled":
		read.Level = OK
	case c.Type != autoscalingv2.ScalingLimited && c.Status == "False":
		read.Level = Degraded // Its target runs as it is.
	}
	return read
}

func horizontalPodAutoscalerDetails(h *autoscalingv2.HorizontalPodAutoscaler) Details {
	var f facts
	to := scaled(h)
	f.linkAs("Scales", to.Kind+"/"+to.Name, to)
	f.add("Replicas", fmt.Sprintf("%d, wants %d", h.Status.CurrentReplicas, h.Status.DesiredReplicas))
	// As SetDefaults_HorizontalPodAutoscaler has it (k8s.io/kubernetes/pkg/apis/autoscaling/v2/defaults.go).
	f.add("Between", fmt.Sprintf("%d and %d", valueOr(h.Spec.MinReplicas, 1), h.Spec.MaxReplicas))
	for i := range h.Spec.Metrics {
		name, text := metricText(h, i)
		f.add(join(" ", string(h.Spec.Metrics[i].Type), "metric", name), text)
	}
	f.time("Last scaled", h.Status.LastScaleTime)
	return Details{Facts: f, Conditions: conditionsOf(h.Status.Conditions, readAutoscalerCondition)}
}
