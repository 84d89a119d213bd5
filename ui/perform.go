package ui

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// effectTimeout bounds how long an effect may take that has no Timeout of its own.
const effectTimeout = 30 * time.Second

// timeoutOf is how long an effect may take.
func timeoutOf(effect Effect) time.Duration {
	if long, ok := effect.(interface{ Timeout() time.Duration }); ok {
		return long.Timeout()
	}
	return effectTimeout
}

// outcome is how an effect ended, for the layer that wanted it.
type outcome struct {
	layer *layer
	Outcome
}

// perform is the only place where intents become work.
func (s *Shell) perform(from *layer, intent Intent) tea.Cmd {
	switch intent := intent.(type) {
	case nil:
		return nil
	case Open:
		return s.pushView(s.tabOf(from), intent.View)
	case Replace:
		return s.replaceLayer(from, intent.View)
	case Reset:
		return s.resetStack(s.tabOf(from), intent.View)
	case Back:
		return s.removeLayer(from)
	case Quit:
		return s.quit()
	case NewTab:
		return s.newTab(intent.Then)
	case CloseTab:
		return s.closeTab()
	case ToTab:
		return s.toTab(intent.Number - 1)
	case ChooseTab:
		s.chooseTab()
	case Confirm:
		s.openOverlay(from, newDialog(intent))
	case Watch:
		return s.watch(from, intent.Source)
	case Unwatch:
		from.unwatch(intent.Source)
	case Prompt:
		s.prompt = &prompt{layer: from, name: intent.Name, label: intent.Label, input: newTextField(intent.Text)}
		s.prompt.input.whole = intent.Text != "" && !intent.Edited
		s.dirty = true
	case Choose:
		list := newPicker(intent.Title, intent.search)
		list.move(intent.At)
		s.openOverlay(from, list)
	case Copy:
		s.say(Say{Text: copied(intent, s.renderer.InTmux())})
		s.renderer.Copy(intent.Text)
	case Notify:
		return s.notify(intent)
	case ShowHelp:
		return s.runGlobal(GoHelp, "")
	case Say:
		s.say(intent)
	case Save:
		return s.save(intent)
	case Page:
		if s.o.Pager == nil {
			s.say(Say{Text: "no pager here", Role: themes.Failing})
			return nil
		}
		return s.runForeground(s.o.Pager(intent.Text))
	case All:
		return s.performAll(from, intent)
	case Lazy:
		return s.perform(from, intent.Intent())
	case Foreground:
		return s.runForeground(intent)
	case Command:
		intent.Execute()
	case Later:
		return s.delay(from, intent)
	case Effect:
		return s.runEffect(from, intent)
	default:
		s.say(Say{Text: fmt.Sprintf("cannot carry out %T; please report it", intent), Role: themes.Failing})
	}
	return nil
}

// performAll carries out several intents in order. Once one of them has removed the
// layer that wanted them, the others are for the view that is then on top.
func (s *Shell) performAll(from *layer, intents All) tea.Cmd {
	var cmds []tea.Cmd
	t := s.tabOf(from)
	for _, intent := range intents {
		if from.ended() {
			from = t.top()
		}
		if from.ended() { // The whole tab is closed.
			from = s.topLayer()
		}
		cmds = append(cmds, s.perform(from, intent))
	}
	return tea.Batch(cmds...)
}

// runEffect starts an effect. It goes on when its view is left: what was asked for
// happens, and its outcome is shown.
func (s *Shell) runEffect(from *layer, effect Effect) tea.Cmd {
	s.say(Say{Text: effect.String() + " …", Role: themes.Muted})
	return func() tea.Msg {
		limit := timeoutOf(effect)
		ctx, stop := context.WithTimeout(s.ctx, limit)
		defer stop()
		err := s.guard(effect.String(), func() error { return effect.Run(ctx) })
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no answer within %v; check whether it happened: %w", limit, err)
		}
		return outcome{from, Outcome{Effect: effect, Err: err}}
	}
}

// effectEnded shows how an effect ended, and passes it to the view that wanted it.
func (s *Shell) effectEnded(o outcome) tea.Cmd {
	if o.Err != nil {
		s.say(Say{Text: "failed: " + o.Err.Error() + " (" + o.Effect.String() + ")", Role: themes.Failing})
		s.log("error", o.Effect.String()+": "+o.Err.Error()) // The footer may be too narrow for it.
	} else {
		s.say(Say{Text: "done: " + o.Effect.String(), Role: themes.OK})
	}
	var then tea.Cmd
	if f, ok := o.Effect.(followed); ok {
		then = s.perform(s.topLayer(), f.After(o.Err))
	}
	if o.layer.ended() {
		return then
	}
	return tea.Batch(then, s.updateView(o.layer, o.Outcome))
}

// panicError is a panic of code that runs outside the loop.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string {
	return printable(fmt.Sprintf("panic: %v (see the messages view, and please report it)", p.value))
}

// recoverInto is deferred to turn a panic into an error.
func recoverInto(err *error) {
	if value := recover(); value != nil {
		*err = &panicError{value, debug.Stack()}
	}
}

// guard turns a panic into an error, so that one source or effect that is broken
// does not end the program, and logs where it came from.
func (s *Shell) guard(what string, do func() error) (err error) {
	defer func() {
		if p := (*panicError)(nil); errors.As(err, &p) {
			s.log("error", fmt.Sprintf("%s: panic: %v\n%s", what, p.value, p.stack))
		}
	}()
	defer recoverInto(&err)
	return do()
}

// save writes text to a file in the background.
func (s *Shell) save(intent Save) tea.Cmd {
	if s.o.Save == nil {
		s.say(Say{Text: "cannot save files here", Role: themes.Failing})
		return nil
	}
	return func() tea.Msg {
		var path string
		err := s.guard("save "+intent.Name, func() (err error) {
			path, err = s.o.Save(intent.Name, intent.Text)
			return err
		})
		if err != nil {
			return Say{Text: "save " + intent.Name + ": " + printable(err.Error()), Role: themes.Failing}
		}
		s.log("info", "saved "+path) // The footer may be too narrow for it.
		return Say{Text: "saved " + printable(path), Role: themes.OK}
	}
}
