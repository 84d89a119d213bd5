package provider

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeFiles writes the certificates, kubeconfigs and configurations of all components.
func (n *native) writeFiles(s *state) error {
	if err := n.writeCertificates(s); err != nil {
		return err
	}
	if err := n.writeUserKubeconfig(n.path("kubeconfig"), s, "admin", "admin"); err != nil {
		return err
	}
	for _, user := range []string{"controller-manager", "scheduler", "kubelet", "kube-proxy", "metrics-server", "kwok"} {
		if err := n.writeUserKubeconfig(n.kubeconfig(user), s, user, user); err != nil {
			return err
		}
	}
	for file, content := range map[string]string{
		"audit.yaml":             auditPolicy,
		"containerd.toml":        n.containerdConfig(s),
		"cni/10-fathom.conflist": cniConfig,
		"kubelet.yaml":           n.kubeletConfig(s),
		"kube-proxy.yaml":        n.kubeProxyConfig(s),
		"kwok.yaml":              kwokStages,
	} {
		if folder, _, ok := strings.Cut(file, "/"); ok {
			if err := os.MkdirAll(n.path("config", folder), 0o700); err != nil {
				return err
			}
		}
		if err := os.WriteFile(n.path("config", file), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (n *native) writeCertificates(s *state) error {
	folder := n.path("pki")
	var authorities [3]*authority
	for i, name := range []string{"ca", "etcd-ca", "front-proxy-ca"} {
		var err error
		if authorities[i], err = newAuthority(folder, name); err != nil {
			return err
		}
	}
	ca, etcd, frontProxy := authorities[0], authorities[1], authorities[2]
	masters := []string{"system:masters"}
	return errors.Join(
		writeServiceAccountKey(folder),
		etcd.issue("etcd", "etcd", nil, s.Address, "127.0.0.1", "localhost"),
		frontProxy.issue("front-proxy-client", "front-proxy-client", nil),
		ca.issue("apiserver", "kube-apiserver", nil, s.Address, "127.0.0.1", "localhost", "10.96.0.1",
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"),
		ca.issue("apiserver-kubelet", "kube-apiserver-kubelet-client", masters),
		ca.issue("admin", "kubernetes-admin", masters),
		ca.issue("controller-manager", "system:kube-controller-manager", nil),
		ca.issue("scheduler", "system:kube-scheduler", nil),
		ca.issue("kubelet", "system:node:"+n.nodeName(), []string{"system:nodes"}, s.Address, n.nodeName()),
		ca.issue("kube-proxy", "system:kube-proxy", nil),
		ca.issue("metrics-server", "metrics-server", masters, s.Address, metricsService+".kube-system.svc"),
		ca.issue("kwok", "kwok", masters),
	)
}

// kwokStages is kwok's configuration.
//
//go:embed stages.yaml
var kwokStages string

// auditPolicy logs one line for each request, so that tests can count them.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

func (n *native) containerdConfig(s *state) string {
	return fmt.Sprintf(`version = 3
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
address = "/run/containerd/containerd.sock"

[metrics]
address = "%s:1338"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "%s"

[plugins."io.containerd.cri.v1.runtime"]
# Lowering a process's oom_score_adj needs CAP_SYS_RESOURCE, which root may lack.
restrict_oom_score_adj = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["%s"]
conf_dir = "%s"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "%s"
SystemdCgroup = false
`, s.Address, pauseImage, filepath.Dir(find("ptp")), n.path("config", "cni"), find("runc"))
}

// cniConfig routes every pod by itself. A bridge would need br_netfilter for
// services between two pods of one node, which kernels may lack.
const cniConfig = `{
  "cniVersion": "1.0.0",
  "name": "fathom",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": true,
      "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "` + podNetwork + `"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`

func (n *native) kubeletConfig(s *state) string {
	return fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: %[1]s
healthzBindAddress: %[1]s
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: %[2]s}
authorization: {mode: Webhook}
tlsCertFile: %[3]s
tlsPrivateKeyFile: %[4]s
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: %[5]s
failCgroupV1: false
enforceNodeAllocatable: []
failSwapOn: false
# A full disk of the host is not a reason to evict pods or to remove images that
# cannot be pulled again.
evictionHard: {memory.available: 50Mi, nodefs.available: 0%%, nodefs.inodesFree: 0%%, imagefs.available: 0%%}
imageGCHighThresholdPercent: 100
resolvConf: /dev/null
clusterDNS: [%[6]s]
clusterDomain: cluster.local
volumePluginDir: /var/lib/kubelet/volumeplugins
`, s.Address, n.certificate("ca"), n.certificate("kubelet"), n.key("kubelet"), cgroupRoot(n.Name), clusterDNS) + n.logRotation()
}

// logRotation has the shortest interval and the fewest files that a kubelet takes.
func (n *native) logRotation() string {
	if n.LogSize == "" {
		return ""
	}
	return "containerLogMaxSize: " + n.LogSize + "\ncontainerLogMaxFiles: 2\ncontainerLogMonitorInterval: 3s\n"
}

func (n *native) kubeProxyConfig(s *state) string {
	return fmt.Sprintf(`apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
bindAddress: %[1]s
healthzBindAddress: %[1]s:10256
metricsBindAddress: %[1]s:10249
hostnameOverride: %[2]s
clusterCIDR: %[3]s
clientConnection: {kubeconfig: %[4]s}
# The limits belong to the host.
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
`, s.Address, n.nodeName(), podNetwork, n.kubeconfig("kube-proxy"))
}
