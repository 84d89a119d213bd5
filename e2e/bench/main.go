// Command bench measures terminal programs on clusters of different sizes and writes what it found as JSON and Markdown.
//
//	fixture ──> API server <── link (counts, slows, cuts) <── program <── pty ── bench
//
//	go -C e2e run ./bench [flags]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/program"
)

// choices are the flags.
type choices struct {
	runs                      int
	window, soak              time.Duration
	sizes, links, programs    string
	out, report, page, fathom string
	guards                    bool
	profiles                  string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c choices
	flag.IntVar(&c.runs, "runs", 5, "how often each program runs at each size over each link")
	flag.DurationVar(&c.window, "window", 20*time.Second, "how long CPU and bytes are measured")
	flag.DurationVar(&c.soak, "soak", 0, "how long fathom stays open under churn at S2 or the first size there is; 0 is not at all")
	flag.StringVar(&c.sizes, "sizes", "S1,S2,S3", "sizes of the cluster")
	flag.StringVar(&c.links, "links", "LAN,WAN,THIN", "networks between the program and the cluster")
	flag.StringVar(&c.programs, "programs", "fathom,k9s,kubectl", "programs, by their descriptions")
	flag.StringVar(&c.fathom, "fathom", "", "path of fathom's binary; empty builds it")
	flag.StringVar(&c.out, "o", "bench-results", "folder for results.json and performance.md")
	flag.StringVar(&c.report, "report", "", "write the page from a results.json and measure nothing")
	flag.StringVar(&c.page, "page", "", "where the page is written; empty is the folder of the results")
	flag.BoolVar(&c.guards, "guards", true, "check that what is shown is true")
	flag.StringVar(&c.profiles, "profile", "", "folder for profiles of fathom's memory and CPU at each size; nothing else is measured")
	flag.Parse()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errNotHeld = errors.New("a guard does not hold or a run did not come to its end; the page says which")

func run(ctx context.Context, c choices) error {
	if c.report != "" {
		results, err := loadResults(c.report)
		if err != nil {
			return err
		}
		return c.writePage(results, filepath.Dir(c.report))
	}
	programs, missing, remove, err := c.loadPrograms(ctx)
	if err != nil {
		return err
	}
	defer remove()
	results := &Results{
		Machine: thisMachine(), Began: time.Now(), Runs: c.runs, Window: c.window,
		Links: strings.Split(c.links, ","), Missing: missing,
	}
	b := &bench{window: c.window, results: results}
	for _, program := range programs {
		results.Programs = append(results.Programs, Tested{program.Name, version(ctx, program)})
		if err := b.command(ctx, program); err != nil {
			results.Failures = append(results.Failures, err.Error())
		}
	}
	for size := range strings.SplitSeq(c.sizes, ",") {
		if c.profiles != "" {
			if err := c.profileAt(ctx, b, size, programs[0]); err != nil {
				return err
			}
			continue
		}
		if err := c.measure(ctx, b, size, programs); err != nil {
			return err
		}
	}
	if results.failed() {
		return errNotHeld
	}
	return nil
}

// loadPrograms finds the programs; fathom is built from this tree unless its path was given.
func (c choices) loadPrograms(ctx context.Context) (found []*Program, missing []string, remove func(), err error) {
	remove = func() {}
	names := strings.Split(c.programs, ",")
	path := c.fathom
	if path == "" {
		folder, err := os.MkdirTemp("", "fathom-bench-")
		if err != nil {
			return nil, nil, remove, err
		}
		remove = func() { _ = os.RemoveAll(folder) }
		path = filepath.Join(folder, "fathom")
		if err := program.Build(ctx, path); err != nil {
			return nil, nil, remove, fmt.Errorf("build fathom: %w", err)
		}
	}
	found, missing, err = loadPrograms(names, map[string]string{"fathom": path})
	return found, missing, remove, err
}

func version(ctx context.Context, program *Program) string {
	command := exec.CommandContext(ctx, program.path, program.Version...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	text, err := command.Output()
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// measure does all that is to be done at one size. The results are saved after each run, so that a run which is
// interrupted has measured something.
func (c choices) measure(ctx context.Context, b *bench, size string, programs []*Program) error {
	fmt.Fprintf(os.Stderr, "%s: preparing the cluster\n", size)
	remove, err := b.open(ctx, size)
	if err != nil {
		return err
	}
	defer remove()
	for run := range c.runs {
		for _, name := range b.results.Links {
			profile, err := link.Named(name)
			if err != nil {
				return err
			}
			for _, program := range programs {
				began := time.Now()
				if err := b.run(ctx, program, profile); err != nil {
					b.results.Failures = append(b.results.Failures, fmt.Sprintf("%s at %s over %s: %v", program.Name, size, name, err))
					fmt.Fprintln(os.Stderr, err)
				}
				fmt.Fprintf(os.Stderr, "%s %s %s, run %d of %d: %s\n", size, name, program.Name, run+1, c.runs, time.Since(began).Round(time.Second))
				if err := c.save(b.results); err != nil {
					return err
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
		}
	}
	if c.soak > 0 && size == c.soakSize() {
		if err := b.soak(ctx, programs[0], c.soak); err != nil {
			return err
		}
	}
	if c.guards {
		for _, program := range programs {
			if err := b.guards(ctx, program); err != nil {
				b.results.Failures = append(b.results.Failures, fmt.Sprintf("guards of %s at %s: %v", program.Name, size, err))
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}
	return c.save(b.results)
}

// profileAt records the profiles at one size.
func (c choices) profileAt(ctx context.Context, b *bench, size string, program *Program) error {
	remove, err := b.open(ctx, size)
	if err != nil {
		return err
	}
	defer remove()
	return b.profile(ctx, program, c.profiles)
}

// open makes the cluster of a size. The function that it returns removes it.
func (b *bench) open(ctx context.Context, name string) (remove func(), err error) {
	size, err := fixture.Named(name)
	if err != nil {
		return nil, err
	}
	if b.rig, err = fixture.Up(ctx, size, os.Stderr); err != nil {
		return nil, err
	}
	b.size, b.pods, b.nodes = size.Name, size.Pods, size.Nodes
	b.results.Sizes = append(b.results.Sizes, SizeResult{size.Name, size.Pods, size.Nodes})
	return func() {
		if err := b.rig.Down(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}, nil
}

// soakSize is where the soak is done.
func (c choices) soakSize() string {
	sizes := strings.Split(c.sizes, ",")
	for _, size := range sizes {
		if size == "S2" {
			return size
		}
	}
	return sizes[0]
}

func (c choices) save(results *Results) error {
	if err := os.MkdirAll(c.out, 0o755); err != nil {
		return err
	}
	if err := results.save(filepath.Join(c.out, "results.json")); err != nil {
		return err
	}
	return c.writePage(results, c.out)
}

func (c choices) writePage(results *Results, folder string) error {
	path := c.page
	if path == "" {
		path = filepath.Join(folder, "performance.md")
	}
	return os.WriteFile(path, []byte(markdown(results)), 0o644)
}
