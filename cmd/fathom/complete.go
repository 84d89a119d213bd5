package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/cmd/fathom/saved"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
)

// completionWait is how long a shell may wait for what only the cluster knows.
const completionWait = 2 * time.Second

const noFiles = cobra.ShellCompDirectiveNoFileComp

// completeFlags registers what is offered for the values of flags.
func (a *app) completeFlags(cmd *cobra.Command) {
	for name, complete := range map[string]cobra.CompletionFunc{
		"context":      a.completeContexts,
		"namespace":    a.completeNamespaces,
		"theme":        cobra.FixedCompletions(themes.Names(), noFiles),
		"output":       cobra.FixedCompletions(outputs, noFiles),
		"at":           cobra.FixedCompletions([]string{"start", "end"}, noFiles),
		"debug-listen": cobra.NoFileCompletions,
	} {
		if cmd.Flags().Lookup(name) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err)
		}
	}
}

func (a *app) completeContexts(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	all, _, _ := kube.Contexts(a.flags.kube)
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return beginning(names, start), noFiles
}

// completeView offers what a view is named by.
func (a *app) completeView(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if isWord(args) {
		return a.completeWord(cmd, args[0], args[1:], start)
	}
	offered := words
	if !cmd.HasParent() { // It offers its commands by itself.
		offered = slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == whyWord })
	}
	return a.completeObject(cmd, args, start, offered...)
}

// completeObject offers the kinds and some words, and after a kind the names of its
// objects.
func (a *app) completeObject(
	cmd *cobra.Command, args []string, start string, words ...string,
) ([]string, cobra.ShellCompDirective) {
	return a.complete(cmd, func(ctx context.Context, c *kube.Cluster) []string {
		kind, name, slash := strings.Cut(start, "/")
		switch {
		case len(args) == 0 && slash:
			return prefixed(kind+"/", beginning(a.names(ctx, c, kind), name))
		case len(args) == 0:
			return beginning(append(slices.Clone(words), kindNames(ctx, c)...), start)
		case len(args) == 1 && !strings.Contains(args[0], "/"):
			return beginning(a.names(ctx, c, args[0]), start)
		}
		return nil
	})
}

// completeWord offers what may follow a word: an object behind tree and why, a kind or a field
// behind explain.
func (a *app) completeWord(
	cmd *cobra.Command, word string, args []string, start string,
) ([]string, cobra.ShellCompDirective) {
	switch {
	case word == treeWord, word == whyWord:
		return a.completeObject(cmd, args, start)
	case word == topWord && len(args) == 0:
		return beginning([]string{"nodes", "pods"}, start), noFiles
	case word == explainWord && len(args) == 0:
		return a.complete(cmd, func(ctx context.Context, c *kube.Cluster) []string { return fieldNames(ctx, c, start) })
	}
	return nil, noFiles
}

// fieldNames are the kinds, or behind one and a dot the paths of its fields as deep as
// what has been typed.
func fieldNames(ctx context.Context, c *kube.Cluster, start string) []string {
	kind, path, dot := strings.Cut(start, ".")
	if !dot {
		return beginning(kindNames(ctx, c), start)
	}
	found := c.Resources().Find(kind)
	if len(found) == 0 {
		return nil
	}
	msg, err := c.Explain(found[0]).Next(ctx)
	answer, ok := msg.(kube.Explained)
	if err != nil || !ok || answer.Schema == nil {
		return nil
	}
	var names []string
	for _, f := range answer.Schema.Fields {
		if f.Depth == strings.Count(path, ".") && strings.HasPrefix(f.Path, path) {
			names = append(names, kind+"."+f.Path)
		}
	}
	return names
}

// completeSaved offers files, and after one what is in it.
func (a *app) completeSaved(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	if done := a.openForCompletion(cmd, args[0]); done != nil {
		defer done()
		return a.completeView(cmd, args[1:], start)
	}
	return nil, noFiles
}

func (a *app) completeNamespaces(cmd *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if cmd.Name() == "open" && len(args) > 0 {
		if done := a.openForCompletion(cmd, args[0]); done != nil {
			defer done()
		}
	}
	if a.saved != nil && a.saved.Namespaces != nil {
		return beginning(a.saved.Namespaces, start), noFiles
	}
	return a.complete(cmd, func(ctx context.Context, c *kube.Cluster) []string {
		gvr := schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
		return beginning(listNames(ctx, c.Listing(kube.Scope{GroupVersionResource: gvr})), start)
	})
}

// openForCompletion opens what was saved; nil means that it cannot be read, or
// not in the time that a shell waits.
func (a *app) openForCompletion(cmd *cobra.Command, path string) (done func()) {
	if path == "-" {
		return nil
	}
	ctx, stop := context.WithTimeout(cmd.Context(), completionWait)
	defer stop()
	opened, err := saved.Open(ctx, path, saved.Options{Paused: true})
	if err != nil {
		return nil
	}
	if err := a.useSaved(opened); err != nil {
		opened.Close()
		return nil
	}
	return opened.Close
}

// complete asks a cluster for candidates. Nobody wants to see an error while typing a
// line.
func (a *app) complete(
	cmd *cobra.Command, ask func(context.Context, *kube.Cluster) []string,
) ([]string, cobra.ShellCompDirective) {
	restore, err := kube.CaptureStderr(a.messages)
	if err != nil {
		return nil, noFiles
	}
	defer restore()
	if a.readKuberc() != nil {
		return nil, noFiles
	}
	if cmd.Name() == "demo" {
		if a.useDemo(true) != nil {
			return nil, noFiles
		}
		defer a.saved.Close()
	}
	cluster, err := a.cluster(a.first(), nil)
	if err != nil {
		return nil, noFiles
	}
	defer cluster.Close()
	ctx, stop := context.WithTimeout(cmd.Context(), completionWait)
	defer stop()
	return ask(ctx, cluster), noFiles
}

// kindNames are the kinds that can be listed, as the last discovery left them on
// disk or the cluster says.
func kindNames(ctx context.Context, c *kube.Cluster) []string {
	if !c.Resources().Complete() {
		_ = c.WaitResources(ctx)
	}
	var names []string
	for _, r := range c.Resources().Named() {
		switch {
		case !r.Preferred || !r.Can("list"):
		case slices.Contains(names, r.Resource):
			names = append(names, r.GroupResource().String()) // Of metrics, beside those of pods themselves.
		default:
			names = append(names, r.Resource)
		}
	}
	return names
}

// names are those of a kind's objects where the command would look for them.
func (a *app) names(ctx context.Context, c *kube.Cluster, kind string) []string {
	found := c.Resources().Find(kind)
	if len(found) == 0 {
		_ = c.WaitResources(ctx)
		if found = c.Resources().Find(kind); len(found) == 0 {
			return nil
		}
	}
	scope := kube.Scope{GroupVersionResource: found[0].GroupVersionResource}
	switch {
	case !found[0].Namespaced || a.flags.allNamespaces:
	case a.saved != nil:
		scope.Namespace = a.saved.Namespace
	default:
		scope.Namespace = c.Namespace()
	}
	return listNames(ctx, c.Listing(scope))
}

// listNames reads a listing for as long as the context allows.
func listNames(ctx context.Context, listing *kube.Listing) []string {
	watch := listing.Watch()
	for ctx.Err() == nil {
		if _, err := watch.Next(ctx); err != nil || !listing.State().Phase.Undecided() {
			break
		}
	}
	var names []string
	for _, r := range listing.Since(0).Changed {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func beginning(names []string, start string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, start) })
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}
