package memapi

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

func init() {
	prints("Name, Status, Message, Error", componentStatusCells)
}

func componentStatusCells(o *corev1.ComponentStatus) []any {
	for _, c := range o.Conditions {
		if c.Type != corev1.ComponentHealthy {
			continue
		}
		status := "Unhealthy"
		if c.Status == corev1.ConditionTrue {
			status = "Healthy"
		}
		return []any{o.Name, status, c.Message, c.Error}
	}
	return []any{o.Name, "Unknown", "", ""}
}

// joinFirst joins the first texts and counts the others.
func joinFirst(all []string, most int, separator string) string {
	if more := len(all) - most; more > 0 {
		return fmt.Sprintf("%s + %d more...", strings.Join(all[:most], separator), more)
	}
	return strings.Join(all, separator)
}
