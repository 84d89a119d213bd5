package views

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/redact"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/yamltext"
)

func init() {
	registerTab(tabSpec{
		order: 30, id: "yaml", key: "y", footer: true,
		goesBack: "the whole object",
		open:     func(s *subject) tab { return newYAML(s) },
	})
}

const (
	actFold     ui.Action = "fold"
	actManagers ui.Action = "managed-fields"
	actReveal   ui.Action = "show-values"
)

// managedFields is where an object says who wrote its fields: long, and
// rarely what one came for.
var managedFields = yamltext.Root.Step("metadata").Step("managedFields")

// yamlTab is the object as YAML. It is a document of the lines that are not
// folded away.
type yamlTab struct {
	document
	subject  *subject
	stale    bool  // the subject is newer than the lines
	missing  error // why there are no newer lines
	lines    []yamltext.Line
	visible  []int // indexes of lines
	folded   map[yamltext.Path]bool
	hides    bool // there are values of Secrets in the object
	revealed bool // they are shown
	blame    blame
}

func newYAML(s *subject) *yamlTab {
	v := &yamlTab{subject: s, stale: true, folded: map[yamltext.Path]bool{managedFields: true}}
	v.document = document{text: v, whole: v.unfolded, file: s.fileName(".yaml")}
	v.pager.Select = true
	return v
}

// Len implements ui.Document.
func (v *yamlTab) Len() int { return len(v.visible) }

// Line implements ui.Document.
func (v *yamlTab) Line(i int) ui.Line {
	l := &v.lines[v.visible[i]]
	line := l.Spans()
	if v.blame.on && v.blame.fields != nil {
		line = append(v.blame.column(l, v.subject.session), line...)
	}
	if v.folds(v.visible[i]) {
		line = append(slices.Clip(line), ui.Span{Text: "  # " + counted(l.Count, l.Unit), Role: themes.Muted})
	}
	return line
}

// folds reports whether line i hides the lines of its value.
func (v *yamlTab) folds(i int) bool { return v.lines[i].End > i+1 && v.folded[v.lines[i].Path] }

// Keys implements tab.
func (v *yamlTab) Keys() []ui.Key {
	keys := []ui.Key{
		{Action: actFold, Keys: []string{"enter", "space"}, Help: "fold", Group: "Text", Footer: true},
		{Action: actManagers, Keys: []string{"M"}, Help: "managed fields", Group: "Text", Footer: true},
		{Action: actBlame, Keys: []string{"b"}, Help: "who set what", Group: "Text", Footer: true},
	}
	if v.hides || v.subject.secret() {
		help := "show values"
		if v.revealed {
			help = "hide values"
		}
		keys = append([]ui.Key{{Action: actReveal, Keys: []string{"x"}, Help: help, Group: "Object", Footer: true}}, keys...)
	}
	return append(keys, v.document.keys()...)
}

// Update implements tab.
func (v *yamlTab) Update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		v.reveal(false)
	case subjectChanged:
		v.stale = true
		v.blame.renew(v.subject)
	case kube.Blamed:
		if msg.From == v.blame.source {
			v.blame.set(msg)
		}
		return nil
	case ui.Clicked:
		v.document.update(msg)
		if msg.Double {
			v.fold()
		}
		return nil
	case ui.Do:
		v.refresh()
		switch msg.Action {
		case actFold:
			v.fold()
			return nil
		case actManagers:
			v.toggle(managedFields)
			return nil
		case actReveal:
			v.reveal(!v.revealed)
			return nil
		case actBlame:
			return v.blame.toggle(v.subject)
		}
	}
	return v.document.update(msg)
}

func (v *yamlTab) reveal(on bool) {
	if v.revealed != on {
		v.revealed, v.stale = on, true
	}
}

// refresh prints the newest version of the subject, unless it is printed already. If it
// cannot be read, the last one stays on the screen.
func (v *yamlTab) refresh() {
	s := v.subject
	if !v.stale || s.record == nil {
		return
	}
	v.stale = false
	var fields map[string]any
	if fields, v.missing = s.session.Cluster.Fields(s.record); v.missing != nil {
		return
	}
	v.lines = yamltext.Print(v.shown(fields))
	v.arrange()
}

