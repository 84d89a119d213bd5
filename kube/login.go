package kube

import (
	"context"
	"os"

	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/credential"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// pluginOf returns the credential plugin that a config names, or nil.
func (c *Cluster) pluginOf(config *rest.Config) (*credential.Plugin, error) {
	if config.ExecProvider == nil {
		return nil, nil
	}
	said := func(line string) {
		c.options.Messages.Add("error", line)
		if c.options.PluginSaid != nil {
			c.options.PluginSaid(line)
		}
	}
	o := credential.Options{
		Exec: *config.ExecProvider, Panicked: c.options.Messages.contain(), Said: said, Changed: c.healthChanged.Notify,
	}
	o.Exec.PluginPolicy = c.options.PluginPolicy
	if o.Exec.ProvideClusterInfo {
		var err error
		if o.Cluster, err = rest.ConfigToExecCluster(config); err != nil {
			return nil, err
		}
	}
	return credential.New(o)
}

// awaitCredentials waits for a credential plugin, if there is one. What is wrong with it
// a request will say.
func (c *Cluster) awaitCredentials(ctx context.Context) {
	if plugin := c.plugin.Load(); plugin != nil {
		plugin.Wait(ctx)
	}
}

// sharedConfig is the config of clients that others make. They share the cluster's
// connection, and with it guard, health and credentials.
func (c *Cluster) sharedConfig() (*rest.Config, error) {
	config := rest.CopyConfig(c.config.Load())
	server, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, err
	}
	shared := rest.AnonymousClientConfig(config)
	shared.Host = server.String() // Without TLS options its scheme would be another.
	shared.TLSClientConfig, shared.Proxy, shared.Dial = rest.TLSClientConfig{}, nil, nil
	shared.Transport, shared.WrapTransport = c.client.Transport, nil
	shared.Timeout = c.timeout
	return shared, nil
}

// Login is one run of a cluster's credential plugin with the terminal, where it can ask
// for what it needs.
type Login struct {
	cluster *Cluster
	plugin  *credential.Plugin
}

// Login returns how to log in, nil where the kubeconfig names no credential plugin.
func (c *Cluster) Login() *Login {
	if plugin := c.plugin.Load(); plugin != nil {
		return &Login{c, plugin}
	}
	return nil
}

// String says what is done. It is clean.
func (l *Login) String() string { return "log in to " + l.cluster.Name() + " with " + l.Program() }

// Program is the name of the plugin's program; clean.
func (l *Login) Program() string { return kinds.Clean(l.plugin.Name()) }

// CommandLine is what is run; clean.
func (l *Login) CommandLine() string { return kinds.Clean(l.plugin.Line()) }

// RunOn runs the plugin on a terminal until it ends or ctx does, and uses its credentials
// from then on. Requests that wait for the plugin wait for this run.
func (l *Login) RunOn(ctx context.Context, in, out *os.File) error {
	if err := l.plugin.Login(ctx, in, out); err != nil {
		return plain.Error("", err)
	}
	l.cluster.Refresh()
	return nil
}

// CancelLogin ends the credential plugin that requests wait for. It does not run again
// before Refresh or a Login.
func (c *Cluster) CancelLogin() {
	if plugin := c.plugin.Load(); plugin != nil {
		plugin.Cancel()
	}
}
