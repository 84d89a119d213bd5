package logbuf

import (
	"strings"
	"testing"

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
		got := p.Show(&Line{LogLine: kube.LogLine{Text: test.text}})
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
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var b Buffer
		b.Add([]kube.LogLine{{Text: kinds.CleanLog(strings.ReplaceAll(in, "\n", " "))}}, 0)
		p := Prefix{}
		line := p.Show(b.Line(0))
		if text := line.String(); strings.Contains(text, "\x1b") || string(b.Blocks(p)[0].AppendText(nil)) != text+"\n" {
			t.Errorf("%q is drawn as %q and saved as %q", in, text, b.Blocks(p)[0].AppendText(nil))
		}
	})
}

func TestColouredLinesInChunks(t *testing.T) {
	var b Buffer
	for range 2 * chunkLines {
		b.Add([]kube.LogLine{{Time: now, Text: "a \x1b[31mred\x1b[0m line"}}, 0)
	}
	if len(b.chunks) < 2 {
		t.Fatalf("%d chunks", len(b.chunks))
	}
	for _, p := range []Prefix{{}, {Times: true}} {
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
			l, p := Line{LogLine: kube.LogLine{Text: text}}, Prefix{}
			for b.Loop() {
				p.Show(&l)
			}
		})
	}
}
