package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// writeWord switches to write mode, or back with "off".
const writeWord = "write"

// setWritable switches write mode of the context that is looked at.
type setWritable struct {
	session *Session
	on      bool
}

// Intent implements ui.Lazy.
func (w setWritable) Intent() ui.Intent {
	c := w.session.Cluster
	if d := w.session.drained(); !w.on && d != nil {
		d.Stop()
	}
	if err := c.SetWritable(w.on); err != nil {
		return ui.Say{Text: err.Error(), Role: themes.Failing}
	}
	if !w.on {
		return ui.Say{Text: c.Name() + " is read-only", Role: themes.OK}
	}
	return ui.Say{Text: "write mode in " + c.Name() + "; :write off ends it", Role: themes.Degraded}
}

// askWritable asks before write mode begins.
type askWritable struct{ session *Session }

// Intent implements ui.Lazy.
func (a askWritable) Intent() ui.Intent {
	s := a.session
	switch {
	case s.Hands == nil:
		return ui.Say{Text: "what was saved cannot be changed", Role: themes.Muted}
	case s.Cluster.Never(), s.Cluster.OnlyLooks(), s.Cluster.Writable():
		return setWritable{s, true}.Intent()
	}
	ask := ui.Confirm{
		Question: "Switch to write mode in context " + s.Cluster.Name() + ", cluster " + s.Cluster.Server() +
			"? Each change is still shown and asked before it happens.",
		Then: setWritable{s, true},
	}
	if s.Production {
		ask.Question = "PRODUCTION. " + ask.Question
		ask.Type = s.Cluster.Name()
	}
	return ask
}

// writeChoices are the palette's entries for write mode.
func (s *Session) writeChoices() []ui.Choice {
	if s.Hands == nil {
		return nil
	}
	if s.Cluster.Writable() {
		return []ui.Choice{{
			Name: writeWord + " off", Also: []string{"read-only", "readonly"},
			Detail: "command: read-only again", Then: setWritable{s, false},
		}, {
			Name: writeWord, Detail: "write mode is on", Then: askWritable{s},
		}}
	}
	return []ui.Choice{{
		Name: writeWord, Detail: "command: write mode, after a question", Then: askWritable{s},
	}}
}

// writeNamed is what "write off" means while it is typed.
func (s *Session) writeNamed(rest string) []ui.Choice {
	if strings.EqualFold(rest, "off") || strings.EqualFold(rest, "no") {
		return []ui.Choice{{Name: writeWord + " off", Detail: "read-only again", Then: setWritable{s, false}}}
	}
	return s.writeChoices()
}

// leave ends write mode of a context that somebody goes away from. It says what is to be ended first: what goes
// on there needs write mode.
func (s *Session) leave(to *kube.Cluster) ui.Intent {
	if to == s.Cluster {
		return nil
	}
	if d := s.drained(); d != nil && d.GoesOn() {
		return ui.Say{Text: d.String() + " goes on; stop it in :drain first", Role: themes.Degraded}
	}
	_ = s.Cluster.SetWritable(false) // Only switching on can fail.
	return nil
}
