package kinds

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// What validating and mutating admission policies share, and their bindings.

// policyColumns are those of a policy; what it counts are its validations or mutations.
func policyColumns(counted string) []Column {
	return []Column{
		{Name: "NAME"},
		{Name: counted, Right: true},
		{Name: "PARAMKIND"},
		{Name: "AGE"},
	}
}

// readPolicy reads a policy of either kind. The namespaces are those that it can be asked
// about; its bindings may narrow them.
func readPolicy(count int, param *admissionv1.ParamKind, match *admissionv1.MatchResources, r *Record) {
	kind := "<unset>"
	if param != nil {
		kind = param.APIVersion + "/" + param.Kind
		// Core kinds are used for much else: each ConfigMap would seem to belong to the policy.
		if group, _ := schema.ParseGroupVersion(param.APIVersion); group.Group != "" && param.Kind != "" {
			r.link(Link{Relation: Mentions, How: "paramKind", To: ref(group, intern(param.Kind), "", "")})
		}
	}
	r.Cells = []Cell{ownCell(r.Name), countCell(int64(count)), TextCell(kind), AgeCell(r.Created)}
	if rules := matchedRules(match); inNamespaces(rules) {
		r.linkIntercepted(match.NamespaceSelector, RulesText(rules))
	}
}

func matchedRules(match *admissionv1.MatchResources) []admissionv1.RuleWithOperations {
	if match == nil {
		return nil
	}
	rules := make([]admissionv1.RuleWithOperations, len(match.ResourceRules))
	for i := range match.ResourceRules {
		rules[i] = match.ResourceRules[i].RuleWithOperations
	}
	return rules
}

// addPolicy adds what policies of both kinds say.
func (f *facts) addPolicy(
	param *admissionv1.ParamKind, failure *admissionv1.FailurePolicyType, conditions []admissionv1.MatchCondition,
	variables []admissionv1.Variable,
) {
	f.addFailurePolicy(failure, "an expression fails")
	if param != nil {
		f.add("Parameters", param.APIVersion+"/"+param.Kind)
	}
	f.addMatchConditions(conditions)
	for i := range variables {
		f.add("Variable "+variables[i].Name, oneLine(variables[i].Expression))
	}
}

func (f *facts) addMatch(m *admissionv1.MatchResources) {
	if m == nil {
		return
	}
	for i := range m.ResourceRules {
		r := &m.ResourceRules[i]
		f.add("Matches", admissionRule(&r.RuleWithOperations, r.ResourceNames))
	}
	for i := range m.ExcludeResourceRules {
		r := &m.ExcludeResourceRules[i]
		f.add("Not", admissionRule(&r.RuleWithOperations, r.ResourceNames))
	}
	f.addSelectors(m.NamespaceSelector, m.ObjectSelector)
	f.addMatchPolicy(m.MatchPolicy)
}

var policyBindingColumns = []Column{
	{Name: "NAME"},
	{Name: "POLICYNAME"},
	{Name: "PARAMREF"},
	{Name: "AGE"},
}

// readPolicyBinding reads a binding of either kind of policy.
func readPolicyBinding(policy Ref, param *admissionv1.ParamRef, match *admissionv1.MatchResources, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), TextCell(policy.Name), TextCell(paramText(param)), AgeCell(r.Created)}
	r.linkTo(Uses, policy, "")
	// Without a selector of its own it binds what the policy matches.
	if match != nil && match.NamespaceSelector != nil {
		r.linkIntercepted(match.NamespaceSelector, "matchResources")
	}
}

// admissionPolicy names a policy of a kind.
func admissionPolicy(kind, name string) Ref {
	return ref(admissionv1.SchemeGroupVersion, kind, "", name)
}

// paramText is the PARAMREF column: a name without a namespace is of any.
func paramText(p *admissionv1.ParamRef) string {
	switch {
	case p == nil:
	case p.Name != "":
		return firstOf(p.Namespace, "*") + "/" + p.Name
	case p.Selector != nil:
		return p.Selector.String()
	}
	return "<unset>"
}

func policyBindingDetails(
	policy Ref, param *admissionv1.ParamRef, match *admissionv1.MatchResources, actions ...string,
) Details {
	var f facts
	f.link("Policy", policy)
	f.add("Actions", join(", ", actions...))
	if param != nil {
		text := join("/", param.Namespace, param.Name)
		if param.Selector != nil {
			text = "those with " + selectedText(param.Selector)
		}
		f.add("Parameters", text)
		f.add("Without parameters", string(valueOr(param.ParameterNotFoundAction, "")))
	}
	if match == nil {
		f.add("Matches", "what the policy matches")
	}
	f.addMatch(match)
	return Details{Facts: f}
}
