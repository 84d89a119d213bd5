package kinds

import (
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// MetricsGroup is the API group of what pods and nodes use.
const MetricsGroup = "metrics.k8s.io"

// Usage is what an object uses at a moment, or an amount of the same.
type Usage struct {
	CPU    int64 // in billionths of a core
	Memory int64 // in bytes
}

// The places of a metrics record's cells.
const (
	metricsCPU    = 1
	metricsMemory = 2
)

// Metrics returns how to read the objects of metrics.k8s.io: pods and nodes, in
// whatever version. The columns are those of metrics-server's Table (pkg/api/table.go);
// other servers of the group make none.
func Metrics(gvr schema.GroupVersionResource, kind string, namespaced bool) *Kind {
	k := &Kind{
		GroupVersionKind: gvr.GroupVersion().WithKind(kind),
		Resource:         gvr.Resource,
		Namespaced:       namespaced,
		Columns:          []Column{{Name: "NAME"}, {Name: "CPU"}, {Name: "MEMORY"}, {Name: "WINDOW"}},
	}
	k.read = func(obj runtime.Object, r *Record) error {
		u, ok := obj.(*unstructured.Unstructured)
		if !ok {
			return wrongType(k, obj)
		}
		cpu, memory := measured(u.Object)
		window := text(u.Object["window"])
		if lasts, err := time.ParseDuration(window); err == nil {
			window = lasts.String()
		}
		r.Cells = []Cell{ownCell(r.Name), measuredCell(cpu, resource.Nano), measuredCell(memory, 0), TextCell(window)}
		return nil
	}
	return k
}

// measured is what an object of metrics.k8s.io says was used: a node itself, a pod by
// all its containers.
func measured(object map[string]any) (cpu, memory resource.Quantity) {
	add := func(of any) {
		fields, _ := of.(map[string]any)
		used, _ := fields["usage"].(map[string]any)
		for name, to := range map[string]*resource.Quantity{"cpu": &cpu, "memory": &memory} {
			if q, err := resource.ParseQuantity(text(used[name])); err == nil {
				to.Add(q)
			}
		}
	}
	add(object)
	containers, _ := object["containers"].([]any)
	for _, c := range containers {
		add(c)
	}
	return cpu, memory
}

// measuredCell shows a quantity as it is written. Hardly two objects use the same.
func measuredCell(q resource.Quantity, scale resource.Scale) Cell {
	return pack(q.String(), Number, q.ScaledValue(scale))
}

// UsageOf returns what a record of metrics.k8s.io says.
func UsageOf(r *Record) Usage {
	var u Usage
	if len(r.Cells) > metricsMemory {
		u.CPU, _ = r.Cells[metricsCPU].Number()
		u.Memory, _ = r.Cells[metricsMemory].Number()
	}
	return u
}

// NamedUsage is what a container uses.
type NamedUsage struct {
	Name string
	Usage
}

// ContainerUsage returns what each container of a PodMetrics uses.
func ContainerUsage(podMetrics map[string]any) []NamedUsage {
	containers, _ := podMetrics["containers"].([]any)
	out := make([]NamedUsage, 0, len(containers))
	for _, c := range containers {
		fields, _ := c.(map[string]any)
		cpu, memory := measured(map[string]any{"usage": fields["usage"]})
		out = append(out, NamedUsage{Clean(text(fields["name"])), Usage{cpu.ScaledValue(resource.Nano), memory.Value()}})
	}
	return out
}

// Add returns the sum of two usages.
func (u Usage) Add(v Usage) Usage { return Usage{u.CPU + v.CPU, u.Memory + v.Memory} }

// CPUText is "250m", as kubectl top prints it: a part of a thousandth counts as one.
func (u Usage) CPUText() string { return strconv.FormatInt(milli(u.CPU), 10) + "m" }

// MemoryText is "128Mi", as kubectl top prints it.
func (u Usage) MemoryText() string { return strconv.FormatInt(u.Memory>>20, 10) + "Mi" }

// milli rounds billionths of a core up to thousandths.
func milli(nano int64) int64 { return (nano + 999_999) / 1_000_000 }

// CPUCell shows and sorts by the CPU that is used.
func (u Usage) CPUCell() Cell { return NumberCell(u.CPUText(), u.CPU) }

// MemoryCell shows and sorts by the memory that is used.
func (u Usage) MemoryCell() Cell { return NumberCell(u.MemoryText(), u.Memory) }

// Unmeasured is the cell of what nobody has measured: it shows nothing, and sorts as less
// than what uses nothing.
var Unmeasured = pack("", Number, -1)

// Unlimited is the cell of a part of what was not set: no request, no limit.
var Unlimited = pack("-", Number, -1)

// Times returns as much for each of a number of objects.
func (u Usage) Times(n int64) Usage { return Usage{u.CPU * n, u.Memory * n} }

// CPUPercent shows which part of an amount of CPU is used, as kubectl top counts it.
func (u Usage) CPUPercent(of Usage) Cell { return percentCell(milli(u.CPU), milli(of.CPU)) }

// MemoryPercent shows which part of an amount of memory is used.
func (u Usage) MemoryPercent(of Usage) Cell { return percentCell(u.Memory, of.Memory) }

// percentCell is in whole percent, and empty when there is nothing to be a part of.
func percentCell(used, of int64) Cell {
	if of <= 0 {
		return Unmeasured
	}
	percent := int64(float64(used) / float64(of) * 100)
	return shareOf(strconv.FormatInt(percent, 10)+"%", percent, 100)
}
