package kube

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/kubernetes/scheme"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubeconfigs may name these
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	clienttransport "k8s.io/client-go/transport"

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/credential"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/transport"
)

// idleDefault is how long a listing outlives its last watch, so that going back
// to a view costs nothing.
const idleDefault = 3 * time.Minute

// requestTimeout bounds a request that is answered at once, unless the user
// asked for another limit (--request-timeout).
const requestTimeout = 30 * time.Second

// Options say how to open a cluster.
type Options struct {
	Flags    *genericclioptions.ConfigFlags // kubectl's flags; nil means none given
	Context  string                         // overrides the flags' context; "" does not
	As       *Impersonated                  // overrides whom flags and kubeconfig act as; nil does not
	Write    bool                           // begin with requests that change the cluster allowed
	Messages *Messages                      // where warnings go; nil drops them
	Version  string                         // of the program, for its User-Agent
	Idle     time.Duration                  // how long a listing outlives its last watch; 0 means 3 minutes
	Bodies   int                            // how many bytes of whole objects are kept, compressed; 0 means 128 MiB
	History  int                            // how many bytes of changes are kept; 0 means 64 MiB
	// Memory returns why listings may not hold more objects, or nil while they may. nil
	// is always.
	Memory func() error
	// PluginPolicy says which credential plugins may run; the zero value allows all.
	PluginPolicy clientcmdapi.PluginPolicy
	// PluginSaid takes the lines that a credential plugin writes to its standard error,
	// as they are; Messages get them anyway. nil takes nothing.
	PluginSaid func(line string)
	Backend    *Backend // what to open instead of a context of the kubeconfig; nil is a context
}

// Cluster is one kubeconfig context, connected, or a Backend that stands for one.
// All methods may be called from any goroutine.
type Cluster struct {
	options       Options
	name          string
	namespace     string
	config        atomic.Pointer[rest.Config] // guarded; describe makes its own clients from it
	upgrading     atomic.Pointer[rest.Config] // guarded, for connections that are upgraded
	access        access                      // what config was made from
	kubeconfig    atomic.Pointer[Kubeconfig]
	plugin        atomic.Pointer[credential.Plugin] // nil where the kubeconfig names none
	credential    atomic.Pointer[credentialEnds]
	link          link
	writes        atomic.Bool // what every guard of the connection asks
	never         atomic.Bool // writes stays off
	client        *http.Client
	timeout       time.Duration
	heartbeat     *transport.Heartbeat
	user          atomic.Pointer[string] // who we are to the API server; nil until it was asked
	openedLogs    openedLogs
	traffic       transport.Traffic
	inFlight      transport.InFlight
	logsRead      atomic.Int32 // how many Logs are being read
	discovery     discovery
	documents     documents
	bodies        bodies.Store
	history       History
	healthChanged signal.Signal

	ctx         context.Context // ends with Close
	stop        context.CancelFunc
	probeWanted chan struct{} // asks for a probe; holds at most one

	mu             sync.Mutex
	version        string
	versionProblem string // why the version cannot be read; clean
	listings       map[Scope]*Listing
	recording      *Recording // nil while nothing is recorded
}

// Open reads the kubeconfig and makes the clients. It sends no request and does not
// wait for one; what has to be known about the cluster is requested in the background,
// from now until Close.
//
// It fails when there is neither a kubeconfig nor a pod that the program runs in, when
// the context is unknown, and when the files it names cannot be read. With a Backend it
// reads no file, and fails only with Write.
func Open(o Options) (*Cluster, error) {
	to, err := o.target()
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		options:     o,
		name:        kinds.Clean(to.name),
		namespace:   kinds.Clean(to.namespace),
		timeout:     cmp.Or(to.config.Timeout, requestTimeout),
		probeWanted: make(chan struct{}, 1),
		listings:    map[Scope]*Listing{},
		bodies:      bodies.Store{Budget: o.Bodies},
	}
	c.writes.Store(o.Write)
	c.history.cluster = c
	c.history.ring = history.Ring{Budget: o.History, Size: c.bodies.Size, Shrink: c.bodies.Shrink}
	c.inFlight.Panicked = o.Messages.Panicked
	if c.options.Idle == 0 {
		c.options.Idle = idleDefault
	}
	c.access = to.access
	c.kubeconfig.Store(&to.kubeconfig)
	c.heartbeat = &transport.Heartbeat{Next: &c.link, Changed: c.healthChanged.Notify, Suspect: c.probeNow}
	c.client = &http.Client{Transport: c.heartbeat}
	if err := c.connect(to.config); err != nil {
		return nil, plain.Error("context "+c.name, err)
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.discovery.directory = to.directory
	c.documents.directory = to.documents
	c.discovery.ready = make(chan struct{})
	if r := c.readResources(); r != nil {
		c.setResources(r, nil)
	}
	containLibraries()
	o.Messages.Start("probe", c.probeLoop)
	o.Messages.Start("discovery", c.discover)
	return c, nil
}

