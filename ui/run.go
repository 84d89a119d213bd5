package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// Run shows the shell on the terminal until the user quits or ctx ends.
func Run(ctx context.Context, s *Shell, options ...tea.ProgramOption) error {
	_, err := tea.NewProgram(s, append([]tea.ProgramOption{tea.WithContext(ctx)}, options...)...).Run()
	return err
}
