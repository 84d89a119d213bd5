package remote

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestParsePorts(t *testing.T) {
	for text, want := range map[string][]Port{
		"8080:80":               {{Local: 8080, Remote: "80"}},
		"80":                    {{Local: 80, Remote: "80"}},
		":80":                   {{Remote: "80"}},
		"8080:80, 8443:https":   {{Local: 8080, Remote: "80"}, {Local: 8443, Remote: "https"}},
		"http":                  {{Remote: "http"}},
		"0.0.0.0:8080:80":       {{Address: "0.0.0.0", Local: 8080, Remote: "80"}},
		"[::1]:8080:80":         {{Address: "::1", Local: 8080, Remote: "80"}},
		"localhost:8080:80":     {{Local: 8080, Remote: "80"}},
		"":                      nil,
		"8080:":                 nil,
		"80:99999":              nil,
		"99999:80":              nil,
		"a:80":                  nil,
		"somewhere:8080:80":     nil,
		"8080:80,":              {{Local: 8080, Remote: "80"}},
		"-1:80":                 nil,
		"\x1b[2J:80":            nil,
		"0:80":                  {{Remote: "80"}},
		"192.168.1.5::postgres": {{Address: "192.168.1.5", Remote: "postgres"}},
	} {
		got, err := ParsePorts(text)
		if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (want != nil) {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
		if err != nil && strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%q: %q is not clean", text, err)
		}
	}
}

func TestRemoteIn(t *testing.T) {
	pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
	}}}}
	service := &corev1.Service{Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{
		{Name: "web", Port: 80, TargetPort: intstr.FromString("http")},
		{Name: "raw", Port: 81, TargetPort: intstr.FromInt32(9090)}, {Port: 82},
		{Name: "lost", Port: 83, TargetPort: intstr.FromString("nowhere")},
	}}}
	for _, c := range []struct {
		service *corev1.Service
		remote  string
		want    int
	}{
		{nil, "8080", 8080}, {nil, "http", 8080}, {nil, "nothing", 0},
		{service, "80", 8080}, {service, "web", 8080}, {service, "81", 9090}, {service, "raw", 9090},
		{service, "82", 82}, {service, "83", 0}, {service, "8080", 0},
	} {
		if got, err := remoteIn(pod, c.service, c.remote); got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%s: %d, %v, want %d", c.remote, got, err, c.want)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, c := range []struct {
		name   string
		keys   []byte
		typed  []string // in pieces
		passed string
		left   bool
	}{
		{"nothing of it", detachKeys, []string{"ls\r"}, "ls\r", false},
		{"all of it", detachKeys, []string{"ls\x10\x11more"}, "ls", true},
		{"in pieces", detachKeys, []string{"a\x10", "\x11"}, "a", true},
		{"another key after it", detachKeys, []string{"\x10", "b"}, "\x10b", false},
		{"the first one twice", detachKeys, []string{"\x10\x10\x11"}, "\x10", true},
		{"a shell's own ctrl+p", shellEscape, []string{"\x10", "\x11"}, "\x10\x11", false},
		{"enter tilde dot", shellEscape, []string{"ls\r", "~", "."}, "ls\r", true},
		{"a path", shellEscape, []string{"\r~", "/x"}, "\r~/x", false},
		{"no enter before it", shellEscape, []string{"a~."}, "a~.", false},
		{"enter twice", shellEscape, []string{"\r\r~."}, "\r\r", true},
		{"enter after a tilde", shellEscape, []string{"\r~\r~."}, "\r~\r", true},
	} {
		e := &escape{keys: c.keys, armed: c.keys[0] != '\r'}
		var passed []byte
		left := false
		for _, piece := range c.typed {
			var now []byte
			now, left = e.filter([]byte(piece))
			passed = append(passed, now...)
			if len(now) > len(piece)+1 {
				t.Errorf("%s: %q grew to %q", c.name, piece, now)
			}
			if left {
				break
			}
		}
		if string(passed) != c.passed || left != c.left {
			t.Errorf("%s: passed %q, left %v; want %q, %v", c.name, passed, left, c.passed, c.left)
		}
	}
}

