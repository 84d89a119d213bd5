package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// completions are what the shell is offered for a command line whose last word is
// being typed.
func completions(t *testing.T, args ...string) []string {
	t.Helper()
	var out bytes.Buffer
	cmd := rootCommand("fathom")
	cmd.SetOut(&out)
	cmd.SetErr(new(bytes.Buffer))
	cmd.SetArgs(append([]string{"__complete"}, args...))
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[:len(lines)-1] // The last is for the shell.
}

func TestCompletion(t *testing.T) {
	newPluginWorld(t)
	dump := dumped(t)
	for _, tt := range []struct {
		name string
		args []string
		want []string // are among what is offered
		not  []string
	}{
		{"words", []string{"t"}, []string{"top", "tree"}, []string{"pods"}},
		{"kinds behind tree", []string{"tree", "po"}, []string{"pods"}, []string{"top"}},
		{"objects behind tree", []string{"tree", "po/w"}, []string{"po/web"}, nil},
		{"names behind tree and a kind", []string{"tree", "pods", ""}, []string{"web"}, nil},
		{"what top takes", []string{"top", ""}, []string{"nodes", "pods"}, []string{"services"}},
		{"nothing more behind top", []string{"top", "pods", ""}, nil, []string{"pods", "web"}},
		{"kinds behind explain", []string{"explain", "po"}, []string{"pods"}, []string{"top"}},
		{"nothing behind api", []string{"api", ""}, nil, []string{"pods"}},
		{"words of something saved", []string{"open", dump, "exp"}, []string{"explain"}, nil},
		{"contexts", []string{"--context", ""}, []string{"a"}, nil},
		{"kinds", []string{"po"}, []string{"pods"}, []string{"services"}},
		{"names behind a kind", []string{"pods", ""}, []string{"web"}, nil},
		{"names behind a slash", []string{"po/w"}, []string{"po/web"}, nil},
		{"names of another namespace", []string{"-n", "other", "pods", ""}, nil, []string{"web"}},
		{"nothing behind a name", []string{"pods", "web", ""}, nil, []string{"web"}},
		{"outputs", []string{"--once", "-o", ""}, []string{"json", "wide"}, nil},
		{"kinds of a dump", []string{"open", dump, "po"}, []string{"pods"}, nil},
		{"names in a dump", []string{"open", dump, "pods", ""}, []string{"db", "web"}, nil},
		{"namespaces of a dump", []string{"open", dump, "-n", ""}, []string{"shop", "staging"}, nil},
		{"what cannot be opened", []string{"open", dump + "x", "pods", ""}, nil, []string{"db"}},
		{"kinds of the demo", []string{"demo", "deploy"}, []string{"deployments"}, nil},
		{"a kind whose name another has", []string{"demo", "pod"}, []string{"pods", "pods.metrics.k8s.io"}, nil},
		{"the demo's namespaces", []string{"demo", "-n", "sh"}, []string{"shop"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := completions(t, tt.args...)
			for _, want := range tt.want {
				if !slices.Contains(got, want) {
					t.Errorf("%q is not offered: %q", want, got)
				}
			}
			if unique := slices.Compact(slices.Sorted(slices.Values(got))); len(unique) != len(got) {
				t.Errorf("something is offered twice: %q", got)
			}
			for _, not := range tt.not {
				if slices.Contains(got, not) {
					t.Errorf("%q is offered: %q", not, got)
				}
			}
		})
	}
}
