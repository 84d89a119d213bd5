package logbuf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/logs"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Prefix is what stands before each line on the screen and in a file.
type Prefix struct {
	Times Times
	Now   time.Time // for Ago
	Raw   bool      // lines of JSON stay as they are
	// Columns are fields of JSON and logfmt that stand below each other, before the
	// message.
	Columns []string
	widths  map[string]int
	names   []string // of the streams, padded to one width; nil for a single one
	roles   []themes.Role
}

// Times is how the times of lines are shown. A file has them as of Clock, or none.
type Times uint8

// The ways to show times.
const (
	NoTimes Times = iota
	Clock         // in UTC
	Ago           // before Now
	Delta         // after the line before
)

// SetNames sets the names of the streams, and how they look; nil is none.
func (p *Prefix) SetNames(names []string, roles []themes.Role) {
	p.names, p.roles = nil, roles
	longest := 0
	for _, name := range names {
		longest = max(longest, len(name))
	}
	for _, name := range names {
		p.names = append(p.names, name+strings.Repeat(" ", longest-len(name)+1))
	}
}

// Name returns the name of a stream as it stands before its lines.
func (p *Prefix) Name(stream int) string {
	switch {
	case len(p.names) == 0:
		return ""
	case stream >= len(p.names):
		return strings.Repeat(" ", len(p.names[0]))
	}
	return p.names[stream]
}

// nameMax is how wide a name may be on the screen. A file has all of it.
const nameMax = 24

// shownName is Name as it is drawn.
func (p *Prefix) shownName(stream int) string {
	name := p.Name(stream)
	if len(name) <= nameMax+1 {
		return name
	}
	short := ui.TruncateMiddle(strings.TrimRight(name, " "), nameMax)
	return short + strings.Repeat(" ", nameMax+1-ui.Width(short))
}

// EventStream is the stream of lines that no container wrote, in a log of several.
const EventStream = 1 << 20

// timeFormat is RFC 3339 in UTC, as kubectl logs --timestamps has it, to the
// millisecond.
const timeFormat = "2006-01-02T15:04:05.000Z "

// appendTime appends the time of a line; blanks for one that had none.
func appendTime(to []byte, l *Line) []byte {
	if l.Time.IsZero() || l.Flags&logs.Untimed != 0 {
		return append(to, strings.Repeat(" ", len(timeFormat))...)
	}
	return l.Time.UTC().AppendFormat(to, timeFormat)
}

// timeText is the time of a line on the screen.
func (p *Prefix) timeText(l, before *Line) string {
	if p.Times == Clock {
		return string(appendTime(nil, l))
	}
	text := ""
	switch {
	case l.Time.IsZero() || l.Flags&logs.Untimed != 0:
	case p.Times == Ago:
		text = duration.HumanDuration(max(0, p.Now.Sub(l.Time))) + " ago"
	case before != nil && !before.Time.IsZero():
		text = "+" + l.Time.Sub(before.Time).Round(time.Millisecond).String()
	}
	return fmt.Sprintf("%*s ", timeWidth, text)
}

// timeWidth is how wide times that are not Clock are, mostly.
const timeWidth = len("9m59s ago")

// Show returns a line as it is drawn: in its own colours if it has any. before is the line
// above it; nil for the first.
func (p *Prefix) Show(l, before *Line) ui.Line {
	line := make(ui.Line, 0, 3)
	if p.Times != NoTimes {
		role := themes.Muted
		if l.Flags&logs.Late != 0 {
			role = themes.Waiting
		}
		line = append(line, ui.Span{Text: p.timeText(l, before), Role: role})
	}
	if name := p.shownName(l.Stream); name != "" {
		role := themes.Text
		if l.Stream < len(p.roles) {
			role = p.roles[l.Stream]
		}
		line = append(line, ui.Span{Text: name, Role: role})
	}
	if l.Flags&logs.Marker != 0 {
		return append(line, ui.Span{Text: markerSign + l.Text, Role: themes.Heading})
	}
	if !p.Raw && len(l.Text) <= parsedMax && (strings.HasPrefix(l.Text, "{") || strings.Contains(l.Text, "level=")) {
		if parsed := p.parsedLine(l); parsed != nil {
			return append(line, beginning(parsed)...)
		}
	}
	text := beginningOf(l.Text)
	if strings.Contains(text, escape) {
		start := text[:min(len(text), 4*severityBytes)]
		line = appendColoured(line, text, severityRole(kinds.WithoutSGR(start)))
	} else {
		line = append(line, ui.Span{Text: text, Role: severityRole(text)})
	}
	if len(text) < len(l.Text) {
		line = append(line, goesOn)
	}
	return line
}

