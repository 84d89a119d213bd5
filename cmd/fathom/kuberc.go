package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"k8s.io/client-go/plugin/pkg/client/auth/exec"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/kubectl/pkg/kuberc"

	"github.com/fathom-k8s/fathom/kube"
)

// readKuberc reads kubectl's preferences and takes from them which credential plugins
// may run. What they say of commands is in the arguments already (kubercArgs), and what of
// that is not understood is said here.
//
// As in kubectl, a file that was named must be readable; one at the usual place is
// ignored with a warning when it is broken.
func (a *app) readKuberc() error {
	if isKubercOff() {
		return nil
	}
	defer awaitFile(kubercFile(a.flags.kuberc))()
	var warning bytes.Buffer
	preference, err := kuberc.DefaultGetPreferences(a.flags.kuberc, &warning)
	if err != nil {
		return fmt.Errorf("%s; KUBERC=off reads no kuberc", oneLine(err.Error()))
	}
	if warning.Len() > 0 {
		a.messages.Add("warning", oneLine(warning.String()))
	}
	if preference == nil {
		return nil
	}
	for _, text := range notUnderstood(rootCommand("fathom"), preference) {
		a.messages.Add("warning", oneLine(text))
	}
	policy := clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PolicyType(preference.CredentialPluginPolicy)}
	for _, entry := range preference.CredentialPluginAllowlist {
		policy.Allowlist = append(policy.Allowlist, clientcmdapi.AllowlistEntry(entry))
	}
	if err := exec.ValidatePluginPolicy(policy); err != nil {
		return fmt.Errorf("kuberc: %s; KUBERC=off reads no kuberc", oneLine(err.Error()))
	}
	a.pluginPolicy = policy
	a.kubercPath, _, err = kuberc.LoadKuberc(a.flags.kuberc)
	return err
}

// isKubercOff reports whether kubectl's feature gate is off.
func isKubercOff() bool { return strings.EqualFold(os.Getenv("KUBECTL_KUBERC"), "false") }

// kubercFile is where the preferences are; flag is what --kuberc says.
func kubercFile(flag string) string {
	return cmp.Or(flag, os.Getenv("KUBERC"), kuberc.RecommendedKubeRCFile)
}

// deniedPlugin reports whether an error is that the policy denies a credential plugin.
func (a *app) deniedPlugin(err error) bool {
	return a.kubercPath != "" && errors.Is(err, kube.ErrPluginDenied)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
