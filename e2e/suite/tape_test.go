package suite

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// tapeTries is how often the cluster may change between the state that the tape gets
// and the state that it is compared with: a lease does so every two seconds, and an age
// of seconds every second.
const tapeTries = 12

// tapes are two copies of the live cluster's state: one holds the objects as
// JSON, as a dump has them, one holds those that have it as protobuf.
type tapes struct {
	served map[string]*served
	lists  []*metav1.APIResourceList
}

type served struct {
	*memapi.API
	encoding   memapi.Encoding
	held       map[schema.GroupVersionResource]map[memapi.Ref]uint64 // which versions it has
	kubeconfig string
	config     *rest.Config
}

func openTapes(t *testing.T) *tapes {
	t.Helper()
	all := &tapes{served: map[string]*served{}}
	_, lists, err := world.client.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	all.lists = lists
	version, err := world.client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	documents := openAPI(t)
	for name, encoding := range map[string]memapi.Encoding{"JSON": memapi.JSON, "protobuf": memapi.Protobuf} {
		api, err := memapi.New(
			memapi.Options{Clock: memapi.NewClock(time.Now()), Print: kinds.Print, Version: version.GitVersion},
		)
		if err != nil {
			t.Fatal(err)
		}
		api.Describe(lists)
		api.SetOpenAPI(documents)
		one := &served{API: api, encoding: encoding, held: map[schema.GroupVersionResource]map[memapi.Ref]uint64{}}
		one.listen(t)
		all.served[name] = one
	}
	return all
}

// listen serves the tape on loopback, for kubectl.
func (s *served) listen(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		res, err := s.RoundTrip(req)
		if err != nil {
			return
		}
		defer res.Body.Close()
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(server.Close)
	config := clientcmdapi.NewConfig()
	config.Clusters["tape"] = &clientcmdapi.Cluster{Server: server.URL}
	config.Contexts["tape"] = &clientcmdapi.Context{Cluster: "tape"}
	config.CurrentContext = "tape"
	s.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, s.kubeconfig); err != nil {
		t.Fatal(err)
	}
	s.config = &rest.Config{Host: "http://tape", Transport: s.API, QPS: -1}
}

// openAPI returns the documents of the live server.
func openAPI(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := world.client.Discovery().OpenAPIV3().Paths()
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string][]byte{}
	for path := range paths {
		// Without the hash that the index gives, of which a server redirects an old one.
		if documents[path], err = world.client.RESTClient().Get().AbsPath("/openapi/v3/" +
			path).DoRaw(t.Context()); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return documents
}

// listable are the resources that can be listed, by their path.
func (all *tapes) listable() map[schema.GroupVersionResource]metav1.APIResource {
	found := map[schema.GroupVersionResource]metav1.APIResource{}
	for _, list := range all.lists {
		gv, _ := schema.ParseGroupVersion(list.GroupVersion)
		for _, r := range list.APIResources {
			if gv.String() == "autoscaling/v1" {
				continue // which cannot say what autoscaling/v2 says, and is not served next to it
			}
			if !strings.Contains(r.Name, "/") && strings.Contains(r.Verbs.String(), "list") {
				found[gv.WithResource(r.Name)] = r
			}
		}
	}
	return found
}

// load makes the state of the resources that of the live cluster now.
func (all *tapes) load(t *testing.T, resources ...schema.GroupVersionResource) {
	t.Helper()
	for _, gvr := range resources {
		list, err := world.dynamic.Resource(gvr).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(gvr, err)
		}
		for _, s := range all.served {
			s.load(t, gvr, list)
		}
	}
}

func (s *served) load(t *testing.T, gvr schema.GroupVersionResource, list *unstructured.UnstructuredList) {
	t.Helper()
	before, now := s.held[gvr], map[memapi.Ref]uint64{}
	var put []memapi.Object
	for n := range list.Items {
		o := s.object(t, &list.Items[n])
		if now[o.Ref()] = o.Version; o.Version == 0 || before[o.Ref()] != o.Version {
			put = append(put, o)
		}
	}
	var gone []memapi.Ref
	for ref := range before {
		if _, stays := now[ref]; !stays {
			gone = append(gone, ref)
		}
	}
	s.held[gvr] = now
	if err := s.Update(put, gone); err != nil {
		t.Fatal(gvr, err)
	}
}

