package kinds

import (
	"testing"
)

func TestCustomResourceDefinition(t *testing.T) {
	checkSituations(t, CustomResourceDefinition, []situation{
		{"nothing at all", `{}`, want{map[string]string{"NAME": "", "CREATED AT": "0001-01-01T00:00:00Z"}, Quiet, ""}},
		{"established", `{status: {conditions: [{type: NamesAccepted, status: "True"},
  {type: Established, status: "True"}]}}`,
			want{nil, OK, ""}},
		{"a moment old", `{status: {conditions: [{type: NamesAccepted, status: "True"},
  {type: Established, status: "False", reason: Installing, message: names accepted}]}}`,
			want{nil, Waiting, "Established=False: Installing: names accepted"}},
		{"with the names of another", `{status: {conditions: [{type: NamesAccepted, status: "False", reason: PluralConflict,
  message: '"ponds" is already in use'}, {type: Established, status: "False", reason: NotAccepted}]}}`,
			want{nil, Failing, `NamesAccepted=False: PluralConflict: "ponds" is already in use`}},
		{"on its way out", `{metadata: {name: a, deletionTimestamp: "2026-11-23T11:00:00Z"},
  status: {conditions: [{type: Established, status: "True"}, {type: Terminating, status: "True",
    reason: InstanceDeletionPending, message: 3 left}]}}`,
			want{nil, Waiting, "Terminating=True: InstanceDeletionPending: 3 left"}},
		{"a schema of old", `{status: {conditions: [{type: NonStructuralSchema, status: "True", reason: Violations}]}}`,
			want{nil, Degraded, "NonStructuralSchema=True: Violations"}},
		{"fields that are something else", `{spec: 7, status: [a], metadata: {name: a}}`, want{nil, Quiet, ""}},
		{"names that are something else", `{spec: {names: [], versions: [7, {name: {}}], conversion: "no"}}`,
			want{nil, Quiet, ""}},
	})
}

func TestDefinedVersions(t *testing.T) {
	facts := factsOf(CustomResourceDefinition, parse(t, CustomResourceDefinition, `
spec:
  versions:
  - {name: v2, served: true, storage: true, subresources: {status: {}, scale: {}}, additionalPrinterColumns: [{}, {}]}
  - {name: v1, served: true, deprecated: true, deprecationWarning: use v2}
  - {name: v0}
status: {storedVersions: [v0, v2, v1]}`))
	for name, want := range map[string]string{
		"Version v2":     "served, stored, /status, /scale, 2 printer columns",
		"Version v1":     "served, deprecated: use v2",
		"Version v0":     "not served",
		"Also stored as": "v0, v1",
		"Conversion":     "None",
	} {
		if facts[name] != want {
			t.Errorf("%s: got %q, want %q", name, facts[name], want)
		}
	}
}

func TestAPIService(t *testing.T) {
	checkSituations(t, APIService, []situation{
		{"nothing at all", `{}`, want{map[string]string{"SERVICE": "Local", "AVAILABLE": "Unknown"}, Waiting,
			"not known whether it is available"}},
		{"local", `{spec: {service: null}, status: {conditions: [{type: Available, status: "True", reason: Local}]}}`,
			want{map[string]string{"SERVICE": "Local", "AVAILABLE": "True"}, OK, ""}},
		{"not available", `{spec: {service: {namespace: kube-system, name: metrics}},
  status: {conditions: [{type: Available, status: "False", reason: MissingEndpoints, message: no endpoints}]}}`,
			want{map[string]string{"SERVICE": "kube-system/metrics", "AVAILABLE": "False (MissingEndpoints)"}, Failing,
				"MissingEndpoints: no endpoints"}},
		{"not available, without a word", `{status: {conditions: [{type: Available, status: "False"}]}}`,
			want{map[string]string{"AVAILABLE": "False"}, Failing, "not available"}},
		{"not known", `{status: {conditions: [{type: Available, status: Unknown, reason: "a\u001bb"}]}}`,
			want{map[string]string{"AVAILABLE": "Unknown (a␛b)"}, Waiting, "a␛b"}},
		{"fields that are something else", `{spec: {service: 7, caBundle: 7}, status: {conditions: {type: Available}}}`,
			want{map[string]string{"SERVICE": "Local", "AVAILABLE": "Unknown"}, Waiting, "not known whether it is available"}},
	})
}

// The links of what extends the API.
var extensionLinks = []linked{
	{"a definition", CustomResourceDefinition, `
metadata: {name: web}
spec: {group: example.com, names: {kind: Widget}, conversion: {strategy: Webhook,
    webhook: {clientConfig: {service: {namespace: shop, name: convert}}}}}`, []string{
		"defines widget  where", "calls service shop/convert (conversion)",
	}},
	{"a definition of nothing", CustomResourceDefinition, `{metadata: {name: web}, spec: {group: example.com}}`, nil},
	{"an aggregated API", APIService, `
metadata: {name: web}
spec: {service: {namespace: kube-system, name: metrics}}`, []string{"calls service kube-system/metrics"}},
	{"a local API", APIService, `{metadata: {name: web}, spec: {group: apps}}`, nil},
}
