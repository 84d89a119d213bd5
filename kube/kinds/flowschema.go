package kinds

import (
	"cmp"
	"strconv"
	"strings"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// FlowSchema says which requests to the API server share a priority level.
var FlowSchema = register(Kind{
	GroupVersionKind: flowcontrolv1.SchemeGroupVersion.WithKind("FlowSchema"),
	Resource:         "flowschemas",
	Columns: []Column{
		{Name: "NAME"},
		{Name: "PRIORITYLEVEL"},
		{Name: "MATCHINGPRECEDENCE", Right: true},
		{Name: "DISTINGUISHERMETHOD"},
		{Name: "AGE"},
		{Name: "MISSINGPL", State: true},
	},
	LinksTo: "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
	New:     func() runtime.Object { return &flowcontrolv1.FlowSchema{} },
}, readFlowSchema, flowSchemaDetails)

func readFlowSchema(s *flowcontrolv1.FlowSchema, r *Record) {
	dangling := "?"
	for i := range s.Status.Conditions {
		c := &s.Status.Conditions[i]
		if c.Type != flowcontrolv1.FlowSchemaConditionDangling {
			continue
		}
		dangling = string(c.Status)
		if c.Status == flowcontrolv1.ConditionTrue {
			reason := firstOf(because(c.Reason, c.Message), "its priority level is missing")
			r.Status = Status{Degraded, Clean(reason), c.LastTransitionTime.Time}
		}
		break
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(s.Spec.PriorityLevelConfiguration.Name),
		countCell(int64(precedence(s))),
		TextCell(firstOf(distinguisher(s), "<none>")),
		AgeCell(r.Created),
		TextCell(dangling),
	}
	r.linkTo(Uses, priorityLevelOf(s), "")
}

// precedence is as SetDefaults_FlowSchemaSpec has it
// (k8s.io/kubernetes/pkg/apis/flowcontrol/v1/defaults.go).
func precedence(s *flowcontrolv1.FlowSchema) int32 { return cmp.Or(s.Spec.MatchingPrecedence, 1000) }

// distinguisher is what tells the flows of a schema apart; "" when they are one.
func distinguisher(s *flowcontrolv1.FlowSchema) string {
	if s.Spec.DistinguisherMethod == nil {
		return ""
	}
	return string(s.Spec.DistinguisherMethod.Type)
}

func priorityLevelOf(s *flowcontrolv1.FlowSchema) Ref {
	name := s.Spec.PriorityLevelConfiguration.Name
	return ref(flowcontrolv1.SchemeGroupVersion, "PriorityLevelConfiguration", "", name)
}

func flowSchemaDetails(s *flowcontrolv1.FlowSchema) Details {
	var f facts
	f.link("Priority level", priorityLevelOf(s))
	f.add("Matching precedence", strconv.Itoa(int(precedence(s)))+", the lowest is asked first")
	f.add("Flows by", distinguisher(s))
	for i := range s.Spec.Rules {
		rule := &s.Spec.Rules[i]
		for n := range rule.Subjects {
			f.add("Subject", flowSubject(&rule.Subjects[n]))
		}
		for n := range rule.ResourceRules {
			r := &rule.ResourceRules[n]
			where := anyOr(r.Namespaces, "any namespace")
			if r.ClusterScope {
				where = join(", ", where, "no namespace")
			}
			f.add("Rule", join(" in ", RuleText(r.Verbs, r.APIGroups, r.Resources, nil), where))
		}
		for n := range rule.NonResourceRules {
			r := &rule.NonResourceRules[n]
			f.add("Rule", anyOr(r.Verbs, "any verb on")+" "+anyOr(r.NonResourceURLs, "any URL"))
		}
	}
	return Details{Facts: f, Conditions: conditionsOf(s.Status.Conditions, readFlowCondition)}
}

func flowSubject(s *flowcontrolv1.Subject) string {
	switch {
	case s.User != nil:
		return "user " + s.User.Name
	case s.Group != nil:
		return "group " + s.Group.Name
	case s.ServiceAccount != nil:
		return "service account " + s.ServiceAccount.Namespace + "/" + s.ServiceAccount.Name
	}
	return strings.ToLower(string(s.Kind))
}

var flowPolarities = []Polarity{{string(flowcontrolv1.FlowSchemaConditionDangling), "True", Degraded}}

func readFlowCondition(c flowcontrolv1.FlowSchemaCondition) Condition {
	out := condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
	out.Level = levelIn(out.Type, out.Status, flowPolarities)
	return out
}
