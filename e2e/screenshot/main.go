// Command screenshot draws what fathom shows of the demo cluster as an SVG: the real program in a real terminal.
//
//	go -C e2e run ./screenshot -o ../docs/screen.svg
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/program"
	"github.com/fathom-k8s/fathom/e2e/screen"
	"github.com/fathom-k8s/fathom/e2e/shop"
)

// limit is for each step that needs no building.
const limit = 5 * time.Minute

func main() {
	out := flag.String("o", "screen.svg", "`path` of the picture")
	name := flag.String("name", "fathom", "which cluster; it is started if it does not run")
	flag.Parse()
	if err := run(context.Background(), *out, *name); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, name string) error {
	cluster, err := provider.Open(ctx, provider.Options{Name: name, Progress: os.Stderr})
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	if err != nil {
		return err
	}
	if err := image.Import(ctx, cluster); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := shop.Apply(ctx, config); err != nil {
		return err
	}
	if err := shop.Wait(ctx, config); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "fathom-screenshot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	fathom := filepath.Join(folder, "fathom")
	if err := program.Build(ctx, fathom); err != nil {
		return err
	}
	shot, err := take(fathom, cluster.Kubeconfig)
	if err != nil {
		return err
	}
	return os.WriteFile(out, shot.SVG(), 0o644)
}

// take opens what is broken in the shop and waits until all of that is on the screen.
func take(fathom, kubeconfig string) (shot screen.Screen, err error) {
	session := &session{}
	defer session.end(&err)
	options := screen.Options{Columns: 120, Rows: 30, Env: []string{"KUBECONFIG=" + kubeconfig, "COLORTERM=truecolor"}}
	terminal := screen.Start(session, options, fathom)
	terminal.WaitFor("deployment shop/recommender", limit)
	return terminal.WaitIdle(time.Second, limit), nil
}

// session is what a Terminal needs from a test, outside one.
type session struct {
	cleanups []func()
}

// failure is how Fatalf leaves.
type failure struct{ error }

func (s *session) Helper() {}

func (s *session) Cleanup(cleanup func()) { s.cleanups = append(s.cleanups, cleanup) }

func (s *session) Fatalf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

func (s *session) TempDir() string {
	folder, err := os.MkdirTemp("", "fathom-home-")
	if err != nil {
		s.Fatalf("%v", err)
	}
	s.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

// end cleans up in reverse order, and turns a failure into an error.
func (s *session) end(err *error) {
	reason := recover()
	for _, cleanup := range slices.Backward(s.cleanups) {
		cleanup()
	}
	if failed, ok := reason.(failure); ok {
		*err = failed.error
	} else if reason != nil {
		panic(reason)
	}
}
