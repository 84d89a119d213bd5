package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fathom-k8s/fathom/themes"
)

// Options are what a Shell is made of.
type Options struct {
	Home   View
	Theme  *themes.Source
	Now    func() time.Time
	ASCII  bool
	Mouse  bool
	Rebind map[Action][]string
	// Choices are the entries of the palette for a query, best first.
	Choices func(top View, query string) []Choice
	// Save writes text to a new file and says where.
	Save func(name, text string) (path string, err error)
	// Log keeps what went wrong and why: the place a panic came from.
	Log func(level, text string)
}

// Shell is the root model.
type Shell struct{ o Options }

// NewShell makes the shell around a first view.
func NewShell(o Options) *Shell { return &Shell{o: o} }

// Init implements tea.Model.
func (s *Shell) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (s *Shell) Update(msg tea.Msg) (tea.Model, tea.Cmd) { return s, nil }

// View implements tea.Model.
func (s *Shell) View() tea.View { return tea.NewView("") }
