package views

import (
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerTab(tabSpec{
		order: 10, id: "overview", key: "v",
		open: func(s *subject) tab { return newOverview(s) },
	})
}

const (
	childrenMax   = 200 // rows of one kind of children; the rest is counted
	lastEventsMax = 8
)

// overview is one live page about the subject: status, facts, containers,
// conditions, what it owns or runs, last events. The cursor walks over the
// lines that lead somewhere.
type overview struct {
	subject  *subject
	details  kinds.Details
	unread   error // why there are no newer details
	children *children
	events   *kube.Listing
	watching *kube.Watch // of the events
	moved    bool        // the user put the cursor where it is
	cursor   int         // index of a line
	top      int
	height   int
	wake     time.Time
	lines    []entry // as last drawn
}

// entry is one line of the page; enter on it does then.
type entry struct {
	line ui.Line
	id   string // names the line, so that the cursor stays on it
	then ui.Intent
}

func newOverview(s *subject) *overview {
	v := &overview{subject: s, children: newChildren(s)}
	v.read()
	return v
}

// read takes over a new version of the subject.
func (v *overview) read() {
	s := v.subject
	if s.record == nil {
		return
	}
	obj, err := s.session.Cluster.Decode(s.record)
	if v.unread = err; err == nil {
		v.details = s.record.Kind.Details(obj)
	}
}

// Keys implements tab.
func (v *overview) Keys() []ui.Key {
	return []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "open", Group: "Object", Footer: true},
		{Action: ui.Down, Keys: []string{"j", "down"}, Help: "down", Group: "Move"},
		{Action: ui.Up, Keys: []string{"k", "up"}, Help: "up", Group: "Move"},
		{Action: ui.Top, Keys: []string{"g", "home"}, Help: "top", Group: "Move"},
		{Action: ui.Bottom, Keys: []string{"G", "end"}, Help: "bottom", Group: "Move"},
		{Action: ui.PageDown, Keys: []string{"ctrl+f", "pgdown"}, Help: "page down", Group: "Move"},
		{Action: ui.PageUp, Keys: []string{"ctrl+b", "pgup"}, Help: "page up", Group: "Move"},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the name", Group: "Object"},
	}
}

// Update implements tab.
func (v *overview) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		return v.watch()
	case subjectChanged:
		v.read()
		if v.children.resolve() || v.events == nil {
			return v.watch()
		}
	case kube.ListingChanged:
		v.children.update(msg)
	case ui.Do:
		return v.do(msg)
	case ui.Wheel:
		v.scroll(msg.Lines)
	case ui.Clicked:
		return v.clicked(msg)
	}
	return nil
}

// watch asks for what the page shows besides the subject, as far as it is known.
func (v *overview) watch() ui.Intent {
	if v.subject.record == nil {
		return nil
	}
	if v.events == nil {
		v.events = v.subject.events()
		v.watching = v.events.Watch()
	}
	return append(v.children.watches(), ui.Watch{Source: v.watching})
}

func (v *overview) do(msg ui.Do) ui.Intent {
	v.moved = true
	switch msg.Action {
	case ui.Down:
		v.step(1)
	case ui.Up:
		v.step(-1)
	case ui.Top:
		v.cursor, v.top = -1, 0
		v.step(1)
	case ui.Bottom:
		v.cursor = len(v.lines)
		v.step(-1)
		v.top = max(0, len(v.lines)-v.height)
	case ui.PageDown:
		v.scroll(v.height)
	case ui.PageUp:
		v.scroll(-v.height)
	case actCopy:
		return ui.Copy{Text: v.subject.name, What: "name"}
	case actOpen:
		if v.cursor >= 0 && v.cursor < len(v.lines) {
			return v.lines[v.cursor].then
		}
	}
	return nil
}

// step moves to the next line that leads somewhere; when that is out of sight,
// the page scrolls first, so that nothing is passed over unseen.
func (v *overview) step(by int) {
	for i := v.cursor + by; i >= 0 && i < len(v.lines); i += by {
		if v.lines[i].then == nil {
			continue
		}
		if i < v.top-1 || i > v.top+v.height {
			break
		}
		v.cursor = i
		v.top = min(max(v.top, i-v.height+1), i)
		return
	}
	v.scroll(by)
}

// scroll moves the window and takes the cursor along.
func (v *overview) scroll(by int) {
	v.top = max(0, min(v.top+by, len(v.lines)-v.height))
	if v.cursor >= v.top && v.cursor < v.top+v.height {
		return
	}
	for i := v.top; i < min(v.top+v.height, len(v.lines)); i++ {
		if v.lines[i].then != nil {
			v.cursor = i
			return
		}
	}
}

func (v *overview) clicked(msg ui.Clicked) ui.Intent {
	i := v.top + msg.Y
	if i >= len(v.lines) || v.lines[i].then == nil {
		return nil
	}
	v.cursor, v.moved = i, true
	if msg.Double {
		return v.lines[i].then
	}
	return nil
}

// Draw implements tab.
func (v *overview) Draw(f ui.Frame) string {
	var id string
	if v.moved && v.cursor >= 0 && v.cursor < len(v.lines) {
		id = v.lines[v.cursor].id
	}
	v.height, v.wake = f.Height, time.Time{}
	v.lines = v.page(f)
	v.keepCursor(id)
	out := make([]string, 0, f.Height)
	for i := v.top; i < min(len(v.lines), v.top+f.Height); i++ {
		out = append(out, v.drawLine(f, i))
	}
	return strings.Join(out, "\n")
}

func (v *overview) drawLine(f ui.Frame, i int) string {
	e := v.lines[i]
	line := append(ui.Line{{Text: " ", Role: themes.Text}}, e.line...)
	if i != v.cursor || e.then == nil || f.Still {
		return ui.PaintLine(f, line, f.Width, 0)
	}
	line[0].Text = "›"
	var b strings.Builder
	room := f.Width
	for _, s := range line {
		text := ui.Truncate(s.Text, room)
		room -= ui.Width(text)
		b.WriteString(f.Theme.PaintOn(themes.Cursor, s.Role, text))
	}
	return b.String() + f.Theme.PaintOn(themes.Cursor, themes.Text, strings.Repeat(" ", max(0, room)))
}

// keepCursor puts the cursor back on its line after the page changed.
func (v *overview) keepCursor(id string) {
	if i := slices.IndexFunc(v.lines, func(e entry) bool { return e.id == id && e.then != nil }); id != "" && i >= 0 {
		v.cursor = i
	} else if !v.moved || v.cursor >= len(v.lines) || v.cursor < 0 || v.lines[v.cursor].then == nil {
		v.cursor = slices.IndexFunc(v.lines, func(e entry) bool { return e.then != nil })
	}
	v.top = max(0, min(v.top, len(v.lines)-v.height))
}

// Wake implements tab.
func (v *overview) Wake(time.Time) time.Time { return v.wake }
