// Command fathom explores a Kubernetes cluster in the terminal. Installed as
// kubectl-fathom it is a kubectl plugin too.
//
// This package reads flags, config and remembered places, wires the cluster,
// the views and the shell together, and turns errors into exit codes. It has no
// features of its own.
//
//	flags ──> app ──────────────────────────> program ──> ui.Run, or one screen as text
//	          clusters, places, messages      theme, first view
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/memory"
	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
	"github.com/fathom-k8s/fathom/cmd/fathom/version"
	"github.com/fathom-k8s/fathom/kube"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	memory.DropPages()
	// Even a panic leaves the terminal as it was found.
	defer opening.Screen.Close()
	err := execute(filepath.Base(os.Args[0]), os.Args[1:])
	opening.Screen.Close()
	if err == nil {
		return
	}
	if _, said := errors.AsType[exitCode](err); said {
		os.Exit(codeOf(err))
	}
	say(err)
	os.Exit(codeOf(err))
}

// execute runs the command line, with what a kuberc file makes of it.
func execute(as string, typed []string) error {
	args, err := kubercArgs(rootCommand(as), typed)
	if err != nil {
		return err
	}
	if _, opens := opening.Parse(args); !opens { // An alias may stand for what is printed.
		opening.Screen.Close()
	}
	cmd := rootCommand(as)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(context.Background())
}

// say says an error on the standard error.
func say(err error) {
	text := err.Error()
	if errors.Is(err, kube.ErrNoKubeconfig) {
		text += "; `fathom demo` shows a recorded cluster"
	}
	_ = console.Stderr.Line("fathom: " + text)
}

// codeOf is the exit code for how a run ended.
func codeOf(err error) int {
	code, own := errors.AsType[exitCode](err)
	switch {
	case err == nil:
		return 0
	case own:
		return int(code)
	case isUsage(err):
		return exitUsage
	}
	return exitFailed
}

// whatToOpen names the arguments that choose the first view.
const whatToOpen = "KIND, KIND/NAME or KIND NAME"

// rootCommand is the whole command line; as is the name that the program was
// started under.
func rootCommand(as string) *cobra.Command {
	p := newProgram()
	cmd := &cobra.Command{
		Use:   "fathom [KIND | KIND/NAME | KIND NAME]",
		Short: "See what is broken in a Kubernetes cluster, and why",
		Long: `fathom explores a Kubernetes cluster in the terminal: every kind of object, live,
with its describe text, YAML, events and logs. It is read-only unless started
with --write.

Without an argument it begins with what is broken, worst first. With --no-triage, or
"triage: false" in the config, it opens where you left off in this context, the first
time on the pods of the context's namespace.

--once prints one screen and exits: the pods, unless a kind or a word says otherwise
(what is broken is printed by triage --once). On a terminal it is as wide as that, or as
COLUMNS says; in a pipe nothing is cut. -o wide adds columns; -o json, yaml and
name print the objects as kubectl does, except that YAML for a terminal escapes
control and bidirectional characters. -o json and yaml never print Secrets. -l prints
only the objects with these labels.

tree and an object show what it leads to and what leads to it, why and an object
what is wrong with it and what from.

top pods and top nodes show what those use, the most CPU first; with --once they
print what kubectl top prints. So do explain and a kind or a field, and api, which
shows what the API server serves. atlas is the cluster as its architecture.

It exits with 0, with 1 when what was asked for could not be shown or not all of it
could be read, and with 2 when the command line is wrong. triage, why, report and logs
have codes of their own: see their --help.

What a kuberc file (--kuberc, KUBERC, ~/.kube/kuberc) denies to kubectl's
credential plugins is denied here. Its aliases of get, logs, explain and top are
commands here too, and its defaults for them apply, those of get to --once.`,
		Example: `  fathom
  fathom pods -n shop
  fathom deployment/web --context prod-eu
  fathom --once nodes
  fathom tree deployment/web -n shop
  fathom explain deployment.spec.strategy
  fathom --once top pods -A
  fathom --once -o json deployments -A`,
		Args:              cobra.MatchAll(rejectVerb, takesView(0, whatToOpen)),
		SilenceErrors:     true,
		SilenceUsage:      true,
		ValidArgsFunction: p.app.completeView,
		RunE: func(cmd *cobra.Command, args []string) error {
			if show, _ := cmd.Flags().GetBool("version"); show {
				return printVersion(cmd)
			}
			return p.run(cmd, args)
		},
	}
	if strings.HasPrefix(as, "kubectl-") {
		cmd.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl fathom"}
	}
	cmd.SetOut(console.Stdout)
	cmd.SetErr(console.Stderr)
	cmd.SetFlagErrorFunc(flagError)
	cmd.Flags().Bool("version", false, "print the version")
	p.app.flags.addConnection(cmd)
	p.app.flags.addScreen(cmd)
	p.app.completeFlags(cmd)
	cmd.AddCommand(
		demoCommand(), importCommand(), logsCommand(), openCommand(), recordCommand(), reportCommand(), triageCommand(),
		versionCommand(), whyCommand(),
	)
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  takesArgs(0, 0, ""),
		RunE:  func(cmd *cobra.Command, _ []string) error { return printVersion(cmd) },
	}
}

func printVersion(cmd *cobra.Command) error {
	_, err := io.WriteString(cmd.OutOrStdout(), version.Line())
	return err
}
