package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube/effects"
)

func TestEffectRules(t *testing.T) {
	c, err := parseConfig([]byte(`
rules:
  - {context: "prod-*", namespace: kube-system, deny: "platform team only"}
  - context: [prod-*, "*live*"]
    effect: [delete, "*cordon"]
    kind: Node
    type: true
    reason: true
    most: 3
  - deny: yes
    effect: shell
  - {deny: false, type: true}
  - {deny: "a\tb\e[31m", kind: [pods, 7]}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := effectRules{
		{Contexts: []string{"prod-*"}, Namespaces: []string{"kube-system"}, Deny: true, Why: "platform team only"},
		{
			Contexts: []string{"prod-*", "*live*"}, Kinds: []string{"Node"}, Effects: []string{"delete", "*cordon"},
			Type: true, Reason: true, Most: 3,
		},
		{Effects: []string{"shell"}, Deny: true},
		{Type: true},
		{Kinds: []string{"pods", "7"}, Deny: true, Why: c.Rules[4].Why},
	}
	if diff := cmp.Diff(want, c.Rules); diff != "" {
		t.Error(diff)
	}
	if strings.ContainsAny(c.Rules[4].Why, "\t\x1b") {
		t.Errorf("%q is not clean", c.Rules[4].Why)
	}
}

func TestWrongEffectRules(t *testing.T) {
	for text, want := range map[string]string{
		"rules: {context: a}\n": `line 1: rules are a list of lines like "- {context: prod-*`,
		"rules: deny\n":         "line 1: rules are a list",
		"rules: []\n":           "",
		"rules:\n":              "",
		"rules: [deny]\n":       `line 1: "deny" is not a mapping of context, namespace`,
		"rules:\n  - {}\n":      "line 2: the rule changes nothing; give it deny, type, reason or most",
		"rules:\n  - {type: false, effect: delete}\n":  "line 2: the rule changes nothing",
		"rules:\n  - contexts: a\n    deny: true\n":    "line 2: unknown key contexts; valid keys: context, namespace, kind",
		"rules:\n  - effect: delet\n    deny: true\n":  `line 2: unknown effect "delet"; valid effects: annotate,`,
		"rules: [{effect: [scale, fly*], deny: true}]": `line 1: unknown effect "fly*"; valid effects: annotate,`,
		"rules: [{effect: '*', deny: true}]":           "",
		"rules: [{effect: Delete, deny: true}]":        `unknown effect "Delete"`,
		"rules: [{effect: delete-with, deny: true}]":   `unknown effect "delete-with"`,
		"rules: [{effect: drain, deny: true}]":         "",
		"rules: [{namespace: , deny: true}]":           "line 1: namespace is empty; omit it for any",
		"rules: [{namespace: '', deny: true}]":         "line 1: give a text such as prod-*",
		"rules: [{kind: [], deny: true}]":              "line 1: the list is empty",
		"rules: [{kind: [a, ~], deny: true}]":          "line 1: give a text",
		"rules: [{kind: {a: b}, deny: true}]":          "line 1: give a text",
		"rules: [{deny: }]":                            "line 1: deny is empty",
		"rules: [{deny: no}]":                          "line 1: the rule changes nothing",
		"rules: [{deny: 'no'}]":                        "",
		"rules: [{deny: ''}]":                          "line 1: deny: give the reason",
		"rules: [{deny: [a]}]":                         "line 1: deny: give the reason",
		"rules: [{most: 0}]":                           "line 1: most: 0 is not a number of objects from 1 on",
		"rules: [{most: -1}]":                          "line 1: most: -1 is not a number",
		"rules: [{most: many}]":                        "line 1: cannot unmarshal",
		"rules: [{type: perhaps}]":                     "line 1: cannot unmarshal",
		"rules: [{type: true, type: true}]":            "already",
	} {
		_, err := parseConfig([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestRulesReachTheSession opens a context and looks for the rules of the config there.
func TestRulesReachTheSession(t *testing.T) {
	newPluginWorld(t)
	a := newApp()
	a.places = newPlaces(t.TempDir())
	a.effectRules = effects.Rules{{Deny: true}}
	t.Cleanup(a.close)
	s, _, err := a.connect("a")
	if err != nil || len(s.Rules) != 1 {
		t.Errorf("%v, %v", s, err)
	}
}
