package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// TabOptions are the open tabs: each has a stack of views of its own, and one of them is on the
// screen. The others stay up to date.
type TabOptions struct {
	// Left and Right are the first views of tabs beside the one that begins with Home. Such a view
	// gets Shown when its tab comes to the screen for the first time.
	Left, Right []View
	// Another returns what a new tab begins with, beside the view that is on top. Where it is nil,
	// there is one tab.
	Another func(top View) View
	// Close, when it is not nil, is asked before a tab closes, with the views on top of it and of
	// those that stay. An intent is carried out in its place.
	Close func(top View, stay []View) Intent
}

// The intents for open tabs.
type (
	// NewTab opens a tab and carries an intent out there; nil begins with what Another returns.
	NewTab struct{ Then Intent }
	// CloseTab closes the tab that is on the screen.
	CloseTab struct{}
	// ChooseTab opens a list of the tabs.
	ChooseTab struct{}
	// ToTab goes to a tab by its number, which is 1 for the first.
	ToTab struct{ Number int }
)

// openTab is a stack of views, of which the last is visible while the tab is on the screen.
type openTab struct {
	stack []*layer
	left  []Reopener // by going back, the last one last
}

func (t *openTab) top() *layer { return t.stack[len(t.stack)-1] }

// TabsMax is how many tabs there can be: each keeps what it shows in memory and up to date.
const TabsMax = 9

// tabOf returns the tab that a layer is in; for a layer in none, the one on the screen.
func (s *Shell) tabOf(l *layer) *openTab {
	for _, t := range s.tabs {
		if slices.Contains(t.stack, l) {
			return t
		}
	}
	return s.openTab
}

// beginTabs opens the tabs that the program begins with.
func (s *Shell) beginTabs() tea.Cmd {
	for _, view := range s.o.Tabs.Left {
		s.tabs = append(s.tabs, s.tabWith(view))
	}
	s.tabs = append(s.tabs, s.openTab)
	for _, view := range s.o.Tabs.Right {
		s.tabs = append(s.tabs, s.tabWith(view))
	}
	s.resizeBody()
	return s.pushView(s.openTab, s.o.Home)
}

func (s *Shell) tabWith(view View) *openTab { return &openTab{stack: []*layer{s.newLayer(view)}} }

// TopViews returns the views of each tab, the visible one first, and which tab is on the screen. It is
// for after Run.
func (s *Shell) TopViews() (tabs [][]View, at int) {
	for _, t := range s.tabs {
		var views []View
		for _, l := range slices.Backward(t.stack) {
			views = append(views, l.view)
		}
		tabs = append(tabs, views)
	}
	return tabs, s.tabAt()
}

func (s *Shell) tabAt() int { return slices.Index(s.tabs, s.openTab) }

// newTab opens a tab to the right of the one on the screen.
func (s *Shell) newTab(then Intent) tea.Cmd {
	for {
		lazy, is := then.(Lazy)
		if !is {
			break
		}
		then = lazy.Intent()
	}
	switch {
	case s.o.Tabs.Another == nil:
		return s.perform(s.topLayer(), then)
	case len(s.tabs) >= TabsMax:
		s.say(Say{Text: fmt.Sprintf("%d tabs are open, which is the most; close one first", TabsMax), Role: themes.Degraded})
		return nil
	}
	view, opens := viewIn(then)
	if !opens {
		view = s.o.Tabs.Another(s.topLayer().view)
	}
	t := s.tabWith(view)
	s.tabs = slices.Insert(s.tabs, s.tabAt()+1, t)
	cmd := s.showTab(t)
	if !opens {
		cmd = tea.Batch(cmd, s.perform(t.top(), then))
	}
	return cmd
}

// viewIn returns the view that an intent opens.
func viewIn(intent Intent) (View, bool) {
	switch intent := intent.(type) {
	case Open:
		return intent.View, true
	case Replace:
		return intent.View, true
	case Reset:
		return intent.View, true
	}
	return nil, false
}

// showTab brings a tab to the screen.
func (s *Shell) showTab(t *openTab) tea.Cmd {
	s.openTab = t
	s.resizeBody()
	s.frameRate.freshLeft = freshFrames
	return s.topChanged()
}

