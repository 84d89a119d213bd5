package views

import (
	"fmt"
	"image/color"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/themes/contrast"
	"github.com/fathom-k8s/fathom/ui"
)

// shellOn shows a view, as far as it is, in a shell with a theme and a size.
func shellOn(t *testing.T, view ui.View, theme string, size [2]int) *ui.Shell {
	t.Helper()
	definition, err := themes.Load(theme, "")
	if err != nil {
		t.Fatal(err)
	}
	s := ui.NewShell(ui.Options{
		Home: view, Theme: definition, Now: func() time.Time { return screenNow },
		Choices: Choices, Help: Help(), Unbound: Unbound, Environ: []string{"TERM=xterm-256color"},
	})
	s.Init()
	s.Update(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
	return s
}

// typed presses keys that are characters, and returns what is on the screen then.
func typed(s *ui.Shell, keys string) string {
	for _, r := range keys {
		s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return s.View().Content
}

// TestEverythingDrawnCanBeRead computes the contrast of every cell of every screen with its
// header and footer, of the palette, the help, the filter and a list of choices, in the
// themes that paint a background, one dark and one light.
func TestEverythingDrawnCanBeRead(t *testing.T) {
	size := [2]int{120, 40}
	for _, name := range themes.Names() {
		definition, err := themes.Load(name, "")
		if err != nil {
			t.Fatal(err)
		}
		theme := definition.For(colorprofile.TrueColor)
		if theme.Background == nil {
			continue // Its colours are the terminal's.
		}
		seen := 0
		check := func(where, drawn string) {
			got, hard := unreadable(theme, drawn, size)
			for _, problem := range hard {
				t.Errorf("%s, %s: %s", name, where, problem)
			}
			if seen += got; got == 0 {
				t.Errorf("%s, %s: nothing is drawn", name, where)
			}
		}
		eachScreen(t, func(where string, p *person) {
			check(where, typed(shellOn(t, p.view, name, size), ""))
			if where == "pods" {
				for _, keys := range []string{":", ":po", ":nothing is called so", "?", "/", "/nosuch=3", " ", "c", "0"} {
					check(keys, typed(shellOn(t, p.view, name, size), keys))
				}
			}
		})
	}
}

// unreadable says which cells of a screen are hard to read, and how many it has looked at.
func unreadable(theme *themes.Theme, drawn string, size [2]int) (seen int, problems []string) {
	text := theme.Style(themes.Text).GetForeground()
	for _, cell := range cells(drawn, size) {
		fg, bg := cell.Style.Fg, cell.Style.Bg
		if fg == nil {
			fg = text
		}
		if bg == nil {
			bg = theme.Background
		}
		if cell.Style.Attrs&uv.AttrReverse != 0 {
			fg, bg = bg, fg
		}
		if strings.TrimSpace(cell.Content) == "" {
			continue
		}
		seen++
		if got, wanted := contrast.Ratio(fg, bg), wantedOf(cell); got < wanted {
			problems = append(problems, fmt.Sprintf("%q has a contrast of %.1f, want %.1f", cell.Content, got, wanted))
		}
	}
	return seen, problems
}

func wantedOf(cell *uv.Cell) float64 {
	wanted := contrast.Text
	if strings.ContainsAny(cell.Content, "─│├└┌┐┘╭╮╯╰┬┴┼") {
		wanted = contrast.Lines
	}
	if cell.Style.Attrs&uv.AttrFaint != 0 {
		wanted *= 2 // Nobody knows what a terminal makes of it; half of the contrast is usual.
	}
	return wanted
}

func cells(drawn string, size [2]int) []*uv.Cell {
	buffer := uv.NewScreenBuffer(size[0], size[1])
	uv.NewStyledString(drawn).Draw(buffer, uv.Rect(0, 0, size[0], size[1]))
	var out []*uv.Cell
	for y := range size[1] {
		for x := range size[0] {
			if cell := buffer.CellAt(x, y); cell != nil && cell.Width > 0 {
				out = append(out, cell)
			}
		}
	}
	return out
}

// TestUnreadableIsSeen holds that the check can fail.
func TestUnreadableIsSeen(t *testing.T) {
	definition, err := themes.Load("dusk", "")
	if err != nil {
		t.Fatal(err)
	}
	theme := definition.For(colorprofile.TrueColor)
	r, g, b, _ := theme.Background.RGBA()
	near := color.RGBA{uint8(r>>8) + 20, uint8(g>>8) + 20, uint8(b>>8) + 20, 0xff}
	for drawn, want := range map[string]int{
		"plain": 0,
		fmt.Sprintf("\x1b[38;2;%d;%d;%dmfaint", near.R, near.G, near.B): 5,
		"\x1b[7mreverse": 0,
	} {
		if _, problems := unreadable(theme, drawn, [2]int{20, 1}); len(problems) != want {
			t.Errorf("%q: got %q, want %d problems", drawn, problems, want)
		}
	}
}

// TestThemes draws the main screens in each theme, with what begins and ends a look.
func TestThemes(t *testing.T) {
	escapes := strings.NewReplacer("\x1b", "\\e")
	for _, screen := range []struct {
		name, keys string
		view       func(*testing.T) ui.View
	}{
		{"home", "", func(t *testing.T) ui.View {
			server := newCluster(t, "shop.yaml")
			answersChecks(server, goodChecks)
			return openHome(t, newSession(t, server, "shop"), "CrashLoopBackOff", "v1.36.3").view
		}},
		{"table", "", podsView},
		{"palette", ":de", podsView},
		{"help", "?", podsView},
		{"overview", "", func(t *testing.T) ui.View {
			p := look(t, one("pod", "checkout-7d9f-x2x9")(t, newSession(t, newCluster(t, "shop.yaml"), "shop")))
			p.until(120, 40, "BackOff", "proxy", "Pulled", "● live", "v1.36.3")
			p.untilLinked()
			return p.view
		}},
		{"logs", "", func(t *testing.T) ui.View {
			_, v := openYAML(t, "pod", "web-1")
			v.subject.container = "app"
			v.show(v.index(tabLogs))
			at[*logs](v).say(0, logBatch(0, 100), "container app restarted: exit 3, Error")
			return v
		}},
	} {
		view := screen.view(t)
		for _, theme := range themes.Names() {
			for _, size := range sizes {
				t.Run(fmt.Sprintf("%s/%s %dx%d", theme, screen.name, size[0], size[1]), func(t *testing.T) {
					golden.RequireEqual(t, escapes.Replace(typed(shellOn(t, view, theme, size), screen.keys)))
				})
			}
		}
	}
}

func podsView(t *testing.T) ui.View {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(120, 40, "db-0", "● live", "v1.36.3")
	return p.view
}
