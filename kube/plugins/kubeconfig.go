package plugins

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	clientcmdapiv1 "k8s.io/client-go/tools/clientcmd/api/v1"

	"github.com/fathom-k8s/fathom/kube"
)

// place is a folder with a kubeconfig for one run.
type place struct{ folder, file string }

// newPlace writes a kubeconfig that only its owner can read.
func newPlace(config clientcmdapiv1.Config) (place, error) {
	config.Kind, config.APIVersion = "Config", "v1"
	text, err := json.Marshal(config) // Which is YAML too.
	if err != nil {
		return place{}, err
	}
	folder, err := os.MkdirTemp("", "fathom-plugin-")
	if err != nil {
		return place{}, err
	}
	p := place{folder, filepath.Join(folder, "kubeconfig")}
	if err := os.WriteFile(p.file, text, 0o600); err != nil {
		p.remove()
		return place{}, err
	}
	return p, nil
}

func (p place) remove() { _ = os.RemoveAll(p.folder) }

// proxied is a kubeconfig that leads to a proxy. Its names are the user's own, so that a command
// with --context $CONTEXT finds them, and it has nothing else of theirs.
func proxied(p *proxy, v Values) clientcmdapiv1.Config {
	context, cluster, user := cmp.Or(v.Context, "fathom"), cmp.Or(v.Cluster, "fathom"), cmp.Or(v.User, "fathom")
	return clientcmdapiv1.Config{
		CurrentContext: context,
		Contexts: []clientcmdapiv1.NamedContext{{Name: context, Context: clientcmdapiv1.Context{
			Cluster: cluster, AuthInfo: user, Namespace: v.Namespace,
		}}},
		Clusters: []clientcmdapiv1.NamedCluster{{Name: cluster, Cluster: clientcmdapiv1.Cluster{
			Server: p.address,
		}}},
		AuthInfos: []clientcmdapiv1.NamedAuthInfo{{Name: user}},
	}
}

// pinned is a kubeconfig that only names the current context. Before the user's files it decides,
// whatever theirs is by now.
func pinned(context string) clientcmdapiv1.Config {
	return clientcmdapiv1.Config{CurrentContext: context}
}

// filesOf is what the variable KUBECONFIG says of a cluster's files.
func filesOf(k kube.Kubeconfig) string { return strings.Join(k.Files, string(os.PathListSeparator)) }

// leadsElsewhere reports whether an environment variable leads a program to an API server past its kubeconfig.
func leadsElsewhere(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	name = strings.ToUpper(name)
	return strings.HasPrefix(name, "HELM_KUBE") || strings.HasPrefix(name, "KUBERNETES_SERVICE_") ||
		slices.Contains([]string{"KUBECONFIG", "KUBERNETES_MASTER", "KUBE_CONTEXT"}, name)
}

// environment is that of a program. What reads the proxy has no other way to a cluster in it, and
// kubectl's cache, which is named after the server's address, beside its kubeconfig, that goes with
// the run.
func environment(all []string, kubeconfig string, reads bool) []string {
	out := slices.Clone(all)
	if reads {
		out = slices.DeleteFunc(out, leadsElsewhere)
		for _, name := range []string{"NO_PROXY", "no_proxy"} {
			value := "127.0.0.1"
			for _, variable := range all {
				if before, found := strings.CutPrefix(variable, name+"="); found && before != "" {
					value = before + "," + value
				}
			}
			out = append(out, name+"="+value)
		}
	}
	if kubeconfig != "" {
		out = append(out, "KUBECONFIG="+kubeconfig)
	}
	if reads && kubeconfig != "" {
		out = append(out, "KUBECACHEDIR="+filepath.Join(filepath.Dir(kubeconfig), "cache"))
	}
	return out
}
