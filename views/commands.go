package views

import (
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// What the views ask of the cluster side, as values: the shell executes them, and a
// test compares them.
type (
	// refresh makes a cluster try again what does not answer.
	refresh struct{ cluster *kube.Cluster }
	// cancelLogin ends a cluster's credential plugin.
	cancelLogin struct{ cluster *kube.Cluster }
	// describeAgain has a description written again although its object did not change.
	describeAgain struct{ source *kube.Description }
	// play moves a recording as an action says.
	play struct {
		player Player
		action ui.Action
	}
	// seek goes to a time of a recording.
	seek struct {
		player Player
		to     time.Time
	}
)

// refresh asks the cluster again, and says so.
func (s *Session) refresh() ui.Intent {
	return ui.All{refresh{s.Cluster}, ui.Say{Text: "refreshing ...", Role: themes.Muted}}
}

// Execute implements ui.Command.
func (r refresh) Execute() { r.cluster.Refresh() }

// Execute implements ui.Command.
func (c cancelLogin) Execute() { c.cluster.CancelLogin() }

// Execute implements ui.Command.
func (d describeAgain) Execute() { d.source.Again() }

// Execute implements ui.Command.
func (s seek) Execute() { s.player.Seek(s.to) }

// Execute implements ui.Command.
func (p play) Execute() {
	switch p.action {
	case actPlay:
		p.player.Toggle()
	case actFaster:
		p.player.Faster()
	case actSlower:
		p.player.Slower()
	case actNextChange:
		p.player.NextChange()
	case actPreviousChange:
		p.player.PreviousChange()
	case actNextFinding:
		p.player.NextFinding()
	case actPreviousFinding:
		p.player.PreviousFinding()
	}
}

var (
	_ ui.Command = refresh{}
	_ ui.Command = showField{}
	_ ui.Command = cancelLogin{}
	_ ui.Command = describeAgain{}
	_ ui.Command = play{}
	_ ui.Command = seek{}
	_ ui.Command = setGroup{}
)
