package logbuf

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func TestLinesInTheirColours(t *testing.T) {
	red := themes.Foreign{Foreground: themes.Indexed(1)}
	for _, test := range []struct {
		text string
		want ui.Line
	}{
		{"plain", ui.Line{{Text: "plain", Role: themes.Text}}},
		{"\x1b[31mred\x1b[0m not", ui.Line{{Text: "red", Role: red.Role()}, {Text: " not", Role: themes.Text}}},
		{"a\x1b[31mb\x1b[mc", ui.Line{{Text: "a"}, {Text: "b", Role: red.Role()}, {Text: "c"}}},
		{"\x1b[31;1mb\x1b[22mr\x1b[39mn", ui.Line{
			{Text: "b", Role: themes.Foreign{Foreground: themes.Indexed(1), Bold: true}.Role()},
			{Text: "r", Role: red.Role()}, {Text: "n"},
		}},
		{"\x1b[93;104mx", ui.Line{
			{Text: "x", Role: themes.Foreign{Foreground: themes.Indexed(11), Background: themes.Indexed(12)}.Role()},
		}},
		{"\x1b[38;5;200;48;2;1;2;3mx\x1b[49my", ui.Line{
			{Text: "x", Role: themes.Foreign{Foreground: themes.Indexed(200), Background: themes.RGB(1, 2, 3)}.Role()},
			{Text: "y", Role: themes.Foreign{Foreground: themes.Indexed(200)}.Role()},
		}},
		{"\x1b[4;7mx\x1b[24;27my", ui.Line{
			{Text: "x", Role: themes.Foreign{Underline: true, Reverse: true}.Role()}, {Text: "y"},
		}},
		{"\x1b[32mINFO\x1b[0m ERROR", ui.Line{
			{Text: "INFO", Role: themes.Foreign{Foreground: themes.Indexed(2)}.Role()}, {Text: " ERROR", Role: themes.Failing},
		}},
		{"\x1b[2;3mfaint", ui.Line{{Text: "faint"}}},
		{"\x1b[31m", ui.Line{}},
	} {
		p := Prefix{}
		got := p.Show(&Line{Text: test.text}, nil)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", test.text, diff)
		}
	}
}

// Whatever a line is, what is drawn is clean, and its text is what a search and a
// file get.
func FuzzShow(f *testing.F) {
	for _, s := range []string{
		"\x1b[31mred\x1b[0m", "\x1b[38;2;1;2;3m\x1b[48;5;9mx", "\x1b]0;\x1b[1m\a", "e\x1b[31m\u0301", "\x1b[4:3m",
		"{\"msg\":\"a\\u001b[31mb\",\"status\":\"\\u001b\"}", "level=info msg=\"a\x1b[1mb\" status=2",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var b Buffer
		b.Add([]kube.LogLine{{Text: kinds.CleanLog(strings.ReplaceAll(in, "\n", " "))}})
		parsed := Prefix{Columns: []string{"status"}}
		if text := parsed.Show(b.Line(0), nil).String(); strings.Contains(text, "\x1b") {
			t.Errorf("%q is drawn as %q", in, text)
		}
		p := Prefix{Raw: true}
		line := p.Show(b.Line(0), nil)
		saved := strings.TrimSuffix(string(b.Blocks(p)[0].AppendText(nil)), "\n")
		text, cut := strings.CutSuffix(line.String(), goesOn.Text)
		if strings.Contains(text, "\x1b") || !strings.HasPrefix(saved, text) || !cut && text != saved {
			t.Errorf("%.99q is drawn as %.99q and saved as %.99q", in, text, saved)
		}
	})
}

