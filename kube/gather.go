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
	// gatherFor is how long events are let gather that come one by one, so that
	// they wake the program ten times a second. What comes less often, or at
	// once, is read as it comes.
	gatherFor = 100 * time.Millisecond
	// waitedFor tells a read that had to wait from one that did not.
	waitedFor = time.Millisecond
	// connectionBuffer is what is read of a connection at once: some events.
	connectionBuffer = 32 << 10
	// dialTime and keepAlive are client-go's own.
	dialTime  = 30 * time.Second
	keepAlive = 30 * time.Second
)

// steadily says of a read that it waited, but not for long: what is read comes
// piece by piece, and often.
func steadily(took time.Duration) bool { return took > waitedFor && took < gatherFor }

// waits is the requests of a cluster whose answers somebody waits for: all but
// watches. Any goroutine may use it.
type waits struct {
	open  atomic.Int32
	begun bell
}

// begin is called when a request is sent; end may be called more than once.
func (w *waits) begin() (end func()) {
	w.open.Add(1)
	w.begun.ring()
	return sync.OnceFunc(func() { w.open.Add(-1) })
}

// dial connects to an API server.
func (w *waits) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTime, KeepAlive: keepAlive}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return w.gather(c), nil
}

// gathering is a connection that lets events gather while nothing else is asked
// for. One goroutine reads it.
type gathering struct {
	net.Conn
	waits  *waits
	begun  <-chan struct{} // a request
	forget func()
	buffer *bufio.Reader // of what fill reads
	steady bool
}

func (w *waits) gather(c net.Conn) *gathering {
	g := &gathering{Conn: c, waits: w}
	g.begun, g.forget = w.begun.listen()
	g.buffer = bufio.NewReaderSize(filling{g}, connectionBuffer)
	return g
}

// Read implements net.Conn.
func (g *gathering) Read(p []byte) (int, error) { return g.buffer.Read(p) }

// Close implements net.Conn. A read that lets events gather ends soon after.
func (g *gathering) Close() error {
	g.forget()
	return g.Conn.Close()
}

// filling reads the connection itself.
type filling struct{ *gathering }

// Read implements io.Reader.
func (f filling) Read(p []byte) (int, error) {
	if f.steady && f.waits.open.Load() == 0 {
		select {
		case <-time.After(gatherFor):
		case <-f.begun:
		}
	}
	began := time.Now()
	n, err := f.Conn.Read(p)
	f.steady = steadily(time.Since(began))
	return n, err
}