// shown returns the fields as they are printed: with the values of Secrets hidden until
// they are asked for.
func (v *yamlTab) shown(fields map[string]any) map[string]any {
	secret := v.subject.record.Kind.Secret
	var hidden map[string]any
	if hidden, v.hides = redact.Object(fields, hiding); secret {
		hidden, v.hides = redact.Secret(fields, hiding), true
	}
	switch {
	case !v.revealed:
		return hidden
	case secret:
		return explained(fields)
	}
	return fields
}

// arrange finds the lines that are not folded away.
func (v *yamlTab) arrange() {
	v.visible = v.visible[:0]
	for i := 0; i < len(v.lines); {
		v.visible = append(v.visible, i)
		if v.folds(i) {
			i = v.lines[i].End
		} else {
			i++
		}
	}
	v.pager.Replaced(v)
}

// fold folds or unfolds the value that starts at the cursor, else folds the
// one around the cursor.
func (v *yamlTab) fold() {
	if len(v.visible) == 0 {
		return
	}
	at := v.visible[v.pager.Cursor()]
	for row := v.pager.Cursor(); row >= 0; row-- {
		i := v.visible[row]
		if v.lines[i].End > at && v.lines[i].End > i+1 {
			v.toggle(v.lines[i].Path)
			v.pager.GoTo(row, v)
			return
		}
	}
}

func (v *yamlTab) toggle(path yamltext.Path) {
	v.folded[path] = !v.folded[path]
	v.arrange()
}

// unfolded is the text for elsewhere: whole, but without the managed fields
// while they are folded, as kubectl leaves them out; and with a Secret's
// values only while they are shown.
func (v *yamlTab) unfolded() string {
	var b strings.Builder
	for i := 0; i < len(v.lines); i++ {
		if v.lines[i].Path == managedFields && v.folded[managedFields] {
			i = v.lines[i].End - 1
			continue
		}
		for _, span := range v.lines[i].Spans() {
			b.WriteString(span.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Draw implements tab.
func (v *yamlTab) Draw(f ui.Frame) string {
	v.refresh()
	return v.document.draw(f, v.head(f.Width)...)
}

func (v *yamlTab) head(width int) []ui.Line {
	switch {
	case v.missing != nil:
		words, role := v.subject.without(v.missing)
		return note(words, role, width)
	case len(v.lines) == 0 && !v.subject.deleted.IsZero():
		return note("it does not exist", themes.Muted, width)
	case len(v.lines) == 0:
		return note("loading ...", themes.Muted, width)
	}
	return v.blame.note(v.subject, width)
}

// Wake implements tab.
func (v *yamlTab) Wake(now time.Time) time.Time { return v.document.wake(now) }

// hiding puts what stands for a value that is not shown where a Secret's values are.
var hiding = redact.Style{Data: hidden, Text: hidden}

func hidden(bytes int) any { return yamltext.Note(redact.Words(bytes)) }

// explained returns the fields of a Secret with its values explained by what they
// decode to. It changes nothing in fields.
func explained(fields map[string]any) map[string]any {
	fields = maps.Clone(fields)
	fields["data"] = eachValue(fields["data"], func(s string) any {
		decoded, err := base64.StdEncoding.DecodeString(s)
		if err != nil || !utf8.Valid(decoded) {
			return yamltext.Comment{Value: s, Text: fmt.Sprintf("%d bytes that are not text", len(decoded))}
		}
		return yamltext.Comment{Value: s, Text: string(decoded)}
	})
	if fields["data"] == nil {
		delete(fields, "data")
	}
	return fields
}

// eachValue changes the strings of a map; nil for anything but a map.
func eachValue(m any, change func(string) any) any {
	values, ok := m.(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]any, len(values))
	for key, v := range values {
		s, ok := v.(string)
		if !ok {
			s = fmt.Sprint(v)
		}
		out[key] = change(s)
	}
	return out
}

// counted is "1 item" or "3 items" of a unit in the plural.
func counted(n int, unit string) string {
	if n == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return fmt.Sprintf("%d %s", n, unit)
}
