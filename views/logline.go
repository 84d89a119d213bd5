package views

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	kubelogs "github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

// logLine is one line of a log, whole: what it says, field by field, then as it is.
type logLine struct {
	screen
	document
	where []string
	logs  *logs
	of    []field
}

// openLine opens the line under the cursor, with the stack trace below it.
func (v *logs) openLine() ui.Intent {
	i := v.pager.Cursor()
	if i >= v.Len() {
		return ui.Say{Text: "no line yet", Role: themes.Muted}
	}
	l := *v.shown(i)
	out := &logLine{where: []string{"log line"}}
	if l.Stream < len(v.streams) {
		s := v.streams[l.Stream]
		out.where = []string{s.pod.Name + " " + s.container.Name, "log line"}
	}
	text := lineText(&l)
	for _, below := range v.buffer.Trace(v.number(i) - v.buffer.Dropped()) {
		text.lines = append(text.lines, ui.Line{{Text: kinds.WithoutSGR(v.buffer.Line(below).Text), Role: themes.Muted}})
	}
	out.logs, out.of = v, text.of
	out.document = document{text: text.lines, file: strings.TrimSuffix(v.file, ".log") + "-line.log"}
	out.pager.Wrap, out.pager.Select = true, true
	out.screen = newScreen(v.subject.session, out)
	return ui.Open{View: out}
}

// field is what a line of fieldLines shows: its name as filters have it, "" where they have
// none, and the value.
type field struct{ name, value string }

// fieldLines are the fields of a line, below each other.
type fieldLines struct {
	lines lines
	of    []field
}

// lineText lays out what a line says.
func lineText(l *kube.LogLine) *fieldLines {
	text := kinds.WithoutSGR(l.Text)
	e := kubelogs.Parse(text)
	out := &fieldLines{}
	if !l.Time.IsZero() && l.Flags&kubelogs.Untimed == 0 {
		out.add("received", l.Time.UTC().Format(time.RFC3339Nano), themes.Text, "")
	}
	out.add("time", e.Time, themes.Text, "")
	out.add("level", e.Level.String(), logbuf.LevelRole(e.Level), "level")
	if e.Format != "" {
		out.add("message", e.Message, themes.Text, "msg")
	}
	out.add("error", e.Error, themes.Failing, "error")
	out.add("caller", e.Caller, themes.Text, "caller")
	for _, f := range e.Fields {
		out.add(f.Name, f.Value, themes.Text, f.Name)
	}
	if len(out.lines) > 0 {
		out.lines = append(out.lines, ui.Line{})
	}
	out.lines = append(out.lines, ui.Line{{Text: text, Role: themes.Muted}})
	return out
}

// fieldNameWidth is how wide the names of fields are, unless one is longer.
const fieldNameWidth = 12

// add adds a field that has a value. What is JSON inside is laid out, and line feeds
// begin lines. A filter has it as named.
func (f *fieldLines) add(name, value string, role themes.Role, named string) {
	if value == "" {
		return
	}
	of := field{named, value}
	var indented bytes.Buffer
	if (value[0] == '{' || value[0] == '[') && !deep(value) && json.Indent(&indented, []byte(value), "", "  ") == nil {
		value = indented.String()
	}
	name = kinds.Clean(name)
	name += strings.Repeat(" ", max(1, fieldNameWidth-ui.Width(name)))
	for i, part := range strings.Split(value, "\n") {
		if i > 0 {
			name = strings.Repeat(" ", ui.Width(name))
		}
		f.lines = append(f.lines, ui.Line{{Text: name, Role: themes.Muted}, {Text: kinds.Clean(part), Role: role}})
		f.of = append(f.of, of)
	}
}

// depthMax is how deep a value may be nested that is laid out. One of 10,000 levels would
// be a hundred megabytes of blanks.
const depthMax = 50

// deep reports whether a value of JSON is nested deeper than that. Brackets in strings
// count, too, which leaves some values as they are.
func deep(value string) bool {
	depth := 0
	for i := range len(value) {
		switch value[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > depthMax {
			return true
		}
	}
	return false
}

// field is what is under the cursor.
func (v *logLine) field() (f field) {
	if at := v.pager.Cursor(); at < len(v.of) {
		f = v.of[at]
	}
	return f
}

// term is the filter for lines with the value under the cursor; "" where there is none.
func (v *logLine) term() string { return logbuf.FieldTerm(v.field().name, v.field().value) }

// filter lets the log show only lines with the value under the cursor.
func (v *logLine) filter() ui.Intent {
	term := v.term()
	if term == "" {
		return ui.Say{Text: "nothing here that lines could be filtered by", Role: themes.Muted}
	}
	s := &v.logs.sifted
	s.filter = strings.TrimSpace(s.filter + " " + term)
	v.logs.sift()
	return ui.Back{}
}

// column makes the field under the cursor a column of the log, or no longer.
func (v *logLine) column() ui.Intent {
	name := v.field().name
	if name == "" {
		return ui.Say{Text: "nothing here that could be a column", Role: themes.Muted}
	}
	v.logs.prefix.ToggleColumn(name)
	return ui.Back{}
}

// place implements page.
func (v *logLine) place() []string { return v.where }

// state implements page.
func (v *logLine) state() kube.State { return kube.State{} }

// empty implements page.
func (v *logLine) empty() bool { return false }

// keys implements page.
func (v *logLine) keys() []ui.Key {
	column := "show as a column"
	if slices.Contains(v.logs.prefix.Columns, v.field().name) {
		column = "no longer a column"
	}
	return append([]ui.Key{
		{Action: actFilterLines, Keys: []string{"&"}, Help: "filter by this", Group: "Logs", Footer: v.term() != ""},
		{Action: actColumn, Keys: []string{"|"}, Help: column, Group: "Logs", Footer: v.field().name != ""},
	}, v.document.keys()...)
}

// update implements page.
func (v *logLine) update(msg ui.Msg) ui.Intent {
	if pressed, is := msg.(ui.Do); is {
		switch pressed.Action {
		case actFilterLines:
			return v.filter()
		case actColumn:
			return v.column()
		}
	}
	return v.withSearch(v.document.update(msg))
}

// Draw implements ui.View.
func (v *logLine) Draw(f ui.Frame) string { return v.draw(f) }

// Wake implements ui.View.
func (v *logLine) Wake(now time.Time) time.Time { return v.wake(now) }
