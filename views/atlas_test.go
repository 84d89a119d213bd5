package views

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
	"github.com/fathom-k8s/fathom/ui"
)

// goodChecks is what a healthy API server says of itself.
const goodChecks = "[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]etcd-readiness ok\n[+]informer-sync ok\nreadyz check passed\n"

const someMetrics = `# HELP apiserver_admission_controller_admission_duration_seconds [STABLE] Admission
apiserver_admission_controller_admission_duration_seconds_count{name="LimitRanger",operation="CREATE"} 3
apiserver_admission_controller_admission_duration_seconds_count{name="ServiceAccount",operation="CREATE"} 3
apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 1.288490188e+09
`

// answersChecks makes a server say of itself what a real one does.
func answersChecks(s *kubetest.Server, checks string) {
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/livez", "/readyz":
			if strings.Contains(checks, "[-]") {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = w.Write([]byte(checks))
		case "/metrics":
			_, _ = w.Write([]byte(someMetrics))
		default:
			return false
		}
		return true
	})
}

// unsettled are texts that a page does not hold once everything is known.
var unsettled = []string{"loading", "asking", "not counted yet", "counting"}

// openAtlas opens the atlas of a server and waits until its page holds some texts.
func openAtlas(t *testing.T, s *Session, texts ...string) *person {
	t.Helper()
	p := look(t, newAtlas(s))
	p.wait(fmt.Sprintf("the page holds %q", texts), func() bool {
		page := strings.Join(strings.Fields(p.draw(twoColumns-1, 400)), " ")
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(page, text) }) &&
			!slices.ContainsFunc(unsettled, func(text string) bool { return strings.Contains(page, text) })
	})
	// How fast the machine of a test answers is its own.
	if c := p.view.(*atlas).feeds.checked; c != nil {
		c.Took = 12 * time.Millisecond
	}
	return p
}

// servedCounts are how many groups, versions and resources the server of a test has.
var servedCounts = regexp.MustCompile(`\d+( groups)|(groups · )\d+|(versions · )\d+`)

// withoutServed masks what changes with every kind that the server of a test learns.
func withoutServed(screen string) string {
	for range 2 {
		screen = servedCounts.ReplaceAllString(screen, "$2${3}NN$1")
	}
	return screen
}

// settled are texts that a page shows once everything is known.
var settled = []string{
	"1.2 GiB", "all renew their leases", "requested (", "all established", "configmaps 1", "shop/compute",
	"SelfSubjectReview", "somebody behind", "rolebindings 0 · clusterrolebindings 0", "ingresses 0", "networkpolicies 0",
	"persistentvolumes 0",
}

