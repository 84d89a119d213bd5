package shop

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// state is one way for a pod to be. Each says something that stays true, so that the states of all pods can be seen
// together: a pod that crashes runs again every now and then.
type state struct {
	name string
	is   func(*corev1.Pod) bool
}

var (
	ready = state{
		"ready",
		func(pod *corev1.Pod) bool { return condition(pod, corev1.PodReady).Status == corev1.ConditionTrue },
	}

	unready = state{"running, not ready", func(pod *corev1.Pod) bool {
		return pod.Status.Phase == corev1.PodRunning && condition(pod, corev1.PodReady).Reason == "ContainersNotReady"
	}}

	completed = state{"completed", func(pod *corev1.Pod) bool { return pod.Status.Phase == corev1.PodSucceeded }}

	failed = state{"failed", func(pod *corev1.Pod) bool { return pod.Status.Phase == corev1.PodFailed }}

	unschedulable = state{"unschedulable", func(pod *corev1.Pod) bool {
		return condition(pod, corev1.PodScheduled).Reason == corev1.PodReasonUnschedulable
	}}
)

// waiting is a pod one of whose containers cannot start for the given reason.
func waiting(reason string) state {
	return state{"waiting: " + reason, func(pod *corev1.Pod) bool {
		return slices.ContainsFunc(pod.Status.ContainerStatuses, func(container corev1.ContainerStatus) bool {
			return container.State.Waiting != nil && container.State.Waiting.Reason == reason
		})
	}}
}

// crashing is a pod one of whose containers ended like this at least twice, or once and is held back.
func crashing(reason string, exitCode int32) state {
	name := fmt.Sprintf("crashing: %s, exit code %d", reason, exitCode)
	return state{name, func(pod *corev1.Pod) bool {
		return slices.ContainsFunc(pod.Status.ContainerStatuses, func(container corev1.ContainerStatus) bool {
			last := container.LastTerminationState.Terminated
			held := container.State.Waiting != nil && container.State.Waiting.Reason == "CrashLoopBackOff"
			return last != nil && last.Reason == reason && last.ExitCode == exitCode && (container.RestartCount >= 2 || held)
		})
	}}
}

// restarted is a pod whose container the kubelet ended and started again.
var restarted = state{"restarted", func(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(container corev1.ContainerStatus) bool {
		return container.RestartCount > 0
	})
}}

// expectation is how many pods of an app are meant to be in a state; 0 means all of them, and at least one.
type expectation struct {
	app   string
	count int
	state state
}

var expectedPods = []expectation{
	{"payments/gateway", 2, ready},
	{"payments/ledger", 1, ready},
	{"payments/queue", 1, ready},
	{"payments/settlement", 1, completed},
	{"platform/edge", 1, ready},
	{"platform/node-agent", 0, ready},
	{"platform/thumbnails", 1, restarted},
	{"platform/toolbox", 1, ready},
	{"shop/cart", 1, ready},
	{"shop/catalog", 2, ready},
	{"shop/checkout", 1, ready},
	{"shop/checkout", 2, crashing("Error", 3)},
	{"shop/db", 2, ready},
	{"shop/db", 1, unschedulable},
	{"shop/db-migrate", 1, completed},
	{"shop/gift-cards", 1, waiting("CreateContainerConfigError")},
	{"shop/ranking", 1, unschedulable},
	{"shop/recommender", 1, crashing("OOMKilled", 137)},
	{"shop/report", 2, failed},
	{"shop/reviews", 1, unready},
	{"shop/search", 1, waiting("ImagePullBackOff")},
	{"shop/web", 2, ready},
}

var expectedClaims = map[string]corev1.PersistentVolumeClaimPhase{
	"payments/data-queue-0": corev1.ClaimBound,
	"shop/archive":          corev1.ClaimBound,
	"shop/data-db-0":        corev1.ClaimBound,
	"shop/data-db-1":        corev1.ClaimBound,
	"shop/data-db-2":        corev1.ClaimPending,
}

var expectedJobs = map[string]batchv1.JobConditionType{
	"payments/settlement-by-hand": batchv1.JobComplete,
	"shop/db-migrate-0041":        batchv1.JobComplete,
	"shop/report-2026-10":         batchv1.JobFailed,
}

// sight is what was seen of the shop at one moment.
type sight struct {
	// pods by namespace/app, without those that are being deleted.
	pods   map[string][]*corev1.Pod
	claims map[string]corev1.PersistentVolumeClaimPhase
	jobs   map[string]batchv1.JobStatus
	// stuck is set when the rollout of checkout was given up.
	stuck bool
}

func look(ctx context.Context, client kubernetes.Interface) (sight, error) {
	seen := sight{
		map[string][]*corev1.Pod{},
		map[string]corev1.PersistentVolumeClaimPhase{},
		map[string]batchv1.JobStatus{},
		false,
	}
	for _, namespace := range Namespaces {
		pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return seen, err
		}
		for i := range pods.Items {
			pod := &pods.Items[i]
			app := pod.Labels["app.kubernetes.io/name"] + pod.Labels["run"]
			if pod.DeletionTimestamp == nil {
				seen.pods[namespace+"/"+app] = append(seen.pods[namespace+"/"+app], pod)
			}
		}
		claims, err := client.CoreV1().PersistentVolumeClaims(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return seen, err
		}
		for _, claim := range claims.Items {
			seen.claims[namespace+"/"+claim.Name] = claim.Status.Phase
		}
		jobs, err := client.BatchV1().Jobs(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return seen, err
		}
		for _, job := range jobs.Items {
			seen.jobs[namespace+"/"+job.Name] = job.Status
		}
	}
	checkout, err := client.AppsV1().Deployments("shop").Get(ctx, "checkout", metav1.GetOptions{})
	if err != nil {
		return seen, err
	}
	seen.stuck = slices.ContainsFunc(checkout.Status.Conditions, func(condition appsv1.DeploymentCondition) bool {
		return condition.Type == appsv1.DeploymentProgressing && condition.Reason == "ProgressDeadlineExceeded"
	})
	return seen, nil
}

// missing lists what is not as it is meant to be.
func (s sight) missing() []string {
	var lines []string
	total := map[string]int{}
	for _, want := range expectedPods {
		pods, found := s.pods[want.app], 0
		for _, pod := range pods {
			if want.state.is(pod) {
				found++
			}
		}
		expected := want.count
		if expected == 0 {
			expected = max(1, len(pods))
		}
		total[want.app] += expected
		if found != expected {
			lines = append(lines, fmt.Sprintf("%s: %d of %d pods %s", want.app, found, expected, want.state.name))
		}
	}
	for app, pods := range s.pods {
		if len(pods) > total[app] {
			lines = append(lines, fmt.Sprintf("%s: %d pods, not %d", app, len(pods), total[app]))
		}
	}
	for name, phase := range expectedClaims {
		if s.claims[name] != phase {
			lines = append(lines, fmt.Sprintf("claim %s: %q, not %s", name, s.claims[name], phase))
		}
	}
	for name, want := range expectedJobs {
		if !slices.ContainsFunc(s.jobs[name].Conditions, func(condition batchv1.JobCondition) bool {
			return condition.Type == want && condition.Status == corev1.ConditionTrue
		}) {
			lines = append(lines, fmt.Sprintf("job %s: not %s", name, want))
		}
	}
	if !s.stuck {
		lines = append(lines, "deployment shop/checkout: progress deadline not exceeded yet")
	}
	slices.Sort(lines)
	return lines
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == kind {
			return condition
		}
	}
	return corev1.PodCondition{}
}
