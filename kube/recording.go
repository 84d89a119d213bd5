package kube

import (
	"context"
	"errors"

	"github.com/fathom-k8s/fathom/kube/plain"
)

// Recording records a cluster while a session goes on, and ends before the cluster is
// closed. This package does not know what it does: kube/recorder writes tapes.
type Recording struct {
	Path  string // of the file
	stop  context.CancelFunc
	ended chan struct{}
	err   error // once ended is closed
}

// Recording returns the recording that runs; nil when none does. A HealthWatch reports
// when that changes.
func (c *Cluster) Recording() *Recording {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recording
}

// StartRecording calls record in a new goroutine. Its context ends with Recording.Stop
// and with Close, and both wait until it returns. Its error is also put into the
// messages. StartRecording fails while another recording runs.
func (c *Cluster) StartRecording(path string, record func(context.Context) error) (*Recording, error) {
	ctx, stop := context.WithCancel(c.ctx)
	r := &Recording{Path: path, stop: stop, ended: make(chan struct{})}
	c.mu.Lock()
	running := c.recording
	if running == nil {
		c.recording = r
	}
	c.mu.Unlock()
	if running != nil {
		stop()
		return nil, errors.New("a recording into " + running.Path + " runs already")
	}
	c.options.Messages.Start("recording", func() {
		defer stop()
		if r.err = c.runRecording(ctx, record); r.err != nil {
			c.options.Messages.Add("error", plain.Error("recording into "+path+" ended", r.err).Error())
		}
		c.mu.Lock()
		c.recording = nil
		c.mu.Unlock()
		close(r.ended)
		c.healthChanged.Notify()
	})
	c.healthChanged.Notify()
	return r, nil
}

func (c *Cluster) runRecording(ctx context.Context, record func(context.Context) error) (err error) {
	defer c.options.Messages.Recover("recording", &err)
	return record(ctx)
}

// Stop ends the recording, waits until its file is whole, and returns its error. When
// ctx ends first, the recording ends in the background.
func (r *Recording) Stop(ctx context.Context) error {
	r.stop()
	select {
	case <-r.ended:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
