// Command fathom explores a Kubernetes cluster in the terminal. Installed as
// kubectl-fathom it is a kubectl plugin too.
//
// This package reads flags, config and remembered places, wires the cluster,
// the views and the shell together, and turns errors into exit codes. It has no
// features of its own.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/kube"

	"github.com/fathom-k8s/fathom/cmd/fathom/version"
)

// Exit codes. A usage error is the user's to mend on the command line.
const (
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks an error of the command line.
var errUsage = errors.New("usage")

func main() {
	cmd := command(filepath.Base(os.Args[0]))
	if err := cmd.ExecuteContext(context.Background()); err != nil {
		text, usage := strings.CutPrefix(err.Error(), errUsage.Error()+": ")
		if errors.Is(err, kube.ErrNoKubeconfig) {
			text += "; `fathom demo` shows a recorded cluster"
		}
		fmt.Fprintln(os.Stderr, "fathom:", text)
		if usage || errors.Is(err, errUsage) {
			os.Exit(exitUsage)
		}
		os.Exit(exitFailed)
	}
}

// command is the whole command line; as is the name that the program was
// started under.
func command(as string) *cobra.Command {
	o := newOptions()
	cmd := &cobra.Command{
		Use:   "fathom [KIND | KIND/NAME | KIND NAME]",
		Short: "See what is broken in a Kubernetes cluster, and why",
		Long: `fathom explores a Kubernetes cluster in the terminal: every kind of object, live,
with its describe text, YAML, events and logs. It is read-only unless started
with --write.

Without an argument it opens where this context was left, the first time on the
pods of the context's namespace.`,
		Example: `  fathom
  fathom pods -n shop
  fathom deployment/web --context prod-eu
  fathom --once nodes`,
		Args:              cobra.MatchAll(noVerb, usageArgs(cobra.MaximumNArgs(2))),
		SilenceErrors:     true,
		SilenceUsage:      true,
		ValidArgsFunction: o.completeKinds,
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	if strings.HasPrefix(as, "kubectl-") {
		cmd.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl fathom"}
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w; see --help", errUsage, err) })
	cmd.Flags().BoolP("version", "", false, "print the version")
	o.addFlags(cmd)
	cmd.AddCommand(demoCommand(), openCommand(), recordCommand(), versionCommand())
	return cmd
}

func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return fmt.Errorf("%w: %w; see --help", errUsage, err)
		}
		return nil
	}
}

// noVerb is for hands that are used to kubectl: what the verb shows is a key here.
func noVerb(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	rest, then := strings.Join(args[1:], "/"), ""
	switch args[0] {
	case "get":
	case "describe":
		then = ", then d"
	case "logs":
		then = ", then l"
		if rest != "" && !strings.Contains(rest, "/") {
			rest = "pod/" + rest
		}
	default:
		return nil
	}
	return fmt.Errorf("%w: fathom has no verb %q; try `fathom %s`%s", errUsage, args[0], cmp.Or(rest, "pods"), then)
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  usageArgs(cobra.NoArgs),
		Run:   func(cmd *cobra.Command, _ []string) { fmt.Fprint(cmd.OutOrStdout(), version.Line()) },
	}
}
