package kube

import (
	"bufio"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// coalesceFor is how long events are let gather that come one by one, so that
	// they wake the program ten times a second. What comes less often, or at
	// once, is read as it comes.
	coalesceFor = 100 * time.Millisecond
	// waitedFor tells a read that had to wait from one that did not.
	waitedFor = time.Millisecond
	// connectionBuffer is what is read of a connection at once: some events.
	connectionBuffer = 32 << 10
	// dialTime and keepAlive are client-go's own.
	dialTime  = 30 * time.Second
	keepAlive = 30 * time.Second
)

// isTrickle says of a read that it waited, but not for long: what is read comes
// piece by piece, and often.
func isTrickle(took time.Duration) bool { return took > waitedFor && took < coalesceFor }

// inFlight is the requests of a cluster whose answers somebody waits for: all but
// watches. Any goroutine may use it.
type inFlight struct {
	requests atomic.Int32
	started  signal
}

// start is called when a request is sent; end may be called more than once.
func (w *inFlight) start() (end func()) {
	w.requests.Add(1)
	w.started.notify()
	return sync.OnceFunc(func() { w.requests.Add(-1) })
}

// dial connects to an API server.
func (w *inFlight) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTime, KeepAlive: keepAlive}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return w.coalescing(c), nil
}

// coalescingConn is a connection that lets events gather while nothing else is asked
// for. One goroutine reads it.
type coalescingConn struct {
	net.Conn
	inFlight    *inFlight
	started     <-chan struct{} // a request
	unsubscribe func()
	buffer      *bufio.Reader // of what fill reads
	trickle     bool
}

func (w *inFlight) coalescing(c net.Conn) *coalescingConn {
	g := &coalescingConn{Conn: c, inFlight: w}
	g.started, g.unsubscribe = w.started.subscribe()
	g.buffer = bufio.NewReaderSize(coalescedReads{g}, connectionBuffer)
	return g
}

// Read implements net.Conn.
func (g *coalescingConn) Read(p []byte) (int, error) { return g.buffer.Read(p) }

// Close implements net.Conn. A read that lets events gather ends soon after.
func (g *coalescingConn) Close() error {
	g.unsubscribe()
	return g.Conn.Close()
}

// coalescedReads reads the connection itself.
type coalescedReads struct{ *coalescingConn }

// Read implements io.Reader.
func (f coalescedReads) Read(p []byte) (int, error) {
	if f.trickle && f.inFlight.requests.Load() == 0 {
		select {
		case <-time.After(coalesceFor):
		case <-f.started:
		}
	}
	began := time.Now()
	n, err := f.Conn.Read(p)
	f.trickle = isTrickle(time.Since(began))
	return n, err
}
