package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/recorder"
)

// plainEvery is how often progress is printed where a line cannot be overwritten.
const plainEvery = 10 * time.Second

// recordCommand is `fathom record`.
func recordCommand() *cobra.Command {
	a := newApp()
	// Recording takes several namespaces, so it has a flag of its own.
	a.flags.kube.Namespace = nil
	var o recorder.Options
	cmd := &cobra.Command{
		Use:   "record -o FILE",
		Short: "Record a cluster into a file that opens like a cluster",
		Long: `record writes what the cluster is, and what changes in it, into a new file that
` + "`fathom open`" + ` plays: objects, Kubernetes Events, and logs of the pods that fail. It
only reads from the cluster. Values of Secrets are never written; their keys and
sizes are. It ends with ctrl-c, or after --for; the file can be opened at any time.`,
		Example: `  fathom record -o incident.tape
  fathom record -o shop.tape -n shop -n payments --for 30m
  fathom record -o nodes.tape --kinds nodes,pods,events --logs none`,
		Args:              takesArgs(0, 0, ""),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return record(cmd.Context(), a, o, console.New(cmd.ErrOrStderr()))
		},
	}
	f := cmd.Flags()
	a.flags.kube.AddFlags(f)
	addKuberc(cmd, &a.flags.kuberc)
	f.StringVarP(&o.Out, "output", "o", "", "the file to write; it must not exist")
	f.StringSliceVarP(&o.Namespaces, "namespace", "n", nil, "only this namespace, plus cluster-scoped objects; repeatable")
	f.StringSliceVar(&o.Kinds, "kinds", nil, "record these kinds only, such as pods,deployments.apps,events")
	f.StringVar(&o.Logs, "logs", recorder.LogsFailing, "logs of containers that are failing, of all, or none")
	f.DurationVar(&o.For, "for", 0, "end after this time, such as 30m; 0 ends with ctrl-c")
	if err := errors.Join(cmd.MarkFlagFilename("output", "tape"),
		cmd.RegisterFlagCompletionFunc("context", a.completeContexts),
		cmd.RegisterFlagCompletionFunc("namespace", a.completeNamespaces),
		cmd.RegisterFlagCompletionFunc("kinds", a.completeView),
		cmd.RegisterFlagCompletionFunc("logs", cobra.FixedCompletions(recordedLogs, noFiles))); err != nil {
		panic(err)
	}
	return cmd
}

// recordedLogs are the values of --logs.
var recordedLogs = []string{recorder.LogsFailing, recorder.LogsAll, recorder.LogsNone}

func record(ctx context.Context, a *app, o recorder.Options, out console.Out) error {
	switch {
	case o.Out == "":
		return usagef("-o names the file to write; see --help")
	case o.For < 0:
		return usagef("--for %v: give a time to come, such as 30m", o.For)
	case !slices.Contains(recordedLogs, o.Logs):
		return usagef("--logs %s: valid values are %s", o.Logs, strings.Join(recordedLogs, ", "))
	}
	if err := a.readKuberc(); err != nil {
		return err
	}
	a.pluginWords = &out
	restore, err := kube.CaptureStderr(a.messages)
	if err != nil {
		return err
	}
	defer restore()
	done := a.awaitKubeconfig()
	defer a.release()
	if err := a.holdKubeconfig(); err != nil {
		done()
		return err
	}
	cluster, err := a.openContext(a.first(), nil)
	done()
	if err != nil {
		return err
	}
	defer cluster.Close()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	t := progressPrinter{out: out, path: o.Out, drawn: out.IsTerminal()}
	if err := recorder.Record(ctx, cluster, o, t.show); err != nil {
		t.endLine()
		return err
	}
	t.printLine(t.last, true)
	t.endLine()
	return nil
}

// progressPrinter shows the progress of a recording in one line, which is overwritten
// where that is possible.
type progressPrinter struct {
	out   console.Out
	path  string
	drawn bool
	open  bool // a line is drawn that has not ended
	last  recorder.Progress
	shown time.Duration
}

func (t *progressPrinter) show(p recorder.Progress) {
	for _, note := range p.Notes {
		t.endLine()
		_ = t.out.Line(note)
	}
	first := t.last.Elapsed == 0
	complete := p.Listed == p.Resources && t.last.Listed < t.last.Resources
	t.last = p
	if t.drawn || first || complete || p.Elapsed-t.shown >= plainEvery {
		t.shown = p.Elapsed
		t.printLine(p, false)
	}
}

func (t *progressPrinter) printLine(p recorder.Progress, ended bool) {
	state := "recording " + t.path
	switch {
	case ended:
		state = "recorded " + t.path
	case p.Listed < p.Resources:
		state = fmt.Sprintf("reading %d of %d kinds", p.Listed, p.Resources)
	}
	text := fmt.Sprintf("%s  %s  %s objects  %s changes  %s", state, p.Elapsed.Truncate(time.Second),
		grouped(int64(p.Objects)), grouped(p.Changes), bytesText(p.Bytes))
	if p.Lines > 0 {
		text += "  " + grouped(p.Lines) + " log lines"
	}
	if !t.drawn {
		_ = t.out.Line(text)
		return
	}
	t.out.Redraw(text)
	t.open = true
}

// endLine ends the line that is drawn.
func (t *progressPrinter) endLine() {
	if t.open {
		_ = t.out.Line("")
		t.open = false
	}
}

// grouped writes a number with commas: 12,345.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	var out strings.Builder
	for i, digit := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	return out.String()
}

// bytesText writes a size with one unit.
func bytesText(n int64) string {
	switch {
	case n < 10<<10:
		return fmt.Sprintf("%d B", n)
	case n < 10<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
