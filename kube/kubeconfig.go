package kube

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// inCluster is the name of the context that a pod has without a kubeconfig.
const inCluster = "in-cluster"

// Context is one context of the kubeconfig. All its text is clean.
type Context struct {
	Name, Cluster, Server, User string
	Namespace                   string // "" when the context names none
}

// Contexts lists the contexts that the flags' kubeconfig files name, sorted by
// name, and the current one ("" when there is none). It reads files only.
func Contexts(flags *genericclioptions.ConfigFlags) (contexts []Context, current string, err error) {
	// The flags remember what they have read.
	raw, err := flagsFor(flags, "").ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return nil, "", plain.Error("read the kubeconfig", err)
	}
	for _, name := range slices.Sorted(maps.Keys(raw.Contexts)) {
		c := raw.Contexts[name]
		entry := Context{
			Name:      kinds.Clean(name),
			Cluster:   kinds.Clean(c.Cluster),
			User:      kinds.Clean(c.AuthInfo),
			Namespace: kinds.Clean(c.Namespace),
		}
		entry.Server = kinds.Clean(serverOf(raw, c))
		contexts = append(contexts, entry)
	}
	current = raw.CurrentContext
	if flags.Context != nil && *flags.Context != "" {
		current = *flags.Context
	}
	return contexts, kinds.Clean(current), nil
}

// KubeconfigFiles are the files that the flags' kubeconfig is merged from, whether
// they exist or not.
func KubeconfigFiles(flags *genericclioptions.ConfigFlags) []string {
	files := flagsFor(flags, "").ToRawKubeConfigLoader().ConfigAccess()
	if files.IsExplicitFile() {
		return []string{files.GetExplicitFile()}
	}
	return files.GetLoadingPrecedence()
}

// Kubeconfig is what another program needs to connect as a cluster does. The names are as the
// files spell them, not clean.
type Kubeconfig struct {
	Context, Cluster, User string
	Files                  []string
	// Overridden are the flags, if any, that connect otherwise than the files say: another program
	// does not have them.
	Overridden []string
	server     string
}

// Kubeconfig returns where the cluster was opened from, as ReloadKubeconfig read it last. Context is ""
// where no context was: in a pod, with flags alone, or for a Backend. Any goroutine may call it.
func (c *Cluster) Kubeconfig() Kubeconfig { return deref(c.kubeconfig.Load()) }

// Moved returns an error if the files by now lead the context to another API server or user, or do not have it:
// another program would follow them at once. It reads files only. Any goroutine may call it.
func (k Kubeconfig) Moved() error {
	if k.Context == "" {
		return nil
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: k.Files}
	raw, err := rules.Load()
	if err != nil {
		return plain.Error("read the kubeconfig", err)
	}
	switch to := raw.Contexts[k.Context]; {
	case to == nil:
		return fmt.Errorf("the kubeconfig has no context %q any more", kinds.Clean(k.Context))
	case to.AuthInfo != k.User || serverOf(*raw, to) != k.server:
		return fmt.Errorf("the kubeconfig leads context %q elsewhere than to what you look at; see whether fathom follows "+
			"it, and try again", kinds.Clean(k.Context))
	}
	return nil
}

// serverOf is the API server that a context leads to; "" where there is none.
func serverOf(raw clientcmdapi.Config, context *clientcmdapi.Context) string {
	if cluster := raw.Clusters[context.Cluster]; cluster != nil {
		return cluster.Server
	}
	return ""
}

// kubeconfigOf is where a context is opened from.
func kubeconfigOf(raw clientcmdapi.Config, context string, flags *genericclioptions.ConfigFlags) Kubeconfig {
	out := Kubeconfig{Context: context, Files: KubeconfigFiles(flags)}
	if to := raw.Contexts[context]; to != nil {
		out.Cluster, out.User, out.server = to.Cluster, to.AuthInfo, serverOf(raw, to)
	}
	for name, value := range map[string]*string{
		"server": flags.APIServer, "cluster": flags.ClusterName, "user": flags.AuthInfoName, "token": flags.BearerToken,
		"as": flags.Impersonate, "as-uid": flags.ImpersonateUID, "username": flags.Username, "password": flags.Password,
		"client-certificate": flags.CertFile, "client-key": flags.KeyFile, "certificate-authority": flags.CAFile,
		"tls-server-name": flags.TLSServerName, "proxy-url": flags.ProxyURL,
	} {
		if deref(value) != "" {
			out.Overridden = append(out.Overridden, "--"+name)
		}
	}
	for name, values := range map[string]*[]string{
		"as-group": flags.ImpersonateGroup, "as-user-extra": flags.ImpersonateUserExtra,
	} {
		if len(deref(values)) > 0 {
			out.Overridden = append(out.Overridden, "--"+name)
		}
	}
	if deref(flags.Insecure) {
		out.Overridden = append(out.Overridden, "--insecure-skip-tls-verify")
	}
	slices.Sort(out.Overridden)
	return out
}

// flagsFor copies the flags, so that each cluster has its own context and its
// own idea of the connection. ConfigFlags remember what they have built and
// cannot be copied as a value.
func flagsFor(flags *genericclioptions.ConfigFlags, context string) *genericclioptions.ConfigFlags {
	own := genericclioptions.NewConfigFlags(false)
	if flags != nil {
		own.CacheDir = flags.CacheDir
		own.KubeConfig = flags.KubeConfig
		own.ClusterName = flags.ClusterName
		own.AuthInfoName = flags.AuthInfoName
		own.Context = flags.Context
		own.Namespace = flags.Namespace
		own.APIServer = flags.APIServer
		own.TLSServerName = flags.TLSServerName
		own.Insecure = flags.Insecure
		own.CertFile = flags.CertFile
		own.KeyFile = flags.KeyFile
		own.CAFile = flags.CAFile
		own.BearerToken = flags.BearerToken
		own.Impersonate = flags.Impersonate
		own.ImpersonateUID = flags.ImpersonateUID
		own.ImpersonateGroup = flags.ImpersonateGroup
		own.ImpersonateUserExtra = flags.ImpersonateUserExtra
		own.Username = flags.Username
		own.Password = flags.Password
		own.Timeout = flags.Timeout
		own.DisableCompression = flags.DisableCompression
		own.ProxyURL = flags.ProxyURL
	}
	if context != "" {
		if flags != nil && (flags.Context == nil || *flags.Context != context) {
			own.Namespace = new(string) // It is meant for the context of the flags.
		}
		own.Context = &context
	}
	return own
}

// contextName returns the name of the context to connect to, or why there is none.
func contextName(raw clientcmdapi.Config, flags *genericclioptions.ConfigFlags) (string, error) {
	name := cmp.Or(deref(flags.Context), raw.CurrentContext)
	if name == "" {
		return "", nil
	}
	if _, ok := raw.Contexts[name]; ok {
		return name, nil
	}
	known := slices.Sorted(maps.Keys(raw.Contexts))
	if len(known) == 0 {
		return "", fmt.Errorf("context %q is not in the kubeconfig, which names none", kinds.Clean(name))
	}
	return "", fmt.Errorf("context %q is not in the kubeconfig; it has %s",
		kinds.Clean(name), kinds.Clean(strings.Join(known, ", ")))
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
