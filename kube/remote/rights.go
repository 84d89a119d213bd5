package remote

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// may asks whether a subresource of a pod may be used. Over WebSocket it is a get, over SPDY
// a create, and newer API servers want both to be one: either will do here. Where the answer
// does not come the stream itself will say what is wrong.
func may(ctx context.Context, c *kube.Cluster, namespace, pod, subresource string, verbs ...string) error {
	raw := c.Raw()
	client, err := raw.Protobuf(authorizationv1.SchemeGroupVersion)
	if err != nil {
		return words(err)
	}
	why := ""
	for _, verb := range verbs {
		ask := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: verb, Resource: "pods", Subresource: subresource, Namespace: namespace, Name: pod,
			},
		}}
		limited, cancel := context.WithTimeout(ctx, raw.Timeout)
		var said authorizationv1.SelfSubjectAccessReview
		err := client.Post().MaxRetries(0).Resource("selfsubjectaccessreviews").Body(ask).Do(limited).Into(&said)
		cancel()
		if err != nil || said.Status.Allowed {
			return ctx.Err()
		}
		if said.Status.Reason != "" {
			why = ": " + kinds.Clean(said.Status.Reason)
		}
	}
	what := "pods"
	if subresource != "" {
		what += "/" + subresource
	}
	return fmt.Errorf("you may not %s %s in %s%s", strings.Join(verbs, " or "), what, kinds.Clean(namespace), why)
}
