package kube

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/fathom-k8s/fathom/kube/plain"

	"k8s.io/client-go/rest"
)

// Backend is something other than a network that answers as an API server does: a
// recording, a dump. A Cluster opened with it is like any other, and nothing above the
// connection knows. It cannot be changed.
type Backend struct {
	// Name is what is opened; it stands for a context's name.
	Name string
	// Address says where it is, as a server's address does: a file, a folder.
	Address string
	// Namespace is where it opens; "" is "default".
	Namespace string
	// Transport answers every request, whatever its host. It has to be safe
	// for every goroutine.
	Transport http.RoundTripper
	// Now returns the time there; nil is the wall clock. It has to be safe for every
	// goroutine.
	Now func() time.Time
}

// backendHost stands for a server's address in URLs; nothing resolves it.
const backendHost = "http://backend.invalid"

func (b *Backend) target(o Options) (target, error) {
	if o.Write {
		return target{}, plain.Error("", fmt.Errorf("%s %w", b.Name, ErrUnchangeable))
	}
	namespace := cmp.Or(b.Namespace, "default")
	if o.Flags != nil {
		namespace = cmp.Or(deref(o.Flags.Namespace), namespace)
	}
	return target{name: b.Name, namespace: namespace, config: &rest.Config{Host: backendHost, Transport: b.Transport}}, nil
}

// Now returns the time in the cluster: that of its Backend, or the wall clock.
func (c *Cluster) Now() time.Time {
	if b := c.options.Backend; b != nil && b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

// Live reports whether the cluster's time is the wall clock's.
func (c *Cluster) Live() bool { return c.options.Backend == nil || c.options.Backend.Now == nil }
