package credential

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/transport"
)

// ErrDenied is wrapped by an Error when the policy does not let the plugin run.
var ErrDenied = errors.New("denied")

var (
	errCancelled = errors.New("cancelled")
	errClosed    = errors.New("the connection was closed")
	errReplaced  = errors.New("the login in the foreground took over")
	errTooLong   = errors.New("it took too long")
	errTooMuch   = errors.New("it printed too much")
)

// Error is why there are no credentials. It is transport.ErrSignedOut too.
type Error struct {
	// Terminal reports whether the plugin cannot do without a terminal.
	Terminal bool

	cause  error
	sticky bool // it is not tried again before somebody asks
}

func (e *Error) Error() string   { return "getting credentials: " + e.cause.Error() }
func (e *Error) Unwrap() []error { return []error{transport.ErrSignedOut, e.cause} }

// pendingError is why a request ended that waited for a plugin.
type pendingError struct{ cause error }

func (e *pendingError) Error() string   { return transport.ErrPending.Error() + ": " + e.cause.Error() }
func (e *pendingError) Unwrap() []error { return []error{transport.ErrPending, e.cause} }

// explain says why a process did not return an answer; ended is why it was ended, nil if
// it ended by itself.
func (p *Plugin) explain(ended, err error) error {
	switch {
	case errors.Is(ended, errTooLong):
		cause := fmt.Errorf("the credential plugin %s did not answer within %v", p.name, p.limit.Round(time.Second))
		return &Error{cause: cause, sticky: true}
	case errors.Is(ended, errCancelled):
		return &Error{cause: fmt.Errorf("the credential plugin %s was cancelled", p.name), sticky: true}
	case errors.Is(ended, errTooMuch):
		return &Error{cause: fmt.Errorf("exec: executable %s printed more than %d MiB", p.command, answerMax>>20)}
	case ended != nil:
		return &pendingError{ended}
	}
	if missing, ok := errors.AsType[*exec.Error](err); ok {
		return &Error{cause: p.missing(missing)}
	}
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		if failed.ExitCode() < 0 {
			signal := strings.TrimPrefix(failed.Error(), "signal: ")
			return &Error{cause: fmt.Errorf("exec: executable %s was ended by a signal, %s", p.command, signal)}
		}
		return &Error{cause: fmt.Errorf("exec: executable %s failed with exit code %d", p.command, failed.ExitCode())}
	}
	return &Error{cause: fmt.Errorf("exec: %w", err)}
}

// missing says that the program is not there, and what the kubeconfig says about that.
func (p *Plugin) missing(err *exec.Error) error {
	if !errors.Is(err.Err, exec.ErrNotFound) {
		return fmt.Errorf("exec: executable %s cannot run: %w", p.command, err.Err)
	}
	if hint := p.o.Exec.InstallHint; hint != "" {
		return fmt.Errorf("exec: executable %s not found: %s", p.command, hint)
	}
	return fmt.Errorf("exec: executable %s not found", p.command)
}
