package memapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"
)

var (
	podsResource    = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	proxiesResource = schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "proxies"}
)

// recorder keeps what was asked.
type recorder struct {
	http.RoundTripper
	mu    sync.Mutex
	asked []string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.asked = append(r.asked, req.URL.RequestURI())
	r.mu.Unlock()
	return r.RoundTripper.RoundTrip(req)
}

func fetch(t *testing.T, a *API, accept, path string) (string, int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	res, err := a.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), res.StatusCode
}

func TestInformersOfEveryClientLoadByWatchList(t *testing.T) {
	a, config, _ := open(t, "")
	seen := &recorder{RoundTripper: a}
	config.Transport = seen
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	factory := dynamicinformer.NewDynamicSharedInformerFactory(dynamic.NewForConfigOrDie(config), 0)
	proxies := factory.ForResource(proxiesResource).Informer()
	heard := make(chan string, 10)
	added := func(o any) { heard <- o.(metav1.Object).GetName() }
	_, err := proxies.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: added})
	if err != nil {
		t.Fatal(err)
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), proxies.HasSynced) {
		t.Fatal("never synced")
	}
	if err := a.ApplyYAML("{apiVersion: example.com/v1, kind: Proxy, metadata: {name: q, namespace: shop}}"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"p", "q"} {
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("heard %s, want %s", got, want)
			}
		case <-ctx.Done():
			t.Fatal("did not hear ", want)
		}
	}
	cancel()
	factory.Shutdown()
	if all := strings.Join(seen.asked, "\n"); !strings.Contains(all, "sendInitialEvents=true") {
		t.Errorf("not loaded by a WatchList:\n%s", all)
	}
}

func TestMetadataClient(t *testing.T) {
	for _, held := range []Encoding{JSON, Protobuf} {
		t.Run(fmt.Sprint(held), func(t *testing.T) {
			a, config, _ := open(t, "")
			if err := a.Replace([]Object{podObject(t, held, "x", 900, "")}); err != nil {
				t.Fatal(err)
			}
			pods := metadata.NewForConfigOrDie(config).Resource(podsResource) // which speaks protobuf
			list, err := pods.List(t.Context(), metav1.ListOptions{})
			if err != nil || len(list.Items) != 1 || list.Items[0].Labels["app"] != "web" ||
				list.Items[0].ResourceVersion != "900" {
				t.Fatal(list, err)
			}
			w, err := pods.Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			if err := a.Delete(podKind, "shop", "x"); err != nil {
				t.Fatal(err)
			}
			if e := next(t, w); e.Type != watch.Deleted || e.Object.(*metav1.PartialObjectMetadata).Name != "x" {
				t.Error(e)
			}
		})
	}
}

func TestEventsOfBothGroupsAreTheSame(t *testing.T) {
	a, _, client := open(t, protobufMedia)
	if err := a.ApplyYAML(`
{apiVersion: v1, kind: Event, metadata: {name: old, namespace: shop}, involvedObject: {kind: Pod, name: a},
  reason: Failed, message: none, source: {component: kubelet}, count: 3}
---
{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: new, namespace: shop}, regarding: {kind: Pod, name: a},
  reason: Failed, note: none, reportingController: kubelet}
`); err != nil {
		t.Fatal(err)
	}
	by := metav1.ListOptions{FieldSelector: "involvedObject.name=a,source=kubelet"}
	old, err := client.CoreV1().Events("shop").List(t.Context(), by)
	if err != nil || len(old.Items) != 2 || old.Items[0].Message != "none" || old.Items[0].InvolvedObject.Name != "a" {
		t.Error(old, err)
	}
	by.FieldSelector = "regarding.name=a,reportingController=kubelet"
	renewed, err := client.EventsV1().Events("shop").List(t.Context(), by)
	if err != nil || len(renewed.Items) != 1 {
		t.Error("one event says its reportingController:", renewed, err)
	}
	by.FieldSelector = "regarding.name=a"
	renewed, err = client.EventsV1().Events("shop").List(t.Context(), by)
	if err != nil || len(renewed.Items) != 2 || renewed.Items[1].Note != "none" || renewed.Items[1].DeprecatedCount != 3 {
		t.Error(renewed, err)
	}
	if err := a.Delete(schema.GroupVersionKind{Version: "v1", Kind: "Event"}, "shop", "new"); err != nil {
		t.Error(err)
	}
}

