// Command demo starts a cluster with a small shop in it, parts of which are broken, and
// prints the path of its kubeconfig. Run it again at any time: what is there stays, and
// what is missing comes back.
//
//	go -C e2e run ./demo [--wait] [--delete]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	options := provider.Options{Progress: os.Stderr}
	flag.StringVar(&options.Name, "name", "fathom", "which cluster")
	flag.StringVar(&options.Provider, "provider", "",
		"how it is made: "+strings.Join(provider.Names, ", ")+" (default $FATHOM_E2E_PROVIDER, or auto)")
	wait := flag.Bool(
		"wait",
		false,
		"return when everything is as it is meant to be, which takes about a minute: things need time to fail",
	)
	remove := flag.Bool("delete", false, "remove the shop and leave the cluster")
	flag.Parse()
	if err := run(ctx, options, *wait, *remove); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, options provider.Options, wait, remove bool) error {
	cluster, err := provider.Open(ctx, options)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	if err != nil {
		return err
	}
	if remove {
		fmt.Fprintln(os.Stderr, "removing the shop")
		return shop.Delete(ctx, config)
	}
	fmt.Fprintln(os.Stderr, "importing the workload image")
	if err := image.Import(ctx, cluster); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "opening the shop")
	if err := shop.Apply(ctx, config); err != nil {
		return err
	}
	if wait {
		fmt.Fprintln(os.Stderr, "waiting until what is broken is broken")
		ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
		defer cancel()
		if err := shop.Wait(ctx, config); err != nil {
			return err
		}
	}
	fmt.Println(cluster.Kubeconfig)
	return nil
}
