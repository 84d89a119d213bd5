package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"github.com/fathom-k8s/fathom/themes"
)

// home is a page with every kind of binding.
func home() *page {
	table, rows := podTable(40)
	return &page{
		name: "pods",
		keys: append([]Key{
			{Action: "open", Keys: []string{"enter"}, Help: "open", Group: "Object", Footer: true},
			{Action: "logs", Keys: []string{"l"}, Help: "logs", Group: "Object", Footer: true},
			{Action: "describe", Keys: []string{"d"}, Help: "describe", Group: "Object", Footer: true},
			{Action: "yaml", Keys: []string{"y"}, Help: "YAML", Group: "Object", Footer: true},
			{Action: "delete", Keys: []string{"D"}, Help: "delete", Group: "Object"},
			{Action: "filter", Keys: []string{"/"}, Help: "filter", Group: "List", Footer: true},
			{Action: "recent", Keys: []string{"1", "2", "3"}, Show: "1-3", Help: "recent namespaces", Group: "List"},
			{Action: "choose", Keys: []string{"n"}, Help: "namespace", Group: "List"},
		}, table.Keys()...),
		intents: map[Action]Intent{
			"open":   Open{&page{name: "pod web-1"}},
			"delete": ask(removal{name: "shop/web-1"}),
			"filter": Prompt{Name: "filter", Label: "/"},
			"choose": Choose{Title: "namespace", Choices: []Choice{
				{Name: "shop", Detail: "14 pods", Then: Say{Text: "shop it is"}},
				{Name: "kube-system", Detail: "9 pods", Then: Say{Text: "the system's"}},
			}},
		},
		body: table.Draw(Frame{Width: 80, Height: 22, Theme: themes.Plain, Now: start}, rows),
	}
}

var start = time.Date(2000, 1, 1, 14, 2, 0, 0, time.UTC)

func choices(_ View, query string) []Choice {
	var all []Choice
	for _, name := range []string{
		"pods", "deployments", "statefulsets", "podtemplates", "networkpolicies", "nodes", "shop", "kube-system",
	} {
		singular := strings.TrimSuffix(name, "s")
		all = append(all, Choice{Name: name, Detail: "kind", Also: []string{singular}, Then: Open{&page{name: name}}})
	}
	return Rank(query, all)
}

func TestScreens(t *testing.T) {
	tests := []struct {
		name string
		do   func(d *driver)
	}{
		{"view", func(*driver) {}},
		{"palette", func(d *driver) { d.press(":", "p", "o", "down") }},
		{"palette_finds_nothing", func(d *driver) { d.press(":"); d.typeText("zzz") }},
		{"help", func(d *driver) { d.press("?") }},
		{"help_scrolled", func(d *driver) { d.press("?", "down", "down", "down") }},
		{"confirm", func(d *driver) { d.press("D") }},
		{"confirm_yes", func(d *driver) { d.press("D", "y") }},
		{"choose", func(d *driver) { d.press("n") }},
		{"prompt", func(d *driver) { d.press("/"); d.typeText("status!=Running 日本") }},
		{"outcome", func(d *driver) { d.press("D", "tab", "enter") }},
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 8}} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%dx%d/%s", size[0], size[1], tt.name), func(t *testing.T) {
				var got string
				synctest.Test(t, func(t *testing.T) {
					waitUntil(start)
					d := drive(t, Options{Home: home(), Choices: choices, Now: utc}, size[0], size[1])
					tt.do(d)
					got = d.text()
				})
				golden.RequireEqual(t, got)
			})
		}
	}
}

func utc() time.Time { return time.Now().UTC() }

func TestColours(t *testing.T) {
	for _, name := range themes.Names() {
		for _, depth := range []colorprofile.Profile{
			colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI, colorprofile.ASCII,
		} {
			t.Run(name+"/"+depth.String(), func(t *testing.T) {
				var got string
				synctest.Test(t, func(t *testing.T) {
					waitUntil(start)
					view := home()
					d := drive(t, Options{Home: view, Theme: loadTheme(t, name), Now: utc}, 60, 10)
					d.send(profile(depth))
					table, rows := podTable(5)
					table.SetCurrent(rows.ID(1))
					view.body = table.Draw(Frame{Width: 60, Height: 7, Theme: d.shell.frame.Theme, Now: start}, rows)
					d.send(tea.WindowSizeMsg{Width: 60, Height: 10})
					got = colours(d.shell.View().Content)
				})
				golden.RequireEqual(t, got)
			})
		}
	}
}