func TestAtlasScreens(t *testing.T) {
	leaseGVK := schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"}
	tests := []struct {
		name   string
		set    func(*testing.T, *kubetest.Server, *Session)
		checks string
		until  []string
	}{
		{"healthy", nil, goodChecks, settled},
		{"broken", func(t *testing.T, server *kubetest.Server, _ *Session) {
			server.Patch(t, leaseGVK, "kube-system", "kube-scheduler", `{"spec":{"renewTime":"2026-05-01T11:52:00.000000Z"}}`)
			server.Patch(t, schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, "kube-system", "coredns",
				`{"status":{"readyReplicas":0,"availableReplicas":0,"unavailableReplicas":2}}`)
			server.Patch(t, schema.GroupVersionKind{Group: "discovery.k8s.io", Version: "v1", Kind: "EndpointSlice"},
				"shop", "guard-x", `{"endpoints":[]}`)
			server.Patch(t, schema.GroupVersionKind{Version: "v1", Kind: "Node"}, "", "worker-1",
				`{"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown","message":"Kubelet stopped posting node status.","lastTransitionTime":"2026-05-01T11:56:00Z"}]}}`)
		}, strings.Replace(goodChecks, "[+]etcd ok", "[-]etcd failed: reason withheld", 1),
			[]string{"not renewed for 8m", "NotReady", "nobody ready behind", "etcd failed", "coredns 0/2", "shop/compute"}},
		{"few rights", func(_ *testing.T, server *kubetest.Server, _ *Session) {
			for _, resource := range []string{
				"nodes", "leases", "namespaces", "apiservices", "customresourcedefinitions", "storageclasses", "csidrivers",
				"validatingwebhookconfigurations", "mutatingwebhookconfigurations", "secrets", "clusterroles",
				"clusterrolebindings", "persistentvolumes", "resourcequotas", "endpointslices", "serviceaccounts",
				"validatingadmissionpolicies", "daemonsets",
			} {
				server.Refuse(resource)
			}
		}, goodChecks, []string{"may not list nodes", "may not list leases", "configmaps 1", "SelfSubjectReview", "1.2 GiB",
			"each other · 2 · all well", "together · 3 · all well", "a disk · 0 ", "the clock · 0 ", "20 parts hidden",
			"instances hidden · on cp-1", "1 member · on cp-1", "secrets hidden by",
			"· roles 0", "rolebindings 0", "clusterroles, clusterrolebindings hidden", "services 1", "ingresses 0",
			"networkpolicies 0", "mutatingadmissionpolicies 0", "validatingadmissionpolicies hidden", "2 plugins"}},
		{"dump", func(_ *testing.T, _ *kubetest.Server, s *Session) { s.Saved = "dump 2026-05-01 12:00" }, goodChecks,
			[]string{"a dump answers no checks", "all renew their leases", "requested (", "all established", "configmaps 1",
				"shop/compute", "knows no user"}},
	}
	for _, tt := range tests {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				server := newCluster(t, "atlas.yaml")
				answersChecks(server, tt.checks)
				s := newSession(t, server, "")
				if tt.set != nil {
					tt.set(t, server, s)
				}
				p := openAtlas(t, s, append(tt.until, "v1.36.3")...)
				screen := p.draw(size[0], size[1])
				if size[0] == 80 {
					// The whole page, as one would scroll through it.
					screen = p.draw(80, 130)
				}
				golden.RequireEqual(t, withoutServed(screen))
			})
		}
	}
}

// TestAtlasOfATape draws what a recording holds of a cluster, and says what it does not.
func TestAtlasOfATape(t *testing.T) {
	live := newCluster(t, "atlas.yaml")
	live.Log(memapi.Container{Namespace: "shop", Pod: "web-1", Name: "app"}, memapi.Line{Time: screenNow, Text: "ready"})
	recorded := recordedTape(t, live)
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := playedSession(t, recorded)
			s.Player = &fakePlayer{state: PlayerState{
				Start: screenNow.Add(-time.Minute), End: screenNow, Position: screenNow, Speed: 1, AtEnd: true,
			}}
			p := openAtlas(t, s, "a tape answers no checks", "requested (", "all established", "configmaps 1", "shop/compute",
				"a tape knows no user", "somebody behind", "v1.36.3")
			screen := p.draw(size[0], size[1])
			if size[0] == 80 {
				screen = p.draw(80, 130)
			}
			golden.RequireEqual(t, withoutServed(screen))
			if said, ok := p.press("n").(ui.Say); !ok {
				t.Errorf("n leads to %#v", said)
			}
		})
	}
}

// TestAtlasRights asks what we may do in a namespace of our choice.
func TestAtlasRights(t *testing.T) {
	server := newCluster(t, "atlas.yaml")
	answersChecks(server, goodChecks)
	p := openAtlas(t, newSession(t, server, ""), "in shop you may read everything", "shop/compute")
	if got, ok := p.press("n").(ui.Prompt); !ok || got.Name != rightsPrompt {
		t.Fatalf("n leads to %#v", p.intent)
	}
	for _, typed := range []string{"", "a b", "Shop", "../x", "a\x1b[2J", strings.Repeat("a", 64)} {
		p.intent = nil
		p.perform(p.view.Update(ui.Entered{Prompt: rightsPrompt, Text: typed}))
		if said, ok := p.intent.(ui.Say); !ok || strings.ContainsRune(said.Text, 0x1b) {
			t.Errorf("%q leads to %#v", typed, p.intent)
		}
	}
	for typed, want := range map[string]string{
		" kube-system ": "in kube-system you may read everything",
		"gone":          "there is no namespace gone",
	} {
		p.perform(p.view.Update(ui.Entered{Prompt: rightsPrompt, Text: typed}))
		p.wait("the page says "+want, func() bool {
			return strings.Contains(strings.Join(strings.Fields(p.draw(twoColumns-1, 400)), " "), want)
		})
		if got := p.view.(*atlas).canvas.current().part.name; got != "your rights" {
			t.Errorf("the cursor is on %s", got)
		}
	}
}

