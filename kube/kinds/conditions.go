package kinds

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// conditionLevel is what a status means for a type of condition of Kubernetes' own kinds:
// nothing for a type that is not known.
func conditionLevel(kind, status, reason string) Level {
	if reason == "PodCompleted" {
		return Quiet
	}
	return levelIn(kind, status, builtinPolarities, userPolarities, polarities)
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
