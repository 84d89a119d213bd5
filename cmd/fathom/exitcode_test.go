package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// TestExitCodes runs the program as scripts do, without a cluster.
func TestExitCodes(t *testing.T) {
	dump, missing := longDump(t), filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		name string
		code int
		args []string
	}{
		{"a table", 0, []string{"open", dump, "--once", "deploy"}},
		{"an object", 0, []string{"open", dump, "--once", "deploy/web"}},
		{"names of Secrets", 0, []string{"open", dump, "--once", "-o", "name", "secrets"}},
		{"the version", 0, []string{"--version"}},
		{"help", 0, []string{"--help"}},
		{"help of a command", 0, []string{"open", "--help"}},

		{"no such file", 1, []string{"open", missing, "--once"}},
		{"a kind that was not saved", 1, []string{"open", dump, "--once", "nodes"}},
		{"no such kind", 2, []string{"open", dump, "--once", "podz"}},
		{"no such object", 1, []string{"open", dump, "--once", "deploy/gone"}},
		{"no such namespace", 1, []string{"open", dump, "--once", "deploy", "-n", "nosuch"}},
		{"triage of no such namespace", 2, []string{"open", dump, "--once", "triage", "-n", "nosuch"}},
		{"report of no such namespace", 2, []string{"open", dump, "--once", "report", "-n", "nosuch"}},
		{"triage without a kubeconfig", 2, []string{"triage"}},
		{"triage of no such kubeconfig", 2, []string{"triage", "-o", "json", "--kubeconfig", missing}},
		{"triage of no such context", 2, []string{"triage", "-s", "http://127.0.0.1:1", "--context", "nosuch"}},
		{"triage of no such file", 2, []string{"open", missing, "--once", "triage"}},
		{"triage of no such flag", 2, []string{"triage", "--nosuch"}},
		{"triage with an argument", 2, []string{"triage", "pods"}},
		{"report without a kubeconfig", 2, []string{"report"}},
		{"report of no such kubeconfig", 2, []string{"report", "--kubeconfig", missing}},
		{"values of Secrets", 1, []string{"open", dump, "--once", "-o", "yaml", "secrets"}},
		{"no kubeconfig", 1, []string{"--once", "pods"}},
		{"a kubeconfig that is not there", 1, []string{"--once", "pods", "--kubeconfig", missing}},
		{"no terminal", 1, []string{"open", dump}},
		{"no such theme", 1, []string{"open", dump, "--once", "deploy", "--theme", "nosuch"}},
		{"a recording of nothing", 1, []string{"record", "-o", filepath.Join(missing, "x.tape"), "--for", "1s"}},
		{"logs without a kubeconfig", 1, []string{"logs", "web"}},

		{"no such flag", 2, []string{"--contxt", "x"}},
		{"no such value of a flag", 2, []string{"--write=maybe"}},
		{"no such output", 2, []string{"open", dump, "--once", "-o", "xml", "deploy"}},
		{"an output without --once", 2, []string{"open", dump, "-o", "yaml", "deploy"}},
		{"a verb of kubectl", 2, []string{"get", "pods"}},
		{"too many arguments", 2, []string{"a", "b", "c", "d"}},
		{"too few arguments", 2, []string{"open"}},
		{"a tree of nothing", 2, []string{"tree"}},
		{"arguments for none", 2, []string{"version", "x"}},
		{"logs of nothing", 2, []string{"logs"}},
		{"logs of two things", 2, []string{"logs", "web", "-l", "app=web"}},
		{"logs of no such level", 2, []string{"logs", "web", "--level", "loud"}},
		{"logs by no expression", 2, []string{"logs", "web", "--grep", "("}},
		{"logs in no such form", 2, []string{"logs", "web", "-o", "xml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			t.Setenv("KUBECONFIG", missing)
			cmd := rootCommand("fathom")
			var out bytes.Buffer
			cmd.SetOut(&out)
			cmd.SetErr(&out)
			cmd.SetArgs(c.args)
			err := cmd.ExecuteContext(t.Context())
			if got := codeOf(err); got != c.code {
				t.Errorf("fathom %s: exit code %d, want %d: %v\n%s", strings.Join(c.args, " "), got, c.code, err, &out)
			}
			if err != nil && strings.Contains("fathom: "+err.Error(), "fathom: fathom") {
				t.Errorf("said twice who it is: %v", err)
			}
		})
	}
}
