package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/saved"
	"github.com/fathom-k8s/fathom/kube/dump"
)

func openCommand() *cobra.Command {
	p := newProgram()
	cmd := &cobra.Command{
		Use:   "open FILE | DIR | - [KIND | KIND/NAME | KIND NAME]",
		Short: "Browse a dump or recording like a cluster",
		Long: `open shows what was saved of a cluster as if it were one: a tape, or what
kubectl cluster-info dump, kubectl get -o yaml and must-gather write. It takes a
folder, a tar, a zip, a file, or standard input, and detects which it is.
Everything works as on a live cluster, but nothing can be changed; ages are those
of the moment when it was saved. What could not be read is listed under :messages.

It opens on all namespaces, and finds KIND/NAME in whichever has it. A tape plays
from its start, and --once prints its start; --at begins elsewhere.`,
		Example: `  fathom open must-gather.tar.gz
  fathom open cluster-dump/ -n shop
  fathom open incident.tape deployments
  fathom open incident.tape --at end --once pods
  kubectl get all -A -o yaml | fathom open - --once pods`,
		Args:              takesView(1, "a file, a folder or -, then "+whatToOpen),
		SilenceUsage:      true,
		ValidArgsFunction: p.app.completeSaved,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := p.runSaved(cmd, args[0], args[1:])
			if judges(args[1:]) {
				return blindly(err)
			}
			return err
		},
	}
	f := p.app.flags
	f.addScreen(cmd)
	cmd.Flags().StringVar(&f.at, "at", "",
		"where a tape begins: start, end, or a time such as 13:55 or 13:55:58 (default start)")
	f.addHiddenConnection(cmd)
	p.app.completeFlags(cmd)
	return cmd
}

// runSaved shows what was saved.
func (p *program) runSaved(cmd *cobra.Command, path string, args []string) error {
	if p.app.flags.write {
		return usagef("%s cannot be changed; omit --write", path)
	}
	if err := p.app.flags.check(); err != nil {
		return err
	}
	if err := p.openSaved(cmd, path); err != nil {
		return err
	}
	defer p.app.saved.Close()
	return p.run(cmd, args)
}

// openSaved opens a tape or a dump as the cluster that the program begins with.
func (p *program) openSaved(cmd *cobra.Command, path string) error {
	f := p.app.flags
	if path == "-" && !f.once {
		// The keys come from the terminal, not from what is piped in.
		tty, err := os.Open("/dev/tty")
		if err != nil {
			return errors.New("needs a terminal besides standard input; `fathom open - --once pods` prints one screen without")
		}
		p.input = tty
	}
	if err := p.checkTerminal("open " + path + " pods"); err != nil {
		return err
	}
	p.app.reading.Store(true)
	p.pace()
	waited := awaitFile(path)
	defer waited()
	progress, done := progressLine(path)
	if show := progress; show != nil {
		progress = func(p dump.Progress) {
			waited() // The progress says it better.
			show(p)
		}
	}
	opened, err := saved.Open(cmd.Context(), path, saved.Options{
		Input: cmd.InOrStdin(), At: f.at, Paused: f.once, Progress: progress, Report: p.app.messages.Add,
	})
	done()
	p.app.reading.Store(false)
	if _, wrong := errors.AsType[*saved.AtError](err); wrong {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if f.once && opened.Lost > 0 {
		_ = console.Stderr.Linef("fathom: not read: %d, the first: %s", opened.Lost, opened.FirstLost)
	}
	return p.app.useSaved(opened)
}

// progressLine shows on a terminal how far reading has come, on one line that done
// clears again.
func progressLine(path string) (progress func(dump.Progress), done func()) {
	if !console.Stderr.IsTerminal() {
		return nil, func() {}
	}
	return func(p dump.Progress) {
			far := fmt.Sprintf("%d MB", p.Read>>20)
			if p.Total > 0 {
				far = fmt.Sprintf("%d %% of %d MB", min(100, 100*p.Read/p.Total), p.Total>>20)
			}
			console.Stderr.Redraw(fmt.Sprintf("reading %s: %s, %d objects", path, far, p.Objects))
		}, func() {
			console.Stderr.Redraw("")
		}
}
