package credential

import (
	"context"
	"os"
	"strings"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/kube/process"
)

// Login runs the plugin with a terminal, where it can ask, and uses what it returns from
// then on. A run in the background is ended before; requests wait for this one. When ctx
// ends, so does the plugin. The terminal's process group in the foreground is the
// program's again when Login returns.
func (p *Plugin) Login(ctx context.Context, in, out *os.File) error {
	p.mu.Lock()
	if p.ctx.Err() != nil {
		p.mu.Unlock()
		return &pendingError{context.Cause(p.ctx)}
	}
	r := p.begin()
	p.mu.Unlock()
	p.o.Changed()
	stop := p.o.Panicked.StartWhenDone(ctx, p.name, func() { r.cancel(errCancelled) })
	defer stop()
	p.perform(r, func(ctx context.Context) ([]byte, error) { return p.onTerminal(ctx, in, out) })
	return r.err
}

// onTerminal runs the plugin with a terminal and returns its answer.
func (p *Plugin) onTerminal(ctx context.Context, in, out *os.File) ([]byte, error) {
	interactive := p.o.Exec.InteractiveMode != clientcmdapi.NeverExecInteractiveMode
	cmd, err := p.newCommand(interactive)
	if err != nil {
		return nil, err
	}
	if interactive {
		cmd.Stdin = in
	}
	cmd.Stderr = out
	return p.execute(ctx, cmd, process.InForeground(in), nil)
}

// Line is the command line of the plugin, for people. It is not clean.
func (p *Plugin) Line() string {
	return strings.Join(append([]string{p.command}, p.o.Exec.Args...), " ")
}
