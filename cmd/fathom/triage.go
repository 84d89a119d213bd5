package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/views"
)

// triageWord is the argument that asks for what is broken.
const triageWord = "triage"

// exitCode is an outcome that was said already.
type exitCode int

// Error implements error.
func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// blindly says an error and ends with exitBlind, unless it is an outcome: the code of other
// errors would say that something is failing.
func blindly(err error) error {
	if err == nil || errors.Is(err, exitFailing) {
		return err
	}
	opening.Screen.Close()
	say(err)
	return exitBlind
}

// judges reports whether what is left of the arguments is about what is broken.
func judges(args []string) bool {
	return len(args) == 1 && (args[0] == triageWord || args[0] == reportWord) || asksWhy(args)
}

// The exit codes of triage: 0 is nothing failing.
const (
	exitFailing = exitCode(1)
	exitBlind   = exitCode(2) // could not look
)

// triageCommand is `fathom triage`.
func triageCommand() *cobra.Command {
	p := newProgram()
	wait := false
	cmd := &cobra.Command{
		Use:   "triage",
		Short: "Say what is broken in a cluster, and why",
		Long: `triage looks at every namespace, or at that of -n, and says what is broken, worst
first: what fails, why in the cluster's own words, since when, and what follows from
it. On a terminal it opens the screen that stays up to date; with --once, -o json or
without a terminal it prints the findings and exits:

  0  nothing is failing in what may be read
  1  something is failing
  2  it could not look, or not at all that may be read within 30 seconds, or -A asks
     for all namespaces and they may not be listed, or a flag, the kubeconfig, the
     context or the namespace is wrong

What may not be read is named. Without -A, who may not list the pods of all namespaces
gets those of one: the context's, or default. docs/triage.md describes the JSON.`,
		Example: `  fathom triage
  fathom triage --once -n shop
  fathom triage -o json | jq '.findings[0]'`,
		Args:              takesArgs(0, 0, ""),
		SilenceUsage:      true,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f := p.app.flags
			if wait || f.output != "" || !console.Stdout.IsTerminal() {
				f.once = true
			}
			return blindly(p.run(cmd, []string{triageWord}))
		},
	}
	p.app.flags.addConnection(cmd)
	p.app.flags.addScreen(cmd)
	cmd.Flags().BoolVar(&wait, "wait", false, "print when everything has been read; what --once and -o do anyway")
	hideFlags(cmd, "containers", "no-triage", "recursive", "selector")
	p.app.completeFlags(cmd)
	return cmd
}

// triage prints what is broken and ends with the exit code for it.
func (p *program) triage(ctx context.Context, s *views.Session, out console.Out) error {
	if o := p.app.flags.output; o != "" && o != outputJSON {
		return usagef("-o %s: triage prints text or json", o)
	}
	j := p.judge(ctx, s)
	if err := p.printTriage(out, s, j); err != nil {
		return err
	}
	if j.blind == nil && j.Count(triage.Failing) > 0 {
		return exitFailing
	}
	return j.blind
}

// judgement is a verdict and what it is worth.
type judgement struct {
	*triage.Verdict
	noNamespace string // says that the one that was asked for does not exist
	blind       error  // why it is not about all that was asked for and may be read
}

// judge awaits the verdict that is asked for. One that is not about all that may be read does
// not say that it is complete.
func (p *program) judge(ctx context.Context, s *views.Session) judgement {
	namespace := *p.app.flags.kube.Namespace
	if p.app.saved != nil {
		namespace = s.Namespace
	}
	ctx, stop := p.onceContext(ctx)
	defer stop()
	v, late := awaitVerdict(ctx, s.NewTriage(namespace, s.Namespace))
	j := judgement{Verdict: v, noNamespace: s.MissingNamespace(namespace)}
	switch {
	case late != nil:
		j.blind = p.app.explain(s, late)
	case j.noNamespace != "":
		j.blind = errors.New(j.noNamespace)
	case blind(v):
		j.blind = p.app.explain(s, whyBlind(v))
	case v.Narrowed && p.app.flags.allNamespaces:
		j.blind = fmt.Errorf("the pods of all namespaces may not be listed: only %s was looked at", v.Namespace)
	}
	return j
}

