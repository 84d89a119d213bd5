package main

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// TestWords gives what follows a word in ways that are right and wrong.
func TestWords(t *testing.T) {
	for args, want := range map[string]string{
		"api":                   "deployments deploy apps/v1 true Deployment",
		"api -o wide":           "NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES",
		"api -o json":           "error: -o json prints objects, and api shows none; omit it",
		"explain deploy -oname": "error: -o name prints objects, and explain shows none; omit it",
		"api pods":              "error: open: give api alone, not 3 arguments; see --help",
		"atlas":                 "error: atlas is a live page; omit --once",
		"containers":            "error: all.yaml: containers are not in this dump, which has deployments, events, secrets",
		"atlas now":             "error: open: give atlas alone, not 3 arguments; see --help",
		"explain":               "error: open: give explain, then a kind or a field: deployment.spec.replicas; see --help",
		"explain deploy.spec":   "error: all.yaml: fields of apps/v1: what was saved has no OpenAPI documents",
		"explain depoly.spec":   `error: all.yaml has no kind "depoly"; did you mean deploy?`,
		"top pods web x":        "error: open: give top, then pods or nodes, not 5 arguments; see --help",
	} {
		out, err := runOpen(t, append([]string{longDump(t)}, strings.Fields(args)...)...)
		got := strings.Join(strings.Fields(out), " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
}

// TestPrintsWhatKubectlPrints runs command lines that hands know from kubectl, and misspelt ones.
func TestPrintsWhatKubectlPrints(t *testing.T) {
	server := kubetest.New(t, time.Now())
	server.Apply(t, `{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}}`)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", served(t, server.ServeHTTP))
	for args, c := range map[string]struct {
		want []string
		code int
	}{
		"--once svc,cm -n shop":         {[]string{"CLUSTER-IP", "front", "DATA", "settings"}, 0},
		"--once -o name svc,cm -n shop": {[]string{"service/front", "configmap/settings"}, 0},
		"--once -o json svc,cm -n shop": {nil, 2},
		"--once svc,cmm -n shop":        {nil, 2},
		"--once svc, -n shop":           {nil, 2},
		"--once svc,cm front -n shop":   {nil, 2},
		"--once svc,cm -n nix":          {nil, 1},
		"--once podz":                   {nil, 2},
		"--once pods -n nix":            {nil, 1},
		"changes":                       {nil, 2},
		"used-by":                       {nil, 2},
		"used-by svc/front":             {nil, 2},
		"events svc/front":              {nil, 2},
		"--once events nix -n shop":     {nil, 1}, // It is a kind as well.
	} {
		text, code := ran(t, strings.Fields(args))
		if code != c.code || c.want == nil && text != "" {
			t.Errorf("%s: exit code %d, want %d; it prints %q", args, code, c.code, text)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %q", args, want, text)
			}
		}
	}
}