func TestKeysBecomeActions(t *testing.T) {
	tests := []struct {
		name   string
		rebind map[Action][]string
		keys   []string
		want   []Do
	}{
		{"a key of the view", nil, []string{"l"}, []Do{{"logs", "l"}}},
		{"one of many keys", nil, []string{"2"}, []Do{{"recent", "2"}}},
		{"unknown keys do nothing", nil, []string{"Q", "ctrl+x", "f"}, nil},
		{"rebound", map[Action][]string{"logs": {"L", "x"}}, []string{"l", "L", "x"}, []Do{{"logs", "L"}, {"logs", "x"}}},
		{"rebound to another's key", map[Action][]string{"logs": {"d"}}, []string{"d"}, []Do{{"logs", "d"}}},
		{"the view is asked before the shell", map[Action][]string{"logs": {"q"}}, []string{"q"}, []Do{{"logs", "q"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				view := home()
				d := drive(t, Options{Home: view, Rebind: tt.rebind}, 80, 24)
				d.press(tt.keys...)
				if diff := cmp.Diff(heard[Do](view), tt.want); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestBackAndQuit(t *testing.T) {
	tests := []struct {
		keys []string
		top  string
		quit bool
	}{
		{[]string{"enter"}, "pod web-1", false},
		{[]string{"enter", "esc"}, "pods", false},
		{[]string{"enter", "q"}, "pods", false},
		{[]string{"esc"}, "pods", false},
		{[]string{"q"}, "pods", true},
		{[]string{"ctrl+c"}, "pods", true},
		{[]string{"enter", "ctrl+c"}, "pod web-1", true},
		{[]string{":", "ctrl+c"}, "pods", true},
		{[]string{":", "q"}, "pods", false},
		{[]string{"/", "q"}, "pods", false},
		{[]string{"?", "q"}, "pods", false},
		{[]string{"D", "q"}, "pods", false},
		{[]string{"enter", "alt+l"}, "pods", false}, // esc and l, typed ahead
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.keys, " "), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := drive(t, Options{Home: home(), Choices: choices}, 80, 24)
				d.press(tt.keys...)
				if got := d.shell.topLayer().view.(*page).name; got != tt.top {
					t.Errorf("top: got %q, want %q", got, tt.top)
				}
				if d.quit != tt.quit {
					t.Errorf("quit: got %v, want %v", d.quit, tt.quit)
				}
			})
		})
	}
}

// TestTypedAhead sends keys without waiting for anything in between: each is
// for the view that is on top when its turn comes.
func TestTypedAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := &page{name: "second", keys: []Key{{Action: "go", Keys: []string{"l"}}}}
		first := &page{name: "first", keys: []Key{
			{Action: "open", Keys: []string{"enter"}}, {Action: "logs", Keys: []string{"l"}},
		}}
		first.intents = map[Action]Intent{"open": Open{second}}
		d := drive(t, Options{Home: first, Choices: choices}, 80, 24)
		for _, key := range []string{"l", "enter", "l", "l", ":", "n", "o", "d", "enter"} {
			d.update(keyPress(key))
		}
		d.settle()
		if got, want := heard[Do](first), []Do{{"logs", "l"}, {"open", "enter"}}; !slices.Equal(got, want) {
			t.Errorf("first: got %v, want %v", got, want)
		}
		if got, want := heard[Do](second), []Do{{"go", "l"}, {"go", "l"}}; !slices.Equal(got, want) {
			t.Errorf("second: got %v, want %v", got, want)
		}
		if got := d.shell.topLayer().view.(*page).name; got != "nodes" {
			t.Errorf("top: got %q, want nodes", got)
		}
	})
}

func TestEscAndTheNextKeyInOneRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, Options{Home: view}, 80, 24)
		d.press("/", "x", "alt+l")
		if len(heard[Cancelled](view)) != 1 || len(heard[Do](view)) != 2 {
			t.Errorf("told: %v", view.told)
		}
		d.send(tea.KeyboardEnhancementsMsg{Flags: 1})
		d.press("/", "alt+l")
		if len(heard[Cancelled](view)) != 1 {
			t.Error("a real alt+l closed the prompt")
		}
	})
}

func TestPromptTellsTheView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, Options{Home: view}, 80, 24)
		d.press("/", "a", "b", "down", "backspace")
		d.send(tea.PasteMsg{Content: "c\x1b[2J\nd\u202e"})
		if d.shell.picture.Cursor == nil {
			t.Error("the prompt has no cursor")
		}
		d.press("enter", "/", "x", "esc")
		view.told = slices.DeleteFunc(view.told, func(msg Msg) bool { return msg == Shown{} })
		want := []Msg{
			Do{"filter", "/"}, Typed{"filter", "a"}, Typed{"filter", "ab"}, Do{"down", "down"}, Typed{"filter", "a"},
			Typed{"filter", "ac[2J d"}, Entered{"filter", "ac[2J d"},
			Do{"filter", "/"}, Typed{"filter", "x"}, Cancelled{"filter"},
		}
		if diff := cmp.Diff(view.told, want); diff != "" {
			t.Error(diff)
		}
		if d.shell.picture.Cursor != nil {
			t.Error("the cursor is left behind")
		}
	})
}

