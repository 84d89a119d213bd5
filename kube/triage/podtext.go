package triage

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func podCondition(p *corev1.Pod, kind corev1.PodConditionType) corev1.PodCondition {
	for i := range p.Status.Conditions {
		if p.Status.Conditions[i].Type == kind {
			return p.Status.Conditions[i]
		}
	}
	return corev1.PodCondition{}
}

func statusOf(all []corev1.ContainerStatus, name string) *corev1.ContainerStatus {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// failedContainer is the first container of a pod that ended with an error; nil for none.
func failedContainer(p *corev1.Pod) *corev1.ContainerStatus {
	for _, all := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
		for i := range all {
			if t := all[i].State.Terminated; t != nil && t.ExitCode != 0 {
				return &all[i]
			}
		}
	}
	return nil
}

// because joins a reason and its message; one of them may be missing.
func because(reason, message string) string {
	message = strings.TrimSpace(message)
	switch {
	case reason == "":
		return message
	case message == "" || message == reason:
		return reason
	}
	return reason + ": " + message
}

// crashText is "app CrashLoopBackOff, OOMKilled, exit 137, limit 64Mi, 14 restarts".
func crashText(name string, c *corev1.Container, s *corev1.ContainerStatus, run *corev1.ContainerStateTerminated,
	state string) string {
	parts := []string{cmp.Or(state, run.Reason, "Error")}
	if run.Reason != "" && run.Reason != "Error" && run.Reason != parts[0] {
		parts = append(parts, run.Reason)
	}
	parts = append(parts, fmt.Sprintf("exit %d", run.ExitCode)+exitWords(run))
	if run.Signal != 0 {
		parts = append(parts, fmt.Sprintf("signal %d", run.Signal))
	}
	if limit := c.Resources.Limits.Memory(); run.Reason == "OOMKilled" && !limit.IsZero() {
		parts = append(parts, "memory limit "+limit.String())
	}
	if s.RestartCount > 0 {
		parts = append(parts, restartsText(s.RestartCount))
	}
	text := name + " " + strings.Join(parts, ", ")
	if run.Reason == "StartError" || run.Reason == "ContainerCannotRun" || run.ExitCode == 128 {
		text += ": " + lastLine(run.Message)
	}
	return strings.TrimSuffix(text, ": ")
}

// restartsText is "1 restart".
func restartsText(n int32) string {
	if n == 1 {
		return "1 restart"
	}
	return fmt.Sprintf("%d restarts", n)
}

// exitWords say what an exit code means by the convention of shells and of signals, where
// nothing else does.
func exitWords(run *corev1.ContainerStateTerminated) string {
	if run.Reason != "" && run.Reason != "Error" || run.Signal != 0 {
		return ""
	}
	words := map[int32]string{126: "not executable", 127: "command not found", 134: "SIGABRT", 137: "SIGKILL",
		139: "SIGSEGV", 143: "SIGTERM"}[run.ExitCode]
	if words != "" {
		words = " (" + words + ")"
	}
	return words
}

// crashingSince is since when a container has crashed, as far as its pod knows, which keeps the last
// run only: of a second crash the beginning of that run is a bound.
func crashingSince(
	p *corev1.Pod, s *corev1.ContainerStatus, run *corev1.ContainerStateTerminated,
) (since time.Time, atLeast bool) {
	began, earlier := kinds.RanFrom(run), s.RestartCount
	if s.State.Running != nil {
		earlier--
	}
	long := !began.IsZero() && run.FinishedAt.Sub(began) >= crashRemembered
	if (earlier <= 0 || long) && !run.FinishedAt.IsZero() {
		return run.FinishedAt.Time, false
	}
	ready := podCondition(p, corev1.PodReady)
	if ready.Status == corev1.ConditionFalse && ready.LastTransitionTime.Time.Before(began) {
		return ready.LastTransitionTime.Time, false
	}
	return began, !began.IsZero()
}

// lastLine is the last line of a text that says something, clean.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return kinds.Clean(strings.TrimSpace(lines[len(lines)-1]))
}

