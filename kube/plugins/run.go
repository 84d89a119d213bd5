package plugins

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/process"
)

// Run is one run of a plugin for an object. It begins with Next or RunOn, and once. Its other
// methods may be called from any goroutine.
type Run struct {
	Plugin Plugin
	Output Output
	Runs   *Runs  // that it is one of while it goes on; nil for none
	Reason string // why it is run, for the journal; "" where nobody asked

	cluster *kube.Cluster
	at      kube.Kubeconfig // when the person was shown where it goes
	journal *journal.Journal
	values  Values
	object  journal.Object
	line    string

	changed  chan struct{} // holds at most one
	mu       sync.Mutex
	state    State
	begun    bool // Next was called, as the next field says of its last answer
	reported bool
}

// State is how far a run is.
type State struct {
	Ended bool
	Err   error // why it did not end well: an *ExitError, or why it could not begin; clean
}

// String is "running" or "exit code 0", or says what went wrong; clean.
func (s State) String() string {
	switch {
	case !s.Ended:
		return "running"
	case s.Err != nil:
		return s.Err.Error()
	}
	return "exit code 0"
}

// ExitError is the exit code of a program that was not 0, or the signal that ended it.
type ExitError struct{ text string }

// Error implements error.
func (e *ExitError) Error() string { return e.text }

// errStopped is how a program ends that was not waited for.
var errStopped = errors.New("ended before it was done")

// Changed is what Next returns.
type Changed struct{ Run *Run }

// New prepares a run; nothing is started. What the kubeconfig says is added to the values. It fails
// where the command does not fit the object, and where the program would not go where fathom does.
func New(c *kube.Cluster, j *journal.Journal, p Plugin, v Values, object journal.Object) (*Run, error) {
	at := c.Kubeconfig()
	v.Context, v.Cluster, v.User = cmp.Or(at.Context, c.Name()), at.Cluster, at.User
	shown := filesOf(at)
	if p.Reads {
		shown = "$KUBECONFIG" // There is a file with the run.
	}
	argv, err := p.Argv(v, shown)
	switch {
	case err != nil:
		return nil, err
	case !p.Reads && len(at.Overridden) > 0:
		return nil, fmt.Errorf("it would connect without fathom's %s; put that into the kubeconfig",
			strings.Join(at.Overridden, ", "))
	}
	return &Run{
		Plugin: p, cluster: c, at: at, journal: j, values: v, object: object, line: Line(argv),
		changed: make(chan struct{}, 1),
	}, nil
}

// String is "plugin stern"; clean.
func (r *Run) String() string { return "plugin " + kinds.Clean(r.Plugin.Name) }

// CommandLine is the argv, for people; clean.
func (r *Run) CommandLine() string { return r.line }

// User is the user of the kubeconfig that the program acts as; clean.
func (r *Run) User() string { return kinds.Clean(r.values.User) }

// State returns how far the run is.
func (r *Run) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Next runs the program, which ends with ctx, and returns when there is more of its output. After
// its end it returns io.EOF. It is called by one goroutine.
func (r *Run) Next(ctx context.Context) (any, error) {
	if !r.begun {
		r.begun = true
		r.Output.written = r.wake
		if !r.Runs.begin(r) {
			r.end(errStopped)
			return Changed{r}, nil
		}
		r.cluster.Raw().Messages.Start(r, func() {
			err := errors.New("it ended early")
			defer func() { r.end(err) }()
			err = r.run(ctx, process.Detached, func(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = &r.Output, &r.Output })
		})
		return Changed{r}, nil
	}
	if r.reported {
		return nil, io.EOF
	}
	<-r.changed
	r.reported = r.State().Ended
	return Changed{r}, nil
}

func (r *Run) wake() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *Run) end(err error) {
	r.mu.Lock()
	r.state = State{true, err}
	r.mu.Unlock()
	r.Runs.end(r)
	r.wake()
}

// RunOn gives the terminal to the program until it ends or ctx does.
func (r *Run) RunOn(ctx context.Context, in, out *os.File) error {
	err := errors.New("it ended early")
	defer func() { r.end(err) }()
	if !r.Runs.begin(r) {
		err = errStopped
		return err
	}
	err = r.run(ctx, process.InForeground(in), func(cmd *exec.Cmd) { cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, out })
	return err
}

// run runs the program and blocks until it has ended.
func (r *Run) run(ctx context.Context, start func(*exec.Cmd) (*process.Group, error), connect func(*exec.Cmd)) error {
	if !r.Plugin.Reads && !r.cluster.Writable() {
		return kube.ErrReadOnly
	}
	program := r.Plugin.Command[0].plain()
	path, err := exec.LookPath(program)
	switch {
	case err != nil && filepath.Base(program) != program:
		return fmt.Errorf("%s is not a program", kinds.Clean(program))
	case err != nil:
		return fmt.Errorf("%s is not in PATH", kinds.Clean(program))
	}
	kubeconfig, variable, remove, err := r.kubeconfig()
	if err != nil {
		return plain.Error("", err)
	}
	defer remove()
	argv, err := r.Plugin.Argv(r.values, variable)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, argv[1:]...)
	cmd.Args[0], cmd.Env = program, environment(os.Environ(), kubeconfig, r.Plugin.Reads)
	connect(cmd)
	return r.journaled(ctx, func() error {
		err := process.Run(ctx, r.cluster.Raw().Messages.Panicked, r, cmd, start)
		exit, exited := errors.AsType[*exec.ExitError](err)
		switch {
		case ctx.Err() != nil:
			return errStopped
		case exited && exit.ExitCode() >= 0:
			return &ExitError{fmt.Sprintf("exit code %d", exit.ExitCode())}
		case exited:
			return &ExitError{kinds.Clean(exit.Error())}
		}
		return plain.Error("", err)
	})
}

// kubeconfig makes the kubeconfig of the run, and what the variable KUBECONFIG says of it. remove
// ends what it leads to.
func (r *Run) kubeconfig() (files, variable string, remove func(), err error) {
	at := r.at
	switch {
	case r.Plugin.Reads:
		p, err := startProxy(r.cluster)
		if err != nil {
			return "", "", nil, err
		}
		where, err := newPlace(proxied(p, r.values))
		if err != nil {
			p.close()
			return "", "", nil, err
		}
		return where.file, where.file, func() { p.close(); where.remove() }, nil
	case at.Context == "": // A program in a pod finds the API server as fathom did.
		return "", filesOf(at), func() {}, nil
	}
	if err := at.Moved(); err != nil {
		return "", "", nil, err
	}
	where, err := newPlace(pinned(at.Context))
	if err != nil {
		return "", "", nil, err
	}
	return where.file + string(os.PathListSeparator) + filesOf(at), filesOf(at), where.remove, nil
}

// journaled does what may change the cluster, and writes it into the journal before and after.
func (r *Run) journaled(ctx context.Context, do func() error) error {
	if r.Plugin.Reads {
		return do()
	}
	entry, err := r.journal.Begin(journal.Entry{
		User: r.cluster.User(ctx), Context: r.cluster.Name(), Server: r.cluster.Server(),
		Effect: r.String(), Words: r.line, Reason: r.Reason, Object: r.object,
	})
	if err != nil {
		return err
	}
	err = do()
	return r.journal.End(entry, err, errors.Is(err, errStopped))
}
