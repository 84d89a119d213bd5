package views

import (
	"fmt"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// copying shows how far a copy is. To leave it ends the copy.
type copying struct {
	screen
	document
	copy     *remote.Copy
	progress remote.Progress
}

func newCopying(s *Session, files *remote.Copy) *copying {
	v := &copying{copy: files}
	v.screen = newScreen(s, v, files)
	v.document = document{text: lines{}, file: "fathom-copy.txt"}
	v.write()
	return v
}

// place implements page.
func (v *copying) place() []string { return []string{"copy"} }

// state implements page.
func (v *copying) state() kube.State { return kube.State{} }

// empty implements page.
func (v *copying) empty() bool { return false }

// keys implements page.
func (v *copying) keys() []ui.Key { return v.document.keys() }

// update implements page.
func (v *copying) update(msg ui.Msg) ui.Intent {
	if p, is := msg.(remote.Progress); is {
		v.progress = p
		v.write()
		if p.Done && p.Err == nil {
			return ui.Say{Text: v.copy.String() + ": done, " + sizeText(p.Bytes), Role: themes.OK}
		}
		return nil
	}
	return v.document.update(msg)
}

// write puts the progress into words.
func (v *copying) write() {
	p := v.progress
	state := ui.Line{{Text: " copying; esc cancels it", Role: themes.Waiting}}
	switch {
	case p.Err != nil:
		state = ui.Line{{Text: " ✖ " + p.Err.Error(), Role: themes.Failing}}
	case p.Done:
		state = ui.Line{{Text: " done", Role: themes.OK}}
	}
	row := func(name, value string) ui.Line {
		return ui.Line{{Text: fmt.Sprintf(" %-10s", name), Role: themes.Muted}, {Text: value, Role: themes.Text}}
	}
	in := v.copy.Subject.String() + ", " + v.copy.Container.Name + ": "
	from, to := in+v.copy.From, v.copy.To
	if v.copy.In {
		from, to = v.copy.From, in+v.copy.To
	}
	all := lines{
		row("from", kinds.Clean(from)), row("to", kinds.Clean(to)),
		row("files", fmt.Sprint(p.Files)), row("bytes", sizeText(p.Bytes)),
	}
	if p.Skipped > 0 {
		all = append(all, row("left out", fmt.Sprintf("%d (links, devices)", p.Skipped)))
	}
	v.text = append(all, ui.Line{}, state)
	v.pager.Replaced(v.text)
}

// Draw implements ui.View.
func (v *copying) Draw(f ui.Frame) string { return v.document.draw(f) }

// Wake implements ui.View.
func (v *copying) Wake(now time.Time) time.Time { return v.document.wake(now) }
