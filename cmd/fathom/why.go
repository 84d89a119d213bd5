package main

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// asksWhy reports whether what is left of the arguments asks why an object is as it is.
func asksWhy(args []string) bool { return len(args) > 0 && args[0] == whyWord }

// whyCommand is `fathom why`.
func whyCommand() *cobra.Command {
	p := newProgram()
	cmd := &cobra.Command{
		Use:   "why KIND/NAME | KIND NAME",
		Short: "Say what is wrong with one object, and what from",
		Long: `why says of one object what triage finds: what is wrong with it and since when, how
it comes to that, the evidence, what changed before, and what follows from it. Where
nothing is known to be wrong, it says what the object needs and what needs it. On a
terminal it opens the screen that stays up to date; with --once or without a terminal
it prints that and exits:

  0  it is not failing, nor is what it follows from
  1  it is failing
  2  it could not look, or not at all that may be read within 30 seconds, or there is
     no such object, or a flag, the kubeconfig or the context is wrong`,
		Example: `  fathom why deployment/web -n shop
  fathom why --once pod web-1`,
		Args:         takesArgs(1, 2, "an object: deployment/web"),
		SilenceUsage: true,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
			return p.app.completeObject(cmd, args, start)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !console.Stdout.IsTerminal() {
				p.app.flags.once = true
			}
			return blindly(p.run(cmd, append([]string{whyWord}, args...)))
		},
	}
	p.app.flags.addConnection(cmd)
	p.app.flags.addScreen(cmd)
	hideFlags(cmd, "containers", "no-triage", "output", "recursive", "selector")
	p.app.completeFlags(cmd)
	return cmd
}

// why prints what is wrong with an object and ends with the exit code for it.
func (p *program) why(ctx context.Context, s *views.Session, view ui.View, out console.Out) error {
	var page bytes.Buffer
	err := p.once(ctx, s, view, console.New(&page))
	if page.Len() > 0 {
		if err := p.asOf(out, s.Now()); err != nil {
			return err
		}
		if _, err := out.Write(page.Bytes()); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	v := s.Triage.Verdict()
	switch {
	case views.Failing(view, v):
		return exitFailing
	case blind(v):
		return p.app.explain(s, whyBlind(v))
	}
	return nil
}