func (s *served) object(t *testing.T, u *unstructured.Unstructured) memapi.Object {
	t.Helper()
	o, err := memapi.ObjectOf(u)
	if err != nil {
		t.Fatal(err)
	}
	if s.encoding == memapi.JSON || !scheme.Scheme.Recognizes(o.GVK) {
		return o
	}
	typed, err := scheme.Scheme.New(o.GVK)
	if err != nil {
		t.Fatal(err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, typed); err != nil {
		t.Fatal(err)
	}
	message, err := typed.(interface{ Marshal() ([]byte, error) }).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	o.Encoding, o.Data, o.Fields = memapi.Protobuf, memapi.Raw(message), nil
	return o
}

// kubectl runs kubectl on the tape as it is now.
func (s *served) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	s.Clock().Set(time.Now())
	out, problems, code := run(t, []string{"KUBECONFIG=" + s.kubeconfig}, world.cluster.Kubectl, args...)
	if code != 0 {
		return "exit " + strconv.Itoa(code) + ": " + problems
	}
	return out
}

// same compares what kubectl says about the live cluster and about the tapes, again
// while load finds a newer state.
func same(t *testing.T, tapes map[string]*served, load func(t *testing.T), args ...string) {
	t.Helper()
	var difference string
	for range tapeTries {
		load(t)
		want := kubectl(t, args...)
		difference = ""
		for name, s := range tapes {
			if d := cmp.Diff(linesOf(want, args), linesOf(s.kubectl(t, args...), args)); d != "" {
				difference += name + ": -live +tape\n" + d
			}
		}
		if difference == "" {
			return
		}
	}
	t.Errorf("kubectl %s\n%s", strings.Join(args, " "), difference)
}

func linesOf(text string, args []string) []string {
	lines := strings.Split(text, "\n")
	if slices.Contains(args, "componentstatuses.v1.") {
		slices.Sort(lines) // a server lists them in any order
	}
	for i := range lines {
		// An age of one second more is the time between the two questions.
		lines[i] = youngAge.ReplaceAllString(lines[i], "age")
	}
	return lines
}

// youngAge is an age that says seconds, with the blanks behind it, which make up for its width.
var youngAge = regexp.MustCompile(`\b(\d+m)?\d+s\b *`)

// later is load, except for the first time.
func later(load func(*testing.T)) func(*testing.T) {
	first := true
	return func(t *testing.T) {
		t.Helper()
		if !first {
			load(t)
		}
		first = false
	}
}

func noLoad(*testing.T) {}

var definitions = schema.GroupVersionResource{
	Group:    "apiextensions.k8s.io",
	Version:  "v1",
	Resource: "customresourcedefinitions",
}

// TestTapeGet compares what kubectl get shows of every kind, cell by cell, and every
// object with the live one, except for the version that it is served with.
func TestTapeGet(t *testing.T) {
	all := openTapes(t)
	all.load(t, definitions)
	for gvr := range all.listable() {
		name := gvr.Resource + "." + gvr.Version + "." + gvr.Group
		t.Run(name, func(t *testing.T) {
			same(t, all.served, func(t *testing.T) { all.load(t, gvr) }, "get", name, "-A", "-o", "wide")
			all.objects(t, gvr)
		})
	}
}

func (all *tapes) objects(t *testing.T, gvr schema.GroupVersionResource) {
	t.Helper()
	var difference string
	for range tapeTries {
		all.load(t, gvr)
		live := byName(t, world.dynamic, gvr)
		difference = ""
		for name, s := range all.served {
			if d := cmp.Diff(live, byName(t, dynamic.NewForConfigOrDie(s.config), gvr)); d != "" {
				difference += name + ": -live +tape\n" + d
			}
		}
		if difference == "" {
			t.Logf("%d objects", len(live))
			return
		}
	}
	t.Error(difference)
}

func byName(t *testing.T, client dynamic.Interface, gvr schema.GroupVersionResource) map[string]any {
	t.Helper()
	list, err := client.Resource(gvr).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]any{}
	for _, i := range list.Items {
		if status, found := i.Object["status"].(map[string]any); found && len(status) == 0 && gvr.Resource == "csinodes" {
			delete(i.Object, "status") // the API types are newer than the server, and have it
		}
		unstructured.RemoveNestedField(i.Object, "metadata", "resourceVersion")
		objects[i.GetNamespace()+"/"+i.GetName()] = i.Object
	}
	return objects
}

