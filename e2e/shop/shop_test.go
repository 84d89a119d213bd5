package shop

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// allObjects reads every embedded file and what is generated.
func allObjects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	entries, err := objects.ReadDir("objects")
	if err != nil {
		t.Fatal(err)
	}
	list, err := generatedObjects()
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		part, err := read(objects, "objects/"+entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, part...)
	}
	return list
}

func TestObjectsAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, object := range allObjects(t) {
		name := object.GetAPIVersion() + " " + title(object)
		if object.GetAPIVersion() == "" || object.GetKind() == "" || object.GetName() == "" {
			t.Errorf("%q lacks a version, a kind or a name", name)
		}
		if seen[name] && object.GetName() != "checkout" {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	if len(seen) < 80 {
		t.Errorf("only %d objects were read", len(seen))
	}
}

// TestEveryWorkloadIsAwaited guards Wait: a workload that nobody expects would make it return too early.
func TestEveryWorkloadIsAwaited(t *testing.T) {
	expected := map[string]bool{"shop/legacy-api": true, "platform/gpu-driver": true, "payments/cleanup": true}
	for _, want := range expectedPods {
		expected[want.app] = true
	}
	for _, object := range allObjects(t) {
		switch object.GetKind() {
		case "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod":
			app := object.GetLabels()["app.kubernetes.io/name"] + object.GetLabels()["run"]
			if !expected[object.GetNamespace()+"/"+app] {
				t.Errorf("nothing waits for %s", title(object))
			}
		}
	}
}

func TestMissingNamesWhatIsNotThere(t *testing.T) {
	nothing := sight{}.missing()
	if want := len(expectedPods) + len(expectedClaims) + len(expectedJobs) + 1; len(nothing) != want {
		t.Errorf("an empty cluster lacks %d things, want %d:\n%s", len(nothing), want, strings.Join(nothing, "\n"))
	}
	seen := sight{pods: map[string][]*corev1.Pod{"shop/cart": {pod(corev1.PodReady, ""), pod(corev1.PodReady, "")}}}
	text := strings.Join(seen.missing(), "\n")
	for _, want := range []string{"shop/cart: 2 of 1 pods ready", "shop/cart: 2 pods, not 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not told in:\n%s", want, text)
		}
	}
}

func TestStates(t *testing.T) {
	oom := pod(corev1.PodScheduled, "")
	oom.Status.ContainerStatuses = []corev1.ContainerStatus{
		{
			RestartCount: 1,
			LastTerminationState: corev1.ContainerState{
				Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137},
			},
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
		},
	}
	held := oom.DeepCopy()
	held.Status.ContainerStatuses[0].State = corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"},
	}
	again := oom.DeepCopy()
	again.Status.ContainerStatuses[0].RestartCount = 2
	tests := []struct {
		name  string
		pod   *corev1.Pod
		state state
		want  bool
	}{
		{"ready", pod(corev1.PodReady, ""), ready, true},
		{"no conditions at all", &corev1.Pod{}, ready, false},
		{"no node fits", pod(corev1.PodScheduled, corev1.PodReasonUnschedulable), unschedulable, true},
		{"crashed once and runs", oom, crashing("OOMKilled", 137), false},
		{"crashed once and is held back", held, crashing("OOMKilled", 137), true},
		{"crashed twice and runs", again, crashing("OOMKilled", 137), true},
		{"crashed for another reason", again, crashing("Error", 3), false},
		{"waits for another reason", held, waiting("ImagePullBackOff"), false},
	}
	for _, test := range tests {
		if got := test.state.is(test.pod); got != test.want {
			t.Errorf("%s: %s is %t, want %t", test.name, test.state.name, got, test.want)
		}
	}
}

func pod(condition corev1.PodConditionType, reason string) *corev1.Pod {
	status := corev1.ConditionTrue
	if reason != "" {
		status = corev1.ConditionFalse
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p"},
		Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: condition, Status: status, Reason: reason}}},
	}
}
