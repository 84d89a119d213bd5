package views

import (
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// openLines opens a text that is known as a whole.
type openLines struct {
	session     *Session
	title, text string
}

// Intent implements ui.Lazy.
func (o openLines) Intent() ui.Intent {
	v := &textPage{title: o.title}
	var all lines
	for line := range strings.SplitSeq(strings.TrimSuffix(o.text, "\n"), "\n") {
		all = append(all, ui.Line{{Text: line, Role: themes.Text}})
	}
	v.screen = newScreen(o.session, v)
	v.document = document{text: all, file: "fathom-" + strings.ReplaceAll(o.title, " ", "-") + ".txt"}
	v.pager.Wrap = true
	return ui.Open{View: v}
}

// textPage is a text of its own on the stack: what is behind a line of the atlas that no
// object is behind.
type textPage struct {
	screen
	document
	title string
}

func (v *textPage) place() []string           { return []string{v.title} }
func (v *textPage) state() kube.State         { return kube.State{} }
func (v *textPage) empty() bool               { return false }
func (v *textPage) keys() []ui.Key            { return v.document.keys() }
func (v *textPage) update(m ui.Msg) ui.Intent { return v.document.update(m) }

// Draw implements ui.View.
func (v *textPage) Draw(f ui.Frame) string { return v.document.draw(f) }

// Wake implements ui.View.
func (v *textPage) Wake(now time.Time) time.Time { return v.document.wake(now) }
