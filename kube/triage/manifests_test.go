package triage

import (
	"fmt"
	"strings"
)

// The objects of scenes, as YAML. They are in the namespace shop, and their labels are
// app: NAME.

// deployment has so many pods wanted and ready.
func deployment(name string, want, ready int, more ...string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: shop, creationTimestamp: @-24h, generation: 1}
spec:
  replicas: %[2]d
  selector: {matchLabels: {app: %[1]s}}
  template: {metadata: {labels: {app: %[1]s}}, spec: {containers: [{name: app, image: shop/app:v1}]}}
status:
  {observedGeneration: 1, replicas: %[2]d, updatedReplicas: %[2]d, readyReplicas: %[3]d, availableReplicas: %[3]d,
  conditions: [{type: Progressing, status: "True", reason: NewReplicaSetAvailable}%[4]s]}
`, name, want, ready, comma(more))
}

func comma(more []string) string {
	if len(more) == 0 {
		return ""
	}
	return ", " + strings.Join(more, ", ")
}

// replicas is the ReplicaSet of a Deployment.
func replicas(name string, want int) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: %[1]s-1, namespace: shop, creationTimestamp: @-24h, ownerReferences: [{apiVersion: apps/v1,
  kind: Deployment, name: %[1]s, uid: u-%[1]s, controller: true}]}
spec:
  replicas: %[2]d
  selector: {matchLabels: {app: %[1]s}}
  template: {metadata: {labels: {app: %[1]s}}, spec: {containers: [{name: app, image: shop/app:v1}]}}
status: {replicas: %[2]d}
`, name, want)
}

// database is a StatefulSet with so many pods wanted, there, and ready.
func database(want, have, ready int) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop, creationTimestamp: @-24h, generation: 1}
spec:
  replicas: %[1]d
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: app, image: shop/app:v1}]}}
status: {observedGeneration: 1, replicas: %[2]d, updatedReplicas: %[2]d, readyReplicas: %[3]d, currentRevision: a,
  updateRevision: a}
`, want, have, ready)
}

// pod is a pod of an owner ("ReplicaSet/web-1"; "" for none) with a status; more is added
// to its spec.
func pod(name, owner, status string, more ...string) string {
	app, owned := name, ""
	if kind, of, ok := strings.Cut(owner, "/"); ok {
		app = of
		if kind == "ReplicaSet" {
			app = strings.TrimSuffix(of, "-1")
		}
		group := map[string]string{"Job": "batch/v1", "Node": "v1"}[kind]
		if group == "" {
			group = "apps/v1"
		}
		owned = fmt.Sprintf("ownerReferences: [{apiVersion: %s, kind: %s, name: %s, uid: u-%[3]s, controller: true}]",
			group, kind, of)
	}
	spec := "containers: [{name: app, image: shop/app:v1}]"
	for _, m := range more {
		if strings.HasPrefix(m, "containers:") {
			spec = ""
		}
	}
	for _, m := range more {
		spec += ", " + m
	}
	if !strings.Contains(spec, "nodeName") {
		spec += ", nodeName: n1"
	}
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: shop, creationTimestamp: @-1h, labels: {app: %s}, %s}
spec: {restartPolicy: Always, %s}
status: %s
`, name, app, owned, strings.TrimPrefix(spec, ", "), status)
}

// unscheduledPod is a pod without a node.
func unscheduledPod(name, owner, message string, more ...string) string {
	text := pod(name, owner, `{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable,
    lastTransitionTime: @-4m, message: `+fmt.Sprintf("%q", message)+`}]}`, more...)
	return strings.Replace(text, ", nodeName: n1", "", 1)
}

