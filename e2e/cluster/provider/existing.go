package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// existing is the cluster of the current kubeconfig (KUBECONFIG or ~/.kube/config,
// its current context). It is never started, changed or removed; what the tests
// create in it, they remove. The one thing that Up makes is a kubeconfig of this
// context alone.
type existing struct {
	Options
	kubeconfig string
}

func newExisting(options Options) (Provider, error) {
	if options.Nodes > 0 {
		return nil, fmt.Errorf("%d simulated nodes on an existing cluster: %w; native has them", options.Nodes,
			ErrUnsupported)
	}
	cache, err := cacheRoot()
	if err != nil {
		return nil, err
	}
	return &existing{Options: options, kubeconfig: filepath.Join(cache, "existing", options.Name+".kubeconfig")}, nil
}

// Up implements Provider.
func (e *existing) Up(ctx context.Context) (*Cluster, error) {
	config, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		return nil, fmt.Errorf("current kubeconfig: %w", err)
	}
	if config.CurrentContext == "" {
		return nil, errors.New("no current context: set KUBECONFIG, or choose one with `kubectl config use-context`")
	}
	context := config.CurrentContext
	if err := errors.Join(clientcmdapi.MinifyConfig(config), clientcmdapi.FlattenConfig(config)); err != nil {
		return nil, fmt.Errorf("current kubeconfig: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(e.kubeconfig), 0o700); err != nil {
		return nil, err
	}
	if err := clientcmd.WriteToFile(*config, e.kubeconfig); err != nil {
		return nil, err
	}
	cluster := &Cluster{Name: e.Name, Provider: "existing", Kubeconfig: e.kubeconfig, Context: context, backend: e}
	if cluster.Kubectl, err = findKubectl(ctx, e.Progress); err != nil {
		return nil, err
	}
	if err := cluster.ready(ctx); err != nil {
		return nil, fmt.Errorf("context %s: %w", context, err)
	}
	if err := cluster.discover(ctx); err != nil {
		return nil, fmt.Errorf("context %s: %w", context, err)
	}
	return cluster, nil
}

// Down implements Provider.
func (e *existing) Down(context.Context) error {
	if err := os.Remove(e.kubeconfig); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Status implements Provider.
func (e *existing) Status(ctx context.Context) (Status, error) {
	cluster, err := e.Up(ctx)
	if err != nil {
		return Status{Problem: strings.TrimSpace(err.Error())}, nil
	}
	return Status{Running: true, Cluster: cluster}, nil
}

// importImage implements backend.
func (e *existing) importImage(context.Context, io.Reader) error { return ErrUnsupported }

// component implements backend.
func (e *existing) component(string) (*Component, error) { return nil, ErrUnsupported }
