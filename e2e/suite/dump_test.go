package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/e2e/screen"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/dump"
)

// dumpTries is how many dumps are taken until each object was seen in the same version
// in a dump and in the cluster: a pod that crashes changes in between.
const dumpTries = 8

// dumpShapes are the ways to save a cluster: what they hold, and how they are
// written, to a path that is returned.
var dumpShapes = []struct {
	name      string
	resources []string
	take      func(t *testing.T, resources []string) string
}{
	{
		"cluster-info dump",
		[]string{"nodes", "events", "services", "daemonsets", "deployments", "replicasets", "pods"},
		func(t *testing.T, _ []string) string {
			path := filepath.Join(t.TempDir(), "cluster-info")
			kubectl(t, "cluster-info", "dump", "-A", "--output-directory="+path)
			return path
		},
	},
	{
		"cluster-info dump to the screen",
		[]string{"nodes", "events", "services", "daemonsets", "deployments", "replicasets", "pods"},
		func(t *testing.T, _ []string) string {
			path := filepath.Join(t.TempDir(), "dump.txt")
			write(t, path, kubectl(t, "cluster-info", "dump", "-A", "-o", "yaml"))
			return path
		},
	},
	{
		"get all",
		[]string{"pods", "services", "daemonsets", "deployments", "replicasets", "statefulsets", "jobs", "cronjobs"},
		func(t *testing.T, _ []string) string {
			path := filepath.Join(t.TempDir(), "all.yaml")
			write(t, path, kubectl(t, "get", "all", "-A", "-o", "yaml"))
			return path
		},
	},
	{
		"must-gather",
		[]string{
			"nodes",
			"namespaces",
			"events",
			"services",
			"daemonsets",
			"deployments",
			"replicasets",
			"pods",
			"statefulsets",
			"jobs",
			"cronjobs",
			"configmaps",
			"secrets",
			"persistentvolumes",
			"persistentvolumeclaims",
			"ingresses.networking.k8s.io",
			"customresourcedefinitions.apiextensions.k8s.io",
		},
		gather,
	},
}

// gather writes a tree as oc adm must-gather does, with the logs of the shop.
func gather(t *testing.T, resources []string) string {
	root := t.TempDir()
	put := func(path string, object any) {
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		write(t, path, "---\n"+string(text))
	}
	for _, resource := range resources {
		list := &unstructured.UnstructuredList{}
		if err := list.UnmarshalJSON([]byte(kubectl(t, "get", resource, "-A", "-o", "json"))); err != nil {
			t.Fatal(err)
		}
		byNamespace := map[string][]any{}
		for _, o := range list.Items {
			group := o.GroupVersionKind().Group
			if group == "" {
				group = "core"
			}
			if o.GetNamespace() == "" {
				put(filepath.Join("cluster-scoped-resources", group, resource, o.GetName()+".yaml"), o.Object)
				continue
			}
			file := filepath.Join("namespaces", o.GetNamespace(), group, resource+".yaml")
			byNamespace[file] = append(byNamespace[file], o.Object)
			if resource == "pods" && o.GetNamespace() == "shop" {
				gatherLogs(t, root, o)
			}
		}
		for file, items := range byNamespace {
			kind := items[0].(map[string]any)["kind"].(string)
			version := items[0].(map[string]any)["apiVersion"]
			for _, item := range items {
				delete(item.(map[string]any), "kind")
				delete(item.(map[string]any), "apiVersion")
			}
			put(file, map[string]any{"apiVersion": version, "kind": kind + "List", "items": items})
		}
	}
	return root
}

func gatherLogs(t *testing.T, root string, pod unstructured.Unstructured) {
	containers, _, _ := unstructured.NestedSlice(pod.Object, "spec", "containers")
	for _, c := range containers {
		name := c.(map[string]any)["name"].(string)
		for _, file := range []string{"current", "previous"} {
			out, _, code := run(
				t,
				nil,
				world.cluster.Kubectl,
				"logs",
				"-n",
				"shop",
				pod.GetName(),
				"-c",
				name,
				"--timestamps",
				fmt.Sprintf("--previous=%v", file == "previous"),
			)
			if code != 0 {
				continue // it has none
			}
			path := filepath.Join(root, "namespaces", "shop", "pods", pod.GetName(), name, name, "logs", file+".log")
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				t.Fatal(err)
			}
			write(t, path, out)
		}
	}
}

// TestDumps opens what real tools save of the real cluster, and compares each
// object and each cell with the cluster's own.
func TestDumps(t *testing.T) {
	for _, shape := range dumpShapes {
		t.Run(shape.name, func(t *testing.T) {
			seen := map[string]*comparison{}
			for _, resource := range shape.resources {
				seen[resource] = &comparison{compared: map[string]bool{}, wrong: map[string]bool{}}
			}
			var missing []string
			changed := map[string]int{}
			for range dumpTries {
				before := eventVersions(t)
				if missing = compareDump(t, shape.take(t, shape.resources), seen); len(missing) == 0 {
					break
				}
				after := eventVersions(t)
				for _, name := range missing {
					if before[name] != after[name] {
						changed[name]++
					}
				}
			}
			// The kubelet updates some events more often than a slow machine can make a
			// dump.
			missing = slices.DeleteFunc(missing, func(name string) bool { return changed[name] == dumpTries })
			if len(missing) > 0 {
				t.Errorf("not compared: %s", strings.Join(missing, "; "))
			}
			total := 0
			for _, c := range seen {
				total += len(c.compared)
				for _, line := range c.problems {
					t.Error(line)
				}
			}
			t.Logf("%d objects compared", total)
			if total < 20 {
				t.Error("the shop has more")
			}
		})
	}
}

