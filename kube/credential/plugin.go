package credential

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/pkg/apis/clientauthentication"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/connrotation"

	"github.com/fathom-k8s/fathom/kube/contain"
)

const (
	// limitDefault is how long a plugin may take: a login in a browser, with a second
	// factor, takes a minute or two.
	limitDefault = 3 * time.Minute
	// failedRetry is how long a failure stands before requests may run the plugin again.
	// Several listings ask at once, and each run may open a browser.
	failedRetry = 10 * time.Second
)

// Options say what runs, and who hears of it.
type Options struct {
	// Exec is the user's entry in the kubeconfig, with the policy that applies to it.
	Exec clientcmdapi.ExecConfig
	// Cluster is what the plugin learns if it wants to know (provideClusterInfo).
	Cluster *clientauthentication.Cluster
	// Limit is how long a run may take; 0 is 3 minutes. A login in the foreground takes
	// as long as it takes.
	Limit time.Duration
	// Panicked gets panics of what runs in the background.
	Panicked contain.Report
	// Said takes the lines that the plugin writes to its standard error, as they are.
	Said func(line string)
	// Changed is called when Running may say something else.
	Changed func()
}

// Plugin is one credential plugin and what it has returned. Any goroutine may use it.
type Plugin struct {
	o           Options
	name        string // for people
	command     string
	version     schema.GroupVersion
	limit       time.Duration
	connections *connrotation.ConnectionTracker

	ctx  context.Context // ends with Close
	stop context.CancelCauseFunc

	mu      sync.Mutex
	current *credentials
	problem *Error // of the last run, as long as it stands
	retryAt time.Time
	refused bool // the last credentials were
	running *run
}

// run is one run of the plugin, which all requests that wait share.
type run struct {
	began  time.Time
	ctx    context.Context
	cancel context.CancelCauseFunc
	after  *run // must have ended before

	ended       chan struct{} // closed when the rest is set
	credentials *credentials
	err         error
}

// New checks what a kubeconfig says about a plugin; nothing runs before a request needs
// credentials. Close ends it.
func New(o Options) (*Plugin, error) {
	version, err := versionOf(o.Exec.APIVersion)
	if err != nil {
		return nil, err
	}
	p := &Plugin{o: o, command: filepath.Clean(o.Exec.Command), version: version, limit: o.Limit}
	p.name = filepath.Base(p.command)
	if p.limit == 0 {
		p.limit = limitDefault
	}
	p.connections = connrotation.NewConnectionTracker()
	p.ctx, p.stop = context.WithCancelCause(context.Background())
	return p, nil
}

// Name is the name of the plugin's program. It is not clean.
func (p *Plugin) Name() string { return p.name }

// Running reports whether requests wait for the plugin, and since when.
func (p *Plugin) Running() (since time.Time, running bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		return time.Time{}, false
	}
	return p.running.began, true
}

// Expires returns when the credentials end that the plugin returned last; zero when it has
// returned none or does not say.
func (p *Plugin) Expires() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return time.Time{}
	}
	return p.current.expires
}

// Retry lets the next request run the plugin again, whatever it has said.
func (p *Plugin) Retry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problem = nil
}

// Cancel ends the plugin if it runs. It does not run again before Retry or Login.
func (p *Plugin) Cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		p.running.cancel(errCancelled)
	}
}

// Close ends the plugin and waits until its processes are gone.
func (p *Plugin) Close() {
	p.stop(errClosed)
	p.mu.Lock()
	last := p.running
	p.mu.Unlock()
	if last != nil {
		<-last.ended
	}
}

// credentials returns valid credentials, and runs the plugin if there are none. Its error
// is an *Error, or wraps transport.ErrPending if ctx ended or the plugin was closed first.
func (p *Plugin) credentials(ctx context.Context) (*credentials, error) {
	for {
		c, r, err := p.currentOrRun()
		if c != nil || err != nil {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, &pendingError{ctx.Err()}
		case <-r.ended:
		}
		if !errors.Is(r.err, errReplaced) {
			return r.credentials, r.err
		}
	}
}

// currentOrRun returns what is known, or the run to wait for.
func (p *Plugin) currentOrRun() (*credentials, *run, error) {
	p.mu.Lock()
	now := time.Now()
	switch {
	case p.current != nil && !p.current.expired(now):
		defer p.mu.Unlock()
		return p.current, nil, nil
	case p.ctx.Err() != nil:
		defer p.mu.Unlock()
		return nil, nil, &pendingError{context.Cause(p.ctx)}
	case p.running != nil:
		defer p.mu.Unlock()
		return nil, p.running, nil
	case p.problem != nil && (p.problem.sticky || now.Before(p.retryAt)):
		defer p.mu.Unlock()
		return nil, nil, p.problem
	}
	r := p.begin()
	p.mu.Unlock()
	p.o.Changed()
	p.o.Panicked.Start("credential plugin "+p.name, func() { p.perform(r, p.inBackground) })
	return nil, r, nil
}

// begin makes a run the one that requests wait for; one before it is ended. It is called
// with the lock held.
func (p *Plugin) begin() *run {
	r := &run{began: time.Now(), after: p.running, ended: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancelCause(p.ctx)
	if r.after != nil {
		r.after.cancel(errReplaced)
	}
	p.running = r
	return r
}

// perform does one run; after a panic it has failed.
func (p *Plugin) perform(r *run, ask func(context.Context) ([]byte, error)) {
	err := error(&Error{cause: fmt.Errorf("the credential plugin %s could not be run", p.name)})
	var c *credentials
	defer func() { p.finish(r, c, err) }()
	if r.after != nil {
		<-r.after.ended
	}
	text, asked := ask(r.ctx)
	if asked != nil {
		err = asked
		return
	}
	if c, err = p.read(text); err != nil {
		c, err = nil, &Error{cause: err}
	}
}

// finish adopts the outcome of a run, unless another has replaced it.
func (p *Plugin) finish(r *run, c *credentials, err error) {
	p.mu.Lock()
	rotated := false
	if p.running == r {
		p.running, p.problem = nil, nil
		if failed, ok := errors.AsType[*Error](err); ok {
			p.problem, p.retryAt = failed, time.Now().Add(failedRetry)
		}
	}
	if c != nil {
		c.refused, p.refused = p.refused, false
		rotated = p.current != nil && p.current.chain != c.chain
		p.current = c
	}
	r.credentials, r.err = c, err
	p.mu.Unlock()
	r.cancel(nil)
	if rotated {
		// A connection keeps the certificate that it was opened with.
		p.connections.CloseAll()
	}
	close(r.ended)
	p.o.Changed()
}

// refuse takes note that the API server does not accept credentials: the next request
// runs the plugin again, but not at once if the ones before were refused too.
func (p *Plugin) refuse(c *credentials) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != c || c.refused && time.Since(c.obtained) < failedRetry {
		return
	}
	p.current, p.refused = nil, true
}
