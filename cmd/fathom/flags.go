package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/views"
)

// The values of --output.
const (
	outputWide = "wide"
	outputJSON = "json"
	outputYAML = "yaml"
	outputName = "name"
)

var outputs = []string{outputWide, outputJSON, outputYAML, outputName}

// flags are the command line, parsed.
type flags struct {
	kube   *genericclioptions.ConfigFlags // kubectl's own
	kuberc string
	write  bool

	allNamespaces bool
	spaces        string // several namespaces of -n: "shop,payments"; "" for one or all
	once          bool
	output        string
	selector      string
	containers    bool
	recursive     bool
	theme         string
	ascii         bool
	noTriage      bool
	mask          bool
	debug         string // the address of --debug-listen; "" listens nowhere

	at string // where a tape begins
}

func newFlags() *flags { return &flags{kube: genericclioptions.NewConfigFlags(true)} }

// addConnection adds the flags that choose a cluster and how to connect to it.
func (f *flags) addConnection(cmd *cobra.Command) {
	set := cmd.Flags()
	f.kube.AddFlags(set)
	addKuberc(cmd, &f.kuberc)
	set.BoolVar(&f.write, "write", false, "begin in write mode: each change is shown and confirmed first")
}

func addKuberc(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "kuberc", "",
		"the kuberc file whose policy for credential plugins applies; KUBERC=off reads none")
}

// addHiddenConnection accepts the same flags where none of them matters, except for the
// namespace: a script may add them to every command.
func (f *flags) addHiddenConnection(cmd *cobra.Command) {
	own := map[string]bool{}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { own[flag.Name] = true })
	f.addConnection(cmd)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		flag.Hidden = flag.Hidden || !own[flag.Name] && flag.Name != "namespace"
	})
}

// addScreen adds the flags that say what is shown, and how.
func (f *flags) addScreen(cmd *cobra.Command) {
	set := cmd.Flags()
	set.BoolVarP(&f.allNamespaces, "all-namespaces", "A", false, "open on all namespaces")
	set.BoolVar(&f.once, "once", false, "print one screen as plain text and exit; needs no terminal")
	set.StringVarP(&f.output, "output", "o", "", "with --once: "+strings.Join(outputs, ", "))
	set.StringVarP(&f.selector, "selector", "l", "", "with --once: only objects with these labels, as kubectl takes them")
	set.BoolVar(&f.containers, "containers", false, "with --once top pods: what each container uses")
	set.BoolVar(&f.recursive, "recursive", false, "with --once explain: the fields inside fields too")
	set.StringVar(&f.theme, "theme", "",
		"colours: "+strings.Join(themes.Names(), ", ")+", or a file's name in the config's themes folder")
	set.BoolVar(&f.noTriage, "no-triage", false, "begin where you left off, not with what is broken")
	set.BoolVar(&f.ascii, "ascii", false, "draw nothing but ASCII")
	set.StringVar(&f.debug, "debug-listen", "",
		"serve profiles and counters at this address of this machine, such as 127.0.0.1:6060")
}

// checkFor refuses flags that contradict each other or the arguments.
func (f *flags) checkFor(args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := f.checkSelector(args); err != nil {
		return err
	}
	return f.checkSpaces(args)
}

// check refuses flags that contradict each other.
func (f *flags) check() error {
	if n := f.kube.Namespace; n != nil && views.AreSeveral(*n) {
		if problem := views.SpacesProblem(*n); problem != "" {
			return usagef("-n %s: %s", *n, problem)
		}
		f.spaces, *n = *n, ""
	}
	switch {
	case f.output == "":
		return nil
	case !slices.Contains(outputs, f.output):
		return usagef("-o %s: valid outputs are %s", f.output, strings.Join(outputs, ", "))
	case !f.once:
		return usagef("-o %s applies only to --once; add --once", f.output)
	}
	return nil
}

// checkSpaces refuses several namespaces where no table of a kind is shown.
func (f *flags) checkSpaces(args []string) error {
	if f.spaces != "" && (isWord(args) || judges(args) || strings.Contains(strings.Join(args, "/"), "/")) {
		return usagef("-n %s: only the table of a kind shows several namespaces", f.spaces)
	}
	return nil
}

// checkSelector refuses a selector where no table of a kind is printed.
func (f *flags) checkSelector(args []string) error {
	if f.selector != "" && (!f.once || isWord(args) || judges(args) || strings.Contains(strings.Join(args, "/"), "/")) {
		return usagef("-l applies only to --once and a kind; on a screen / filters by labels")
	}
	if _, err := labels.Parse(f.selector); err != nil {
		return usagef("-l %s: %v", f.selector, err)
	}
	return nil
}

// objects reports whether the objects themselves are asked for, not a screen.
func (f *flags) objects() bool { return f.output != "" && f.output != outputWide }
