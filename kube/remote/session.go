package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/fathom-k8s/fathom/kube"
)

// Session is a terminal's time in a container: a shell, or what runs there attached. It
// begins with RunOn, and once.
type Session struct {
	Place     *Place
	Container Container
	// Ended is called with how RunOn has ended, and answers what RunOn returns; nil for the same.
	Ended func(err error) error

	cluster *kube.Cluster
	attach  bool
	before  func(ctx context.Context, out io.Writer) error // makes the container, where it is a new one
	after   func(out io.Writer) error                      // removes it
	label   string                                         // what it is, where before is set
}

// NewShell returns a shell in a container: bash where there is one, sh, and on Windows
// PowerShell or cmd. Nothing is sent before RunOn.
func NewShell(c *kube.Cluster, place *Place, container Container) *Session {
	return &Session{cluster: c, Place: place, Container: container}
}

// NewAttach returns the main process of a container attached to the terminal. Keys reach it
// where the container has a standard input. Nothing is sent before RunOn.
func NewAttach(c *kube.Cluster, place *Place, container Container) *Session {
	return &Session{cluster: c, Place: place, Container: container, attach: true}
}

// Attaches reports whether the session is not a shell of its own.
func (s *Session) Attaches() bool { return s.attach }

// Word is "shell", "attach" or "debug".
func (s *Session) Word() string {
	switch {
	case s.label != "":
		return "debug"
	case s.attach:
		return "attach"
	}
	return "shell"
}

// String is "shell in shop/web-1, app"; clean.
func (s *Session) String() string {
	switch {
	case s.label != "":
		return s.label
	case s.attach:
		return "attach to " + s.Place.Where() + ", " + s.Container.Name
	}
	return "shell in " + s.Place.Where() + ", " + s.Container.Name
}

// CommandLine is what is run, for the person who looks at the terminal.
func (s *Session) CommandLine() string {
	switch {
	case s.attach:
		return "what runs there"
	case s.Place.Windows:
		return "PowerShell or cmd"
	}
	return "bash or sh"
}

// Hint says how the person comes back.
func (s *Session) Hint() string {
	switch {
	case !s.attach:
		return "exit or ctrl+d ends it; enter ~ . where nothing answers any more"
	case s.Container.Stdin && s.Container.TTY:
		return "ctrl+p ctrl+q comes back, and it goes on"
	case s.Container.Stdin:
		return "lines are sent to it; ctrl+c comes back, and it goes on"
	}
	return "it reads no keys; ctrl+c comes back, and it goes on"
}

var (
	// One exec that tries both: the shell that is missing costs no second request.
	unixShell    = []string{"sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh"}
	windowsShell = []string{"cmd", "/c", "where powershell >nul 2>nul && powershell -NoLogo || cmd"}
)

// RunOn has the terminal until the container's side ends, the person leaves it, or ctx ends;
// it blocks until then. A command that failed is an *ExitError; the error wraps ErrNoShell
// where the image has none, and ErrLost where the connection broke. Without write mode
// nothing is sent, and it is kube.ErrReadOnly. It begins with ErrLeft where what was made for the
// session may be left over. Errors are clean.
func (s *Session) RunOn(ctx context.Context, in, out *os.File) error {
	err := s.runOn(ctx, in, out)
	if s.Ended != nil {
		return s.Ended(err)
	}
	return err
}

func (s *Session) runOn(ctx context.Context, in, out *os.File) error {
	if !s.cluster.Writable() {
		return kube.ErrReadOnly
	}
	err := s.attended(ctx, in, out)
	if s.after == nil {
		return err
	}
	left := s.after(out)
	if err == nil || left == nil {
		return cmp.Or(err, left)
	}
	return fmt.Errorf("%w; %w", left, err)
}

// attended makes the container, where it is a new one, and has the terminal.
func (s *Session) attended(ctx context.Context, in, out *os.File) error {
	if s.before != nil {
		if err := s.before(ctx, out); err != nil {
			return err
		}
	}
	subresource, verbs := "exec", []string{"get", "create"}
	if s.attach {
		subresource = "attach"
	}
	pod := s.Place.Pod
	switch err := may(ctx, s.cluster, pod.Namespace, pod.Name, subresource, verbs...); {
	case ctx.Err() != nil:
		return errEarly
	case err != nil:
		return err
	}
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	streams, t, err := s.streams(ctx, in, out, leave)
	if err != nil {
		return err
	}
	if s.before != nil { // What was pressed before does not reach it.
		_, _ = fmt.Fprintf(out, "fathom: it runs; %s\r\n", s.Hint())
	}
	err = stream(ctx, s.cluster, pod.Namespace, pod.Name, subresource, s.options(streams), streams)
	sent := t.close()
	if errors.Is(context.Cause(ctx), errDetached) || ctx.Err() != nil && s.attach {
		return nil // The keys for that, or ctrl+c, came back.
	}
	return s.explain(err, sent)
}

// explain finds out whether it was the shell that was missing. CRI-O reports that by the exit
// code of a shell that found no command, which only a person can bring about otherwise.
func (s *Session) explain(err error, sent bool) error {
	if s.attach || err == nil {
		return err
	}
	code, exited := errors.AsType[*ExitError](err)
	if !exited && lacks(err) || exited && !sent && (code.Code == 126 || code.Code == 127) {
		return fmt.Errorf("%w of %s", ErrNoShell, s.Container.Name)
	}
	return err
}

// options are those of the request, for the streams there are.
func (s *Session) options(streams remotecommand.StreamOptions) runtime.Object {
	stdin, stderr := streams.Stdin != nil, streams.Stderr != nil
	if s.attach {
		return &corev1.PodAttachOptions{
			Container: s.Container.Name, Stdin: stdin, Stdout: true, Stderr: stderr, TTY: streams.Tty,
		}
	}
	command := unixShell
	if s.Place.Windows {
		command = windowsShell
	}
	return &corev1.PodExecOptions{
		Container: s.Container.Name, Command: command, Stdin: stdin, Stdout: true, Stderr: stderr, TTY: streams.Tty,
	}
}

// streams connects the terminal, in the way that the container can make use of.
func (s *Session) streams(
	ctx context.Context, in, out *os.File, leave context.CancelCauseFunc,
) (remotecommand.StreamOptions, *terminal, error) {
	interactive := !s.attach || s.Container.TTY && s.Container.Stdin
	streams := remotecommand.StreamOptions{Stdout: out, Tty: !s.attach || s.Container.TTY}
	if !streams.Tty {
		streams.Stderr = out
	}
	if s.attach && !s.Container.Stdin {
		return streams, &terminal{}, nil
	}
	keys := shellEscape
	if s.attach {
		keys = detachKeys
	}
	if !interactive {
		keys = nil
	}
	t, err := openTerminal(s.cluster.Raw().Messages, in, out, interactive, keys, func() { leave(errDetached) })
	if err != nil {
		return streams, nil, err
	}
	streams.Stdin = t
	if interactive {
		streams.TerminalSizeQueue = t.sizes(ctx, s.attach)
	}
	return streams, t, nil
}
