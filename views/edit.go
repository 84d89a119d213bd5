package views

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const actEdit ui.Action = "edit"

// editRights is what somebody needs to edit an object.
func editRights(t effects.Target) kube.Asked {
	return kube.Asked{Verb: kube.VerbPatch, Resource: t.Resource, Namespace: t.Ref.Namespace, Name: t.Ref.Name}
}

// Editor shows a text in a program of the user's. Text is what it was when the program ended.
type Editor interface {
	ui.Foreground
	Text() string
}

// edit begins to edit an object: it is read first, as it is now.
func (s *Session) edit(t effects.Target) ui.Intent {
	switch {
	case !s.Cluster.Writable():
		return s.sayReadOnly("editing")
	case s.Edit == nil:
		return ui.Say{Text: "no editor here", Role: themes.Muted}
	}
	if denied := s.deniedByRule("edit", []effects.Target{t}); denied != nil {
		return denied
	}
	return ui.All{
		ui.Say{Text: "edit: reading " + t.Ref.String() + " ...", Role: themes.Muted},
		ui.Watch{Source: &editSource{session: s, target: t}},
	}
}

// editTarget begins to edit an object.
type editTarget struct {
	session *Session
	target  effects.Target
}

// Intent implements ui.Lazy.
func (e editTarget) Intent() ui.Intent { return e.session.edit(e.target) }

// editSource reads the object that is to be edited, once.
type editSource struct {
	session *Session
	target  effects.Target
	done    bool
}

// Next implements ui.Source.
func (e *editSource) Next(ctx context.Context) (ui.Msg, error) {
	if e.done {
		return nil, io.EOF
	}
	e.done = true
	t := e.target
	out := toEdit{session: e.session, target: t}
	out.object, out.err = t.Cluster.Fetch(ctx, t.Resource, t.Ref.Namespace, t.Ref.Name, "")
	if out.err == nil {
		var text []byte
		text, out.err = effects.Editable(out.object)
		out.text = string(text)
	}
	return out, ctx.Err()
}

// toEdit is an object that was read, and its text.
type toEdit struct {
	session *Session
	target  effects.Target
	object  map[string]any
	text    string
	err     error
}

// Intent implements ui.Lazy.
func (e toEdit) Intent() ui.Intent {
	if e.err != nil {
		return ui.Say{Text: "edit: " + e.err.Error(), Role: themes.Failing}
	}
	return ui.All{ui.Say{}, e.open("")}
}

// open opens the editor; a problem with the text stands above it.
func (e toEdit) open(problem string) ui.Intent {
	shown := e.text
	if problem != "" {
		shown = editNote + strings.Join(ui.Wrap(kinds.Clean(problem), 90), "\n"+editNote) + "\n" + e.text
	}
	return editing{e.session.Edit(strings.ToLower(e.target.Ref.Kind)+"-"+e.target.Ref.Name+".yaml", shown), e, shown}
}

// editNote begins the lines that are fathom's own.
const editNote = "# fathom: "

// editing is a text in an editor.
type editing struct {
	Editor
	of    toEdit
	shown string
}

// Hint says how one comes back.
func (e editing) Hint() string { return "save and leave the editor to see what would change" }

// After implements what the shell does when the editor has ended: the review of what was
// changed, or the editor again with what is wrong.
func (e editing) After(err error) ui.Intent {
	if err != nil {
		return ui.Say{Text: "edit: " + err.Error(), Role: themes.Failing}
	}
	text := e.Text()
	if text == e.shown { // Also after a problem: this is how one gives up.
		if strings.HasPrefix(text, editNote) {
			return ui.Say{Text: "edit: given up, the object is as it was", Role: themes.Muted}
		}
		return ui.Say{Text: "edit: nothing was changed", Role: themes.Muted}
	}
	e.of.text = withoutNotes(text)
	effect, err := effects.Edit(e.of.target, e.of.object, []byte(e.of.text))
	switch {
	case err != nil && effects.IsNothing(err):
		return ui.Say{Text: "edit: nothing was changed", Role: themes.Muted}
	case err != nil:
		return e.of.open(err.Error() + ". Leave without a change to give up.")
	}
	review := newReview(e.of.session, []effects.Effect{effect})
	review.again, review.failed = e.of.open, e.of.again
	return ui.Open{View: review}
}

// again offers the text once more after it could not be written, on top of the object as it is by then.
func (e toEdit) again(failure error) ui.Intent {
	return ui.Watch{Source: &rebaseSource{of: e, failure: failure}}
}

// rebaseSource reads the object that a text could not be written to, once.
type rebaseSource struct {
	of      toEdit
	failure error
	done    bool
}

// Next implements ui.Source.
func (r *rebaseSource) Next(ctx context.Context) (ui.Msg, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	t := r.of.target
	now, err := t.Cluster.Fetch(ctx, t.Resource, t.Ref.Namespace, t.Ref.Name, "")
	if err == nil {
		var text []byte
		if text, err = effects.Rebase(r.of.object, now, []byte(r.of.text)); err == nil {
			r.of.object, r.of.text = now, string(text)
		}
	}
	if err != nil { // The text stands on the object as it was, which may be refused again.
		r.failure = fmt.Errorf("%w; this is the object as you first saw it: %w", r.failure, err)
	}
	return notWritten{r.of, r.failure}, nil
}

// notWritten is a text that is not lost.
type notWritten struct {
	of      toEdit
	failure error
}

// Intent implements ui.Lazy.
func (n notWritten) Intent() ui.Intent {
	return ui.Choose{
		Title: "edit of " + n.of.target.Ref.String() + " failed",
		Choices: []ui.Choice{
			{Name: "edit again", Detail: kinds.Clean(n.failure.Error()), Then: editAgain(n)},
			{Name: "give up", Detail: "what you wrote is lost", Then: ui.Say{}},
		},
	}
}

// editAgain opens the editor with what was not written.
type editAgain notWritten

// Intent implements ui.Lazy.
func (e editAgain) Intent() ui.Intent { return e.of.open(e.failure.Error()) }

// withoutNotes is a text without fathom's own lines.
func withoutNotes(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, editNote) {
			out.WriteString(line)
		}
	}
	return out.String()
}
