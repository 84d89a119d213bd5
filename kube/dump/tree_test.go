package dump

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const twoContainers = `apiVersion: v1
kind: Pod
metadata: {name: web-7d9f-x2, namespace: shop, resourceVersion: "20"}
spec:
  initContainers: [{name: setup}]
  containers: [{name: app}, {name: sidecar}]
`

// kubectlOfSos is what sos makes of `kubectl --kubeconfig=/etc/kubernetes/admin.conf` in the name of a file.
const kubectlOfSos = "kubectl_--kubeconfig_.etc.kubernetes.admin.conf"

// logOf asks for a log as a client does.
func (d *Dump) logOf(t *testing.T, query string) string {
	t.Helper()
	return d.get(t, "/api/v1/namespaces/shop/pods/web-7d9f-x2/log?"+query)
}

// stamped is a log with the kubelet's times; the second line has one of its own.
const stamped = "2026-01-02T03:04:05.123456789Z hello\n" +
	"2026-01-02T03:04:06.100000000Z 2026-01-02T03:04:06.000Z world\n"

// trees are what the tools write, with the logs where each puts them.
var trees = []struct {
	name   string
	files  map[string]string
	query  string
	log    string
	latest string
}{
	{
		"kubectl cluster-info dump",
		map[string]string{
			"shop/pods.json": `{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": ` +
				`{"name": "web-7d9f-x2", "namespace": "shop"}, "spec": {"containers": [{"name": "app"}, ` +
				`{"name": "sidecar"}]}}]}`,
			"shop/web-7d9f-x2/logs.txt": "==== START logs for container app of pod shop/web-7d9f-x2 ====\n" +
				"2026-01-02T03:04:05.123456Z own time\n" +
				"==== END logs for container app of pod shop/web-7d9f-x2 ====\n" +
				"==== START logs for container sidecar of pod shop/web-7d9f-x2 ====\n" +
				"no end==== END logs for container sidecar of pod shop/web-7d9f-x2 ====\n",
		},
		"container=app",
		"2026-01-02T03:04:05.123456Z own time\n",
		"",
	},
	{
		"must-gather",
		map[string]string{
			"quay-io/namespaces/shop/pods/web-7d9f-x2/web-7d9f-x2.yaml": "---\n" + twoContainers,
			"quay-io/namespaces/shop/core/pods.yaml": "---\napiVersion: v1\n" +
				"items:\n- metadata: {name: web-7d9f-x2, namespace: shop, resourceVersion: \"20\"}\n" +
				"  spec: {containers: [{name: app}, {name: sidecar}]}\nkind: PodList\n",
			"quay-io/namespaces/shop/pods/web-7d9f-x2/app/app/logs/current.log": stamped,
			"quay-io/namespaces/shop/pods/web-7d9f-x2/app/app/logs/previous.log": "2026-01-02T03:00:00.123456789Z " +
				"before\n",
			"quay-io/cluster-scoped-resources/core/nodes/n1.yaml": "apiVersion: v1\nkind: " +
				"Node\nmetadata: {name: n1}\n",
			"quay-io/event-filter.html": "<html>",
			"quay-io/cluster-scoped-resources/config.openshift.io/clusteroperators.yaml": "apiVersion: " +
				"config.openshift.io/v1\nitems:\n- metadata: {name: dns}\nkind: ClusterOperatorList\n",
		},
		"container=app",
		"hello\n2026-01-02T03:04:06.000Z world\n",
		"2026-01-02T03:04:06.1Z",
	},
	{
		"logs of a node",
		map[string]string{
			"pods.yaml": twoContainers,
			"var/log/pods/shop_web-7d9f-x2_11111111-2222-3333-4444-555555555555/app/2.log": "2026-01-02T03:04:05.1Z " +
				"stdout P hel\n2026-01-02T03:04:05.2Z stdout F lo\n",
			"var/log/pods/shop_web-7d9f-x2_11111111-2222-3333-4444-555555555555/app/1.log": "2026-01-02T03:04:04.1Z " +
				"stderr F before\n",
			"var/log/messages": "Jan  1 kernel",
		},
		"container=app",
		"hello\n",
		"2026-01-02T03:04:05.2Z",
	},
	{
		"logs by hand",
		map[string]string{
			"all.yaml":                              twoContainers,
			"logs/web-7d9f-x2_app.log":              "plain\n",
			"logs/web-7d9f-x2-sidecar-previous.txt": "old\n",
			"kubelet.log":                           "no pod's\n",
		},
		"container=app",
		"plain\n",
		"",
	},
	{
		"a sosreport",
		map[string]string{
			"host/sos_commands/kubernetes/cluster-info/shop/kubectl_get_-o_json_pods": `{"apiVersion": "v1", ` +
				`"items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-7d9f-x2", "namespace": ` +
				`"shop"}, "spec": {"containers": [{"name": "app"}]}}], "kind": "List"}`,
			"host/sos_commands/kubernetes/pods/kubectl_logs_--namespace_shop_web-7d9f-x2": "line\n",
			"host/sos_commands/kubernetes/kubectl_describe_pods":                          "Name: web\n",
		},
		"container=app",
		"line\n",
		"",
	},
	{
		"a sosreport with kubernetes.all and kubernetes.podlogs",
		map[string]string{
			"host/sos_commands/kubernetes/cluster-info/shop/" + kubectlOfSos +
				"_get_-o_json_--namespace_shop_pods": `{"apiVersion": "v1", ` +
				`"items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-7d9f-x2", ` +
				`"namespace": "shop"}, "spec": {"containers": [{"name": "app", "env": [{"name": ` +
				`"DB_PASSWORD", "value": "********"}]}, {"name": "sidecar"}]}}], "kind": "List"}`,
			"host/sos_commands/kubernetes/cluster-info/shop/podlogs/web-7d9f-x2/" + kubectlOfSos +
				"_--namespace_shop_logs_web-7d9f-x2_-c_app": "kind: of line\n",
			"host/sos_commands/kubernetes/cluster-info/shop/podlogs/web-7d9f-x2/" + kubectlOfSos +
				"_--namespace_shop_logs_web-7d9f-x2_-c_sidecar": "another\n",
			"host/sos_commands/kubernetes/cluster-info/shop/pods/" + kubectlOfSos +
				"_--namespace_shop_describe_pods_web-7d9f-x2": "Name:             web-7d9f-x2\n",
			"host/sos_commands/kubernetes/cluster-info/" + kubectlOfSos +
				"_get_nodes": "NAME   STATUS\n",
			"host/sos_commands/kubernetes/cluster-info/" + kubectlOfSos +
				"_get_-o_json_nodes": `{"apiVersion": "v1", ` +
				`"items": [], "kind": "List", "metadata": {"resourceVersion": ""}}`,
		},
		"container=app",
		"kind: of line\n",
		"",
	},
	{
		"oc adm inspect",
		map[string]string{
			"inspect.local.1/namespaces/shop/shop.yaml": "---\napiVersion: v1\nkind: Namespace\nmetadata:\n" +
				"  name: shop\n",
			"inspect.local.1/namespaces/shop/core/pods.yaml": "---\napiVersion: v1\nitems:\n- apiVersion: v1\n" +
				"  kind: Pod\n  metadata:\n    name: web-7d9f-x2\n" +
				"    namespace: shop\n  spec:\n    containers:\n    - name: app\nkind: PodList\nmetadata:\n" +
				"  resourceVersion: \"100\"\n",
			"inspect.local.1/namespaces/shop/core/configmaps.yaml": "---\napiVersion: v1\nitems: null\n" +
				"kind: ConfigMapList\nmetadata:\n  resourceVersion: \"100\"\n",
			"inspect.local.1/namespaces/shop/apps/deployments.yaml": "---\napiVersion: apps/v1\nitems: []\n" +
				"kind: DeploymentList\nmetadata:\n  resourceVersion: \"100\"\n",
			"inspect.local.1/namespaces/shop/pods/web-7d9f-x2/web-7d9f-x2.yaml": "---\napiVersion: v1\nkind: Pod\n" +
				"metadata:\n  name: web-7d9f-x2\n  namespace: shop\nspec:\n" +
				"  containers:\n  - name: app\n",
			"inspect.local.1/namespaces/shop/pods/web-7d9f-x2/app/app/logs/current.log":           stamped,
			"inspect.local.1/namespaces/shop/pods/web-7d9f-x2/app/app/logs/previous.log":          "",
			"inspect.local.1/namespaces/shop/pods/web-7d9f-x2/app/app/logs/previous.insecure.log": "",
			"inspect.local.1/cluster-scoped-resources/core/persistentvolumes/pv-1.yaml": "---\napiVersion: v1\n" +
				"kind: PersistentVolume\nmetadata:\n  name: pv-1\n",
			"inspect.local.1/timestamp": "2026-01-02 03:00:00 +0000 UTC m=+0.1\n",
		},
		"container=app",
		"hello\n2026-01-02T03:04:06.000Z world\n",
		"2026-01-02T03:04:06.1Z",
	},
}

