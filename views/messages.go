package views

import (
	"fmt"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// messages are the lines that were not worth a place on the screen, the newest
// at the bottom.
type messages struct {
	document
	session *Session
	sources ui.All
}

func newMessages(s *Session) ui.View {
	v := &messages{session: s, sources: s.watched(ui.All{ui.Watch{Source: s.Messages.Watch()}})}
	v.document = document{text: lines{}, file: "fathom-messages.txt"}
	v.pager.Follow, v.pager.Wrap = true, true
	v.read()
	return v
}

// read takes the messages anew: the ring is small.
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

// Header implements ui.View.
func (v *messages) Header(now time.Time) ui.Header {
	h := v.session.header(now, kube.State{})
	h.Place = append(h.Place, "messages")
	return h
}

// Keys implements ui.View.
func (v *messages) Keys() []ui.Key { return v.session.keys(v.document.keys()) }

// Update implements ui.View.
func (v *messages) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return v.sources
	case kube.Noted:
		v.read()
		return nil
	case ui.Do:
		if v.session.play(msg.Action) {
			return nil
		}
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
