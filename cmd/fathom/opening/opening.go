// Package opening shows the frame of the screen before the rest of the program is
// initialised, most of which is tables of the Kubernetes API. It imports the
// terminal, the themes and nothing of the cluster, so that Go initialises it before
// those.
//
// It decides nothing: a command line or a config that is wrong shows no frame, and
// the program itself says what is wrong with it.
package opening

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
	"golang.org/x/term"

	"github.com/fathom-k8s/fathom/cmd/fathom/env"
	"github.com/fathom-k8s/fathom/cmd/fathom/memory"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Screen is the terminal that shows the frame; nil where none is shown.
var Screen *ui.Opening

func init() {
	memory.Start()
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		Screen = show(os.Args[1:])
	}
}

// show shows the frame that belongs to a command line, if it opens a screen.
func show(args []string) *ui.Opening {
	line, ok := Parse(args)
	if !ok || !slices.ContainsFunc(kubeconfigs(line), isThere) {
		return nil
	}
	look := readLook()
	theme := cmp.Or(line.Theme, look.Theme)
	if file := filepath.Join(env.ConfigDir(), "themes", theme+".yaml"); isThere(file) && !isFile(file) {
		theme = "default" // It may have to be waited for, which the program itself does.
	}
	options, err := look.Options(theme, line.ASCII)
	if err != nil {
		return nil
	}
	screen, err := ui.ShowOpening(options, ui.Header{
		Place:     []string{"fathom"},
		Freshness: ui.Line{{Text: "◌ starting", Role: themes.Waiting}},
		Facts:     ui.Line{ui.Mode(line.Write)},
		Note:      "reading the kubeconfig and asking the cluster; ctrl+c quits",
	}, os.Exit)
	if err != nil {
		return nil
	}
	return screen
}

// kubeconfigs returns the files that may hold the clusters. Without any there is an
// error to show, not a screen.
func kubeconfigs(line Line) []string {
	if line.kubeconfig != "" {
		return []string{line.kubeconfig}
	}
	if all := os.Getenv("KUBECONFIG"); all != "" {
		return filepath.SplitList(all)
	}
	home, _ := os.UserHomeDir()
	return []string{filepath.Join(home, ".kube", "config")}
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// isFile reports whether a path is a file, which can be expected not to keep the frame
// waiting.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// Look is the part of the config file that says how screens look.
type Look struct {
	// Theme is a built-in theme's name, or that of a file in themes/ next to the
	// config.
	Theme string `yaml:"theme"`
	// ASCII draws nothing but ASCII.
	ASCII bool `yaml:"ascii"`
	// Mouse may be set to false to leave the mouse to the terminal.
	Mouse *bool `yaml:"mouse"`
}

// Options returns the options of a screen that looks so. The flags --theme and --ascii
// override the config.
func (l Look) Options(theme string, ascii bool) (ui.Options, error) {
	loaded, err := themes.Load(cmp.Or(theme, l.Theme, "default"), filepath.Join(env.ConfigDir(), "themes"))
	return ui.Options{
		Theme: loaded,
		ASCII: ascii || l.ASCII || !env.UTF8(os.Getenv),
		Mouse: l.Mouse == nil || *l.Mouse,
	}, err
}

// readLook reads what it can of the config file.
func readLook() Look {
	var l Look
	if !isFile(env.ConfigFile()) {
		return l
	}
	if data, err := os.ReadFile(env.ConfigFile()); err != nil || yaml.Unmarshal(data, &l) != nil {
		return Look{}
	}
	return l
}

// Line is the part of a command line that changes how the frame looks.
type Line struct {
	Theme        string
	ASCII, Write bool

	kubeconfig string
}

// commands are the arguments that open no screen, or one that is not of a cluster.
var commands = []string{
	"demo", "import", "open", "record", "report", "triage", "version", "help", "completion", "__complete",
	"__completeNoDesc", "get", "describe", "logs", "why",
}

// Parse reads a command line without the program's name, and reports whether it opens
// the screen of a cluster as far as can be seen.
func Parse(args []string) (Line, bool) {
	line := Line{}
	flags := Flags(&line)
	if flags.Parse(args) != nil || flags.NArg() > 2 {
		return line, false
	}
	opens := !slices.Contains(commands, flags.Arg(0)) && !slices.ContainsFunc(elsewhere, flags.Changed)
	return line, opens
}

// elsewhere are the flags that send the answer somewhere other than to the screen.
var elsewhere = []string{"help", "version", "once", "output"}

// Flags are the flags of the root command, with their types; a test compares them with
// those that the command has.
func Flags(line *Line) *pflag.FlagSet {
	flags := pflag.NewFlagSet("fathom", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&line.Theme, "theme", "", "")
	flags.StringVar(&line.kubeconfig, "kubeconfig", "", "")
	flags.BoolVar(&line.ASCII, "ascii", false, "")
	flags.BoolVar(&line.Write, "write", false, "")
	for _, name := range []string{
		"as", "as-uid", "cache-dir", "certificate-authority", "client-certificate", "client-key", "cluster",
		"context", "debug-listen", "kuberc", "proxy-url", "request-timeout", "tls-server-name", "token", "user",
	} {
		flags.String(name, "", "")
	}
	flags.StringP("namespace", "n", "", "")
	flags.StringP("output", "o", "", "")
	flags.StringP("selector", "l", "", "")
	flags.StringP("server", "s", "", "")
	flags.StringArray("as-group", nil, "")
	flags.StringArray("as-user-extra", nil, "")
	for _, name := range []string{
		"containers", "disable-compression", "insecure-skip-tls-verify", "no-triage", "once", "recursive", "version",
	} {
		flags.Bool(name, false, "")
	}
	flags.BoolP("all-namespaces", "A", false, "")
	flags.BoolP("help", "h", false, "")
	return flags
}