// TestTrees opens what the tools write, with the logs where each puts them.
func TestTrees(t *testing.T) {
	for _, test := range trees {
		t.Run(test.name, func(t *testing.T) {
			d := open(t, tree(t, test.files))
			if got := d.names(t, "", "v1", "pods"); got != "shop/web-7d9f-x2" || d.Lost() > 0 {
				t.Errorf("pods %q, problems %q", got, d.problemTexts())
			}
			if got := d.logOf(t, test.query); got != test.log {
				t.Errorf("log %q, want %q", got, test.log)
			}
			if test.latest != "" && d.Now.Format(time.RFC3339Nano) != test.latest {
				t.Errorf("now %s", d.Now.Format(time.RFC3339Nano))
			}
		})
	}
}

func TestLogsThatAreMissing(t *testing.T) {
	d := open(t, tree(t, map[string]string{
		"a.yaml":                   twoContainers,
		"logs/web-7d9f-x2_app.log": "x\n",
		"namespaces/shop/pods/gone/app/app/logs/current.log": "y\n",
		"web-7d9f-x2.log":                    "whose?\n",
		"logs/empty/web-7d9f-x2_sidecar.log": "",
	}))
	if got := d.logOf(t, "container=setup"); !strings.Contains(got, "the dump has no log of container setup") {
		t.Error(got)
	}
	previous := "the dump has no previous log of container app"
	if got := d.logOf(t, "container=app&previous=true"); !strings.Contains(got, previous) {
		t.Error(got)
	}
	if got := d.logOf(t, "container=none"); !strings.Contains(got, "is not valid for pod") {
		t.Error(got)
	}
	want := []string{
		"namespaces/shop/pods/gone/app/app/logs/current.log: the log of container app of pod shop/gone, which is " +
			"not in the dump",
		"web-7d9f-x2.log: a log of pod shop/web-7d9f-x2: its path does not say which container's (app, sidecar, setup)",
	}
	if !slices.Equal(d.problemTexts(), want) {
		t.Errorf("%q", d.problemTexts())
	}
}

