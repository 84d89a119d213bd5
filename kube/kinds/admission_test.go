package kinds

import (
	"testing"
)

func TestWebhookConfigurations(t *testing.T) {
	for _, k := range []*Kind{ValidatingWebhookConfiguration, MutatingWebhookConfiguration} {
		t.Run(k.Kind, func(t *testing.T) {
			obj := parse(t, k, `{webhooks: [{name: a, clientConfig: {url: "https://example.com/a"}, rules: [{}],
  matchConditions: [{name: c, expression: "a\n&& b"}], failurePolicy: Ignore, timeoutSeconds: 3,
  objectSelector: {matchLabels: {a: b}}, namespaceSelector: {matchExpressions: [{key: a, operator: Like}]}}]}`)
			r, cells := row(t, k, obj)
			checkDetails(t, k.Details(obj))
			if cells["WEBHOOKS"] != "1" || len(r.Links) != 0 {
				t.Errorf("got %v and %v", cells, r.Links)
			}
			facts := factsOf(k, obj)
			for name, want := range map[string]string{
				"Calls": "https://example.com/a", "Only if c": "a && b", "Timeout": "3s", "Objects": "a=b",
				"Namespaces":     "an invalid selector",
				"Failure policy": "Ignore: requests pass when the webhook does not answer",
			} {
				if facts[name] != want {
					t.Errorf("%s: got %q, want %q", name, facts[name], want)
				}
			}
		})
	}
	none := []situation{{"nothing at all", `{}`, want{map[string]string{"WEBHOOKS": "0", "AGE": "<unknown>"}, Quiet, ""}},
		{"webhooks that say nothing", `{webhooks: [{}, {clientConfig: {service: {}}}]}`,
			want{map[string]string{"WEBHOOKS": "2"}, Quiet, ""}}}
	checkSituations(t, ValidatingWebhookConfiguration, none)
	checkSituations(t, MutatingWebhookConfiguration, none)
}

func TestAdmissionPolicies(t *testing.T) {
	checkSituations(t, ValidatingAdmissionPolicy, []situation{
		{"nothing at all", `{}`, want{map[string]string{"VALIDATIONS": "0", "PARAMKIND": "<unset>"}, Quiet, ""}},
		{"with parameters", `{spec: {paramKind: {apiVersion: v1, kind: ConfigMap}, validations: [{}, {expression: a}]}}`,
			want{map[string]string{"VALIDATIONS": "2", "PARAMKIND": "v1/ConfigMap"}, Quiet, ""}},
		{"with parameters of no kind", `{spec: {paramKind: {}}}`, want{map[string]string{"PARAMKIND": "/"}, Quiet, ""}},
		{"with expressions that do not fit", `{status: {typeChecking: {expressionWarnings: [{fieldRef: "spec.validations[0]",
  warning: "apps/v1:\n undefined field"}, {}]}}}`,
			want{nil, Degraded, "2 expression warnings: spec.validations[0]: apps/v1: undefined field"}},
		{"checked", `{status: {typeChecking: {}}}`, want{nil, Quiet, ""}},
	})
	checkSituations(t, MutatingAdmissionPolicy, []situation{
		{"nothing at all", `{}`, want{map[string]string{"MUTATIONS": "0", "PARAMKIND": "<unset>"}, Quiet, ""}},
		{"mutations that say nothing", `{spec: {mutations: [{}, {jsonPatch: {}}], matchConstraints: {}}}`,
			want{map[string]string{"MUTATIONS": "2"}, Quiet, ""}},
	})
	bindings := []situation{
		{"nothing at all", `{}`, want{map[string]string{"POLICYNAME": "", "PARAMREF": "<unset>"}, Quiet, ""}},
		{"to a parameter of any namespace", `{spec: {policyName: p, paramRef: {name: a}}}`,
			want{map[string]string{"POLICYNAME": "p", "PARAMREF": "*/a"}, Quiet, ""}},
		{"to a parameter", `{spec: {paramRef: {name: a, namespace: shop}}}`,
			want{map[string]string{"PARAMREF": "shop/a"}, Quiet, ""}},
		{"to parameters by their labels", `{spec: {paramRef: {selector: {matchLabels: {a: b}}}}}`,
			want{map[string]string{"PARAMREF": "&LabelSelector{MatchLabels:map[string]string{a: b,}," +
				"MatchExpressions:[]LabelSelectorRequirement{},}"}, Quiet, ""}},
		{"to nothing", `{spec: {paramRef: {}}}`, want{map[string]string{"PARAMREF": "<unset>"}, Quiet, ""}},
	}
	checkSituations(t, ValidatingAdmissionPolicyBinding, bindings)
	checkSituations(t, MutatingAdmissionPolicyBinding, bindings)
}

