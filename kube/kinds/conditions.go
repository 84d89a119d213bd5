package kinds

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// wanted are the conditions that should be True, with how bad it is when they
// are not. Kubernetes' own come first, then those that its ecosystem agrees on
// (Gateway API, Cluster API, Flux, cert-manager, Argo).
var wanted = map[string]Level{
	"Ready":                     Failing,
	"Available":                 Failing,
	"Progressing":               Failing,
	"ContainersReady":           Degraded,
	"Initialized":               Waiting,
	"PodScheduled":              Waiting,
	"PodReadyToStartContainers": Waiting,
	"Established":               Failing,
	"NamesAccepted":             Failing,
	"ScalingActive":             Degraded,
	"AbleToScale":               Degraded,
	"DisruptionAllowed":         Waiting,
	"Accepted":                  Failing,
	"Programmed":                Failing,
	"ResolvedRefs":              Failing,
	"Healthy":                   Failing,
	"Synced":                    Degraded,
	"Reconciled":                Degraded,
	"Deployed":                  Failing,
	"Released":                  Failing,
	"Valid":                     Failing,
	"Succeeded":                 Failing,
}

// unwanted are the conditions that should not be True, with how bad it is when
// they are.
var unwanted = map[string]Level{
	"MemoryPressure":                    Failing,
	"DiskPressure":                      Failing,
	"PIDPressure":                       Failing,
	"NetworkUnavailable":                Failing,
	"ReplicaFailure":                    Failing,
	"Failed":                            Failing,
	"FailureTarget":                     Failing,
	"DisruptionTarget":                  Degraded,
	"PodResizePending":                  Waiting,
	"NamespaceDeletionDiscoveryFailure": Failing,
	"NamespaceDeletionGroupVersionParsingFailure": Failing,
	"NamespaceDeletionContentFailure":             Failing,
	"NamespaceContentRemaining":                   Waiting,
	"NamespaceFinalizersRemaining":                Waiting,
	"ControllerResizeError":                       Failing,
	"NodeResizeError":                             Failing,
	"ModifyVolumeError":                           Failing,
	"Resizing":                                    Waiting,
	"FileSystemResizePending":                     Waiting,
	"ModifyingVolume":                             Waiting,
	"ScalingLimited":                              Degraded,
	"NonStructuralSchema":                         Degraded,
	"Terminating":                                 Waiting,
	"Stalled":                                     Failing,
	"Degraded":                                    Degraded,
	"Reconciling":                                 Waiting,
}

// conditionLevel is what a status means for a type of condition: nothing for a
// type that is not known here.
func conditionLevel(kind, status, reason string) Level {
	if reason == "PodCompleted" {
		return Quiet
	}
	if bad, ok := wanted[kind]; ok {
		return levelOf(status, "True", bad)
	}
	if bad, ok := unwanted[kind]; ok {
		return levelOf(status, "False", bad)
	}
	return Quiet
}

// levelOf compares a condition's status to the one that is good. An unknown status is
// degraded at most: whoever should know does not answer.
func levelOf(status, good string, bad Level) Level {
	switch status {
	case good:
		return OK
	case "Unknown":
		return min(bad, Degraded)
	}
	return bad
}

func condition(kind, status, reason, message string, changed metav1.Time) Condition {
	return Condition{
		Type:    Clean(kind),
		Status:  Clean(status),
		Reason:  Clean(reason),
		Message: Clean(strings.TrimSpace(message)),
		Level:   conditionLevel(kind, status, reason),
		Changed: changed,
	}
}

// conditionsOf reads the conditions of a kind, which all have the same fields
// and each a type of their own.
func conditionsOf[T any](in []T, read func(T) Condition) []Condition {
	out := make([]Condition, 0, len(in))
	for _, c := range in {
		out = append(out, read(c))
	}
	return out
}

func standardCondition(c metav1.Condition) Condition {
	return condition(c.Type, string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}

// Why returns the reason and the message of a condition as one text; "" if it has neither.
func (c Condition) Why() string { return because(c.Reason, c.Message) }

// because joins a reason and its message, in the cluster's own words; one of them may
// be missing.
func because(reason, message string) string {
	message = strings.TrimSpace(message)
	switch {
	case reason == "":
		return message
	case message == "":
		return reason
	}
	return reason + ": " + message
}
