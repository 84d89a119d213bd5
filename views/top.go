package views

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "top", help: "the pods by the CPU that they use",
		open: func(s *Session) rootView { return Top(s, "").(rootView) },
	})
}

// TopKind returns "pods" or "nodes" for what kubectl top takes, and "" for anything else.
func TopKind(word string) string {
	switch word {
	case "", "po", "pod", "pods":
		return "pods"
	case "no", "node", "nodes":
		return "nodes"
	}
	return ""
}

// Top is the table of pods or nodes, those first that use the most CPU.
func Top(s *Session, what string) ui.View {
	resource := Pods(s.Cluster)
	if TopKind(what) == "nodes" {
		if nodes, ok := s.Cluster.Resources().ByKind(nodeKind); ok {
			resource = nodes
		}
	}
	v := Objects(s, resource).(*table)
	if v.list.usage != nil {
		v.list.usage.wanted = columnCPU
	}
	return v
}

// printedTop prints what kubectl top prints
// (k8s.io/kubectl/pkg/metricsutil/metrics_printer.go).
type printedTop struct {
	screen
	resource   kube.Resource // of the metrics
	metrics    *kube.Listing
	nodes      *kube.Listing // what nodes have to give away; nil for pods
	containers bool
}

var errNoMetrics = errors.New("does not serve " + kinds.MetricsGroup + "; top needs metrics-server")

// PrintedTop returns a view that prints what pods, their containers or nodes use. It is
// an error that the cluster does not say.
func PrintedTop(s *Session, what string, containers bool) (ui.View, error) {
	resource, ok := metricsResource(s.Cluster.Resources(), TopKind(what))
	if !ok {
		return nil, errNoMetrics
	}
	scope := kube.Scope{GroupVersionResource: resource.GroupVersionResource}
	if resource.Namespaced {
		scope.Namespace = s.Namespace
	}
	v := &printedTop{resource: resource, metrics: s.Cluster.Listing(scope), containers: containers}
	sources := []ui.Source{v.metrics.Watch()}
	if !resource.Namespaced {
		v.nodes = s.Cluster.Listing(kube.Scope{GroupVersionResource: kinds.Node.GVR()})
		sources = append(sources, v.nodes.Watch())
	}
	v.screen = newScreen(s, v, sources...)
	return v, nil
}

// place implements page.
func (v *printedTop) place() []string { return []string{"top " + v.resource.Resource} }

// state implements page.
func (v *printedTop) state() kube.State { return viewed(v.metrics.State()) }

// keys implements page.
func (v *printedTop) keys() []ui.Key { return nil }

// update implements page.
func (v *printedTop) update(ui.Msg) ui.Intent { return nil }

// empty implements page.
func (v *printedTop) empty() bool { return v.metrics.Len() == 0 }

// Wake implements ui.View.
func (v *printedTop) Wake(time.Time) time.Time { return time.Time{} }

// Draw implements ui.View.
func (v *printedTop) Draw(ui.Frame) string {
	records := v.metrics.Since(0).Changed
	slices.SortFunc(records, byKey)
	if v.nodes != nil {
		return aligned(v.nodeRows(records))
	}
	lines := [][]string{{"NAME", "CPU(cores)", "MEMORY(bytes)"}}
	if v.containers {
		lines[0] = append([]string{"POD"}, lines[0]...)
	}
	for _, r := range records {
		lines = append(lines, v.podRows(r)...)
	}
	if v.session.Namespace == "" {
		lines[0] = append([]string{"NAMESPACE"}, lines[0]...)
	}
	if len(lines) == 1 {
		return "No resources found"
	}
	return aligned(lines)
}

// podRows are the lines of one pod.
func (v *printedTop) podRows(r *kinds.Record) [][]string {
	var front []string
	if v.session.Namespace == "" {
		front = []string{r.Namespace}
	}
	line := func(used kinds.Usage, names ...string) []string {
		return append(slices.Concat(front, names), used.CPUText(), used.MemoryText())
	}
	if !v.containers {
		return [][]string{line(kinds.UsageOf(r), r.Name)}
	}
	fields, err := v.session.Cluster.Fields(r)
	if err != nil {
		return nil
	}
	var out [][]string
	containers := kinds.ContainerUsage(fields)
	slices.SortStableFunc(containers, func(a, b kinds.NamedUsage) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range containers {
		out = append(out, line(c.Usage, r.Name, c.Name))
	}
	return out
}

// nodeRows are the lines of all nodes; of one that was not measured nothing is known.
func (v *printedTop) nodeRows(measured []*kinds.Record) [][]string {
	out := [][]string{{"NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"}}
	for _, r := range measured {
		used, has := kinds.UsageOf(r), kinds.Usage{}
		node := v.nodes.Get("", r.Name)
		if node != nil {
			if obj, err := v.session.Cluster.Decode(node); err == nil {
				has = kinds.AmountsOf(obj).Allocatable
			}
		}
		out = append(out, []string{
			r.Name, used.CPUText(), partText(used.CPUPercent(has)), used.MemoryText(), partText(used.MemoryPercent(has)),
		})
	}
	unknown := v.nodes.Since(0).Changed
	slices.SortFunc(unknown, byKey)
	for _, node := range unknown {
		if v.metrics.Get("", node.Name) == nil {
			out = append(out, []string{node.Name, "<unknown>", "<unknown>", "<unknown>", "<unknown>"})
		}
	}
	return out
}

func partText(c kinds.Cell) string {
	if text := c.Format(time.Time{}, nil); text != "" {
		return text
	}
	return "<unknown>"
}

// aligned puts cells below each other, three blanks apart.
func aligned(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], ui.Width(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, cell := range line {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-ui.Width(cell)+3))
		}
		b.WriteString("\n")
	}
	return b.String()
}