// printTriage prints a judgement as text or JSON.
func (p *program) printTriage(out console.Out, s *views.Session, j judgement) error {
	if p.app.flags.output == outputJSON {
		v := *j.Verdict
		v.Complete = v.Complete && j.blind == nil
		return p.triageJSON(out, s, &v)
	}
	if err := p.asOf(out, j.At); err != nil {
		return err
	}
	if j.noNamespace != "" {
		return nil // The error says it.
	}
	return printVerdict(out, j.Verdict, j.Calm())
}

// asOf says of when what was saved is.
func (p *program) asOf(out console.Out, at time.Time) error {
	if p.app.saved == nil {
		return nil
	}
	return out.Line("as of " + at.UTC().Format(time.RFC3339))
}

// triageJSON prints a verdict as JSON.
func (p *program) triageJSON(out console.Out, s *views.Session, v *triage.Verdict) error {
	var text bytes.Buffer
	if err := v.WriteJSON(&text, s.Cluster.Name()); err != nil {
		return err
	}
	return printLines(out, p.reportOn(s, v).Masked(text.String()))
}

// printLines prints a text line by line.
func printLines(out console.Out, text string) error {
	for line := range strings.Lines(text) {
		if err := out.Line(strings.TrimRight(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// awaitVerdict returns the first verdict about everything. If that does not come before ctx ends,
// the verdict is the last one that did, about a part, and the error says so.
func awaitVerdict(ctx context.Context, t *live.Triage) (*triage.Verdict, error) {
	watch := t.Watch()
	for {
		if _, err := watch.Next(ctx); err != nil {
			return t.Verdict(), fmt.Errorf("no complete answer within %s", onceWait)
		}
		if v := t.Verdict(); v.Complete {
			return v, nil
		}
	}
}

// blind reports whether nothing that says how workloads are could be read.
func blind(v *triage.Verdict) bool {
	return !slices.ContainsFunc(v.Coverage, func(c triage.Coverage) bool {
		return c.Missing == "" && (c.Kind == kinds.Pod.Resource || c.Kind == kinds.Deployment.Resource)
	})
}

// whyBlind is why the pods could not be read.
func whyBlind(v *triage.Verdict) error {
	i := slices.IndexFunc(v.Coverage, func(c triage.Coverage) bool { return c.Kind == kinds.Pod.Resource })
	if i < 0 {
		return errors.New("nothing could be read")
	}
	return errors.New(kinds.Pod.Resource + ": " + v.Coverage[i].Missing)
}

// printVerdict prints a line for each finding, or calm where there is none.
func printVerdict(out console.Out, v *triage.Verdict, calm string) error {
	var errs []error
	for _, f := range v.Findings {
		since := "since when is not known"
		if !f.Since.IsZero() {
			since = kinds.CoarseAge(v.At.Sub(f.Since))
			if f.AtLeast {
				since = "at least " + since
			}
			if f.Settling {
				since += ", may still settle"
			}
		}
		errs = append(errs, out.Line(fmt.Sprintf("%-8s  %s  %s  (%s)", f.Severity, f.Object, f.ReasonAt(v.At), since)))
		for _, s := range f.Folded {
			on := "it"
			if s.Under != f.Object {
				on = s.Under.String()
			}
			errs = append(errs, out.Line(fmt.Sprintf("            %s %s %s: %s", s.Object, s.Why, on, s.Reason)))
		}
	}
	if len(v.Findings) == 0 {
		errs = append(errs, out.Line(calm))
	}
	for _, gap := range v.NotJudged() {
		errs = append(errs, out.Line("not judged: "+gap))
	}
	return errors.Join(errs...)
}
