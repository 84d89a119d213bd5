package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
	"github.com/fathom-k8s/fathom/e2e/image"
	"github.com/fathom-k8s/fathom/e2e/program"
)

// options are the command line.
type options struct {
	cluster               provider.Options
	page, fathom, results string
	problems, keep        string
	only                  *regexp.Regexp
	shared, check, screen bool
	again                 bool
	calm                  time.Duration
}

func main() {
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer end()
	o := options{cluster: provider.Options{Progress: os.Stderr}}
	flag.StringVar(&o.cluster.Name, "name", "incidents", "which cluster; it is started if it does not run, and stays")
	flag.StringVar(&o.page, "o", "", "`path` of the page with the results")
	flag.StringVar(&o.fathom, "fathom", "", "`path` of the fathom to try, instead of one built from here")
	flag.StringVar(&o.results, "results", filepath.Join(os.TempDir(), "fathom-incidents.json"),
		"`path` of the results of earlier runs, to which those of this one are added")
	flag.StringVar(&o.problems, "problems", "", "`path` of a file with one line for each verdict that is wrong")
	flag.StringVar(&o.keep, "keep", "", "`folder` for the JSON of each verdict that is wrong")
	only := flag.String("run", "", "only the incidents and situations whose area and name match this `pattern`")
	flag.BoolVar(&o.shared, "shared", false, "others use the cluster: leave the shop, the nodes and the components alone")
	flag.BoolVar(&o.check, "check", false, "only check that the API shows each fault and its repair")
	flag.BoolVar(&o.screen, "screen", true, "look at the screen of a fathom that stays open; otherwise run it for each look")
	flag.BoolVar(&o.again, "again", false, "write the page from the results of earlier runs, and run nothing")
	flag.DurationVar(&o.calm, "calm", 10*time.Minute, "how long nothing happens in the healthy shop")
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile(*only); err == nil {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "incidents:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.again {
		results, err := loadResults(o.results)
		if err != nil {
			return err
		}
		return results.write(o)
	}
	r, closing, err := prepare(ctx, o)
	if err != nil {
		return err
	}
	defer closing()
	results, err := loadResults(o.results)
	if err != nil {
		return err
	}
	results.Cluster = "Kubernetes " + r.version
	if r.watch != nil {
		results.Fathom = versionOf(ctx, r.watch.fathom)
	}
	record := func(result Result, grace time.Duration) error {
		verdict := result.verdict(grace)
		if o.check && result.right() {
			verdict = "shown, and gone"
		}
		r.say("%-60s %s  shown %s row %s left %s onset %s", result.Area+": "+result.Name, verdict,
			seconds(result.Shown), seconds(result.Latency), seconds(result.Left), result.onset())
		if o.check {
			return ctx.Err()
		}
		results.Results[result.Name] = result
		if err := results.write(o); err != nil {
			return err
		}
		return ctx.Err()
	}
	for _, situation := range situations(o.calm) {
		if o.only.MatchString("healthy: " + situation.Name) {
			if err := record(r.situation(ctx, situation), 0); err != nil {
				return err
			}
		}
	}
	for _, scenario := range scenarios() {
		if o.only.MatchString(scenario.Area + ": " + scenario.Name) {
			if err := record(r.scenario(ctx, scenario), scenario.Grace); err != nil {
				return err
			}
		}
	}
	return r.alone(ctx)
}

// write saves the results so far in each form that was asked for.
func (r Results) write(o options) error {
	if err := r.save(o.results); err != nil {
		return err
	}
	var page, problems strings.Builder
	r.page(&page)
	r.problems(&problems)
	if o.page != "" {
		if err := os.WriteFile(o.page, []byte(page.String()), 0o644); err != nil {
			return err
		}
	}
	if o.problems != "" {
		return os.WriteFile(o.problems, []byte(problems.String()), 0o644)
	}
	return nil
}

// prepare opens the cluster, its shop, and fathom.
func prepare(ctx context.Context, o options) (r *runner, closing func(), err error) {
	cluster, err := provider.Open(ctx, o.cluster)
	if err != nil {
		return nil, nil, err
	}
	w, err := newWorld(ctx, cluster)
	if err != nil {
		return nil, nil, err
	}
	r = &runner{world: w, shared: o.shared, keep: o.keep, say: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
	}}
	if err := r.sweep(ctx); err != nil {
		return nil, nil, err
	}
	if err := image.Import(ctx, cluster); err != nil {
		return nil, nil, err
	}
	if !o.shared {
		r.say("opening the healthy shop")
		if err := w.healthyShop(ctx); err != nil {
			return nil, nil, err
		}
	}
	if o.check {
		return r, func() {}, nil
	}
	return r.open(ctx, o)
}

// open starts the fathom that is watched.
func (r *runner) open(ctx context.Context, o options) (*runner, func(), error) {
	folder, err := os.MkdirTemp("", "fathom-incidents-")
	if err != nil {
		return nil, nil, err
	}
	path := o.fathom
	if path == "" {
		path = filepath.Join(folder, "fathom")
		if err := program.Build(ctx, path); err != nil {
			return nil, nil, err
		}
	}
	if r.watch, err = newWatch(path, r.cluster.Kubeconfig, o.screen); err != nil {
		return nil, nil, err
	}
	return r, func() {
		r.watch.close()
		os.RemoveAll(folder)
	}, nil
}

func versionOf(ctx context.Context, fathom string) string {
	text, err := exec.CommandContext(ctx, fathom, "--version").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}
