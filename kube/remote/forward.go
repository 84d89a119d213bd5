package remote

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// The states of a forward.
const (
	StateConnecting = "connecting"
	StateForwarding = "forwarding"
	StateWaiting    = "waiting for a ready pod"
	StateEnded      = "ended"
)

const (
	// holdFor is how long a connection waits while no pod is ready.
	holdFor = time.Minute
	// backOffFirst and backOffMost are the pauses between two tries to reach a pod.
	backOffFirst = 250 * time.Millisecond
	backOffMost  = 5 * time.Second
)

// Forward is local ports that lead to a pod: to the subject, or to one of the pods that it
// selects. When that pod goes, another one takes its place; what arrives meanwhile waits.
type Forward struct {
	Subject Subject
	Cluster string // clean

	cluster *kube.Cluster
	service *corev1.Service
	follows follows
	ports   []Port
	opened  []net.Listener
	ctx     context.Context
	stop    context.CancelFunc
	notify  func()
	running sync.WaitGroup
	dialing chan struct{} // held by who dials

	sent, received    atomic.Int64
	open, connections atomic.Int64

	mu      sync.Mutex
	target  *corev1.Pod // the pod that stands for the subject; nil while there is none
	current *route
	moved   chan struct{} // closed when target changes
	state   string
	problem string
}

// ForwardStatus is how a forward is doing. Its text is clean.
type ForwardStatus struct {
	State, Pod        string
	Locals            []string // "127.0.0.1:8080"
	Remotes           []string
	Problem           string // the last error
	Sent, Received    int64  // bytes to the pod and from it
	Open, Connections int64  // connections, now and ever
}

// newForward resolves, asks for the rights, listens, connects, and starts what follows the pod.
func newForward(ctx context.Context, c *kube.Cluster, s Subject, ports []Port, notify func()) (*Forward, error) {
	if !c.Writable() {
		return nil, kube.ErrReadOnly
	}
	place, err := Resolve(ctx, c, s)
	if err != nil {
		return nil, err
	}
	// The kubelet of a pod that starts takes the connection, and nothing listens (kubectl/pkg/cmd/portforward).
	if phase := place.Pod.Status.Phase; phase != corev1.PodRunning {
		return nil, fmt.Errorf("pod %s is %s: %w", kinds.Clean(place.Pod.Name), kinds.Clean(string(phase)), ErrNoPod)
	}
	if err := may(ctx, c, place.Pod.Namespace, place.Pod.Name, "portforward", "get", "create"); err != nil {
		return nil, err
	}
	for _, p := range ports {
		if _, err := remoteIn(place.Pod, place.Service, p.Remote); err != nil {
			return nil, err
		}
	}
	f := &Forward{
		Subject: s, Cluster: c.Name(), cluster: c, service: place.Service, target: place.Pod, ports: ports,
		notify: notify, dialing: make(chan struct{}, 1), moved: make(chan struct{}), state: StateConnecting,
	}
	if f.follows, err = followed(ctx, c, place); err != nil {
		return nil, err
	}
	f.ctx, f.stop = context.WithCancel(context.Background())
	if err := f.listen(ctx); err != nil {
		f.stop()
		return nil, err
	}
	if err := f.dialOnce(ctx, place.Pod); err != nil {
		f.end()
		return nil, err
	}
	f.start("pod of a forward", f.follow)
	return f, nil
}

// start runs do until the forward ends.
func (f *Forward) start(what string, do func()) {
	f.running.Add(1)
	f.cluster.Raw().Messages.Start(what, func() {
		defer f.running.Done()
		do()
	})
}

// listen opens the local ports, on IPv6 too where that works.
func (f *Forward) listen(ctx context.Context) error {
	var config net.ListenConfig
	for i, p := range f.ports {
		address := p.Address
		if address == "" {
			address = "127.0.0.1"
		}
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(address, strconv.Itoa(p.Local)))
		if err != nil {
			f.shut()
			return p.inWords(err)
		}
		f.ports[i].Local = l.Addr().(*net.TCPAddr).Port
		f.serve(l, p.Remote)
		if p.Address != "" {
			continue
		}
		if l, err := config.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(f.ports[i].Local))); err == nil {
			f.serve(l, p.Remote)
		}
	}
	return nil
}

func (f *Forward) serve(l net.Listener, remote string) {
	f.opened = append(f.opened, l)
	f.start("port of a forward", func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f.start("connection through a forward", func() { f.handle(conn, remote) })
		}
	})
}

func (f *Forward) shut() {
	for _, l := range f.opened {
		_ = l.Close()
	}
}

// end closes the ports and the connections, and waits for that.
func (f *Forward) end() {
	f.stop()
	f.shut()
	f.mu.Lock()
	if f.current != nil {
		_ = f.current.conn.Close()
	}
	f.state = StateEnded
	f.mu.Unlock()
	f.running.Wait()
}

// Status returns how it is doing. Any goroutine may call it.
func (f *Forward) Status() ForwardStatus {
	s := ForwardStatus{
		Sent: f.sent.Load(), Received: f.received.Load(), Open: f.open.Load(), Connections: f.connections.Load(),
	}
	for _, p := range f.ports {
		address := p.Address
		if address == "" {
			address = "127.0.0.1"
		}
		s.Locals = append(s.Locals, net.JoinHostPort(address, strconv.Itoa(p.Local)))
		s.Remotes = append(s.Remotes, kinds.Clean(p.Remote))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s.State, s.Problem = f.state, f.problem
	if f.target != nil {
		s.Pod = kinds.Clean(f.target.Name)
	}
	return s
}

// URL is where the first port leads to, for a browser.
func (f *Forward) URL() string {
	p := f.ports[0]
	host := p.Address
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if strings.HasSuffix(p.Remote, "443") || strings.Contains(p.Remote, "https") {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: net.JoinHostPort(host, strconv.Itoa(p.Local))}).String()
}

// say notes what happened, where the list shows it and in the messages.
func (f *Forward) say(state, problem, text string) {
	f.mu.Lock()
	changed := f.state != state || problem != "" && f.problem != problem
	if f.state != StateEnded {
		f.state = state
	}
	if problem != "" {
		f.problem = problem
	}
	f.mu.Unlock()
	if text != "" {
		level := "info"
		if problem != "" {
			level = "warning"
		}
		f.cluster.Raw().Messages.Add(level, fmt.Sprintf("forward %s: %s", f.Subject, text))
	}
	if changed || text != "" {
		f.notify()
	}
}
