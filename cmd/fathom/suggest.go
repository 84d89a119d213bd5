package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// didYouMean suggests the kind whose name is nearest to what was typed, or says
// where all are listed.
func didYouMean(resources *kube.Resources, typed string) string {
	best, _ := views.NearestKind(resources, typed)
	if best == "" {
		return "; `fathom` and then : lists all kinds"
	}
	return "; did you mean " + best + "?"
}

// nearestFlag suggests the flag that was probably meant, or says where all are listed.
func nearestFlag(cmd *cobra.Command, typed string) string {
	best, least := "", ui.TyposMost+1
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if n := ui.Typos(typed, flag.Name); n < least && ui.Resembles(n, flag.Name) && !flag.Hidden {
			best, least = flag.Name, n
		}
	})
	if best == "" {
		return "see --help"
	}
	return "did you mean --" + best + "?"
}

// hideFlags leaves flags that cannot matter to a command out of its help. They are still
// accepted: a script may add them to every command.
func hideFlags(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		cmd.Flags().Lookup(name).Hidden = true
	}
}
