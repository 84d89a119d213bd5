package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// freeFindings is how many findings, the worst, say what is free on nodes, and freeNodes
	// on how many of those that a pod could go to, the ones with the fewest pods: all pods on
	// them are read whole.
	freeFindings = 5
	freeNodes    = 2
)

// asked is what a pod asks for.
type asked struct {
	uid      kinds.UID
	requests corev1.ResourceList
}

// free says how much is left of what a pod asks for on the nodes that it could go to, and
// whether all is known for that; it asks for what is not.
func (c *court) free(n *needs) (texts []string, known bool) {
	if !strings.Contains(n.message, "Insufficient") {
		return nil, true
	}
	if !c.state.complete(podKind) {
		return nil, false // What is not known yet would count as free.
	}
	if c.state.coverage[podKind].Namespace != "" {
		return nil, true // So would what the pods of other namespaces have asked for.
	}
	on := func(e *entry) []*entry { return c.state.onNode[e.record.Name] }
	emptier := func(a, b *entry) int { return cmp.Or(cmp.Compare(len(on(a)), len(on(b))), byName(a, b)) }
	var fit []*entry
	for e := range c.state.tables[nodeKind].all() {
		if len(fit) == freeNodes && emptier(e, fit[freeNodes-1]) > 0 {
			continue
		}
		if _, ok := e.facts.(*nodeFacts); ok && len(n.hindered(e, map[string]int{})) == 0 {
			fit = append(fit, e)
			slices.SortStableFunc(fit, emptier)
			fit = fit[:min(len(fit), freeNodes)]
		}
	}
	known = true
	for _, e := range fit {
		taken := corev1.ResourceList{}
		for _, pod := range on(e) {
			if pod.record.Status.Level == kinds.Quiet {
				continue
			}
			a, ok := c.state.asked[pod.record.Ref()]
			if !ok || a.uid != pod.record.UID {
				c.whole = append(c.whole, pod.record)
				known = false
				continue
			}
			c.keptAsked[pod.record.Ref()] = a
			add(taken, a.requests)
		}
		if known {
			texts = append(texts, n.left(e, taken)...)
		}
	}
	return texts, known
}

// left is what is left on a node of what the pod asks for and the scheduler does not find.
func (n *needs) left(e *entry, taken corev1.ResourceList) []string {
	var out []string
	for what, asks := range n.requests {
		if strings.Contains(n.message, "Insufficient "+string(what)) {
			has := e.facts.(*nodeFacts).allocatable.of(what)
			free := has.DeepCopy()
			free.Sub(taken[what])
			a := quantityTexts(free, has, asks)
			out = append(out, fmt.Sprintf("%s has %s of %s %s free, and it asks for %s", e.record.Ref(), a[0], a[1], what, a[2]))
		}
	}
	slices.Sort(out)
	return out
}

func add(sum, more corev1.ResourceList) {
	for what, much := range more {
		total := sum[what]
		total.Add(much)
		sum[what] = total
	}
}
