package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

const (
	actFilterLines ui.Action = "filter-lines"
	actAllLines    ui.Action = "clear-line-filter"
	actAround      ui.Action = "lines-around"
	actFoldLines   ui.Action = "fold-lines"
	actRaw         ui.Action = "raw-lines"
	actColumn      ui.Action = "field-column"
)

// sifted is which lines of a log are shown. The zero value shows all.
type sifted struct {
	sieve   *logbuf.Sieve // nil while all lines are shown
	filter  string
	before  string // the filter when its prompt was opened
	typing  bool   // the prompt is open
	problem string // of what is typed
	unfold  bool   // stack traces are shown as they are
	search  bool   // the prompt of a search is open
	around  int    // lines around each one that the filter chooses
	watched *logbuf.Sifting
	goal    int // number of the line that the cursor is to stay on
}

// filterLineKeys are the bindings for which lines are shown.
func (v *logs) filterLineKeys() []ui.Key {
	fold, raw, columns := "unfold stack traces", "raw lines", "fields as columns"
	if v.sifted.unfold {
		fold = "fold stack traces"
	}
	if v.prefix.Raw {
		raw = "parsed lines"
	}
	if len(v.prefix.Columns) > 0 {
		columns = "no columns"
	}
	keys := []ui.Key{
		{Action: actFilterLines, Keys: []string{"&"}, Help: "filter", Group: "Logs", Footer: true},
		{Action: actFoldLines, Keys: []string{"z"}, Help: fold, Group: "Logs"},
		{Action: actRaw, Keys: []string{"R"}, Help: raw, Group: "Logs"},
		{Action: actColumn, Keys: []string{"|"}, Help: columns, Group: "Logs"},
	}
	if v.sifted.filter != "" {
		keys = append([]ui.Key{
			{Action: actAround, Keys: []string{"A"}, Help: "lines around", Group: "Logs", Footer: true},
		}, keys...)
		_, _, searched := v.pager.Matches()
		if _, _, marked := v.pager.Range(); searched == "" && !marked {
			keys = append([]ui.Key{
				{Action: actAllLines, Keys: []string{"esc"}, Help: "clear filter", Group: "Logs", Footer: true},
			}, keys...)
		}
	}
	return keys
}

// folds reports whether stack traces are folded. A search looks into all of them, so it
// unfolds them until it is cleared.
func (v *logs) folds() bool {
	_, _, searched := v.pager.Matches()
	return !v.sifted.unfold && !v.sifted.search && searched == ""
}

// sift shows the lines that the filter chooses as it is now. The cursor stays on its line,
// or on the next that is shown.
func (v *logs) sift() {
	s := &v.sifted
	s.goal = v.number(v.pager.Cursor())
	s.problem = ""
	filter, err := logbuf.NewFilter(s.filter)
	if err != nil {
		s.problem = err.Error()
		return
	}
	if s.sieve = nil; s.filter != "" || v.folds() {
		s.sieve = logbuf.NewSieve(filter, v.folds(), &v.buffer)
		s.sieve.SetContext(s.around)
	}
	v.reshown()
}

// refold folds stack traces, or unfolds them, when a search has begun or is over.
func (v *logs) refold() {
	s := &v.sifted
	switch folds := v.folds(); {
	case s.sieve == nil && folds || s.sieve != nil && s.filter == "" && !folds:
		v.sift()
	case s.sieve != nil && s.sieve.Folds() != folds:
		s.goal = v.number(v.pager.Cursor())
		s.sieve.SetFold(folds)
		v.reshown()
	}
}

// reshown is called when other lines are shown than before.
func (v *logs) reshown() {
	at := v.sifted.goal - v.buffer.Dropped()
	if v.sifted.sieve != nil {
		at = v.sifted.sieve.Index(v.sifted.goal)
	}
	v.pager.Replaced(v)
	if !v.pager.Follow {
		v.pager.GoTo(max(0, at), v)
	}
}

// number returns the number of the i-th shown line in the buffer.
func (v *logs) number(i int) int {
	if s := v.sifted.sieve; s != nil {
		if i >= s.Len() {
			return v.buffer.Dropped() + v.buffer.Len()
		}
		return s.Number(i)
	}
	return v.buffer.Dropped() + i
}

// shown returns the i-th shown line.
func (v *logs) shown(i int) *logbuf.Line { return v.buffer.Line(v.number(i) - v.buffer.Dropped()) }

// Len implements ui.Document.
func (v *logs) Len() int {
	if v.sifted.sieve != nil {
		return v.sifted.sieve.Len()
	}
	return v.buffer.Len()
}

