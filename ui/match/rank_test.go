package match

import (
	"fmt"
	"strings"
	"testing"
)

func itself(n *Names) Names { return *n }

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
	var choices []Names
	for _, name := range names {
		all := strings.Split(name, "|")
		c := Names{Name: all[0], Also: all[1:]}
		if c.Name == "shop" {
			c.Detail = "the Details of it"
		}
		choices = append(choices, c)
	}
	for _, tt := range tests {
		var got []string
		for _, c := range Rank(tt.query, choices, itself) {
			got = append(got, c.Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %q, want %q", tt.query, strings.Join(got, " "), tt.want)
		}
	}
	if got := Rank("  ", choices, itself); len(got) != len(choices) {
		t.Errorf("an empty query keeps %d of %d", len(got), len(choices))
	}
}

func BenchmarkRank(b *testing.B) {
	var choices []Names
	for i := range 5000 {
		name := fmt.Sprintf("checkout-%d-deployment", i)
		choices = append(choices, Names{Name: name, Detail: "pod in shop", Also: []string{"po"}})
	}
	b.ReportAllocs()
	for b.Loop() {
		Rank("chdep42", choices, itself)
	}
}
