package suite

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// idleWeb is a Deployment whose pods never start.
const idleWeb = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {nowhere: "true"}
      containers:
      - {name: app, image: "fathom.test/workload:1"}
`

// handled makes a namespace in which fathom may change objects, with a Deployment whose pods never
// start, and opens its table in write mode. state is where the journal goes.
func handled(t *testing.T, name string, options screen.Options) (f *screen.Terminal, namespace, state string) {
	t.Helper()
	namespace = sandboxNamed(t, world.client, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: writeNamespace + "-" + name},
	})
	kubectlApply(t, namespace, idleWeb)
	state = t.TempDir()
	options.Env = append(options.Env, "XDG_STATE_HOME="+state)
	f = openWith(t, world.cluster.Kubeconfig, options, "deployments", "-n", namespace, "--write")
	f.WaitFor(regexp.MustCompile(`WRITE`), limit)
	f.WaitFor("web", limit)
	f.WaitFor("● live", limit)
	return f, namespace, state
}

// accept says yes on a review and waits until it is done.
func accept(f *screen.Terminal, what string) {
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor("esc stops it", limit)
	f.WaitFor(regexp.MustCompile(`done: .*`+regexp.QuoteMeta(what)), limit)
}

// yes says yes on a review and waits for what is said of it. The time in which it can be stopped may be too short to
// be seen.
func yes(f *screen.Terminal, says string) {
	f.WaitFor("[ No ]    Yes", limit)
	f.Keys("y")
	f.WaitFor("[ Yes ]", limit)
	f.Keys("enter")
	f.WaitFor(says, limit)
}

// yesTyped is yes where a word has to be typed.
func yesTyped(f *screen.Terminal, word, says string) {
	yes(f, "and press enter:")
	f.Type(word)
	f.Keys("enter")
	f.WaitFor(says, limit)
}

// equalEntries compares entries of a journal with those that it should have.
func equalEntries(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the journal has %q, want %q", got, want)
	}
}

// configured writes a config, and returns the folder for $XDG_CONFIG_HOME.
func configured(t *testing.T, text string, more ...string) string {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "fathom", "config.yaml"), text+strings.Join(more, ""))
	return folder
}

// brief is a terminal, with a config by which a change can be stopped for a second only.
func brief(t *testing.T, config ...string) screen.Options {
	t.Helper()
	env := []string{"XDG_CONFIG_HOME=" + configured(t, "undo: 1s\n", config...)}
	return screen.Options{Columns: 120, Rows: 40, Env: env}
}

// replicas reads how many replicas a Deployment is to have.
func replicas(t *testing.T, namespace string) int32 {
	t.Helper()
	d, err := world.client.AppsV1().Deployments(namespace).Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return *d.Spec.Replicas
}

// journaled reads the entries of a journal: effect, object and outcome of each, the last line of an
// entry.
func journaled(t *testing.T, state string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(state, "fathom", "journal", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for _, path := range files {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v: %v", path, info.Mode(), err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			var e struct {
				ID, Effect, Outcome, User string
				Object                    struct{ Resource, Name string }
			}
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.User == "" {
				t.Fatalf("%s: %v", lines.Text(), err)
			}
			words := strings.TrimSpace(e.Effect + " " + e.Object.Resource + " " + e.Object.Name + " " + e.Outcome)
			if i, known := at[e.ID]; known {
				out[i] = words
				continue
			}
			at[e.ID] = len(out)
			out = append(out, words)
		}
		_ = file.Close()
	}
	return out
}

// TestScaleAndTakeBack scales a Deployment, finds it in the journal and takes it back.
func TestScaleAndTakeBack(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "scale", screen.Options{Columns: 80, Rows: 24})
	f.Keys("s")
	f.WaitFor("replicas: 1", limit)
	f.Type("3")
	f.Keys("enter")
	f.WaitFor("scale deployment "+namespace+"/web to 3 replicas in", limit)
	f.WaitFor(regexp.MustCompile(`- +replicas: 1`), limit)
	f.WaitFor(regexp.MustCompile(`\+ +replicas: 3`), limit)
	f.WaitFor("kubectl scale deployment/web --replicas=3", limit)
	if n := replicas(t, namespace); n != 1 {
		t.Fatalf("%d replicas before anybody said yes", n)
	}
	accept(f, "to 3 replicas")
	if n := replicas(t, namespace); n != 3 {
		t.Errorf("%d replicas", n)
	}
	goTo(f, "journal")
	f.WaitFor(regexp.MustCompile(`done +scale deployment `), limit)
	f.WaitFor("spec.replicas 1 → 3", limit)
	f.Keys("enter")
	f.WaitFor("take back: scale deployment", limit)
	accept(f, "take back: scale")
	if n := replicas(t, namespace); n != 1 {
		t.Errorf("%d replicas after it was taken back", n)
	}
	want := []string{"scale deployments web done", "scale deployments web done"}
	if got := journaled(t, state); strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("the journal has %q, want %q", got, want)
	}
	onlyWrites(t, namespace, "patch deployments/scale web", "patch deployments/scale web")
}

// chooseEffect opens the menu and walks to an effect.
func chooseEffect(f *screen.Terminal, name string) {
	f.Keys("m")
	f.WaitFor("nothing happens before you have seen", limit)
	f.WaitFor(regexp.MustCompile(`(?m)^[› ] delete +it, and`), limit)
	for range 30 {
		row := strings.TrimSpace(f.WaitFor("› ", limit).RowOf("› "))
		if strings.HasPrefix(row, "› "+name+" ") {
			break
		}
		f.Keys("j")
		f.WaitGone(row, limit)
	}
	f.WaitFor("› "+name+" ", limit)
	f.Keys("enter")
}

// TestEffectsOfTheMenu walks through effects that the menu offers for a Deployment.
func TestEffectsOfTheMenu(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "menu", screen.Options{Columns: 120, Rows: 40})
	choose := func(name string) {
		t.Helper()
		chooseEffect(f, name)
	}
	choose("restart")
	f.WaitFor("kubectl.kubernetes.io/restartedAt", limit)
	accept(f, "restart deployment")

	choose("image")
	f.WaitFor("app=fathom.test/workload:1", limit)
	f.Keys("ctrl+u")
	f.Type("app=fathom.test/workload:2")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`\+ +.*image: fathom.test/workload:2`), limit)
	accept(f, "set the image")

	choose("rollback")
	f.WaitFor("rollback deployment "+namespace+"/web to", limit)
	f.WaitFor(regexp.MustCompile(`› 2 +fathom.test/workload:1`), limit)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`\+ +.*image: fathom.test/workload:1`), limit)
	accept(f, "roll back deployment")

	choose("label")
	f.WaitFor("labels (key=value key-)", limit)
	f.Type("tier=front app-")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`\+ +tier: front`), limit)
	accept(f, "label deployment")

	choose("pause")
	f.WaitFor(regexp.MustCompile(`\+ +paused: true`), limit)
	accept(f, "pause deployment")
	choose("resume")
	f.WaitFor(regexp.MustCompile(`- +paused: true`), limit)
	accept(f, "resume deployment")
	choose("annotate")
	f.WaitFor("annotation (key=value or key-)", limit)
	f.Type("example.com/note=seen")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`\+ +example.com/note: seen`), limit)
	accept(f, "annotate deployment")

	d, err := world.client.AppsV1().Deployments(namespace).Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	template := d.Spec.Template
	if d.Labels["tier"] != "front" || d.Labels["app"] != "" || d.Spec.Paused ||
		d.Annotations["example.com/note"] != "seen" || template.Spec.Containers[0].Image != "fathom.test/workload:1" ||
		template.Annotations["kubectl.kubernetes.io/restartedAt"] == "" {
		t.Errorf("the deployment is %v %v %v %v", d.Labels, d.Spec.Paused, template.Annotations, template.Spec.Containers)
	}
	managed := false
	for _, m := range d.ManagedFields {
		managed = managed || strings.HasPrefix(m.Manager, "fathom:")
	}
	if !managed {
		t.Errorf("no manager is named fathom: %v", d.ManagedFields)
	}
}

// TestEffectsThatAreRefused learns why from the menu, from the API server's dry run, and from what
// somebody else did meanwhile.
func TestEffectsThatAreRefused(t *testing.T) {
	t.Parallel()
	f, namespace, state := handled(t, "refused", screen.Options{Columns: 120, Rows: 40})
	scaleTo := func(n string) {
		t.Helper()
		f.Keys("s")
		f.WaitFor("replicas: ", limit)
		f.Type(n)
		f.Keys("enter")
	}
	yes := func() {
		t.Helper()
		f.WaitFor("[ No ]    Yes", limit)
		f.Keys("y")
		f.WaitFor("[ Yes ]", limit)
	}
	// Nonsense is refused at once.
	scaleTo("many")
	f.WaitFor(`"many" is not a number of replicas`, limit)
	f.Keys("esc")
	f.WaitGone("nothing happens before", limit)

	// What somebody else changed after it was shown is not overwritten.
	scaleTo("4")
	yes()
	if _, err := world.client.AppsV1().Deployments(namespace).Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"spec":{"replicas":2}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	f.Keys("enter")
	f.WaitFor("it has changed since you looked: spec.replicas 1 → 2", limit)
	if n := replicas(t, namespace); n != 2 {
		t.Errorf("%d replicas, somebody else's 2 were overwritten", n)
	}

	// A change of something else is none of its business.
	scaleTo("4")
	yes()
	if _, err := world.client.AppsV1().Deployments(namespace).Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"metadata":{"annotations":{"a":"b"}}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`done: .*to 4 replicas`), limit)

	// Another object of the same name is not what was looked at.
	scaleTo("5")
	yes()
	kubectl(t, "delete", "deployment", "web", "-n", namespace)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`failed: .*not found`), limit)
	want := "scale deployments web failed, scale deployments web done, scale deployments web failed"
	if got := strings.Join(journaled(t, state), ", "); got != want {
		t.Errorf("the journal has %q, want %q", got, want)
	}
}

// TestHandsOfTheHomeScreen scales what is broken, and asks before it deletes a workload what goes with
// it.
func TestHandsOfTheHomeScreen(t *testing.T) {
	t.Parallel()
	f, namespace, _ := handled(t, "home", screen.Options{Columns: 80, Rows: 24})
	kubectlApply(t, namespace, `
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: web}, ports: [{port: 80}]}
`)
	f.Keys("D")
	f.WaitFor("takes along: 1 pod", limit)
	f.WaitFor("takes along: the endpoints of service front", limit)
	f.Keys("esc")
	f.WaitGone("[ No ]", limit)
	goTo(f, "triage")
	filter(f, namespace)
	f.WaitFor(regexp.MustCompile(`› .*deploy\S* `+namespace+`/web`), limit)
	f.Keys("s")
	f.WaitFor("replicas: 1", limit)
	f.Type("0")
	f.Keys("enter")
	f.WaitFor("to 0 replicas", limit)
	accept(f, "to 0 replicas")
	f.WaitFor("triage", limit)
	if n := replicas(t, namespace); n != 0 {
		t.Errorf("%d replicas", n)
	}
}

// TestMenuSaysWhatIsForbidden opens the menu as somebody who may only read.
func TestMenuSaysWhatIsForbidden(t *testing.T) {
	t.Parallel()
	namespace := sandbox(t)
	kubeconfig := visitor(t, namespace)
	f := openWith(t, kubeconfig, screen.Options{Columns: 80, Rows: 24}, "deployments", "--write")
	f.WaitFor("web", limit)
	f.Keys("m")
	f.WaitFor(regexp.MustCompile(`scale +you may not patch deployments/scale`), limit)
	f.WaitFor(regexp.MustCompile(`restart +you may not patch deployments`), limit)
	f.Keys("enter")
	f.WaitFor("restart: you may not patch deployments", limit)

	kubectlApply(t, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: `+namespace+`}
rules:
- {apiGroups: ["", certificates.k8s.io], resources: [nodes, certificatesigningrequests], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: `+namespace+`}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: `+namespace+`}
subjects: [{kind: ServiceAccount, name: visitor, namespace: `+namespace+`}]
`)
	t.Cleanup(func() { cleanUp(t, "clusterrole/"+namespace, "clusterrolebinding/"+namespace) })
	f = openWith(t, kubeconfig, brief(t), "pods", "--write")
	f.WaitFor("● live", limit)
	for _, r := range every(namespace) {
		r.prepare(t, namespace)
		r.find(f)
		f.Keys("m")
		f.WaitFor(regexp.MustCompile(`(?m)^[› ] `+r.effect+` +you may not (create|delete|patch) `), limit)
		f.Keys("esc")
		f.WaitFor("› "+r.object, limit)
	}
}