// somePod is a pod of a name, which is also its UID.
func somePod(name string, born int, ready, leaving bool) *corev1.Pod {
	p := &corev1.Pod{}
	p.Name, p.UID, p.Status.Phase = name, types.UID(name), corev1.PodRunning
	p.CreationTimestamp = metav1.Unix(int64(born), 0)
	if ready {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	}
	if leaving {
		p.DeletionTimestamp = &metav1.Time{Time: time.Unix(int64(born)+1, 0)}
	}
	return p
}

func TestChoose(t *testing.T) {
	old, young := somePod("old", 1, true, false), somePod("young", 2, true, false)
	starting, leaving := somePod("starting", 3, false, false), somePod("leaving", 0, true, true)
	for _, c := range []struct {
		name, uid, prefers, want string
		pods                     []*corev1.Pod
	}{
		{name: "the newest that is ready", pods: []*corev1.Pod{old, young, starting}, want: "young"},
		{name: "the one that it was", uid: "old", pods: []*corev1.Pod{old, young}, want: "old"},
		{
			name: "one that was chosen though it was not ready", uid: "starting", pods: []*corev1.Pod{old, starting},
			want: "starting",
		},
		{name: "another one when it leaves", uid: "leaving", pods: []*corev1.Pod{leaving, old}, want: "old"},
		{name: "one of its name", prefers: "old", pods: []*corev1.Pod{old, young}, want: "old"},
		{name: "none while nothing is ready", uid: "leaving", pods: []*corev1.Pod{leaving, starting}},
		{name: "none"},
	} {
		got := ""
		if p := choose(c.pods, types.UID(c.uid), c.prefers); p != nil {
			got = p.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if p := newest([]*corev1.Pod{starting, leaving}); p != starting {
		t.Errorf("a pod to look into may be one that is not ready, got %v", p)
	}
}

func TestContainersOf(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{defaultContainer: "app"}},
		Spec: corev1.PodSpec{
			Containers:     []corev1.Container{{Name: "proxy"}, {Name: "app", Stdin: true, TTY: true}},
			InitContainers: []corev1.Container{{Name: "setup"}, {Name: "mesh", RestartPolicy: &always}},
			EphemeralContainers: []corev1.EphemeralContainer{
				{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debugger"}},
			},
		},
	}
	run := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: run}, {Name: "proxy"}}
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "mesh", State: run}}
	want := []Container{
		{"app", "", true, true, true}, {Name: "proxy"}, {Name: "debugger", Role: "ephemeral"}, {Name: "setup", Role: "init"},
		{Name: "mesh", Role: "sidecar", Running: true},
	}
	if diff := cmp.Diff(want, containersOf(pod)); diff != "" {
		t.Error(diff)
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"error sending request: Internal error occurred: error executing command in container: failed to exec in " +
			"container: failed to start exec \"ab12\": OCI runtime exec failed": "OCI runtime exec failed",
		"websocket: close 1006 (abnormal closure): unexpected EOF": "the connection was lost: unexpected EOF",
		"line\none\x1b[2J":            "line one␛[2J",
		`pods "web-1" is forbidden: `: "you may not create it, and to get it is not enough",
		`unable to upgrade connection: pods "web-1" is forbidden: User "eve" cannot create resource "pods/exec" in ` +
			`API group "" in the namespace "shop"`: "you may not create pods/exec",
	} {
		if got := words(fmt.Errorf("%s", text)).Error(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestWordsOfARightThatLacks holds that a lacking right is said in few words, and what a policy says in its own.
func TestWordsOfARightThatLacks(t *testing.T) {
	for reason, want := range map[string]string{
		`User "eve" cannot create resource "pods/exec" in API group "" in the namespace "shop"`: "you may not " +
			"create pods/exec",
		"no shells until Monday": `pods "web-1" is forbidden: no shells until Monday`,
		"ValidatingAdmissionPolicy 'calm' with binding 'all' denied request: no shells until Monday": "no shells until " +
			"Monday (policy calm)",
		`admission webhook "gate.shop.test" denied the request: no shells` + "\n": "no shells (webhook gate.shop.test)",
	} {
		err := &apierrors.StatusError{ErrStatus: metav1.Status{
			Reason: metav1.StatusReasonForbidden, Message: `pods "web-1" is forbidden: ` + reason,
		}}
		if got := words(err).Error(); got != want || !apierrors.IsForbidden(words(err)) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSplitPaths(t *testing.T) {
	for text, want := range map[string][2]string{
		":/etc/hosts .":     {"/etc/hosts", "."},
		`":/a b" ./c`:       {"/a b", "./c"},
		"./a   :/tmp/'b c'": {"./a", "/tmp/b c"},
		":/a :/b":           {},
		"./a ./b":           {},
		":/a":               {},
		": .":               {},
		":/a . more":        {},
	} {
		c, err := NewCopy(nil, Subject{}, Container{}, text)
		switch {
		case want == [2]string{}:
			if err == nil {
				t.Errorf("%q: %v", text, c)
			}
		case err != nil || c.From != want[0] || c.To != want[1] || c.In != !strings.HasPrefix(strings.Trim(text, `"`), ":"):
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
}

// TestProfiles holds what each of them may do.
func TestProfiles(t *testing.T) {
	for name, want := range map[string][2]string{
		"general": {"SYS_PTRACE", "host files"}, "baseline": {"", ""}, "restricted": {"no root", "no root"},
		"netadmin": {"NET_ADMIN,NET_RAW", "NET_ADMIN,NET_RAW host"}, "sysadmin": {"privileged", "privileged host files"},
	} {
		d := Debug{Image: "busybox", Profile: ProfileNamed(name)}
		node := d.onNode("n1", "shop")
		text := allows(d.ephemeral("x").SecurityContext)
		on := allows(node.Spec.Containers[0].SecurityContext)
		if node.Spec.HostPID {
			on += " host"
		}
		if len(node.Spec.Volumes) > 0 {
			on += " files"
		}
		if got := [2]string{text, strings.TrimSpace(on)}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func allows(s *corev1.SecurityContext) string {
	var out []string
	switch {
	case s == nil:
		return ""
	case s.Privileged != nil && *s.Privileged:
		return "privileged"
	case s.RunAsNonRoot != nil && *s.RunAsNonRoot:
		return "no root"
	}
	for _, c := range s.Capabilities.Add {
		out = append(out, string(c))
	}
	return strings.Join(out, ",")
}

// TestCopyOfAPod copies one that a Service selects and an owner looks after.
func TestCopyOfAPod(t *testing.T) {
	of := somePod(strings.Repeat("long-", 20), 1, true, false)
	of.Namespace, of.Labels = "shop", map[string]string{"app": "web"}
	of.OwnerReferences = []metav1.OwnerReference{{Name: "web"}}
	of.Spec.NodeName = "n1"
	of.Spec.Containers = []corev1.Container{{Name: "app", LivenessProbe: &corev1.Probe{}}}
	pod := Debug{Image: "busybox", Profile: ProfileNamed("general")}.copyOf(of)
	switch {
	case len(pod.Labels) > 0 || len(pod.OwnerReferences) > 0 || pod.Spec.NodeName != "" || len(pod.Name) > 63:
		t.Errorf("it is %+v", pod.ObjectMeta)
	case pod.Spec.Containers[0].LivenessProbe != nil || of.Spec.Containers[0].LivenessProbe == nil:
		t.Error("the probes are those of the other")
	case len(pod.Spec.Containers) != 2, !*pod.Spec.ShareProcessNamespace, *pod.Spec.ActiveDeadlineSeconds != debugLimit:
		t.Errorf("its containers are %+v", pod.Spec.Containers)
	}
}