// TestRightsInWords names what rules allow. The group of /api/v1 has no name of its own.
func TestRightsInWords(t *testing.T) {
	read := []string{"get", "list"}
	for _, c := range []struct {
		name  string
		right kube.Right
		want  string
	}{
		{"no verb that counts", kube.Right{Verbs: []string{"use"}, Groups: []string{""}, Of: []string{"users"}}, "nothing"},
		{"all", kube.Right{Verbs: []string{"*"}, Groups: []string{"*"}, Of: []string{"*"}}, "everything"},
		{"one resource", kube.Right{Verbs: read, Groups: []string{""}, Of: []string{"pods"}}, "pods"},
		{"all of groups", kube.Right{Verbs: read, Groups: []string{"", "apps"}, Of: []string{"*"}}, "all of core, apps"},
		{"what everybody may", kube.Right{Verbs: read, Groups: []string{"a"}, Of: []string{"selfsubjectreviews"}}, "nothing"},
	} {
		if got := coverage(&kube.Rights{Resources: []kube.Right{c.right}}, readVerbs); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	all := kube.Right{Verbs: read, Groups: []string{"", "apps"}, Of: []string{"*"}}
	admin := kube.Right{Verbs: []string{"*"}, Of: []string{"*"}}
	got := rightsLines(&kube.Rights{Resources: []kube.Right{all}, Paths: []kube.Right{admin}})
	if want := "get, list any resource of core, apps\nany verb on any path\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWebhookMatches says in which namespaces a webhook intercepts something.
func TestWebhookMatches(t *testing.T) {
	server := newCluster(t, "atlas.yaml")
	answersChecks(server, goodChecks)
	p := openAtlas(t, newSession(t, server, ""), settled...)
	p.draw(120, 40)
	v := p.view.(*atlas)
	w := &atlasWriter{feeds: &v.feeds, session: v.session, frame: ui.Frame{Now: screenNow}}
	for name, test := range map[string]struct{ hook, rules, matched string }{
		"no rules":   {`{}`, "", ""},
		"everything": {`{"rules":[{"operations":["*"],"apiGroups":["*"],"resources":["*"]}]}`, "any verb on any resource of any group", "in all namespaces"},
		"without a namespace": {`{"rules":[{"operations":["CREATE"],"apiGroups":[""],"resources":["nodes"],"scope":"Cluster"}]}`,
			"CREATE nodes, without a namespace", ""},
		"by name": {`{"rules":[{"operations":["CREATE"],"apiGroups":[""],"resources":["pods"]}],"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"shop"}}}`,
			"CREATE pods", "in shop, by kubernetes.io/metadata.name=shop"},
		"none": {`{"rules":[{"operations":["CREATE"],"apiGroups":[""],"resources":["pods"]}],"namespaceSelector":{"matchLabels":{"a":"b"}}}`,
			"CREATE pods", "in no namespace: none has a=b"},
		"all by label": {`{"rules":[{"operations":["CREATE"],"apiGroups":[""],"resources":["pods"]}],"namespaceSelector":{"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]}}`,
			"CREATE pods", "in all 2 namespaces, by !a"},
		"a broken selector": {`{"rules":[{"operations":["CREATE"],"apiGroups":[""],"resources":["pods"]}],"namespaceSelector":{"matchExpressions":[{"key":"a","operator":"Like"}]}}`,
			"CREATE pods", "in no namespace: its selector cannot be read"},
		"not a webhook": {`{"rules":7,"namespaceSelector":"x"}`, "", ""},
	} {
		u := &unstructured.Unstructured{}
		if err := json.Unmarshal([]byte(`{"webhooks":[`+test.hook+`]}`), &u.Object); err != nil {
			t.Fatal(err)
		}
		h := readWebhooks(u).([]webhook)[0]
		if matched := w.matched(h); h.rules != test.rules || matched != test.matched || !h.fails {
			t.Errorf("%s: %q, %q, fails %v", name, h.rules, matched, h.fails)
		}
	}
}

// TestAtlasLoadsNothingLarge opens the atlas of a cluster with more pods than it loads by
// itself: it counts them, until a table has them anyway.
func TestAtlasLoadsNothingLarge(t *testing.T) {
	server := newCluster(t, "atlas.yaml")
	answersChecks(server, goodChecks)
	var all strings.Builder
	for i := range loadMax {
		fmt.Fprintf(&all, "---\n{apiVersion: v1, kind: Pod, metadata: {name: p-%d, namespace: shop},"+
			" spec: {nodeName: worker-2, containers: [{name: a, image: a, resources: {requests: {cpu: 10m}}}]}}\n", i)
	}
	server.Apply(t, all.String())
	s := newSession(t, server, "")
	openAtlas(t, s, "together · 503 · how they are is not loaded", "requests not loaded")
	for _, request := range server.Requests("GET /api/v1/pods?") {
		if !strings.Contains(request, "limit=1") || strings.Contains(request, "limit=100") {
			t.Errorf("the atlas asked: %s", request)
		}
	}
	pods := look(t, Objects(s, Pods(s.Cluster)))
	pods.until(100, 30, "pods 503", "● live")
	openAtlas(t, s, "together · 503 · ", "500 of 110 pods")
}

// TestAtlasCursor walks over the page and opens what is behind it.
func TestAtlasCursor(t *testing.T) {
	server := newCluster(t, "atlas.yaml")
	answersChecks(server, goodChecks)
	p := openAtlas(t, newSession(t, server, ""), settled...)
	v := p.view.(*atlas)
	p.draw(120, 40)
	if got := p.press("enter"); got == nil {
		t.Error("enter on the first line says nothing")
	}
	p.press("down")
	if got, ok := p.press("enter").(goToObject); !ok || got.name != "kubernetes" {
		t.Errorf("behind kube-apiserver is %#v", p.intent)
	}
	p.press("right")
	if got, ok := p.press("enter").(goToKind); !ok || got.resource.Resource != "deployments" {
		t.Errorf("to its right is %#v", p.intent)
	}
	p.press("left")
	p.press("tab")
	if got := v.canvas.current().part.name; got != "deployments" {
		t.Errorf("the next layer begins with %s", got)
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 50}} {
		p.draw(size[0], size[1])
		p.press("g")
		seen := map[string]bool{}
		for range v.canvas.stops {
			screen := p.draw(size[0], size[1])
			current := v.canvas.current()
			if !strings.Contains(screen, "›"+current.part.mark().Text+" "+current.part.name) {
				t.Fatalf("%v: %s is out of sight:\n%s", size, current.part.name, screen)
			}
			seen[current.id] = true
			p.press("down")
		}
		if len(seen) != len(v.canvas.stops) {
			t.Errorf("%v: went to %d of %d parts", size, len(seen), len(v.canvas.stops))
		}
		p.press("g")
		for range v.canvas.stops {
			p.press("pgdown")
			screen := p.draw(size[0], size[1])
			if current := v.canvas.current(); !strings.Contains(screen, "›"+current.part.mark().Text+" "+current.part.name) {
				t.Fatalf("%v: a page down loses %s:\n%s", size, current.part.name, screen)
			}
		}
		if v.canvas.top+v.canvas.height < v.canvas.rows {
			t.Errorf("%v: pages down end at row %d of %d", size, v.canvas.top+v.canvas.height, v.canvas.rows)
		}
	}
}

func TestKubeletSkew(t *testing.T) {
	for name, test := range map[string]struct {
		server, kubelet string
		want            kinds.Level
		says            string
	}{
		"the same":         {"v1.36.3", "v1.36.0", kinds.Quiet, ""},
		"older":            {"v1.36.3", "v1.34.9-eks-1", kinds.Quiet, ""},
		"as old as may be": {"v1.36.3", "v1.33.0+k3s1", kinds.Quiet, "as old as it may be"},
		"too old":          {"v1.36.3", "v1.32.0", kinds.Degraded, "too old"},
		"before 1.25":      {"v1.27.0", "v1.24.0", kinds.Degraded, "too old"},
		"newer":            {"v1.35.0", "v1.36.0", kinds.Degraded, "newer"},
		"not known":        {"", "v1.36.0", kinds.Quiet, ""},
		"not a version":    {"v1.36.3", "latest", kinds.Quiet, ""},
		"half a version":   {"v1.36.3", "v1.", kinds.Quiet, ""},
		"a plus":           {"v1.36+", "v1.36", kinds.Quiet, ""},
	} {
		level, says := kubeletSkew(test.server, test.kubelet)
		if level != test.want || !strings.Contains(says, test.says) || (says == "") != (test.says == "") {
			t.Errorf("%s: %v %q", name, level, says)
		}
	}
}

func TestRequestsOfPods(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	asks := func(cpu string) corev1.Container {
		return corev1.Container{Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)},
		}}
	}
	sidecar := asks("1")
	sidecar.RestartPolicy = &always
	for name, test := range map[string]struct {
		pod  corev1.Pod
		want int64
	}{
		"empty":      {},
		"containers": {corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{asks("1"), asks("500m")}}}, 1500},
		"a larger init container": {corev1.Pod{Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{asks("4")}, Containers: []corev1.Container{asks("1")},
		}}, 4000},
		"a sidecar": {corev1.Pod{Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{sidecar, asks("1")}, Containers: []corev1.Container{asks("3")},
		}}, 4000},
		"of the whole pod": {corev1.Pod{Spec: corev1.PodSpec{
			Resources:  &corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}},
			Containers: []corev1.Container{asks("1")},
		}}, 2000},
		"overhead": {corev1.Pod{Spec: corev1.PodSpec{
			Overhead: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("250m")},
		}}, 250},
		"ended": {corev1.Pod{
			Spec: corev1.PodSpec{Containers: []corev1.Container{asks("1")}}, Status: corev1.PodStatus{Phase: corev1.PodFailed},
		}, 0},
	} {
		if got := readRequests(&test.pod).(podRequests); got.cpu != test.want {
			t.Errorf("%s: got %d, want %d", name, got.cpu, test.want)
		}
	}
}

