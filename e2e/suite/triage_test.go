package suite

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd/api"
)

// verdict is what scripts read of `fathom triage -o json`.
type verdict struct {
	Cluster, At string
	Complete    bool
	Coverage    []struct{ Kind, Missing string }
	Findings    []finding
}

type finding struct {
	Severity, Reason string
	Object           struct{ Kind, Namespace, Name string }
	Folded           []struct{ Kind, Name string }
}

// judged runs fathom without a terminal and reads its JSON. What is wrong outside of the test's
// namespace is left out.
func judged(t *testing.T, kubeconfig, namespace string, args ...string) (v verdict, code int) {
	t.Helper()
	out, problems, code := run(t, []string{"KUBECONFIG=" + kubeconfig}, world.fathom, args...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v: exit %d: %s %s", args, code, out, problems)
	}
	v.Findings = slices.DeleteFunc(v.Findings, func(f finding) bool {
		return f.Object.Namespace != namespace && f.Severity != "failing"
	})
	return v, code
}

// TestTriageInScripts asks as scripts do: of a namespace that is well, of one that is not, as somebody
// who may see one namespace, of a server that is not there, and of a dump.
func TestTriageInScripts(t *testing.T) {
	admin, namespace := world.cluster.Kubeconfig, sandbox(t)
	v, code := judged(t, admin, namespace, "triage", "--wait", "-o", "json", "-n", namespace)
	if code != 0 || !v.Complete || len(v.Findings) > 0 {
		t.Errorf("of an empty namespace: exit %d, %+v", code, v)
	}
	kubeconfig := visitor(t, namespace)
	kubectl(t, "wait", "-n", namespace, "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}="+
		"CreateContainerConfigError", "--timeout=60s", "pod", "-l", "app=web")
	for who, kubeconfig := range map[string]string{"the admin": admin, "a visitor": kubeconfig} {
		v, code := judged(t, kubeconfig, namespace, "triage", "-o", "json", "-n", namespace)
		if code != 1 || !v.Complete || len(v.Findings) != 1 || v.Findings[0].Object.Name != "web" ||
			!strings.Contains(v.Findings[0].Reason, `secret "gone" not found`) || len(v.Findings[0].Folded) != 1 {
			t.Errorf("as %s: exit %d, %+v", who, code, v)
		}
		forbidden := slices.ContainsFunc(v.Coverage, func(c struct{ Kind, Missing string }) bool {
			return c.Kind == "nodes" && c.Missing == "forbidden"
		})
		if forbidden != (who == "a visitor") {
			t.Errorf("as %s the nodes are forbidden: %v", who, forbidden)
		}
	}
	text, _, code := run(t, []string{"KUBECONFIG=" + kubeconfig}, world.fathom, "triage")
	if code != 1 || !strings.Contains(text, "failing   deployment "+namespace+"/web  0/1 ready") ||
		!regexp.MustCompile(`not judged: .*\bnodes\b.* \(forbidden\)`).MatchString(text) {
		t.Errorf("exit %d, and the text\n%s", code, text)
	}

	nowhere := kubeconfigOf(t, admin)
	nowhere.Clusters[nowhere.Contexts[nowhere.CurrentContext].Cluster] = &api.Cluster{Server: "https://127.0.0.1:1"}
	_, said, code := run(t, []string{"KUBECONFIG=" + writtenKubeconfig(t, nowhere)}, world.fathom, "triage", "--wait")
	if code != 2 || !strings.Contains(said, "127.0.0.1:1") {
		t.Errorf("of a server that is not there: exit %d, %s", code, said)
	}

	dump := filepath.Join(t.TempDir(), "dump.yaml")
	write(t, dump, kubectl(t, "get", "deployments,replicasets,pods,secrets,configmaps", "-n", namespace, "-o", "yaml"))
	of, code := judged(t, "/does/not/exist", namespace, "open", dump, "--once", "triage", "-o", "json")
	if code != 1 || len(of.Findings) == 0 || of.At == "" {
		t.Errorf("of a dump: exit %d, %+v", code, of)
	}
	text, _, _ = run(t, nil, world.fathom, "open", dump, "--once", "triage")
	if !regexp.MustCompile(`(?m)^as of \d{4}-\d\d-\d\dT`).MatchString(text) {
		t.Errorf("of a dump it does not say as of when:\n%s", text)
	}
}