// backOff is what the kubelet puts in front of the error of a pull while it waits.
var backOff = regexp.MustCompile(`^Back-off pulling image "[^"]*": `)

// rpcError is what the runtime puts in front of an error.
var rpcError = regexp.MustCompile(`rpc error: code = \w+ desc = `)

// shortPull is the error of a pull without what repeats the name of the image.
func shortPull(message string) string {
	message = backOff.ReplaceAllString(message, "")
	message = strings.TrimPrefix(message, "ErrImagePull: ")
	return rpcError.ReplaceAllString(message, "")
}

// pullWords tell the errors of a pull apart. The first that fits counts, by its own words where
// means is empty (github.com/containerd/containerd/core/remotes/docker, the kubelet's
// pkg/kubelet/images).
var pullWords = []struct {
	says  *regexp.Regexp
	means string
}{
	{regexp.MustCompile(`(?i)toomanyrequests|429 Too Many|rate limit`), "the registry refuses: rate limit"},
	{regexp.MustCompile(`(?i)repository does not exist or may require`), "image not found, or unauthorized"},
	{regexp.MustCompile(`(?i)\b401\b|\b403\b|unauthorized|authentication required|authorization failed|` +
		`insufficient_scope|access denied|no basic auth`), "unauthorized"},
	{regexp.MustCompile(`no such host`), ""},
	{regexp.MustCompile(`(?i)x509:|certificate|HTTP response to HTTPS`), "the registry's TLS"},
	{regexp.MustCompile(`(?i)no match for platform|no matching manifest`), "not built for this platform"},
	{regexp.MustCompile(`(?i)no space left`), "no space left on the node"},
	{regexp.MustCompile(`connection refused|network is unreachable|no route to host|connection reset|` +
		`TLS handshake timeout|i/o timeout|server misbehaving|deadline exceeded|\bEOF\b|\b50\d [A-Z][a-z]+( [A-Z][a-z]+)*`), ""},
	{regexp.MustCompile(`(?i)not found|manifest unknown|\b404\b|does not exist`), "image not found"},
}

// pullNames are names of images and addresses, whose parts may be any of these words.
var pullNames = regexp.MustCompile(`"[^"]*"|[^\s"]{2,}/\S+`)

// pullText is "ImagePullBackOff, unauthorized: ...".
func pullText(reason, message string) string {
	message = shortPull(message)
	switch reason {
	case "InvalidImageName":
		return because(reason+", invalid name", message)
	case "ErrImageNeverPull":
		return because(reason+", not on the node", message)
	}
	text := pullNames.ReplaceAllString(message, "")
	for _, w := range pullWords {
		said := w.says.FindString(text)
		switch {
		case said == "":
			continue
		case w.means != "":
			said = w.means
		case strings.Contains(text, "lookup ") && said != "no such host":
			said = "DNS: " + said // Nothing was asked of the registry yet.
		}
		return because(reason+", "+said, message)
	}
	return because(reason, message)
}

// podOfKubelet is how the kubelet names a pod in its errors, beside the pod itself
// (k8s.io/kubernetes/pkg/kubelet/util/format).
var podOfKubelet = regexp.MustCompile(` ?\(pod: "[^"]*", container: [^)]*\)| (?:for|in) (?:Container "[^"]*" in )?Pod "[^"]*"|_[-a-z0-9.]+\([-0-9a-f]{36}\)`)

// shortKubelet is an error of the kubelet without what repeats the name of the pod.
func shortKubelet(message string) string { return podOfKubelet.ReplaceAllString(message, "") }

// volumesOf are the ConfigMaps and Secrets of a pod's volumes, by the volume's name.
func volumesOf(p *corev1.Pod) map[string]kinds.Ref {
	out := map[string]kinds.Ref{}
	for i := range p.Spec.Volumes {
		switch v := &p.Spec.Volumes[i]; {
		case v.ConfigMap != nil:
			out[v.Name] = refTo("", "ConfigMap", p.Namespace, v.ConfigMap.Name)
		case v.Secret != nil:
			out[v.Name] = refTo("", "Secret", p.Namespace, v.Secret.SecretName)
		}
	}
	return out
}