func TestRefusalsHaveTheServersWords(t *testing.T) {
	a, config, client := open(t, "")
	for range 30 {
		if err := a.Patch(podKind, "shop", "b", []byte(`{"metadata":{"labels":{"x":"y"}}}`)); err != nil {
			t.Fatal(err)
		}
		_, _ = client.CoreV1().Pods("shop").Get(t.Context(), "b", metav1.GetOptions{})
	}
	for _, c := range []struct{ path, want string }{
		{"/api/v1/pods?fieldSelector=spec.foo=1", "field label not supported: spec.foo"},
		{"/api/v1/nodes?fieldSelector=metadata.namespace=x", "field label not supported: metadata.namespace"},
		{"/apis/batch/v1/jobs?fieldSelector=spec.foo=1", `field label "spec.foo" not supported for Job`},
		{"/apis/apps/v1/deployments?fieldSelector=spec.foo=1",
			`"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"`},
		{"/apis/events.k8s.io/v1/events?fieldSelector=involvedObject.name=a",
			"field label not supported: involvedObject.name"},
		{"/api/v1/namespaces/shop/pods/none", `pods "none" not found`},
		{"/api/v1/nothing", "the server could not find the requested resource"},
		{"/api/v1/pods?resourceVersion=3&resourceVersionMatch=Exact", "too old resource version: 3"},
		{"/api/v1/pods?resourceVersion=99999999", "Too large resource version: 99999999, current: "},
		{"/api/v1/pods?resourceVersionMatch=Exact", "resourceVersionMatch is forbidden unless resourceVersion is provided"},
		{"/api/v1/pods?watch=true&sendInitialEvents=true",
			"sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"},
		{"/api/v1/namespaces/shop/pods/a/log?container=z", "container z is not valid for pod a"},
		{"/api/v1/namespaces/shop/pods/a/log?previous=true", `previous terminated container "c" in pod "a" not found`},
		{"/api/v1/namespaces/shop/pods/a/log?tailLines=-1", "must be greater than or equal to 0"},
	} {
		text, code := fetch(t, a, jsonMedia, c.path)
		if code < 400 || !strings.Contains(strings.ReplaceAll(text, `\"`, `"`), c.want) ||
			!strings.Contains(text, `"kind":"Status"`) {
			t.Errorf("%s: %d %s\nwant %s", c.path, code, text, c.want)
		}
	}
	if _, code := fetch(t, a, "text/html", "/api/v1/pods"); code != http.StatusNotAcceptable {
		t.Error(code)
	}
	pods := dynamic.NewForConfigOrDie(config).Resource(podsResource).Namespace("shop")
	_, err := pods.Patch(t.Context(), "a", "application/merge-patch+json", []byte("{}"), metav1.PatchOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "read-only") {
		t.Error(err)
	}
}

func TestTableWatchTellsItsColumnsOnce(t *testing.T) {
	a, _, _ := open(t, "")
	text, _ := fetch(t, a, "application/json;as=Table;v=v1;g=meta.k8s.io", "/api/v1/pods?watch=true&timeoutSeconds=1")
	rows, columns := strings.Count(text, `"type":"ADDED"`), strings.Count(text, `"columnDefinitions":[`)
	if rows != 2 || columns != 1 {
		t.Errorf("%d rows and %d times the columns in\n%s", rows, columns, text)
	}
}

func TestBookmarksAndTheEndOfAWatch(t *testing.T) {
	a, err := New(Options{Clock: NewClock(time.Unix(0, 0)), BookmarkEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.ApplyYAML(shop); err != nil {
		t.Fatal(err)
	}
	from := metav1.ListOptions{ResourceVersion: fmt.Sprint(a.Version()), AllowWatchBookmarks: true}
	w, err := clientOf(a).CoreV1().Pods("").Watch(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if e := next(t, w); e.Type != watch.Bookmark || e.Object.(*corev1.Pod).ResourceVersion != fmt.Sprint(a.Version()) {
		t.Error(e)
	}
	path := fmt.Sprintf("/api/v1/pods?watch=true&timeoutSeconds=1&resourceVersion=%d", a.Version())
	if text, _ := fetch(t, a, jsonMedia, path); text != "" {
		t.Error("a watch without bookmarks got", text)
	}
}

func TestReviews(t *testing.T) {
	_, _, client := open(t, "")
	may := func(verb, resource, sub string) bool {
		ask := &authorizationv1.SelfSubjectAccessReview{}
		ask.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{Verb: verb, Resource: resource, Subresource: sub}
		review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), ask, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return review.Status.Allowed
	}
	for _, c := range []struct {
		verb, resource, sub string
		want                bool
	}{
		{"list", "pods", "", true}, {"get", "pods", "log", true},
		{"delete", "pods", "", false}, {"get", "pods", "exec", false}, {"get", "nothing", "", false},
	} {
		if got := may(c.verb, c.resource, c.sub); got != c.want {
			t.Errorf("%v: %v", c, got)
		}
	}
	created := metav1.CreateOptions{}
	askRules := &authorizationv1.SelfSubjectRulesReview{}
	rules, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(), askRules, created)
	if err != nil || len(rules.Status.ResourceRules) != 1 {
		t.Error(rules, err)
	}
	askWho := &authenticationv1.SelfSubjectReview{}
	who, err := client.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), askWho, created)
	if err != nil || who.Status.UserInfo.Username != "fathom" {
		t.Error(who, err)
	}
}