// target is what Options lead to.
type target struct {
	name, namespace string
	config          *rest.Config
	directory       string // of discovery's disk cache; "" for none
	documents       string // where the disk cache keeps OpenAPI documents; "" for none
	access          access
	kubeconfig      Kubeconfig
}

func (o Options) target() (target, error) {
	if o.Backend != nil {
		return o.Backend.target(o)
	}
	flags := flagsFor(o.Flags, o.Context)
	loader := flags.ToRawKubeConfigLoader()
	raw, err := loader.RawConfig()
	if err != nil && !clientcmd.IsEmptyConfig(err) {
		return target{}, plain.Error("read the kubeconfig", err)
	}
	if namesNoServer(raw, flags) {
		return target{}, fmt.Errorf(
			"%w: name one with --kubeconfig or KUBECONFIG, or put one at %s",
			ErrNoKubeconfig,
			clientcmd.RecommendedHomeFile,
		)
	}
	name, err := contextName(raw, flags)
	if err != nil {
		return target{}, err
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return target{}, plain.Error("read the kubeconfig", err)
	}
	o.impersonate(config)
	namespace, _, err := loader.Namespace()
	if err != nil {
		return target{}, plain.Error("read the kubeconfig", err)
	}
	cache := cacheDirectory(flags)
	return target{
		cmp.Or(name, connectionName(config)), namespace, config,
		discoveryDirectory(cache, config.Host), documentsDirectory(cache), accessOf(raw, name),
		kubeconfigOf(raw, name, flags),
	}, nil
}

// namesNoServer reports whether neither a kubeconfig, nor a flag, nor the pod that the
// program runs in names a server. (cli-runtime would then use localhost:8080, which is
// hardly ever right.)
func namesNoServer(raw clientcmdapi.Config, flags *genericclioptions.ConfigFlags) bool {
	_, inPod := os.LookupEnv("KUBERNETES_SERVICE_HOST")
	server := flags.APIServer != nil && *flags.APIServer != ""
	return len(raw.Contexts) == 0 && len(raw.Clusters) == 0 && !server && !inPod
}

// connectionName names a connection that has no context.
func connectionName(config *rest.Config) string {
	if _, ok := os.LookupEnv("KUBERNETES_SERVICE_HOST"); ok && config.BearerTokenFile != "" {
		return inCluster
	}
	return config.Host
}

// connect makes the connection that requests go through from now on, with the
// guard at its bottom. The heartbeat is above it.
func (c *Cluster) connect(config *rest.Config) error {
	tightenPings()
	config.QPS = -1
	config.Timeout = 0 // it would end watches; requests have their own limits
	config.UserAgent = fmt.Sprintf("fathom/%s (%s/%s)", cmp.Or(c.options.Version, "devel"), runtime.GOOS, runtime.GOARCH)
	config.WarningHandlerWithContext = warnings{c.options.Messages}
	plugin, err := c.pluginOf(config)
	if err != nil {
		return err
	}
	config.ExecProvider = nil // client-go would run it
	server, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return err
	}
	guarded := func(next http.RoundTripper) http.RoundTripper {
		return &transport.Guard{
			Next:     next,
			Server:   server,
			Write:    &c.writes,
			Traffic:  &c.traffic,
			InFlight: &c.inFlight,
		}
	}
	upgrading := rest.CopyConfig(config)
	upgrading.Wrap(guarded)
	zipped := config.Transport == nil && !config.DisableCompression
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		if zipped {
			next = transport.Unzipping{Next: next}
		}
		return guarded(next)
	})
	// Only here: client-go does not share connections among clients with a Dial.
	dialing := rest.CopyConfig(config)
	dialing.Dial = c.inFlight.Dial
	layers, err := dialing.TransportConfig()
	if err != nil {
		return err
	}
	if plugin != nil {
		plugin.Apply(layers)
	}
	next, err := clienttransport.New(layers)
	if err != nil {
		return err
	}
	c.config.Store(config)
	c.upgrading.Store(upgrading)
	c.user.Store(nil) // Other credentials may be somebody else's.
	before := c.plugin.Swap(plugin)
	c.link.use(server.Host, next)
	if before != nil {
		before.Close()
	}
	return nil
}

// tightenPings lets HTTP/2's health checks notice a link that silently died
// within 15 seconds instead of 45. client-go reads these variables when it makes
// a transport; what the user has set stays.
func tightenPings() {
	for name, seconds := range map[string]string{
		"HTTP2_READ_IDLE_TIMEOUT_SECONDS": "10",
		"HTTP2_PING_TIMEOUT_SECONDS":      "5",
	} {
		if _, set := os.LookupEnv(name); !set {
			_ = os.Setenv(name, seconds)
		}
	}
}

// The ways to ask for objects.
var (
	protobuf = rest.ContentConfig{
		AcceptContentTypes:   "application/vnd.kubernetes.protobuf,application/json",
		ContentType:          "application/vnd.kubernetes.protobuf",
		NegotiatedSerializer: scheme.Codecs.WithoutConversion(),
	}
	plainJSON = resource.UnstructuredPlusDefaultContentConfig()
	tables    = func() rest.ContentConfig {
		c := plainJSON
		c.AcceptContentTypes = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
		return c
	}()
)

