package provider

import (
	"context"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"
)

// metricsService and metricsPort are where the aggregated metrics API is.
const (
	metricsService = "metrics-server"
	metricsPort    = 10443
)

// registerMetrics makes metrics-server, which runs next to the API server, an
// aggregated API: a service without selector whose endpoint is the node.
func (n *native) registerMetrics(ctx context.Context, s *state) error {
	config, err := clientcmd.BuildConfigFromFlags("", n.path("kubeconfig"))
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Services("kube-system").Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: metricsService},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "https", Port: 443}}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("register metrics-server: %w", err)
	}
	_, err = client.DiscoveryV1().EndpointSlices("kube-system").Create(ctx, &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name:   metricsService,
			Labels: map[string]string{discoveryv1.LabelServiceName: metricsService},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: new("https"), Port: new(int32(metricsPort))}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{s.Address}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("register metrics-server: %w", err)
	}
	authority, err := os.ReadFile(n.certificate("ca"))
	if err != nil {
		return err
	}
	registry, err := aggregator.NewForConfig(config)
	if err != nil {
		return err
	}
	_, err = registry.ApiregistrationV1().APIServices().Create(ctx, &apiregistrationv1.APIService{
		ObjectMeta: metav1.ObjectMeta{Name: "v1beta1.metrics.k8s.io"},
		Spec: apiregistrationv1.APIServiceSpec{
			Group: "metrics.k8s.io", Version: "v1beta1", GroupPriorityMinimum: 100, VersionPriority: 100,
			CABundle: authority,
			Service:  &apiregistrationv1.ServiceReference{Namespace: "kube-system", Name: metricsService},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("register metrics-server: %w", err)
	}
	return nil
}

// metricsServed is nil once the aggregated API answers.
func metricsServed(client kubernetes.Interface) error {
	if _, err := client.Discovery().ServerResourcesForGroupVersion("metrics.k8s.io/v1beta1"); err != nil {
		return fmt.Errorf("metrics.k8s.io: %w", err)
	}
	return nil
}
