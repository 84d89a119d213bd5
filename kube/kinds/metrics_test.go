package kinds

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

const mebi = 1 << 20

// TestMetrics reads what metrics-server sends, and what a dump may have left of it.
func TestMetrics(t *testing.T) {
	pods := schema.GroupVersionResource{Group: MetricsGroup, Version: "v1beta1", Resource: "pods"}
	kind := Metrics(pods, "PodMetrics", true)
	for name, c := range map[string]struct {
		object      string
		want        Usage
		cpu, memory string // as kubectl top prints them
		window      string
	}{
		"a node": {`{usage: {cpu: 1804123456n, memory: 6973440Ki}, window: 20.025s}`,
			Usage{1804123456, 6973440 << 10}, "1805m", "6810Mi", "20.025s"},
		"a pod of two containers": {`{window: 1m0s, containers: [{name: app, usage: {cpu: 250m, memory: 100Mi}},
  {name: proxy, usage: {cpu: 1n, memory: "1"}}]}`, Usage{250_000_001, 100*mebi + 1}, "251m", "100Mi", "1m0s"},
		"nothing at all":  {`{}`, Usage{}, "0m", "0Mi", ""},
		"idle":            {`{containers: [{name: app, usage: {cpu: "0", memory: "0"}}]}`, Usage{}, "0m", "0Mi", ""},
		"half of it":      {`{usage: {memory: 5Mi}, window: soon}`, Usage{0, 5 * mebi}, "0m", "5Mi", "soon"},
		"other resources": {`{usage: {swap: 5Mi, cpu: 2}}`, Usage{}, "0m", "0Mi", ""},
		"not quantities":  {`{usage: {cpu: much, memory: {}}, containers: [null, 3, {usage: []}]}`, Usage{}, "0m", "0Mi", ""},
		"containers gone": {`{containers: {name: app}, usage: {cpu: "3"}}`, Usage{3e9, 0}, "3000m", "0Mi", ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(c.object), &u.Object); err != nil {
				t.Fatal(err)
			}
			u.SetName("web-1")
			r, err := kind.Record(u)
			if err != nil {
				t.Fatal(err)
			}
			used := UsageOf(r)
			if used != c.want || used.CPUText() != c.cpu || used.MemoryText() != c.memory {
				t.Errorf("used %+v, %s, %s; want %+v, %s, %s", used, used.CPUText(), used.MemoryText(), c.want, c.cpu, c.memory)
			}
			if got := r.Cells[kind.Column("WINDOW")].Format(time.Time{}, nil); got != c.window {
				t.Errorf("window %q, want %q", got, c.window)
			}
		})
	}
}

func TestContainerUsage(t *testing.T) {
	var object map[string]any
	text := `{containers: [{name: app, usage: {cpu: 1, memory: 1Mi}}, {name: b, usage: {cpu: 2m}}, {}, 3]}`
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	got := ContainerUsage(object)
	// A number in YAML is not a quantity as the API writes it.
	if len(got) != 4 || got[0] != (NamedUsage{"app", Usage{0, mebi}}) || got[1] != (NamedUsage{"b", Usage{2e6, 0}}) {
		t.Errorf("containers use %+v", got)
	}
}

