package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// probeTime is how long a probe may fail before it counts: its initial delay and as many
// periods as it may miss, with the API's defaults (SetDefaults_Probe in
// k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func probeTime(p *corev1.Probe) time.Duration {
	if p == nil {
		return atOnce
	}
	period, failures := cmp.Or(p.PeriodSeconds, 10), cmp.Or(p.FailureThreshold, 3)
	return time.Duration(p.InitialDelaySeconds+period*failures) * time.Second
}

// unheard is the port of a probe that the container does not have: by a name, or by a number
// where it declares others.
func unheard(p *corev1.Probe, c *corev1.Container) string {
	port := intstr.IntOrString{}
	switch {
	case p.HTTPGet != nil:
		port = p.HTTPGet.Port
	case p.TCPSocket != nil:
		port = p.TCPSocket.Port
	case p.GRPC != nil:
		port.IntVal = p.GRPC.Port
	}
	has := func(d corev1.ContainerPort) bool {
		return d.ContainerPort == port.IntVal || port.StrVal != "" && d.Name == port.StrVal
	}
	if port == (intstr.IntOrString{}) || port.StrVal == "" && len(c.Ports) == 0 || slices.ContainsFunc(c.Ports, has) {
		return ""
	}
	return port.String()
}

func probeText(p *corev1.Probe) string {
	switch {
	case p.HTTPGet != nil:
		return "http " + p.HTTPGet.Path + " on port " + p.HTTPGet.Port.String()
	case p.TCPSocket != nil:
		return "tcp port " + p.TCPSocket.Port.String()
	case p.GRPC != nil:
		return fmt.Sprintf("grpc port %d", p.GRPC.Port)
	case p.Exec != nil:
		return "exec " + strings.Join(p.Exec.Command, " ")
	}
	return ""
}
