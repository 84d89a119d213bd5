package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTopOfADump prints what was used when it was saved, as kubectl top would have.
func TestTopOfADump(t *testing.T) {
	dump := filepath.Join(t.TempDir(), "usage.yaml")
	text := `{apiVersion: metrics.k8s.io/v1beta1, kind: PodMetrics, metadata: {name: web-1, namespace: shop},
  containers: [{name: app, usage: {cpu: 1m, memory: 5Mi}}, {name: proxy, usage: {cpu: 250u, memory: 1Mi}}]}
`
	if err := os.WriteFile(dump, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"top"}, "NAMESPACE NAME CPU(cores) MEMORY(bytes) shop web-1 2m 6Mi"},
		{[]string{"top", "pods", "-n", "shop"}, "NAME CPU(cores) MEMORY(bytes) web-1 2m 6Mi"},
		{[]string{"top", "po", "-n", "shop", "--containers"}, "POD NAME CPU(cores) MEMORY(bytes) web-1 app 1m 5Mi web-1 proxy 1m 1Mi"},
		{[]string{"top", "-o", "name"}, "podmetrics.metrics.k8s.io/web-1"},
	} {
		out, err := runOpen(t, append([]string{dump}, c.args...)...)
		if got := strings.Join(strings.Fields(out), " "); err != nil || got != c.want {
			t.Errorf("%q prints %s, %v; want %s", c.args, got, err, c.want)
		}
	}
}

func TestTopErrors(t *testing.T) {
	for args, want := range map[string]string{
		"top":          "does not serve metrics.k8s.io",
		"top nodes":    "does not serve metrics.k8s.io",
		"top services": "top services: give pods or nodes",
	} {
		_, err := runOpen(t, append([]string{longDump(t)}, strings.Fields(args)...)...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}