// Whole implements ui.Chosen.
func (v *logs) Whole() int {
	if v.sifted.sieve == nil || v.sifted.filter == "" {
		return 0
	}
	return v.buffer.Len()
}

// ChosenIn implements ui.Chosen.
func (v *logs) ChosenIn(from, to int) bool {
	return v.sifted.sieve.ChosenIn(v.buffer.Dropped()+from, v.buffer.Dropped()+to)
}

// Place implements ui.Chosen.
func (v *logs) Place(i int) int { return v.number(i) - v.buffer.Dropped() }

// Line implements ui.Document.
func (v *logs) Line(i int) ui.Line {
	var before *logbuf.Line
	if i > 0 && v.prefix.Times == logbuf.Delta {
		above := *v.shown(i - 1)
		before = &above
	}
	line := v.prefix.Show(v.shown(i), before)
	s := v.sifted.sieve
	if s == nil {
		return line
	}
	if s.IsContext(i) {
		for n := range line {
			line[n].Role = themes.Muted
		}
	}
	if mark := v.foldedMark(i); mark != "" {
		line = append(line, ui.Span{Text: " " + mark, Role: themes.Waiting})
	}
	return line
}

// foldedMark says how many lines are folded below the i-th one; "" where there are none.
func (v *logs) foldedMark(i int) string {
	if n := len(v.folded(i)); n > 0 {
		return fmt.Sprintf(" +%s (z)", counted(n, "lines"))
	}
	return ""
}

// Mark implements ui.Marked.
func (v *logs) Mark(i int) int { return ui.Width(v.foldedMark(i)) }

// folded are the lines of a stack trace that are not shown below the i-th line: their
// indices in the buffer.
func (v *logs) folded(i int) []int {
	if v.sifted.sieve == nil || !v.sifted.sieve.Folds() {
		return nil
	}
	return v.buffer.Trace(v.number(i) - v.buffer.Dropped())
}

// RawLine implements ui.RawLines. What is folded below a line goes with it.
func (v *logs) RawLine(i int) string {
	return v.rawLine(i, &v.prefix)
}

// bareLine is a line as its container wrote it: a name or a time before it would be in the way of
// what reads it, such as jq.
func (v *logs) bareLine(i int) string { return v.rawLine(i, &logbuf.Prefix{}) }

func (v *logs) rawLine(i int, prefix *logbuf.Prefix) string {
	lines := []string{prefix.Raws(v.shown(i))}
	for _, below := range v.folded(i) {
		lines = append(lines, prefix.Raws(v.buffer.Line(below)))
	}
	return strings.Join(lines, "\n")
}

// Blocks implements ui.Blocks. They hold what is folded, too.
func (v *logs) Blocks() []ui.Block {
	if v.sifted.sieve != nil {
		return v.sifted.sieve.Blocks(v.prefix)
	}
	return v.buffer.Blocks(v.prefix)
}

// wholeText is every shown line as it is copied.
func (v *logs) wholeText() string {
	var b strings.Builder
	for i := range v.Len() {
		b.WriteString(v.RawLine(i))
		b.WriteByte('\n')
	}
	return b.String()
}

// take adds lines to the buffer and to what is shown of it.
func (v *logs) take(lines []kube.LogLine) {
	if v.out != nil {
		v.out.add(lines, v.prefix)
	}
	before, from := v.buffer.Len(), v.buffer.Dropped()
	dropped, stayed := v.buffer.Add(lines)
	if s := v.sifted.sieve; s != nil {
		if stayed < before {
			at := s.Index(from + stayed)
			s.Moved(from + stayed)
			v.pager.Moved(at)
		}
		if dropped > 0 {
			dropped = s.Dropped()
		}
		s.Advance()
	} else if stayed < before {
		v.pager.Moved(stayed)
	}
	if dropped > 0 {
		v.pager.Dropped(dropped)
	}
}

// updateSifted handles what concerns the filter, and reports whether the message did.
func (v *logs) updateSifted(msg ui.Msg) (handled bool) {
	s := &v.sifted
	s.search = searchPrompt(s.search, msg)
	switch msg := msg.(type) {
	case logbuf.Sifted:
		if s.sieve != nil && s.sieve.Take(msg) && s.sieve.Sifting() == nil {
			v.reshown()
		}
		return true
	case ui.Ended:
		if s.sieve == nil || s.watched == nil || msg.Source != ui.Source(s.watched) {
			return false
		}
		if msg.Err != nil {
			*s = sifted{watched: s.watched, unfold: true}
			v.pager.Replaced(v)
		}
		return true
	case ui.Typed:
		return v.filterBy(msg.Prompt, msg.Text, true)
	case ui.Entered:
		return v.filterBy(msg.Prompt, msg.Text, false)
	case ui.Cancelled:
		return v.filterBy(msg.Prompt, s.before, false)
	}
	return false
}

