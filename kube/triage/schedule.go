package triage

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	scheduling "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// needs is what a pod without a node asks of one.
type needs struct {
	affinity    nodeaffinity.RequiredNodeAffinity
	selector    map[string]string
	terms       []corev1.NodeSelectorTerm
	tolerations []corev1.Toleration
	requests    corev1.ResourceList
	spread      []string // the labels of nodes over whose values it must be spread
	message     string
}

func needsOf(p *corev1.Pod, message string) *needs {
	n := &needs{affinity: nodeaffinity.GetRequiredNodeAffinity(p), selector: p.Spec.NodeSelector,
		tolerations: p.Spec.Tolerations, message: message}
	if a := p.Spec.Affinity; a != nil && a.NodeAffinity != nil {
		if required := a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution; required != nil {
			n.terms = required.NodeSelectorTerms
		}
	}
	for i := range p.Spec.TopologySpreadConstraints {
		if c := &p.Spec.TopologySpreadConstraints[i]; c.WhenUnsatisfiable == corev1.DoNotSchedule {
			n.spread = append(n.spread, c.TopologyKey)
		}
	}
	n.requests = requestsOf(p)
	return n
}

// requestsOf is what a pod asks for: what its containers do together, or the one of its init
// containers that asks for more.
func requestsOf(p *corev1.Pod) corev1.ResourceList {
	sum := corev1.ResourceList{}
	for i := range p.Spec.Containers {
		add(sum, p.Spec.Containers[i].Resources.Requests)
	}
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		if isSidecar(c) {
			add(sum, c.Resources.Requests)
			continue
		}
		for what, much := range c.Resources.Requests {
			if known := sum[what]; much.Cmp(known) > 0 {
				sum[what] = much
			}
		}
	}
	return sum
}

// schedulerWord is one of a scheduler's reasons with its count: "2 Insufficient cpu"
// (k8s.io/kubernetes/pkg/scheduler/framework/types.go, FitError.Error).
var schedulerWord = regexp.MustCompile(`^(\d+) (.+)$`)

// reasonsOf are a scheduler's reasons by how many nodes each keeps away.
func reasonsOf(message string) map[string]int {
	_, list, ok := strings.Cut(kinds.ShortSchedule(message), "are available: ")
	if !ok {
		return nil
	}
	out := map[string]int{}
	for word := range strings.SplitSeq(strings.TrimSuffix(list, "."), ", ") {
		if m := schedulerWord.FindStringSubmatch(word); m != nil {
			n, _ := strconv.Atoi(m[1]) // It is digits; one too large is 0.
			out[m[2]] += n
		}
	}
	return out
}

const (
	reasonCordoned = "node(s) were unschedulable"
	reasonTaint    = "untolerated taint"
	reasonAffinity = "node affinity/selector"
)

// keptAway are the nodes in trouble or cordoned that a pod without a node waits for: all
// others are not meant for it.
func (s *State) keptAway(f *podFacts) []cause {
	reasons := reasonsOf(f.needs.message)
	cordoned := reasons[reasonCordoned] > 0
	tainted := false
	for word := range reasons {
		switch {
		case word == reasonCordoned, strings.Contains(word, reasonAffinity):
		case strings.Contains(word, reasonTaint):
			tainted = true
		default:
			return nil
		}
	}
	var out []cause
	add := func(e *entry) {
		if f.needs.fits(e.record) {
			out = append(out, cause{e.record.Ref(), "could go to"})
		}
	}
	if cordoned {
		for e := range s.cordoned {
			add(e)
		}
	}
	if tainted {
		for e := range s.illNodes {
			add(e)
		}
	}
	slices.SortStableFunc(out, func(a, b cause) int { return compareRefs(a.Ref, b.Ref) })
	return out
}