// TestAmounts reads what percentages are of.
func TestAmounts(t *testing.T) {
	both := func(request, limit Usage) Amounts { return Amounts{Request: request, Limit: limit} }
	for name, c := range map[string]struct {
		object runtime.Object
		text   string
		want   Amounts
	}{
		"nothing at all": {&corev1.Pod{}, `{}`, Amounts{}},
		"no containers":  {&corev1.Pod{}, `{spec: {containers: []}}`, Amounts{}},
		"a pod": {&corev1.Pod{}, `{spec: {containers: [{resources: {requests: {cpu: 100m, memory: 1Mi},
  limits: {cpu: 1, memory: 2Mi}}}]}}`, both(Usage{1e8, mebi}, Usage{1e9, 2 * mebi})},
		"requests that are limits": {&corev1.Pod{}, `{spec: {containers: [{resources: {limits: {cpu: 1}}}]}}`,
			both(Usage{1e9, 0}, Usage{1e9, 0})},
		"a container without a limit": {&corev1.Pod{}, `{spec: {containers: [
  {resources: {requests: {cpu: 100m}, limits: {cpu: 1, memory: 1Mi}}}, {resources: {limits: {memory: 1Mi}}}]}}`,
			both(Usage{1e8, 2 * mebi}, Usage{0, 2 * mebi})},
		"with a sidecar, not with what ends": {&corev1.Pod{}, `{spec: {
  initContainers: [{name: wait, resources: {limits: {cpu: 8}}},
    {name: proxy, restartPolicy: Always, resources: {limits: {cpu: 1}}}],
  containers: [{resources: {limits: {cpu: 1}}}]}}`, both(Usage{2e9, 0}, Usage{2e9, 0})},
		"of the pod itself": {&corev1.Pod{}, `{spec: {resources: {limits: {cpu: 3}}, containers: [
  {resources: {requests: {cpu: 1, memory: 1Mi}}}]}}`, both(Usage{3e9, mebi}, Usage{3e9, 0})},
		"a deployment": {&appsv1.Deployment{}, `{spec: {template: {spec: {containers: [
  {resources: {limits: {cpu: 1}}}]}}}}`, both(Usage{1e9, 0}, Usage{1e9, 0})},
		"a cron job": {&batchv1.CronJob{}, `{spec: {jobTemplate: {spec: {template: {spec: {containers: [
  {resources: {limits: {cpu: 1}}}]}}}}}}`, both(Usage{1e9, 0}, Usage{1e9, 0})},
		"a controller without a template": {&corev1.ReplicationController{}, `{}`, Amounts{}},
		"a node": {&corev1.Node{}, `{status: {capacity: {cpu: 4}, allocatable: {cpu: 3900m, memory: 8Mi}}}`,
			Amounts{Allocatable: Usage{3.9e9, 8 * mebi}}},
		"a node of a manifest": {&corev1.Node{}, `{status: {capacity: {cpu: 4}}}`, Amounts{Allocatable: Usage{4e9, 0}}},
		"a service":            {&corev1.Service{}, `{}`, Amounts{}},
	} {
		if err := yaml.Unmarshal([]byte(c.text), c.object); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := AmountsOf(c.object); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestContainerAmounts(t *testing.T) {
	p := &corev1.Pod{}
	text := `{spec: {initContainers: [{name: init, resources: {limits: {cpu: 1}}}],
  containers: [{name: app, resources: {requests: {memory: 1Mi}}}]}}`
	if err := yaml.Unmarshal([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Amounts{
		"app": {Request: Usage{0, mebi}}, "init": {Request: Usage{1e9, 0}, Limit: Usage{1e9, 0}}, "debugger": {},
	} {
		if got := ContainerAmounts(p, name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if got := ContainerAmounts(&corev1.Node{}, "app"); got != (Amounts{}) {
		t.Errorf("a node: %+v", got)
	}
}

// TestPercent counts as kubectl top does: in whole thousandths of a core, and cut.
func TestPercent(t *testing.T) {
	for _, c := range []struct {
		used, of    Usage
		cpu, memory string
	}{
		{Usage{}, Usage{}, "", ""},
		{Usage{1, 1}, Usage{0, 0}, "", ""},
		{Usage{0, 0}, Usage{1e9, mebi}, "0%", "0%"},
		{Usage{999_000_001, mebi - 1}, Usage{1e9, mebi}, "100%", "99%"},
		{Usage{3e9, 3 * mebi}, Usage{1e9, mebi}, "300%", "300%"},
	} {
		cpu, memory := c.used.CPUPercent(c.of), c.used.MemoryPercent(c.of)
		if cpu.Format(time.Time{}, nil) != c.cpu || memory.Format(time.Time{}, nil) != c.memory {
			t.Errorf("%+v of %+v: %v, %v", c.used, c.of, cpu, memory)
		}
		if (c.cpu == "") != (cpu == Unmeasured) || cpu != Unmeasured && Unmeasured.Compare(cpu) >= 0 {
			t.Errorf("%v is not more than nothing", cpu)
		}
	}
}
