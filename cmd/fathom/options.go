package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/cmd/fathom/version"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// discoveryWait is how long a kind on the command line may take to be found.
const discoveryWait = 10 * time.Second

// placeWait is how long the kind where a context was left may take.
const placeWait = 3 * time.Second

// options are the flags, and what the program is wired from.
type options struct {
	flags *genericclioptions.ConfigFlags

	allNamespaces bool
	write         bool
	once          bool
	theme         string
	ascii         bool
	at            string // where a tape begins
	debug         string // the address of --debug-listen; "" listens nowhere

	config   config
	places   *places
	messages *kube.Messages
	drawn    ui.Drawn

	mu       sync.Mutex
	clusters map[string]*kube.Cluster // by context, so that going back is instant

	opened *opened                          // what is looked at instead of a context; nil mostly
	input  *os.File                         // the terminal, when standard input is something else
	now    atomic.Pointer[func() time.Time] // of the cluster that is looked at
}

func newOptions() *options {
	return &options{
		flags:    genericclioptions.NewConfigFlags(true),
		messages: kube.NewMessages(),
		clusters: map[string]*kube.Cluster{},
	}
}

func (o *options) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	o.flags.AddFlags(f)
	f.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "open on all namespaces")
	f.BoolVar(&o.write, "write", false, "allow changes to the cluster, each behind a question")
	f.BoolVar(&o.once, "once", false, "print one screen as plain text and end; needs no terminal")
	f.StringVar(&o.theme, "theme", "", "colours: "+strings.Join(themes.Names(), ", ")+", or a file's name in the config's themes folder")
	f.BoolVar(&o.ascii, "ascii", false, "draw nothing but ASCII")
	f.StringVar(&o.debug, "debug-listen", "", "serve profiles and counters at this address of this machine, such as 127.0.0.1:6060")
	for name, complete := range map[string]cobra.CompletionFunc{
		"context": o.completeContexts, "namespace": cobra.NoFileCompletions, "theme": cobra.FixedCompletions(themes.Names(), cobra.ShellCompDirectiveNoFileComp),
		"debug-listen": cobra.NoFileCompletions,
	} {
		if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err)
		}
	}
}

// run is the program: it reads the config, connects, and shows a screen.
func (o *options) run(cmd *cobra.Command, args []string) error {
	if show, _ := cmd.Flags().GetBool("version"); show {
		fmt.Fprint(cmd.OutOrStdout(), version.Line())
		return nil
	}
	o.paceCollector()
	theme, err := o.prepare()
	if err != nil {
		return err
	}
	if err := o.terminal(); err != nil {
		return err
	}
	stopDebug, err := o.debugListen()
	if err != nil {
		return err
	}
	defer stopDebug()
	// Credential plugins inherit the standard error of the moment when their
	// client is made, so this comes before the first connection.
	restore, err := kube.CaptureStderr(o.messages)
	if err != nil {
		return err
	}
	defer restore()
	name := *o.flags.Context
	if o.opened != nil {
		name = o.opened.name
	}
	session, resource, err := o.connect(name)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	view, err := o.firstView(ctx, session, resource, args)
	if err != nil {
		return err
	}
	if o.once {
		return once(ctx, session, view, cmd.OutOrStdout())
	}
	return o.show(ctx, view, theme)
}

// terminal checks that there is one to show a screen on.
func (o *options) terminal() error {
	input := os.Stdin
	if o.input != nil {
		input = o.input
	}
	if !o.once && (!term.IsTerminal(int(input.Fd())) || !term.IsTerminal(int(os.Stdout.Fd()))) {
		return errors.New("needs a terminal for input and output; `fathom --once pods` prints one screen without")
	}
	return nil
}

// prepare reads config and theme.
func (o *options) prepare() (*themes.Definition, error) {
	var err error
	if o.config, err = readConfig(filepath.Join(configDir(), "config.yaml")); err != nil {
		return nil, err
	}
	o.places = newPlaces(stateDir())
	if o.theme == "" {
		o.theme = o.config.Theme
	}
	if o.theme == "" {
		o.theme = "default"
	}
	o.ascii = o.ascii || o.config.ASCII || !utf8Locale(os.Getenv)
	return themes.Load(o.theme, filepath.Join(configDir(), "themes"))
}

// utf8Locale says whether the locale's encoding is UTF-8, by the order of
// POSIX (Base Definitions, 8.2). Without any setting, ASCII is all that is sure,
// but then most terminals of today are UTF-8 all the same.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			lower := strings.ToLower(value)
			return strings.Contains(lower, "utf-8") || strings.Contains(lower, "utf8")
		}
	}
	return true
}

// cluster opens a context once.
func (o *options) cluster(name string) (*kube.Cluster, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cluster, known := o.clusters[name]; known {
		return cluster, nil
	}
	cluster, err := kube.Open(kube.Options{Flags: o.flags, Context: name, Write: o.write, Messages: o.messages, Version: version.Number})
	if err == nil {
		o.clusters[cluster.Name()] = cluster
	}
	return cluster, err
}

