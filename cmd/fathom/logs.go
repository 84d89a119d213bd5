package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// exitIncomplete is the exit code of logs that are not all that there was.
const exitIncomplete = exitCode(3)

// The values of -o of logs.
const (
	outputText = "text"
	outputRaw  = "raw"
)

// A line of a log that has ended waits as long as it takes for older ones of logs that are
// still being read. One that is followed waits longer than on a screen, which puts a late
// line where it belongs: what is printed stays where it is.
const (
	wholeWindow   = time.Minute
	followWindow  = 500 * time.Millisecond
	followBehind  = 3 * time.Second // for a log whose lines come late all the same
	followOpening = 2 * time.Second
)

// logsFlags are the flags of `fathom logs`.
type logsFlags struct {
	container string
	selector  string
	output    string
	level     string
	grep      string
	sinceTime string
	times     bool
	options   kube.LogOptions
}

// logsCommand is `fathom logs`.
func logsCommand() *cobra.Command {
	p := newProgram()
	var l logsFlags
	cmd := &cobra.Command{
		Use:   "logs POD | KIND/NAME | -l SELECTOR",
		Short: "Print all logs of a workload, in time order",
		Long: `logs prints what all containers of all pods of an object wrote, merged by time: of a
pod, a workload, a job, a cron job, a service or a node, or of the pods that -l
selects. With -f it goes on, over restarts and new pods. Marks among the lines say
where a container restarted and where lines may be missing; -o json and raw print
them to the standard error.

What a line says is read from JSON, logfmt, klog, access logs and common words, and
stands in -o json beside the line. --level and --grep choose lines; what belongs to a
chosen line, such as its stack trace, comes with it. It exits with:

  0  everything was read
  1  not a line could be read
  2  the command line is wrong
  3  some of it could not be read, or may be missing`,
		Example: `  fathom logs deploy/web -n shop --since 10m
  fathom logs deploy/web -n shop -f --level warn
  fathom logs -l app=web -A -o json | jq .message`,
		Args:              cobra.MaximumNArgs(2),
		SilenceUsage:      true,
		ValidArgsFunction: p.app.completeView,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) > 0) == (l.selector != "") {
				return usagef("logs: give a pod, KIND/NAME or -l SELECTOR; see --help")
			}
			if len(args) == 2 && (strings.Contains(args[1], "/") || strings.Contains(args[0], "/")) {
				return usagef("logs: %s and %s are two: name one object, or choose pods with -l", args[0], args[1])
			}
			if err := l.readSinceTime(time.Now()); err != nil {
				return err
			}
			if !slices.Contains([]string{outputText, outputJSON, outputRaw}, l.output) {
				return usagef("-o %s: valid outputs are text, json, raw", l.output)
			}
			chosen, err := newLogFilter(l)
			if err != nil {
				return err
			}
			p.app.flags.once = true
			p.print = func(ctx context.Context, s *views.Session, out console.Out) error {
				return p.printLogs(ctx, s, out, strings.Join(args, "/"), l, chosen)
			}
			return p.run(cmd, nil)
		},
	}
	f := cmd.Flags()
	p.app.flags.addConnection(cmd)
	f.BoolVarP(&p.app.flags.allNamespaces, "all-namespaces", "A", false, "with -l: of all namespaces")
	f.StringVarP(&l.selector, "selector", "l", "", "of the pods with these labels")
	f.StringVarP(&l.container, "container", "c", "", "only this container of each pod")
	f.BoolVarP(&l.options.Follow, "follow", "f", false, "go on until ctrl-c")
	f.BoolVarP(&l.options.Previous, "previous", "p", false, "of the run before")
	f.DurationVar(&l.options.Since, "since", 0, "only lines younger than this, such as 10m")
	f.StringVar(&l.sinceTime, "since-time", "", "only lines since this time, such as 2026-11-23T14:02:11Z")
	f.BoolVar(&l.times, "timestamps", false, "the time before each line, as the container runtime noted it")
	f.Bool("all-containers", true, "as kubectl has it: fathom prints all unless -c names one")
	_ = f.MarkHidden("all-containers")
	f.Int64Var(&l.options.Tail, "tail", 0, "only the last lines of each container, which --level and --grep then filter")
	f.StringVar(&l.level, "level", "", "only lines of this level or worse: debug, info, warn, error, fatal")
	f.StringVar(&l.grep, "grep", "", "only lines that match this regular expression")
	f.StringVarP(&l.output, "output", "o", outputText, "text, json or raw")
	return cmd
}