// toTab goes to a tab by its place in the row, where there is one.
func (s *Shell) toTab(at int) tea.Cmd {
	switch {
	case len(s.tabs) == 1:
		s.say(Say{Text: "only one tab is open; " + s.keyOf(OpenTab) + " opens another", Role: themes.Muted})
		return nil
	case at < 0 || at >= len(s.tabs):
		s.say(Say{Text: fmt.Sprintf("no tab %d; :tabs lists those that are open", at+1), Role: themes.Muted})
		return nil
	}
	return s.showTab(s.tabs[at])
}

// keyOf is the key of one of the shell's own actions.
func (s *Shell) keyOf(action Action) string {
	for _, k := range rebound(globals, s.o.Rebind) {
		if k.Action == action && len(k.Keys) > 0 {
			return k.Keys[0]
		}
	}
	return ":tab"
}

// besideTab goes so many tabs to the right, round the end.
func (s *Shell) besideTab(n int) tea.Cmd {
	return s.toTab((s.tabAt() + n + len(s.tabs)) % len(s.tabs))
}

// closeTab ends all views of the tab on the screen and goes to the one at its place, or to the last.
func (s *Shell) closeTab() tea.Cmd {
	at := s.tabAt()
	if len(s.tabs) == 1 {
		s.say(Say{Text: "this is the only tab; :q quits", Role: themes.Muted})
		return nil
	}
	gone := s.openTab
	rest := slices.Delete(slices.Clone(s.tabs), at, at+1)
	if s.o.Tabs.Close != nil {
		var stay []View
		for _, t := range rest {
			stay = append(stay, t.top().view)
		}
		if instead := s.o.Tabs.Close(gone.top().view, stay); instead != nil {
			return s.perform(gone.top(), instead)
		}
	}
	for _, l := range gone.stack {
		s.endLayer(l)
	}
	s.tabs = rest
	return s.showTab(rest[min(at, len(rest)-1)])
}

// chooseTab opens a list of the tabs.
func (s *Shell) chooseTab() {
	var choices []Choice
	for i, name := range s.tabNames() {
		choices = append(choices, Choice{Name: name, Then: ToTab{i + 1}})
	}
	list := newPicker("tabs", Choose{Choices: choices}.search)
	list.move(s.tabAt())
	s.openOverlay(s.topLayer(), list)
}

// resizeBody leaves the lines for what lies above and below the body.
func (s *Shell) resizeBody() {
	s.frame.Width, s.frame.Height = s.width, max(0, s.height-1-s.bodyTop())
	s.dirty = true
}

// bodyTop is how many lines lie above the body: the header, and the tabs where there are several.
func (s *Shell) bodyTop() int {
	if len(s.tabs) > 1 {
		return 2
	}
	return 1
}

// tabNameMin is what is left of the name of a tab when there are many.
const tabNameMin = 10

// tabNames says of each tab where it is, with its number before it: the context only where the tabs
// have different ones. A tab whose cluster may be changed says so.
func (s *Shell) tabNames() []string {
	headers := make([]Header, len(s.tabs))
	differ := false
	for i, t := range s.tabs {
		headers[i] = t.top().view.Header(s.o.Now())
		differ = differ || !slices.Equal(first(headers[i].Place), first(headers[0].Place))
	}
	names := make([]string, len(s.tabs))
	for i, h := range headers {
		place := h.Place
		if !differ && len(place) > 1 {
			place = place[1:]
		}
		names[i] = strings.Join(append([]string{strconv.Itoa(i + 1)}, place...), " ")
		if slices.Contains(h.Facts, Mode(true)) {
			names[i] += " " + Mode(true).Text
		}
	}
	return names
}

// fitTabs shortens the longest names until all of them fit into a row.
func fitTabs(width int, names []string) []string {
	most, room := 0, width-len(names)*(2+tabGap)
	for _, name := range names {
		most = max(most, Width(name))
	}
	for ; most > tabNameMin; most-- {
		all := 0
		for _, name := range names {
			all += min(most, Width(name))
		}
		if all <= room {
			break
		}
	}
	out := make([]string, len(names))
	for i, name := range names {
		mode := ""
		if rest, write := strings.CutSuffix(name, " "+Mode(true).Text); write { // That is always said.
			name, mode = rest, " "+Mode(true).Text
		}
		out[i] = TruncateMiddle(name, max(1, most-Width(mode))) + mode
	}
	return out
}

// first is the first of texts, alone.
func first(texts []string) []string { return texts[:min(1, len(texts))] }
