package views

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	actSearch    ui.Action = "search"
	actSearchEnd ui.Action = "end-search"
	actWrap      ui.Action = "wrap"
	actCopyAll   ui.Action = "copy-all"

	actMarkLines   ui.Action = "mark-lines"
	actUnmarkLines ui.Action = "unmark-lines"
	actSave        ui.Action = "save"
	actPage        ui.Action = "pager"
)

// document is a text in a pager, with what every text can do: search, wrap, copy and
// save.
type document struct {
	pager ui.Pager
	text  ui.Document
	file  string             // the name of a saved copy
	whole func() string      // the text to copy or save; nil is every line
	bare  func(i int) string // a line that is copied alone; nil is what the text has

	selects bool // there was a cursor before lines were marked

	before string // the search when the prompt was opened,
	top    int    // and where the text stood
	above  int    // lines above the text, as they were drawn last
}

func (d *document) keys() []ui.Key {
	keys := []ui.Key{
		{Action: actSearch, Keys: []string{"/"}, Help: "search", Group: "Text", Footer: true},
		{Action: actWrap, Keys: []string{"W"}, Help: "wrap", Group: "Text", Footer: true},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the line", Group: "Text"},
		{Action: actMarkLines, Keys: []string{"V"}, Help: "mark lines", Group: "Text"},
		{Action: actCopyAll, Keys: []string{"ctrl+y"}, Help: "copy all", Group: "Text"},
		{Action: actSave, Keys: []string{"ctrl+s"}, Help: "save", Group: "Text"},
		{Action: actPage, Keys: []string{"P"}, Help: "open in $PAGER", Group: "Text"},
	}
	if first, last, marked := d.pager.Range(); marked {
		keys[2].Help, keys[2].Footer = "copy "+counted(last-first+1, "lines"), true
		return append(append([]ui.Key{
			{Action: actUnmarkLines, Keys: []string{"esc"}, Help: "unmark", Group: "Text", Footer: true},
		}, keys...), d.pager.Keys()...)
	}
	if _, _, pattern := d.pager.Matches(); pattern != "" {
		keys = append(
			[]ui.Key{{Action: actSearchEnd, Keys: []string{"esc"}, Help: "clear search", Group: "Text", Footer: true}},
			keys...)
	}
	return append(keys, d.pager.Keys()...)
}

// update handles what concerns any text; the rest is the tab's own.
func (d *document) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Do:
		return d.do(msg)
	case ui.Typed:
		if msg.Prompt == string(actSearch) {
			_ = d.pager.Search(msg.Text, d.text) // Half a pattern may not be valid yet.
		}
	case ui.Entered:
		if msg.Prompt == string(actSearch) {
			return d.search(msg.Text)
		}
	case ui.Cancelled:
		if msg.Prompt == string(actSearch) {
			d.search(d.before)
			d.pager.Wheel(d.top-d.pager.Top(), d.text)
		}
	case ui.Clicked:
		msg.Y -= d.above
		d.pager.Clicked(msg, d.text)
	case ui.Wheel:
		d.pager.Wheel(msg.Lines, d.text)
	default:
		d.pager.Update(msg, d.text)
	}
	return nil
}

// withSearch adds the intent that lets a search of a long text go on.
func (d *document) withSearch(intent ui.Intent) ui.Intent {
	hunt := d.pager.SearchIntent()
	switch {
	case hunt == nil:
		return intent
	case intent == nil:
		return hunt
	}
	return ui.All{intent, hunt}
}

func (d *document) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actSearch:
		_, _, d.before = d.pager.Matches()
		d.top = d.pager.Top()
		return ui.Prompt{Name: string(actSearch), Label: "/", Text: d.before}
	case actSearchEnd:
		return d.search("")
	case actWrap:
		d.pager.Wrap = !d.pager.Wrap
	case actMarkLines:
		if _, _, marked := d.pager.Range(); !marked {
			d.selects = d.pager.Select
		}
		d.pager.GoTo(d.pager.Cursor(), d.text)
		d.pager.Select = true
		d.pager.MarkFrom()
	case actUnmarkLines:
		d.pager.Unmark()
		d.pager.Select = d.selects
	case actCopy:
		if first, last, marked := d.pager.Range(); marked {
			return d.copyRange(first, last)
		}
		if i := d.pager.Cursor(); i < d.text.Len() {
			text := strings.TrimSpace(d.copied(i))
			if n := strings.Count(text, "\n"); n > 0 {
				return ui.Copy{Text: text + "\n", What: counted(n+1, "lines")}
			}
			return ui.Copy{Text: text, What: "the line"}
		}
	case actCopyAll:
		return d.copyAll()
	case actSave:
		return ui.Save{Name: d.file, Text: d.saved()}
	case actPage:
		return ui.Page{Text: d.saved()}
	default:
		d.pager.Do(msg, d.text)
	}
	return nil
}

