package suite

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// as reads a kubeconfig of one context, and gives it another name and namespace.
func as(t *testing.T, path, name, namespace string) *clientcmdapi.Config {
	t.Helper()
	config := kubeconfigOf(t, path)
	used := config.Contexts[config.CurrentContext]
	renamed := clientcmdapi.NewConfig()
	renamed.Clusters[name] = config.Clusters[used.Cluster]
	renamed.AuthInfos[name] = config.AuthInfos[used.AuthInfo]
	renamed.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name, Namespace: namespace}
	renamed.CurrentContext = name
	return renamed
}

// two are the contexts amsterdam and berlin of two real clusters, each with a pod that the other has not.
func two(t *testing.T) (amsterdam, berlin *clientcmdapi.Config) {
	t.Helper()
	cluster, client := other(t)
	here := sandbox(t)
	there := sandboxNamed(t, client, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "sandbox-"}})
	pendingPod(t, world.client, here, "tulip")
	pendingPod(t, client, there, "bear")
	return as(t, world.cluster.Kubeconfig, "amsterdam", here), as(t, cluster.Kubeconfig, "berlin", there)
}

// merged is a kubeconfig with the contexts of all; the first one's is current.
func merged(all ...*clientcmdapi.Config) *clientcmdapi.Config {
	one := clientcmdapi.NewConfig()
	one.CurrentContext = all[0].CurrentContext
	for _, config := range all {
		for name, context := range config.Contexts {
			one.Contexts[name], one.Clusters[name], one.AuthInfos[name] = context, config.Clusters[name], config.AuthInfos[name]
		}
	}
	return one
}

// TestContextSwitch goes from one cluster to another and back, without a new start.
func TestContextSwitch(t *testing.T) {
	amsterdam, berlin := two(t)
	list := strings.Join(
		[]string{writtenKubeconfig(t, amsterdam), writtenKubeconfig(t, berlin)},
		string(filepath.ListSeparator),
	)
	for _, test := range []struct{ name, kubeconfig string }{
		{"one kubeconfig", writtenKubeconfig(t, merged(amsterdam, berlin))},
		{"a list of kubeconfigs", list},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := openWith(t, test.kubeconfig, screen.Options{Columns: 140, Rows: 30}, "pods")
			pid := f.PID()
			f.WaitFor(regexp.MustCompile(`amsterdam +sandbox-\w+ +pods 1 .*● live`), limit)
			f.WaitFor("tulip", limit)

			goTo(f, "contexts")
			f.WaitFor("› amsterdam", limit)
			f.Keys("j")
			f.WaitFor("› berlin", limit)
			f.Keys("enter")
			shot := f.WaitFor(regexp.MustCompile(`berlin +sandbox-\w+ +pods 1 .*● live`), limit)
			if !shot.Contains("bear") || shot.Contains("tulip") {
				t.Errorf("these are not berlin's pods\n%s", shot)
			}
			goTo(f, "amsterdam")
			shot = f.WaitFor(regexp.MustCompile(`amsterdam +sandbox-\w+ +pods 1 .*● live`), limit)
			if !shot.Contains("tulip") || shot.Contains("bear") {
				t.Errorf("these are not amsterdam's pods\n%s", shot)
			}
			if f.PID() != pid || f.Exited() {
				t.Error("it was started again")
			}
		})
	}
}

// TestLeavesDeadCluster goes to a cluster that refuses connections, reads so, and goes back.
func TestLeavesDeadCluster(t *testing.T) {
	namespace := sandbox(t)
	pendingPod(t, world.client, namespace, "tulip")
	config := as(t, world.cluster.Kubeconfig, "amsterdam", namespace)
	addDead(t, config, "dead")
	f := openWith(t, writtenKubeconfig(t, config), screen.Options{Columns: 140, Rows: 30})
	f.WaitFor("tulip", limit)
	goTo(f, "dead")
	shot := f.WaitFor(regexp.MustCompile(`✖ dead: .*connection refused`), limit)
	if !shot.Contains("SERVER") || shot.Contains("tulip") {
		t.Errorf("these are not the contexts\n%s", shot)
	}
	f.WaitFor("› dead", limit)
	f.Keys("k")
	f.WaitFor("› amsterdam", limit)
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`amsterdam +sandbox-\w+ +pods 1 .*● live`), limit)
	f.WaitFor("tulip", limit)
}

// TestStartsOnDeadCluster opens on the contexts, since there is nothing else to see,
// and goes on from there.
func TestStartsOnDeadCluster(t *testing.T) {
	namespace := sandbox(t)
	pendingPod(t, world.client, namespace, "tulip")
	config := as(t, world.cluster.Kubeconfig, "amsterdam", namespace)
	addDead(t, config, "dead")
	config.CurrentContext = "dead"
	for _, args := range [][]string{nil, {"deployments"}, {"pod/tulip"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			f := openWith(t, writtenKubeconfig(t, config), screen.Options{Columns: 140, Rows: 30}, args...)
			f.WaitFor(regexp.MustCompile(`✖ dead: .*connection refused`), limit)
			shot := f.WaitFor("› dead", limit)
			if !strings.Contains(shot.Row(0), "contexts") {
				t.Errorf("it opened on something else\n%s", shot)
			}
			f.Keys("k", "enter")
			f.WaitFor(regexp.MustCompile(`amsterdam +sandbox-\w+ +pods 1 .*● live`), limit)
			f.WaitFor("tulip", limit)
		})
	}
}
