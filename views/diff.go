package views

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/yamltext"
)

// diff is two versions of an object, as YAML, folded to what differs.
type diff struct {
	screen
	document
	older, newer *history.Version // either may be nil
	title        string
	source       *diffSource
	compared     *diffed // nil while it is being made
	whole        bool    // nothing is folded
	added        int
	removed      int
}

func newDiff(s *Session, older, newer *history.Version, title string) *diff {
	v := &diff{older: older, newer: newer, title: title}
	v.source = &diffSource{cluster: s.Cluster, older: older, newer: newer}
	v.screen = newScreen(s, v, v.source)
	v.document = document{text: lines{}, file: strings.ToLower(v.version().Kind.Kind) + "-" + v.version().Name + ".diff"}
	v.pager.Select = true
	return v
}

func (v *diff) version() *history.Version {
	if v.newer != nil {
		return v.newer
	}
	return v.older
}

// place implements page.
func (v *diff) place() []string { return []string{v.version().Ref().String(), "diff"} }

// state implements page.
func (v *diff) state() kube.State { return kube.State{} }

// empty implements page.
func (v *diff) empty() bool { return false }

// keys implements page.
func (v *diff) keys() []ui.Key {
	help := "all lines"
	if v.whole {
		help = "what differs"
	}
	return append([]ui.Key{
		{Action: actFold, Keys: []string{"enter", "space"}, Help: help, Group: "Text", Footer: true},
	}, v.document.keys()...)
}

// update implements page.
func (v *diff) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case diffed:
		if msg.from == v.source {
			v.compared = &msg
			v.arrange()
		}
		return nil
	case ui.Ended:
		return nil
	case ui.Do:
		if msg.Action == actFold {
			v.whole = !v.whole
			v.arrange()
			return nil
		}
	}
	return v.document.update(msg)
}

// arrange makes the lines of what is shown.
func (v *diff) arrange() {
	if v.compared == nil {
		return
	}
	v.added, v.removed = 0, 0
	var text lines
	hidden := 0
	flush := func() {
		if hidden > 0 {
			text = append(text, ui.Line{{Text: "  ··· " + counted(hidden, "equal lines"), Role: themes.Muted}})
		}
		hidden = 0
	}
	for i, l := range v.compared.lines {
		switch l.mark {
		case '+':
			v.added++
		case '-':
			v.removed++
		}
		if !v.whole && !v.compared.kept[i] {
			hidden++
			continue
		}
		flush()
		text = append(text, l.draw())
	}
	flush()
	v.text = text
	v.pager.Replaced(v.text)
}

// Draw implements ui.View.
func (v *diff) Draw(f ui.Frame) string { return v.document.draw(f, v.head(f.Width, f.Now)...) }

func (v *diff) head(width int, now time.Time) []ui.Line {
	out := note(" "+v.title, themes.Heading, width)
	switch {
	case v.compared == nil:
		return append(out, ui.Line{{Text: " comparing ...", Role: themes.Muted}})
	case v.compared.err != nil:
		return append(out, note(" "+v.compared.err.Error(), themes.Degraded, width)...)
	case v.added+v.removed == 0:
		return append(out, ui.Line{{Text: " " + v.versions(now) + "  nothing that is shown differs", Role: themes.Muted}})
	}
	return append(out, ui.Line{
		{Text: " +" + counted(v.added, "lines"), Role: themes.OK},
		{Text: "  -" + counted(v.removed, "lines"), Role: themes.Failing},
		{Text: "  " + v.versions(now), Role: themes.Muted},
	}.Truncate(width))
}

// versions names the two versions.
func (v *diff) versions(now time.Time) string {
	name := func(version *history.Version) string {
		if version == nil {
			return "nothing"
		}
		words := "resourceVersion " + version.ResourceVersion
		if version.Part != nil {
			words = strings.ToLower(version.Kind.Kind) + " " + version.Name
		}
		if at := version.At; !at.IsZero() {
			words += " of " + at.In(now.Location()).Format("15:04:05")
		}
		return words
	}
	return name(v.older) + " → " + name(v.newer)
}

// Wake implements ui.View.
func (v *diff) Wake(now time.Time) time.Time { return v.document.wake(now) }

// diffLine is one line of both texts or of one.
type diffLine struct {
	mark byte // '+', '-' or ' '
	line *yamltext.Line
}

