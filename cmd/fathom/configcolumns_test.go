package main

import (
	"strings"
	"testing"
)

func TestColumnsOfTheConfig(t *testing.T) {
	for _, tt := range []struct{ name, columns, problem string }{
		{"names in another order", "pods: [NAME, AGE, STATUS]", ""},
		{"in lower case", "pods: [name, -ip]", ""},
		{"one is hidden", "po: [-IP, {name: NODE, hidden: true}]", ""},
		{"only these", "pods: [NAME, STATUS, '-*']", ""},
		{"from a path", "deployments.apps: [{name: STRATEGY, path: .spec.strategy.type, width: 12}]", ""},
		{"from a path in braces", "deploy: [{name: S, path: '{.spec.strategy.type}', right: true, wide: yes}]", ""},
		{"with a filter", `pods: [{name: R, path: '.status.conditions[?(@.type=="Ready")].status'}]`, ""},
		{"from a label", "pods: [{name: TEAM, label: example.com/team}]", ""},
		{"from an annotation", "pods: [{name: OWNER, annotation: example.com/owner}]", ""},
		{"in a namespace", "pods -n shop-*: [-IP]\n  pods: [-NODE]\n  pods @prod-*: [-AGE]\n  pods -n a @b: [-AGE]", ""},
		{"of a kind that may be there", "widgets.example.com: [SIZE, {name: X, path: .spec.x}]", ""},
		{"of a kind with a name of another group", "pods.metrics.k8s.io: [WHATEVER]", ""},
		{"of what is measured", "pods: [NAME, CPU, MEM, -CPU/L]", ""},
		{"the namespace", "pods: [NAME, NAMESPACE]", ""},

		{"a list", "[pods]", `line 1: columns are lines like`},
		{"nothing", "pods: []", `line 2: columns of "pods": give a list`},
		{"a name alone", "pods: NAME", `line 2: columns of "pods": give a list`},
		{"a column that there is not", "pods:\n    - NAME\n    - NMAE", "line 4: columns of \"pods\": pods has no column"},
		{"a misspelt key", "pods:\n    - {nmae: X, path: .a}", `unknown key "nmae"; did you mean name?`},
		{"a key like no other", "pods: [{name: X, jq: .a}]", "valid keys: name, path, label, annotation, width,"},
		{"a path that is not one", "pods:\n    - NAME\n    - {name: X, path: '.a['}", `line 4: columns of "pods": path`},
		{"a path that takes long", "pods: [{name: X, path: ..a..b}]", "too long"},
		{"twice the same", "pods:\n    - NAME\n    - name", "line 4: columns of \"pods\": column NAME is there twice"},
		{"shown and hidden", "pods: [IP, -IP]", "column IP is there twice"},
		{"twice one's own", "pods: [{name: X, path: .a}, {name: x, label: a}]", "column X is there twice"},
		{"the name of another column", "pods: [{name: IP, label: a}]", "pods has a column IP already"},
		{"no name", "pods: [{path: .a}]", `column "": a name is missing`},
		{"a name that a filter cannot have", "pods: [{name: a=b, path: .a}]", "a name is letters"},
		{"a name that a terminal obeys", `pods: [{name: "a\u001b[31m", path: .a}]`, "a name is letters"},
		{"two sources", "pods: [{name: X, path: .a, label: a}]", "give one of path, label, annotation"},
		{"a label that is not one", "pods: [{name: X, label: 'a b'}]", `label "a b"`},
		{"no width", "pods: [{name: X, label: a, width: 0}]", `width "0": give a number`},
		{"a width in words", "pods: [{name: X, label: a, width: narrow}]", `width "narrow"`},
		{"neither true nor false", "pods: [{name: X, label: a, wide: often}]", `wide "often": give true or false`},
		{"a list for a name", "pods: [{name: [X]}]", `key "name": give one value`},
		{"a list for a column", "pods: [[NAME]]", "a column is a name"},
		{"a key twice", "pods: [{name: X, name: Y}]", `key "name" is there twice`},
		{"the same kind twice", "pods: [NAME]\n  Pods: [NAME]", `line 3: columns of "Pods" are there twice`},
		{"no kind", "'@prod': [NAME]", "a kind is missing"},
		{"two kinds", "pods svc: [NAME]", `"svc" means nothing here; write KIND,`},
		{"a pattern that is not one", "'pods -n [a': [NAME]", `no namespace can be called "[a"`},
		{"no namespace", "pods -n: [NAME]", `"-n" means nothing here`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := "columns:\n  " + tt.columns + "\n"
			if strings.HasPrefix(tt.columns, "[") {
				text = "columns: " + tt.columns + "\n"
			}
			_, err := parseConfig([]byte(text))
			switch {
			case tt.problem == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
				t.Errorf("got %v, want %q", err, tt.problem)
			}
		})
	}
}
