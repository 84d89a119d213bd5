package kube

import (
	"context"
	"errors"

	"github.com/fathom-k8s/fathom/kube/plain"
)

// recording is what runs beside a session.
type recording struct {
	path  string
	stop  context.CancelFunc
	ended chan struct{}
	err   error // once ended is closed
}

// Recording returns the file that is recorded into; "" when none is.
func (c *Cluster) Recording() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.recording == nil {
		return ""
	}
	return c.recording.path
}

// StartRecording begins to record everything into a new file in the working
// directory, until StopRecording or Close. It is an effect on a file, not on the
// cluster, which is only read.
type StartRecording struct {
	cluster *Cluster
	Path    string
}

// StartRecording returns the effect; nothing happens until it is run.
func (c *Cluster) StartRecording() StartRecording { return StartRecording{c, c.RecordName()} }

// String is "begin to record prod-eu into prod-eu-20261124-135558.tape".
func (s StartRecording) String() string {
	return "begin to record " + s.cluster.Name() + " into " + s.Path
}

// Run returns when the file is there and is being written, or why it is not.
func (s StartRecording) Run(ctx context.Context) error {
	c := s.cluster
	inside, stop := context.WithCancel(c.ctx)
	r := &recording{path: s.Path, stop: stop, ended: make(chan struct{})}
	c.mu.Lock()
	if c.recording != nil {
		c.mu.Unlock()
		stop()
		return errors.New("a recording runs already")
	}
	c.recording = r
	c.mu.Unlock()
	begun := make(chan struct{}, 1)
	c.options.Messages.Start("recording", func() {
		defer stop()
		r.err = c.Record(inside, RecordOptions{Out: s.Path}, func(p RecordProgress) {
			for _, note := range p.Notes {
				c.options.Messages.Add("warning", "recording: "+note)
			}
			select {
			case begun <- struct{}{}:
			default:
			}
		})
		if r.err != nil {
			c.options.Messages.Add("error", plain.Error("recording into "+s.Path+" ended", r.err).Error())
		}
		c.mu.Lock()
		c.recording = nil
		c.mu.Unlock()
		close(r.ended)
		c.healthChanged.Notify()
	})
	select {
	case <-begun:
		c.healthChanged.Notify()
		return nil
	case <-r.ended:
		return r.err
	case <-ctx.Done():
		stop()
		return ctx.Err()
	}
}

// StopRecording ends the recording that runs.
type StopRecording struct {
	cluster *Cluster
	Path    string
}

// StopRecording returns the effect; nothing happens until it is run.
func (c *Cluster) StopRecording() StopRecording { return StopRecording{c, c.Recording()} }

// String is "end the recording into prod-eu-20261124-135558.tape".
func (s StopRecording) String() string { return "end the recording into " + s.Path }

// Run returns when the file is written and closed.
func (s StopRecording) Run(ctx context.Context) error {
	s.cluster.mu.Lock()
	r := s.cluster.recording
	s.cluster.mu.Unlock()
	if r == nil {
		return errors.New("nothing is being recorded")
	}
	r.stop()
	select {
	case <-r.ended:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// endRecording waits until the file of a recording is whole; the cluster's context
// has ended.
func (c *Cluster) endRecording() {
	c.mu.Lock()
	r := c.recording
	c.mu.Unlock()
	if r != nil {
		<-r.ended
	}
}
