package main

import (
	"context"
	"errors"
	"strings"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// situations are what happens all day in a healthy cluster.
func situations(calm time.Duration) []Situation {
	return []Situation{
		{Name: "nothing happens", Whole: true, Short: true, Do: pause(calm)},
		{Name: "a rolling update", Base: surging, Short: true, Do: steps(restart("Deployment web"), settled)},
		{Name: "a rolling update of a StatefulSet", Base: database, Do: steps(restart("StatefulSet db"), settled)},
		{Name: "an update that recreates all pods", Do: steps(restart("Deployment web"), settled)},
		{Name: "a Deployment scales up and down", Base: surging, Do: steps(scale("Deployment web", 5), settled,
			scale("Deployment web", 2), settled)},
		{Name: "fresh pods start slowly", Do: steps(add(strings.Replace(another("api"), "--serve=:8080",
			"--serve=:8080, --ready-after=4s", 1)), scale("Deployment api", 3), settled)},
		{Name: "a Job completes", Short: true, Do: steps(add(job("--exit-after=1s")),
			showing(condition("Job report", "Complete", "True", ``)))},
		{Name: "a Job succeeds after retries", Do: steps(add(retried), showing(state("app=report", `^Error 2`)),
			patch("ConfigMap report", `{data: {CODE: "0"}}`), showing(condition("Job report", "Complete", "True", ``)))},
		{Name: "a CronJob between two runs", Do: steps(add(cronJob("nightly", "* * * * *", "--exit-after=500ms")),
			showing(lasting(event(`Completed: Job completed`))), pause(5*second))},
		{Name: "a suspended CronJob", Do: steps(add(strings.Replace(cronJob("nightly", "* * * * *", "--exit-after=1s"),
			"spec:\n", "spec:\n  suspend: true\n", 1)), pause(5*second))},
		{Name: "to 0 and back, where nobody routes to", Base: another("worker"), Short: true, Do: steps(
			scale("Deployment worker", 0), settled, pause(5*second), scale("Deployment worker", 1), settled)},
		{Name: "an HPA at its minimum", Base: app, Do: steps(add(hpa("web")),
			showing(condition("HorizontalPodAutoscaler web", "ScalingActive", "True", ``)), pause(5*second))},
		{Name: "cordon, drain and uncordon", Prepare: steps(node("spare-1"), node("spare-2")), Base: spread, Do: drain},
		{Name: "optional references that are not there", Do: steps(add(strings.Replace(another("api"),
			"        ports:", optional, 1)), settled, pause(3*second))},
		{Name: "a Retain volume is released", Base: app + volume("Retain") + claim("{ns}"), Do: steps(
			showing(field("PersistentVolumeClaim data", "Bound", "status", "phase")), finish("PersistentVolumeClaim data"),
			showing(field("PersistentVolume {ns}", "Released", "status", "phase")), pause(5*second))},
		{Name: "a claim waits for its first consumer", Do: steps(add(class("kubernetes.io/no-provisioner",
			"WaitForFirstConsumer")+claim("{ns}")), pause(5*second))},
		{Name: "a DaemonSet that no node wants", Do: steps(add(`
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: gpu}
spec:
  selector: {matchLabels: {app: gpu}}
  template:
    metadata: {labels: {app: gpu}}
    spec: {nodeSelector: {accelerator: a100}, containers: [{name: gpu, image: "fathom.test/workload:1"}]}
`), pause(5*second))},
		{Name: "a workload is deleted", Base: app + another("api"), Short: true,
			Do: steps(finish("Deployment api"), pause(3*second))},
		{Name: "a namespace is deleted", Do: steps(add(`{apiVersion: v1, kind: Namespace, metadata: {name: "{ns}-gone"}}`),
			pause(second), begin("Namespace {ns}-gone"), vanished("Namespace {ns}-gone"))},
	}
}

var surging = strings.Replace(app, "strategy: {type: Recreate}", "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", 1)

// spread has its pods on simulated nodes, and may move them one at a time.
var spread = strings.Replace(far, "strategy: {type: Recreate}",
	"strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", 1) + `
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
`

const optional = `        envFrom:
        - {configMapRef: {name: ghost, optional: true}}
        - {secretRef: {name: ghost, optional: true}}
        env:
        - {name: A, valueFrom: {secretKeyRef: {name: ghost, key: a, optional: true}}}
        ports:`

// retried is a Job whose pods do as a ConfigMap says.
var retried = strings.Replace(strings.Replace(job(`--exit-after=200ms, "--exit-code=$(CODE)"`),
	"backoffLimit: 0",
	"backoffLimit: 4", 1), "args:", "env: [{name: CODE, valueFrom: {configMapKeyRef: {name: report, key: CODE}}}], args:", 1) + `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: report}
data: {CODE: "2"}
`

// lasting is a sign that may stay.
func lasting(sign Sign) Sign {
	sign.lasts = true
	return sign
}

// vanished waits until an object is gone.
func vanished(object string) Step {
	return func(ctx context.Context, s *scene) error {
		r := s.refs(object)[0]
		return until(ctx, settleLimit, r.String()+" to go", func(ctx context.Context) (bool, error) {
			_, err := s.get(ctx, r)
			return err != nil, nil
		})
	}
}

// drain cordons a simulated node, evicts its pods, and takes it into service again.
func drain(ctx context.Context, s *scene) error {
	pods, err := s.pods(ctx, s.namespace, "app=web")
	if err != nil || len(pods) == 0 {
		return errors.Join(err, errors.New("no pods to drain"))
	}
	name := pods[0].Spec.NodeName
	if err := patch("Node "+name, `{spec: {unschedulable: true}}`)(ctx, s); err != nil {
		return err
	}
	for _, pod := range pods {
		if pod.Spec.NodeName != name {
			continue
		}
		eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace}}
		err := until(ctx, settleLimit, "the eviction of "+pod.Name, func(ctx context.Context) (bool, error) {
			err := s.client.PolicyV1().Evictions(pod.Namespace).Evict(ctx, eviction)
			return err == nil, err
		})
		if err != nil {
			return err
		}
	}
	if err := steps(settled, pause(5*second), put, settled)(ctx, s); err != nil {
		return err
	}
	return pause(3*second)(ctx, s)
}
