package main

import (
	"strings"
	"testing"
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
