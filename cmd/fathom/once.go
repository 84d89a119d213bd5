package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

const (
	onceWait = 30 * time.Second // for everything on the screen to be known
	// onceWhole is wider and higher than any table.
	onceWhole = 1 << 20
)

// onceLog limits how long a log among it may take, which a lost node never sends.
const onceLog = 5 * time.Second

// once prints a view as plain text, or the objects that it is about, as soon as
// everything that it watches is known. It is an error when something could not be read:
// the text is printed all the same, since a part of the truth beats none.
func (p *program) once(ctx context.Context, s *views.Session, view ui.View, out console.Out) error {
	ctx, stop := p.onceContext(ctx)
	defer stop()
	o := &onlooker{view: view, messages: make(chan ui.Msg), logsTake: onceLog}
	o.draws = console.Stderr.IsTerminal()
	o.watch(ctx, view.Update(ui.Shown{}))
	err := o.wait(ctx)
	o.clearProgress()
	if err != nil && ctx.Err() != nil && p.app.saved == nil {
		return fmt.Errorf("no complete answer within %s: %w", onceWait, p.app.explain(s, err))
	}
	if err != nil {
		return p.app.explain(s, err)
	}
	problem := views.Problem(view)
	if problem != nil && !o.partial() {
		return p.app.explain(s, problem)
	}
	if p.app.flags.objects() {
		err = printObjects(out, s.Cluster, view, p.app.flags.output)
	} else {
		err = p.printScreen(out, s, view, problem)
	}
	return cmp.Or(err, p.app.explain(s, problem))
}

// severalKinds are the kinds of which --once prints a table each; nil where it prints one screen.
func (a *app) severalKinds(args []string) []string {
	if !a.flags.once || len(args) != 1 || !strings.Contains(args[0], ",") || strings.Contains(args[0], "/") {
		return nil
	}
	return strings.Split(args[0], ",")
}

// several prints the tables of several kinds, as kubectl takes them: "deploy,svc".
func (p *program) several(ctx context.Context, s *views.Session, kinds []string, out console.Out) error {
	defer p.app.close()
	if p.app.flags.objects() && p.app.flags.output != outputName {
		return usagef("-o %s prints one kind; name them one after another", p.app.flags.output)
	}
	if slices.Contains(kinds, "") {
		return usagef("%s: a kind is missing at a comma", strings.Join(kinds, ","))
	}
	var all []ui.View
	for _, kind := range kinds {
		view, err := p.app.kindView(ctx, s, []string{kind})
		if err != nil {
			return err
		}
		all = append(all, view)
	}
	var problems []string
	printed := false
	for _, view := range all {
		if printed && p.app.flags.output != outputName {
			if err := out.Line(""); err != nil {
				return err
			}
		}
		err := p.once(ctx, s, view, out)
		printed = printed || err == nil
		if err != nil && !slices.Contains(problems, err.Error()) { // Of a missing namespace all say the same.
			problems = append(problems, err.Error())
		}
	}
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}

// onceContext limits how long a cluster may take. What was saved takes as long as
// it takes.
func (p *program) onceContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.app.saved != nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, onceWait)
}

// printScreen draws a view as plain text, but not one that says nothing but its problem.
func (p *program) printScreen(out console.Out, s *views.Session, view ui.View, problem error) error {
	if p.app.flags.output == outputWide {
		view.Update(ui.Do{Action: "wide"})
	}
	frame := ui.Frame{Width: onceWidth(os.Getenv), Height: onceWhole, Theme: themes.Plain, Now: s.Now(), Still: true}
	drawn := view.Draw(frame)
	if problem != nil && slices.Equal(strings.Fields(drawn), strings.Fields(problem.Error())) { // It may be wrapped.
		return nil
	}
	for line := range strings.Lines(drawn) {
		if err := out.Line(strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// onceWidth is the width of a screen that is printed: what COLUMNS says, that of
// the terminal, or in a pipe as wide as it comes.
func onceWidth(getenv func(string) string) int {
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 {
		return width
	}
	return onceWhole
}

// onlooker feeds a view from its sources without a shell.
type onlooker struct {
	view     ui.View
	messages chan ui.Msg
	watched  []*kube.Watch
	fed      map[ui.Source]bool
	logsTake time.Duration // at most; 0 is for as long as they go on
	draws    bool          // how far reading is, on standard error
	told     bool
}

// wait returns when everything that the view watches is known, including what it came
// to watch because of that.
func (o *onlooker) wait(ctx context.Context) error {
	for known := 0; ; {
		for !o.settled() {
			select {
			case msg := <-o.messages:
				o.watch(ctx, o.view.Update(msg))
				o.showProgress()
			case <-ctx.Done():
				return cmp.Or(views.Problem(o.view), ctx.Err())
			}
		}
		if known == len(o.watched) {
			return nil
		}
		known = len(o.watched)
		o.adopt(ctx)
	}
}

// adopt lets the view look at everything that it watches.
func (o *onlooker) adopt(ctx context.Context) {
	for _, w := range o.watched {
		o.watch(ctx, o.view.Update(kube.ListingChanged{Listing: w.Listing()}))
	}
}

// watch starts the sources that an intent asks for.
func (o *onlooker) watch(ctx context.Context, intent ui.Intent) {
	switch intent := intent.(type) {
	case ui.All:
		for _, i := range intent {
			o.watch(ctx, i)
		}
	case ui.Watch:
		if o.fed == nil {
			o.fed = map[ui.Source]bool{}
		}
		if o.fed[intent.Source] {
			return
		}
		o.fed[intent.Source] = true
		if w, ok := intent.Source.(*kube.Watch); ok {
			o.watched = append(o.watched, w)
		}
		go o.feed(ctx, intent.Source)
	case ui.Command:
		intent.Execute()
	}
}

// showProgress says how many objects have come, on one line.
func (o *onlooker) showProgress() {
	if !o.draws {
		return
	}
	objects := 0
	for _, w := range o.watched {
		objects += w.Listing().State().Loaded
	}
	o.told = true
	console.Stderr.Redraw(fmt.Sprintf("reading: %d objects", objects))
}

// clearProgress clears the line.
func (o *onlooker) clearProgress() {
	if o.told {
		console.Stderr.Redraw("")
	}
}

func (o *onlooker) feed(ctx context.Context, source ui.Source) {
	_, ends := source.(*kube.Logs)
	reading := ctx
	if ends && o.logsTake > 0 {
		limited, stop := context.WithTimeout(ctx, o.logsTake)
		defer stop()
		reading = limited
	}
	for {
		msg, err := source.Next(reading)
		if err != nil && ends {
			msg = ui.Ended{Source: source, Err: err}
		} else if err != nil {
			return
		}
		select {
		case o.messages <- msg:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// settled reports whether every listing that is watched has been read or refused, and
// whatever else the view waits for.
func (o *onlooker) settled() bool {
	undecided := func(w *kube.Watch) bool { return w.Listing().State().Phase.Undecided() }
	return !views.Awaited(o.view) && !slices.ContainsFunc(o.watched, undecided)
}

// partial reports whether some of what is watched could be read.
func (o *onlooker) partial() bool {
	return slices.ContainsFunc(o.watched, func(w *kube.Watch) bool { return w.Listing().Len() > 0 })
}