// connect opens a context, or finds it open, with the place where it was left.
// Any goroutine may call it.
func (o *options) connect(name string) (*views.Session, kube.Resource, error) {
	cluster, err := o.cluster(name)
	if err != nil {
		return nil, kube.Resource{}, err
	}
	if o.opened != nil && name == o.opened.name {
		session := o.opened.session(cluster)
		session.Messages, session.Connect, session.Contexts = o.messages, o.connect, o.contexts
		o.enter(session)
		return session, views.Pods(cluster), nil
	}
	left, visited := o.places.at(cluster.Name())
	s := &views.Session{
		Cluster: cluster, Now: cluster.Now, Messages: o.messages, Recent: left.Recent,
		Connect: o.connect, Contexts: o.contexts,
		Remember: func(s *views.Session, resource string) {
			o.places.set(s.Cluster.Name(), place{s.Namespace, resource, s.Recent})
		},
	}
	s.Namespace = o.namespace(cluster, left, visited)
	o.enter(s)
	return s, o.resource(cluster, left), nil
}

// enter makes a session the one whose time it is.
func (o *options) enter(s *views.Session) {
	if all, _, err := s.Contexts(); err == nil {
		s.Known = all
	}
	o.now.Store(&s.Now)
}

// contexts are those of the kubeconfig, and what was opened before them.
func (o *options) contexts() ([]kube.Context, string, error) {
	all, current, err := kube.Contexts(o.flags)
	if o.opened != nil {
		all = append([]kube.Context{{Name: o.opened.name, Server: o.opened.address}}, all...)
	}
	return all, current, err
}

// resource is the kind that a context was left at. What every cluster serves is
// known at once; another kind is waited for a little, while the cluster names
// what it has.
func (o *options) resource(cluster *kube.Cluster, left place) kube.Resource {
	if left.Resource == "" {
		return views.Pods(cluster)
	}
	if len(cluster.Resources().Find(left.Resource)) == 0 {
		ctx, stop := context.WithTimeout(context.Background(), placeWait)
		defer stop()
		if err := cluster.WaitResources(ctx); err != nil {
			o.messages.Add("warning", left.Resource+", where this context was left: "+err.Error())
		}
	}
	if found := cluster.Resources().Find(left.Resource); len(found) > 0 {
		return found[0]
	}
	return views.Pods(cluster)
}

// namespace is where a context opens: what the flags say, where it was left,
// or the context's own.
func (o *options) namespace(cluster *kube.Cluster, left place, visited bool) string {
	switch {
	case o.allNamespaces:
		return ""
	case *o.flags.Namespace != "":
		return *o.flags.Namespace
	case visited && !o.once:
		return left.Namespace
	}
	return cluster.Namespace()
}

// firstView is what the arguments name, or where the context was left.
func (o *options) firstView(ctx context.Context, s *views.Session, left kube.Resource, args []string) (ui.View, error) {
	if len(args) == 0 && (!o.once || left.Resource == "pods") {
		return views.Objects(s, left), nil
	}
	what := strings.Join(args, "/")
	if what == "" {
		what = "pods"
	}
	what, err := o.locate(ctx, s, what)
	if err != nil {
		return nil, err
	}
	if view, err := views.Find(s, what); err == nil {
		return view, nil
	}
	wait, stop := context.WithTimeout(ctx, discoveryWait)
	defer stop()
	if err := s.Cluster.WaitResources(wait); err != nil {
		if o.once {
			return nil, explain(s, err)
		}
		return views.Objects(s, views.Pods(s.Cluster)), nil
	}
	return views.Find(s, what)
}

// show runs the terminal program until it ends, then keeps the places.
func (o *options) show(ctx context.Context, view ui.View, theme *themes.Definition) error {
	shown := ui.Options{
		Home: view, Theme: theme, ASCII: o.ascii,
		Now:     func() time.Time { return (*o.now.Load())() },
		Wall:    time.Now,
		Mouse:   o.config.Mouse == nil || *o.config.Mouse,
		Rebind:  o.config.Keys,
		Choices: views.Choices,
		Save:    save,
		Drawn:   &o.drawn,
	}
	if o.input != nil {
		shown.Input = o.input
	}
	err := ui.Run(ctx, ui.NewShell(shown))
	for _, c := range o.clusters {
		c.Close()
	}
	return errors.Join(err, o.places.save())
}

// save writes text to a new file in the working directory, readable by its
// owner only; an existing file is never touched.
func save(name string, text io.WriterTo) (string, error) {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = text.WriteTo(file)
	return name, errors.Join(err, file.Close())
}

// completeKinds offers the kinds that the last discovery left on disk; it asks
// the cluster nothing.
func (o *options) completeKinds(_ *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cluster, err := kube.Open(kube.Options{Flags: o.flags, Context: *o.flags.Context, Messages: o.messages, Version: version.Number})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer cluster.Close()
	var names []string
	for _, r := range cluster.Resources().All() {
		if r.Preferred && strings.HasPrefix(r.Resource, start) && slices.Contains(r.Verbs, "list") {
			names = append(names, r.Resource)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (o *options) completeContexts(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
	all, _, _ := kube.Contexts(o.flags)
	var names []string
	for _, c := range all {
		if strings.HasPrefix(c.Name, start) {
			names = append(names, c.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
