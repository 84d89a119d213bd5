package suite

import (
	"strings"
	"testing"
)

// TestExitCodes compares what the program ends with, against a cluster, with what its help
// says.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	const nowhere = "https://127.0.0.1:1"
	for _, c := range []struct {
		code       int
		args, said string // said is on the standard error
	}{
		{0, "--once pods -n shop", ""},
		{0, "--once top pods -n shop", ""},
		{0, "--once -o json deployments -A", ""},
		{0, "--once pods -n shop -l app=web", ""},
		{2, "--once pods -n shop -l app=web=", "-l app=web=: found '='"},
		{2, "--once podz", "did you mean pods?"},
		{1, "--once pod/nosuch -n shop", "pod shop/nosuch does not exist"},
		{0, "--once -A pod/db-0 -o name", ""},
		{1, "--once -A pod/nosuch", `no namespace has a pod "nosuch"`},
		{1, "--once pods -n nosuch", "namespace nosuch does not exist"},
		{1, "--once pods --context nosuch", `context "nosuch" is not in the kubeconfig`},
		{1, "--once pods --as nobody", "forbidden"},
		{1, "--once pods -s " + nowhere, "connection refused"},
		{1, "--once explain pod.nosuch", `no field "nosuch"`},
		{1, "--once secrets -o yaml -n shop", "do not print Secrets"},
		{2, "--once pods -o xml", "valid outputs"},
		{2, "get pods", "try `fathom pods`"},

		{1, "triage --once -n shop", ""}, // checkout crashes
		{0, "triage --once -n default", ""},
		{2, "triage --once -n nosuch", "namespace nosuch does not exist"},
		{2, "triage --once --as nobody", "forbidden"},
		{2, "triage --once -s " + nowhere, "connection refused"},
		{2, "triage --once --context nosuch", `context "nosuch" is not in the kubeconfig`},
		{2, "triage --once --nosuch", "unknown flag"},

		{0, "report -n shop", ""}, // what fails is in it
		{2, "report -n nosuch", "namespace nosuch does not exist"},
		{2, "report --as nobody", "forbidden"},
		{2, "report -s " + nowhere, "connection refused"},
		{2, "report --context nosuch", `context "nosuch" is not in the kubeconfig`},

		{0, "logs deploy/web -n shop --tail 1", ""},
		{1, "logs deploy/nosuch -n shop", "does not exist"},
		{1, "logs deploy/web -n shop --as nobody", "forbidden"},
		{2, "logs", "give a pod"},
	} {
		t.Run(c.args, func(t *testing.T) {
			_, said, code := run(t, nil, world.fathom, strings.Fields(c.args)...)
			if code != c.code || !strings.Contains(said, c.said) {
				t.Errorf("exit code %d, want %d; said %q, want %q", code, c.code, said, c.said)
			}
		})
	}
}
