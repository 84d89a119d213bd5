package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// Reopener is a view that can be gone forward to after somebody has gone back from it.
type Reopener interface {
	View
	// Reopen returns a new view of what this one shows, as it shows it.
	Reopen() View
}

// goBack leaves the view on top, and remembers how to return to it.
func (s *Shell) goBack() tea.Cmd {
	top := s.topLayer()
	if v, ok := top.view.(Reopener); ok && len(s.stack) > 1 {
		s.left = append(s.left, v)
	}
	return s.removeLayer(top)
}

// goForward returns to the view that was left last, until another one is opened.
func (s *Shell) goForward() tea.Cmd {
	n := len(s.left)
	if n == 0 {
		s.say(Say{Text: "there is nothing to go forward to", Role: themes.Muted})
		return nil
	}
	view, left := s.left[n-1], s.left[:n-1]
	cmd := s.pushView(s.openTab, view.Reopen())
	s.left = left
	return cmd
}
