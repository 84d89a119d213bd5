package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream" //nolint:staticcheck // client-go's portforward speaks it

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// replayMost is how much of what was sent is kept for another pod, until the first one
	// has answered.
	replayMost = 64 << 10
	// movesWithin is how long a pod that refuses a connection may take to be known as gone.
	movesWithin = 3 * time.Second
)

// route is an open connection to a pod, which carries any number of others.
type route struct {
	pod      *corev1.Pod
	conn     httpstream.Connection
	requests atomic.Int64
	carries  atomic.Int64 // connections at this moment
}

func (r *route) broken() bool {
	select {
	case <-r.conn.CloseChan():
		return true
	default:
		return false
	}
}

// connected returns a connection to the pod that stands for the subject now. It waits for a
// pod, tries again, and fails only when ctx ends or nothing may be sent.
func (f *Forward) connected(ctx context.Context) (*route, error) {
	pause := backOffFirst
	for {
		f.mu.Lock()
		target, current, moved := f.target, f.current, f.moved
		f.mu.Unlock()
		if target == nil {
			select {
			case <-moved:
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if current != nil && current.pod.UID == target.UID && !current.broken() {
			return current, nil
		}
		err := f.redial(ctx, target)
		if errors.Is(err, kube.ErrReadOnly) || ctx.Err() != nil {
			return nil, err
		}
		if err == nil {
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-moved:
		case <-ctx.Done():
		}
		timer.Stop()
		pause = min(2*pause, backOffMost)
	}
}

// redial opens a connection to a pod, and says why it cannot.
func (f *Forward) redial(ctx context.Context, target *corev1.Pod) error {
	err := f.dialOnce(ctx, target)
	if err != nil && ctx.Err() == nil {
		f.say(StateConnecting, err.Error(), "pod "+kinds.Clean(target.Name)+": "+err.Error())
	}
	return err
}

// dialOnce opens a connection to a pod, unless somebody else has by now.
func (f *Forward) dialOnce(ctx context.Context, target *corev1.Pod) error {
	select {
	case f.dialing <- struct{}{}:
		defer func() { <-f.dialing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f.mu.Lock()
	done := f.current != nil && f.current.pod.UID == target.UID && !f.current.broken()
	f.mu.Unlock()
	if done {
		return nil
	}
	conn, err := dial(ctx, f.cluster, target.Namespace, target.Name)
	if err != nil {
		return err
	}
	r := &route{pod: target, conn: conn}
	f.mu.Lock()
	before := f.current
	f.current = r
	ended := f.ctx.Err() != nil
	f.mu.Unlock()
	if ended {
		return conn.Close()
	}
	if before != nil && before.carries.Load() == 0 {
		_ = before.conn.Close()
	}
	f.start("end of a connection", func() { f.watchRoute(r) })
	f.say(StateForwarding, "", "")
	return nil
}

// watchRoute opens the connection again when it breaks.
func (f *Forward) watchRoute(r *route) {
	select {
	case <-r.conn.CloseChan():
	case <-f.ctx.Done():
	}
	_ = r.conn.Close()
	f.mu.Lock()
	current := f.current == r && f.ctx.Err() == nil
	f.mu.Unlock()
	if current {
		f.say(StateConnecting, "", "")
		_, _ = f.connected(f.ctx)
	}
}

// release closes a connection that carries nothing more, once another has its place.
func (f *Forward) release(r *route) {
	f.mu.Lock()
	current := f.current == r
	f.mu.Unlock()
	if r.carries.Add(-1) == 0 && !current {
		_ = r.conn.Close()
	}
}

// handle carries one local connection.
func (f *Forward) handle(conn net.Conn, remote string) {
	f.connections.Add(1)
	f.open.Add(1)
	defer f.open.Add(-1)
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	f.start("end of a connection", func() {
		<-ctx.Done()
		_ = conn.Close()
	})
	c := &carried{forward: f, local: conn}
	for {
		hold, unhold := context.WithTimeout(ctx, holdFor)
		r, err := f.connected(hold)
		unhold()
		if err != nil {
			f.lost(err)
			return
		}
		port, err := remoteIn(r.pod, f.service, remote)
		if err != nil {
			f.lost(err)
			return
		}
		again, err := c.carry(r, port)
		if !again {
			if err != nil {
				f.lost(err)
			}
			return
		}
		if !f.movesFrom(ctx, r) {
			f.lost(err)
			return
		}
	}
}

// lost notes why a connection could not be carried.
func (f *Forward) lost(err error) {
	if f.ctx.Err() != nil {
		return
	}
	f.mu.Lock()
	state := f.state
	f.mu.Unlock()
	f.say(state, err.Error(), "")
}

// movesFrom waits a little for what comes after a connection that failed, and reports whether
// there is something else to try.
func (f *Forward) movesFrom(ctx context.Context, r *route) bool {
	f.mu.Lock()
	target, moved := f.target, f.moved
	f.mu.Unlock()
	if target == nil || target.UID != r.pod.UID || r.broken() {
		return true
	}
	timer := time.NewTimer(movesWithin)
	defer timer.Stop()
	select {
	case <-moved:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// carried is a local connection on its way to a pod. Until the first answer, what was sent is
// kept, so that another pod can get it when the first one never did.
type carried struct {
	forward  *Forward
	local    net.Conn
	kept     []byte
	overflow bool
	ended    bool // nothing more will be sent
	answered atomic.Bool
}

// carry copies both ways until the pod's side ends. It reports whether nothing of it has
// reached the pod, and it can be tried again.
func (c *carried) carry(r *route, port int) (again bool, err error) {
	r.carries.Add(1)
	defer c.forward.release(r)
	data, failure, err := r.streams(port)
	if err != nil {
		_ = r.conn.Close() // It has no room for streams any more, or is broken.
		return !c.answered.Load() && !c.overflow, words(err)
	}
	defer r.conn.RemoveStreams(data, failure)
	said := make(chan string, 1)
	c.forward.start("errors of a connection", func() {
		text, _ := io.ReadAll(io.LimitReader(failure, 4<<10))
		said <- string(text)
	})
	uploaded := make(chan struct{})
	c.forward.start("upload of a connection", func() {
		defer close(uploaded)
		c.upload(data)
	})
	_, err = io.Copy(downloads{c}, data)
	_ = data.Reset()
	_ = c.local.SetReadDeadline(time.Unix(1, 0))
	<-uploaded
	var text string
	select {
	case text = <-said:
	case <-r.conn.CloseChan():
		text = "the connection to the pod was lost"
	}
	if text == "" {
		return false, words(err)
	}
	problem := words(fmt.Errorf("pod %s: %s", r.pod.Name, kinds.Clean(text)))
	if c.answered.Load() || c.overflow || !neverArrived(text) {
		return false, problem
	}
	_ = c.local.SetReadDeadline(time.Time{})
	return true, problem
}

// neverArrived reports whether an error says that the pod got nothing of a connection.
func neverArrived(text string) bool {
	for _, part := range []string{
		"connection refused", "failed to dial", "failed to connect", "not found", "not running",
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// streams opens the two streams of a connection.
func (r *route) streams(port int) (data, failure httpstream.Stream, err error) {
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.FormatInt(r.requests.Add(1), 10))
	if failure, err = r.conn.CreateStream(headers); err != nil {
		return nil, nil, err
	}
	_ = failure.Close() // Nothing is written to it.
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	if data, err = r.conn.CreateStream(headers); err != nil {
		r.conn.RemoveStreams(failure)
		return nil, nil, err
	}
	return data, failure, nil
}

// upload sends what was kept, and then what comes.
func (c *carried) upload(to io.WriteCloser) {
	if len(c.kept) > 0 {
		if _, err := to.Write(c.kept); err != nil {
			return
		}
	}
	buffer := make([]byte, 32<<10)
	for !c.ended {
		n, err := c.local.Read(buffer)
		if n > 0 {
			if !c.answered.Load() && len(c.kept)+n <= replayMost {
				c.kept = append(c.kept, buffer[:n]...)
			} else {
				c.kept, c.overflow = nil, true
			}
			c.forward.sent.Add(int64(n))
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			c.ended = true
		case err != nil:
			return // Another pod may get it, or nobody.
		}
	}
	_ = to.Close()
}

// downloads is where the pod's answer goes.
type downloads struct{ *carried }

// Write implements io.Writer.
func (d downloads) Write(p []byte) (int, error) {
	d.answered.Store(true)
	d.forward.received.Add(int64(len(p)))
	return d.local.Write(p)
}
