package memapi

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const shop = `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop}
spec: {nodeName: n2, containers: [{name: c}]}
---
apiVersion: example.com/v1
kind: Proxy
metadata: {name: p, namespace: shop}
`

func open(t *testing.T, media string) (*API, *rest.Config, *kubernetes.Clientset) {
	t.Helper()
	a, err := New(Options{Clock: NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), History: 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.ApplyYAML(shop); err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{Host: "http://api", Transport: a, QPS: -1}
	config.ContentType = media
	config.AcceptContentTypes = media
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return a, config, client
}

func next(t *testing.T, w watch.Interface) watch.Event {
	t.Helper()
	select {
	case e := <-w.ResultChan():
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
		return watch.Event{}
	}
}

func TestClients(t *testing.T) {
	for _, media := range []string{jsonMedia, protobufMedia} {
		t.Run(media, func(t *testing.T) {
			a, config, client := open(t, media)
			pods := client.CoreV1().Pods("shop")
			list, err := pods.List(t.Context(), metav1.ListOptions{Limit: 1})
			if err != nil || len(list.Items) != 1 || *list.RemainingItemCount != 1 {
				t.Fatal(list, err)
			}
			_ = a.Delete(podKind, "shop", "b")
			rest, err := pods.List(t.Context(), metav1.ListOptions{Limit: 1, Continue: list.Continue})
			if err != nil || len(rest.Items) != 1 || rest.Items[0].Name != "b" {
				t.Error("the second page is not of the first's version:", rest, err)
			}
			_, err = client.CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{Continue: list.Continue})
			if !apierrors.IsBadRequest(err) {
				t.Error("token of another list:", err)
			}
			_, err = pods.List(t.Context(), metav1.ListOptions{FieldSelector: "spec.foo=1"})
			if !apierrors.IsBadRequest(err) {
				t.Error("unknown selector:", err)
			}
			both := metav1.ListOptions{FieldSelector: "spec.nodeName=n1", LabelSelector: "app=web"}
			if list, err = pods.List(t.Context(), both); err != nil || len(list.Items) != 1 {
				t.Error(list, err)
			}
			if _, err = pods.Get(t.Context(), "none", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				t.Error(err)
			}
			if err = pods.Delete(t.Context(), "a", metav1.DeleteOptions{}); !apierrors.IsForbidden(err) {
				t.Error(err)
			}
			_, all, err := client.Discovery().ServerGroupsAndResources()
			if err != nil || len(all) < 10 {
				t.Error(len(all), err)
			}
			config.ContentType, config.AcceptContentTypes = "", ""
			proxies := dynamic.NewForConfigOrDie(config).Resource(proxiesResource).Namespace("shop")
			got, err := proxies.Get(t.Context(), "p", metav1.GetOptions{})
			if err != nil || got.GetName() != "p" {
				t.Error(got, err)
			}
		})
	}
}

func TestWatch(t *testing.T) {
	for _, media := range []string{jsonMedia, protobufMedia} {
		t.Run(media, func(t *testing.T) {
			a, _, client := open(t, media)
			list, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var both []watch.Interface
			for range 2 {
				from := metav1.ListOptions{ResourceVersion: list.ResourceVersion, LabelSelector: "app=web"}
				w, err := client.CoreV1().Pods("").Watch(t.Context(), from)
				if err != nil {
					t.Fatal(err)
				}
				defer w.Stop()
				both = append(both, w)
			}
			_ = a.Patch(podKind, "shop", "b", []byte(`{"metadata":{"labels":{"app":"web"}}}`))
			_ = a.Delete(podKind, "shop", "a")
			for _, w := range both {
				if e := next(t, w); e.Type != watch.Added || e.Object.(*corev1.Pod).Name != "b" {
					t.Error(e)
				}
				if e := next(t, w); e.Type != watch.Deleted || e.Object.(*corev1.Pod).Name != "a" {
					t.Error(e)
				}
			}
			for range 30 {
				_ = a.Patch(podKind, "shop", "b", []byte(`{"status":{"phase":"Running"}}`))
			}
			w, err := client.CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			if e := next(t, w); !apierrors.IsResourceExpired(apierrors.FromObject(e.Object)) {
				t.Error(e)
			}
		})
	}
}

func TestInformer(t *testing.T) {
	a, _, client := open(t, protobufMedia)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	gone := make(chan struct{})
	_, _ = pods.AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: func(any) { close(gone) }})
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), pods.HasSynced) {
		t.Fatal("never synced")
	}
	_ = a.Delete(podKind, "shop", "a")
	select {
	case <-gone:
	case <-ctx.Done():
		t.Fatal("the informer did not hear the delete")
	}
	cancel()
	factory.Shutdown()
}

func TestLog(t *testing.T) {
	a, _, client := open(t, jsonMedia)
	a.Log(Container{Namespace: "shop", Pod: "a", Name: "c"}, Line{Text: "one"}, Line{Text: "two"})
	tail := int64(1)
	options := &corev1.PodLogOptions{TailLines: &tail, Follow: true}
	body, err := client.CoreV1().Pods("shop").GetLogs("a", options).Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.Log(Container{Namespace: "shop", Pod: "a", Name: "c"}, Line{Text: "three"})
	_ = a.Delete(podKind, "shop", "a")
	if text, err := io.ReadAll(body); string(text) != "two\nthree\n" || err != nil {
		t.Errorf("%q %v", text, err)
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	a, _, _ := open(t, jsonMedia)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://api/api/v1/nodes?watch=true", nil)
	res, err := a.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(res.Body); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Error(err)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}
