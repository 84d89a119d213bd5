package history

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// statusWords describes a field of a status; "" when it says nothing new.
func statusWords(kind schema.GroupKind, d Difference) string {
	path := d.Path[1:]
	if len(path) == 0 {
		return ""
	}
	switch path[0] {
	case "conditions":
		if len(path) == 2 {
			return conditionWords(unbracket(path[1]), asMap(d.Old), asMap(d.New))
		}
		return ""
	case "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses":
		if len(path) == 2 {
			return containerStatusWords(unbracket(path[1]), asMap(d.Old), asMap(d.New))
		}
		return ""
	case "readyReplicas", "numberReady":
		return countWords("ready", d)
	case "desiredReplicas":
		return countWords("desired replicas", d)
	case "active", "succeeded", "failed":
		if kind.Kind == "Job" {
			return countWords(path[0], d)
		}
	case "phase", "reason", "state":
		return valueWords(path[0], d)
	case "resources", "allocatedResources":
		if kind.Group == "" && kind.Kind == "Pod" {
			return "" // What the kubelet has made of the spec.
		}
	}
	return valueWords(pathWords(d.Path), d)
}

// countWords is a count, of which 0 is absent.
func countWords(name string, d Difference) string {
	if d.Old == nil {
		d.Old = int64(0)
	}
	if d.New == nil {
		d.New = int64(0)
	}
	return valueWords(name, d)
}

// rolloutSteps are reasons of a Deployment's condition Progressing while it progresses
// (k8s.io/kubernetes/pkg/controller/deployment/util/deployment_util.go).
var rolloutSteps = map[string]bool{"NewReplicaSetCreated": true, "ReplicaSetUpdated": true, "FoundNewReplicaSet": true}

// conditionWords is "Ready True → False: KubeletStopped".
func conditionWords(name string, older, newer map[string]any) string {
	was, is := text(older["status"]), text(newer["status"])
	reason := kinds.Clean(text(newer["reason"]))
	switch {
	case newer == nil:
		return kinds.Clean(name) + " removed"
	case older == nil:
		return kinds.Clean(name + " " + is + after(": ", reason))
	case was != is:
		return kinds.Clean(name + " " + was + " → " + is + after(": ", reason))
	case name == "Progressing" && rolloutSteps[reason]:
		return "" // It says "True" as well while nothing is wrong.
	case text(older["reason"]) != text(newer["reason"]):
		return kinds.Clean(name + " " + is + ": " + text(older["reason"]) + " → " + reason)
	}
	return ""
}

// containerStatusWords is "app running → waiting: CrashLoopBackOff, restart 4".
func containerStatusWords(name string, older, newer map[string]any) string {
	name = kinds.Clean(name)
	if newer == nil {
		return ""
	}
	var words []string
	was, is := stateWords(older["state"]), stateWords(newer["state"])
	if was != is && is != "" {
		if was == "" {
			words = append(words, is)
		} else {
			words = append(words, was+" → "+strings.TrimPrefix(is, commonState(was, is)))
		}
	}
	if before, now := number(older["restartCount"]), number(newer["restartCount"]); now > before && older != nil {
		ended := stateWords(asMap(newer["lastState"]))
		words = append(words, fmt.Sprintf("restart %d", now)+after(" after ", ended))
	}
	if r, ok := newer["ready"].(bool); ok && older != nil && older["ready"] != newer["ready"] && len(words) == 0 {
		words = append(words, map[bool]string{true: "ready", false: "no longer ready"}[r])
	}
	if a, b := text(older["imageID"]), text(newer["imageID"]); a != b && a != "" && b != "" {
		words = append(words, "another image with the same tag")
	}
	if len(words) == 0 {
		return ""
	}
	return name + " " + strings.Join(words, ", ")
}

// commonState is what two states that wait for something begin with.
func commonState(was, is string) string {
	const waiting = "waiting: "
	if strings.HasPrefix(was, waiting) && strings.HasPrefix(is, waiting) {
		return waiting
	}
	return ""
}

// stateWords is the state of a container: "running", "waiting: CrashLoopBackOff",
// "terminated: exit 3 (Error)".
func stateWords(state any) string {
	m := asMap(state)
	if t := asMap(m["terminated"]); t != nil {
		words := fmt.Sprintf("exit %d", number(t["exitCode"]))
		if reason := text(t["reason"]); reason != "" {
			words += " (" + kinds.Clean(reason) + ")"
		}
		return words
	}
	if w := asMap(m["waiting"]); w != nil {
		return "waiting" + after(": ", text(w["reason"]))
	}
	if m["running"] != nil {
		return "running"
	}
	return ""
}

func number(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	}
	return 0
}
