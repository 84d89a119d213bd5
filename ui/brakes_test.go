package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fathom-k8s/fathom/kube/signal" //nolint:depguard // What a listing waits for is part of the sum.
)

// signalled is a source that is notified as a listing's readers are.
type signalled struct {
	changed signal.Signal
	reader  signal.Subscription
	changes atomic.Int64
}

func (s *signalled) Next(ctx context.Context) (Msg, error) {
	if err := s.reader.Next(ctx, &s.changed, nil); err != nil {
		return nil, err
	}
	return s.changes.Load(), nil
}

// TestWhereTimeIsSpentOnTheWayToTheScreen measures how long a change in a listing takes to the frame
// that shows it: the settling of the signal, the gap of the source and the gap of frames. What is
// before, kube measures.
func TestWhereTimeIsSpentOnTheWayToTheScreen(t *testing.T) {
	const settleBusy = 200 * time.Millisecond
	for name, c := range map[string]struct {
		changes int
		apart   time.Duration
		most    time.Duration
	}{
		"a lone change":        {changes: 1, most: 0},
		"changes now and then": {changes: 10, apart: time.Second, most: 0},
		"a burst, one by one":  {changes: 300, apart: 10 * time.Millisecond, most: settleBusy + frameGap},
		"without end":          {changes: 60, apart: 90 * time.Millisecond, most: settleBusy + frameGap},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := frameLateness(t, c.changes, c.apart)
				if got > c.most {
					t.Errorf("a change was late by %v, more than %v", got, c.most)
				}
				t.Logf("late by %v at most", got)
			})
		})
	}
}

// frameLateness is how long the changes take at most until they are drawn.
func frameLateness(t *testing.T, changes int, apart time.Duration) (most time.Duration) {
	source, shown := &signalled{}, 0
	var view *page
	view = &page{name: "busy", on: func(msg Msg) Intent {
		switch msg := msg.(type) {
		case Shown:
			return Watch{source}
		case int64:
			view.body = fmt.Sprint(msg)
		}
		return nil
	}}
	d := drive(t, Options{Home: view}, 80, 24)
	d.after(2 * time.Second)
	for d.shell.frameRate.freshLeft > 0 { // Those of a new view never wait.
		source.changed.Notify()
		d.after(time.Second)
	}
	var sent []time.Time
	for next := time.Now(); shown < changes; {
		if len(sent) < changes && !time.Now().Before(next) {
			sent = append(sent, time.Now())
			source.changes.Add(1)
			source.changed.Notify()
			next = next.Add(apart)
			d.settle()
		}
		drawn, _ := strconv.Atoi(strings.Split(d.text(), "\n")[1])
		for ; shown < drawn; shown++ {
			most = max(most, time.Since(sent[shown]))
		}
		if shown < changes {
			waitUntil(time.Now().Add(time.Millisecond))
			d.settle()
		}
	}
	return most
}