// eventVersions are the resource versions of all events, by namespace and name.
func eventVersions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	columns := "custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,VERSION:.metadata.resourceVersion"
	out, problem, code := run(t, nil, world.cluster.Kubectl, "get", "events", "-A", "--no-headers", "-o", columns)
	if code != 0 {
		t.Fatalf("kubectl get events: %s", problem)
	}
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) == 3 {
			all[f[0]+"/"+f[1]] = f[2]
		}
	}
	return all
}

// compareDump opens a dump and compares what it holds in the version that the cluster
// has; it returns what has not been the same so far.
func compareDump(t *testing.T, path string, seen map[string]*comparison) (missing []string) {
	d, err := dump.Open(t.Context(), path, nil, dump.Options{Wall: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if d.Lost() > 0 {
		t.Errorf("not everything was read: %v", d.Problems)
	}
	cluster, err := kube.Open(kube.Options{Backend: &kube.Backend{Name: "dump", Transport: d, Now: d.API.Clock().Now}})
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	if err := cluster.WaitResources(ctx); err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(&rest.Config{Host: "http://dump", Transport: d, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range seen {
		resource := cluster.Resources().Find(name)[0]
		c.cluster, c.listing = cluster, cluster.Listing(kube.Scope{GroupVersionResource: resource.GroupVersionResource})
		watch := c.listing.Watch()
		for c.listing.State().Phase != kube.Live {
			if _, err := watch.Next(ctx); err != nil {
				t.Fatalf("%s: %v: %+v", name, err, c.listing.State())
			}
		}
		table, err := serverTable(ctx, resource)
		if err != nil {
			t.Fatal(err)
		}
		missing = append(missing, c.compare(table)...)
		sameObjects(ctx, t, client, resource)
	}
	return missing
}

// sameObjects compares the objects that are in the same version on both sides.
func sameObjects(ctx context.Context, t *testing.T, client dynamic.Interface, resource kube.Resource) {
	held, err := client.Resource(resource.GroupVersionResource).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	live, err := world.dynamic.Resource(resource.GroupVersionResource).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]unstructured.Unstructured{}
	for _, o := range live.Items {
		there[o.GetNamespace()+"/"+o.GetName()] = o
	}
	for _, o := range held.Items {
		want, ok := there[o.GetNamespace()+"/"+o.GetName()]
		if !ok || want.GetResourceVersion() != o.GetResourceVersion() {
			continue
		}
		// kubectl get does not show who manages which field.
		o.SetManagedFields(nil)
		want.SetManagedFields(nil)
		if diff := cmp.Diff(want.Object, o.Object); diff != "" {
			t.Errorf("%s %s: (-cluster +dump)\n%s", resource.Resource, o.GetName(), diff)
		}
	}
}

// TestOpenDump looks at a dump as a person does.
func TestOpenDump(t *testing.T) {
	path := dumpShapes[0].take(t, nil)
	write(t, filepath.Join(path, "broken.yaml"), "kind: [\n")
	term := openWith(t, "/does/not/exist", screen.Options{Columns: 80, Rows: 24}, "open", path, "pods", "-n", "shop")
	term.WaitFor("db-0", limit)
	shot := term.WaitFor("■ dump 20", limit)
	if text := shot.Text(); strings.Contains(text, "live") || !strings.Contains(text, "■ dump 20") {
		t.Errorf("the first screen:\n%s", text)
	}
	term.Type(":messages")
	term.Keys("enter")
	term.WaitFor("broken.yaml:", limit)
	term.Keys("esc")
	term.WaitFor("db-0", limit)
	term.Type("/db-0")
	term.Keys("enter")
	term.Type("l")
	term.WaitFor("ended", limit)
	term.WaitFor("GET /", limit)
	term.Type("d")
	term.WaitFor("Controlled By", limit)
	term.Keys("ctrl+c")
	term.WaitExit(limit)

	out, problems, code := run(
		t,
		[]string{"KUBECONFIG=/does/not/exist"},
		world.fathom,
		"open",
		path,
		"--once",
		"pods",
		"-A",
	)
	if code != 0 || !strings.Contains(out, "db-0") || !strings.Contains(problems, "not read: 1, the first: broken.yaml:") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
	for _, test := range [][2]string{{"/does/not/exist", "no such file"}, {t.TempDir(), "no files in it"},
		{world.fathom, "no Kubernetes objects in it"}} {
		_, problems, code := run(t, nil, world.fathom, "open", test[0], "--once")
		if code != 1 || !strings.Contains(problems, test[1]) || strings.Count(problems, "\n") != 1 {
			t.Errorf("%s: exit %d: %s", test[0], code, problems)
		}
	}
}
