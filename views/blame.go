package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/yamltext"
)

const actBlame ui.Action = "blame"

// blame is who set each field of an object, at the left of its YAML.
type blame struct {
	source  *kube.Blaming
	on      bool
	known   bool // an answer has come
	problem error
	fields  map[yamltext.Path][]history.Manager
}

// The columns at the left: a manager, and how long ago it last set something.
const (
	blameName = 18
	blameAge  = 4
)

// toggle shows or hides the managers of a record.
func (b *blame) toggle(s *subject) ui.Intent {
	b.on = !b.on
	if !b.on || s.record == nil {
		return nil
	}
	if b.source == nil {
		b.source = s.session.Cluster.Blaming()
	}
	b.source.Ask(s.record)
	return ui.Watch{Source: b.source}
}

// renew asks again after the object has changed.
func (b *blame) renew(s *subject) {
	if b.on && b.source != nil && s.record != nil {
		b.source.Ask(s.record)
	}
}

func (b *blame) set(msg kube.Blamed) {
	b.known, b.problem = true, msg.Err
	if msg.Err != nil {
		return
	}
	b.fields = make(map[yamltext.Path][]history.Manager, len(msg.Fields))
	for _, f := range msg.Fields {
		path := yamltext.Root
		for _, step := range f.Path {
			path = path.Step(step)
		}
		b.fields[path] = f.By
	}
}

// column is what stands at the left of a line.
func (b *blame) column(l *yamltext.Line, s *Session) ui.Line {
	name, age, role := "", "", themes.Muted
	if by := b.fields[l.Leaf]; l.Leaf != 0 && len(by) > 0 {
		name = by[0].Name
		if len(by) > 1 {
			name += " +"
		}
		if _, hand := by[0].Tool(); hand {
			role = themes.Accent
		}
		if at := by[0].At; !at.IsZero() {
			age = kinds.CoarseAge(s.Now().Sub(at))
		}
	}
	name = ui.Truncate(name, blameName)
	text := name + strings.Repeat(" ", blameName-ui.Width(name)+1+max(0, blameAge-len(age))) + age
	return ui.Line{{Text: text, Role: role}, {Text: " │ ", Role: themes.Muted}}
}

// note says what the columns are, or why there are none.
func (b *blame) note(s *subject, width int) []ui.Line {
	switch {
	case !b.on:
		return nil
	case b.problem != nil:
		return note(kinds.Clean(b.problem.Error()), themes.Degraded, width)
	case !b.known:
		return note("asking who set each field ...", themes.Muted, width)
	}
	words := "who set each field, and how long ago it last set any; blank: a default"
	if s.asOf != nil {
		words = "who set each field of the newest version, not of this one"
	}
	return note(words, themes.Muted, width)
}
