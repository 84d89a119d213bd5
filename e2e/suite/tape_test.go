package suite

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
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
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// tapeTries is how often the cluster may change between the look that the tape
// gets and the look that it is compared with: a lease does so every two seconds,
// and an age of seconds every second.
const tapeTries = 12

// tapes are two copies of the live cluster's state: one holds the objects as
// JSON, as a dump has them, one holds those that have it as protobuf.
type tapes struct {
	served map[string]*served
	lists  []*metav1.APIResourceList
}

type served struct {
	*tape.API
	encoding   tape.Encoding
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
	for name, encoding := range map[string]tape.Encoding{"JSON": tape.JSON, "protobuf": tape.Protobuf} {
		api, err := tape.New(tape.Options{Clock: tape.NewClock(time.Now()), Print: kinds.Print, Version: version.GitVersion})
		if err != nil {
			t.Fatal(err)
		}
		api.Describe(lists)
		api.SetOpenAPI(documents)
		one := &served{API: api, encoding: encoding}
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
	for path, group := range paths {
		if documents[path], err = group.Schema("application/json"); err != nil {
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
	client := dynamic.NewForConfigOrDie(s.config)
	held, err := client.Resource(gvr).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(gvr, err)
	}
	before := map[tape.Ref]string{}
	for _, i := range held.Items {
		before[tape.Ref{GroupKind: i.GroupVersionKind().GroupKind(), Namespace: i.GetNamespace(), Name: i.GetName()}] = i.GetResourceVersion()
	}
	var put []tape.Object
	for n := range list.Items {
		o := s.object(t, &list.Items[n])
		if before[o.Ref()] != strconv.FormatUint(o.Version, 10) {
			put = append(put, o)
		}
		delete(before, o.Ref())
	}
	var gone []tape.Ref
	for ref := range before {
		gone = append(gone, ref)
	}
	if err := s.Update(put, gone); err != nil {
		t.Fatal(gvr, err)
	}
}

func (s *served) object(t *testing.T, u *unstructured.Unstructured) tape.Object {
	t.Helper()
	o, err := tape.ObjectOf(u)
	if err != nil {
		t.Fatal(err)
	}
	if s.encoding == tape.JSON || !scheme.Scheme.Recognizes(o.GVK) {
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
	o.Encoding, o.Data, o.Fields = tape.Protobuf, tape.Raw(message), nil
	return o
}

// kubectlTape is what kubectl says of the tape at this moment.
func (s *served) kubectl(t *testing.T, args ...string) string {
	t.Helper()
	s.Clock().Set(time.Now())
	out, problems, code := run(t, []string{"KUBECONFIG=" + s.kubeconfig}, world.cluster.Kubectl, args...)
	if code != 0 {
		return "exit " + strconv.Itoa(code) + ": " + problems
	}
	return out
}

// same compares what kubectl says of the live cluster and of both tapes, again
// while load finds a newer state.
func (all *tapes) same(t *testing.T, load func(), args ...string) {
	t.Helper()
	var difference string
	for range tapeTries {
		load()
		want := kubectl(t, args...)
		difference = ""
		for name, s := range all.served {
			if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(s.kubectl(t, args...), "\n")); d != "" {
				difference += name + ": -live +tape\n" + d
			}
		}
		if difference == "" {
			return
		}
	}
	t.Errorf("kubectl %s\n%s", strings.Join(args, " "), difference)
}

func noLoad() {}

// TestTapeGet compares what kubectl get shows of every kind, cell by cell, and
// every object with the live one.
func TestTapeGet(t *testing.T) {
	all := openTapes(t)
	for gvr := range all.listable() {
		name := gvr.Resource + "." + gvr.Version + "." + gvr.Group
		t.Run(name, func(t *testing.T) {
			all.same(t, func() { all.load(t, gvr) }, "get", name, "-A", "-o", "wide", "--sort-by", ".metadata.uid")
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
		objects[i.GetNamespace()+"/"+i.GetName()] = i.Object
	}
	return objects
}

// TestTapeKubectl compares what kubectl says beside get.
func TestTapeKubectl(t *testing.T) {
	all := openTapes(t)
	everything := func() {
		for gvr := range all.listable() {
			all.load(t, gvr)
		}
	}
	everything()
	t.Run("api-resources", func(t *testing.T) {
		all.same(t, noLoad, "api-resources", "--verbs=list,get")
		all.same(t, noLoad, "api-resources", "--verbs=list,watch", "-o", "name")
	})
	t.Run("version", func(t *testing.T) { all.same(t, noLoad, "get", "--raw", "/readyz") })
	t.Run("explain", func(t *testing.T) {
		for _, of := range []string{"pods", "pods.spec.containers", "deployments.spec", "storefronts", "storefronts.spec", "hpa"} {
			all.same(t, noLoad, "explain", of)
		}
	})
	for _, s := range subjects(t) {
		t.Run("describe/"+s.String(), func(t *testing.T) {
			args := []string{"describe", s.kind, s.name}
			if s.namespace != "" {
				args = append(args, "-n", s.namespace)
			}
			all.same(t, everything, args...)
		})
	}
}

// TestTapeLogs compares what kubectl logs shows of every container of the shop.
func TestTapeLogs(t *testing.T) {
	all := openTapes(t)
	pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	all.load(t, pods)
	list, err := world.client.CoreV1().Pods("shop").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range list.Items {
		for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
			if status.State.Waiting != nil && status.LastTerminationState.Terminated == nil {
				continue
			}
			t.Run(pod.Name+"/"+status.Name, func(t *testing.T) {
				of := tape.Container{Namespace: "shop", Pod: pod.Name, Name: status.Name}
				load := func() { all.loadLogs(t, of) }
				args := []string{"logs", "-n", "shop", pod.Name, "-c", status.Name}
				all.same(t, load, args...)
				all.same(t, load, append(args, "--timestamps", "--tail=5")...)
				all.same(t, load, append(args, "--limit-bytes=100")...)
				if status.LastTerminationState.Terminated != nil {
					of.Previous = true
					all.same(t, load, append(args, "--previous")...)
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

func (all *tapes) loadLogs(t *testing.T, of tape.Container) {
	t.Helper()
	raw, err := world.client.CoreV1().Pods(of.Namespace).GetLogs(of.Pod, &corev1.PodLogOptions{
		Container: of.Name, Previous: of.Previous, Timestamps: true,
	}).DoRaw(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var lines []tape.Line
	for line := range strings.Lines(string(raw)) {
		stamp, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, tape.Line{Time: at, Text: text})
	}
	for _, s := range all.served {
		s.SetLog(of, lines...)
	}
}
