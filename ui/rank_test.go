package ui

import (
	"fmt"
	"strings"
	"testing"
)

func TestRank(t *testing.T) {
	names := []string{
		"podtemplates", "pods|po", "poddisruptionbudgets|pdb", "deployments|deploy", "networkpolicies|netpol",
		"NetworkPolicy", "kube-system", "shop", "prod-eu", "prod-us", "Ünïcode",
	}
	tests := []struct{ query, want string }{
		{"po", "pods podtemplates poddisruptionbudgets NetworkPolicy networkpolicies deployments prod-eu prod-us"},
		{"PO", "pods podtemplates poddisruptionbudgets NetworkPolicy networkpolicies deployments prod-eu prod-us"},
		{"pods", "pods poddisruptionbudgets prod-us podtemplates"},
		{"pdb", "poddisruptionbudgets"},
		{"pol", "NetworkPolicy networkpolicies podtemplates"},
		{"system", "kube-system"},
		{"us", "prod-us kube-system poddisruptionbudgets"},
		{"kbs", "kube-system"},
		{"prod eu", "prod-eu"},
		{"ünï", "Ünïcode"},
		{"zzz", ""},
		{"details", "shop"},
	}
	var choices []Choice
	for _, name := range names {
		all := strings.Split(name, "|")
		c := Choice{Name: all[0], Also: all[1:]}
		if c.Name == "shop" {
			c.Detail = "the Details of it"
		}
		choices = append(choices, c)
	}
	for _, tt := range tests {
		var got []string
		for _, c := range Rank(tt.query, choices) {
			got = append(got, c.Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %q, want %q", tt.query, strings.Join(got, " "), tt.want)
		}
	}
	if got := Rank("  ", choices); len(got) != len(choices) {
		t.Errorf("an empty query keeps %d of %d", len(got), len(choices))
	}
}

func TestFolder(t *testing.T) {
	for _, text := range []string{"", "a", "Error: CONNECTION refused", "eeeeeerror", "ERR", "xxERROR", "erro", "…error…"} {
		for _, term := range []string{"error", "e", "connection refused", "zzz", "r", ":", "rr"} {
			got, want := newFoldSearcher(term).index(text), strings.Index(strings.ToLower(text), term)
			if got != want {
				t.Errorf("%q in %q: got %d, want %d", term, text, got, want)
			}
		}
	}
}

func BenchmarkRank(b *testing.B) {
	var choices []Choice
	for i := range 5000 {
		choices = append(choices, Choice{Name: fmt.Sprintf("checkout-%d-deployment", i), Detail: "pod in shop", Also: []string{"po"}})
	}
	b.ReportAllocs()
	for b.Loop() {
		Rank("chdep42", choices)
	}
}