const (
	// shownMax is how many bytes of a line are drawn: a hundred rows of a narrow screen. A
	// screen of lines of a megabyte would take longer than anybody waits for a key.
	shownMax = 8 << 10
	// parsedMax is how long a line may be that is drawn as what it says.
	parsedMax = 64 << 10
)

// goesOn stands behind what is drawn of a longer line.
var goesOn = ui.Span{Text: " … enter shows the whole line", Role: themes.Muted}

// beginningOf returns as much of a text as is drawn, without half a character or colour.
func beginningOf(text string) string {
	if len(text) <= shownMax {
		return text
	}
	end := shownMax
	for !utf8.RuneStart(text[end]) {
		end--
	}
	if at := strings.LastIndex(text[:end], escape); at >= 0 {
		if _, length := kinds.SGR(text[at:]); at+length > end {
			end = at
		}
	}
	return text[:end]
}

// beginning returns as much of a line as is drawn.
func beginning(line ui.Line) ui.Line {
	left := shownMax
	for i, span := range line {
		if left -= len(span.Text); left < 0 {
			end := len(span.Text) + left
			for end > 0 && !utf8.RuneStart(span.Text[end]) {
				end--
			}
			line[i].Text = span.Text[:end]
			return append(line[:i+1], goesOn)
		}
	}
	return line
}

// Raws returns a line as it is searched, copied and saved.
func (p *Prefix) Raws(l *Line) string {
	text := plainBlock{[]Line{*l}, p}.AppendText(nil)
	return string(text[:len(text)-1])
}

// parsedLine shows a line of JSON or logfmt as a person would write it: the time of the
// clock, level, message, error, then the fields. It is nil for what is not.
func (p *Prefix) parsedLine(l *Line) ui.Line {
	e := logs.Parse(kinds.WithoutSGR(l.Text))
	if e.Format != "json" && e.Format != "logfmt" || e.Message == "" && e.Error == "" {
		return nil
	}
	role := LevelRole(e.Level)
	line := make(ui.Line, 0, 4)
	columns := len(p.Columns) > 0
	if p.Times == NoTimes && (e.Time != "" || columns) && !l.Time.IsZero() && l.Flags&logs.Untimed == 0 {
		line = append(line, ui.Span{Text: l.Time.UTC().Format(clockFormat), Role: themes.Muted})
	}
	if e.Level != logs.Unknown || columns {
		line = append(line, ui.Span{Text: fmt.Sprintf("%-*s", levelWidth, strings.ToUpper(e.Level.String())), Role: role})
	}
	if columns {
		line = append(line, ui.Span{Text: p.cells(&e)})
	}
	line = append(line, ui.Span{Text: kinds.Clean(e.Message), Role: role})
	if e.Error != "" {
		line = append(line, ui.Span{Text: "  error=" + kinds.Clean(e.Error), Role: role})
	}
	var fields strings.Builder
	for _, f := range e.Fields {
		if slices.Contains(p.Columns, f.Name) {
			continue
		}
		fields.WriteString("  " + kinds.Clean(f.Name) + "=" + kinds.Clean(f.Value))
	}
	if e.Caller != "" {
		fields.WriteString("  caller=" + kinds.Clean(e.Caller))
	}
	return append(line, ui.Span{Text: fields.String(), Role: themes.Muted})
}

const (
	clockFormat = "15:04:05 "
	levelWidth  = len("ERROR ")
)

// cells are the values of the columns. A column is as wide as the widest of what was drawn.
func (p *Prefix) cells(e *logs.Entry) string {
	if p.widths == nil {
		p.widths = map[string]int{}
	}
	var b strings.Builder
	for _, name := range p.Columns {
		value, _ := e.Field(name)
		value = ui.TruncateMiddle(kinds.Clean(value), nameMax)
		width := max(p.widths[name], ui.Width(value), min(len(name), nameMax))
		p.widths[name] = width
		b.WriteString(value + strings.Repeat(" ", width-ui.Width(value)+2))
	}
	return b.String()
}

