package ui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/themes"
)

// lines is a document for tests.
type lines []string

func (l lines) Len() int        { return len(l) }
func (l lines) Line(i int) Line { return Line{{l[i], themes.Text}} }

// million is a long document that exists only as far as it is asked for.
type million struct {
	lines []string
	asked int
}

func (m *million) Len() int { return 1_000_000 }
func (m *million) Line(i int) Line {
	m.asked++
	return Line{{m.lines[i%len(m.lines)], themes.Text}}
}

func newMillion() *million {
	m := &million{}
	for i := range 1009 {
		m.lines = append(m.lines, fmt.Sprintf("2026-11-23T14:02:%02d.%03dZ level=info msg=\"request served\" "+
			"path=/api/v1/items/%d status=200 duration=%dms", i%60, i, i*7, i%97))
	}
	m.lines[1000] = "2026-11-23T14:02:11.000Z level=error msg=\"connection refused\" path=/checkout"
	return m
}

func manifest() lines {
	doc := lines{"apiVersion: v1", "kind: ConfigMap", "data:"}
	for i := range 60 {
		doc = append(doc, fmt.Sprintf("  key-%02d: %s", i, strings.Repeat("value ", i%30)))
	}
	return append(doc, "  wide: 日本語の長い行がここにあります日本語の長い行がここにあります日本語の長い行がここにあります日本語の長い行", "  Name: the END")
}

func TestPagerScreens(t *testing.T) {
	tests := []struct {
		name  string
		pager Pager
		do    func(p *Pager, doc Document)
	}{
		{"beginning", Pager{}, func(*Pager, Document) {}},
		{"wrapped", Pager{Wrap: true}, func(p *Pager, doc Document) { p.Do(do(PageDown), doc) }},
		{"wrapped_end", Pager{Wrap: true}, func(p *Pager, doc Document) { p.Do(do(Bottom), doc) }},
		{"sideways", Pager{}, func(p *Pager, doc Document) {
			p.Do(do(Bottom), doc)
			p.Draw(frame(30, 6), doc)
			p.Do(do(Right), doc)
		}},
		{"search", Pager{}, func(p *Pager, doc Document) {
			if err := p.Search("key-3", doc); err != nil {
				panic(err)
			}
			p.Do(do(NextMatch), doc)
		}},
		{"cursor", Pager{Select: true}, func(p *Pager, doc Document) {
			for range 3 {
				p.Do(do(Down), doc)
			}
		}},
	}
	for _, size := range [][2]int{{80, 22}, {120, 38}, {30, 6}} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%dx%d/%s", size[0], size[1], tt.name), func(t *testing.T) {
				doc, f := manifest(), frame(size[0], size[1])
				f.Theme = loadTheme(t, "mono").For(trueColor)
				p := tt.pager
				p.Draw(f, doc)
				tt.do(&p, doc)
				golden.RequireEqual(t, colours(p.Draw(f, doc)))
			})
		}
	}
}

// TestBarOfASearch looks at the right edge while something is searched for.
func TestBarOfASearch(t *testing.T) {
	doc := make(lines, 1000)
	doc[2], doc[500], doc[999] = "cart", "cart", "cart"
	p := Pager{}
	edge := func() string {
		out := ""
		for row := range strings.SplitSeq(p.Draw(frame(40, 10), doc), "\n") {
			mark := []rune(row)
			if len(mark) < 40 {
				mark = []rune{'-'}
			}
			out += string(mark[len(mark)-1])
		}
		return out
	}
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"no search", func() {}, "----------"},
		{"found", func() { _ = p.Search("cart", doc) }, "┼----•---•"},
		{"further down", func() { p.GoTo(799, doc) }, "•----•-│-•"},
		{"nothing found", func() { _ = p.Search("basket", doc) }, "-------│--"},
		{"cleared", func() { _ = p.Search("", doc) }, "----------"},
	} {
		edge()
		step.do()
		if got := edge(); got != step.want {
			t.Errorf("%s: the edge is %q, want %q", step.name, got, step.want)
		}
	}
}

func TestPagerMoves(t *testing.T) {
	doc := manifest() // 65 lines
	tests := []struct {
		name    string
		actions []Action
		top     int
	}{
		{"down", []Action{Down, Down}, 2},
		{"up at the beginning", []Action{Up}, 0},
		{"end", []Action{Bottom}, 55},
		{"beyond the end", []Action{Bottom, Down, PageDown}, 55},
		{"back", []Action{Bottom, PageUp}, 45},
		{"pages", []Action{PageDown, PageDown, HalfUp}, 15},
		{"top", []Action{Bottom, Top}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Pager{}
			p.Draw(frame(80, 10), doc)
			for _, action := range tt.actions {
				if !p.Do(do(action), doc) {
					t.Fatalf("%s is not understood", action)
				}
				p.Draw(frame(80, 10), doc)
			}
			if p.Top() != tt.top {
				t.Errorf("top: got %d, want %d", p.Top(), tt.top)
			}
		})
	}
}

