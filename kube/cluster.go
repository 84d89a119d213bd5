package kube

import (
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// Options say how to open a cluster.
type Options struct {
	Flags    *genericclioptions.ConfigFlags // kubectl's flags; nil means none given
	Context  string                         // overrides the flags' context; "" does not
	Write    bool                           // allow requests that change the cluster
	Messages *Messages                      // where warnings go; nil drops them
	Version  string                         // of the program, for its User-Agent
	Idle     time.Duration                  // how long a listing outlives its last watch; 0 means 3 minutes
}

// Cluster is one kubeconfig context, connected. All methods may be called from
// any goroutine.
type Cluster struct {
	options Options
	name    string
	beat    bell
}

// Open reads the kubeconfig and makes the clients. It sends no request and does
// not wait for one; what has to be known of the cluster is asked in the
// background, from now until Close.
//
// It fails when there is no kubeconfig (and the program does not run in a pod),
// when the context is unknown, and when the files it names cannot be read.
func Open(o Options) (*Cluster, error) { return &Cluster{options: o}, nil }

// Name is the name of the context.
func (c *Cluster) Name() string { return c.name }

// Namespace is the namespace that the flags or the context name.
func (c *Cluster) Namespace() string { return "default" }

// Server is the address of the API server.
func (c *Cluster) Server() string { return "" }

// Version is the API server's version, "" until it is known.
func (c *Cluster) Version() string { return "" }

// Writable says whether requests that change the cluster may pass.
func (c *Cluster) Writable() bool { return c.options.Write }

// Refresh asks the cluster again now: its version, its resources, and every
// listing that is not live.
func (c *Cluster) Refresh() {}

// Close ends everything that the cluster started and forgets its listings.
func (c *Cluster) Close() {}
