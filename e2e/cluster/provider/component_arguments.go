package provider

import (
	"fmt"
	"path/filepath"
)

// podNetwork and serviceNetwork exist only inside a node, the same in every cluster.
const (
	podNetwork     = "10.244.0.0/16"
	serviceNetwork = "10.96.0.0/16"
)

// pauseImage is the image with which containerd holds a pod's namespaces.
const pauseImage = "registry.k8s.io/pause:3.10"

// clusterDNS is the address of the DNS server that pods ask. Nothing answers there: pods
// find services by their environment variables.
const clusterDNS = "10.96.0.10"

// arguments are what one component is started with.
type arguments struct {
	name string
	args []string
	// health answers 200 once the component works; the next is started then.
	health string
}

// components lists the programs in the order of their start. kwok is among them
// once it was started for the first simulated node.
func (n *native) components(s *state) []arguments {
	list := []arguments{n.etcd(s), n.apiserver(s)}
	if n.Bare {
		return list
	}
	list = append(list, n.controllerManager(s), n.scheduler(s))
	if s.Node != nil {
		list = append(list, n.containerd(s), n.kubelet(s), n.kubeProxy(s), n.metricsServer(s))
	}
	if _, ok := s.process("kwok"); ok {
		list = append(list, n.kwok(s))
	}
	return list
}

func (n *native) etcd(s *state) arguments {
	client := s.url("etcd")
	peer := s.url("etcd-peer")
	health := fmt.Sprintf("http://%s:%d", s.Address, s.Ports["etcd-health"])
	return arguments{
		name: "etcd",
		args: []string{
			"--data-dir=" + n.path("etcd"),
			"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
			"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
			"--cert-file=" + n.certificate("etcd"), "--key-file=" + n.key("etcd"),
			"--client-cert-auth", "--trusted-ca-file=" + n.certificate("etcd-ca"),
			"--peer-cert-file=" + n.certificate("etcd"), "--peer-key-file=" + n.key("etcd"),
			"--peer-client-cert-auth", "--peer-trusted-ca-file=" + n.certificate("etcd-ca"),
			"--listen-metrics-urls=" + health,
			// The data of a test may be lost with the machine.
			"--unsafe-no-fsync",
			// 50,000 pods and an hour of their changes are more than etcd takes by default.
			"--quota-backend-bytes=8589934592",
		},
		health: health + "/health",
	}
}

func (n *native) apiserver(s *state) arguments {
	args := []string{
		"--bind-address=" + s.Address,
		fmt.Sprintf("--secure-port=%d", s.Ports["apiserver"]),
		"--etcd-servers=" + s.url("etcd"),
		"--etcd-cafile=" + n.certificate("etcd-ca"),
		"--etcd-certfile=" + n.certificate("etcd"),
		"--etcd-keyfile=" + n.key("etcd"),
		"--tls-cert-file=" + n.certificate("apiserver"),
		"--tls-private-key-file=" + n.key("apiserver"),
		"--client-ca-file=" + n.certificate("ca"),
		"--kubelet-client-certificate=" + n.certificate(
			"apiserver-kubelet",
		),
		"--kubelet-client-key=" + n.key("apiserver-kubelet"),
		"--kubelet-certificate-authority=" + n.certificate("ca"),
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + n.key(
			"service-account",
		),
		"--service-account-signing-key-file=" + n.key("service-account"),
		"--service-cluster-ip-range=" + serviceNetwork,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged",
		"--requestheader-client-ca-file=" + n.certificate(
			"front-proxy-ca",
		),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file=" + n.certificate(
			"front-proxy-client",
		),
		"--proxy-client-key-file=" + n.key("front-proxy-client"),
		"--enable-aggregator-routing",
		"--audit-policy-file=" + n.path(
			"config",
			"audit.yaml",
		),
		"--audit-log-path=" + n.path("audit.log"),
		"--audit-log-maxsize=1024",
	}
	if s.Node != nil {
		args = append(args, "--advertise-address="+s.Address)
	} else {
		// Endpoints may not be loopback addresses, and no pod needs them here.
		args = append(args, "--endpoint-reconciler-type=none")
	}
	if n.Bare {
		// The lease that the server renews for itself would be the one thing that changes.
		args = append(args, "--feature-gates=APIServerIdentity=false,UnknownVersionInteroperabilityProxy=false")
	}
	return arguments{name: "kube-apiserver", args: args, health: s.url("apiserver") + "/readyz"}
}

