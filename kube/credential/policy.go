package credential

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// resolve returns the path of the program, if the policy lets it run. As in client-go, an
// entry of the allowlist is the command as the kubeconfig has it, or what a path leads
// to.
func (p *Plugin) resolve() (string, error) {
	policy := p.o.Exec.PluginPolicy
	path, err := exec.LookPath(p.command)
	switch policy.PolicyType {
	case "", clientcmdapi.PluginPolicyAllowAll:
		return path, err
	case clientcmdapi.PluginPolicyDenyAll:
		return "", fmt.Errorf("plugin %q not allowed: policy set to %q%w", p.command, policy.PolicyType, denied{})
	case clientcmdapi.PluginPolicyAllowlist:
		switch {
		case slices.Contains(policy.Allowlist, clientcmdapi.AllowlistEntry{Command: p.command}):
			return path, err
		case err != nil:
			return "", fmt.Errorf("plugin path %q cannot be resolved for the credential plugin allowlist: %w%w",
				p.command, err, denied{})
		case !slices.ContainsFunc(policy.Allowlist, func(e clientcmdapi.AllowlistEntry) bool { return leadsTo(e, path) }):
			return "", fmt.Errorf("plugin path %q is not permitted by the credential plugin allowlist%w", path, denied{})
		}
		return path, nil
	}
	return "", fmt.Errorf("unknown plugin policy %q%w", policy.PolicyType, denied{})
}

// leadsTo reports whether an entry of an allowlist is a program's path, or found there.
func leadsTo(entry clientcmdapi.AllowlistEntry, path string) bool {
	if entry.Command == path {
		return true
	}
	if filepath.Base(entry.Command) != filepath.Base(path) {
		return false
	}
	found, err := exec.LookPath(entry.Command)
	return err == nil && found == path
}

// denied is ErrDenied in an error that says it in other words.
type denied struct{}

func (denied) Error() string        { return "" }
func (denied) Is(target error) bool { return target == ErrDenied }
