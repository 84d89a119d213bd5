package views

import (
	"fmt"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "messages", help: "warnings and errors of this session",
		open: func(s *Session) rootView { return newMessages(s) },
	})
}

// messages are the lines that were not worth a place on the screen, the newest
// at the bottom.
type messages struct {
	screen
	document
}

func newMessages(s *Session) *messages {
	v := &messages{}
	v.screen = newScreen(s, v, s.Messages.Watch())
	v.document = document{text: lines{}, file: "fathom-messages.txt"}
	v.pager.Follow, v.pager.Wrap = true, true
	v.read()
	return v
}

// read reads all messages again: the ring is small.
func (v *messages) read() {
	var all lines
	for _, m := range v.session.Messages.All() {
		line := ui.Line{
			{Text: m.Time.Format("15:04:05"), Role: themes.Muted},
			{Text: fmt.Sprintf("  %-7s  ", m.Level), Role: messageRole(m.Level)},
			{Text: m.Text, Role: themes.Text},
		}
		if m.Count > 1 {
			line = append(line, ui.Span{Text: fmt.Sprintf("  (%d times)", m.Count), Role: themes.Muted})
		}
		all = append(all, line)
	}
	v.text = all
	v.pager.Replaced(all)
}

func messageRole(level string) themes.Role {
	switch level {
	case "error":
		return themes.Failing
	case "warning":
		return themes.Degraded
	}
	return themes.Muted
}

// place implements page.
func (v *messages) place() []string { return []string{"messages"} }

// state implements page.
func (v *messages) state() kube.State { return kube.State{} }

// empty implements page: messages say why nothing answers.
func (v *messages) empty() bool { return false }

// keys implements page.
func (v *messages) keys() []ui.Key { return v.document.keys() }

// update implements page.
func (v *messages) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case kube.Noted:
		v.read()
		return nil
	case ui.Do:
		intent := v.document.update(msg)
		if msg.Action == ui.Bottom {
			v.pager.Follow = true
		}
		return intent
	}
	return v.document.update(msg)
}

// Draw implements ui.View.
func (v *messages) Draw(f ui.Frame) string {
	if v.text.Len() == 0 {
		return v.document.draw(f, ui.Line{{Text: "no messages", Role: themes.Muted}})
	}
	return v.document.draw(f)
}

// Wake implements ui.View.
func (v *messages) Wake(now time.Time) time.Time { return v.document.wake(now) }