func TestBothFormsOfDiscoverySayTheSame(t *testing.T) {
	a, config, _ := open(t, "")
	a.Describe([]*metav1.APIResourceList{
		{GroupVersion: "z.io/v1", APIResources: []metav1.APIResource{{
			Name: "zebras", SingularName: "zebra", Kind: "Zebra", ShortNames: []string{"z"},
			Verbs: []string{"create", "list", "get"},
		}}},
		{GroupVersion: "v1", APIResources: []metav1.APIResource{
			{Name: "bindings", Kind: "Binding", Verbs: []string{"create"}},
			{
				Name: "pods", SingularName: "pod", Kind: "Pod", Namespaced: true, ShortNames: []string{"po"},
				Categories: []string{"all"}, Verbs: verbs,
			},
		}},
	})
	said := map[bool][]string{}
	for _, legacy := range []bool{true, false} {
		client := discovery.NewDiscoveryClientForConfigOrDie(config)
		client.UseLegacyDiscovery = legacy
		_, lists, err := client.ServerGroupsAndResources()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lists {
			for _, r := range l.APIResources {
				if strings.Contains(r.Name, "/") {
					continue // to which aggregated discovery adds its parent's singular
				}
				said[legacy] = append(said[legacy], fmt.Sprintf("%v %v %v %v %v %v %v %v",
					l.GroupVersion, r.Name, r.SingularName, r.Kind, r.Namespaced, r.ShortNames, r.Categories, r.Verbs))
			}
		}
	}
	want := []string{
		"v1 pods pod Pod true [po] [all] [get list watch]",
		"z.io/v1 zebras zebra Zebra false [z] [] [get list]",
		"example.com/v1 proxies proxy Proxy true [] [] [get list watch]",
	}
	if d := cmp.Diff(want, said[true]); d != "" {
		t.Error("legacy: -want +got\n", d)
	}
	slices.Sort(said[true])
	slices.Sort(said[false]) // the client puts them into a map
	if d := cmp.Diff(said[true], said[false]); d != "" {
		t.Error("-legacy +aggregated\n", d)
	}
}

func TestOpenAPI(t *testing.T) {
	a, config, _ := open(t, "")
	client := discovery.NewDiscoveryClientForConfigOrDie(config).OpenAPIV3()
	if _, err := client.Paths(); !apierrors.IsNotFound(err) {
		t.Error("there was no document:", err)
	}
	a.SetOpenAPI(map[string][]byte{"api/v1": []byte(`{"openapi":"3.0.0"}`)})
	paths, err := client.Paths()
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	if text, err := paths["api/v1"].Schema("application/json"); err != nil || string(text) != `{"openapi":"3.0.0"}` {
		t.Error(string(text), err)
	}
}

const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: proxies.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Proxy, plural: proxies, singular: proxy, shortNames: [px]}
  versions:
  - name: v1
    served: true
    selectableFields: [{jsonPath: .spec.size}]
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
  - {name: v1beta1, served: true}
`

func TestDefinitionsComeAndGoWhileRequestsRun(t *testing.T) {
	a, config, _ := open(t, "")
	const big = "{apiVersion: example.com/v1, kind: Proxy, metadata: {name: big, namespace: shop}, spec: {size: 1000000}}"
	if err := a.ApplyYAML(big); err != nil {
		t.Fatal(err)
	}
	client := dynamic.NewForConfigOrDie(config)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				_, _ = client.Resource(proxiesResource).List(t.Context(), metav1.ListOptions{})
				fetch(t, a, aggregatedMedia, "/apis")
			}
		})
	}
	for range 50 {
		if err := a.ApplyYAML(crd); err != nil {
			t.Fatal(err)
		}
		if err := a.Delete(definitionKind.WithVersion("v1"), "", "proxies.example.com"); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
	if err := a.ApplyYAML(crd); err != nil {
		t.Fatal(err)
	}
	table := "application/json;as=Table;v=v1;g=meta.k8s.io"
	text, _ := fetch(t, a, table, "/apis/example.com/v1/proxies?fieldSelector=spec.size=1000000")
	if !strings.Contains(text, `"cells":["big",1000000]`) || strings.Contains(text, `"p"`) {
		t.Error(text)
	}
	old := schema.GroupVersionResource{Group: "example.com", Version: "v1beta1", Resource: "proxies"}
	got, err := client.Resource(old).Namespace("shop").Get(t.Context(), "big", metav1.GetOptions{})
	if err != nil || got.GetAPIVersion() != "example.com/v1beta1" {
		t.Error(got, err)
	}
}
