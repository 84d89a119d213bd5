package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/cmd/fathom/version"
	"github.com/fathom-k8s/fathom/kube"
)

// plainEvery is how often progress is told where lines cannot be drawn over.
const plainEvery = 10 * time.Second

// recordCommand is `fathom record`.
func recordCommand() *cobra.Command {
	flags := genericclioptions.NewConfigFlags(true)
	// Recording takes several namespaces, so it has a flag of its own.
	flags.Namespace = nil
	var o kube.RecordOptions
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
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return record(cmd.Context(), flags, o, cmd.ErrOrStderr()) },
	}
	f := cmd.Flags()
	flags.AddFlags(f)
	f.StringVarP(&o.Out, "output", "o", "", "the file to write; it must not exist")
	f.StringSliceVarP(&o.Namespaces, "namespace", "n", nil, "record this namespace only, and what has none; may be given again")
	f.StringSliceVar(&o.Kinds, "kinds", nil, "record these kinds only, such as pods,deployments.apps,events")
	f.StringVar(&o.Logs, "logs", kube.LogsFailing, "logs of containers that are failing, of all, or none")
	f.DurationVar(&o.For, "for", 0, "end after this time, such as 30m; 0 ends with ctrl-c")
	if err := errors.Join(cmd.MarkFlagFilename("output", "tape"),
		cmd.RegisterFlagCompletionFunc("namespace", cobra.NoFileCompletions),
		cmd.RegisterFlagCompletionFunc("logs", cobra.FixedCompletions([]string{kube.LogsFailing, kube.LogsAll, kube.LogsNone}, cobra.ShellCompDirectiveNoFileComp))); err != nil {
		panic(err)
	}
	return cmd
}

func record(ctx context.Context, flags *genericclioptions.ConfigFlags, o kube.RecordOptions, out io.Writer) error {
	switch {
	case o.Out == "":
		return fmt.Errorf("%w: -o names the file to write; see --help", errUsage)
	case o.For < 0:
		return fmt.Errorf("%w: --for %v lies in the past", errUsage, o.For)
	case !slices.Contains([]string{kube.LogsFailing, kube.LogsAll, kube.LogsNone}, o.Logs):
		return fmt.Errorf("%w: --logs %s: there are failing, all and none", errUsage, o.Logs)
	}
	cluster, err := kube.Open(kube.Options{Flags: flags, Context: *flags.Context, Messages: kube.NewMessages(), Version: version.Number})
	if err != nil {
		return err
	}
	defer cluster.Close()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	file, _ := out.(*os.File)
	t := teller{out: out, path: o.Out, drawn: file != nil && term.IsTerminal(int(file.Fd()))}
	if err := cluster.Record(ctx, o, t.tell); err != nil {
		t.end()
		return err
	}
	t.line(t.last, true)
	t.end()
	return nil
}

// teller shows the progress of a recording in one line, which is drawn over where
// that is possible.
type teller struct {
	out   io.Writer
	path  string
	drawn bool
	on    bool // a line is drawn that has no end
	last  kube.RecordProgress
	told  time.Duration
}

func (t *teller) tell(p kube.RecordProgress) {
	for _, note := range p.Notes {
		t.end()
		fmt.Fprintln(t.out, note)
	}
	first := t.last.Elapsed == 0
	complete := p.Listed == p.Resources && t.last.Listed < t.last.Resources
	t.last = p
	if t.drawn || first || complete || p.Elapsed-t.told >= plainEvery {
		t.told = p.Elapsed
		t.line(p, false)
	}
}

func (t *teller) line(p kube.RecordProgress, ended bool) {
	state := "recording " + t.path
	switch {
	case ended:
		state = "recorded " + t.path
	case p.Listed < p.Resources:
		state = fmt.Sprintf("reading %d of %d kinds", p.Listed, p.Resources)
	}
	text := fmt.Sprintf("%s  %s  %s objects  %s changes  %s", state, p.Elapsed.Truncate(time.Second), grouped(int64(p.Objects)), grouped(p.Changes), bytesText(p.Bytes))
	if p.Lines > 0 {
		text += "  " + grouped(p.Lines) + " log lines"
	}
	if !t.drawn {
		fmt.Fprintln(t.out, text)
		return
	}
	// To the first column, the text, and the rest of the line cleared.
	fmt.Fprint(t.out, "\r", text, "\x1b[K")
	t.on = true
}

// end ends the line that is drawn.
func (t *teller) end() {
	if t.on {
		fmt.Fprintln(t.out)
		t.on = false
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