// status is that of a running pod: when its condition Ready changed to what, and its
// containers' statuses.
func status(ready, changed string, containers ...string) string {
	return fmt.Sprintf(`{phase: Running, conditions: [{type: PodScheduled, status: "True", lastTransitionTime: @-1h},
    {type: Initialized, status: "True", lastTransitionTime: @-1h},
    {type: Ready, status: %q, lastTransitionTime: %s}], containerStatuses: [%s]}`, ready, changed,
		strings.Join(containers, ", "))
}

// starting is the status of a pod whose init containers are not done.
func starting(inits, containers string) string {
	return fmt.Sprintf(`{phase: Pending, conditions: [{type: PodScheduled, status: "True", lastTransitionTime: @-10m},
    {type: Initialized, status: "False", lastTransitionTime: @-10m},
    {type: Ready, status: "False", lastTransitionTime: @-10m}], initContainerStatuses: [%s], containerStatuses: [%s]}`,
		inits, containers)
}

const (
	appRuns = `{name: app, ready: true, started: true, restartCount: 0, state: {running: {startedAt: @-1h}}}`
	appWait = `{name: app, ready: false, restartCount: 0, state: {waiting: {reason: ContainerCreating}}}`
)

// well is the status of a pod that is well.
var well = status("True", "@-1h", appRuns)

// crashes is the status of a container in a crash loop.
func crashes(restarts int, last string) string {
	return fmt.Sprintf(`{name: app, ready: false, started: false, restartCount: %d,
    state: {waiting: {reason: CrashLoopBackOff, message: back-off 5m0s restarting failed container}},
    lastState: {terminated: %s}}`, restarts, last)
}

// waits is the status of a container that waits.
func waits(reason, message string) string {
	return fmt.Sprintf(`{name: app, ready: false, started: false, restartCount: 0, state: {waiting: {reason: %s,
    message: %q}}}`, reason, message)
}

// warns is a Warning event about an object ("Pod web-1") one minute ago.
func warns(about, reason, message string) string {
	kind, name, _ := strings.Cut(about, " ")
	version := map[string]string{"Pod": "v1", "PersistentVolumeClaim": "v1", "Node": "v1", "Service": "v1",
		"Job": "batch/v1", "CronJob": "batch/v1", "HorizontalPodAutoscaler": "autoscaling/v2"}[kind]
	if version == "" {
		version = "apps/v1"
	}
	return fmt.Sprintf(`
apiVersion: v1
kind: Event
metadata: {name: %s.%s, namespace: shop}
involvedObject: {apiVersion: %s, kind: %s, name: %[1]s, namespace: shop}
reason: %[6]s
type: Warning
message: %[5]q
firstTimestamp: @-3m
lastTimestamp: @-1m
count: 4
`, name, strings.ToLower(reason), version, kind, message, reason)
}

// service selects app=NAME; more is added to its spec.
func service(name string, more ...string) string {
	spec := fmt.Sprintf("selector: {app: %s}", name)
	for _, m := range more {
		if strings.HasPrefix(m, "selector:") {
			spec = ""
		}
	}
	for _, m := range more {
		spec += ", " + m
	}
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: shop, creationTimestamp: @-24h}
spec: {ports: [{name: http, port: 80, targetPort: 8080}], %s}
`, name, strings.TrimPrefix(spec, ", "))
}

// slice holds the endpoints of a Service: "web-1 ready", "web-2 not".
func slice(service string, endpoints ...string) string {
	var list []string
	for i, e := range endpoints {
		name, state, _ := strings.Cut(e, " ")
		list = append(list, fmt.Sprintf("{addresses: [10.0.0.%d], conditions: {ready: %t, terminating: %t}, "+
			"targetRef: {kind: Pod, namespace: shop, name: %s}}", i+1, state == "ready", state == "terminating", name))
	}
	return fmt.Sprintf(`
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: %[1]s-x, namespace: shop, labels: {kubernetes.io/service-name: %[1]s,
  endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io},
  ownerReferences: [{apiVersion: v1, kind: Service, name: %[1]s, uid: u-%[1]s, controller: true}]}
