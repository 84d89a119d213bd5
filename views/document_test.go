package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// TestMarkedLinesAreCopied marks lines of a text with and without a cursor, downwards and
// upwards, and copies them.
func TestMarkedLinesAreCopied(t *testing.T) {
	var text lines
	for name := range strings.FieldsSeq("a b c d e f g h") {
		text = append(text, ui.Line{{Text: name}})
	}
	frame := ui.Frame{Width: 20, Height: 4, Theme: themes.Plain}
	for _, test := range []struct {
		name   string
		cursor bool
		do     []ui.Action
		want   string
	}{
		{"downwards", true, []ui.Action{ui.Down, actMarkLines, ui.Down, ui.Down}, "b\nc\nd\n"},
		{"upwards", true, []ui.Action{ui.Bottom, actMarkLines, ui.Up}, "g\nh\n"},
		{"one", true, []ui.Action{actMarkLines}, "a\n"},
		{"without a cursor", false, []ui.Action{ui.Down, actMarkLines, ui.Down}, "b\nc\n"},
		{"again from elsewhere", true, []ui.Action{actMarkLines, ui.Down, actMarkLines, ui.Down}, "b\nc\n"},
		{"unmarked", true, []ui.Action{ui.Down, actMarkLines, ui.Down, actUnmarkLines}, "c"},
	} {
		d := document{text: text}
		d.pager.Select = test.cursor
		d.draw(frame)
		for _, action := range test.do {
			d.update(ui.Do{Action: action})
			d.draw(frame)
		}
		copied, _ := d.update(ui.Do{Action: actCopy}).(ui.Copy)
		if copied.Text != test.want {
			t.Errorf("%s: copied %q, want %q", test.name, copied.Text, test.want)
		}
		if _, _, marked := d.pager.Range(); marked || d.pager.Select != test.cursor {
			t.Errorf("%s: marked %v, cursor %v afterwards", test.name, marked, d.pager.Select)
		}
	}
}
