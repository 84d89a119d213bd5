package triage

import (
	"fmt"
	"regexp"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleSkew = rule("version skew", atOnce, "versions change when somebody upgrades",
		"A kubelet that is newer than the API server, or more than three minor versions older.")

	definitionKind = groupKind("apiextensions.k8s.io", "CustomResourceDefinition")

	_ = judging(definitionKind, recordIsEnough, func(runtime.Object, *entry) {})
	_ = deriving(definitionKind, definitionProblems)
	_ = deriving(nodeKind, skewProblems)
)

// definitionProblems judges whether the API serves what a CustomResourceDefinition defines,
// and whether what converts it answers.
func definitionProblems(s *State, e *entry) []problem {
	var out []problem
	if status := e.record.Status; status.Level == kinds.Failing {
		out = append(out, problem{rule: ruleDefinition, severity: Failing, weight: weightCreate, object: e.record.Ref(),
			reason: status.Reason, since: status.Since, evidence: e.field("status.conditions", status.Reason)})
	}
	for _, l := range e.record.Links {
		if l.Relation != kinds.Calls || !s.would(l.To) || !s.complete(sliceKind) {
			continue
		}
		p := problem{rule: ruleDefinition, part: "conversion", severity: Failing, weight: weightPending,
			object: e.record.Ref(), because: []cause{{l.To, "is converted by"}},
			evidence: e.field("spec.conversion", "webhook "+l.To.String())}
		switch service := s.entry(l.To); {
		case service == nil:
			p.since, p.refers = e.record.Created, true
			p.reason = fmt.Sprintf("conversion webhook: service %q not found: its objects cannot be read in other versions", l.To.Name)
		case s.addressesOf(l.To).ready == 0:
			p.reason = fmt.Sprintf("conversion webhook: no endpoints available for service %q: its objects cannot be read in "+
				"other versions", l.To.Name)
			p.from = service.record.Created.Add(atOnce)
			if f, ok := service.facts.(*serviceFacts); ok {
				p.because = append(p.because, s.behind(l.To.Namespace, f.selector)...)
			}
		default:
			continue
		}
		out = append(out, p)
	}
	return out
}

// SetVersion says which version the API server has: "v1.36.2".
func (s *State) SetVersion(version string) {
	if version != s.version {
		s.version = version
		s.markAll(nodeKind)
	}
}

var minorVersion = regexp.MustCompile(`^v?1\.(\d+)`)

func minorOf(version string) (int, bool) {
	m := minorVersion.FindStringSubmatch(version)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// olderMax is how many minor versions a kubelet may be older than the API server
// (kubernetes.io/releases/version-skew-policy).
const olderMax = 3

func skewProblems(s *State, e *entry) []problem {
	f, ok := e.facts.(*nodeFacts)
	if !ok {
		return nil
	}
	server, known := minorOf(s.version)
	kubelet, ok := minorOf(f.kubelet)
	if !known || !ok || kubelet <= server && server-kubelet <= olderMax {
		return nil
	}
	reason := fmt.Sprintf("its kubelet %s is newer than the API server, %s", f.kubelet, s.version)
	if kubelet < server {
		reason = fmt.Sprintf("its kubelet %s is %d minor versions older than the API server, %s; %d are supported",
			f.kubelet, server-kubelet, s.version, olderMax)
	}
	return []problem{{rule: ruleSkew, severity: Notice, weight: 0, object: e.record.Ref(), reason: reason,
		evidence: e.field("status.nodeInfo.kubeletVersion", f.kubelet)}}
}

// badWhenTrue reports whether a condition of a node is bad when it is true, as its kind knows.
func badWhenTrue(n *corev1.Node, kind corev1.NodeConditionType) bool {
	for _, c := range kinds.Node.Details(n).Conditions {
		if c.Type == string(kind) {
			return c.Level >= kinds.Degraded
		}
	}
	return false
}
