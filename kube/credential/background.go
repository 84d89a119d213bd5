package credential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/process"
)

const (
	// answerMax bounds what a plugin may answer: a token or a chain of certificates.
	answerMax = 1 << 20
	// saidMax bounds what is passed on of what a plugin says, and lineMax one line.
	saidMax = 64 << 10
	lineMax = 4 << 10
)

// newCommand prepares to run the plugin.
func (p *Plugin) newCommand(interactive bool) (*exec.Cmd, error) {
	path, err := p.resolve()
	if err != nil {
		if errors.Is(err, ErrDenied) {
			return nil, &Error{cause: err}
		}
		return nil, p.explain(nil, err)
	}
	info, err := p.info(interactive)
	if err != nil {
		return nil, &Error{cause: fmt.Errorf("encode ExecCredentials: %w", err)}
	}
	cmd := exec.Command(path, p.o.Exec.Args...)
	cmd.Args[0] = p.command
	cmd.Env = os.Environ()
	for _, v := range p.o.Exec.Env {
		cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
	}
	cmd.Env = append(cmd.Env, infoVariable+"="+info)
	return cmd, nil
}

// inBackground runs the plugin where it can neither read keys nor write to the screen,
// and returns its answer.
func (p *Plugin) inBackground(ctx context.Context) ([]byte, error) {
	switch mode := p.o.Exec.InteractiveMode; mode {
	case clientcmdapi.NeverExecInteractiveMode, clientcmdapi.IfAvailableExecInteractiveMode:
	case clientcmdapi.AlwaysExecInteractiveMode:
		cause := fmt.Errorf("the credential plugin %s needs a terminal", p.name)
		return nil, &Error{Terminal: true, sticky: true, cause: cause}
	default:
		return nil, &Error{cause: fmt.Errorf("unknown interactiveMode: %q", mode)}
	}
	cmd, err := p.newCommand(false)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeoutCause(ctx, p.limit, errTooLong)
	defer stop()
	return p.execute(ctx, cmd, process.Detached, &lines{say: p.o.Said})
}

// execute runs a command to its end, or ends it when ctx does, and returns what it
// printed.
func (p *Plugin) execute(
	ctx context.Context, cmd *exec.Cmd, start func(*exec.Cmd) (*process.Group, error), said *lines,
) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answer := &answer{full: func() { cancel(errTooMuch) }}
	cmd.Stdout = answer
	if said != nil {
		cmd.Stderr = said
		defer said.flush()
	}
	err := process.Run(ctx, p.o.Panicked, p.name, cmd, start)
	if ended := context.Cause(ctx); ended != nil || err != nil {
		return nil, p.explain(ended, err)
	}
	return answer.text.Bytes(), nil
}

// answer keeps what a plugin prints, up to a bound.
type answer struct {
	text bytes.Buffer
	full func()
}

// Write implements io.Writer.
func (a *answer) Write(b []byte) (int, error) {
	if a.text.Len()+len(b) > answerMax {
		a.full()
		return 0, errTooMuch
	}
	return a.text.Write(b)
}

// lines passes on what is written line by line, up to a bound; the rest is dropped.
type lines struct {
	say func(string)

	mu   sync.Mutex
	line []byte
	said int
}

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		switch {
		case l.said > saidMax:
		case c == '\n' || c == '\r':
			l.end()
		default:
			if l.line = append(l.line, c); len(l.line) == lineMax {
				l.end()
			}
		}
	}
	return len(b), nil
}

// end passes on the line that was begun.
func (l *lines) end() {
	if len(l.line) == 0 {
		return
	}
	l.said += len(l.line)
	l.say(string(l.line))
	l.line = l.line[:0]
	if l.said > saidMax {
		l.say("(what else the credential plugin writes is dropped)")
	}
}

// flush passes on a last line without an end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
}
