package kinds

import (
	"testing"
)

func TestRole(t *testing.T) {
	checkSituations(t, Role, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CREATED AT": "0001-01-01T00:00:00Z"}, Quiet, ""}},
		{"made in another zone", `{metadata: {name: a, creationTimestamp: "2026-11-23T12:00:00+02:00"}}`,
			want{map[string]string{"CREATED AT": "2026-11-23T10:00:00Z"}, Quiet, ""}},
		{"terminating", `{metadata: {name: a, deletionTimestamp: "2026-11-23T11:00:00Z"}}`,
			want{map[string]string{"NAME": "a"}, Waiting, "Terminating"}},
	})
	checkSituations(t, ClusterRole, []situation{
		{"nothing at all", `{}`, want{map[string]string{"NAME": ""}, Quiet, ""}},
		{"that aggregates by no server's selector", `{aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a,
  operator: Like}]}]}}`, want{nil, Quiet, ""}},
	})
}

// What a rule allows is said in words.
func TestRules(t *testing.T) {
	for _, c := range []struct{ name, rule, want string }{
		{"nothing", `{}`, ""},
		{"in the core group", `{apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}`,
			"get, list pods, pods/log"},
		{"in another", `{apiGroups: [apps], resources: [deployments], verbs: [get]}`, "get deployments of apps"},
		{"in several", `{apiGroups: ["", events.k8s.io], resources: [events], verbs: ["*"]}`,
			"any verb on events of core, events.k8s.io"},
		{"in none", `{resources: [pods], verbs: [get]}`, "get pods of "},
		{"by name", `{apiGroups: [""], resources: [secrets], resourceNames: [a, b], verbs: [get]}`,
			"get secrets named a, b"},
		{"everything", `{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}`, "any verb on any resource of any group"},
		{"everything of core", `{apiGroups: [""], resources: ["*"], verbs: [get]}`, "get any resource of core"},
		{"a path", `{nonResourceURLs: [/metrics, /healthz/*], verbs: [get]}`, "get /metrics, /healthz/*"},
		{"that moves the cursor", `{apiGroups: [""], resources: ["a\u001b[2J"], verbs: [get]}`, "get a␛[2J"},
	} {
		t.Run(c.name, func(t *testing.T) {
			role := parse(t, Role, `{rules: [`+c.rule+`]}`)
			checkDetails(t, Role.Details(role))
			if got := factsOf(Role, role)["Rule"]; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBindings(t *testing.T) {
	nobody := map[string]string{"ROLE": "/", "USERS": "", "GROUPS": "", "SERVICEACCOUNTS": ""}
	checkSituations(t, RoleBinding, []situation{
		{"nothing at all", `{}`, want{nobody, Quiet, ""}},
		{"to everybody", `
metadata: {namespace: shop}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: User, name: ada}, {kind: User, name: bob}, {kind: Group, name: ops}, {kind: Robot, name: r},
  {kind: ServiceAccount, name: web, namespace: shop}, {kind: ServiceAccount, name: lost}]`,
			want{map[string]string{"ROLE": "ClusterRole/view", "USERS": "ada, bob", "GROUPS": "ops",
				"SERVICEACCOUNTS": "shop/web, /lost"}, Quiet, ""}},
	})
	checkSituations(t, ClusterRoleBinding, []situation{
		{"nothing at all", `{}`, want{nobody, Quiet, ""}},
		{"to a group", `{roleRef: {kind: ClusterRole, name: admin}, subjects: [{kind: Group, name: "system:masters"}]}`,
			want{map[string]string{"ROLE": "ClusterRole/admin", "GROUPS": "system:masters"}, Quiet, ""}},
		{"to an account without a namespace", `
roleRef: {kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: ci, namespace: ops}, {kind: ServiceAccount, name: lost}]`,
			want{map[string]string{"SERVICEACCOUNTS": "ops/ci, /lost"}, Degraded,
				"service account lost has no namespace: it is not bound"}},
	})
	lost := parse(t, ClusterRoleBinding, `{subjects: [{kind: ServiceAccount, name: lost}]}`)
	if got := factsOf(ClusterRoleBinding, lost)["Service account"]; got != "lost has no namespace: it is not bound" {
		t.Errorf("got %q", got)
	}
	near := parse(t, RoleBinding, `{metadata: {namespace: shop}, subjects: [{kind: ServiceAccount, name: web}]}`)
	if got := factsOf(RoleBinding, near)["Service account"]; got != "shop/web" {
		t.Errorf("got %q", got)
	}
}

func TestCertificateSigningRequest(t *testing.T) {
	checkSituations(t, CertificateSigningRequest, []situation{
		{"nothing at all", `{}`, want{map[string]string{"SIGNERNAME": "<none>", "REQUESTOR": "",
			"REQUESTEDDURATION": "<none>", "CONDITION": "Pending"}, Waiting, "waits for approval"}},
		{"for a day", `{spec: {expirationSeconds: 86400, username: ada, signerName: example.com/s}}`,
			want{map[string]string{"SIGNERNAME": "example.com/s", "REQUESTOR": "ada", "REQUESTEDDURATION": "24h"},
				Waiting, "waits for approval"}},
		{"approved", `{status: {conditions: [{type: Approved, status: "True"}]}}`,
			want{map[string]string{"CONDITION": "Approved"}, Waiting, "approved, not issued yet"}},
		{"issued", `{status: {conditions: [{type: Approved}], certificate: AAAA}}`,
			want{map[string]string{"CONDITION": "Approved,Issued"}, Quiet, ""}},
		{"issued without a word", `{status: {certificate: AAAA}}`,
			want{map[string]string{"CONDITION": "Pending,Issued"}, Waiting, "waits for approval"}},
		{"denied, whatever else", `{status: {conditions: [{type: Approved}, {type: Denied, reason: Unknown,
  message: never}]}}`,
			want{map[string]string{"CONDITION": "Denied"}, Degraded, "Denied: Unknown: never"}},
		{"failed", `{status: {conditions: [{type: Approved}, {type: Failed, message: "key\u001btype"}]}}`,
			want{map[string]string{"CONDITION": "Approved,Failed"}, Failing, "Failed: key␛type"}},
		{"a request that is none", `{spec: {request: LS0tLS1CRUdJTg==}}`, want{nil, Waiting, "waits for approval"}},
	})
	facts := factsOf(CertificateSigningRequest, sample(t, CertificateSigningRequest))
	if facts["Subject"] != "CN=system:node:worker-1,O=system:nodes" || facts["DNS names"] != "worker-1" ||
		facts["IP address"] != "10.0.0.7" {
		t.Errorf("got %v", facts)
	}
}

func TestFlowSchema(t *testing.T) {
	checkSituations(t, FlowSchema, []situation{
		{"nothing at all", `{}`, want{map[string]string{"PRIORITYLEVEL": "", "MATCHINGPRECEDENCE": "1000",
			"DISTINGUISHERMETHOD": "<none>", "MISSINGPL": "?"}, Quiet, ""}},
		{"found", `{spec: {matchingPrecedence: 7, distinguisherMethod: {type: ByUser}},
  status: {conditions: [{type: Other, status: "True"}, {type: Dangling, status: "False"}]}}`,
			want{map[string]string{"MATCHINGPRECEDENCE": "7", "DISTINGUISHERMETHOD": "ByUser", "MISSINGPL": "False"},
				Quiet, ""}},
		{"dangling", `{spec: {priorityLevelConfiguration: {name: gone}},
  status: {conditions: [{type: Dangling, status: "True", reason: NotFound, message: no such level}]}}`,
			want{map[string]string{"PRIORITYLEVEL": "gone", "MISSINGPL": "True"}, Degraded, "NotFound: no such level"}},
		{"dangling without a word", `{status: {conditions: [{type: Dangling, status: "True"}]}}`,
			want{nil, Degraded, "its priority level is missing"}},
		{"subjects and rules that say nothing", `{spec: {rules: [{subjects: [{kind: User}, {}], resourceRules: [{}],
  nonResourceRules: [{}]}]}}`, want{nil, Quiet, ""}},
	})
	checkSituations(t, PriorityLevelConfiguration, []situation{
		{"nothing at all", `{}`, want{map[string]string{"TYPE": "", "NOMINALCONCURRENCYSHARES": "<none>",
			"QUEUES": "<none>", "HANDSIZE": "<none>", "QUEUELENGTHLIMIT": "<none>"}, Quiet, ""}},
		{"exempt", `{spec: {type: Exempt, exempt: {nominalConcurrencyShares: 5}}}`,
			want{map[string]string{"TYPE": "Exempt", "NOMINALCONCURRENCYSHARES": "<none>"}, Quiet, ""}},
		{"no shares at all", `{spec: {type: Limited, limited: {nominalConcurrencyShares: 0, limitResponse: {type: Reject}}}}`,
			want{map[string]string{"NOMINALCONCURRENCYSHARES": "0", "QUEUES": "<none>"}, Quiet, ""}},
	})
}

// The links of what grants rights and of what divides the API server.
var accessLinks = []linked{
	{"a binding of a role", RoleBinding, `
metadata: {namespace: shop, name: web}
roleRef: {kind: Role, name: reader}
subjects: [{kind: User, name: ada}, {kind: ServiceAccount, name: web, namespace: shop},
  {kind: ServiceAccount, name: robot, namespace: ci}, {kind: ServiceAccount, name: robot, namespace: ci}]`, []string{
		"grants role shop/reader", "binds serviceaccount shop/web", "binds serviceaccount ci/robot",
	}},
	{"a binding of a cluster role", RoleBinding, `
metadata: {namespace: shop, name: web}
roleRef: {kind: ClusterRole, name: view}`, []string{"grants clusterrole view"}},
	{"a binding of what is not a role", RoleBinding, `{metadata: {namespace: shop}, roleRef: {kind: Pod, name: p}}`, nil},
	{"a binding of an account beside it", RoleBinding, `
metadata: {namespace: shop, name: web}
roleRef: {kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web}]`, []string{"grants role shop/reader", "binds serviceaccount shop/web"}},
	{"a binding of an account without a namespace", ClusterRoleBinding, `
metadata: {name: web}
roleRef: {kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: web}]`, []string{"grants clusterrole admin"}},
	{"a binding in the whole cluster", ClusterRoleBinding, `
metadata: {name: web}
roleRef: {kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]`, []string{
		"grants clusterrole admin", "binds serviceaccount shop/web",
	}},
	{"a cluster role that aggregates", ClusterRole, `
metadata: {name: web}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: web}}, {matchExpressions: [{key: a, operator: Exists}]},
    {matchExpressions: [{key: a, operator: Like}]}]}`, []string{
		"grants clusterrole  where to=web", "grants clusterrole  where a",
	}},
	{"a flow schema", FlowSchema, `{metadata: {name: web}, spec: {priorityLevelConfiguration: {name: workload-low}}}`,
		[]string{"uses prioritylevelconfiguration workload-low"}},
}
