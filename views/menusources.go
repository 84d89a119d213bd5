package views

import (
	"context"
	"io"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/ui"
)

// objectSource reads the object that a menu is about, once.
type objectSource struct {
	target effects.Target
	done   bool
}

// objectRead is what it found; nil where the object cannot be read.
type objectRead struct {
	from   *objectSource
	object map[string]any
}

// Next implements ui.Source.
func (o *objectSource) Next(ctx context.Context) (ui.Msg, error) {
	if o.done {
		return nil, io.EOF
	}
	o.done = true
	t := o.target
	// What cannot be read has a menu all the same: the review says why.
	object, _ := t.Cluster.Fetch(ctx, t.Resource, t.Ref.Namespace, t.Ref.Name, "")
	return objectRead{o, object}, ctx.Err()
}

// choiceSource reads what may be chosen for an effect, once.
type choiceSource struct {
	menu  *menu
	offer effects.Offer
	done  bool
}

// choicesRead is what it found.
type choicesRead struct {
	from    *choiceSource
	choices []effects.Choice
	err     error
}

// Next implements ui.Source.
func (c *choiceSource) Next(ctx context.Context) (ui.Msg, error) {
	if c.done {
		return nil, io.EOF
	}
	c.done = true
	out := choicesRead{from: c}
	out.choices, out.err = c.offer.Choices(ctx, c.menu.targets[0])
	return out, ctx.Err()
}
