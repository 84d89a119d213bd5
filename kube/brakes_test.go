package kube

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/watch"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/transport"
)

// wireConn is a connection that a test writes to.
type wireConn struct {
	net.Conn
	io.Reader
}

func (c wireConn) Read(p []byte) (int, error) { return c.Reader.Read(p) }
func (wireConn) Close() error                 { return nil }

// TestWhereTimeIsSpentOnPurpose measures how long a change takes from the wire to
// whoever watches the listing, through both coalescings and the settling.
func TestWhereTimeIsSpentOnPurpose(t *testing.T) {
	const settleBusy = 200 * time.Millisecond
	for name, c := range map[string]struct {
		changes int
		apart   time.Duration
		most    time.Duration
	}{
		"a lone change":          {changes: 1, most: 0},
		"changes now and then":   {changes: 10, apart: time.Second, most: 0},
		"a burst at once":        {changes: 100, apart: 0, most: 50 * time.Millisecond},
		"a burst, one by one":    {changes: 300, apart: 10 * time.Millisecond, most: 2*transport.CoalesceFor + settleBusy},
		"fewer, but without end": {changes: 100, apart: 90 * time.Millisecond, most: 2*transport.CoalesceFor + settleBusy},
	} {
		frame := eventFrame(t, "MODIFIED", "Pod", podWithVersion(0, "1"))
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := lateness(t, frame, c.changes, c.apart)
				if got > c.most {
					t.Errorf("a change was late by %v, more than %v", got, c.most)
				}
				t.Logf("late by %v at most", got)
			})
		})
	}
}

// lateness returns how long the changes take at most.
func lateness(t *testing.T, frame []byte, changes int, apart time.Duration) (most time.Duration) {
	body := &arriving{pieces: make(chan []byte, changes)}
	var inFlight transport.InFlight
	run := podFeed(t)
	events := run.events(t.Context(), inFlight.Coalesce(wireConn{Reader: body}))
	var mu sync.Mutex
	var sent, seen []time.Time // seen: when the change was in the listing
	var told int               // how many of them a reader was woken for
	go func() {
		defer close(body.pieces)
		<-time.After(time.Second)
		for range changes {
			mu.Lock()
			sent = append(sent, time.Now())
			mu.Unlock()
			body.pieces <- frame
			<-time.After(apart)
		}
		<-time.After(time.Second)
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for e := range events.ResultChan() {
			if e.Type == watch.Error {
				continue
			}
			mu.Lock()
			seen = append(seen, time.Now())
			record := e.Object.(*kinds.Record)
			record.ResourceVersion += string(rune('a' + len(seen)%26)) // each is a change
			mu.Unlock()
			_ = run.Update(record)
		}
	}()
	var reader signal.Subscription
	for told < changes {
		if err := reader.Next(t.Context(), &run.listing.changed, nil); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		for ; told < len(seen); told++ {
			most = max(most, time.Since(sent[told]))
		}
		mu.Unlock()
	}
	<-ended
	return most
}
