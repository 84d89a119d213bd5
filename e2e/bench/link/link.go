// Package link is the network between a program and an API server: a TCP proxy on loopback that counts what passes,
// and that can be as slow as a real network, or broken.
//
//	program ──> Link ──half a round trip, bandwidth──> server
//	program <──half a round trip, bandwidth── Link <── server
//
// It does not know what the bytes mean.
package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Profile is how slow a network is. The zero value does not slow anything.
type Profile struct {
	Name string `json:"name"`
	// RoundTrip is added to the time between a request and its answer, and to the opening of a connection.
	RoundTrip time.Duration `json:"roundTrip"`
	// BitsPerSecond limits each direction, all connections together; 0 means no limit.
	BitsPerSecond int64 `json:"bitsPerSecond"`
}

// The networks that are measured.
var (
	LAN  = Profile{Name: "LAN"}
	WAN  = Profile{Name: "WAN", RoundTrip: 100 * time.Millisecond, BitsPerSecond: 20_000_000}
	THIN = Profile{Name: "THIN", RoundTrip: 250 * time.Millisecond, BitsPerSecond: 2_000_000}
)

// Named returns the network with a name.
func Named(name string) (Profile, error) {
	for _, profile := range []Profile{LAN, WAN, THIN} {
		if profile.Name == name {
			return profile, nil
		}
	}
	return Profile{}, fmt.Errorf("network %q: give LAN, WAN or THIN", name)
}

// Counts are bytes and connections since the link was opened. Down is what the program received.
type Counts struct {
	Up, Down, Connections int64
}

// Sub returns what was counted since an earlier count.
func (c Counts) Sub(earlier Counts) Counts {
	return Counts{Up: c.Up - earlier.Up, Down: c.Down - earlier.Down, Connections: c.Connections - earlier.Connections}
}

// Link is an open proxy. Its methods may be called from any goroutine.
type Link struct {
	profile  Profile
	server   string
	address  string
	up, down pipe
	opened   atomic.Int64

	mu       sync.Mutex
	listener net.Listener // nil while the link is cut
	ends     map[net.Conn]struct{}
}

// Open listens on a free port of 127.0.0.1 and connects each client to the server, a host and a port.
func Open(server string, profile Profile) (*Link, error) {
	l := &Link{profile: profile, server: server, ends: map[net.Conn]struct{}{}}
	for _, pipe := range []*pipe{&l.up, &l.down} {
		pipe.delay, pipe.bytesPerSecond = profile.RoundTrip/2, profile.BitsPerSecond/8
	}
	if err := l.listen("127.0.0.1:0"); err != nil {
		return nil, err
	}
	return l, nil
}

// Address is where the program connects to. It stays the same when the link is cut and restored.
func (l *Link) Address() string { return l.address }

// Counts returns what has passed so far. A byte counts when it has been read from its sender.
func (l *Link) Counts() Counts {
	return Counts{Up: l.up.bytes.Load(), Down: l.down.bytes.Load(), Connections: l.opened.Load()}
}

// Cut ends every connection and refuses new ones until Restore.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener != nil {
		// A listener that does not close does no harm.
		_ = l.listener.Close()
		l.listener = nil
	}
	for end := range l.ends {
		_ = end.Close()
	}
	clear(l.ends)
}

// Restore takes connections again after Cut.
func (l *Link) Restore() error {
	l.mu.Lock()
	cut := l.listener == nil
	l.mu.Unlock()
	if !cut {
		return nil
	}
	return l.listen(l.address)
}

// Close ends the link for good.
func (l *Link) Close() { l.Cut() }

func (l *Link) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("open the link: %w", err)
	}
	l.mu.Lock()
	l.listener, l.address = listener, listener.Addr().String()
	l.mu.Unlock()
	go l.accept(listener)
	return nil
}

func (l *Link) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go l.join(client, time.Now())
		}
	}
}

