package memapi

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// choose returns the container whose log is meant, or the error with which a
// server asks for it (k8s.io/kubernetes, pkg/registry/core/pod/strategy.go).
func choose(pod *corev1.Pod, asked string) (string, error) {
	var names, init, ephemeral []string
	for _, c := range pod.Spec.Containers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.InitContainers {
		init = append(init, c.Name)
	}
	for _, c := range pod.Spec.EphemeralContainers {
		ephemeral = append(ephemeral, c.Name)
	}
	switch {
	case asked == "" && len(names) == 1:
		return names[0], nil
	case asked == "" && len(names) == 0:
		return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s", pod.Name))
	case asked == "":
		message := fmt.Sprintf("a container name must be specified for pod %s, choose one of: %s", pod.Name, names)
		if len(init) > 0 {
			message += fmt.Sprintf(" or one of the init containers: %s", init)
		}
		if len(ephemeral) > 0 {
			message += fmt.Sprintf(" or one of the ephemeral containers: %s", ephemeral)
		}
		return "", apierrors.NewBadRequest(message)
	case slices.Contains(slices.Concat(names, init, ephemeral), asked):
		return asked, nil
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", asked, pod.Name))
}

// invalidLog refuses an option of a log as a server does.
func invalidLog(name, value, why string) error {
	problem := field.Forbidden(field.NewPath("").Child(name), why)
	if name != "" {
		problem = field.Invalid(field.NewPath(name), value, why)
	}
	problem.Field = strings.TrimPrefix(problem.Field, ".")
	return apierrors.NewInvalid(schema.GroupKind{Kind: "PodLogOptions"}, "", field.ErrorList{problem})
}
