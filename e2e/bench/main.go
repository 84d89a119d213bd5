// Command bench measures terminal programs on clusters of different sizes and writes what it found
// as JSON and Markdown.
//
//	fixture ──> API server <── link (counts, slows, cuts) <── program <── pty ── bench
//
//	go -C e2e run ./bench [flags]
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/program"
)

// choices are the flags.
type choices struct {
	runs                      int
	window, soak              time.Duration
	late, lateFar, limit      time.Duration
	sizes, links, programs    string
	out, report, page, fathom string
	parts, profiles, cluster  string
	paths                     map[string]string
}

func main() {
	// A second signal changes nothing: first, everything that was started on this
	// machine is removed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go endWithGo(ctx, cancel)
	c := choices{paths: map[string]string{}}
	flag.IntVar(&c.runs, "runs", 5, "how often everything is measured, but for guards and -soak")
	flag.DurationVar(
		&c.limit,
		"limit",
		5*time.Minute,
		"how long one part may take of one program, but for starts and -soak",
	)
	flag.DurationVar(&c.late, "late", 2*time.Minute, "how long one start may take")
	flag.DurationVar(&c.lateFar, "late-far", 45*time.Second, "the same over a link that is slower than LAN")
	flag.DurationVar(&c.window, "window", 4*time.Second, "how long CPU and bytes are measured")
	flag.DurationVar(
		&c.soak,
		"soak",
		0,
		"how long fathom stays open under churn at S2 or the first size there is; 0 is not at all",
	)
	flag.StringVar(&c.sizes, "sizes", "S1,S2,S3", "sizes of the cluster")
	flag.StringVar(&c.links, "links", "LAN,WAN,THIN", "networks between the program and the cluster")
	flag.StringVar(&c.programs, "programs", "fathom,kubectl,k9s", "programs, by their descriptions")
	flag.StringVar(&c.parts, "parts", allParts, "what is measured")
	flag.StringVar(&c.fathom, "fathom", "", "path of fathom's binary; empty builds it")
	flag.Func("path", "NAME=PATH of a program that is not in PATH; may be given again", func(text string) error {
		name, path, found := strings.Cut(text, "=")
		if !found {
			return errors.New("give NAME=PATH")
		}
		c.paths[name] = path
		return nil
	})
	flag.StringVar(&c.cluster, "cluster", "bench", "name of the cluster that is made; two of one name cannot run at once")
	flag.StringVar(&c.out, "o", "bench-results", "folder for results.json and performance.md")
	flag.StringVar(
		&c.report,
		"report",
		"",
		"write the page from results that are there, given by comma, and measure nothing",
	)
	flag.StringVar(&c.page, "page", "", "where the page is written; empty is the folder of the results")
	flag.StringVar(
		&c.profiles,
		"profile",
		"",
		"folder for profiles of fathom's memory and CPU at each size; nothing else is measured",
	)
	flag.Parse()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errNotHeld = errors.New("a guard does not hold or a run did not come to its end; the page says which")

func run(ctx context.Context, c choices) error {
	if c.report != "" {
		results, err := loadAll(c.report)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(c.report, ",")
		return c.writePage(results, filepath.Dir(first))
	}
	programs, missing, remove, err := c.loadPrograms(ctx)
	if err != nil {
		return err
	}
	defer remove()
	results := &Results{
		Machine: thisMachine(),
		Began:   time.Now(),
		Window:  c.window,
		Links:   strings.Split(c.links, ","),
		Missing: missing,
	}
	if results.Fault, err = faultTime(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	b := &bench{cluster: c.cluster, window: c.window, limit: c.late, results: results}
	// If the results cannot be written, say so before measuring.
	if err := c.save(results); err != nil {
		return err
	}
	if programs, err = c.commands(ctx, b, programs); err != nil {
		return err
	}
	for size := range strings.SplitSeq(c.sizes, ",") {
		if c.profiles != "" {
			err = c.profileAt(ctx, b, size, programs[0])
		} else {
			err = c.measure(ctx, b, size, programs)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w; what was measured until then is in %s", context.Cause(ctx), c.out)
		}
		if err != nil {
			// Another size may go well.
			b.failed(&Program{Name: subject}, "the cluster", err)
		}
	}
	if err := c.save(results); err != nil {
		return err
	}
	b.say("done after %s", time.Since(results.Began).Round(time.Second))
	if results.failed() {
		return errNotHeld
	}
	return nil
}

// commands reports which binaries there are and measures them as commands. One that
// does not even print its version is left out.
func (c choices) commands(ctx context.Context, b *bench, programs []*Program) (working []*Program, err error) {
	for _, program := range programs {
		tested, err := examine(ctx, program)
		if err != nil && program.Name == subject {
			return nil, err
		}
		if err != nil {
			b.failed(program, partCommand, err)
			continue
		}
		working = append(working, program)
		b.results.Programs = append(b.results.Programs, tested)
		if !c.does(partCommand) || c.profiles != "" {
			continue
		}
		if err := b.command(ctx, program); err != nil {
			b.failed(program, partCommand, err)
		}
		b.say("%s: --version was measured", program.Name)
	}
	if len(working) == 0 {
		return nil, errors.New("no program can be measured")
	}
	return working, nil
}

// loadPrograms finds the programs; fathom is built from this tree unless its path was given.
func (c choices) loadPrograms(ctx context.Context) (found []*Program, missing []string, remove func(), err error) {
	remove = func() {}
	for part := range strings.SplitSeq(c.parts, ",") {
		if !slices.Contains(strings.Split(allParts, ","), part) {
			return nil, nil, remove, fmt.Errorf("part %q: give some of %s", part, allParts)
		}
	}
	if c.fathom != "" {
		c.paths[subject] = c.fathom
	}
	names := strings.Split(c.programs, ",")
	if c.paths[subject] == "" && slices.Contains(names, subject) {
		folder, err := os.MkdirTemp("", "fathom-bench-")
		if err != nil {
			return nil, nil, remove, err
		}
		remove = func() { _ = os.RemoveAll(folder) }
		c.paths[subject] = filepath.Join(folder, subject)
		if err := program.Build(ctx, c.paths[subject]); err != nil {
			return nil, nil, remove, fmt.Errorf("build fathom: %w", err)
		}
	}
	for name, path := range c.paths { // Each program starts in a folder of its own.
		if c.paths[name], err = filepath.Abs(path); err != nil {
			return nil, nil, remove, err
		}
	}
	found, missing, err = loadPrograms(names, c.paths)
	return found, missing, remove, err
}

// examine identifies a binary.
func examine(ctx context.Context, program *Program) (Tested, error) {
	binary, err := os.ReadFile(program.path)
	if err != nil {
		return Tested{}, err
	}
	command := exec.CommandContext(ctx, program.path, program.Version...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	text, err := command.Output()
	if err != nil {
		return Tested{}, fmt.Errorf("%s %v: %w", program.Name, program.Version, err)
	}
	return Tested{program.Name, strings.Join(strings.Fields(string(text)), " "), fmt.Sprintf("%x",
		sha256.Sum256(binary))}, nil
}

// profileAt records the profiles at one size.
func (c choices) profileAt(ctx context.Context, b *bench, size string, program *Program) error {
	remove, err := b.open(ctx, size)
	if err != nil {
		return err
	}
	defer remove()
	return b.profile(ctx, program, c.profiles, c.does)
}

// open makes the cluster of a size. The function that it returns removes it.
func (b *bench) open(ctx context.Context, name string) (remove func(), err error) {
	size, err := fixture.Named(name)
	if err != nil {
		return nil, err
	}
	b.size, b.pods, b.nodes = size.Name, size.Pods, size.Nodes
	if b.rig, err = fixture.Up(ctx, b.cluster, size, os.Stderr); err != nil {
		return nil, err
	}
	b.results.Sizes = append(b.results.Sizes, SizeResult{size.Name, size.Pods, size.Nodes})
	slices.SortFunc(b.results.Sizes, func(a, b SizeResult) int { return cmp.Compare(a.Pods, b.Pods) })
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

// save writes the results so far. Profiles are written where they are made.
func (c choices) save(results *Results) error {
	if c.profiles != "" {
		return nil
	}
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
	notes, err := loadNotes(notesText)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(markdown(results, notes)), 0o644)
}