ports: [{name: http, port: 8080}]
endpoints: [%[2]s]
`, service, strings.Join(list, ", "))
}

// ingress routes / to a port of a Service.
func ingress(service string, port int, more ...string) string {
	return fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, creationTimestamp: @-24h}
spec: {rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %s,
  port: {number: %d}}}}]}}]%s}
`, service, port, comma(more))
}

// node is a node with a status of its condition Ready, and more in its spec.
func node(name, ready string, more ...string) string {
	spec := strings.Join(more, ", ")
	return fmt.Sprintf(`
apiVersion: v1
kind: Node
metadata: {name: %s, creationTimestamp: @-24h, labels: {kubernetes.io/hostname: %[1]s}}
spec: {%s}
status:
  allocatable: {cpu: "4", memory: 8Gi, pods: "110"}
  conditions: [%s]
`, name, spec, ready)
}

const nodeWell = `{type: Ready, status: "True", reason: KubeletReady, lastTransitionTime: @-24h}`

// condition is one of an object's.
func condition(kind, status, reason, message, changed string) string {
	return fmt.Sprintf("{type: %s, status: %q, reason: %s, message: %q, lastTransitionTime: %s}",
		kind, status, reason, message, changed)
}

// job has conditions.
func job(name, owner string, conditions ...string) string {
	owned := ""
	if owner != "" {
		owned = ", ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: " + owner + ", uid: u, controller: true}]"
	}
	return fmt.Sprintf(`
apiVersion: batch/v1
kind: Job
metadata: {name: %s, namespace: shop, creationTimestamp: @-1h%s}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: shop/app:v1}]}}}
status: {conditions: [%s]}
`, name, owned, strings.Join(conditions, ", "))
}

// claim is a PersistentVolumeClaim of a class ("" for none).
func claim(name, class, phase string) string {
	if class != "" {
		class = "storageClassName: " + class + ", "
	}
	return fmt.Sprintf(`
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: %s, namespace: shop, creationTimestamp: @-5m}
spec: {%saccessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
status: {phase: %s}
`, name, class, phase)
}

// storageClass binds at once or waits ("WaitForFirstConsumer").
func storageClass(name, mode string) string {
	return fmt.Sprintf(`
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: %s, creationTimestamp: @-24h}
provisioner: disks.test
volumeBindingMode: %s
`, name, mode)
}

// hpa scales a Deployment.
func hpa(conditions ...string) string {
	return fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop, creationTimestamp: @-24h}
spec: {minReplicas: 2, maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
status: {currentReplicas: 5, desiredReplicas: 5, conditions: [%s]}
`, strings.Join(conditions, ", "))
}

// metricsAPIService is answered by a Service.
func metricsAPIService(service, available string) string {
	return fmt.Sprintf(`
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io, creationTimestamp: @-24h}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100,
  service: {namespace: shop, name: %s}}
status: {conditions: [%s]}
`, service, available)
}

// webhook is a configuration that calls a Service.
func webhook(service, policy string) string {
	return fmt.Sprintf(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard, creationTimestamp: @-24h}
webhooks: [{name: guard.shop.test, failurePolicy: %[2]s, sideEffects: None, admissionReviewVersions: [v1],
  clientConfig: {service: {namespace: shop, name: %[1]s}}}]
`, service, policy)
}

// quota allows four pods.
func quota(used int) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: ResourceQuota
metadata: {name: pods, namespace: shop, creationTimestamp: @-24h}
spec: {hard: {pods: "4"}}
status: {hard: {pods: "4"}, used: {pods: "%d"}}
`, used)
}

// budget allows no disruption of its one pod, which may be healthy.
func budget(healthy int) string {
	return fmt.Sprintf(`
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop, creationTimestamp: @-24h}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
status: {disruptionsAllowed: 0, currentHealthy: %[1]d, desiredHealthy: 1, expectedPods: 1}
`, healthy)
}
