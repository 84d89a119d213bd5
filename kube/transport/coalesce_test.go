package transport

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// arriving is a body that is read piece by piece, and counts the reads that
// found nothing there.
type arriving struct {
	pieces chan []byte
	waits  int
}

func (a *arriving) Read(p []byte) (int, error) {
	if len(a.pieces) == 0 {
		a.waits++
	}
	piece, more := <-a.pieces
	if !more {
		return 0, io.EOF
	}
	return copy(p, piece), nil
}

// pieces is a connection that is read in pieces.
type pieces struct {
	net.Conn
	*arriving
}

func (p pieces) Read(to []byte) (int, error) { return p.arriving.Read(to) }
func (p pieces) Close() error                { return nil }

const (
	piecesSent  = 100
	piecesApart = 10 * time.Millisecond
)

// sent is a connection whose pieces come one by one, in a bubble of synctest.
func sent(w *InFlight) (*coalescingConn, *arriving) {
	body := &arriving{pieces: make(chan []byte, piecesSent)}
	go func() {
		defer close(body.pieces)
		for range piecesSent {
			body.pieces <- []byte{1}
			<-time.After(piecesApart)
		}
	}()
	return w.coalesce(pieces{arriving: body}), body
}

func TestConnectionLetsEventsGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w InFlight
		g, body := sent(&w)
		all, err := io.ReadAll(g)
		if err != nil || len(all) != piecesSent {
			t.Errorf("%d pieces, %v", len(all), err)
		}
		if most := int(2 * piecesSent * piecesApart / CoalesceFor); body.waits > most {
			t.Errorf("the connection was waited for %d times, more than %d", body.waits, most)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		w.start()()
		select {
		case <-g.started:
			t.Error("a closed connection still hears of requests")
		default:
		}
	})
}

func TestConnectionIsReadAtOnceForWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w InFlight
		g, body := sent(&w)
		defer func() { _ = g.Close() }()
		read := func() {
			if n, err := g.Read(make([]byte, 1)); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		read()
		<-time.After(piecesApart / 2)
		read() // the next read lets events accumulate
		began := time.Now()
		begun := make(chan func(), 1)
		time.AfterFunc(piecesApart/2, func() { begun <- w.start() })
		read()
		if took := time.Since(began); took > piecesApart {
			t.Errorf("a request began, and what came was read after %v", took)
		}
		body.waits = 0
		for range piecesSent / 2 {
			read()
		}
		if body.waits < piecesSent/2 {
			t.Errorf("%d of %d pieces were read as they came", body.waits, piecesSent/2)
		}
		end := <-begun
		end()
		end()
		if open := w.requests.Load(); open != 0 {
			t.Errorf("%d requests are open", open)
		}
		if _, err := io.Copy(io.Discard, g); err != nil {
			t.Error(err)
		}
	})
}

type panickingConn struct{ net.Conn }

func (panickingConn) Read([]byte) (int, error) { panic("no such connection") }

// TestAConnectionThatPanicsIsAnError holds it for net/http, whose goroutines read.
func TestAConnectionThatPanicsIsAnError(t *testing.T) {
	said := ""
	w := &InFlight{Panicked: func(text string) { said = text }}
	_, err := w.Coalesce(panickingConn{}).Read(make([]byte, 9))
	if err == nil || !strings.Contains(err.Error(), "panic: no such connection") ||
		!strings.HasPrefix(said, "read a connection: panic: no such connection; in transport.") {
		t.Errorf("%v, %q", err, said)
	}
}