// TestTwice checks which of two copies is shown, and that the other is reported.
func TestTwice(t *testing.T) {
	at := func(version, image string) string {
		text := strings.Replace(pod("shop", "a"), "image: web", "image: "+image, 1)
		return strings.Replace(text, "resourceVersion: \"10\"", version, 1)
	}
	for name, test := range map[string]struct {
		first, second string
		shown, told   string
	}{
		"the newer first": {at("resourceVersion: \"12\"", "new"), at("resourceVersion: \"9\"", "old"), "new",
			"2.yaml:1: pod shop/a is shown as 1.yaml:1 has it, which is newer"},
		"the newer last": {at("resourceVersion: \"9\"", "old"), at("resourceVersion: \"12\"", "new"), "new",
			"1.yaml:1: pod shop/a is shown as 2.yaml:1 has it, which is newer"},
		"the same version": {at("resourceVersion: \"9\"", "a"), at("resourceVersion: \"9\"", "a"), "a",
			"1 objects are in the dump more than once, in the same version"},
	} {
		d := open(t, tree(t, map[string]string{"1.yaml": test.first, "2.yaml": test.second}))
		pods := d.list(t, "", "v1", "pods")
		if len(pods) != 1 || !slices.Equal(d.problemTexts(), []string{test.told}) || d.Lost() != 0 || d.Objects != 1 {
			t.Fatalf("%s: %d pods, %q", name, len(pods), d.problemTexts())
		}
		containers := pods[0].Object["spec"].(map[string]any)["containers"].([]any)
		if got := containers[0].(map[string]any)["image"]; got != test.shown {
			t.Errorf("%s: %v is shown", name, got)
		}
	}
}

