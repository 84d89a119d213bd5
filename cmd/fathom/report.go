package main

import (
	"bytes"
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/views"
)

// reportWord is the argument that asks for the incident as a document.
const reportWord = "report"

// reportCommand is `fathom report`.
func reportCommand() *cobra.Command {
	p := newProgram()
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write down what is broken, for whoever takes over",
		Long: `report prints as Markdown what triage finds: what is broken and since when, how it
comes to that, the evidence, what changed before, and what follows from it. -o json
prints what fathom triage -o json prints. No value of a Secret is ever in it; --mask
replaces the names of objects, namespaces, images and the cluster, each by the same
word everywhere.

It exits with 0 when it has written what there is to say, failing or not, and with 2
when it could not look, as triage does; with -o json, with triage's codes.`,
		Example: `  fathom report > incident.md
  fathom report -n shop --mask`,
		Args:              takesArgs(0, 0, ""),
		SilenceUsage:      true,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p.app.flags.once = true
			return blindly(p.run(cmd, []string{reportWord}))
		},
	}
	p.app.flags.addConnection(cmd)
	p.app.flags.addScreen(cmd)
	cmd.Flags().BoolVar(&p.app.flags.mask, "mask", false, "replace names")
	hideFlags(cmd, "ascii", "containers", "no-triage", "once", "recursive", "selector", "theme")
	p.app.completeFlags(cmd)
	return cmd
}

// report prints what is broken as a document.
func (p *program) report(ctx context.Context, s *views.Session, out console.Out) error {
	j := p.judge(ctx, s)
	r := p.reportOn(s, j.Verdict)
	r.NoNamespace = j.noNamespace != ""
	var text bytes.Buffer
	if err := r.WriteMarkdown(&text); err != nil {
		return err
	}
	return cmp.Or(printLines(out, text.String()), j.blind)
}

// reportOn is the report on a verdict.
func (p *program) reportOn(s *views.Session, v *triage.Verdict) *triage.Report {
	return &triage.Report{Cluster: strings.TrimSpace(s.Cluster.Name() + " " + s.Cluster.Version()), Verdict: v,
		Mask: p.app.flags.mask}
}
