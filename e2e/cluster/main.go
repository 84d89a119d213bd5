// Command cluster starts and removes the Kubernetes clusters that the tests and
// the demo run on.
//
//	go -C e2e run ./cluster up|down|status|kubeconfig [flags]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

const usage = `usage: go -C e2e run ./cluster <command> [flags]

  up          start the cluster, or find it running; prints how to reach it
  down        remove the cluster and everything it left on this machine
  status      say what runs and what the cluster can do; fails if it does not run
  kubeconfig  print the path of the cluster's kubeconfig

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.SetOutput(stderr)
	options := provider.Options{Progress: stderr}
	flags.StringVar(&options.Name, "name", "fathom", "which cluster; clusters of different names run side by side")
	flags.StringVar(
		&options.Provider,
		"provider",
		"",
		"how it is made: "+strings.Join(provider.Names, ", ")+" (default $FATHOM_E2E_PROVIDER, or auto)",
	)
	flags.IntVar(&options.Nodes, "nodes", 0, "how many simulated nodes it has at least")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	if len(args) == 0 {
		flags.Usage()
		return errors.New("give a command: up, down, status or kubeconfig")
	}
	command := args[0]
	if strings.HasPrefix(command, "-") {
		return flags.Parse(args)
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s takes flags only, not %q", command, flags.Arg(0))
	}
	chosen, err := provider.New(options)
	if err != nil {
		return err
	}
	switch command {
	case "up":
		return up(ctx, chosen, stdout)
	case "down":
		return chosen.Down(ctx)
	case "status":
		return status(ctx, chosen, stdout)
	case "kubeconfig":
		return kubeconfig(ctx, chosen, stdout)
	}
	return fmt.Errorf("command %q: give up, down, status or kubeconfig", command)
}

func up(ctx context.Context, chosen provider.Provider, stdout io.Writer) error {
	cluster, err := chosen.Up(ctx)
	if err != nil {
		return err
	}
	describe(stdout, cluster)
	return nil
}

func status(ctx context.Context, chosen provider.Provider, stdout io.Writer) error {
	found, err := chosen.Status(ctx)
	if err != nil {
		return err
	}
	for _, component := range found.Components {
		running := "running"
		if !component.Running {
			running = "gone"
		}
		fmt.Fprintf(stdout, "%-24s %-8s pid %-8d %s\n", component.Name, running, component.PID, component.Log)
	}
	if found.Running {
		describe(stdout, found.Cluster)
		return nil
	}
	if found.Problem == "" {
		return errors.New("it is not running; `up` starts it")
	}
	return fmt.Errorf("%s; `up` removes what is left and starts it again", found.Problem)
}

func kubeconfig(ctx context.Context, chosen provider.Provider, stdout io.Writer) error {
	found, err := chosen.Status(ctx)
	if err != nil {
		return err
	}
	if !found.Running {
		return errors.New("it is not running; `up` starts it")
	}
	fmt.Fprintln(stdout, found.Cluster.Kubeconfig)
	return nil
}

func describe(stdout io.Writer, cluster *provider.Cluster) {
	fmt.Fprintf(stdout, "cluster %s (%s): %s\n", cluster.Name, cluster.Provider, cluster.Capabilities)
	fmt.Fprintf(stdout, "export KUBECONFIG=%s\n", cluster.Kubeconfig)
	fmt.Fprintf(stdout, "%s get nodes\n", cluster.Kubectl)
}
