package kinds

import (
	"strconv"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What both kinds of admission webhooks share, and the policies with them.

// webhook is a webhook of either kind. A mutating one has all of it and says when it is
// asked again.
type webhook struct {
	admissionv1.ValidatingWebhook
	reinvocation *admissionv1.ReinvocationPolicyType // nil for a validating one
}

var webhookColumns = []Column{
	{Name: "NAME"},
	{Name: "WEBHOOKS", Right: true},
	{Name: "AGE"},
}

// readWebhooks reads a configuration of either kind.
func readWebhooks(all []webhook, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), countCell(int64(len(all))), AgeCell(r.Created)}
	for i := range all {
		w := &all[i]
		if s := w.ClientConfig.Service; s != nil {
			r.linkTo(Calls, core("Service", s.Namespace, s.Name), w.Name)
		}
		if inNamespaces(w.Rules) {
			r.linkIntercepted(w.NamespaceSelector, join(": ", w.Name, RulesText(w.Rules)))
		}
	}
}

// linkIntercepted links to the namespaces of a selector; no selector is all of them.
func (r *Record) linkIntercepted(s *metav1.LabelSelector, how string) {
	if s == nil {
		s = &metav1.LabelSelector{}
	}
	parsed, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return
	}
	to := core("Namespace", "", "")
	r.link(Link{Relation: Intercepts, To: to, Selector: intern(parsed.String()), How: intern(how)})
}

// inNamespaces reports whether a rule matches what is in namespaces.
func inNamespaces(rules []admissionv1.RuleWithOperations) bool {
	for i := range rules {
		if valueOr(rules[i].Scope, admissionv1.AllScopes) != admissionv1.ClusterScope {
			return true
		}
	}
	return false
}

// rulesMax is how many rules the words of a link have.
const rulesMax = 2

// RulesText says what an admission webhook intercepts: "CREATE pods; CREATE, UPDATE deployments of apps".
func RulesText(rules []admissionv1.RuleWithOperations) string {
	var parts []string
	for i := range rules {
		if i == rulesMax {
			parts = append(parts, strconv.Itoa(len(rules)-i)+" more")
			break
		}
		parts = append(parts, admissionRule(&rules[i], nil))
	}
	return strings.Join(parts, "; ")
}

func admissionRule(r *admissionv1.RuleWithOperations, names []string) string {
	operations := make([]string, len(r.Operations))
	for i, o := range r.Operations {
		operations[i] = string(o)
	}
	text := RuleText(operations, r.APIGroups, r.Resources, names)
	switch valueOr(r.Scope, admissionv1.AllScopes) {
	case admissionv1.ClusterScope:
		text += ", without a namespace"
	case admissionv1.NamespacedScope:
		text += ", in namespaces"
	case admissionv1.AllScopes:
	}
	return text
}

func webhooksDetails(all []webhook) Details {
	var f facts
	for i := range all {
		f.addWebhook(&all[i])
	}
	if len(all) == 0 {
		f.add("Webhooks", "none")
	}
	return Details{Facts: f}
}

// addWebhook reads what the API server fills in as SetDefaults_ValidatingWebhook has it
// (k8s.io/kubernetes/pkg/apis/admissionregistration/v1/defaults.go).
func (f *facts) addWebhook(w *webhook) {
	f.add("Webhook", w.Name)
	f.addClient(&w.ClientConfig)
	for i := range w.Rules {
		f.add("Rule", admissionRule(&w.Rules[i], nil))
	}
	f.addSelectors(w.NamespaceSelector, w.ObjectSelector)
	f.addFailurePolicy(w.FailurePolicy, "the webhook does not answer")
	f.add("Timeout", strconv.Itoa(int(valueOr(w.TimeoutSeconds, 10)))+"s")
	f.add("Side effects", string(valueOr(w.SideEffects, "")))
	f.addMatchPolicy(w.MatchPolicy)
	f.addMatchConditions(w.MatchConditions)
	f.add("Reinvocation", string(valueOr(w.reinvocation, "")))
}

// addClient adds where a webhook is called.
func (f *facts) addClient(c *admissionv1.WebhookClientConfig) {
	if s := c.Service; s != nil {
		to := s.Namespace + "/" + s.Name + ":" + strconv.Itoa(int(valueOr(s.Port, 443))) + valueOr(s.Path, "")
		f.linkAs("Calls", "service "+to, core("Service", s.Namespace, s.Name))
	}
	f.add("Calls", valueOr(c.URL, ""))
	if n := len(c.CABundle); n > 0 {
		f.add("CA bundle", bytesText(n))
	}
}

func (f *facts) addSelectors(namespaces, objects *metav1.LabelSelector) {
	f.add("Namespaces", selectedText(namespaces))
	if objects != nil && len(objects.MatchLabels)+len(objects.MatchExpressions) > 0 {
		f.add("Objects", selectedText(objects))
	}
}

// selectedText is a selector of what is intercepted: no selector is everything.
func selectedText(s *metav1.LabelSelector) string {
	if s == nil {
		return "all"
	}
	parsed, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return "an invalid selector"
	}
	return firstOf(parsed.String(), "all")
}

func (f *facts) addFailurePolicy(p *admissionv1.FailurePolicyType, when string) {
	switch policy := valueOr(p, admissionv1.Fail); policy {
	case admissionv1.Fail:
		f.add("Failure policy", "Fail: requests are refused when "+when)
	case admissionv1.Ignore:
		f.add("Failure policy", "Ignore: requests pass when "+when)
	default:
		f.add("Failure policy", string(policy))
	}
}

func (f *facts) addMatchPolicy(p *admissionv1.MatchPolicyType) {
	if policy := valueOr(p, admissionv1.Equivalent); policy != admissionv1.Equivalent {
		f.add("Match policy", string(policy))
	}
}

func (f *facts) addMatchConditions(all []admissionv1.MatchCondition) {
	for i := range all {
		f.add("Only if "+all[i].Name, oneLine(all[i].Expression))
	}
}

// oneLine is an expression without its line breaks.
func oneLine(expression string) string { return strings.Join(strings.Fields(expression), " ") }