// join carries both directions of one connection. A real handshake takes a round trip, before which nothing that the
// client sends is on its way.
func (l *Link) join(client net.Conn, accepted time.Time) {
	defer client.Close()
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !l.hold(client, server) {
		return
	}
	defer l.drop(client, server)
	l.opened.Add(1)
	var both sync.WaitGroup
	both.Go(func() { l.up.carry(server, client, accepted.Add(l.profile.RoundTrip)) })
	both.Go(func() { l.down.carry(client, server, accepted) })
	both.Wait()
}

// hold remembers a connection's ends, so that a cut finds them. It returns false if the
// link has been cut.
func (l *Link) hold(ends ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener == nil {
		return false
	}
	for _, end := range ends {
		l.ends[end] = struct{}{}
	}
	return true
}

func (l *Link) drop(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range ends {
		delete(l.ends, end)
	}
}

// pipe is one direction of all connections.
type pipe struct {
	delay          time.Duration
	bytesPerSecond int64
	bytes          atomic.Int64

	mu sync.Mutex
	// free is when the last byte that was given a place has left.
	free time.Time
}

const (
	pieceBytes = 64 << 10
	// A slow link carries small pieces, so that the connections that share it take turns.
	slowPieceBytes = 4 << 10
	// piecesOnTheWay bounds what a link with a long delay holds for a receiver that does not read.
	piecesOnTheWay = 256
)

// piece is what has left the sender and arrives at a moment.
type piece struct {
	bytes   []byte
	arrives time.Time
}

// carry copies until the sender is done or either end is gone, and signals to the
// receiver that no more will come.
func (p *pipe) carry(to, from net.Conn, earliest time.Time) {
	if p.delay == 0 && p.bytesPerSecond == 0 {
		_, _ = io.Copy(to, io.TeeReader(plain{from}, (*tally)(&p.bytes)))
		finish(to)
		return
	}
	way := make(chan piece, piecesOnTheWay)
	var arrived sync.WaitGroup
	arrived.Go(func() { deliver(to, from, way) })
	p.take(from, way, earliest)
	close(way)
	arrived.Wait()
}

// take reads pieces at the pace of the link and sends them on their way.
func (p *pipe) take(from io.Reader, way chan<- piece, earliest time.Time) {
	size := pieceBytes
	if p.bytesPerSecond > 0 {
		size = slowPieceBytes
	}
	for {
		buffer := make([]byte, size)
		n, err := from.Read(buffer)
		if n > 0 {
			p.bytes.Add(int64(n))
			left := p.leaves(n, earliest)
			way <- piece{buffer[:n], left.Add(p.delay)}
			await(left)
		}
		if err != nil {
			return
		}
	}
}

// leaves gives a piece its place after those before it, and returns when its last byte has left.
func (p *pipe) leaves(bytes int, earliest time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	start := time.Now()
	for _, other := range []time.Time{earliest, p.free} {
		if other.After(start) {
			start = other
		}
	}
	if p.bytesPerSecond == 0 {
		return start
	}
	p.free = start.Add(time.Duration(bytes) * time.Second / time.Duration(p.bytesPerSecond))
	return p.free
}

// deliver hands over each piece when it arrives. A receiver that is gone ends the sender too.
func deliver(to, from net.Conn, way <-chan piece) {
	var gone bool
	for piece := range way {
		if gone {
			continue
		}
		await(piece.arrives)
		if _, err := to.Write(piece.bytes); err != nil {
			gone = true
			_ = from.Close()
		}
	}
	finish(to)
}

func await(moment time.Time) {
	if left := time.Until(moment); left > 0 {
		<-time.After(left)
	}
}

// finish signals that nothing more will be written; an end that is gone does not need
// to know.
func finish(to net.Conn) {
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// plain hides a connection's own way to copy, which would bypass the counter.
type plain struct{ io.Reader }

type tally atomic.Int64

func (t *tally) Write(bytes []byte) (int, error) {
	(*atomic.Int64)(t).Add(int64(len(bytes)))
	return len(bytes), nil
}