// TestLongNamesAreShortened has names that are wider than they should be on the screen: their
// beginning and their end are seen, and a file has all of them.
func TestLongNamesAreShortened(t *testing.T) {
	var p Prefix
	p.SetNames([]string{"x2x9 a-container-with-a-long-name", "p4p7 app"}, nil)
	for stream, want := range []string{"x2x9 a-co…th-a-long-name fine", "p4p7 app                 fine"} {
		l := Line{Stream: stream, Text: "fine"}
		if got := p.Show(&l, nil).String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := p.Raws(&l); !strings.HasPrefix(got, p.Name(stream)) {
			t.Errorf("a file gets %q", got)
		}
	}
}

func TestColouredLinesInChunks(t *testing.T) {
	var b Buffer
	for range 2 * chunkLines {
		b.Add([]kube.LogLine{{Time: now, Text: "a \x1b[31mred\x1b[0m line"}})
	}
	if len(b.chunks) < 2 {
		t.Fatalf("%d chunks", len(b.chunks))
	}
	for _, p := range []Prefix{{}, {Times: Clock}} {
		for _, block := range b.Blocks(p) {
			text := string(block.AppendText([]byte("before\n")))
			if strings.Contains(text, "\x1b") || !strings.HasPrefix(text, "before\n") ||
				strings.Count(text, "a red line\n") != block.Len() {
				t.Fatalf("%v: %d lines read as %.80q", p, block.Len(), text)
			}
		}
	}
}

func BenchmarkShow(b *testing.B) {
	for name, text := range map[string]string{
		"plain": numberedLog(0, 1)[0].Text,
		"coloured": "\x1b[90m2026-05-01T12:00:00Z\x1b[0m \x1b[32mINF\x1b[0m request " +
			"\x1b[36mmethod=\x1b[0mGET \x1b[36mstatus=\x1b[0m200",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			l, p := Line{Text: text}, Prefix{}
			for b.Loop() {
				p.Show(&l, nil)
			}
		})
	}
}

// TestLongLinesAreDrawnInPart cuts a line between characters and between colours, and says so.
func TestLongLinesAreDrawnInPart(t *testing.T) {
	const note = " … enter shows the whole line"
	for name, test := range map[string]struct {
		text string
		want int // bytes of it, without colours
	}{
		"as long as is drawn": {strings.Repeat("x", shownMax), shownMax},
		"a byte longer":       {strings.Repeat("x", shownMax+1), shownMax},
		"half a character":    {"x" + strings.Repeat("ä", shownMax), shownMax - 1},
		"half a colour":       {strings.Repeat("x", shownMax-3) + "\x1b[38;5;196mred", shownMax - 3},
		"a colour at the end": {strings.Repeat("x", shownMax-5) + "\x1b[31mred", shownMax - 5},
		"JSON":                {`{"msg":"` + strings.Repeat("ä", shownMax) + `"}`, shownMax},
		"JSON that is longer": {`{"msg":"` + strings.Repeat("x", parsedMax) + `"}`, shownMax},
		"many fields of JSON": {`{"msg":"m",` + strings.Repeat(`"a":"b",`, shownMax/4) + `"c":1}`, 0},
		"many long fields": {
			`{"msg":"m",` + strings.Repeat(`"a":"`+strings.Repeat("x", 99)+`",`, 150) + `"c":1}`, shownMax,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := Prefix{}
			drawn := p.Show(&Line{Text: kinds.CleanLog(test.text)}, nil).String()
			part, cut := strings.CutSuffix(drawn, note)
			if test.want > 0 && (len(part) != test.want || cut != (len(test.text) > shownMax)) {
				t.Errorf("%d bytes are drawn, want %d: …%q", len(part), test.want, drawn[max(0, len(drawn)-60):])
			}
			if len(part) > shownMax || !utf8.ValidString(part) || strings.Contains(part, "\x1b") {
				t.Errorf("%d bytes are drawn: …%q", len(part), part[max(0, len(part)-60):])
			}
			if saved := p.Raws(&Line{Text: test.text}); saved != kinds.WithoutSGR(test.text) {
				t.Errorf("%d bytes are saved of %d", len(saved), len(test.text))
			}
		})
	}
}
