package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
)

// metricsRepository is the image of metrics-server, without its tag.
const metricsRepository = "registry.k8s.io/metrics-server/metrics-server"

// buildImage builds what a node's image is made of.
func (k *kind) buildImage(ctx context.Context) (nodeImage, error) {
	binaries, err := build(ctx, k.Progress, nodeProgramNames()...)
	if err != nil {
		return nodeImage{}, err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return nodeImage{}, err
	}
	image := nodeImage{programs: binaries, tags: map[string]string{}}
	for _, program := range programs {
		if _, ok := binaries[program.name]; ok {
			if image.tags[program.name], err = program.version(root); err != nil {
				return nodeImage{}, err
			}
		}
	}
	_, image.tags["pause"], _ = strings.Cut(pauseImage, ":")
	if image.base, err = kindBase(ctx); err != nil {
		return nodeImage{}, err
	}
	image.debian, err = debianRoot(ctx, k.cache, k.Progress)
	return image, err
}

// name is the image's name, whose version is that of Kubernetes.
func (i nodeImage) name() string { return "fathom-e2e/node:" + i.tags["kube-apiserver"] }

// importNodeImage gives Docker the image of a node.
func importNodeImage(ctx context.Context, progress io.Writer, name string, image nodeImage) error {
	fmt.Fprintf(progress, "loading the nodes' image %s\n", name)
	started := time.Now()
	reader, writer := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := image.write(writer)
		_ = writer.CloseWithError(err)
		written <- err
	}()
	load := exec.CommandContext(ctx, "docker", "import", "--platform", "linux/"+runtime.GOARCH,
		"--change", "ENV container=docker",
		"--change", `ENTRYPOINT [ "/usr/local/bin/entrypoint", "/sbin/init" ]`, "-", name)
	load.Stdin = reader
	err := quiet(load)
	_ = reader.CloseWithError(errors.New("docker import has ended"))
	if err := errors.Join(err, <-written); err != nil {
		return fmt.Errorf("node image: %w", err)
	}
	fmt.Fprintf(progress, "the nodes' image is loaded after %s\n", time.Since(started).Round(time.Second))
	return nil
}

// config is the cluster's configuration for kind. address is where a daemon of our own
// publishes the API server; it is empty where Docker is the machine's.
func (k *kind) config(made bool, image nodeImage, address string) *v1alpha4.Cluster {
	config := &v1alpha4.Cluster{Nodes: []v1alpha4.Node{
		{Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole}, {Role: v1alpha4.WorkerRole},
	}}
	if address != "" {
		config.Networking.APIServerAddress, config.Networking.APIServerPort = address, 6443
	}
	if !made {
		return config
	}
	config.Networking.DisableDefaultCNI = true
	config.Networking.PodSubnet, config.Networking.ServiceSubnet = podNetwork, serviceNetwork
	config.Nodes[0].ExtraMounts = []v1alpha4.Mount{{HostPath: k.path("control"), ContainerPath: "/fathom"}}
	config.KubeadmConfigPatches = []string{
		fmt.Sprintf(kubeadmPatch, image.tags["etcd"], image.tags["coredns"]),
		"kind: KubeletConfiguration\nfailCgroupV1: false\n",
	}
	config.ContainerdConfigPatches = []string{containerdPatch}
	return config
}

// kubeadmPatch has the tags of etcd and coredns. The data of a test may be lost with the
// machine.
const kubeadmPatch = `kind: ClusterConfiguration
apiServer:
  extraArgs:
  - {name: audit-policy-file, value: /fathom/audit.yaml}
  - {name: audit-log-path, value: /fathom/audit.log}
  - {name: audit-log-maxsize, value: "1024"}
  - {name: enable-aggregator-routing, value: "true"}
  extraVolumes:
  - {name: fathom, hostPath: /fathom, mountPath: /fathom}
etcd:
  local:
    imageTag: %s
    extraArgs:
    - {name: unsafe-no-fsync, value: "true"}
dns:
  imageTag: %s
`

// containerdPatch: to lower a process's oom_score_adj needs CAP_SYS_RESOURCE, which root
// may lack.
const containerdPatch = `[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  conf_template = "/etc/containerd/cni.template"
`

// startLimit is how long the nodes may take to be ready once they have joined. It was seen
// to take three minutes on a machine with many times more to do than processors.
const startLimit = 6 * time.Minute

// finish gives a cluster of our own image the routes between its nodes, and metrics.
func (k *kind) finish(ctx context.Context, cluster *Cluster, image nodeImage) error {
	var nodes *corev1.NodeList
	client, err := cluster.Clientset()
	if err != nil {
		return err
	}
	err = until(ctx, startLimit, "the nodes have networks", func(ctx context.Context) (err error) {
		// One request may hang while a busy machine starts its control plane again.
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if nodes, err = client.CoreV1().Nodes().List(ctx, metav1.ListOptions{}); err != nil {
			return err
		}
		for _, node := range nodes.Items {
			if node.Spec.PodCIDR == "" || internalIP(node) == "" {
				return fmt.Errorf("node %s has none", node.Name)
			}
		}
		if len(nodes.Items) < cluster.RealNodes {
			return fmt.Errorf("%d of %d nodes have joined", len(nodes.Items), cluster.RealNodes)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, from := range nodes.Items {
		for _, to := range nodes.Items {
			if from.Name == to.Name {
				continue
			}
			err := quiet(k.inNode(ctx, from.Name, "ip", "route", "replace", to.Spec.PodCIDR, "via", internalIP(to)))
			if err != nil {
				return err
			}
		}
	}
	apply := k.control(ctx, "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "apply", "-f", "-")
	apply.Stdin = strings.NewReader(strings.ReplaceAll(metricsManifest, "IMAGE",
		metricsRepository+":"+image.tags["metrics-server"]))
	return quiet(apply)
}

func internalIP(node corev1.Node) string {
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return address.Address
		}
	}
	return ""
}