// draw returns the line with its mark. What differs has one colour, so that it stands out
// among what does not.
func (l *diffLine) draw() ui.Line {
	switch l.mark {
	case '+':
		return ui.Line{{Text: "+ " + l.line.Spans().String(), Role: themes.OK}}
	case '-':
		return ui.Line{{Text: "- " + l.line.Spans().String(), Role: themes.Failing}}
	}
	return append(ui.Line{{Text: "  "}}, l.line.Spans()...)
}

// diffSource reads and compares two versions, in the background, and yields diffed.
type diffSource struct {
	cluster      *kube.Cluster
	older, newer *history.Version
	done         bool
}

// diffed is two versions, compared.
type diffed struct {
	from  *diffSource
	lines []diffLine
	kept  []bool // the lines that stay when equal ones are folded
	err   error
}

// Next implements ui.Source.
func (d *diffSource) Next(context.Context) (ui.Msg, error) {
	if d.done {
		return nil, io.EOF
	}
	d.done = true
	out := diffed{from: d}
	older, err := d.content(d.older)
	if err == nil {
		var newer map[string]any
		if newer, err = d.content(d.newer); err == nil {
			older, newer = history.Align(older, newer, d.template())
			out.lines = compareYAML(older, newer)
			out.kept = keptLines(out.lines)
		}
	}
	out.err = err
	return out, nil
}

// template reports whether the versions are pod templates.
func (d *diffSource) template() bool {
	return d.newer != nil && d.newer.Part != nil || d.newer == nil && d.older.Part != nil
}

func (d *diffSource) content(v *history.Version) (map[string]any, error) {
	if v == nil {
		return nil, nil
	}
	return d.cluster.Content(v)
}

// compareYAML prints two trees and compares their lines.
func compareYAML(older, newer map[string]any) []diffLine {
	a, aText := yamlLines(older)
	b, bText := yamlLines(newer)
	edits := diffLines(aText, bText)
	out := make([]diffLine, len(edits))
	for i, e := range edits {
		switch {
		case e.newer < 0:
			out[i] = diffLine{'-', &a[e.older]}
		case e.older < 0:
			out[i] = diffLine{'+', &b[e.newer]}
		default:
			out[i] = diffLine{' ', &b[e.newer]}
		}
	}
	return out
}

func yamlLines(fields map[string]any) ([]yamltext.Line, []string) {
	if fields == nil {
		return nil, nil
	}
	all := yamltext.Print(fields)
	text := make([]string, len(all))
	for i := range all {
		text[i] = all[i].Spans().String()
	}
	return all, text
}

// contextLines is how many equal lines stay on each side of what differs.
const contextLines = 2

// keptLines chooses the lines that stay when equal ones are folded: what differs, some
// lines around it, the keys that lead there, and the name of the list's item it is in.
func keptLines(all []diffLine) []bool {
	kept := make([]bool, len(all))
	indents := make([]int, len(all))
	texts := make([]string, len(all))
	for i := range all {
		texts[i] = all[i].line.Spans().String()
		indents[i] = len(texts[i]) - len(strings.TrimLeft(texts[i], " -"))
	}
	for i := range all {
		if all[i].mark == ' ' {
			continue
		}
		for j := max(0, i-contextLines); j <= min(len(all)-1, i+contextLines); j++ {
			kept[j] = true
		}
		if i > 0 && all[i-1].mark != ' ' && indents[i-1] == indents[i] {
			continue // What leads to the line above leads here.
		}
		indent := indents[i] + 1
		for j := i; j >= 0 && indent > 0; j-- {
			if indents[j] < indent {
				indent = indents[j]
				kept[j] = true
				keepName(kept, texts, indents, j)
			}
		}
	}
	return kept
}

// keepName keeps the line with the name of the list's item whose field stands in a line.
func keepName(kept []bool, texts []string, indents []int, at int) {
	begins := func(j int) bool { return strings.HasPrefix(strings.TrimLeft(texts[j], " "), "- ") }
	first := at
	for first > 0 && indents[first] >= indents[at] && (indents[first] != indents[at] || !begins(first)) {
		first--
	}
	if indents[first] != indents[at] || !begins(first) {
		return
	}
	for j := first; j < len(texts) && indents[j] >= indents[at]; j++ {
		if indents[j] > indents[at] {
			continue
		}
		if j > first && begins(j) {
			return
		}
		if strings.HasPrefix(strings.TrimLeft(texts[j], " -"), "name: ") {
			kept[j] = true
			return
		}
	}
}