func TestPagerFollows(t *testing.T) {
	doc := manifest()
	p := Pager{Follow: true, Wrap: true}
	shows := func(want string) {
		t.Helper()
		drawn := p.Draw(frame(40, 10), doc)
		if !strings.Contains(drawn, want) {
			t.Fatalf("no %q in\n%s", want, drawn)
		}
	}
	shows("the END")
	doc = append(doc, "appended one", "appended two")
	shows("appended two")
	p.Do(do(Up), doc)
	top := p.Top()
	doc = append(doc, "appended three", "appended four")
	p.Draw(frame(40, 10), doc)
	if p.Top() != top || p.Follow {
		t.Errorf("moved from %d to %d while reading", top, p.Top())
	}
	doc = doc[5:]
	p.Dropped(5)
	p.Draw(frame(40, 10), doc)
	if p.Top() != top-5 {
		t.Errorf("top after five lines were dropped: got %d, want %d", p.Top(), top-5)
	}
	doc = doc[:3]
	p.Replaced(doc)
	shows("key-02")
	doc = nil
	if drawn := p.Draw(frame(40, 10), doc); drawn != "" {
		t.Errorf("an empty document shows %q", drawn)
	}
}

func TestPagerSearch(t *testing.T) {
	doc := lines{"Alpha", "beta gamma", "GAMMA", "delta", "a.c", "abc", "übung ÜBUNG", "gamma"}
	tests := []struct {
		pattern string
		found   []int
	}{
		{"gamma", []int{1, 2, 7}},
		{"Gamma", nil},
		{"GAMMA", []int{2}},
		{"a.c", []int{4}},
		{"/a.c/", []int{4, 5}},
		{"/^(alpha|DELTA)/", nil},
		{"/^(alpha|delta)$/", []int{0, 3}},
		{"übung", []int{6}},
		{"nothing", nil},
		{"/", nil},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			p := Pager{Select: true}
			p.Draw(frame(40, 3), doc)
			if err := p.Search(tt.pattern, doc); err != nil {
				t.Fatal(err)
			}
			if _, total, pattern := p.Matches(); total != len(tt.found) || pattern != tt.pattern {
				t.Errorf("got %d matches of %q, want %d", total, pattern, len(tt.found))
			}
			for i, want := range tt.found {
				current, _, _ := p.Matches()
				if p.Cursor() != want || current != i+1 {
					t.Errorf("match %d: got line %d (number %d), want %d", i+1, p.Cursor(), current, want)
				}
				p.Do(do(NextMatch), doc)
			}
			if len(tt.found) > 1 {
				p.Do(do(PreviousMatch), doc)
				if want := tt.found[len(tt.found)-1]; p.Cursor() != want {
					t.Errorf("back around the beginning: got line %d, want %d", p.Cursor(), want)
				}
			}
			p.Draw(frame(40, 3), doc)
		})
	}
	p := Pager{}
	if err := p.Search("gamma", doc); err != nil {
		t.Fatal(err)
	}
	if err := p.Search("/a(/", doc); err == nil || !strings.Contains(err.Error(), "missing closing )") {
		t.Errorf("got %v, want what is wrong with the expression", err)
	}
	if _, total, _ := p.Matches(); total != 3 {
		t.Error("a wrong expression ended the search before it")
	}
	if err := p.Search("", doc); err != nil {
		t.Fatal(err)
	}
	if _, total, pattern := p.Matches(); total != 0 || pattern != "" {
		t.Error("an empty pattern does not end the search")
	}
}

func TestSearchGoesSidewaysToTheMatch(t *testing.T) {
	doc := lines{strings.Repeat("x", 300) + "needle" + strings.Repeat("y", 300)}
	p := Pager{}
	p.Draw(frame(40, 3), doc)
	if err := p.Search("needle", doc); err != nil {
		t.Fatal(err)
	}
	if drawn := p.Draw(frame(40, 3), doc); !strings.Contains(drawn, "needle") {
		t.Errorf("the match is out of sight:\n%s", drawn)
	}
}

// TestPagerOfAMillionLines counts the lines that are looked at: a frame may
// not depend on how long the document is.
func TestPagerOfAMillionLines(t *testing.T) {
	doc := newMillion()
	p := Pager{Wrap: true}
	for _, action := range []Action{Bottom, PageUp, Top, PageDown, HalfDown, Down} {
		doc.asked = 0
		p.Do(do(action), doc)
		p.Draw(frame(80, 48), doc)
		if doc.asked > 1000 {
			t.Errorf("%s: looked at %d lines", action, doc.asked)
		}
	}
	if err := p.Search("connection refused", doc); err != nil {
		t.Fatal(err)
	}
	for draws := 0; !p.Wake(start, doc).IsZero(); draws++ {
		doc.asked = 0
		p.Draw(frame(80, 48), doc)
		if doc.asked > scanMax+1000 || draws > 20 {
			t.Fatalf("frame %d looked at %d lines", draws, doc.asked)
		}
	}
	if _, total, _ := p.Matches(); total != 991 {
		t.Errorf("got %d matches, want 991", total)
	}
}