func (n *native) controllerManager(s *state) arguments {
	return arguments{
		name: "kube-controller-manager",
		args: []string{
			"--kubeconfig=" + n.kubeconfig("controller-manager"), "--leader-elect=false",
			"--bind-address=" + s.Address, fmt.Sprintf("--secure-port=%d", s.Ports["controller-manager"]),
			"--root-ca-file=" + n.certificate("ca"), "--service-account-private-key-file=" + n.key("service-account"),
			"--use-service-account-credentials",
			"--cluster-signing-cert-file=" + n.certificate("ca"), "--cluster-signing-key-file=" + n.key("ca"),
		},
		health: s.url("controller-manager") + "/healthz",
	}
}

func (n *native) scheduler(s *state) arguments {
	return arguments{
		name: "kube-scheduler",
		args: []string{
			"--kubeconfig=" + n.kubeconfig("scheduler"), "--leader-elect=false",
			"--bind-address=" + s.Address, fmt.Sprintf("--secure-port=%d", s.Ports["scheduler"]),
		},
		health: s.url("scheduler") + "/healthz",
	}
}

func (n *native) containerd(s *state) arguments {
	return arguments{
		name:   "containerd",
		args:   []string{"--config=" + n.path("config", "containerd.toml")},
		health: fmt.Sprintf("http://%s:1338/v1/metrics", s.Address),
	}
}

func (n *native) kubelet(s *state) arguments {
	return arguments{
		name: "kubelet",
		args: []string{
			"--config=" + n.path("config", "kubelet.yaml"), "--kubeconfig=" + n.kubeconfig("kubelet"),
			"--hostname-override=" + n.nodeName(), "--node-ip=" + s.Address,
		},
		health: fmt.Sprintf("http://%s:10248/healthz", s.Address),
	}
}

func (n *native) kubeProxy(s *state) arguments {
	return arguments{
		name:   "kube-proxy",
		args:   []string{"--config=" + n.path("config", "kube-proxy.yaml")},
		health: fmt.Sprintf("http://%s:10256/livez", s.Address),
	}
}

func (n *native) metricsServer(s *state) arguments {
	return arguments{
		name: "metrics-server",
		args: []string{
			"--kubeconfig=" + n.kubeconfig("metrics-server"),
			"--authentication-kubeconfig=" + n.kubeconfig(
				"metrics-server",
			),
			"--authorization-kubeconfig=" + n.kubeconfig("metrics-server"),
			"--bind-address=" + s.Address,
			fmt.Sprintf("--secure-port=%d", metricsPort),
			"--tls-cert-file=" + n.certificate("metrics-server"),
			"--tls-private-key-file=" + n.key("metrics-server"),
			"--kubelet-certificate-authority=" + n.certificate("ca"),
			"--kubelet-preferred-address-types=InternalIP",
			// Simulated nodes have no kubelet to ask.
			"--node-selector=type!=kwok",
			// The shortest that it accepts.
			"--metric-resolution=10s",
			"--kubelet-request-timeout=9s",
		},
		health: fmt.Sprintf("https://%s:%d/livez", s.Address, metricsPort),
	}
}

func (n *native) kwok(s *state) arguments {
	address := fmt.Sprintf("%s:%d", s.Address, s.Ports["kwok"])
	return arguments{
		name: "kwok",
		args: []string{
			"--kubeconfig=" + n.kubeconfig("kwok"), "--config=" + n.path("config", "kwok.yaml"),
			"--manage-all-nodes=false", "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
			"--node-ip=" + s.Address, fmt.Sprintf("--node-port=%d", s.Ports["kwok"]), "--server-address=" + address,
			"--cidr=10.128.0.0/16", "--node-lease-duration-seconds=40", "--v=WARN",
		},
		health: "http://" + address + "/healthz",
	}
}

// cgroupRoot is the cgroup above all others of the cluster's node.
func cgroupRoot(name string) string { return "/fathom-" + name }

func (n *native) nodeName() string { return n.Name + "-node" }

func (n *native) certificate(name string) string { return filepath.Join(n.folder, "pki", name+".crt") }

func (n *native) key(name string) string { return filepath.Join(n.folder, "pki", name+".key") }

func (n *native) kubeconfig(user string) string {
	return filepath.Join(n.folder, "config", user+".kubeconfig")
}
