// Command demotape records the tape that `fathom demo` plays: an incident in the shop, on a real cluster.
//
//	go -C e2e run ./demotape -o ../cmd/fathom/demo.tape
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/incident"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := flag.String("o", "demo.tape", "`path` of the tape; an existing one is replaced when the recording is whole")
	name := flag.String("name", "demotape", "which cluster; it is started if it does not run, and stays")
	flag.Parse()
	if err := run(ctx, *out, *name); err != nil {
		fmt.Fprintln(os.Stderr, "demotape:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, name string) error {
	cluster, err := provider.Open(ctx, provider.Options{Name: name, Nodes: incident.Nodes, Progress: os.Stderr})
	if err != nil {
		return err
	}
	if err := image.Import(ctx, cluster); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "opening the shop")
	if err := incident.Prepare(ctx, cluster); err != nil {
		return err
	}
	began := time.Now()
	return incident.Play(ctx, cluster, func(step incident.Step) {
		fmt.Fprintf(os.Stderr, "%6s  %s\n", time.Since(began).Round(time.Second), step.Say)
	})
}
