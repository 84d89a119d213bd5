package main

import (
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	began := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	ref := func(kind, name string) Ref { return Ref{Kind: kind, Namespace: "shop", Name: name} }
	row := func(severity, kind, name, reason string, folded ...Ref) Finding {
		return Finding{Severity: severity, Object: ref(kind, name), Reason: reason, Since: &began, Folded: folded}
	}
	root := func(severity, kind, name, reason string, folds ...Ref) wantedRoot {
		return wantedRoot{Root{Reason: reason, Severity: severity}, []Ref{ref(kind, name)}, folds, nil}
	}
	web := root("", "Deployment", "web", `exit 3`, ref("Service", "web"))
	good := row("failing", "deployment", "web", "app: exit 3", ref("Service", "web"), ref("ReplicaSet", "web-1"))
	later := began.Add(9 * time.Second)
	late := good
	late.Since = &later
	tests := []struct {
		name     string
		roots    []wantedRoot
		findings []Finding
		problem  string
		onset    time.Duration
	}{
		{"nothing was found", []wantedRoot{web}, nil, "no row on top for deployment shop/web", 0},
		{"the right row", []wantedRoot{web}, []Finding{good}, "", 0},
		{"an onset that is late", []wantedRoot{web}, []Finding{late}, "", 7 * time.Second},
		{"a notice does not count", []wantedRoot{web}, []Finding{row("notice", "PDB", "x", ""), good}, "", 0},
		{"a notice where one is right", []wantedRoot{root("notice", "Deployment", "web", "paused")},
			[]Finding{row("notice", "Deployment", "web", "paused")}, "", 0},
		{"a symptom is on top", []wantedRoot{web}, []Finding{row("failing", "Service", "web", "no endpoints"), good},
			"service shop/web is on top", 0},
		{"a symptom has its own row", []wantedRoot{web}, []Finding{good, row("failing", "Ingress", "web", "no endpoints")},
			"not folded: ingress shop/web", 0},
		{"other words", []wantedRoot{web}, []Finding{row("failing", "Deployment", "web", "CrashLoopBackOff",
			ref("Service", "web"))},
			"does not match", 0},
		{"a symptom is not folded", []wantedRoot{web}, []Finding{row("failing", "Deployment", "web", "exit 3")},
			"folds not: service shop/web", 0},
		{"a stranger is folded", []wantedRoot{web}, []Finding{row("failing", "Deployment", "web", "exit 3",
			ref("Service", "web"),
			ref("Service", "db"))}, "folds also: service shop/db", 0},
		{"too bad", []wantedRoot{root("degraded", "Deployment", "web", "exit 3")},
			[]Finding{row("failing", "Deployment", "web", "exit 3")}, "failing, not degraded", 0},
		{"two roots in any order", []wantedRoot{root("", "Job", "report", "2"), web},
			[]Finding{good, row("failing", "Job", "report", "exit 2")}, "", 0},
		{"one of two roots is missing", []wantedRoot{root("", "Job", "report", "2"), web}, []Finding{good},
			"no row on top for job shop/report", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := want{roots: test.roots, injected: began, shown: began.Add(2 * time.Second)}
			got := judge(w, test.findings)
			if problems := strings.Join(got.Problems, "; "); test.problem == "" && problems != "" ||
				!strings.Contains(problems, test.problem) {
				t.Errorf("problems %q, want %q", problems, test.problem)
			}
			if got.Onset != test.onset {
				t.Errorf("onset is off by %s, want %s", got.Onset, test.onset)
			}
		})
	}
}

func TestChangesAreNamed(t *testing.T) {
	web := Ref{Kind: "Deployment", Namespace: "shop", Name: "web"}
	with := []Finding{{Changes: []Change{{Object: Ref{Kind: "deployment", Namespace: "shop", Name: "web"}}}}}
	tests := []struct {
		name    string
		changed []Ref
		top     []Finding
		want    string
	}{
		{"nothing was changed", nil, with, ""},
		{"the change is there", []Ref{web}, with, "named"},
		{"no change is named", []Ref{web}, []Finding{{}}, "missing"},
		{"another object's change", []Ref{{Kind: "Secret", Namespace: "shop", Name: "db"}}, with, "missing"},
	}
	for _, test := range tests {
		if got := named(test.changed, test.top); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestScenarios holds what a scenario needs, before a cluster is asked.
func TestScenarios(t *testing.T) {
	names := map[string]bool{}
	for _, scenario := range scenarios() {
		if name := slug(scenario.Name); names[name] {
			t.Errorf("two scenarios are named %s", name)
		} else {
			names[name] = true
		}
		s := &scene{world: &world{node: "node", host: "127.0.0.1"}, namespace: "ns"}
		if scenario.Inject == nil || scenario.Sign.look == nil || len(scenario.Roots) == 0 {
			t.Errorf("%s: it needs a fault, a sign and a root", scenario.Name)
		}
		if _, err := read(s.expand(scenario.Base)); err != nil {
			t.Errorf("%s: %v", scenario.Name, err)
		}
		for _, root := range scenario.Roots {
			is := s.refs(root.Is)
			if len(is) == 0 {
				t.Errorf("%s: a root without an object", scenario.Name)
			}
			if len(is) > 1 && scenario.Why == "" {
				t.Errorf("%s: two objects may be on top, and nothing says why", scenario.Name)
			}
			compiled(root.Reason)
		}
	}
	for _, situation := range situations(time.Second) {
		if _, err := read((&scene{world: &world{}, namespace: "ns"}).expand(situation.Base)); err != nil {
			t.Errorf("%s: %v", situation.Name, err)
		}
	}
}
