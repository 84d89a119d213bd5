package views

import (
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerTab(tabSpec{
		order: 20, id: "describe", key: "d", footer: true, api: true,
		open: func(s *subject) tab { return newDescribe(s) },
	})
}

// describe is what kubectl describe says about the subject, with its labels
// and warnings coloured.
type describe struct {
	document
	subject *subject
	source  *kube.Description
	problem string // why the text is old or missing

	events  *kube.Listing
	heard   *kube.Watch // of the events, which end the text
	version uint64      // of the events when they were last looked at
	known   bool        // the events that existed at first have come
}

func newDescribe(s *subject) *describe {
	v := &describe{subject: s, source: s.session.Cluster.Describe(s.resource, s.namespace, s.name)}
	v.document = document{text: lines{}, file: s.fileName(".txt")}
	return v
}

// Keys implements tab.
func (v *describe) Keys() []ui.Key { return v.document.keys() }

// Update implements tab.
func (v *describe) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return v.watch()
	case kube.ListingChanged:
		if msg.Listing == v.events {
			return v.eventsChanged()
		}
		return nil
	case kube.Described:
		if msg.From == v.source {
			v.setText(msg)
		}
		return nil
	case ui.Ended:
		if msg.Source == v.source && msg.Err != nil {
			v.problem = msg.Err.Error()
		}
		return nil
	}
	return v.document.update(msg)
}

// watch follows the object and its events. An event does not change the object
// that it is about, so the description would not notice.
func (v *describe) watch() ui.Intent {
	if v.events == nil {
		v.events = v.subject.events()
		v.heard = v.events.Watch()
	}
	return ui.All{ui.Watch{Source: v.source}, ui.Watch{Source: v.heard}}
}

// eventsChanged has the text written again when an event came, but not for those that
// existed at first: the first text has them.
func (v *describe) eventsChanged() ui.Intent {
	version := v.events.Since(v.version).Version
	changed := version != v.version
	v.version = version
	if !v.known {
		v.known = v.events.State().Phase == kube.Live
		return nil
	}
	if changed {
		return describeAgain{v.source}
	}
	return nil
}

func (v *describe) setText(d kube.Described) {
	v.problem = ""
	if d.Err != nil {
		v.problem = d.Err.Error()
	}
	if d.Text != "" {
		v.text = describeLines(d.Text)
		v.pager.Replaced(v.text)
	}
}

// Draw implements tab.
func (v *describe) Draw(f ui.Frame) string { return v.document.draw(f, v.head(f.Width)...) }

func (v *describe) head(width int) []ui.Line {
	switch {
	case v.problem != "":
		return note(v.problem, themes.Failing, width)
	case v.text.Len() == 0:
		return note("describing ...", themes.Muted, width)
	}
	return nil
}

// Wake implements tab.
func (v *describe) Wake(now time.Time) time.Time { return v.document.wake(now) }

// describeLines colours a description; its text stays the same.
func describeLines(text string) lines {
	rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	out := make(lines, len(rows))
	events := false
	for i, row := range rows {
		if row != "" && row[0] != ' ' {
			events = strings.HasPrefix(row, "Events:")
		}
		if events && strings.HasPrefix(strings.TrimLeft(row, " "), "Warning ") {
			out[i] = ui.Line{{Text: row, Role: themes.Degraded}}
			continue
		}
		out[i] = labelled(row)
	}
	return out
}

// labelled returns a row whose label, up to the first colon, has its own colour. A
// colon inside a value ("http://x") does not end a label.
func labelled(row string) ui.Line {
	label, rest, ok := strings.Cut(row, ":")
	if !ok || rest != "" && rest[0] != ' ' || strings.Contains(strings.TrimLeft(label, " "), "  ") {
		return ui.Line{{Text: row, Role: themes.Text}}
	}
	line := ui.Line{{Text: label + ":", Role: themes.SyntaxKey}}
	if rest != "" {
		line = append(line, ui.Span{Text: rest, Role: themes.Text})
	}
	return line
}
