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
		found, _ := Rank(tt.query, choices, itself)
		for _, c := range found {
			got = append(got, c.Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %q, want %q", tt.query, strings.Join(got, " "), tt.want)
		}
	}
	if got, strong := Rank("  ", choices, itself); len(got) != len(choices) || strong != len(choices) {
		t.Errorf("an empty query keeps %d of %d, %d of them strong", len(got), len(choices), strong)
	}
}

// TestRankByInitials prefers the initials of a kind to letters anywhere in it.
func TestRankByInitials(t *testing.T) {
	choices := []Names{
		{Name: "mutatingadmissionpolicies", Also: []string{"MutatingAdmissionPolicy"}, Detail: "of prod"},
		{Name: "clusterrolebindings", Also: []string{"ClusterRoleBinding"}},
		{Name: "networkpolicies", Also: []string{"NetworkPolicy"}},
		{Name: "destinationrules", Also: []string{"DestinationRule"}},
		{Name: "sidecars", Also: []string{"Sidecar"}},
	}
	tests := []struct {
		query, want string
		strong      int
	}{
		{"np", "networkpolicies", 2},
		{"crb", "clusterrolebindings", 1},
		{"dr", "destinationrules", 1},
		{"map", "mutatingadmissionpolicies", 1},
		{"nwp", "networkpolicies", 0},            // scattered
		{"prod", "mutatingadmissionpolicies", 0}, // in the detail
		{"cluster zzz", "", 0},
	}
	for _, tt := range tests {
		found, strong := Rank(tt.query, choices, itself)
		if strong != tt.strong {
			t.Errorf("%q: %d are strong, want %d: %v", tt.query, strong, tt.strong, found)
		}
		first := ""
		if len(found) > 0 {
			first = found[0].Name
		}
		if first != tt.want {
			t.Errorf("%q: got %v, want %q first", tt.query, found, tt.want)
		}
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
