package remote

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Profile is what a container to debug with may do, as kubectl's profile of that name has it
// (https://kubernetes.io/docs/reference/kubectl/generated/kubectl_debug).
type Profile struct {
	Name, Help string

	add        []corev1.Capability // in a pod
	drop       bool                // all capabilities, and not as root
	privileged bool
	host       bool // on a node: the node's namespaces and files
}

// Profiles are those that can be chosen, the usual one first.
var Profiles = []Profile{
	{
		Name: "general", Help: "sees the others' processes, a node's files",
		add: []corev1.Capability{"SYS_PTRACE"}, host: true,
	},
	{Name: "baseline", Help: "what the baseline standard allows"},
	{Name: "restricted", Help: "what the restricted one allows: no root", drop: true},
	{
		Name: "netadmin", Help: "network tools: NET_ADMIN, NET_RAW",
		add: []corev1.Capability{"NET_ADMIN", "NET_RAW"}, host: true,
	},
	{Name: "sysadmin", Help: "privileged: everything on its node", privileged: true, host: true},
}

// ProfileNamed returns a profile, the first one for a name that there is not.
func ProfileNamed(name string) Profile {
	if i := slices.IndexFunc(Profiles, func(p Profile) bool { return p.Name == name }); i >= 0 {
		return Profiles[i]
	}
	return Profiles[0]
}

// security is the security context of the container; on a node it needs no capability to see
// the processes there.
func (p Profile) security(onNode bool) *corev1.SecurityContext {
	yes, no := true, false
	switch {
	case p.privileged:
		return &corev1.SecurityContext{Privileged: &yes}
	case p.drop:
		user := int64(65534)
		return &corev1.SecurityContext{
			RunAsNonRoot: &yes, RunAsUser: &user, AllowPrivilegeEscalation: &no,
			Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		}
	case len(p.add) > 0 && (!onNode || p.Name != "general"):
		return &corev1.SecurityContext{Capabilities: &corev1.Capabilities{Add: p.add}}
	}
	return nil
}