// TestOldAndUnknownKinds browses what no server of today serves, and kinds
// without their definition.
func TestOldAndUnknownKinds(t *testing.T) {
	d := open(t, write(t, "x.yaml", []byte(`
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules: [{http: {paths: [{path: /, backend: {serviceName: web, servicePort: 80}}]}}]
---
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
---
apiVersion: water.test/v1
kind: Proxy
metadata: {name: p, namespace: shop}
---
apiVersion: water.test/v1
kind: Sea
metadata: {name: s}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: nowhere}
---
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec: {containers: [{name: kube-apiserver, image: "registry.k8s.io/kube-apiserver:v1.31.2"}]}
`)))
	for resource, want := range map[[3]string]string{
		{"networking.k8s.io", "v1", "ingresses"}: "shop/web", {"policy", "v1", "poddisruptionbudgets"}: "shop/web",
		{"water.test", "v1", "proxies"}: "shop/p", {"water.test", "v1", "seas"}: "s", {"", "v1",
			"configmaps"}: "default/nowhere",
	} {
		if got := d.names(t, resource[0], resource[1], resource[2]); got != want {
			t.Errorf("%v: %q", resource, got)
		}
	}
	text := d.get(t, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web")
	if !strings.Contains(text, `"service":{"name":"web","port":{"number":80}}`) {
		t.Error(text)
	}
	if got := d.get(t, "/version"); !strings.Contains(got, "v1.31.2") {
		t.Error(got)
	}
	upgraded := []string{"1 × Ingress of extensions/v1beta1, no longer served, shown as networking.k8s.io/v1"}
	if got := d.problemTexts(); !slices.Equal(got, upgraded) {
		t.Errorf("%q", got)
	}
	if got := d.Namespaces; !slices.Equal(got, []string{"default", "kube-system", "shop"}) {
		t.Errorf("namespaces %q", got)
	}
}

// TestHalfIsMissing opens a tree of which every second file is gone.
func TestHalfIsMissing(t *testing.T) {
	files := map[string]string{}
	for i, name := range []string{"a", "b", "c", "d", "e", "f"} {
		if i%2 == 0 {
			files["namespaces/shop/pods/"+name+"/"+name+".yaml"] = pod("shop", name)
		}
		files["namespaces/shop/pods/"+name+"/app/app/logs/current.log"] = "x\n"
	}
	d := open(t, tree(t, files))
	if d.Objects != 3 || d.Logs != 3 || d.Lost() != 3 {
		t.Errorf("%d objects, %d logs, %q", d.Objects, d.Logs, d.problemTexts())
	}
}

func TestNowIsTheNewestTimeThatIsBelieved(t *testing.T) {
	text := strings.Replace(
		pod("shop", "a"),
		"  name: a",
		"  name: a\n  annotations: {lastTransitionTime: \"2026-05-01T00:00:00Z\"}\n"+
			"  managedFields: [{time: \"2026-01-02T04:00:00Z\"}]",
		1,
	)
	text += "status:\n  conditions: [{type: Ready, status: \"True\", lastTransitionTime: " +
		"\"2026-01-02T04:30:00Z\"}]\n---\napiVersion: v1\nkind: Event\nmetadata: {name: e, namespace: shop}\n" +
		"involvedObject: {}\nlastTimestamp: \"2036-01-01T00:00:00Z\"\n"
	path := write(t, "x.yaml", []byte(text))
	wall := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for want, o := range map[string]Options{"2026-01-02T04:30:00Z": {Wall: wall}, "2036-01-01T00:00:00Z": {}} {
		if d := open(t, path, func(to *Options) { *to = o }); d.Now.Format(time.RFC3339) != want {
			t.Errorf("now %s, want %s", d.Now, want)
		}
	}
}

func TestLimitsOfOneObject(t *testing.T) {
	big := strings.Replace(pod("shop", "big"), "image: web", "image: "+strings.Repeat("x", 5000), 1)
	text := yamlList(pod("shop", "a"), big, pod("shop", "b")) + "---\n" + big + "---\n" + pod("shop", "c")
	d := open(t, write(t, "x.yaml", []byte(text)), func(o *Options) { o.Limits.Object = 2000 })
	if got := d.names(t, "", "v1", "pods"); got != "shop/a shop/b shop/c" || d.Lost() == 0 {
		t.Errorf("pods %q, %q", got, d.problemTexts())
	}
	logs := tree(t, map[string]string{"a.yaml": pod("shop", "a"), "logs/a.log": strings.Repeat("0123456789\n", 1000)})
	d = open(t, logs, func(o *Options) { o.Limits.Log = 1000 })
	got := d.get(t, "/api/v1/namespaces/shop/pods/a/log")
	if len(got) > 1000 || len(got) < 900 || !strings.HasPrefix(got, "0123456789\n") || len(d.problemTexts()) != 1 {
		t.Errorf("%d bytes, %q", len(got), d.problemTexts())
	}
}
