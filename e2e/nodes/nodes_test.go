package nodes

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/image"
)

// web is a deployment that is spread over both workers, and leaves a lost node soon.
const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      tolerations:
      - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
      - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      containers:
      - name: app
        image: fathom.test/workload:1
        args: ["--serve=:8080"]
        readinessProbe: {httpGet: {path: /readyz, port: 8080}, periodSeconds: 1}
`

// TestLostNode freezes a worker: its kubelet is silent, and its pods start elsewhere.
func TestLostNode(t *testing.T) {
	namespace := scene(t, web)
	ready(t, namespace, "web")
	lost := node(t, world.workers[1])
	t.Cleanup(func() {
		if err := lost.Resume(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		calm(t, namespace)
	})
	if err := lost.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, "Node", "", lost.Name, `Kubelet stopped posting node status|NodeStatusUnknown`)
	kubectl(t, "wait", "-n", namespace, "--for=jsonpath={.status.readyReplicas}=2", "deployment/web", "--timeout=120s")
	if got := tree(t, namespace, "deployment/web"); strings.Count(got, world.workers[0]) < 2 {
		t.Errorf("the tree does not show both pods on %s:\n%s", world.workers[0], got)
	}
}

// TestSilentKubelet stops a kubelet alone: its containers run on, and nobody hears of them.
func TestSilentKubelet(t *testing.T) {
	namespace := scene(t, agent)
	kubectl(t, "rollout", "status", "-n", namespace, "daemonset/agent", "--timeout=120s")
	silent := node(t, world.workers[0])
	t.Cleanup(func() {
		if err := silent.Run(context.WithoutCancel(t.Context()), "systemctl", "start", "kubelet"); err != nil {
			t.Error(err)
		}
		calm(t, namespace)
	})
	if err := silent.Run(t.Context(), "systemctl", "stop", "kubelet"); err != nil {
		t.Fatal(err)
	}
	found := says(t, "Node", "", silent.Name, `Kubelet stopped posting node status|NodeStatusUnknown`)
	if len(found.Folded) == 0 {
		t.Errorf("the node's row holds none of its symptoms: %s", found)
	}
	shows(t, namespace, "daemonset/agent", `node `+silent.Name+` +failing +NotReady`)
}

// agent is a daemon on both workers.
const agent = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, image: "fathom.test/workload:1", args: ["--serve=:8080"]}]
`

// TestTaint taints a worker: a daemon leaves it without being unwell, and a pod that may
// run nowhere else waits.
func TestTaint(t *testing.T) {
	namespace := scene(t, agent)
	kubectl(t, "rollout", "status", "-n", namespace, "daemonset/agent", "--timeout=120s")
	kubectl(t, "taint", "node", world.workers[1], "fathom.test/gone=yes:NoExecute")
	t.Cleanup(func() { kubectl(t, "taint", "node", world.workers[1], "fathom.test/gone-") })
	kubectl(t, "wait", "-n", namespace, "--for=jsonpath={.status.desiredNumberScheduled}=1", "daemonset/agent",
		"--timeout=60s")
	if got := tree(t, namespace, "daemonset/agent"); !strings.Contains(got, world.workers[0]) ||
		strings.Contains(got, world.workers[1]) {
		t.Errorf("the tree does not show the daemon on %s alone:\n%s", world.workers[0], got)
	}
	calm(t, namespace)
	kubectlWith(t, pinned, "apply", "-n", namespace, "-f", "-")
	kubectl(t, "patch", "-n", namespace, "deployment/pinned", "--type=merge", "-p",
		`{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"`+world.workers[1]+`"}}}}}`)
	says(t, "Deployment|Node", namespace, "pinned", `untolerated taint`)
}

const pinned = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: pinned}
spec:
  selector: {matchLabels: {app: pinned}}
  template:
    metadata: {labels: {app: pinned}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, image: "fathom.test/workload:1", args: ["--serve=:8080"]}]
`

// TestAntiAffinity asks for three pods that may not share a node, on two nodes.
func TestAntiAffinity(t *testing.T) {
	namespace := scene(t, strings.NewReplacer("replicas: 2", "replicas: 3", "      tolerations:\n", `      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}
      tolerations:
`).Replace(web))
	says(t, "Deployment", namespace, "web", `anti-affinity`)
	got := tree(t, namespace, "deployment/web")
	for _, worker := range world.workers {
		if strings.Count(got, worker) == 0 {
			t.Errorf("the tree does not show a pod on %s:\n%s", worker, got)
		}
	}
}

// TestSpread cordons a worker under a deployment that must be spread evenly.
func TestSpread(t *testing.T) {
	kubectl(t, "cordon", world.workers[1])
	t.Cleanup(func() { kubectl(t, "uncordon", world.workers[1]) })
	even := strings.NewReplacer("ScheduleAnyway", "DoNotSchedule", "replicas: 2", "replicas: 3")
	namespace := scene(t, even.Replace(web))
	says(t, "Deployment|Node", namespace, "web", `topology spread|unschedulable`)
	shows(t, namespace, "deployment/web", `pod web-\S+ +failing +Unschedulable`)
}

// TestVolumeElsewhere has a pod whose volume is on another node than it must run on.
func TestVolumeElsewhere(t *testing.T) {
	namespace := scene(t, `
