package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// Words that may be the first argument, in place of a kind. A kind with such a name is
// found with its group: trees.example.com.
const (
	treeWord    = "tree"    // the tree of the object that follows
	topWord     = "top"     // what pods or nodes use, as kubectl's command
	explainWord = "explain" // the fields of a kind, as kubectl's command
	apiWord     = "api"     // what the API server serves
	atlasWord   = "atlas"   // the cluster as its architecture
	whyWord     = "why"     // why the object that follows is as it is
	// The containers of the namespace's pods, which the API has no kind for.
	containersWord = "containers"
)

var words = []string{apiWord, atlasWord, containersWord, explainWord, topWord, treeWord, whyWord}

// takesView refuses more or fewer arguments than name a view, after as many as a command
// takes of its own: one more where the first is a word that takes a view or a kind.
func takesView(own int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		word := ""
		if len(args) > own {
			word = args[own]
		}
		switch word {
		case treeWord, whyWord:
			return takesArgs(own+2, own+3, word+", then an object: deployment/web")(cmd, args)
		case explainWord:
			return takesArgs(own+2, own+2, "explain, then a kind or a field: deployment.spec.replicas")(cmd, args)
		case topWord:
			return takesArgs(own+1, own+2, "top, then pods or nodes")(cmd, args)
		case apiWord, atlasWord, containersWord:
			return takesArgs(own+1, own+1, word+" alone")(cmd, args)
		}
		return takesArgs(own, own+2, what)(cmd, args)
	}
}

// wordView is the view that a word and what follows it name.
func (a *app) wordView(ctx context.Context, s *views.Session, args []string) (ui.View, error) {
	switch {
	case a.flags.objects() && args[0] != treeWord && args[0] != topWord:
		return nil, usagef("-o %s prints objects, and %s shows none; omit it", a.flags.output, args[0])
	case a.flags.once && args[0] == atlasWord:
		return nil, usagef("atlas is a live page; omit --once")
	}
	switch args[0] {
	case treeWord:
		return a.tabView(ctx, s, args, views.ShowTree)
	case whyWord:
		return a.tabView(ctx, s, args, views.ShowWhy)
	case topWord:
		return a.topView(ctx, s, args[1:])
	case explainWord:
		return a.explainView(ctx, s, args[1])
	case apiWord:
		return a.apiView(ctx, s)
	}
	return views.Named(s, args[0]), nil
}

// isWord reports whether the arguments begin with one of the words.
func isWord(args []string) bool { return len(args) > 0 && slices.Contains(words, args[0]) }

// tabView is the object behind a word, at the tab that the word is for.
func (a *app) tabView(
	ctx context.Context, s *views.Session, args []string, show func(ui.View) error,
) (ui.View, error) {
	if !strings.Contains(strings.Join(args[1:], "/"), "/") {
		if a.waitResources(ctx, s) == nil && len(s.Cluster.Resources().Find(args[1])) == 0 {
			return nil, usagef("%s %s: no kind is called that: write KIND/NAME, such as %[1]s deployment/%[2]s",
				args[0], args[1])
		}
		return nil, usagef("%s %s: name one object: %[1]s %[2]s/NAME", args[0], args[1])
	}
	view, err := a.kindView(ctx, s, args[1:])
	if err != nil {
		return nil, err
	}
	return view, show(view)
}

// topView is what pods or nodes use, the largest first; printed, it is what kubectl top
// prints.
func (a *app) topView(ctx context.Context, s *views.Session, args []string) (ui.View, error) {
	what := strings.Join(args, "")
	if what != "" && views.TopKind(what) == "" {
		return nil, usagef("top %s: give pods or nodes", what)
	}
	if err := a.waitResources(ctx, s); err != nil && a.flags.once {
		return nil, a.explain(s, err)
	}
	if !a.flags.once {
		return views.Top(s, what), nil
	}
	view, err := views.PrintedTop(s, what, a.flags.containers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.whichCluster(s), err)
	}
	return view, nil
}

// explainView is the fields of a kind from the one that is named on; printed, it is what
// kubectl explain prints.
func (a *app) explainView(ctx context.Context, s *views.Session, what string) (ui.View, error) {
	r, path, found := views.FindField(s, what)
	if !found {
		if err := a.waitResources(ctx, s); err != nil {
			return nil, a.explain(s, err)
		}
		if r, path, found = views.FindField(s, what); !found {
			kind, _, _ := strings.Cut(what, ".")
			return nil, a.noKind(s, kind)
		}
	}
	if a.flags.once {
		return views.PrintedExplain(s, r, path, a.flags.recursive), nil
	}
	return views.Explain(s, r, path), nil
}

// apiView is what the API server serves; printed, it is what kubectl api-resources
// prints.
func (a *app) apiView(ctx context.Context, s *views.Session) (ui.View, error) {
	if !a.flags.once {
		return views.Named(s, apiWord), nil
	}
	if err := a.waitResources(ctx, s); err != nil {
		return nil, a.explain(s, err)
	}
	return views.PrintedAPI(s), nil
}

// waitResources waits until the cluster has said what kinds it has, within the time that
// this may take.
func (a *app) waitResources(ctx context.Context, s *views.Session) error {
	wait, stop := context.WithTimeout(ctx, discoveryWait)
	defer stop()
	return s.Cluster.WaitResources(wait)
}

// noKind returns the error for a kind that the cluster does not serve, with the one that
// was probably meant.
func (a *app) noKind(s *views.Session, kind string) error {
	if strings.Contains(kind, ",") {
		if a.flags.once {
			return usagef("%s: --once prints the tables of several kinds, not one object of them; name one kind", kind)
		}
		return usagef("%s: a screen shows one kind; --once prints several", kind)
	}
	return usagef("%s has no kind %q%s", a.whichCluster(s), kind, didYouMean(s.Cluster.Resources(), kind))
}
