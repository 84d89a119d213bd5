package triage

import (
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var (
	ruleQuota = rule("quota", atOnce, "what is used up stays so until somebody frees it",
		"A quota that is used up, or nearly.")

	quotaKind = groupKind("", "ResourceQuota")

	_ = judging(quotaKind, nil, judgeQuota)
)

// quotaFacts is how much of each resource is used, by the quota's own count: "4/4 used".
type quotaFacts map[string]string

func judgeQuota(q *corev1.ResourceQuota, e *entry) {
	f := quotaFacts{}
	for name, hard := range q.Status.Hard {
		used := q.Status.Used[name]
		f[kinds.Clean(string(name))] = used.String() + "/" + hard.String() + " used"
	}
	e.facts = f
	if e.record.Status.Level < kinds.Degraded {
		return
	}
	since := lastOf(q.ManagedFields, func(*metav1.ManagedFieldsEntry) bool { return true })
	e.add(problem{rule: ruleQuota, severity: Notice, weight: weightCreate, reason: e.record.Status.Reason,
		since: since, atLeast: !since.IsZero(),
		evidence: e.field("status.used", e.record.Status.Reason)})
}

// requested is what a refusal asked for of a quota
// (k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go).
var requested = regexp.MustCompile(`exceeded quota: [^,\s]+, requested: (\S+), used: `)

// counted puts into a refusal what its quota has used now: the refusal is written once, and stays
// while the numbers in it change. It stands as it was said in the evidence, with its time.
func (s *State) counted(quota kinds.Ref, p *problem) {
	f, ok := s.factsOf(quota).(quotaFacts)
	m := requested.FindStringSubmatch(p.reason)
	if !ok || m == nil {
		return
	}
	var used []string
	for pair := range strings.SplitSeq(m[1], ",") {
		name, _, _ := strings.Cut(pair, "=")
		if f[name] == "" {
			return // The quota is about something else now.
		}
		used = append(used, name+" "+f[name])
	}
	p.reason = "quota exceeded: " + strings.Join(used, ", ") + ", requested " + m[1]
	p.evidence = slices.Clone(p.evidence)
	for i, e := range p.evidence {
		if !p.said.IsZero() && strings.Contains(e.Text, "exceeded quota") {
			p.evidence[i].Text += " (at " + p.said.UTC().Format(time.RFC3339) + ")"
		}
	}
}