// TestReadersTakeAnyObject gives every reader half-empty objects, as dumps have them.
func TestReadersTakeAnyObject(t *testing.T) {
	for _, spec := range feedSpecs {
		for _, text := range []string{
			`{}`, `{"spec":null,"status":null}`, `{"spec":{"leaseDurationSeconds":-1,"renewTime":7},"status":{"conditions":[null,{}]}}`,
			`{"endpoints":[{"addresses":[null]}],"webhooks":[{"clientConfig":null},7],"status":{"hard":{"a":7,"b":"x","c":"0"}}}`,
			`{"endpoints":{},"webhooks":{},"status":[]}`,
		} {
			u := &unstructured.Unstructured{}
			if err := json.Unmarshal([]byte(text), &u.Object); err != nil {
				t.Fatal(err)
			}
			if spec.read != nil {
				spec.read(u)
				spec.read(&corev1.Pod{})
				spec.read(&corev1.Node{})
			}
		}
	}
}

func TestBar(t *testing.T) {
	for name, test := range map[string]struct {
		capacity, allocatable, requested, used int64
		want                                   string
	}{
		"nothing known": {0, 0, 0, 0, ""},
		"free":          {100, 100, 0, 0, "░░░░░░░░░░"},
		"all":           {100, 80, 50, 20, "██▒▒▒░░░··"},
		"over":          {100, 80, 200, 20, "██▒▒▒▒▒▒▒▒"},
		"full":          {100, 80, 50, 100, "██████████"},
	} {
		if got := bar(10, test.capacity, test.allocatable, test.requested, test.used); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := numberText(n); got != want {
			t.Errorf("%d: got %s", n, got)
		}
	}
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 1 << 34: "16 GiB", 1 << 62: "4096 PiB",
	} {
		if got := sizeText(n); got != want {
			t.Errorf("%d: got %s", n, got)
		}
	}
}
