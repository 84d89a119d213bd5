package main

import (
	_ "embed"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/saved"
)

// demoTape is a recording of a bad day of a small shop on a real cluster. It is
// written by `make demo-tape`.
//
//go:embed demo.tape
var demoTape []byte

// demoSpeed is how many seconds of the tape the demo plays per second.
const demoSpeed = 5

func demoCommand() *cobra.Command {
	p := newProgram()
	cmd := &cobra.Command{
		Use:   "demo [KIND | KIND/NAME | KIND NAME]",
		Short: "Try fathom on a recorded cluster",
		Long: `demo loops over nine minutes of a small cluster on which a release crashes, a Secret
is removed and a node is lost, five times as fast as it was. It needs no cluster, no
kubeconfig and no network. The line at the bottom says what happens and which keys
to try; space pauses.`,
		Example: `  fathom demo
  fathom demo nodes`,
		Args:              takesView(0, whatToOpen),
		SilenceUsage:      true,
		ValidArgsFunction: p.app.completeView,
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.app.flags.write {
				return usagef("the demo cannot be changed; omit --write")
			}
			if err := p.app.flags.check(); err != nil {
				return err
			}
			if err := p.openDemo(); err != nil {
				return err
			}
			defer p.app.saved.Close()
			return p.run(cmd, args)
		},
	}
	p.app.flags.addScreen(cmd)
	p.app.flags.addHiddenConnection(cmd)
	p.app.completeFlags(cmd)
	return cmd
}

// openDemo opens the tape that the program carries.
func (p *program) openDemo() error {
	if err := p.checkTerminal("demo pods"); err != nil {
		return err
	}
	return p.app.useDemo(p.app.flags.once)
}

func (a *app) useDemo(paused bool) error {
	demo, err := saved.Loop(demoTape, "a tape in the program", demoSpeed, saved.Options{
		Paused: paused, Report: a.messages.Add,
	})
	if err != nil {
		return err
	}
	return a.useSaved(demo)
}
