package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/crash"
	"github.com/fathom-k8s/fathom/cmd/fathom/env"
	"github.com/fathom-k8s/fathom/cmd/fathom/memory"
	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// program is one run of the program with a screen, or with one screen's text.
type program struct {
	app    *app
	config config
	screen ui.Options
	input  *os.File // the terminal, when standard input is something else
	drawn  ui.Drawn
	paced  sync.Once
	tabs   bool // those of the last run are open, and these are kept for the next
	// print prints in place of a screen; usually nil.
	print func(context.Context, *views.Session, console.Out) error
}

func newProgram() *program { return &program{app: newApp()} }

// pace begins to pace the collector, before anything large is read.
func (p *program) pace() {
	p.paced.Do(func() { p.app.repace, p.app.settle = memory.Pace(p.app.garbage), memory.Settle(p.app.loads) })
}

// run reads the config, connects, and shows a screen.
func (p *program) run(cmd *cobra.Command, args []string) error {
	if err := p.app.flags.checkFor(args); err != nil {
		return err
	}
	p.pace()
	if err := p.prepare(); err != nil {
		return err
	}
	args, text := p.app.expand(args)
	if err := p.checkTerminal(typed(cmd, args)); err != nil {
		return err
	}
	stopDebug, err := p.debugListen()
	if err != nil {
		return err
	}
	defer stopDebug()
	if p.app.flags.once {
		p.app.pluginWords = &console.Stderr
	}
	restore, err := kube.CaptureStderr(p.app.messages)
	if err != nil {
		return err
	}
	defer restore()
	if err := p.app.readKuberc(); err != nil {
		return err
	}
	done := p.app.awaitKubeconfig()
	defer p.app.release()
	if err := p.app.holdKubeconfig(); err != nil {
		done()
		return err
	}
	session, resource, err := p.app.connect(p.app.first())
	done()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	if p.print != nil {
		defer p.app.close()
		return p.print(ctx, session, console.New(cmd.OutOrStdout()))
	}
	if p.app.flags.once && len(args) == 1 && (args[0] == triageWord || args[0] == reportWord && p.app.flags.output != "") {
		defer p.app.close()
		return p.triage(ctx, session, console.New(cmd.OutOrStdout()))
	}
	if p.app.flags.once && len(args) == 1 && args[0] == reportWord {
		defer p.app.close()
		return p.report(ctx, session, console.New(cmd.OutOrStdout()))
	}
	session.Greeting = p.offerK9s()
	if kinds := p.app.severalKinds(args); kinds != nil {
		return p.several(ctx, session, kinds, console.New(cmd.OutOrStdout()))
	}
	view, err := p.app.viewOf(ctx, session, resource, args, text)
	if err != nil {
		return err
	}
	if p.app.flags.once {
		defer p.app.close()
		if asksWhy(args) {
			return p.why(ctx, session, view, console.New(cmd.OutOrStdout()))
		}
		return p.once(ctx, session, view, console.New(cmd.OutOrStdout()))
	}
	return p.show(ctx, p.restoreTabs(session, view, args, text))
}

// typed are a command's words and arguments as they were typed, without flags; "pods" for none.
func typed(cmd *cobra.Command, args []string) string {
	words := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().CommandPath())
	return cmp.Or(strings.TrimSpace(words+" "+strings.Join(args, " ")), "pods")
}

// checkTerminal checks that there is one to show a screen on. once are the words that print what was
// asked for without one.
func (p *program) checkTerminal(once string) error {
	input := os.Stdin
	if p.input != nil {
		input = p.input
	}
	if !p.app.flags.once && (!term.IsTerminal(int(input.Fd())) || !term.IsTerminal(int(os.Stdout.Fd()))) {
		return fmt.Errorf("needs a terminal for input and output; `fathom %s --once` prints one screen without", once)
	}
	return nil
}

// prepare reads config, looks and remembered places.
func (p *program) prepare() error {
	var err error
	done := awaitFile(env.ConfigFile())
	p.config, err = readConfig(env.ConfigFile())
	done()
	if err != nil {
		return err
	}
	kinds.AddPolarities(p.config.Conditions)
	p.app.columns, p.app.aliases = p.config.Columns, p.config.Aliases
	for _, h := range p.config.Hotkeys {
		p.app.hotkeys = append(p.app.hotkeys, h.Hotkey)
	}
	for _, rule := range p.config.Plugins {
		p.app.plugins = append(p.app.plugins, rule.Plugin)
	}
	if on := p.config.Triage; on != nil && !*on {
		p.app.flags.noTriage = true
	}
	p.app.places = newPlaces(env.StateDir())
	p.app.rules, p.app.undo = p.config.Contexts, p.config.Undo.duration()
	p.app.effectRules = effects.Rules(p.config.Rules)
	p.app.hands = &effects.Hands{
		Journal: journal.Open(filepath.Join(env.StateDir(), "journal"), time.Now), Anonymous: p.config.Anonymous,
	}
	theme := cmp.Or(p.app.flags.theme, p.config.Theme)
	defer awaitFile(filepath.Join(env.ConfigDir(), "themes", theme+".yaml"))()
	p.screen, err = p.config.Options(p.app.flags.theme, p.app.flags.ascii)
	return err
}

// show runs the terminal program until it ends, then keeps the places.
func (p *program) show(ctx context.Context, view ui.View) error {
	shown := p.screen
	shown.Home = view
	shown.Now = func() time.Time { return (*p.app.now.Load())() }
	shown.Wall = time.Now
	shown.Rebind = p.config.Keys
	shown.Choices = views.Choices
	shown.Unbound = views.Unbound
	shown.Busy = func(v ui.View) string { return views.SessionOf(v).Busy() }
	shown.Help = views.Help()
	shown.Save = saveFile
	shown.Pager = newPager
	shown.Drawn = &p.drawn
	shown.Opening = opening.Screen
	shown.Guard = func(leave string, modes []byte) (end func()) { return crash.Guard(env.StateDir(), leave, modes) }
	done := p.app.awaitKubeconfig()
	shown.News = newKubeconfigWatch(p.app)
	done()
	shown.Log = p.app.messages.Add
	shown.Tabs.Another, shown.Tabs.Close = views.AnotherTab, views.CloseTab
	if p.input != nil {
		shown.Input = p.input
	}
	shell := ui.NewShell(shown)
	err := ui.Run(ctx, shell)
	p.app.close()
	return errors.Join(err, p.app.places.save(), p.keepTabs(shell))
}