func TestAdmissionRules(t *testing.T) {
	facts := factsOf(ValidatingAdmissionPolicy, parse(t, ValidatingAdmissionPolicy, `{spec: {
  matchConstraints: {resourceRules: [{operations: ["*"], apiGroups: [""], resources: [pods], resourceNames: [a]}],
    excludeResourceRules: [{operations: [DELETE], apiGroups: [apps], resources: ["*"], scope: Namespaced}],
    matchPolicy: Exact},
  validations: [{expression: "a ==\n b", messageExpression: "'no'"}], variables: [{name: v, expression: x}],
  auditAnnotations: [{key: k, valueExpression: w}]}}`))
	for name, want := range map[string]string{
		"Matches": "any verb on pods named a", "Not": "DELETE any resource of apps, in namespaces", "Match policy": "Exact",
		"Requires": "a == b", "Else": "'no'", "Variable v": "x", "Audit annotation k": "w",
		"Failure policy": "Fail: requests are refused when an expression fails",
	} {
		if facts[name] != want {
			t.Errorf("%s: got %q, want %q", name, facts[name], want)
		}
	}
}

// The links of what is asked about each request.
var admissionLinks = []linked{
	{"webhooks", ValidatingWebhookConfiguration, `
metadata: {name: web}
webhooks:
- name: a
  clientConfig: {service: {namespace: policy, name: hook}}
  rules: [{operations: [CREATE], apiGroups: [""], resources: [pods]}]
- name: b
  clientConfig: {url: "https://example.com"}
  namespaceSelector: {matchExpressions: [{key: a, operator: Exists}]}
  rules: [{operations: [CREATE], apiGroups: [""], resources: [pods], scope: Namespaced},
    {operations: ["*"], apiGroups: [apps], resources: [deployments]}, {scope: Cluster}]
- name: c
  rules: [{operations: [CREATE], apiGroups: [""], resources: [nodes], scope: Cluster}]`, []string{
		"calls service policy/hook (a)",
		"intercepts namespace  where  (a: CREATE pods)",
		"intercepts namespace  where a (b: CREATE pods, in namespaces; any verb on deployments of apps; 1 more)",
	}},
	{"webhooks that change", MutatingWebhookConfiguration, `
metadata: {name: web}
webhooks: [{name: a, clientConfig: {service: {namespace: policy, name: hook}}, rules: [{}],
    namespaceSelector: {matchLabels: {inject: "true"}}}]`, []string{
		"calls service policy/hook (a)", "intercepts namespace  where inject=true (a:   of )",
	}},
	{"a policy", ValidatingAdmissionPolicy, `
metadata: {name: web}
spec:
  paramKind: {apiVersion: example.com/v1, kind: Limit}
  matchConstraints: {resourceRules: [{operations: [UPDATE], apiGroups: [""], resources: [pods]}]}`, []string{
		"mentions limit  where  (paramKind)", "intercepts namespace  where  (UPDATE pods)",
	}},
	{"a policy with parameters that much else uses", MutatingAdmissionPolicy, `
metadata: {name: web}
spec: {paramKind: {apiVersion: v1, kind: ConfigMap}}`, nil},
	{"a binding", ValidatingAdmissionPolicyBinding, `{metadata: {name: web}, spec: {policyName: p}}`,
		[]string{"uses validatingadmissionpolicy p"}},
	{"a binding in some namespaces", MutatingAdmissionPolicyBinding, `
metadata: {name: web}
spec: {policyName: p, matchResources: {namespaceSelector: {matchLabels: {team: shop}}}}`, []string{
		"uses mutatingadmissionpolicy p", "intercepts namespace  where team=shop (matchResources)",
	}},
}
