package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

const (
	onceWait   = 30 * time.Second // for everything on the screen to be known
	onceWidth  = 200              // without a terminal
	onceHeight = 100_000
)

// once draws a view as plain text as soon as everything that it watches is
// known. It is an error when something could not be had: the text is printed all
// the same, for a part of the truth beats none.
func once(ctx context.Context, s *views.Session, view ui.View, out io.Writer) error {
	ctx, stop := context.WithTimeout(ctx, onceWait)
	defer stop()
	o := &onlooker{view: view, messages: make(chan ui.Msg)}
	o.watch(ctx, view.Update(ui.Shown{}))
	if err := o.wait(ctx); err != nil {
		return fmt.Errorf("no complete answer within %s: %w", onceWait, explain(s, err))
	}
	problem := views.Problem(view)
	if problem != nil && !o.partial() {
		return explain(s, problem)
	}
	frame := ui.Frame{Width: onceWidth, Height: onceHeight, Theme: themes.Plain, Now: s.Now(), Still: true}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		frame.Width = width
	}
	for line := range strings.Lines(view.Draw(frame)) {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return explain(s, problem)
}

// explain says what the user can do about an error of a cluster.
func explain(s *views.Session, err error) error {
	if err == nil {
		return nil
	}
	name := s.Cluster.Name()
	switch s.Cluster.Health(s.Now()).State {
	case kube.SignedOut:
		return fmt.Errorf("%s: signed out: %w; log in again%s", name, err, otherContexts(s))
	case kube.Unreachable, kube.Stale:
		return fmt.Errorf("%s: %s: %w; is the address right and the network up?%s", name, s.Cluster.Server(), err, otherContexts(s))
	default:
		return fmt.Errorf("%s: %w", name, err)
	}
}

// otherContexts names some of the contexts that are left to choose from.
func otherContexts(s *views.Session) string {
	var names []string
	for _, c := range s.Known {
		if c.Name != s.Cluster.Name() && len(names) < 5 {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " --context chooses another: " + strings.Join(names, ", ")
}

// onlooker feeds a view from its sources without a shell.
type onlooker struct {
	view     ui.View
	messages chan ui.Msg
	watched  []*kube.Watch
	fed      map[ui.Source]bool
}

// wait returns when everything is known that the view watches, and everything
// that it came to watch because of that.
func (o *onlooker) wait(ctx context.Context) error {
	for known := 0; ; {
		for !o.settled() {
			select {
			case msg := <-o.messages:
				o.watch(ctx, o.view.Update(msg))
			case <-ctx.Done():
				return cmp.Or(views.Problem(o.view), ctx.Err())
			}
		}
		if known == len(o.watched) {
			return nil
		}
		known = len(o.watched)
		for _, w := range o.watched {
			o.watch(ctx, o.view.Update(kube.ListingChanged{Listing: w.Listing()}))
		}
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
	}
}

func (o *onlooker) feed(ctx context.Context, source ui.Source) {
	for {
		msg, err := source.Next(ctx)
		if err != nil {
			return
		}
		select {
		case o.messages <- msg:
		case <-ctx.Done():
			return
		}
	}
}

// settled says whether every listing that is watched has been read or refused.
func (o *onlooker) settled() bool {
	return !slices.ContainsFunc(o.watched, func(w *kube.Watch) bool { return w.Listing().State().Phase.Undecided() })
}

// partial says whether some of what is watched could be had.
func (o *onlooker) partial() bool {
	return slices.ContainsFunc(o.watched, func(w *kube.Watch) bool { return w.Listing().Len() > 0 })
}