// copyRange copies the lines that are marked, and unmarks them.
func (d *document) copyRange(first, last int) ui.Intent {
	d.pager.Unmark()
	d.pager.Select = d.selects
	if last-first >= copyMax {
		return tooMany(last - first + 1)
	}
	var b strings.Builder
	for i := first; i <= last && i < d.text.Len(); i++ {
		b.WriteString(strings.TrimRight(d.copied(i), " ") + "\n")
	}
	return ui.Copy{Text: b.String(), What: counted(last-first+1, "lines")}
}

// copied is a line as it is copied alone or in a range.
func (d *document) copied(i int) string {
	if d.bare != nil {
		return d.bare(i)
	}
	return ui.RawLine(d.text, i)
}

func tooMany(lines int) ui.Intent {
	return ui.Say{
		Text: fmt.Sprintf("%d lines are too many for the clipboard; ctrl+s saves them to a file", lines),
		Role: themes.Degraded,
	}
}

// copyMax is how many lines may be copied at once: terminals accept a few MB, and
// the copy is made in the loop.
const copyMax = 20_000

func (d *document) copyAll() ui.Intent {
	if n := d.text.Len(); n > copyMax {
		return tooMany(n)
	}
	text := d.all()
	return ui.Copy{Text: text, What: counted(strings.Count(text, "\n"), "lines")}
}

func (d *document) search(pattern string) ui.Intent {
	if err := d.pager.Search(pattern, d.text); err != nil {
		return ui.Say{Text: err.Error(), Role: themes.Failing}
	}
	return nil
}

// saved is the text as a file has it.
func (d *document) saved() io.WriterTo {
	if blocks, ok := d.text.(ui.Blocks); ok {
		return long(blocks.Blocks())
	}
	return ui.Text(d.all())
}

// all returns the text with a line feed after every line.
func (d *document) all() string {
	if d.whole != nil {
		return d.whole()
	}
	var b strings.Builder
	for i := range d.text.Len() {
		for _, span := range d.text.Line(i) {
			b.WriteString(span.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// draw draws the text between the head lines and the state of a search. A long head
// leaves half of the lines to the text.
func (d *document) draw(f ui.Frame, head ...ui.Line) string {
	most := max((f.Height+1)/2, min(f.Height, 2))
	rows := make([]string, 0, len(head)+2)
	for i, line := range head[:min(len(head), most)] {
		if i == most-1 && len(head) > most {
			line = append(slices.Clip(line), ui.Span{Text: " …", Role: themes.Muted}).Truncate(f.Width)
		}
		rows = append(rows, ui.PaintLine(f, line, f.Width, 0))
	}
	d.above = len(rows)
	foot := d.found()
	room := f.Height - len(rows)
	f.Height = room
	if foot != nil {
		f.Height = max(0, room-1)
	}
	body := d.pager.Draw(f, d.text)
	if foot != nil && f.Height > 0 {
		body += strings.Repeat("\n", f.Height-1-strings.Count(body, "\n"))
	}
	if f.Height > 0 {
		rows = append(rows, body)
	}
	if foot != nil && room > 0 {
		rows = append(rows, ui.PaintLine(f, foot, f.Width, 0))
	}
	return strings.Join(rows, "\n")
}

// found returns the state of the search; nil without one.
func (d *document) found() ui.Line {
	current, total, pattern := d.pager.Matches()
	switch {
	case pattern == "":
		return nil
	case total == 0 && d.pager.Searching():
		return ui.Line{{Text: "searching for " + pattern + " …", Role: themes.Muted}}
	case total == 0:
		return ui.Line{{Text: fmt.Sprintf("no match for %q", pattern), Role: themes.Degraded}}
	}
	if d.pager.Searching() {
		return ui.Line{{Text: fmt.Sprintf("%d matches so far for %s …", total, pattern), Role: themes.Muted}}
	}
	return ui.Line{{Text: fmt.Sprintf("match %d of %d for %s", current, total, pattern), Role: themes.Muted}}
}

func (d *document) wake(now time.Time) time.Time { return d.pager.Wake(now, d.text) }

// long is a text in blocks, for a file.
type long []ui.Block

// WriteTo implements io.WriterTo.
func (l long) WriteTo(w io.Writer) (total int64, err error) {
	var text []byte
	for _, block := range l {
		text = block.AppendText(text[:0])
		n, err := w.Write(text)
		if total += int64(n); err != nil {
			return total, err
		}
	}
	return total, nil
}

// lines is a text that is known as a whole.
type lines []ui.Line

// Len implements ui.Document.
func (l lines) Len() int { return len(l) }

// Line implements ui.Document.
func (l lines) Line(i int) ui.Line { return l[i] }

// note is a sentence, wrapped to a width.
func note(text string, role themes.Role, width int) []ui.Line {
	var out []ui.Line
	for _, line := range ui.Wrap(text, width) {
		out = append(out, ui.Line{{Text: line, Role: role}})
	}
	return out
}

// fileName names a copy of something about the subject.
func (s *subject) fileName(suffix string) string {
	parts := []string{s.session.Cluster.Name(), s.namespace, strings.ToLower(s.resource.Kind), s.name}
	if s.alone {
		parts = append(parts, s.container)
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "-") + suffix
}
