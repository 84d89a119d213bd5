package views

import (
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/plugins"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// pluginProgram is a plugin on the terminal.
type pluginProgram struct{ *plugins.Run }

// After implements what the shell does when the plugin has ended.
func (p pluginProgram) After(err error) ui.Intent {
	if err != nil && !p.State().Ended { // The terminal could not be given to it.
		return ui.Say{Text: p.String() + ": " + err.Error(), Role: themes.Failing}
	}
	return ui.Say{Text: p.String() + ": " + p.State().String(), Role: pluginRole(p.State())}
}

// pluginOpen opens the view of a plugin's output.
type pluginOpen struct {
	session *Session
	run     *plugins.Run
}

// Intent implements ui.Lazy.
func (o pluginOpen) Intent() ui.Intent { return ui.Open{View: newPluginOutput(o.session, o.run)} }

// pluginOutput shows what a plugin writes. To leave it ends the plugin.
type pluginOutput struct {
	screen
	document
	run     *plugins.Run
	began   time.Time
	text    pluginText
	dropped int
}

// atOnce is how soon a plugin ends whose output is a text to read, from its first line on.
const atOnce = 2 * time.Second

// pluginText is the lines of a plugin's output.
type pluginText []string

// Len implements ui.Document.
func (t *pluginText) Len() int { return len(*t) }

// Line implements ui.Document.
func (t *pluginText) Line(i int) ui.Line { return ui.Line{{Text: (*t)[i], Role: themes.Text}} }

func newPluginOutput(s *Session, run *plugins.Run) *pluginOutput {
	v := &pluginOutput{run: run, began: s.Now()}
	v.screen = newScreen(s, v, run)
	v.document = document{text: &v.text, file: run.Plugin.Name + ".txt"}
	v.document.whole = func() string { return strings.Join(append(v.text, ""), "\n") }
	v.pager.Follow = true
	return v
}

// place implements page.
func (v *pluginOutput) place() []string { return []string{v.run.String()} }

// state implements page.
func (v *pluginOutput) state() kube.State { return kube.State{} }

// empty implements page.
func (v *pluginOutput) empty() bool { return false }

// keys implements page.
func (v *pluginOutput) keys() []ui.Key { return v.document.keys() }

// update implements page.
func (v *pluginOutput) update(msg ui.Msg) ui.Intent {
	if _, is := msg.(plugins.Changed); !is {
		return v.document.update(msg)
	}
	before := len(v.text)
	lines, dropped := v.run.Output.Lines()
	if n := dropped - v.dropped; n > 0 {
		v.pager.Dropped(n)
		before = max(0, before-n)
	}
	v.text, v.dropped = lines, dropped
	v.pager.Moved(max(0, before-1)) // The last line may have been half of one.
	if v.run.State().Ended && v.pager.Follow && v.session.Now().Sub(v.began) < atOnce {
		v.pager.Follow = false
		v.pager.GoTo(0, v.document.text)
	}
	return nil
}

func pluginRole(s plugins.State) themes.Role {
	switch {
	case !s.Ended:
		return themes.Waiting
	case s.Err != nil:
		return themes.Failing
	}
	return themes.OK
}

// Draw implements ui.View.
func (v *pluginOutput) Draw(f ui.Frame) string {
	state := v.run.State()
	words := state.String()
	if !state.Ended {
		words += "; esc ends it"
	}
	ends := ui.Line{{Text: words, Role: pluginRole(state)}}
	if v.dropped > 0 {
		text := "  the " + counted(v.dropped, "oldest lines") + " are not kept"
		ends = append(ends, ui.Span{Text: text, Role: themes.Muted})
	}
	head := append(note("$ "+v.run.CommandLine(), themes.Heading, f.Width), ends)
	return v.document.draw(f, append(head, ui.Line{})...)
}

// Wake implements ui.View.
func (v *pluginOutput) Wake(now time.Time) time.Time { return v.document.wake(now) }
