package ui

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/themes"
)

func TestWidthAndTruncate(t *testing.T) {
	tests := []struct {
		text  string
		width int
		to    int
		want  string
	}{
		{"", 0, 5, ""},
		{"abc", 3, 3, "abc"},
		{"abc", 3, 2, "a…"},
		{"abc", 3, 1, "…"},
		{"abc", 3, 0, ""},
		{"abc", 3, -1, ""},
		{"日本語", 6, 6, "日本語"},
		{"日本語", 6, 5, "日本…"},
		{"日本語", 6, 4, "日…"},
		{"日本語", 6, 2, "…"},
		{"e\u0301e\u0301e\u0301", 3, 2, "e\u0301…"},
		{"👍👍", 4, 3, "👍…"},
		{"한국어", 6, 4, "한…"},
		{"\u25cc\u0301x", 2, 2, "\u25cc\u0301x"},
	}
	for _, tt := range tests {
		if got := Width(tt.text); got != tt.width {
			t.Errorf("width of %q: got %d, want %d", tt.text, got, tt.width)
		}
		if got := Truncate(tt.text, tt.to); got != tt.want {
			t.Errorf("%q in %d cells: got %q, want %q", tt.text, tt.to, got, tt.want)
		}
	}
	if got, want := TruncateMiddle("checkout-7d9f8c66b-x2x9q", 15), "checko…6b-x2x9q"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTruncateList leaves out entries, and never the middle of them.
func TestTruncateList(t *testing.T) {
	const quota = "count/configmaps: 6/9, memory: 96Mi/1Gi, pods: 4/12"
	for width, want := range map[int]string{
		51: quota, 50: "count/configmaps: 6/9, memory: 96Mi/1Gi, …", 42: "count/configmaps: 6/9, memory: 96Mi/1Gi, …",
		41: "count/configmaps: 6/9, memory: 96Mi/1Gi,…",
		40: "count/configmaps: 6/9, …", 24: "count/configmaps: 6/9, …", 23: "count/configmaps: 6/9,…",
		16: "count/configmap…", 1: "…", 0: "",
	} {
		if got := TruncateList(quota, width); got != want {
			t.Errorf("%d: got %q, want %q", width, got, want)
		}
	}
	if got, want := TruncateList("10.0.0.1:80,10.0.0.2:80", 15), "10.0.0.1:80,…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTruncateObject keeps the workload's name and the letters that siblings differ in.
func TestTruncateObject(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"pod/node-exporter-78d9fc89-h22kh", 32, "pod/node-exporter-78d9fc89-h22kh"},
		{"pod/node-exporter-78d9fc89-h22kh", 18, "pod/node-exp…h22kh"},
		{"pod/node-exporter-78d9fc89-h22kh", 9, "pod/no…kh"},
		{"Deployment/checkout", 16, "Deploy…/checkout"},
		{"Deployment/checkout-gateway", 16, "Dep…/check…teway"},
		{"node/worker-1", 6, "node/…"},
		{"worker", 5, "wo…er"},
		{"pod/日本語日本語", 9, "pod/日…語"},
	} {
		got := TruncateObject(test.text, test.width)
		if got != test.want {
			t.Errorf("%q in %d cells: got %q, want %q", test.text, test.width, got, test.want)
		}
		if Width(got) > test.width {
			t.Errorf("%q is wider than %d", got, test.width)
		}
	}
}

func TestPaintLineCutsCells(t *testing.T) {
	line := Line{{"ab", themes.Text}, {"日本", themes.Failing}, {"c", themes.Text}}
	tests := []struct {
		width, offset int
		want          string
	}{
		{7, 0, "ab日本c"},
		{6, 0, "ab日本"},
		{5, 0, "ab日"},
		{3, 0, "ab"},
		{7, 2, "日本c"},
		{7, 3, " 本c"},
		{1, 3, " "},
		{7, 6, "c"},
		{7, 7, ""},
		{0, 0, ""},
	}
	for _, tt := range tests {
		if got := PaintLine(frame(80, 1), line, tt.width, tt.offset); got != tt.want {
			t.Errorf("cells %d to %d: got %q, want %q", tt.offset, tt.offset+tt.width, got, tt.want)
		}
	}
	f := frame(80, 1)
	f.Theme = loadTheme(t, "default").For(trueColor)
	if got, want := PaintLine(f, line, 7, 3), "\x1b[1;31m 本\x1b[mc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTabs(t *testing.T) {
	names := []string{"overview", "describe", "yaml", "events", "logs"}
	f := frame(80, 1)
	var tabs Tabs
	if got, want := tabs.Draw(f, names, 2), "  overview   describe   yaml   events   logs  "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for tab, name := range names {
		if got := tabs.Clicked(Clicked{X: strings.Index("  overview   describe   yaml   events   logs ", name)}); got != tab {
			t.Errorf("a click on %s is one on tab %d", name, got)
		}
	}
	for _, beside := range []Clicked{{X: 0}, {X: 11}, {X: 60}, {X: 3, Y: 1}} {
		if got := tabs.Clicked(beside); got >= 0 {
			t.Errorf("a click beside the tabs at %v is one on tab %d", beside, got)
		}
	}
	for _, width := range []int{0, 1, 5, 12, 20, 30, 80} {
		f.Width = width
		for current := range names {
			drawn := tabs.Draw(f, names, current)
			if w := Width(drawn); w > width {
				t.Errorf("%d cells of %d in %q", w, width, drawn)
			}
			if at := strings.Index(drawn, names[current]); width > 11 {
				if at < 0 || tabs.Clicked(Clicked{X: at}) != current {
					t.Errorf("tab %d in %d cells: %q", current, width, drawn)
				}
			}
		}
	}
}

