package main

import (
	"strings"
	"testing"
	"time"
)

func TestContextRules(t *testing.T) {
	c, err := parseConfig([]byte(`
undo: 2s
contexts:
  "*": {write: ask}
  arn:aws:eks:*:cluster/prod-*: {write: never}
  "*prod*": {production: true}
  dev: {write: always}
  kind-dev: {write: always, production: true}
`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]contextRule{
		"arn:aws:eks:eu-west-1:123:cluster/prod-1": {Write: writeNever, Production: true},
		"arn:aws:eks:eu-west-1:123:cluster/test":   {Write: writeAsk},
		"prod":                                     {Write: writeAsk, Production: true},
		"dev":                                      {Write: writeAsk}, // The strictest line holds.
		"kind-dev":                                 {Write: writeAsk, Production: true},
		"":                                         {Write: writeAsk},
	} {
		if got := c.Contexts.of(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
	only := contextRules{{pattern: "dev", Write: writeAlways}}
	if got := only.of("dev"); got.Write != writeAlways {
		t.Errorf("dev: %v", got)
	}
	if got := only.of("prod"); got != (contextRule{}) {
		t.Errorf("prod, of which nothing is said: %v", got)
	}
	if c.Undo.duration() != 2*time.Second || (config{}).Undo.duration() != undoWait {
		t.Errorf("undo %v, %v", c.Undo.duration(), (config{}).Undo.duration())
	}
	for text, want := range map[string]string{
		"contexts: [prod]\n":                 "line 1: contexts are lines like",
		"contexts:\n  prod: never\n":         `line 2: "never" is not a mapping`,
		"contexts:\n  prod: {wrte: ask}\n":   "line 2: unknown key wrte; valid keys: write, production",
		"contexts:\n  prod: {write: no}\n":   `line 2: write: "no" is neither never, nor ask, nor always`,
		"contexts: {p: {production: yes}}":   "",
		"undo: soon\n":                       `line 1: undo: "soon" is not a time from 0s to 1m`,
		"undo: 5m\n":                         `"5m" is not a time from 0s to 1m`,
		"contexts: {p: {production: x}}\n":   "cannot unmarshal",
		"theme: dusk\ncontexts: {}\n":        "",
		"anonymous: true\nundo: 0s\n":        "",
		"contexts:\n  a: {write: [never]}\n": "cannot unmarshal",
	} {
		_, err := parseConfig([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