// rest returns a client for one group version.
func (c *Cluster) rest(gv schema.GroupVersion, content rest.ContentConfig) (*rest.RESTClient, error) {
	config := rest.CopyConfig(c.config.Load())
	config.ContentConfig = content
	config.GroupVersion = &gv
	config.APIPath = "/apis"
	if gv.Group == "" {
		config.APIPath = "/api"
	}
	return rest.RESTClientForConfigAndClient(config, c.client)
}

// withTimeout bounds a request that is answered at once. How long a credential plugin
// takes before it does not count.
func (c *Cluster) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	c.awaitCredentials(ctx)
	return context.WithTimeout(ctx, c.timeout)
}

// Name is the name of the context, "in-cluster" in a pod, the server's address
// when only --server is given, or the name of the Backend.
func (c *Cluster) Name() string { return c.name }

// Context is the name of the context as the kubeconfig spells it, "" where none is used.
func (c *Cluster) Context() string { return c.access.context }

// Namespace is the namespace that the flags or the context name, or "default".
func (c *Cluster) Namespace() string { return c.namespace }

// Server is the address of the API server, or of the Backend.
func (c *Cluster) Server() string {
	if c.options.Backend != nil {
		return kinds.Clean(c.options.Backend.Address)
	}
	return kinds.Clean(c.config.Load().Host)
}

// Version is the API server's version, "" until it is known.
func (c *Cluster) Version() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

// Writable reports whether requests that change the cluster may pass.
func (c *Cluster) Writable() bool { return c.writes.Load() }

// Never reports whether write mode is forbidden for this cluster.
func (c *Cluster) Never() bool { return c.never.Load() || c.options.Backend != nil }

// Forbid keeps the cluster read-only from now on, whatever SetWritable is asked.
func (c *Cluster) Forbid() {
	c.never.Store(true)
	c.writes.Store(false)
}

// SetWritable opens or shuts the guard for requests that change the cluster. What is on
// its way goes on. A Backend cannot be changed: the error wraps ErrUnchangeable; nor can what
// Forbid keeps: ErrNever; nor what is only looked at as somebody else.
func (c *Cluster) SetWritable(on bool) error {
	if on && c.options.Backend != nil {
		return plain.Error("", fmt.Errorf("%s %w", c.name, ErrUnchangeable))
	}
	if on && c.never.Load() {
		return plain.Error("", fmt.Errorf("%s %w", c.name, ErrNever))
	}
	if on && c.OnlyLooks() {
		return plain.Error("", c.errOnlyLooks())
	}
	c.writes.Store(on)
	return nil
}

// Traffic returns how many requests were sent since Open, and how many bytes of bodies
// came back (after decompression).
func (c *Cluster) Traffic() (requests, received int64) {
	return c.traffic.Requests.Load(), c.traffic.Received.Load()
}

// Counts returns how many listings are kept, and how many records are in all of them.
func (c *Cluster) Counts() (listings, records int) {
	all := c.allListings()
	for _, l := range all {
		records += l.Len()
	}
	return len(all), records
}

// Loading reports whether a listing that somebody watches has yet to become
// complete for the first time.
func (c *Cluster) Loading() bool {
	for _, l := range c.allListings() {
		if phase := l.State().Phase; phase == Connecting || phase == Loading {
			return true
		}
	}
	return false
}

// ReadsLogs reports whether somebody reads logs, which leave much garbage beside what is
// kept of them.
func (c *Cluster) ReadsLogs() bool { return c.logsRead.Load() > 0 }

// Refresh asks the cluster again now: its version, its resources, and every
// watched listing that is not live.
func (c *Cluster) Refresh() {
	if plugin := c.plugin.Load(); plugin != nil {
		plugin.Retry()
	}
	c.probeNow()
	c.discovery.refresh()
	for _, l := range c.allListings() {
		if phase := l.State().Phase; phase != Idle && phase != Live {
			l.restart()
		}
	}
}

// allListings returns the listings.
func (c *Cluster) allListings() []*Listing {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]*Listing, 0, len(c.listings))
	for _, l := range c.listings {
		out = append(out, l)
	}
	return out
}

// Lifetime ends when the cluster is closed.
func (c *Cluster) Lifetime() context.Context { return c.ctx }

// Close ends everything that the cluster started and forgets its listings. It waits
// until the file of a recording is whole.
func (c *Cluster) Close() {
	c.stop()
	if r := c.Recording(); r != nil {
		<-r.ended
	}
	for _, l := range c.allListings() {
		l.release()
	}
	if plugin := c.plugin.Load(); plugin != nil {
		plugin.Close()
	}
	c.client.CloseIdleConnections()
	// What is being written to the disk is completed.
	c.discovery.writing.Lock()
	c.discovery.writing.Unlock() //nolint:staticcheck // only waited for
}
