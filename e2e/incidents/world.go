package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// glance is how often the API is asked whether something has happened; no time in the
// results is more exact.
const glance = 100 * time.Millisecond

// world is the cluster that the incidents happen in.
type world struct {
	cluster *provider.Cluster
	config  *rest.Config
	client  *kubernetes.Clientset
	dynamic dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	// node is a node that runs containers, and host this machine's address as it sees it.
	node, host string
	version    string
}

func newWorld(ctx context.Context, cluster *provider.Cluster) (*world, error) {
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.WarningHandlerWithContext = rest.NoWarnings{}
	w := &world{cluster: cluster, config: config}
	if w.client, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	if w.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	resources, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	w.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(resources))
	version, err := resources.ServerVersion()
	if err != nil {
		return nil, err
	}
	w.version = version.GitVersion
	if w.host, err = addressTowards(config.Host); err != nil {
		return nil, err
	}
	return w, w.findNode(ctx)
}

// findNode chooses the first node that is not a simulation.
func (w *world) findNode(ctx context.Context) error {
	nodes, err := w.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, node := range nodes.Items {
		if node.Annotations["kwok.x-k8s.io/node"] == "" && node.Labels[simulated] == "" {
			w.node = node.Name
			return nil
		}
	}
	return errors.New("no node runs containers")
}

// addressTowards returns this machine's own address on the way to a server.
func addressTowards(server string) (string, error) {
	parsed, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	connection, err := net.Dial("udp", parsed.Host)
	if err != nil {
		return "", err
	}
	defer func() { _ = connection.Close() }()
	host, _, err := net.SplitHostPort(connection.LocalAddr().String())
	return host, err
}

// resource returns the API of a reference's kind.
func (w *world) resource(r Ref) (dynamic.ResourceInterface, error) {
	partial := schema.GroupVersionResource{Resource: strings.ToLower(r.Kind)}
	found, err := w.mapper.ResourceFor(partial)
	if meta.IsNoMatchError(err) {
		w.mapper.Reset()
		found, err = w.mapper.ResourceFor(partial)
	}
	if err != nil {
		return nil, err
	}
	if r.Namespace == "" {
		return w.dynamic.Resource(found), nil
	}
	return w.dynamic.Resource(found).Namespace(r.Namespace), nil
}

// resourceOf returns the API of an object in the version that it is written in.
func (w *world) resourceOf(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	found, err := w.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		w.mapper.Reset()
		found, err = w.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	}
	if err != nil {
		return nil, err
	}
	return w.dynamic.Resource(found.Resource).Namespace(object.GetNamespace()), nil
}

func (w *world) get(ctx context.Context, r Ref) (*unstructured.Unstructured, error) {
	resource, err := w.resource(r)
	if err != nil {
		return nil, err
	}
	return resource.Get(ctx, r.Name, metav1.GetOptions{})
}

// pods returns the pods of a namespace with a label, without those that have ended well.
func (w *world) pods(ctx context.Context, namespace, selector string) ([]corev1.Pod, error) {
	list, err := w.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// until calls check until it reports true, and says what it waited for when the limit ends first.
func until(ctx context.Context, limit time.Duration, what string, check func(context.Context) (bool, error)) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, glance, limit, true, func(ctx context.Context) (bool, error) {
		done, err := check(ctx)
		last = err
		return done && err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waited %s for %s: %w", limit, what, errors.Join(err, last))
	}
	return nil
}

// read returns the objects of YAML text.
func read(text string) ([]*unstructured.Unstructured, error) {
	var list []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader([]byte(text))))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict(document, &object.Object); err != nil {
			return nil, fmt.Errorf("%w in\n%s", err, document)
		}
		if len(object.Object) > 0 {
			list = append(list, object)
		}
	}
}
