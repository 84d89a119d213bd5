package kube

import (
	"context"
	"net/http"
	"net/url"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/transport"
)

// Raw is a cluster for code that reads what the API server sends as bytes. Requests
// go through the cluster's guard, with the credentials that it has at the time.
type Raw struct {
	Messages *Messages     // of the cluster; may be nil
	Version  string        // of this program
	Timeout  time.Duration // of a request that is answered at once
	cluster  *Cluster
}

// Raw returns the cluster for code that reads bytes.
func (c *Cluster) Raw() Raw {
	return Raw{Messages: c.options.Messages, Version: c.options.Version, Timeout: c.timeout, cluster: c}
}

// Protobuf returns a client whose answers are in protobuf, where the API server
// has it.
func (r Raw) Protobuf(gv schema.GroupVersion) (rest.Interface, error) {
	return r.cluster.rest(gv, protobuf)
}

// JSON returns a client whose answers are in JSON.
func (r Raw) JSON(gv schema.GroupVersion) (rest.Interface, error) {
	return r.cluster.rest(gv, plainJSON)
}

// Reads returns the address of the API server, and a transport for requests that others have
// made: it adds the cluster's credentials, and what is not a read is ErrReadOnly in write mode too.
func (r Raw) Reads() (*url.URL, http.RoundTripper, error) {
	server, _, err := rest.DefaultServerUrlFor(r.cluster.config.Load())
	if err != nil {
		return nil, nil, err
	}
	return server, &transport.Guard{
		Next: r.cluster.client.Transport, Server: server,
		Traffic: new(transport.Traffic), InFlight: new(transport.InFlight), // The guard below counts.
	}, nil
}

// APIResources asks for every resource of every group version that answers, in
// the order that clients prefer.
func (r Raw) APIResources(ctx context.Context) ([]*metav1.APIResourceList, error) {
	ctx, cancel := r.cluster.withTimeout(ctx)
	defer cancel()
	groups, lists, _, err := r.cluster.requestGroups(ctx)
	if err != nil {
		return nil, err
	}
	var all []*metav1.APIResourceList
	for _, g := range groups.Groups {
		for _, v := range versionsOf(g) {
			if list := lists[schema.GroupVersion{Group: g.Name, Version: v}]; list != nil {
				all = append(all, list)
			}
		}
	}
	return all, nil
}
