package kube

import (
	"context"
	"fmt"

	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/plain"
)

// Upgrading returns the config of one connection that becomes another protocol: exec, attach
// and portforward. It has the guard at its bottom, the proxy and the certificates of the
// kubeconfig, and the credentials of its plugin as they are now; it runs the plugin if there
// are none, and waits for it until ctx ends. Any goroutine may call it.
//
// A Backend has no such connections: the error wraps ErrUnchangeable. An error is clean.
func (c *Cluster) Upgrading(ctx context.Context) (*rest.Config, error) {
	if c.options.Backend != nil {
		return nil, plain.Error("", fmt.Errorf("%s %w", c.name, ErrUnchangeable))
	}
	config := rest.CopyConfig(c.upgrading.Load())
	if plugin := c.plugin.Load(); plugin != nil {
		if err := plugin.ApplyNow(ctx, config); err != nil {
			return nil, plain.Error("", err)
		}
	}
	return config, nil
}
