package suite

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestActAs looks as somebody else for a while: it is said, their rights hold, nothing can be changed, and the API
// server has them in its audit log.
func TestActAs(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	visitor(t, namespace)
	who := "system:serviceaccount:" + namespace + ":visitor"
	f := openWith(t, world.cluster.Kubeconfig, brief(t), "deployments", "-n", namespace, "--write")
	f.WaitFor("WRITE", limit)
	f.WaitFor("● live", limit)
	f.Keys(":")
	f.WaitFor("go to", limit)
	f.Type("as " + who)
	f.WaitFor(" as them,", limit)
	f.Keys("enter")
	f.WaitFor("viewing as "+who, limit)
	f.WaitFor("› web", limit)
	f.WaitGone("WRITE", limit)
	f.Keys("m")
	f.WaitFor("you are viewing as "+who, limit)
	f.WaitFor(regexp.MustCompile(`restart +you may not patch deployments`), limit)
	f.Keys("esc")
	f.WaitFor("› web", limit)
	goTo(f, "nodes")
	f.WaitFor("✖ forbidden", limit)
	goTo(f, "write")
	f.WaitGone("WRITE", limit)
	goTo(f, "as off")
	f.WaitFor("viewing as yourself again", limit)
	f.WaitFor("● live", limit)
	if world.cluster.AuditLog == "" {
		return
	}
	log, err := os.ReadFile(world.cluster.AuditLog)
	if err != nil {
		t.Fatal(err)
	}
	acted := []byte(`"impersonatedUser":{"username":"` + who + `"`)
	asked := 0
	for line := range bytes.Lines(log[auditFrom:]) {
		if bytes.Contains(line, acted) && bytes.Contains(line, []byte(`"userAgent":"fathom/`)) {
			asked++
		}
	}
	if asked == 0 {
		t.Errorf("the API server has no request as %s", who)
	}
}

// rules deny, want a reason, and want a name typed.
const rules = `
rules:
- {effect: restart, deny: the release train restarts}
- {effect: label, namespace: fathom-write-*, reason: true}
- {effect: scale, kind: deployments, type: true}
- {effect: annotate, context: another-cluster, deny: not there}
`

// TestRulesOfTheConfig meets each kind of rule.
func TestRulesOfTheConfig(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "rules", brief(t, rules))
	f.Keys("r")
	f.WaitFor("restart: a rule of the config denies it: the release train restarts", limit)

	chooseEffect(f, "label")
	f.WaitFor("labels (key=value key-)", limit)
	f.Type("tier=front")
	f.Keys("enter")
	f.WaitFor("a rule of the config wants a reason", limit)
	yes(f, "reason for the journal:")
	f.Keys("enter")
	f.WaitFor("label: not done, a rule of the config wants a reason", limit)
	f.Keys("enter")
	f.WaitFor("reason for the journal:", limit)
	f.Type("incident 7")
	f.Keys("enter")
	f.WaitFor("done: label deployment", limit)

	f.WaitFor("› web", limit)
	f.Keys("s")
	f.WaitFor("replicas: ", limit)
	f.Keys("ctrl+u")
	f.Type("0")
	f.Keys("enter")
	f.WaitFor("a rule of the config wants the object's name typed", limit)
	yesTyped(f, "web", "done: scale deployment")

	chooseEffect(f, "annotate")
	f.WaitFor("annotation (key=value or key-)", limit)
	f.Type("a=two words")
	f.Keys("enter")
	yes(f, "done: annotate deployment")
	equalEntries(t, journaled(t, state), "label deployments web done", "scale deployments web done",
		"annotate deployments web done")
	goTo(f, "journal")
	f.WaitFor("incident 7", limit)
	onlyWrites(t, namespace, "patch deployments web", "patch deployments/scale web", "patch deployments web")
}

// TestPluginsThatRead runs kubectl as a plugin of a session that only reads: what it reads is shown, and what it would
// delete stays.
func TestPluginsThatRead(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	pendingDeployment(t, namespace, "web", 1)
	plugins := fmt.Sprintf(`
plugins:
  lists: {command: [%[1]s, get, deployments, -n, $NAMESPACE, -o, name], kinds: [deployments], reads: true}
  drops: {command: [%[1]s, delete, deployment, -n, $NAMESPACE, $NAME], kinds: [deployments], reads: true}
  drops-it: {command: [%[1]s, delete, deployment, -n, $NAMESPACE, $NAME], kinds: [deployments]}
`, world.cluster.Kubectl)
	f := openWith(t, world.cluster.Kubeconfig, brief(t, plugins), "deployments", "-n", namespace)
	f.WaitFor("read-only", limit)
	f.WaitFor("› web", limit)
	goTo(f, "lists")
	f.WaitFor("deployment.apps/web", limit)
	f.Keys("esc")
	f.WaitFor("› web", limit)
	goTo(f, "drops")
	f.WaitFor(regexp.MustCompile(`DELETE /apis/\S+/deployments/web was not sent: fathom lets`), limit)
	f.Keys("esc")
	f.WaitFor("› web", limit)
	goTo(f, "drops-it")
	f.WaitFor("plugin drops-it needs write mode", limit)
	web, err := world.client.AppsV1().Deployments(namespace).Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil || web.DeletionTimestamp != nil {
		t.Errorf("the deployment was deleted: %v", err)
	}
}
