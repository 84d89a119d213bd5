package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNamespaceOfAnotherContext holds that -n is for the context that the program begins with,
// and that another one opens at its own.
func TestNamespaceOfAnotherContext(t *testing.T) {
	const config = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: a, user: {token: t}}]
contexts:
- {name: a, context: {cluster: a, user: a, namespace: shop}}
- {name: b, context: {cluster: a, user: a, namespace: money}}
- {name: c, context: {cluster: a, user: a}}
`
	for _, tt := range []struct{ context, namespace, name, want string }{
		{"", "payments", "", "payments"},
		{"", "payments", "b", "money"},
		{"", "payments", "c", "default"},
		{"b", "payments", "b", "payments"},
		{"b", "payments", "a", "shop"},
		{"", "", "b", "money"},
		{"", "", "", "shop"},
	} {
		t.Setenv("HOME", t.TempDir())
		file := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("KUBECONFIG", file)
		a := newApp()
		a.places = newPlaces(t.TempDir())
		*a.flags.kube.Context, *a.flags.kube.Namespace = tt.context, tt.namespace
		s, _, err := a.connect(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if asked := tt.want == "payments"; s.Namespace != tt.want || s.Cluster.Namespace() != tt.want || s.Asked != asked {
			t.Errorf("%+v: it opens in %q, the context's is %q, asked for: %v", tt, s.Namespace, s.Cluster.Namespace(), s.Asked)
		}
		a.close()
	}
}