// podProblems judges a pod that the scheduler finds no node for.
func podProblems(s *State, e *entry) []problem {
	f, ok := e.facts.(*podFacts)
	if !ok || f.needs == nil {
		return nil
	}
	condition := "status.conditions[PodScheduled]"
	p := problem{rule: ruleUnscheduled, severity: Failing, weight: weightPending, object: e.record.Ref(), owned: true,
		reason: because(corev1.PodReasonUnschedulable, kinds.ShortSchedule(f.needs.message)), since: e.record.Status.Since,
		evidence: e.field(condition, kinds.ShortSchedule(f.needs.message))}
	if strings.Contains(f.needs.message, "unbound immediate") {
		p.from = p.since.Add(fresh) // Volumes are made while it waits.
	}
	if strings.Contains(strings.ToLower(f.needs.message), "volume") {
		p.because = append(p.because, f.claims...)
		for _, c := range f.claims {
			p.because = append(p.because, s.volumeNodes(c.Ref)...)
			p.evidence = append(p.evidence, s.volumePlace(c.Ref)...)
		}
	}
	p.because = append(p.because, s.keptAway(f)...)
	f.cordons = reasonsOf(f.needs.message)[reasonCordoned] > 0
	return []problem{p}
}

const (
	// placed is how many findings, the worst, say how far the nearest node is: that looks
	// at all nodes.
	placed = 20
	// placedFor is how long that holds where nodes change all the time, and what is free on them.
	placedFor = 10 * time.Second
	// placedNodes is how many nodes one verdict looks at for that: what is left comes with the next.
	placedNodes = 10_000
)

// placing is what was said of a pod.
type placing struct {
	at    time.Time
	nodes uint64 // as of so many changes of nodes
	texts []string
	free  []string
}

// place adds to the worst findings what keeps their pods from the nodes.
func (c *court) place() {
	known := map[*needs]placing{}
	looked, nodes := 0, c.state.tables[nodeKind].len()
	for i, f := range c.verdict.Findings {
		if f.Rule != ruleUnscheduled || len(known) == placed || len(f.Evidence) == 0 {
			continue
		}
		pod := f.Evidence[0].Object
		e := c.state.entry(pod)
		if e == nil {
			continue
		}
		facts, ok := e.facts.(*podFacts)
		if !ok || facts.needs == nil {
			continue
		}
		said, ok := c.state.placings[facts.needs]
		if c.isOld(said, ok, len(known) < freeFindings) {
			if looked > 0 && looked+nodes > placedNodes && c.state.watching {
				c.unplaced = true
				known[facts.needs] = said
				continue
			}
			looked += nodes
			c.say(&said, facts.needs, len(known) < freeFindings)
		}
		known[facts.needs] = said
		// The finding itself stays as it is: it may stand for longer than this.
		here := *f
		here.Evidence, here.Chain = slices.Clip(here.Evidence), nil
		for _, text := range slices.Concat(said.texts, said.free) {
			here.Evidence = append(here.Evidence, Evidence{Object: pod, Field: "spec", Text: kinds.Clean(text)})
		}
		c.chain(&here)
		c.verdict.Findings[i] = &here
	}
	c.state.placings = known
}

// isOld reports whether what was said of a pod may not hold any more: of nodes, or of what is free
// on them where that is said.
func (c *court) isOld(said placing, ok, free bool) bool {
	age := c.now.Sub(said.at)
	return !ok || (age < 0 || age >= placedFor) && (free || said.nodes != c.state.nodes)
}

// say looks at the nodes for a pod. That they are as they were is not looked at again.
func (c *court) say(said *placing, n *needs, free bool) {
	if s := c.state; said.nodes != s.nodes {
		said.nodes, said.texts = s.nodes, s.placement(n)
	}
	said.at = c.now
	if !free {
		return
	}
	texts, all := c.free(n)
	if said.free = texts; !all {
		said.at = time.Time{} // Once they are there, it is said again.
	}
}