// TestTapeKubectl compares what kubectl's other commands print.
func TestTapeKubectl(t *testing.T) {
	all := openTapes(t)
	everything := func(t *testing.T) {
		t.Helper()
		for gvr := range all.listable() {
			all.load(t, gvr)
		}
	}
	everything(t)
	t.Run("api-resources", func(t *testing.T) {
		same(t, all.served, noLoad, "api-resources", "--verbs=list,get")
		same(t, all.served, noLoad, "api-resources", "--verbs=list,watch", "-o", "name")
	})
	t.Run("readyz", func(t *testing.T) { same(t, all.served, noLoad, "get", "--raw", "/readyz") })
	t.Run("explain", func(t *testing.T) {
		for _, of := range []string{"pods", "pods.spec.containers", "deployments.spec", "storefronts", "storefronts.spec",
			"hpa"} {
			same(t, all.served, noLoad, "explain", of)
		}
	})
	for _, s := range subjects(t) {
		t.Run("describe/"+s.String(), func(t *testing.T) {
			args := []string{"describe", s.kind, s.name}
			if s.namespace != "" {
				args = append(args, "-n", s.namespace)
			}
			same(t, all.served, later(everything), args...)
		})
	}
}

// TestTapeLogs compares what kubectl logs shows of every container of the shop.
func TestTapeLogs(t *testing.T) {
	all := openTapes(t)
	pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	all.load(t, pods)
	one := map[string]*served{"JSON": all.served["JSON"]} // logs know nothing of encodings
	list, err := world.client.CoreV1().Pods("shop").List(t.Context(),
		metav1.ListOptions{LabelSelector: "app.kubernetes.io/name in (cart,checkout,db)"})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range list.Items {
		for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
			if status.State.Waiting != nil && status.LastTerminationState.Terminated == nil {
				continue
			}
			t.Run(pod.Name+"/"+status.Name, func(t *testing.T) {
				of := memapi.Container{Namespace: "shop", Pod: pod.Name, Name: status.Name}
				load := func(t *testing.T) { one["JSON"].loadLogs(t, of) }
				args := []string{"logs", "-n", "shop", pod.Name, "-c", status.Name}
				same(t, one, load, args...)
				same(t, one, load, append(args, "--timestamps", "--tail=5")...)
				same(t, one, load, append(args, "--limit-bytes=100")...)
				if status.LastTerminationState.Terminated != nil {
					of.Previous = true
					same(t, one, load, append(args, "--previous")...)
				}
			})
		}
	}
	t.Run("which container", func(t *testing.T) {
		for _, s := range all.served {
			_, want, _ := run(t, nil, world.cluster.Kubectl, "get", "--raw", "/api/v1/namespaces/shop/pods/none/log")
			if got := s.kubectl(t, "get", "--raw", "/api/v1/namespaces/shop/pods/none/log"); got != "exit 1: "+want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

// logsBack is how long the server may be without the log of a run: until the next one begins, after a back-off.
const logsBack = 3 * time.Minute

// loadLogs gives the API in memory the log that the cluster has. A container that
// crashes loses the log before last at the moment it ends: then the server answers with
// a line of text instead, and is asked again.
func (s *served) loadLogs(t *testing.T, of memapi.Container) {
	t.Helper()
	pods := world.client.CoreV1().Pods(of.Namespace)
	options := &corev1.PodLogOptions{Container: of.Name, Previous: of.Previous, Timestamps: true}
	var lines []memapi.Line
	err := wait.PollUntilContextTimeout(context.WithoutCancel(t.Context()), time.Second, logsBack, true,
		func(ctx context.Context) (bool, error) {
			raw, err := pods.GetLogs(of.Pod, options).DoRaw(ctx)
			if err != nil {
				return false, err
			}
			lines, err = stampedLines(string(raw))
			return err == nil, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	s.SetLog(of, lines...)
}

func stampedLines(raw string) ([]memapi.Line, error) {
	var lines []memapi.Line
	for line := range strings.Lines(raw) {
		stamp, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			return nil, err
		}
		lines = append(lines, memapi.Line{Time: at, Text: text})
	}
	return lines, nil
}
