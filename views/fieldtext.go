package views

import (
	"strings"

	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// title names the field under the cursor; nil without one.
func (t *fieldTree) title() ui.Line {
	f := t.current()
	if f == nil {
		return nil
	}
	line := ui.Line{{Text: f.Path, Role: themes.Heading}, {Text: "  " + f.Type, Role: themes.Muted}}
	if f.Required {
		line = append(line, ui.Span{Text: "  required", Role: themes.Accent})
	}
	return line
}

// text is all that is known of the field under the cursor.
func (t *fieldTree) text(width int) []ui.Line {
	i := t.table.Current(t)
	if i < 0 {
		return nil
	}
	f := &t.schema.Fields[t.visible[i]]
	var out []ui.Line
	say := func(label, text string, role themes.Role) {
		for j, line := range ui.Wrap(text, width-2-len(label)) {
			if j > 0 {
				label = strings.Repeat(" ", len(label))
			}
			out = append(out, ui.Line{{Text: " " + label, Role: themes.Muted}, {Text: line, Role: role}})
		}
	}
	if t.values != nil {
		t.sayValues(t.visible[i], say)
	}
	if f.Default != "" {
		say("default  ", f.Default, themes.Text)
	}
	if len(f.Enum) > 0 {
		say("one of   ", strings.Join(f.Enum, ", "), themes.Text)
	}
	if f.Recursive {
		say("has      ", "the fields of "+f.Type+" again, as above", themes.Text)
	}
	if len(f.Notes) > 0 {
		say("details  ", strings.Join(f.Notes, "; "), themes.Text)
	}
	for _, r := range f.Rules {
		say("checked  ", ruleText(r), themes.Text)
	}
	description := f.Description
	if description == "" {
		description = "the API says nothing about it"
	}
	return append(out, sentences(description, themes.Text, width)...)
}

func ruleText(r openapi.Rule) string {
	if r.Message == "" {
		return r.Rule
	}
	return r.Message + ": " + r.Rule
}

func (t *fieldTree) sayValues(field int, say func(label, text string, role themes.Role)) {
	if t.object == nil {
		return
	}
	values := wholeValues(t.valuesOf(field))
	if len(values) == 0 {
		say("here     ", "not set", themes.Muted)
	}
	label := "here     "
	for _, line := range values {
		say(label, line, themes.Accent)
		label = "         "
	}
}

// drawTree draws the tree below some lines about its kind.
func (t *fieldTree) drawTree(f ui.Frame, head []ui.Line) string {
	if t.values != nil {
		t.object = t.values()
	}
	switch {
	case t.problem != "":
		head = append(head, failure(t.problem, f.Width)...)
	case t.schema == nil:
		head = append(head, behind(1, "reading the fields of "+t.name+" ...", themes.Muted))
	case t.without != "":
		head = append(head, failure(t.name+" has no field "+t.without, f.Width)...)
	case t.schema.Cut:
		head = append(head, behind(1, "there are more fields than are shown", themes.Degraded))
	}
	t.width = f.Width
	if t.schema == nil {
		t.above = 0
		var rows []string
		for _, line := range head[:min(len(head), f.Height)] {
			rows = append(rows, ui.PaintLine(f, line.Truncate(f.Width), f.Width, 0))
		}
		return strings.Join(rows, "\n")
	}
	return t.draw(f, t, head, t.title(), t.text(f.Width))
}