// placement says what keeps a pod from the nodes, and how far the nearest is from fitting.
func (s *State) placement(n *needs) []string {
	if !s.complete(nodeKind) || s.tables[nodeKind].len() == 0 {
		return nil
	}
	var nodes []*entry
	for e := range s.tables[nodeKind].all() {
		if _, ok := e.facts.(*nodeFacts); ok {
			nodes = append(nodes, e)
		}
	}
	out := n.labelsMissing(nodes)
	out = append(out, n.tooLarge(nodes)...)
	taints := map[string]int{}
	var nearest *entry
	var needed []string
	for _, e := range nodes {
		lacks := n.lacks(e, taints)
		if nearest == nil || len(lacks) < len(needed) || len(lacks) == len(needed) && byName(e, nearest) < 0 {
			nearest, needed = e, lacks
		}
	}
	for _, t := range slices.Sorted(maps.Keys(taints)) {
		out = append(out, nodesHave(taints[t], "the taint "+t+", which it does not tolerate"))
	}
	if len(needed) > 0 {
		out = append(out, "nearest: "+nearest.record.Ref().String()+" would need "+strings.Join(needed, ", and "))
	}
	return out
}

func nodesHave(n int, what string) string {
	if n == 1 {
		return "1 node has " + what
	}
	return fmt.Sprintf("%d nodes have %s", n, what)
}

// lacks is what would have to change on a node for the pod to fit, and counts its taints.
func (n *needs) lacks(e *entry, taints map[string]int) []string {
	out := n.hindered(e, taints)
	for _, what := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		asked, has := n.requests[what], e.facts.(*nodeFacts).allocatable.of(what)
		if asked.Cmp(has) > 0 {
			out = append(out, fmt.Sprintf("%s more %s", more(asked, has), what))
		}
	}
	return out
}

// hindered is the part of it that has nothing to do with how large the node is.
func (n *needs) hindered(e *entry, taints map[string]int) []string {
	f := e.facts.(*nodeFacts)
	var out []string
	if f.cordoned {
		out = append(out, "to be uncordoned")
	}
	hard := func(t *corev1.Taint) bool {
		return t.Effect != corev1.TaintEffectPreferNoSchedule && t.Key != corev1.TaintNodeUnschedulable
	}
	if len(f.taints) > 0 {
		t, found := scheduling.FindMatchingUntoleratedTaint(logr.Discard(), f.taints, n.tolerations, hard, true)
		if found {
			taints[t.ToString()]++
			out = append(out, "a toleration for "+t.ToString())
		}
	}
	if !n.fits(e.record) {
		out = append(out, n.missing(e.record))
	}
	for _, key := range n.spread {
		if _, has := e.record.Label(key); !has {
			out = append(out, "the label "+key+", over which its pods are spread")
		}
	}
	return out
}

// fits reports whether a node has the labels that the pod asks for.
func (n *needs) fits(node *kinds.Record) bool {
	if len(n.terms) > 0 {
		fits, err := n.affinity.Match(asNode(node))
		return err == nil && fits
	}
	for key, value := range n.selector {
		if has, ok := node.Label(key); !ok || has != value {
			return false
		}
	}
	return true
}

// asNode is a node as the packages of Kubernetes want it.
func asNode(r *kinds.Record) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: r.Name, Labels: labelSet(r)}}
}

func more(asked, has resource.Quantity) string {
	asked.Sub(has)
	return quantityText(asked)
}

// missing is the label that a node lacks for the pod's selector.
func (n *needs) missing(node *kinds.Record) string {
	for _, key := range slices.Sorted(maps.Keys(n.selector)) {
		if value, ok := node.Label(key); !ok || value != n.selector[key] {
			return "the label " + key + "=" + n.selector[key]
		}
	}
	for _, t := range n.terms {
		for _, r := range t.MatchExpressions {
			if !matches(r, node) {
				return "the label " + requirement(r)
			}
		}
	}
	return "to match its node affinity"
}

