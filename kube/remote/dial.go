package remote

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/httpstream" //nolint:staticcheck // client-go's portforward speaks it
	constants "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	streaming "k8s.io/streaming/pkg/httpstream"

	"github.com/fathom-k8s/fathom/kube"
)

// core returns a client for pods and what is beside them.
func core(c *kube.Cluster) (rest.Interface, error) {
	return c.Raw().Protobuf(corev1.SchemeGroupVersion)
}

// streamURL is where a subresource of a pod is.
func streamURL(c *kube.Cluster, namespace, pod, subresource string, options runtime.Object) (*url.URL, error) {
	client, err := core(c)
	if err != nil {
		return nil, err
	}
	req := client.Get().Namespace(namespace).Resource("pods").Name(pod).SubResource(subresource)
	if options != nil {
		req = req.VersionedParams(options, scheme.ParameterCodec)
	}
	return req.URL(), nil
}

// stream opens exec or attach and copies until the container's side ends or ctx does.
func stream(
	ctx context.Context, c *kube.Cluster, namespace, pod, subresource string, options runtime.Object,
	streams remotecommand.StreamOptions,
) error {
	to, err := streamURL(c, namespace, pod, subresource, options)
	if err != nil {
		return words(err)
	}
	config, err := c.Upgrading(ctx)
	if err != nil {
		return err
	}
	socket, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, to.String())
	if err != nil {
		return words(err)
	}
	older, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, to)
	if err != nil {
		return words(err)
	}
	either, err := remotecommand.NewFallbackExecutor(socket, older, speaksOlder)
	if err != nil {
		return words(err)
	}
	return words(either.StreamWithContext(ctx, streams))
}

// dial opens a connection to the ports of a pod.
func dial(ctx context.Context, c *kube.Cluster, namespace, pod string) (httpstream.Connection, error) {
	to, err := streamURL(c, namespace, pod, "portforward", nil)
	if err != nil {
		return nil, words(err)
	}
	config, err := c.Upgrading(ctx)
	if err != nil {
		return nil, err
	}
	socket, err := portforward.NewSPDYOverWebsocketDialer(to, config)
	if err != nil {
		return nil, words(err)
	}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, words(err)
	}
	older := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, to)
	conn, _, err := portforward.NewFallbackDialer(socket, older, speaksOlder).Dial(constants.PortForwardV1Name)
	return conn, words(err)
}

// speaksOlder reports whether a server, or a proxy before it, does not speak WebSocket, so
// that SPDY may do. A refusal would be the same again.
func speaksOlder(err error) bool {
	if saysThat(err, kube.ErrReadOnly) || saysThat(err, kube.ErrElsewhere) {
		return false
	}
	if failed, ok := errors.AsType[*streaming.UpgradeFailureError](err); ok {
		reason := apierrors.ReasonForError(failed.Cause)
		return reason != metav1.StatusReasonForbidden && reason != metav1.StatusReasonUnauthorized &&
			reason != metav1.StatusReasonNotFound
	}
	return httpstream.IsUpgradeFailure(err) || streaming.IsHTTPSProxyError(err)
}