// Heading names the columns, above them; "" without any.
func (p *Prefix) Heading() string {
	if len(p.Columns) == 0 || p.Raw {
		return ""
	}
	before := levelWidth
	switch p.Times {
	case NoTimes:
		before += len(clockFormat)
	case Clock:
		before += len(timeFormat)
	default:
		before += timeWidth + 1
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", before+len(p.shownName(EventStream))))
	for _, name := range p.Columns {
		head := strings.ToUpper(ui.TruncateMiddle(name, nameMax))
		b.WriteString(head + strings.Repeat(" ", max(0, p.widths[name]-ui.Width(head))+2))
	}
	return b.String()
}

// ToggleColumn makes a field a column, or no longer.
func (p *Prefix) ToggleColumn(name string) {
	if i := slices.Index(p.Columns, name); i >= 0 {
		p.Columns = slices.Delete(slices.Clone(p.Columns), i, i+1)
		return
	}
	p.Columns = append(slices.Clip(p.Columns), name)
}

// LevelRole is how a line of a level looks.
func LevelRole(level logs.Level) themes.Role {
	switch {
	case level >= logs.Error:
		return themes.Failing
	case level == logs.Warn:
		return themes.Degraded
	}
	return themes.Text
}

// markerSign stands before a line that no container wrote.
const markerSign = "── "

// Blocks returns all lines as they are now, with their prefix, for a background search
// or a file.
func (b *Buffer) Blocks(p Prefix) []ui.Block {
	blocks := make([]ui.Block, 0, len(b.chunks)+1)
	for _, c := range b.chunks {
		blocks = append(blocks, packedBlock{c, &p})
	}
	return append(blocks, plainBlock{b.newest, &p})
}

// packedBlock is the lines of a chunk as they are shown.
type packedBlock struct {
	chunk  *chunk
	prefix *Prefix
}

// Len implements ui.Block.
func (p packedBlock) Len() int { return p.chunk.lines }

// AppendText implements ui.Block.
func (p packedBlock) AppendText(to []byte) []byte {
	if p.prefix.Times == NoTimes && p.prefix.names == nil && !p.chunk.marked {
		start := len(to)
		to = p.chunk.appendText(to)
		if bytes.Contains(to[start:], []byte(escape)) {
			to = kinds.AppendWithoutSGR(to[:start], string(to[start:]))
		}
		return to
	}
	return plainBlock{p.chunk.unpack(), p.prefix}.AppendText(to)
}

// plainBlock is the newest lines as they are shown.
type plainBlock struct {
	lines  []Line
	prefix *Prefix
}

// Len implements ui.Block.
func (p plainBlock) Len() int { return len(p.lines) }

// AppendText implements ui.Block.
func (p plainBlock) AppendText(to []byte) []byte {
	for i := range p.lines {
		l := &p.lines[i]
		if p.prefix.Times != NoTimes {
			to = appendTime(to, l)
		}
		to = append(to, p.prefix.Name(l.Stream)...)
		if l.Flags&logs.Marker != 0 {
			to = append(to, markerSign...)
		}
		to = append(kinds.AppendWithoutSGR(to, l.Text), '\n')
	}
	return to
}

// The words that loggers mark trouble with.
var (
	errorWords = []string{
		"ERROR", "FATAL", "PANIC", "panic:", "level=error", "level=fatal", `"level":"error"`, `"level":"fatal"`,
	}
	warningWords = []string{"WARN", "level=warn", `"level":"warn`}
)

// severityBytes is how far into a line they are looked for.
const severityBytes = 160

// severityRole looks for such words near the beginning of a line. Most lines
// have none.
func severityRole(text string) themes.Role {
	start := text[:min(len(text), severityBytes)]
	contains := func(words []string) bool {
		for _, word := range words {
			if strings.Contains(start, word) {
				return true
			}
		}
		return false
	}
	switch {
	case contains(errorWords):
		return themes.Failing
	case contains(warningWords):
		return themes.Degraded
	}
	return themes.Text
}
