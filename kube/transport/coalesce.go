package transport

import (
	"bufio"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fathom-k8s/fathom/kube/contain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// CoalesceFor is how long to let a trickle of events accumulate before waking
	// up: ten times a second. What comes less often, or all at once, is read as
	// it arrives.
	CoalesceFor = 100 * time.Millisecond
	// waitedFor is the least time of a read that had to wait for its bytes.
	waitedFor = time.Millisecond
	// connectionBuffer is what is read from a connection at once: some events.
	connectionBuffer = 32 << 10
	// dialTime and keepAlive are client-go's own.
	dialTime  = 30 * time.Second
	keepAlive = 30 * time.Second
)

// Trickle remembers whether the last read waited, but not for long: what is read
// comes piece by piece, and often. One goroutine may use it.
type Trickle struct{ on bool }

// Observe takes how long a read took.
func (t *Trickle) Observe(took time.Duration) { t.on = took > waitedFor && took < CoalesceFor }

// Await waits, in a trickle, until some pieces have come or wake receives.
func (t *Trickle) Await(wake <-chan struct{}) {
	if !t.on {
		return
	}
	select {
	case <-time.After(CoalesceFor):
	case <-wake:
	}
}

// InFlight is the requests of a cluster whose answers somebody waits for: all but
// watches. Any goroutine may use it.
type InFlight struct {
	// Panicked gets the panics of connections, where they are errors: net/http's own
	// goroutines dial and read. nil drops them.
	Panicked contain.Report

	requests atomic.Int32
	started  signal.Signal
}

// start is called when a request is sent; end may be called more than once.
func (w *InFlight) start() (end func()) {
	w.requests.Add(1)
	w.started.Notify()
	return sync.OnceFunc(func() { w.requests.Add(-1) })
}

// Dial connects to an API server.
func (w *InFlight) Dial(ctx context.Context, network, address string) (_ net.Conn, err error) {
	defer w.Panicked.Recover("connect to "+address, &err)
	dialer := net.Dialer{Timeout: dialTime, KeepAlive: keepAlive}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return w.coalesce(c), nil
}

// coalescingConn is a connection that lets events accumulate while no request waits.
// One goroutine reads it.
type coalescingConn struct {
	net.Conn
	inFlight    *InFlight
	started     <-chan struct{} // a request
	unsubscribe func()
	buffer      *bufio.Reader // of what fill reads
	trickle     Trickle
}

// Coalesce returns a connection that reads c and lets events coalesce while no
// request waits for its answer.
func (w *InFlight) Coalesce(c net.Conn) net.Conn { return w.coalesce(c) }

func (w *InFlight) coalesce(c net.Conn) *coalescingConn {
	g := &coalescingConn{Conn: c, inFlight: w}
	g.started, g.unsubscribe = w.started.Subscribe()
	g.buffer = bufio.NewReaderSize(coalescedReads{g}, connectionBuffer)
	return g
}

// Read implements net.Conn.
func (g *coalescingConn) Read(p []byte) (_ int, err error) {
	defer g.inFlight.Panicked.Recover("read a connection", &err)
	return g.buffer.Read(p)
}

// Close implements net.Conn. A read that lets events accumulate ends soon after.
func (g *coalescingConn) Close() error {
	g.unsubscribe()
	return g.Conn.Close()
}

// coalescedReads reads the connection itself.
type coalescedReads struct{ *coalescingConn }

// Read implements io.Reader.
func (f coalescedReads) Read(p []byte) (int, error) {
	if f.inFlight.requests.Load() == 0 {
		f.trickle.Await(f.started)
	}
	began := time.Now()
	n, err := f.Conn.Read(p)
	f.trickle.Observe(time.Since(began))
	return n, err
}
