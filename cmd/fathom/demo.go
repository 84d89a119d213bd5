package main

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/kube/tape"
)

// demoTape is a recording of a bad day of a small shop on a real cluster. It is
// written by `make demo-tape`.
//
//go:embed demo.tape
var demoTape []byte

// demoSpeed is how many seconds of the tape the demo plays in one.
const demoSpeed = 5

func demoCommand() *cobra.Command {
	o := newOptions()
	cmd := &cobra.Command{
		Use:   "demo [KIND | KIND/NAME | KIND NAME]",
		Short: "Try fathom on a recorded cluster",
		Long: `demo plays nine minutes of a small cluster on which a release crashes, a Secret is
removed and a node is lost, again and again, five times as fast as it was. It needs
no cluster, no kubeconfig and no network. The line at the bottom says what happens
and which keys to try; space stops the time.`,
		Example: `  fathom demo
  fathom demo nodes`,
		Args:         usageArgs(cobra.MaximumNArgs(2)),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.write {
				return fmt.Errorf("%w: the demo cannot be changed; leave --write out", errUsage)
			}
			if err := o.demo(); err != nil {
				return err
			}
			defer o.opened.close()
			return o.run(cmd, args)
		},
	}
	o.addFlags(cmd)
	return cmd
}

// demo opens the tape that the program carries.
func (o *options) demo() error {
	if err := o.terminal(); err != nil {
		return err
	}
	t, err := tape.Read(bytes.NewReader(demoTape), int64(len(demoTape)))
	if err != nil {
		return fmt.Errorf("the demo's tape: %w", err)
	}
	opened, err := o.play(t, "a tape in the program", tape.PlayerOptions{Paused: o.once, Loop: true, Speed: demoSpeed})
	if err != nil {
		return err
	}
	return o.look(opened)
}
