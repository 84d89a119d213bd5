package main

import (
	"context"
	"time"
)

// AtlasView is how a program shows the parts of the cluster on one page.
type AtlasView struct {
	// Name is what opens it where a kind could be named.
	Name string `json:"name"`
	// Shown is on its screen, and FirstWaits is not, once it says how the control plane is.
	Shown      pattern `json:"shown"`
	FirstWaits pattern `json:"firstWaits"`
	// Waits is not there once everything is known, each of the nodes too.
	Waits pattern `json:"waits"`
}

// atlas opens the page and measures how long the control plane is awaited there, and how long
// anything is.
func (c *course) atlas(context.Context) error {
	view := c.program.Atlas
	if view == nil {
		return nil
	}
	pressed, err := c.goTo(view.Name)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		metric string
		waits  pattern
	}{{"atlas", view.FirstWaits}, {"atlas-whole", view.Waits}} {
		shown, err := c.shown("the atlas", keyLimit, func(text string) bool {
			return view.Shown.in(text) && !step.waits.in(text)
		})
		if err != nil {
			return err
		}
		c.add(step.metric, milliseconds(shown.Sub(pressed)))
	}
	c.session.settle(500 * time.Millisecond)
	return nil
}
