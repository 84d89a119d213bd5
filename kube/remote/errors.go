package remote

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream" //nolint:staticcheck // client-go's portforward speaks it
	"k8s.io/client-go/util/exec"
	streaming "k8s.io/streaming/pkg/httpstream"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/plain"
)

var (
	// ErrNoShell is wrapped by the error of a container that has no shell.
	ErrNoShell = errors.New("no shell in the image")
	// ErrNoPod is wrapped by the error of a subject that no pod stands for at this moment.
	ErrNoPod = errors.New("no pod that runs")
	// ErrNoTar is wrapped by the error of a container that has no tar.
	ErrNoTar = errors.New("no tar in the image")
	// ErrLeft is wrapped by the error of a pod that was to be removed at the end.
	ErrLeft = errors.New("it may still be there")
	// ErrLost is wrapped by the error of a connection that ended before what it was for.
	ErrLost = errors.New("the connection was lost")
)

// ExitError is how a command in a container ended that did not succeed.
type ExitError struct{ Code int }

// Error is "exit code 137 (killed)".
func (e *ExitError) Error() string {
	switch e.Code {
	case 130:
		return "exit code 130 (interrupted)"
	case 137:
		return "exit code 137 (killed)"
	case 143:
		return "exit code 143 (terminated)"
	}
	return fmt.Sprintf("exit code %d", e.Code)
}

// words makes an error of a stream one clean line, without what the libraries say around it.
// What callers distinguish stays within reach.
func words(err error) error {
	if err == nil {
		return nil
	}
	if code, ok := errors.AsType[exec.CodeExitError](err); ok {
		return &ExitError{code.Code}
	}
	if failed, ok := errors.AsType[*streaming.UpgradeFailureError](err); ok {
		err = failed.Cause
	} else if failed, ok := errors.AsType[*httpstream.UpgradeFailureError](err); ok {
		err = failed.Cause
	}
	for _, inFewWords := range []func(string) string{lacksRight, plain.Refusal} {
		if text := inFewWords(err.Error()); text != "" {
			return plain.Error("", &shortened{text, err})
		}
	}
	var status apierrors.APIStatus
	switch {
	case saysThat(err, kube.ErrReadOnly):
		return kube.ErrReadOnly
	case !errors.Is(err, kube.ErrElsewhere) && saysThat(err, kube.ErrElsewhere):
		return plain.Error("", fmt.Errorf("%w: %w", kube.ErrElsewhere, err))
	case errors.As(err, &status), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return plain.Error("", err)
	case isLost(err.Error()):
		text := err.Error()
		how := text[strings.LastIndex(text, ": ")+1:]
		return plain.Error("", fmt.Errorf("%w: %w", ErrLost, &shortened{strings.TrimSpace(how), err}))
	}
	text := wrapping.ReplaceAllString(err.Error(), "")
	return plain.Error("", &shortened{text, err})
}

// unauthorized is how the API server says that the person lacks a right
// (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go).
var unauthorized = regexp.MustCompile(`is forbidden: User ".*" cannot (\w+) resource "([^"]+)"`)

// lacksRight says which right is lacking by the text of an error, which is all that a WebSocket's dialer keeps;
// "" if it is about anything else, such as a policy that refuses.
func lacksRight(text string) string {
	// Who may get a subresource, and not create it, learns no reason (k8s.io/kubernetes/pkg/registry/core/pod/rest,
	// ensureAuthorizedForVerb).
	if strings.HasSuffix(strings.TrimSpace(text), "is forbidden:") {
		return "you may not create it, and to get it is not enough"
	}
	found := unauthorized.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return "you may not " + found[1] + " " + found[2]
}

// saysThat reports whether an error is another one, of which SPDY's dialer keeps only the text.
func saysThat(err, other error) bool {
	return errors.Is(err, other) || strings.Contains(err.Error(), other.Error())
}

// wrapping is what the libraries and the container runtimes put before a reason.
var wrapping = regexp.MustCompile(`^(?:error sending request: |unable to upgrade connection: |` +
	`Internal error occurred: |error executing command in container: |error attaching to container: |` +
	`failed to exec in container: |failed to start exec "[0-9a-f]+": |rpc error: code = \w+ desc = )+`)

// isLost reports whether an error says that a connection broke.
func isLost(text string) bool {
	for _, part := range []string{
		"websocket: close 1006", "connection reset by peer", "broken pipe", "unexpected EOF", "i/o timeout",
		"use of closed network connection",
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// shortened is an error in fewer words.
type shortened struct {
	text  string
	cause error
}

func (s *shortened) Error() string { return s.text }
func (s *shortened) Unwrap() error { return s.cause }

// lacks reports whether a container runtime says that there is not such a program.
func lacks(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "executable file not found") || strings.Contains(text, "no such file or directory") ||
		strings.Contains(text, "The system cannot find the file")
}
