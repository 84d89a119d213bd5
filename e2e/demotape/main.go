// Command demotape records the tape that `fathom demo` plays: an incident in the shop, on a real cluster.
//
//	go -C e2e run ./demotape -o ../cmd/fathom/demo.tape
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/incident"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/recorder"
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
	recorded := out + ".new"
	_ = os.Remove(recorded) // of a recording that was interrupted
	if err := record(ctx, cluster, recorded); err != nil {
		return err
	}
	return os.Rename(recorded, out)
}

// record records the incident from its beginning to its end.
func record(ctx context.Context, cluster *provider.Cluster, path string) error {
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig = &cluster.Kubeconfig
	opened, err := kube.Open(kube.Options{Flags: flags, Messages: kube.NewMessages(), Version: "demo"})
	if err != nil {
		return err
	}
	defer opened.Close()
	recording, stop := context.WithCancel(ctx)
	defer stop()
	notes, complete, ended := make(chan string), make(chan struct{}), make(chan error, 1)
	go func() {
		told := false
		options := recorder.Options{Out: path, NoSchemas: true, Notes: notes}
		ended <- recorder.Record(recording, opened, options, func(p recorder.Progress) {
			for _, note := range p.Notes {
				fmt.Fprintln(os.Stderr, note)
			}
			if !told && p.Resources > 0 && p.Listed == p.Resources {
				told = true
				close(complete)
			}
		})
	}()
	select {
	case <-complete:
	case err := <-ended:
		return err
	}
	began := time.Now()
	err = incident.Play(ctx, cluster, func(step incident.Step) {
		fmt.Fprintf(os.Stderr, "%6s  %s\n", time.Since(began).Round(time.Second), step.Say)
		if step.Say == "" {
			return
		}
		select {
		case notes <- step.Say:
		case <-recording.Done():
		}
	})
	stop()
	return errors.Join(err, <-ended)
}