// readSinceTime makes --since of --since-time, as of now.
func (l *logsFlags) readSinceTime(now time.Time) error {
	if l.sinceTime == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, l.sinceTime)
	switch {
	case err != nil:
		return usagef("--since-time %s: write it as 2026-11-23T14:02:11Z", l.sinceTime)
	case l.options.Since != 0:
		return usagef("--since and --since-time: give one of them")
	}
	l.options.Since = max(now.Sub(at), 1)
	return nil
}

// logsView opens what the arguments name.
func (p *program) logsView(ctx context.Context, s *views.Session, what string, l logsFlags) (*views.LogsView, error) {
	o := l.options
	o.Window, o.Opening = wholeWindow, wholeWindow
	if o.Follow {
		o.Window, o.Behind, o.Opening = followWindow, followBehind, followOpening
	}
	if l.selector != "" {
		return views.LogsSelected(s, s.Namespace, l.selector, l.container, o), nil
	}
	kind, name, named := strings.Cut(what, "/")
	if !named {
		kind, name = "pods", what
	}
	if len(s.Cluster.Resources().Find(kind)) == 0 {
		if err := p.app.waitResources(ctx, s); err != nil {
			return nil, p.app.explain(s, err)
		}
	}
	found := s.Cluster.Resources().Find(kind)
	if len(found) == 0 {
		return nil, p.app.noKind(s, kind)
	}
	namespace := ""
	if found[0].Namespaced {
		if namespace = s.Namespace; namespace == "" {
			namespace = "default"
		}
	}
	return views.LogsOf(s, found[0], namespace, name, l.container, o)
}

// printLogs prints logs until they end.
func (p *program) printLogs(
	ctx context.Context, s *views.Session, out console.Out, what string, l logsFlags, chosen *logFilter,
) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	view, err := p.logsView(ctx, s, what, l)
	if err != nil {
		return err
	}
	printer := logPrinter{out: out, view: view, output: l.output, times: l.times, chosen: chosen}
	o := &onlooker{view: view, messages: make(chan ui.Msg)}
	o.watch(ctx, view.Update(ui.Shown{}))
	limit, cancel := p.onceContext(ctx)
	defer cancel()
	known, tryingAgain := limit.Done(), false
	for {
		select {
		case msg := <-o.messages:
			switch msg := msg.(type) {
			case kube.LogLines:
				if err := printer.print(msg.Lines); err != nil {
					return nil // Nobody reads any more.
				}
			case ui.Ended:
				return printer.end(msg.Err)
			default:
				o.watch(ctx, view.Update(msg))
			}
		case <-known:
			known = nil
			problem := view.Problem()
			awaited := l.options.Follow && errors.Is(problem, views.ErrNoPods)
			if problem != nil && !awaited && ctx.Err() == nil {
				return fmt.Errorf("no answer within %s: %w", onceWait, p.app.explain(s, problem))
			}
		case <-ctx.Done():
			return printer.end(nil)
		}
		problem := settledProblem(ctx, o, view)
		switch {
		case problem == nil || l.options.Follow && what == "":
		case !l.options.Follow || !passes(problem):
			return p.app.explain(s, problem)
		case !tryingAgain && known != nil:
			tryingAgain = true
			_ = console.Stderr.Linef("fathom: %s; still trying", p.app.explain(s, problem))
		}
	}
}

// settledProblem says why there will be no line, once that is sure. What a view has not
// looked at yet is not missing.
func settledProblem(ctx context.Context, o *onlooker, view *views.LogsView) error {
	before := view.Problem()
	if before == nil || !o.settled() {
		return nil
	}
	o.adopt(ctx)
	// Another one is of a listing that has changed meanwhile, whose turn comes.
	if problem := view.Problem(); problem != nil && o.settled() && problem.Error() == before.Error() {
		return problem
	}
	return nil
}

