package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// app is what most scenarios break: a Deployment behind a Service behind an Ingress. Recreate makes a bad release hurt
// at once.
const app = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  strategy: {type: Recreate}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--serve=:8080]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 1}
        resources: {requests: {cpu: 5m, memory: 16Mi}, limits: {memory: 64Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: shop-edge
  rules:
  - host: "{ns}.fathom.test"
    http:
      paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]
`

// steps does one step after another.
func steps(list ...Step) Step {
	return func(ctx context.Context, s *scene) error {
		for _, step := range list {
			if err := step(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// add makes the objects of YAML text.
func add(text string) Step {
	return func(ctx context.Context, s *scene) error { return s.apply(ctx, hand, text) }
}

// patch changes an object such as "Deployment web".
func patch(object, text string) Step {
	return func(ctx context.Context, s *scene) error {
		return s.patch(ctx, s.refs(object)[0], text)
	}
}

// container changes the app's container.
func container(fields string) Step {
	return patch("Deployment web", "{spec: {template: {spec: {containers: [{name: app, "+fields+"}]}}}}")
}

// template changes the app's pods.
func template(fields string) Step {
	return patch("Deployment web", "{spec: {template: {spec: {"+fields+"}}}}")
}

// scale sets the replicas of a workload.
func scale(object string, replicas int) Step {
	return patch(object, fmt.Sprintf("{spec: {replicas: %d}}", replicas))
}

// remove deletes objects, to be made again by the repair.
func remove(objects string) Step {
	return func(ctx context.Context, s *scene) error {
		for _, r := range s.refs(objects) {
			if err := s.save(ctx, r); err != nil {
				return err
			}
			if err := s.delete(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}
}

// begin deletes an object and does not wait for its end.
func begin(object string) Step {
	return func(ctx context.Context, s *scene) error {
		r := s.refs(object)[0]
		s.touched = append(s.touched, r)
		resource, err := s.resource(r)
		if err != nil {
			return err
		}
		return resource.Delete(ctx, r.Name, metav1.DeleteOptions{})
	}
}

// restart begins a rollout as `kubectl rollout restart` does.
func restart(object string) Step {
	return func(ctx context.Context, s *scene) error {
		now := time.Now().UTC().Format(time.RFC3339Nano)
		return patch(object, "{spec: {template: {metadata: {annotations: {kubectl.kubernetes.io/restartedAt: '"+now+
			"'}}}}}")(ctx, s)
	}
}

// stop ends a program of the cluster until the repair.
func stop(name string) Step {
	return func(ctx context.Context, s *scene) error {
		component, err := s.cluster.Component(name)
		if err != nil {
			return err
		}
		s.undo = append(s.undo, component.Start)
		return component.Kill(ctx)
	}
}

// put undoes what was done to the scene.
func put(ctx context.Context, s *scene) error { return s.restore(ctx) }

// settled waits until the scene's workloads are well.
func settled(ctx context.Context, s *scene) error {
	return until(ctx, settleLimit, "the workloads of "+s.namespace, s.well)
}

// showing waits until the API shows a sign.
func showing(sign Sign) Step {
	return func(ctx context.Context, s *scene) error {
		return until(ctx, settleLimit, "a sign", func(ctx context.Context) (bool, error) {
			_, shown, err := sign.look(ctx, s)
			return shown, err
		})
	}
}

// pause lets time pass in which nothing is supposed to happen.
func pause(duration time.Duration) Step {
	return func(ctx context.Context, _ *scene) error {
		select {
		case <-time.After(duration):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// podNames returns the names of the pods that a reference with a selector stands for.
func (s *scene) podNames(ctx context.Context, r Ref) ([]Ref, error) {
	pods, err := s.pods(ctx, r.Namespace, r.Selector)
	if err != nil {
		return nil, err
	}
	var names []Ref
	for i := range pods {
		if !isReady(&pods[i]) {
			names = append(names, Ref{Kind: "Pod", Namespace: r.Namespace, Name: pods[i].Name})
		}
	}
	return names, nil
}

// resolve reads a list of references and replaces those of pods by their names.
func (s *scene) resolve(ctx context.Context, list string) ([]Ref, error) {
	var all []Ref
	var problems []error
	for _, r := range s.refs(list) {
		if r.Selector == "" {
			all = append(all, r)
			continue
		}
		pods, err := s.podNames(ctx, r)
		problems = append(problems, err)
		all = append(all, pods...)
	}
	return all, errors.Join(problems...)
}

// sceneNames begins the names of the namespaces of scenes.
const sceneNames = "incident-"

// slug makes a namespace's name of a scenario's.
func slug(name string) string {
	var text strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			text.WriteRune(r)
		} else if made := text.String(); made != "" && !strings.HasSuffix(made, "-") {
			text.WriteByte('-')
		}
	}
	made := text.String()
	return strings.Trim(sceneNames+made[:min(len(made), 28)], "-")
}

// finish removes an object and whatever keeps it.
func finish(objects string) Step {
	return func(ctx context.Context, s *scene) error {
		for _, r := range s.refs(objects) {
			if err := s.delete(ctx, r); err != nil {
				return err
			}
		}
		return nil
	}
}

// killPods deletes the pods with a label at once.
func killPods(selector string) Step {
	return func(ctx context.Context, s *scene) error {
		zero := int64(0)
		return s.client.CoreV1().Pods(s.namespace).DeleteCollection(ctx,
			metav1.DeleteOptions{GracePeriodSeconds: &zero}, metav1.ListOptions{LabelSelector: selector})
	}
}