// The view gets the text of a burst of keys once, but any other key among them acts on
// what the text leaves.
func TestPromptTellsABurstOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, Options{Home: view}, 80, 24)
		burst := func(keys ...string) {
			for _, key := range keys[:len(keys)-1] {
				d.send(early(keyPress(key)))
			}
			d.press(keys[len(keys)-1])
		}
		d.press("/")
		view.told, d.draws = nil, 0
		burst("w", "e", "b")
		if d.draws != 1 {
			t.Errorf("%d frames, want one", d.draws)
		}
		burst("-", "down", "1", "enter", "/", "x", "esc")
		want := []Msg{
			Typed{"filter", "web"}, Typed{"filter", "web-"}, Do{"down", "down"}, Typed{"filter", "web-1"},
			Entered{"filter", "web-1"},
			Do{"filter", "/"}, Typed{"filter", "x"}, Cancelled{"filter"},
		}
		if diff := cmp.Diff(view.told, want); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPasteIsNotKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, Options{Home: view}, 80, 24)
		d.send(tea.PasteMsg{Content: "Dy\r"})
		if len(heard[Do](view)) != 0 {
			t.Errorf("got %v", view.told)
		}
	})
}

func TestNothingIsDestroyedInOneStroke(t *testing.T) {
	tests := []struct {
		name string
		keys []string
		ran  int
	}{
		{"asked", []string{"D"}, 0},
		{"enter takes no", []string{"D", "enter"}, 0},
		{"y alone", []string{"D", "y"}, 0},
		{"y and enter", []string{"D", "y", "enter"}, 1},
		{"tab and enter", []string{"D", "tab", "enter"}, 1},
		{"there and back", []string{"D", "tab", "tab", "enter"}, 0},
		{"esc", []string{"D", "y", "esc", "enter"}, 0},
		{"n", []string{"D", "y", "n", "enter"}, 0},
		{"the key itself again", []string{"D", "D", "D", "D"}, 0},
		{"space", []string{"D", "y", "space"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ran := 0
				view := home()
				view.intents = map[Action]Intent{"delete": ask(removal{name: "web-1", ran: &ran})}
				d := drive(t, Options{Home: view}, 80, 24)
				d.press(tt.keys...)
				if ran != tt.ran {
					t.Errorf("ran: got %d, want %d", ran, tt.ran)
				}
			})
		})
	}
}

func TestOutcomes(t *testing.T) {
	tests := []struct {
		name   string
		effect removal
		want   string
	}{
		{"done", removal{name: "web-1"}, "done: delete pod web-1 in prod-eu"},
		{"refused", removal{name: "web-1", err: errForbidden}, "failed: pods \"web-1\" is forbidden"},
		{"hangs", removal{name: "web-1", hang: true}, "no answer within 30s"},
		{"panics", removal{name: "web-1", boom: true}, "panic: out of]0; luck"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var logged []string
				view := &page{name: "pods", keys: []Key{{Action: "go", Keys: []string{"x"}}}}
				view.intents = map[Action]Intent{"go": tt.effect}
				d := drive(t, Options{Home: view, Log: func(_, text string) { logged = append(logged, text) }}, 120, 24)
				d.press("x")
				d.after(31 * time.Second)
				d.contains(tt.want)
				if got := heard[Outcome](view); len(got) != 1 || got[0].Effect != tt.effect {
					t.Errorf("the view heard %v", got)
				}
				if tt.effect.boom && (len(logged) != 2 || !strings.Contains(logged[0], "driver_test.go")) {
					t.Errorf("the log does not say where: %q", logged)
				}
				d.press("up")
				d.lacks(tt.want)
			})
		})
	}
}

