package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fathom-k8s/fathom/kube/contain"
)

// idleTimeout ends a request of which nothing comes for a while, however long it takes
// as a whole.
type idleTimeout struct {
	body  io.Reader // nil until the answer begins
	ctx   context.Context
	stop  context.CancelFunc
	limit time.Duration
	timer *time.Timer
	err   error
}

// withIdleTimeout begins with a request; its context is the one to use.
func withIdleTimeout(ctx context.Context, limit time.Duration) (context.Context, *idleTimeout) {
	ctx, cancel := context.WithCancelCause(ctx)
	v := &idleTimeout{ctx: ctx, limit: limit, err: fmt.Errorf("the API server sent nothing for %v", limit)}
	v.timer = contain.Report(nil).StartAfter(answerPatience*limit, "end a silent request", func() { cancel(v.err) })
	v.stop = func() {
		v.timer.Stop()
		cancel(context.Canceled)
	}
	return ctx, v
}

// Read implements io.Reader for the body. Time in which nobody reads does not count.
func (v *idleTimeout) Read(p []byte) (int, error) {
	v.timer.Reset(v.limit)
	n, err := v.body.Read(p)
	v.timer.Stop()
	return n, err
}

// expired reports whether the timeout ended the request.
func (v *idleTimeout) expired() bool { return errors.Is(context.Cause(v.ctx), v.err) }

// explain makes an error that the timeout caused say so.
func (v *idleTimeout) explain(err error) error {
	if err != nil && v.expired() {
		return v.err
	}
	return err
}
