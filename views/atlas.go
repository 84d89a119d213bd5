package views

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "atlas", help: "the cluster as its architecture, live", also: []string{"pulse", "pulses"},
		open: func(s *Session) rootView { return newAtlas(s) },
	})
}

// atlas is the cluster as its architecture has it: five layers, and in each the parts
// with what they are for, where they run, whether they live and how that is known.
//
//	kube.Checks, Counts, IdentityWatch, Digest ──> atlasFeeds ──> a file per layer ──> atlasPage ──> screen
//
// It draws at once with what is known. What may be large is counted, and loaded only
// when the count is small (see loadMax).
type atlas struct {
	screen
	feeds  atlasFeeds
	canvas atlasPage
	wake   time.Time
}

func newAtlas(s *Session) *atlas {
	v := &atlas{feeds: newAtlasFeeds(s)}
	v.screen = newScreen(s, v)
	return v
}

// place implements page.
func (v *atlas) place() []string { return []string{"atlas"} }

// state implements page: that of the nodes, since without them there is hardly a page.
func (v *atlas) state() kube.State { return kube.State{} }

// empty implements page: what cannot be seen is named.
func (v *atlas) empty() bool { return false }

const (
	actNextLayer ui.Action = "next-layer"
	actRights    ui.Action = "rights"
)

// rightsPrompt asks for a namespace.
const rightsPrompt = "rights"

// keys implements page.
func (v *atlas) keys() []ui.Key {
	return []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "the objects behind it", Group: "Atlas", Footer: true},
		{Action: actNextLayer, Keys: []string{"tab"}, Help: "next layer", Group: "Atlas", Footer: true},
		{Action: actRights, Keys: []string{"n"}, Help: "your rights in a namespace", Group: "Atlas"},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the line", Group: "Atlas"},
		{Action: ui.Down, Keys: []string{"j", "down"}, Help: "down", Group: "Move"},
		{Action: ui.Up, Keys: []string{"k", "up"}, Help: "up", Group: "Move"},
		{Action: ui.Left, Keys: []string{"left"}, Help: "column to the left", Group: "Move"},
		{Action: ui.Right, Keys: []string{"right"}, Help: "column to the right", Group: "Move"},
		{Action: ui.Top, Keys: []string{"g", "home"}, Help: "top", Group: "Move"},
		{Action: ui.Bottom, Keys: []string{"G", "end"}, Help: "bottom", Group: "Move"},
		{Action: ui.PageDown, Keys: []string{"ctrl+f", "pgdown"}, Help: "page down", Group: "Move"},
		{Action: ui.PageUp, Keys: []string{"ctrl+b", "pgup"}, Help: "page up", Group: "Move"},
	}
}

// update implements page.
func (v *atlas) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Do:
		if msg.Action == actRights {
			return v.askForNamespace()
		}
		return v.canvas.do(msg)
	case ui.Entered:
		return v.rightsIn(strings.TrimSpace(msg.Text))
	case ui.Wheel:
		v.canvas.scroll(msg.Lines)
	case ui.Clicked:
		return v.canvas.clicked(msg)
	default:
		return v.feeds.update(msg)
	}
	return nil
}

// askForNamespace opens a prompt for the namespace whose rights are shown.
func (v *atlas) askForNamespace() ui.Intent {
	if v.session.isSaved() {
		return ui.Say{Text: "nobody has rights in a file", Role: themes.Muted}
	}
	return ui.Prompt{Name: rightsPrompt, Label: "your rights in namespace: "}
}

// rightsIn shows what we may do in a namespace, and where that stands.
func (v *atlas) rightsIn(namespace string) ui.Intent {
	if problems := validation.IsDNS1123Label(namespace); len(problems) > 0 {
		return ui.Say{Text: "not the name of a namespace: " + kinds.Clean(namespace), Role: themes.Degraded}
	}
	v.canvas.goTo("your rights")
	return v.feeds.askRights(namespace)
}

// Draw implements ui.View.
func (v *atlas) Draw(f ui.Frame) string {
	w := &atlasWriter{feeds: &v.feeds, session: v.session, frame: f}
	layers := w.layers()
	v.wake = w.wake
	return v.canvas.draw(f, summary(layers, v.session.Saved), layers)
}

// Wake implements ui.View.
func (v *atlas) Wake(time.Time) time.Time { return v.wake }