// TestPagerWithRandomChanges does what readers and logs do, in random order.
func TestPagerWithRandomChanges(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	texts := []string{
		"", "short", strings.Repeat("long ", 60), strings.Repeat("日本", 50), "👍🏽 नमस्ते e\u0301", "key: value",
	}
	actions := []Action{Up, Down, Top, Bottom, PageUp, PageDown, HalfUp, HalfDown, Left, Right, NextMatch, PreviousMatch}
	patterns := []string{"", "long", "本", "/e|k/", "VALUE", "/x*/"}
	p, doc := Pager{}, lines{"first"}
	for step := range 1500 {
		switch random.IntN(12) {
		case 0, 1:
			doc = append(doc, texts[random.IntN(len(texts))])
		case 2:
			n := random.IntN(len(doc) + 1)
			doc = doc[n:]
			p.Dropped(n)
		case 3:
			doc = doc[:random.IntN(len(doc)+1)]
			p.Replaced(doc)
		case 4:
			p.Wrap = !p.Wrap
		case 5:
			p.Select = !p.Select
		case 6:
			p.Follow = true
		case 7:
			if err := p.Search(patterns[random.IntN(len(patterns))], doc); err != nil {
				t.Fatal(err)
			}
		case 8:
			p.Wheel(random.IntN(9)-4, doc)
			p.Clicked(Clicked{X: 1, Y: random.IntN(20)}, doc)
		default:
			p.Do(do(actions[random.IntN(len(actions))]), doc)
		}
		width, height := random.IntN(90), random.IntN(20)
		drawn := strings.Split(p.Draw(frame(width, height), doc), "\n")
		if len(drawn) > max(1, height) {
			t.Fatalf("step %d: %d lines of %d", step, len(drawn), height)
		}
		for _, line := range drawn {
			if w := Width(line); w > width && width > 1 {
				t.Fatalf("step %d: %d cells of %d in %q", step, w, width, line)
			}
		}
		if n := len(doc); n > 0 && (p.Top() >= n || p.Cursor() >= n || p.Top() < 0) {
			t.Fatalf("step %d: top %d, cursor %d of %d lines", step, p.Top(), p.Cursor(), n)
		}
	}
}

func BenchmarkPager(b *testing.B) {
	doc := newMillion()
	p := Pager{Wrap: true}
	f := Frame{Width: 100, Height: 48, Theme: loadTheme(b, "default").For(trueColor)}
	p.Do(do(Bottom), doc)
	b.ReportAllocs()
	for b.Loop() {
		p.Do(do(Up), doc)
		p.Draw(f, doc)
	}
}

func BenchmarkSearchMillionLines(b *testing.B) {
	doc := newMillion()
	for _, pattern := range []string{"connection refused", "Refused", "/refused|denied/", "/[a-z]+ed x/"} {
		b.Run(pattern, func(b *testing.B) {
			for b.Loop() {
				p := Pager{}
				if err := p.Search(pattern, doc); err != nil {
					b.Fatal(err)
				}
				for !p.Wake(start, doc).IsZero() {
					p.Draw(frame(80, 48), doc)
				}
			}
		})
	}
}

// markedLines are lines that end in a mark of so many cells.
type markedLines struct {
	lines
	mark int
}

func (m markedLines) Mark(int) int { return m.mark }

// TestPagerKeepsAMarkWhole cuts the line before the mark at its end, and no more than has to be cut.
func TestPagerKeepsAMarkWhole(t *testing.T) {
	for _, c := range []struct {
		text        string
		mark, width int
		left        int
		want        string
	}{
		{"panic: no cart +6", 3, 20, 0, "panic: no cart +6"},
		{"panic: no cart +6", 3, 17, 0, "panic: no cart +6"},
		{"panic: no cart +6", 3, 16, 0, "panic: no ca› +6"},
		{"panic: no cart +6", 3, 10, 2, "nic: n› +6"},
		{"panic: no cart +6", 3, 10, 7, "no cart +6"},
		{"日本日本 +6", 3, 10, 0, "日本日› +6"},
		{"日本日本 +6", 3, 9, 0, "日本 › +6"},
		{"panic: no cart +6", 3, 4, 0, "pan›"}, // no room beside the mark
		{"panic: no cart", 0, 10, 0, "panic: no›"},
	} {
		p := Pager{left: c.left}
		got := p.Draw(frame(c.width, 1), markedLines{lines{c.text}, c.mark})
		if got = strings.TrimRight(got, " "); got != c.want {
			t.Errorf("%q in %d cells from %d: %q, want %q", c.text, c.width, c.left, got, c.want)
		}
	}
}