apiVersion: v1
kind: PersistentVolume
metadata: {name: nodes-elsewhere}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  storageClassName: nodes-local
  local: {path: /tmp}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [WORKER1]}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: nodes-local
  volumeName: nodes-elsewhere
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  terminationGracePeriodSeconds: 0
  nodeSelector: {kubernetes.io/hostname: WORKER2}
  containers:
  - {name: app, image: "fathom.test/workload:1", volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`)
	t.Cleanup(func() { kubectl(t, "delete", "persistentvolume", "nodes-elsewhere", "--wait=false") })
	says(t, "Pod", namespace, "db", `node affinity`)
	if got := tree(t, namespace, "pod/db"); !strings.Contains(got, "nodes-elsewhere") {
		t.Errorf("the tree does not show the volume:\n%s", got)
	}
}

// TestDNS takes the cluster's DNS server away from a pod that asks it.
func TestDNS(t *testing.T) {
	namespace := scene(t, web+`
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`+"---"+strings.NewReplacer("name: web", "name: client", "app: web", "app: client",
		`"--serve=:8080"`, `"--serve=:8080", "--upstream=http://web/"`).Replace(web))
	ready(t, namespace, "client")
	kubectl(t, "scale", "-n", "kube-system", "deployment/coredns", "--replicas=0")
	t.Cleanup(func() {
		kubectl(t, "scale", "-n", "kube-system", "deployment/coredns", "--replicas=2")
		kubectl(t, "rollout", "status", "-n", "kube-system", "deployment/coredns", "--timeout=120s")
		ready(t, namespace, "client")
	})
	says(t, "Deployment|Service", namespace, "client", `(?i)ready|probe`)
	found := says(t, "Deployment", "kube-system", "coredns", `kube-dns has no endpoints, and all pods ask it for names`)
	if len(found.Folded) == 0 {
		t.Errorf("the row does not hold the service: %s", found)
	}
	shows(t, "kube-system", "service/kube-dns", `deployment coredns +0/0`)
}

// TestBudget drains a worker whose pods a budget keeps, and then does not.
func TestBudget(t *testing.T) {
	namespace := scene(t, web+`
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
`)
	ready(t, namespace, "web")
	t.Cleanup(func() { kubectl(t, "uncordon", world.workers[1]) })
	drain := []string{"drain", world.workers[1], "--ignore-daemonsets", "--delete-emptydir-data", "--force"}
	_, problems, code := run(t, "", world.cluster.Kubectl, append(drain, "--timeout=8s")...)
	if code == 0 || !strings.Contains(problems, "disruption budget") {
		t.Fatalf("the drain was not held: exit %d: %s", code, problems)
	}
	if got := tree(t, namespace, "deployment/web"); !regexp.MustCompile(`(?i)disruptionbudget`).MatchString(got) {
		t.Errorf("the tree does not show the budget:\n%s", got)
	}
	says(t, "PodDisruptionBudget", namespace, "web", `disruption`)
	kubectl(t, "delete", "-n", namespace, "poddisruptionbudget/web")
	kubectl(t, append(drain, "--timeout=120s")...)
	ready(t, namespace, "web")
	if got := tree(t, namespace, "deployment/web"); strings.Count(got, world.workers[0]) < 2 {
		t.Errorf("the tree does not show both pods on %s:\n%s", world.workers[0], got)
	}
	calm(t, namespace)
}

// TestImageOnOneNode has an image that one of the nodes lost.
func TestImageOnOneNode(t *testing.T) {
	namespace := scene(t, strings.Replace(web, "workload:1\n", "workload:v42\n        imagePullPolicy: Never\n", 1))
	ready(t, namespace, "web")
	poor := node(t, world.workers[1])
	t.Cleanup(func() {
		if err := image.Import(context.WithoutCancel(t.Context()), world.cluster); err != nil {
			t.Error(err)
		}
	})
	err := poor.Run(t.Context(), "ctr", "-n", "k8s.io", "images", "remove", "--sync", "fathom.test/workload:v42")
	if err != nil {
		t.Fatal(err)
	}
	kubectl(t, "cordon", world.workers[0])
	t.Cleanup(func() { kubectl(t, "uncordon", world.workers[0]) })
	kubectl(t, "delete", "pod", "-n", namespace, "--field-selector=spec.nodeName="+poor.Name, "-l", "app=web")
	says(t, "Deployment|Pod", namespace, "web.*", `ErrImageNeverPull|not present`)
	shows(t, namespace, "deployment/web", `pod web-\S+ +failing +app ErrImageNeverPull`)
}