// searchPrompt reports whether the prompt of a search is open after a message.
func searchPrompt(open bool, msg ui.Msg) bool {
	switch msg := msg.(type) {
	case ui.Do:
		return open || msg.Action == actSearch
	case ui.Entered:
		return open && msg.Prompt != string(actSearch)
	case ui.Cancelled:
		return open && msg.Prompt != string(actSearch)
	}
	return open
}

func (v *logs) filterBy(prompt, text string, typing bool) bool {
	if prompt != string(actFilterLines) {
		return false
	}
	v.sifted.typing = typing
	if text = strings.TrimSpace(text); text != v.sifted.filter {
		v.sifted.filter = text
		v.sift()
	}
	return true
}

// doSifted does what the keys of the filter ask for, and reports whether it was one.
func (v *logs) doSifted(action ui.Action) (intent ui.Intent, did bool) {
	s := &v.sifted
	switch action {
	case actFilterLines:
		s.before, s.typing = s.filter, true
		return ui.Prompt{Name: string(actFilterLines), Label: "& ", Text: s.filter}, true
	case actAllLines:
		s.filter = ""
		v.sift()
	case actAround:
		if s.sieve != nil {
			s.goal = v.number(v.pager.Cursor())
			i := slices.Index(around, s.around)
			s.around = around[(i+1)%len(around)]
			s.sieve.SetContext(s.around)
			v.reshown()
		}
	case actFoldLines:
		s.unfold = !s.unfold
		v.refold()
	case actRaw:
		v.prefix.Raw = !v.prefix.Raw
	case actColumn:
		if v.prefix.Columns == nil {
			return ui.Say{Text: "enter opens a line, and | makes one of its fields a column", Role: themes.Muted}, true
		}
		v.prefix.Columns = nil
	default:
		return nil, false
	}
	return nil, true
}

// around are the numbers of lines around a chosen one that a key goes through.
var around = []int{0, 2, 5, 20}

// withSifting adds the intent that lets a filter of a long log go on.
func (v *logs) withSifting(intent ui.Intent) ui.Intent {
	var now *logbuf.Sifting
	if v.sifted.sieve != nil {
		now = v.sifted.sieve.Sifting()
	}
	if now == v.sifted.watched {
		return intent
	}
	var all ui.All
	if intent != nil {
		all = append(all, intent)
	}
	if v.sifted.watched != nil {
		all = append(all, ui.Unwatch{Source: v.sifted.watched})
	}
	if v.sifted.watched = now; now != nil {
		all = append(all, ui.Watch{Source: now})
	}
	return all
}

// filterLine says which lines are shown; nil when all are and nobody types.
func (v *logs) filterLine(width int) ui.Line {
	s := &v.sifted
	switch {
	case s.problem != "":
		return ui.Line{{Text: s.problem, Role: themes.Failing}}
	case s.typing && s.filter == "":
		return filterLineHint(width)
	case s.sieve == nil || s.filter == "":
		return nil
	}
	words := fmt.Sprintf("%d of %s", s.sieve.Matched(), counted(v.buffer.Len(), "lines"))
	if s.sieve.Sifting() != nil {
		words += " so far …"
	}
	if n := s.sieve.Context(); n > 0 {
		words += fmt.Sprintf(", with %d around each", n)
	}
	return ui.Line{{Text: "filter ", Role: themes.Muted}, {Text: s.filter, Role: themes.Accent},
		{Text: "  " + words, Role: themes.Waiting}}
}

// logFilterKeys are the syntax of the filter for the help.
func logFilterKeys() []ui.Key {
	var out []ui.Key
	for _, s := range logbuf.FilterSyntax {
		out = append(out, ui.Key{Show: s.Form, Help: "lines " + s.Means, Group: "Filter"})
	}
	return out
}

// filterLineHint is the syntax of the filter in one line: as much of it as fits.
func filterLineHint(width int) ui.Line {
	text := ""
	for _, s := range logbuf.FilterSyntax {
		if ui.Width(text+s.Form) <= width {
			text += s.Form + "  "
		}
	}
	return ui.Line{{Text: text, Role: themes.Muted}}
}
