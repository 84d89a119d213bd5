package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// far is an app whose pods run on a simulated node.
var far = strings.Replace(app, "      terminationGracePeriodSeconds: 1\n",
	"      terminationGracePeriodSeconds: 1\n      "+strings.ReplaceAll(onSimulated, ", tolerations",
		"\n      tolerations")+"\n", 1)

var nodes = []Scenario{
	{
		Name: "a node's kubelet is silent", Prepare: node("lost-1"), Base: far, Limit: 2 * minute,
		Inject: steps(scale("Deployment web", 12), settled, kill("lost-1")),
		Sign:   condition("Node lost-1", "Ready", "Unknown", `NodeStatusUnknown`), Hold: 3 * second,
		Roots: []Root{{Is: "Node lost-1", Reason: `Kubelet stopped posting node status|NodeStatusUnknown`,
			Folds: "Deployment web, " + down}},
	},
	{
		Name: "the only kubelet is silent", Whole: true, Limit: 2 * minute,
		Inject: stop("kubelet"),
		Sign:   condition("Node {node}", "Ready", "Unknown", `NodeStatusUnknown`), Hold: 5 * second,
		Roots: []Root{{Is: "Node {node}", Reason: `Kubelet stopped posting node status|NodeStatusUnknown`,
			Folds: "Deployment web, " + down, MayFold: "*"}},
	},
	{
		Name: "a node says that its runtime is down", Prepare: node("lost-2"), Base: far,
		Inject: nodeCondition("lost-2", "Ready", "False", "KubeletNotReady", "container runtime is down"),
		Sign:   condition("Node lost-2", "Ready", "False", `container runtime is down`), Hold: 3 * second,
		Roots: []Root{{Is: "Node lost-2", Reason: `container runtime is down|KubeletNotReady`,
			MayFold: "Deployment web, " + down}},
	},
	{
		Name: "a node's disk is full", Prepare: node("lost-3"), Base: far,
		Inject: nodeCondition("lost-3", "DiskPressure", "True", "KubeletHasDiskPressure", "kubelet has disk pressure"),
		Sign:   condition("Node lost-3", "DiskPressure", "True", `disk pressure`),
		Roots:  []Root{{Is: "Node lost-3", Reason: `(?i)disk ?pressure`, MayFold: "Deployment web, " + down}},
	},
	{
		Name: "a cordoned node, and pods that wait for it", Prepare: node("lost-4"), Base: far,
		Inject: steps(patch("Node lost-4", `{spec: {unschedulable: true}}`), restart("Deployment web")),
		Sign:   pod("app=web", "PodScheduled", "False", `unschedulable`),
		Roots: []Root{{Is: "Node lost-4, Deployment web", Reason: `(?i)cordon|unschedulable`, Folds: down,
			MayFold: "Deployment web"}},
		Why: "the scheduler says it of the pods; other nodes would do as well as an uncordoned one",
	},
}

// scaling is the sign that the app's autoscaler can read what it needs.
var scaling = condition("HorizontalPodAutoscaler web", "ScalingActive", "True", ``)

