package suite

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

var updateTrees = flag.Bool("update-trees", false, "write the pictures of TestTrees again")

// made are the parts of a picture that a cluster makes up.
var made = []struct {
	is   *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`([^ │])  .*`), "$1"}, // how the objects are, which changes
	{regexp.MustCompile(`sandbox-\w+/?`), ""},
	{regexp.MustCompile(`\d+\.\d+\.\d+\.\d+`), "ADDRESS"},
	{regexp.MustCompile(`-[0-9a-f]{7,10}-[a-z0-9]{5}$`), "-HASH-ID"},
	{regexp.MustCompile(`((?:replicaset|controllerrevision) [a-z]+)-[0-9a-z]{7,10}$`), "$1-HASH"},
	{regexp.MustCompile(`((?:pod|endpointslice) [a-z]+)-[a-z0-9]{5}$`), "$1-ID"},
	{regexp.MustCompile(`node [-\w]+$`), "node NODE"},
}

// printedTree prints the tree of an object without what a cluster makes up.
func printedTree(t *testing.T, namespace, object string) string {
	t.Helper()
	out, problems, code := run(t, []string{"COLUMNS=200"}, world.fathom, "--once", "-n", namespace, "tree", object)
	if code != 0 {
		t.Fatalf("tree %s: exit %d: %s", object, code, problems)
	}
	var b strings.Builder
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n ")
		for _, m := range made {
			line = m.is.ReplaceAllString(line, m.name)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// patterns are what people deploy, what shows that it is complete, and from where its
// picture is looked at.
var patterns = []struct {
	name, manifest string
	wait           []string // arguments of kubectl wait
	members        []string
}{
	{"deployment", deploymentPattern, []string{"--for=condition=Available", "deployment/web"}, []string{
		"deployment/web", "service/web", "configmap/web", "ingress/web", "serviceaccount/web",
		"hpa/web", "pdb/web", "networkpolicy/web", "role/web", "rolebinding/web",
	}},
	{"statefulset", statefulSetPattern, []string{"--for=jsonpath={.status.readyReplicas}=1", "statefulset/db"}, []string{
		"statefulset/db", "service/db", "pod/db-0", "pvc/data-db-0", "pv/fathom-tree-0", "storageclass/fathom-tree",
	}},
	{"daemonset", daemonSetPattern, []string{"--for=jsonpath={.status.numberReady}=1", "daemonset/agent"}, []string{
		"daemonset/agent", "configmap/agent",
	}},
	{"webhook", webhookPattern, []string{"--for=condition=Available", "deployment/hook"}, []string{
		"validatingwebhookconfiguration/fathom-tree", "service/hook", "deployment/hook",
	}},
}

// TestTrees draws the usual patterns from their members and compares the pictures with
// those in testdata, which were looked at.
func TestTrees(t *testing.T) {
	for _, p := range patterns {
		t.Run(p.name, func(t *testing.T) {
			namespace := sandbox(t)
			kubectlApply(t, namespace, strings.ReplaceAll(p.manifest, "NAMESPACE", namespace))
			t.Cleanup(func() { cleanUpTrees(t, p.name) })
			kubectl(t, append([]string{"wait", "-n", namespace, "--timeout=90s"}, p.wait...)...)
			compareTrees(t, p.name, namespace, p.members)
		})
	}
}

// cleanUpTrees deletes what a pattern has outside its namespace.
func cleanUpTrees(t *testing.T, pattern string) {
	cleanUp(t, "pv,storageclass,validatingwebhookconfiguration,crd", "-l", "fathom.test/tree="+pattern, "--wait=false",
		"--ignore-not-found")
}

func compareTrees(t *testing.T, pattern, namespace string, members []string) {
	t.Helper()
	for _, member := range members {
		file := filepath.Join("testdata", "trees", pattern, strings.ReplaceAll(member, "/", "-")+".txt")
		compareTree(t, file, func() string { return printedTree(t, namespace, member) })
	}
	pictureTree(t, pattern, members[0], "-n", namespace)
}

// treeLook leaves out which node a pod came to, what an autoscaler has measured so far, and
// whether there is a column that may be empty.
var treeLook = look{masks: []mask{
	anyHeader,
	masked(`OBJECT +STATUS.*`, "OBJECT STATUS"),
	masked(`\bnode [-\w]+`, "node NODE"),
	masked(`\d+\.\d+\.\d+\.\d+:[,…\d.:]+`, "ADDRESSES"), // as many as there is room for
	masked(`(horizontalpodautoscaler \w+) .*`, "$1"),
	masked(`(replicaset|controllerrevision) ([a-z]+)-[0-9a-z]{6,10}\b`, "$1 $2-HASH"),
}}

// pictureTree looks at the tree of an object on a screen of each width.
func pictureTree(t *testing.T, pattern string, args ...string) {
	t.Helper()
	atWidths(t, func(t *testing.T, options screen.Options) {
		f := openWith(t, world.cluster.Kubeconfig, options, args...)
		f.WaitFor("● live", limit)
		f.Type("t")
		comparePicture(t, f, "tree-"+pattern, treeLook)
	})
}

// TestTreeOfCustomResources draws a CustomResourceDefinition, its object, and what that
// owns, from each of them.
func TestTreeOfCustomResources(t *testing.T) {
	namespace := sandbox(t)
	t.Cleanup(func() { cleanUpTrees(t, "custom") })
	kubectlApply(t, namespace, customPattern)
	kubectl(t, "wait", "--timeout=90s", "--for=condition=Established", "crd/gardens.tree.fathom.test")
	kubectlApply(t, namespace, customObject)
	uid := kubectl(t, "get", "-n", namespace, "gardens.tree.fathom.test/eden", "-o", "jsonpath={.metadata.uid}")
	owner := "{apiVersion: tree.fathom.test/v1, kind: Garden, name: eden, uid: " + uid + "}"
	kubectlApply(t, namespace, strings.ReplaceAll(customOwned, "OWNER", owner))
	kubectl(t, "wait", "-n", namespace, "--timeout=90s", "--for=condition=Available", "deployment/eden")
	compareTrees(t, "custom", namespace, []string{
		"gardens.tree.fathom.test/eden", "deployment/eden", "configmap/eden", "crd/gardens.tree.fathom.test",
	})
}

// compareTree draws a tree until it is the one that is expected: what controllers make of an
// object comes some time after it.
func compareTree(t *testing.T, file string, draw func() string) {
	t.Helper()
	if *updateTrees {
		got := ""
		for next := draw(); next != got; next = draw() {
			got = next
		}
		writeExpected(t, file, got)
		return
	}
	file = expectedFile(file)
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	err = wait.PollUntilContextTimeout(t.Context(), time.Second, limit, true, func(context.Context) (bool, error) {
		got = draw()
		return got == string(want), nil
	})
	if err != nil {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// TestPictureOfATreeOfADump looks at what a dump has of a workload, and what it says that it
// lacks.
func TestPictureOfATreeOfADump(t *testing.T) {
	path := dumpShapes[0].take(t, nil)
	atWidths(t, func(t *testing.T, options screen.Options) {
		f := openWith(t, "/does/not/exist", options, "open", path, "deployment/web", "-n", "shop")
		f.WaitFor("■ dump", limit)
		f.Type("t")
		comparePicture(t, f, "tree-dump", treeLook)
	})
}

// TestTreeWalk goes from a Deployment to its ConfigMap and to what uses that.
func TestTreeWalk(t *testing.T) {
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 80, Rows: 24}, "deployment/web", "-n", "shop")
	f.WaitFor("● live", limit)
	f.Type("t")
	f.WaitFor("configmap web", limit)
	f.Type("/configmap web\r")
	f.WaitFor("/configmap web", limit)
	f.Type("G")
	f.Type("u")
	f.WaitFor("mounted by, in env of deployment web", limit)
}
