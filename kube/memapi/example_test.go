package memapi_test

import (
	"context"
	"fmt"
	"log"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// A client of Kubernetes gets the API as its transport; the host is never asked.
func Example() {
	clock := memapi.NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	api, err := memapi.New(memapi.Options{Clock: clock})
	if err != nil {
		log.Fatal(err)
	}
	err = api.ApplyYAML(`
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {phase: Running}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, status: {phase: Pending}}
`)
	if err != nil {
		log.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(&rest.Config{Host: "http://api", Transport: api})
	if err != nil {
		log.Fatal(err)
	}
	pods, err := client.CoreV1().Pods("shop").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, pod := range pods.Items {
		fmt.Println(pod.Name, pod.Status.Phase, pod.CreationTimestamp.UTC())
	}
	// Output:
	// db Pending 2026-01-02 03:04:05 +0000 UTC
	// web Running 2026-01-02 03:04:05 +0000 UTC
}