var controlPlane = []Scenario{
	{
		Name: "the scheduler is stopped", Whole: true, Inject: steps(stop("kube-scheduler"), restart("Deployment web")),
		Sign: unseen("app=web"), Grace: 30 * second, Hold: 3 * second,
		Roots: []Root{{Is: "Deployment web, * kube-scheduler", Reason: `(?i)schedul`, Folds: down,
			MayFold: "Deployment web"}},
		Why: "no lease and no health check shows this scheduler: the pods that nobody looked at are all there is",
	},
	{
		Name: "the controller manager is stopped", Whole: true,
		Inject: steps(stop("kube-controller-manager"), scale("Deployment web", 3)),
		Sign:   field("Deployment web", "3", "spec", "replicas"), Grace: 30 * second,
		Roots: []Root{{Is: "Deployment web, * kube-controller-manager",
			Reason: `(?i)controller|generation|observed|reconcil`}},
		Why: "no lease and no health check shows this controller manager: a change that nobody takes up is all there is",
	},
	{
		Name: "the metrics API is down, and an HPA needs it", Whole: true, Base: app + hpa("web"),
		Inject: steps(showing(scaling), stop("metrics-server")), Repair: steps(put, showing(scaling)), Limit: 2 * minute,
		Sign: both(condition("APIService v1beta1.metrics.k8s.io", "Available", "False", ``),
			condition("HorizontalPodAutoscaler web", "ScalingActive", "False", ``)),
		Roots: []Root{{Is: "APIService v1beta1.metrics.k8s.io", Reason: `FailedDiscoveryCheck|MissingEndpoints|(?i)fail|not available`,
			Folds: "HorizontalPodAutoscaler web", MayFold: "HorizontalPodAutoscaler payments/gateway, Service kube-system/metrics-server"}},
	},
	{
		Name: "an APIService without a Service", Short: true, Inject: add(apiService),
		Sign:  condition("APIService v1.{ns}.fathom.test", "Available", "False", `ServiceNotFound`),
		Roots: []Root{{Is: "APIService v1.{ns}.fathom.test", Reason: `ServiceNotFound|ghost`}},
	},
	{
		Name: "a namespace that a dead API keeps", Whole: true,
		Inject: steps(add(apiService), showing(condition("APIService v1.{ns}.fathom.test", "Available", "False", ``)),
			add(`{apiVersion: v1, kind: Namespace, metadata: {name: "{ns}-gone"}}`), pause(second), begin("Namespace {ns}-gone")),
		Repair: steps(finish("APIService v1.{ns}.fathom.test"), put), Hold: 3 * second,
		Sign:  condition("Namespace {ns}-gone", "NamespaceDeletionDiscoveryFailure", "True", ``),
		Roots: []Root{{Is: "APIService v1.{ns}.fathom.test", Reason: `ServiceNotFound|ghost`, Folds: "Namespace {ns}-gone"}},
	},
	{
		Name: "a namespace that a finalizer keeps", Inject: steps(add(`
apiVersion: v1
kind: Namespace
metadata: {name: "{ns}-gone"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, namespace: "{ns}-gone", finalizers: [fathom.test/backup]}
`), pause(second), begin("Namespace {ns}-gone")),
		Sign: condition("Namespace {ns}-gone", "NamespaceFinalizersRemaining", "True", ``),
		Roots: []Root{{Is: "Namespace {ns}-gone", Reason: `fathom\.test/backup|(?i)finalizer|content`,
			MayFold: "ConfigMap {ns}-gone/kept"}},
	},
	{
		Name: "two kinds want the same name", Inject: steps(add(kind("gizmos", "Gizmo", "")),
			showing(condition("CustomResourceDefinition gizmos.{ns}.fathom.test", "Established", "True", ``)),
			add(kind("gizmoz", "Gizmo", ""))),
		Sign: condition("CustomResourceDefinition gizmoz.{ns}.fathom.test", "NamesAccepted", "False", ``),
		Roots: []Root{{Is: "CustomResourceDefinition gizmoz.{ns}.fathom.test",
			Reason: `(?i)conflict|already in use|NamesAccepted|NotAccepted`}},
	},
	{
		Name: "a conversion webhook that is not there", Grace: 10 * second,
		Inject: steps(add(kind("gizmos", "Gizmo", `
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1]
      clientConfig: {service: {namespace: "{ns}", name: ghost, path: /convert}}`)),
			showing(condition("CustomResourceDefinition gizmos.{ns}.fathom.test", "Established", "True", ``)),
			add(`{apiVersion: "{ns}.fathom.test/v1", kind: Gizmo, metadata: {name: one}}`)),
		Sign:  condition("CustomResourceDefinition gizmos.{ns}.fathom.test", "Established", "True", ``),
		Roots: []Root{{Is: "CustomResourceDefinition gizmos.{ns}.fathom.test", Reason: `(?i)conversion|ghost`}},
		// Nothing of the kind can be read or deleted before.
		Repair: steps(patch("CustomResourceDefinition gizmos.{ns}.fathom.test",
			`{spec: {conversion: {strategy: None, webhook: null}}}`), put),
	},
}

const apiService = `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: "v1.{ns}.fathom.test"}
spec:
  group: "{ns}.fathom.test"
  version: v1
  groupPriorityMinimum: 1000
  versionPriority: 15
  insecureSkipTLSVerify: true
  service: {namespace: "{ns}", name: ghost, port: 443}
`

// kind is a CustomResourceDefinition of two versions.
func kind(plural, name, conversion string) string {
	schema := `schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}`
	return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: "` + plural + `.{ns}.fathom.test"}
spec:
  group: "{ns}.fathom.test"
  scope: Namespaced
  names: {kind: ` + name + `, plural: ` + plural + `}
  versions:
  - {name: v1, served: true, storage: true, ` + schema + `}
  - {name: v2, served: true, storage: false, ` + schema + `}` + conversion + "\n"
}

// unseen is the sign that a pod waits which no scheduler has looked at.
func unseen(selector string) Sign {
	return Sign{look: func(ctx context.Context, s *scene) (time.Time, bool, error) {
		pods, err := s.pods(ctx, s.namespace, selector)
		if err != nil {
			return time.Time{}, false, err
		}
		for _, pod := range pods {
			if pod.DeletionTimestamp == nil && pod.Spec.NodeName == "" && len(pod.Status.Conditions) == 0 {
				return time.Time{}, true, nil
			}
		}
		return time.Time{}, false, nil
	}}
}

// nodeCondition sets a condition of a simulated node as its kubelet would, until the repair.
func nodeCondition(name, condition, status, reason, message string) Step {
	return func(ctx context.Context, s *scene) error {
		before, err := s.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		now := time.Now().UTC().Format(time.RFC3339)
		s.undo = append(s.undo, func(ctx context.Context) error {
			current, err := s.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			current.Status.Conditions = readyConditions(metav1.Now())
			_, err = s.client.CoreV1().Nodes().UpdateStatus(ctx, current, metav1.UpdateOptions{})
			return err
		})
		for i := range before.Status.Conditions {
			if c := &before.Status.Conditions[i]; string(c.Type) == condition {
				text := fmt.Sprintf(`{status: {conditions: [{type: %s, status: %q, reason: %s, message: %q,
					lastHeartbeatTime: %q, lastTransitionTime: %q}]}}`, condition, status, reason, message, now, now)
				return s.patch(ctx, Ref{Kind: "Node", Name: name}, text, "status")
			}
		}
		return fmt.Errorf("node %s has no condition %s", name, condition)
	}
}