// labelsMissing says for each label that the pod asks for and no node has which other
// values nodes have.
func (n *needs) labelsMissing(nodes []*entry) []string {
	var out []string
	asked := []corev1.NodeSelectorRequirement{}
	for _, key := range slices.Sorted(maps.Keys(n.selector)) {
		asked = append(asked, corev1.NodeSelectorRequirement{Key: key, Operator: corev1.NodeSelectorOpIn,
			Values: []string{n.selector[key]}})
	}
	if len(n.terms) == 1 { // With several, one that nobody fits says nothing.
		asked = append(asked, n.terms[0].MatchExpressions...)
	}
	for _, r := range asked {
		values, fits := map[string]int{}, 0
		for _, e := range nodes {
			if matches(r, e.record) {
				fits++
			}
			if value, ok := e.record.Label(r.Key); ok {
				values[r.Key+"="+value]++
			}
		}
		if fits == 0 {
			out = append(out, "no node has "+requirement(r)+carried(values, r.Key))
		}
	}
	for _, key := range n.spread {
		if !slices.ContainsFunc(nodes, func(e *entry) bool { return labelled{e.record}.Has(key) }) {
			out = append(out, "no node has the label "+key+", over which its pods are spread")
		}
	}
	return out
}

// valuesMax bounds how many other values of a label are named.
const valuesMax = 3

func carried(values map[string]int, key string) string {
	if len(values) == 0 {
		return ", nor any label " + key
	}
	names := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return cmp.Or(-cmp.Compare(values[a], values[b]), strings.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(len(names), valuesMax)] {
		if values[name] == 1 {
			parts = append(parts, "1 node carries "+name)
		} else {
			parts = append(parts, fmt.Sprintf("%d nodes carry %s", values[name], name))
		}
	}
	return "; " + strings.Join(parts, ", ")
}

func requirement(r corev1.NodeSelectorRequirement) string {
	switch {
	case r.Operator == corev1.NodeSelectorOpIn && len(r.Values) == 1:
		return r.Key + "=" + r.Values[0]
	case r.Operator == corev1.NodeSelectorOpExists:
		return r.Key
	}
	return strings.TrimSpace(r.Key + " " + string(r.Operator) + " " + strings.Join(r.Values, ", "))
}

// matches reports whether the labels of a node fit one requirement.
func matches(r corev1.NodeSelectorRequirement, node *kinds.Record) bool {
	value, has := node.Label(r.Key)
	switch r.Operator {
	case corev1.NodeSelectorOpIn:
		return has && slices.Contains(r.Values, value)
	case corev1.NodeSelectorOpNotIn:
		return !has || !slices.Contains(r.Values, value)
	case corev1.NodeSelectorOpExists:
		return has
	case corev1.NodeSelectorOpDoesNotExist:
		return !has
	case corev1.NodeSelectorOpGt, corev1.NodeSelectorOpLt:
	}
	term := corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{r}}}}
	fits, err := nodeaffinity.NewLazyErrorNodeSelector(&term).Match(asNode(node))
	return err == nil && fits
}

// tooLarge says what the pod asks for that no node has, however empty, and how much it asks
// for where nodes have it only when they are empty.
func (n *needs) tooLarge(nodes []*entry) []string {
	var out []string
	for _, what := range slices.Sorted(maps.Keys(n.requests)) {
		asked := n.requests[what]
		if asked.IsZero() {
			continue
		}
		var largest resource.Quantity
		for _, e := range nodes {
			if has := e.facts.(*nodeFacts).allocatable.of(what); has.Cmp(largest) > 0 {
				largest = has
			}
		}
		texts := quantityTexts(asked, largest)
		switch {
		case asked.Cmp(largest) > 0:
			out = append(out, fmt.Sprintf("it asks for %s %s, and no node has more than %s", texts[0], what, texts[1]))
		case strings.Contains(n.message, "Insufficient "+string(what)):
			out = append(out, fmt.Sprintf("it asks for %s %s; the largest node has %s, and other pods have asked for that",
				texts[0], what, texts[1]))
		}
	}
	return out
}