// TestWriteMode switches to write mode and back; the config may forbid it, and want the name of the
// context to be typed.
func TestWriteMode(t *testing.T) {
	t.Parallel()
	context := world.cluster.Context
	config := func(text string) screen.Options {
		return screen.Options{Columns: 80, Rows: 24, Env: []string{"XDG_CONFIG_HOME=" + configured(t, text)}}
	}
	f := openWith(t, world.cluster.Kubeconfig, config("contexts: {'*': {production: true}}\n"), "namespaces")
	f.WaitFor("read-only", limit)
	goTo(f, "write")
	f.WaitFor("PRODUCTION", limit)
	f.WaitFor(regexp.MustCompile(`context\s+[│\s]*`+context+`,[│\s]+cluster[│\s]+`+world.config.Host), limit)
	f.Keys("enter")
	f.Type("yes")
	f.Keys("enter")
	f.WaitFor("PRODUCTION", limit)
	f.Keys("backspace", "backspace", "backspace")
	f.Type(context)
	f.Keys("enter")
	f.WaitFor("write mode in "+context, limit)
	f.WaitFor("WRITE", limit)
	goTo(f, "write off")
	f.WaitFor("read-only", limit)

	for config, args := range map[*screen.Options][]string{
		new(config("contexts: {'*': {production: true}}\n")):                {"namespaces", "--write"},
		new(config("contexts: {'*': {production: true, write: always}}\n")): {"namespaces"},
	} {
		f = openWith(t, world.cluster.Kubeconfig, *config, args...)
		f.WaitFor("PRODUCTION", limit)
		f.WaitFor("read-only", limit)
		f.Type(context)
		f.Keys("enter")
		f.WaitFor("write mode in "+context, limit)
	}

	f = openWith(t, world.cluster.Kubeconfig, config("contexts: {'*': {write: never}, '"+context+"': {write: always}}\n"),
		"namespaces")
	f.WaitFor("read-only", limit)
	goTo(f, "write")
	f.WaitFor("is never changed: the config says so", limit)
	_, problems, code := run(t, config("contexts: {'*': {write: never}}\n").Env, world.fathom, "--once", "pods", "--write")
	if code == 0 || !strings.Contains(problems, "is never changed: the config says so; omit --write") {
		t.Errorf("with --write: exit %d: %s", code, problems)
	}
}

// TestEdit edits a Deployment in an editor that is a script: what is not YAML comes back with the
// reason, and what the API server refuses can be edited again.
func TestEdit(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "editor")
	write(t, script, `#!/bin/sh
if grep -q "not YAML" "$1"; then sed -i 's/replicas: \[/replicas: 6/' "$1"; else sed -i 's/replicas: 1/replicas: [/' "$1"; fi
`)
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	f, namespace, state := handled(t, "edit", screen.Options{Columns: 80, Rows: 24, Env: []string{"EDITOR=" + script}})
	f.Keys("e")
	f.WaitFor("edit deployment "+namespace+"/web in", limit)
	f.WaitFor(regexp.MustCompile(`\+ +replicas: 6`), limit)
	accept(f, "edit deployment")
	if n := replicas(t, namespace); n != 6 {
		t.Errorf("%d replicas", n)
	}
	if got := strings.Join(journaled(t, state), ", "); got != "edit deployments web done" {
		t.Errorf("the journal has %q", got)
	}
}
