package memapi

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// addressesMax is how many addresses the table of Endpoints shows.
const addressesMax = 3

func init() {
	prints("Name, Status, Message, Error", componentStatusCells)
	prints("Name, Age", func(o *corev1.ServiceAccount) []any { return []any{o.Name, o.CreationTimestamp} })
	prints("Name, Containers, Images, Pod Labels", func(o *corev1.PodTemplate) []any {
		names, images := containers(o.Template.Spec.Containers)
		return []any{o.Name, names, images, labels.FormatLabels(o.Template.Labels)}
	})
	prints("Name, #Desired, #Current, #Ready, Age, +Containers, +Images, +Selector", replicationControllerCells)
	prints("Name, Request, Limit, Age", resourceQuotaCells)
	//nolint:staticcheck // Clusters still have Endpoints.
	prints("Name, Endpoints, Age", func(o *corev1.Endpoints) []any {
		return []any{o.Name, addresses(o.Subsets), o.CreationTimestamp}
	})
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

func replicationControllerCells(o *corev1.ReplicationController) []any {
	var names, images string
	if o.Spec.Template != nil {
		names, images = containers(o.Spec.Template.Spec.Containers)
	}
	return []any{
		o.Name, orElse(o.Spec.Replicas, 0), o.Status.Replicas, o.Status.ReadyReplicas, o.CreationTimestamp,
		names, images, labels.FormatLabels(o.Spec.Selector),
	}
}

func resourceQuotaCells(o *corev1.ResourceQuota) []any {
	var names []string
	for name := range o.Status.Hard {
		names = append(names, string(name))
	}
	slices.Sort(names)
	var requests, limits []string
	for _, name := range names {
		used, hard := o.Status.Used[corev1.ResourceName(name)], o.Status.Hard[corev1.ResourceName(name)]
		text := fmt.Sprintf("%s: %s/%s", name, used.String(), hard.String())
		if strings.HasPrefix(name, "limits.") {
			limits = append(limits, text)
		} else {
			requests = append(requests, text)
		}
	}
	return []any{o.Name, strings.Join(requests, ", "), strings.Join(limits, ", "), o.CreationTimestamp}
}

// containers returns the names and images of containers.
func containers(all []corev1.Container) (names, images string) {
	var n, i []string
	for _, c := range all {
		n, i = append(n, c.Name), append(i, c.Image)
	}
	return strings.Join(n, ","), strings.Join(i, ",")
}

func addresses(subsets []corev1.EndpointSubset) string { //nolint:staticcheck // Clusters still have them.
	if len(subsets) == 0 {
		return "<none>"
	}
	var all []string
	for _, s := range subsets {
		for _, a := range s.Addresses {
			if len(s.Ports) == 0 {
				all = append(all, a.IP)
			}
		}
		for _, p := range s.Ports {
			for _, a := range s.Addresses {
				all = append(all, net.JoinHostPort(a.IP, strconv.Itoa(int(p.Port))))
			}
		}
	}
	return joinFirst(all, addressesMax, ",")
}

// joinFirst joins the first texts and counts the others.
func joinFirst(all []string, most int, separator string) string {
	if more := len(all) - most; more > 0 {
		return fmt.Sprintf("%s + %d more...", strings.Join(all[:most], separator), more)
	}
	return strings.Join(all, separator)
}
