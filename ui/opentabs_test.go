package ui

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"
)

// withTabs is a shell whose new tabs begin with pages of their own numbers.
func withTabs(first View) Options {
	opened := 1
	return Options{Home: first, Choices: choices, Now: utc, Tabs: TabOptions{Another: func(View) View {
		opened++
		return &page{name: fmt.Sprintf("page %d", opened)}
	}}}
}

func (d *driver) at(t *testing.T, name string, tabs int) {
	t.Helper()
	if got := d.shell.topLayer().view.(*page).name; got != name || len(d.shell.tabs) != tabs {
		t.Errorf("at %s with %d tabs, want %s with %d", got, len(d.shell.tabs), name, tabs)
	}
}

// TestOpenTabs opens tabs, goes round them and closes them.
func TestOpenTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, withTabs(view), 80, 24)
		d.press("}")
		d.contains("only one tab is open; ctrl+t opens another")
		d.press("ctrl+x")
		d.contains("this is the only tab; :q quits")
		d.press("ctrl+t")
		d.at(t, "page 2", 2)
		d.contains(" 1 shop pods   2 shop page 2")
		d.press("}")
		d.at(t, "pods", 2)
		d.press("enter")
		d.at(t, "pod web-1", 2)
		d.press("{")
		d.at(t, "page 2", 2)
		d.press("esc")
		d.at(t, "page 2", 2)
		d.press("{")
		d.at(t, "pod web-1", 2) // Each has its own way back.
		d.press("ctrl+t")
		d.at(t, "page 3", 3)
		d.contains(" 2 shop page 3") // Beside the tab that it was opened from.
		d.press("ctrl+x")
		d.at(t, "page 2", 2)
		d.press("q")
		d.at(t, "pod web-1", 1)
		if got := d.shell.frame.Height; got != 22 {
			t.Errorf("the body has %d lines after the row of tabs has gone", got)
		}
		d.press("q")
		if d.quit {
			t.Error("q quits before the first view")
		}
		d.press("q")
		if !d.quit {
			t.Error("q does not quit from the first view of the only tab")
		}
	})
}

func TestTooManyTabs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, withTabs(home()), 80, 24)
		for range TabsMax {
			d.press("ctrl+t")
		}
		d.at(t, "page 9", TabsMax)
		d.contains("9 tabs are open, which is the most")
	})
}

// lazy is an intent that is made when it is carried out.
type lazy func() Intent

func (l lazy) Intent() Intent { return l() }

// TestOpenInNewTab opens what an intent leads to, or carries it out in a tab like the one before.
func TestOpenInNewTab(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		view.intents["open"] = NewTab{lazy(func() Intent { return Open{&page{name: "pod web-1"}} })}
		view.intents["logs"] = NewTab{Say{Text: "nothing to open"}}
		view.intents["yaml"] = ToTab{2}
		d := drive(t, withTabs(view), 80, 24)
		d.press("enter")
		d.at(t, "pod web-1", 2)
		d.press("q") // It is the first view there.
		d.at(t, "pods", 1)
		d.press("y")
		d.contains("only one tab is open")
		d.press("l")
		d.at(t, "page 2", 2)
		d.contains("nothing to open")
		d.press("{", "y")
		d.at(t, "page 2", 2)
		view.intents["yaml"] = ToTab{7}
		d.press("{", "y")
		d.at(t, "pods", 2)
		d.contains("no tab 7; :tabs lists those that are open")
	})
}

// TestTabsStayAsTheyAre holds that a tab which is not on the screen gets what it waits for, that what it
// then opens stays there, and that nothing goes on in a closed one.
func TestTabsStayAsTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := newFeed()
		view := home()
		view.intents["open"] = Watch{late}
		later := &page{name: "elsewhere"}
		view.on = func(msg Msg) Intent {
			if msg == 1 {
				return All{Reset{later}, Say{Text: "here it is"}}
			}
			return nil
		}
		d := drive(t, withTabs(view), 80, 24)
		d.press("enter", "ctrl+t")
		late.in <- 1
		d.settle()
		d.at(t, "page 2", 2)
		if len(heard[Shown](later)) != 0 {
			t.Error("a view away from the screen gets Shown")
		}
		d.contains(" 1 shop elsewhere")
		d.press("{")
		d.at(t, "elsewhere", 2)
		if len(heard[Shown](later)) != 1 {
			t.Error("a view that came to the screen does not get Shown")
		}

		ended := newFeed()
		later.on = func(msg Msg) Intent {
			if _, do := msg.(Do); do {
				return Watch{ended}
			}
			return nil
		}
		later.keys = []Key{{Action: "open", Keys: []string{"enter"}}}
		d.press("enter", "ctrl+x")
		d.at(t, "page 2", 1)
		d.settle()
		if !ended.ended {
			t.Error("the source of a closed tab goes on")
		}
	})
}

// TestTabsOfBefore begins with tabs beside the first: none of them is shown before it is looked at.
func TestTabsOfBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left, right := &page{name: "left"}, &page{name: "right"}
		o := withTabs(home())
		o.Tabs.Left, o.Tabs.Right = []View{left}, []View{right}
		d := drive(t, o, 80, 24)
		d.at(t, "pods", 3)
		if len(left.told)+len(right.told) > 0 {
			t.Errorf("before they are looked at, they get %v %v", left.told, right.told)
		}
		d.press("{")
		d.at(t, "left", 3)
		d.press("{")
		d.at(t, "right", 3)
		tabs, at := d.shell.TopViews()
		if len(tabs) != 3 || at != 2 || tabs[0][0] != left || tabs[2][0] != right {
			t.Errorf("%v, at %d", tabs, at)
		}
	})
}

// TestTabThatStays asks before a tab closes.
func TestTabThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := withTabs(home())
		stays := true
		o.Tabs.Close = func(_ View, stay []View) Intent {
			if stays && len(stay) == 1 {
				return Say{Text: "a drain goes on"}
			}
			return nil
		}
		d := drive(t, o, 80, 24)
		d.press("ctrl+t", "q")
		d.at(t, "page 2", 2)
		d.contains("a drain goes on")
		stays = false
		d.press("ctrl+x")
		d.at(t, "pods", 1)
	})
}

// TestClickOnTab goes to the tab under the mouse; the body begins one line lower.
func TestClickOnTab(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := home()
		d := drive(t, withTabs(view), 80, 24)
		d.press("ctrl+t")
		d.send(tea.MouseClickMsg{X: 4, Y: 1, Button: tea.MouseLeft})
		d.at(t, "pods", 2)
		d.send(tea.MouseClickMsg{X: 4, Y: 5, Button: tea.MouseLeft})
		if got := heard[Clicked](view); len(got) != 1 || got[0].Y != 3 {
			t.Errorf("clicked %v, want line 3 of the body", got)
		}
	})
}

// writable is a page of another cluster, which may be changed.
type writable struct{ *page }

func (w writable) Header(now time.Time) Header {
	h := w.page.Header(now)
	h.Place[0], h.Facts = "dev", append(h.Facts, Mode(true))
	return h
}

func TestTabScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 8}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			var got string
			synctest.Test(t, func(t *testing.T) {
				waitUntil(start)
				o := withTabs(home())
				o.Tabs.Right = []View{
					writable{&page{name: "deployment checkout-with-a-name-that-is-too-long"}}, &page{name: "nodes"},
				}
				d := drive(t, o, size[0], size[1])
				got = d.text()
				d.press("}", ":")
				got += "\n" + d.text()
			})
			golden.RequireEqual(t, got)
		})
	}
}