func TestIntents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		view.intents["logs"] = All{Copy{Text: "web-1", What: "name web-1"}, Open{&page{name: "logs"}}}
		view.intents["describe"] = Save{Name: "web-1.yaml", Text: Text("kind: Pod")}
		view.intents["yaml"] = Replace{&page{name: "other"}}
		saved := ""
		d := drive(t, Options{Home: view, Save: func(name string, text io.WriterTo) (string, error) {
			var b strings.Builder
			_, err := text.WriteTo(&b)
			saved = name + ":" + b.String()
			return "/home/me/\u202e" + name, err
		}}, 80, 24)
		d.press("d")
		d.contains("saved /home/me/web-1.yaml")
		if saved != "web-1.yaml:kind: Pod" {
			t.Errorf("saved %q", saved)
		}
		d.press("l")
		d.contains("copied web-1")
		d.contains("this is logs")
		want := ansi.SetSystemClipboard("web-1")
		if got := string(d.shell.renderer.Render(d.shell.picture)); !strings.HasPrefix(got, want) {
			t.Errorf("the terminal gets %q, want %q first", got, want)
		}
		d.press("esc", "y")
		d.contains("this is other")
		if len(d.shell.stack) != 1 {
			t.Errorf("%d layers, want 1", len(d.shell.stack))
		}
		if got := d.shell.renderer.Render(d.shell.picture); strings.Contains(string(got), ansi.EraseEntireScreen) {
			t.Errorf("the screen is cleared: %q", got)
		}
		d.press("ctrl+l")
		if got := d.shell.renderer.Render(d.shell.picture); !strings.Contains(string(got), ansi.EraseEntireScreen) {
			t.Errorf("the screen is not cleared: %q", got)
		}
		d.press("ctrl+z")
		if want := "tea.SuspendMsg {}"; !slices.Contains(d.other, want) {
			t.Errorf("got %q, want %q", d.other, want)
		}
	})
}

type later struct{ then Intent }

func (l later) Intent() Intent { return l.then }

func TestChoicesAreCarriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		view.intents["choose"] = Choose{Title: "where", Choices: []Choice{
			{Name: "here", Then: Say{Text: "here it is"}}, {Name: "there", Then: later{Reset{&page{name: "there"}}}},
		}}
		d := drive(t, Options{Home: view, Choices: choices}, 80, 24)
		d.press("n", "enter")
		d.contains("here it is")
		d.press("n", "down", "enter")
		d.contains("this is there")
		d.press(":")
		d.typeText("nod")
		d.press("tab", "enter")
		d.contains("this is nodes")
		d.press(":", "x", "ctrl+u")
		d.send(tea.PasteMsg{Content: "zzz\nyyy"})
		d.contains("nothing matches \"zzz yyy\"")
		d.press("enter", "esc", "esc")
		d.contains("this is there")
	})
}

func TestMouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, Options{Home: view, Choices: choices, Mouse: true}, 80, 24)
		if !strings.Contains(d.shell.renderer.Enter(), ansi.SetModeMouseButtonEvent) {
			t.Error("the mouse is off")
		}
		click := tea.MouseClickMsg{X: 5, Y: 4, Button: tea.MouseLeft}
		d.send(click, click, click, tea.MouseClickMsg{X: 5, Y: 0, Button: tea.MouseLeft},
			tea.MouseClickMsg{X: 5, Y: 23, Button: tea.MouseLeft}, tea.MouseClickMsg{X: 5, Y: 5, Button: tea.MouseRight},
			tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		want := []Msg{Shown{}, Clicked{5, 3, false}, Clicked{5, 3, true}, Clicked{5, 3, false}, Wheel{3}}
		if diff := cmp.Diff(view.told, want); diff != "" {
			t.Error(diff)
		}
		d.press(":")
		d.send(tea.MouseClickMsg{X: 10, Y: 7, Button: tea.MouseLeft})
		d.contains("this is deployments")
	})
}

func TestTinyScreens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		view.body = ""
		d := drive(t, Options{Home: view, Choices: choices}, 1, 1)
		for _, keys := range [][]string{{}, {":"}, {"esc", "?"}, {"esc", "D"}, {"esc", "/"}} {
			d.press(keys...)
			for width := 1; width < 45; width++ {
				for height := 1; height < 12; height++ {
					d.send(tea.WindowSizeMsg{Width: width, Height: height})
					if over := d.shell.picture.Over; over != nil && !over.Bounds().In(uv.Rect(0, 1, width, height-2)) {
						t.Fatalf("%dx%d: the box at %v leaves the body", width, height, over.Bounds())
					}
					lines := strings.Split(d.shell.View().Content, "\n")
					if len(lines) > height {
						t.Fatalf("%dx%d: %d lines", width, height, len(lines))
					}
					for _, line := range lines {
						if w := Width(plainLine(line)); w > width {
							t.Fatalf("%dx%d: %d cells in %q", width, height, w, line)
						}
					}
				}
			}
		}
		d.send(tea.WindowSizeMsg{Width: 39, Height: 24})
		d.contains("too small")
	})
}

func plainLine(line string) string { return strings.TrimRight(plainText(line), "\n") }

func TestASCII(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Home: home(), Choices: choices, ASCII: true}, 80, 24)
		for _, keys := range [][]string{{}, {":"}, {"esc", "?"}, {"esc", "D"}, {"esc", "n"}, {"esc", "/"}} {
			d.press(keys...)
			if content := d.shell.View().Content; !isASCII(content) {
				t.Fatalf("after %v:\n%s", keys, content)
			}
		}
		for r := range plain {
			if Width(string(r)) != 1 {
				t.Errorf("%c takes %d cells", r, Width(string(r)))
			}
		}
	})
}