func TestInput(t *testing.T) {
	tests := []struct {
		keys []string
		want string // the cursor is |
	}{
		{[]string{"a", "b", "c"}, "abc|"},
		{[]string{"a", "b", "left", "x"}, "ax|b"},
		{[]string{"a", "b", "home", "x", "end", "y"}, "xaby|"},
		{[]string{"a", "b", "ctrl+a", "delete"}, "|b"},
		{[]string{"a", "b", "backspace", "backspace", "backspace"}, "|"},
		{[]string{"a", "space", "b", "c", "ctrl+w"}, "a |"},
		{[]string{"a", "space", "b", "space", "ctrl+w"}, "a |"},
		{[]string{"a", "b", "left", "ctrl+u"}, "|b"},
		{[]string{"a", "b", "left", "ctrl+k"}, "a|"},
		{[]string{"日", "本", "left", "backspace"}, "|本"},
		{[]string{"e", "\u0301", "x", "left", "left", "right", "y"}, "e\u0301y|x"},
		{[]string{"a", "space", "b", "ctrl+left", "x"}, "a x|b"},
		{[]string{"a", "space", "b", "home", "ctrl+right", "x"}, "ax| b"},
		{[]string{"ctrl+v", "a", "ctrl+y"}, "a|"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.keys, " "), func(t *testing.T) {
			in := newTextField("")
			for _, key := range tt.keys {
				in.pressKey(keyPress(key))
			}
			if got := in.text[:in.cursor] + "|" + in.text[in.cursor:]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	in := newTextField(strings.Repeat("0123456789", 5) + "日本")
	for _, key := range []string{"left", "left", "left", "home", "end"} {
		in.pressKey(keyPress(key))
		for width := range 60 {
			part, cursor := in.window(width)
			if Width(part) > width || width > 0 && cursor >= width {
				t.Errorf("%d cells: %q, cursor at %d", width, part, cursor)
			}
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("日本語 abc", 3, 4)
	f.Add("e\u0301👍🏽नमस्ते", 1, 2)
	f.Fuzz(func(t *testing.T, text string, skip, width int) {
		text = printable(text)
		skip, width = skip&0xff, width&0xff
		pad, part, taken := clip(text, skip, width)
		if got := pad + Width(part); taken > width || got > width || got != taken {
			t.Errorf("%q from %d in %d: %d blanks and %q, %d cells taken", text, skip, width, pad, part, taken)
		}
	})
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"two\nlines\tand\u00a0blanks":            "two lines and blanks",
		"\x1b[2J\u009b\u202e\u200b":              "[2J",
		"e\u0301 " + strings.Repeat("\u0301", 9): "e\u0301 \u0301\u0301\u0301\u0301",
		"a\ufe0f\ufe0f\u3164b":                   "ab",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestBlanksKeepTheLookBefore paints blanks without a change of colour, unless they
// would show the look.
func TestBlanksKeepTheLookBefore(t *testing.T) {
	f := frame(80, 1)
	line := Line{
		{"ab", themes.Failing}, {"  ", themes.Text}, {"c", themes.Failing}, {" ", themes.Text}, {"d", themes.Text},
	}
	for theme, want := range map[string]string{
		"default": "\x1b[1;31mab  c \x1b[md",
		"mono":    "\x1b[1;4mab\x1b[m  \x1b[1;4mc\x1b[m d", // It underlines.
	} {
		f.Theme = loadTheme(t, theme).For(trueColor)
		if got := PaintLine(f, line, 80, 0); got != want {
			t.Errorf("%s: got %q, want %q", theme, got, want)
		}
		want := " " + f.Theme.Paint(themes.Failing, "c")
		if got := PaintLine(f, line, 2, 3); got != want {
			t.Errorf("%s, a part: got %q, want %q", theme, got, want)
		}
	}
}

func TestLineTruncateShowsWhereItCut(t *testing.T) {
	line := Line{{Text: "api-1  "}, {Text: "6 (2m ago)  "}, {Text: "2d"}}
	for width, want := range map[int]string{
		21: "api-1  6 (2m ago)  2d",
		20: "api-1  6 (2m ago)  …",
		19: "api-1  6 (2m ago) …",
		14: "api-1  6 (2m …",
		7:  "api-1 …",
		1:  "…",
	} {
		if got := line.Truncate(width).String(); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}