// passes reports whether an error may go away without anybody's doing, as that of a
// connection that was cut does, or of a workload whose pods are still to be made.
func passes(err error) bool {
	_, network := errors.AsType[*net.OpError](err)
	return errors.Is(err, views.ErrNoPods) || network ||
		utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err) ||
		errors.Is(err, context.DeadlineExceeded) || apierrors.IsServiceUnavailable(err) ||
		apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err)
}

// logPrinter writes lines.
type logPrinter struct {
	out    console.Out
	view   *views.LogsView
	output string
	times  bool
	chosen *logFilter
	buffer []byte
	broken bool // something could not be read
	read   bool // a line of a container was, chosen or not
}

func (l *logPrinter) print(lines []kube.LogLine) error {
	l.buffer = l.buffer[:0]
	for i := range lines {
		line := &lines[i]
		mark := line.Flags&logs.Marker != 0
		l.read = l.read || !mark
		if !mark && !l.chosen.passes(line) {
			continue
		}
		l.broken = l.broken || mark && line.Flags&logs.Incomplete != 0
		switch {
		case mark && l.output != outputText:
			namespace, pod, container := l.view.Stream(line.Stream)
			_ = console.Stderr.Linef("%s/%s %s: %s", namespace, pod, container, line.Text)
		case l.output == outputJSON:
			l.appendJSON(line)
		case l.output == outputRaw:
			l.appendTime(line)
			l.buffer = kinds.AppendWithoutSGR(l.buffer, line.Text)
		default:
			l.buffer = append(l.buffer, l.view.Prefix(line.Stream)...)
			l.appendTime(line)
			if mark {
				l.buffer = append(l.buffer, "── "...)
			}
			l.buffer = kinds.AppendWithoutSGR(l.buffer, line.Text)
		}
		if !mark || l.output == outputText {
			l.buffer = append(l.buffer, '\n')
		}
	}
	if len(l.buffer) == 0 {
		return nil
	}
	_, err := l.out.Write(l.buffer)
	return err
}

// appendTime appends the time of a line as kubectl prints it, if it was asked for.
func (l *logPrinter) appendTime(line *kube.LogLine) {
	if l.times && !line.Time.IsZero() && line.Flags&logs.Untimed == 0 {
		l.buffer = append(line.Time.UTC().AppendFormat(l.buffer, time.RFC3339Nano), ' ')
	}
}

// jsonLine is a line as -o json prints it.
type jsonLine struct {
	Time      *time.Time `json:"time,omitempty"`
	Namespace string     `json:"namespace"`
	Pod       string     `json:"pod"`
	Container string     `json:"container"`
	Line      string     `json:"line"`
	Late      bool       `json:"late,omitempty"` // younger lines were printed before
	Level     string     `json:"level,omitempty"`
	Message   string     `json:"message,omitempty"`
	Error     string     `json:"error,omitempty"`
	Caller    string     `json:"caller,omitempty"`
	// The other values that the line names.
	Fields map[string]string `json:"fields,omitempty"`
}

func (l *logPrinter) appendJSON(line *kube.LogLine) {
	out := jsonLine{Line: kinds.WithoutSGR(line.Text), Late: line.Flags&logs.Late != 0}
	e := logs.Parse(out.Line)
	out.Level, out.Message, out.Error, out.Caller = e.Level.String(), e.Message, e.Error, e.Caller
	for _, f := range e.Fields {
		if out.Fields == nil {
			out.Fields = map[string]string{}
		}
		out.Fields[f.Name] = f.Value
	}
	if !line.Time.IsZero() && line.Flags&logs.Untimed == 0 {
		out.Time = &line.Time
	}
	out.Namespace, out.Pod, out.Container = l.view.Stream(line.Stream)
	text, err := json.Marshal(out)
	if err == nil {
		l.buffer = append(l.buffer, text...)
	}
}

// end returns the exit code.
func (l *logPrinter) end(err error) error {
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case l.broken && !l.read:
		return errors.New("not a line could be read")
	case l.broken:
		return exitIncomplete
	}
	return nil
}
