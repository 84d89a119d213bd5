package term

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestNotify(t *testing.T) {
	nine, seven := "\x1b]9;a,b: c;d\a", "\x1b]777;notify;a,b;c;d\a"
	for _, tt := range []struct {
		name, want string
		env        []string
	}{
		{"a terminal", "\a" + nine + seven, []string{"TERM=xterm-256color"}},
		{"one that shows both", "\a" + nine, []string{"TERM=xterm-kitty"}},
		{"one that shows both, by its program", "\a" + nine, []string{"TERM=xterm-256color", "TERM_PROGRAM=WezTerm"}},
		{"tmux", "\a" + ansi.TmuxPassthrough(nine+seven), []string{"TERM=tmux-256color", "TMUX=/tmp/tmux-0/default,1,0"}},
		{"no tmux any more", "\a" + nine + seven, []string{"TERM=xterm", "TMUX="}},
	} {
		r := NewRenderer(tt.env, false)
		r.Notify("x", "an earlier one")
		r.Notify("a;b", "c;d")
		got := string(r.Render(Picture{Width: 40, Height: 8}))
		if !strings.HasPrefix(got, tt.want) || strings.Contains(got, "earlier") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if again := r.Render(Picture{Width: 40, Height: 8}); len(again) > 0 {
			t.Errorf("%s: it rings again: %q", tt.name, again)
		}
	}
}

// TestCopyInTmux asks tmux, and the terminal around it.
func TestCopyInTmux(t *testing.T) {
	r := NewRenderer([]string{"TERM=tmux-256color", "TMUX=/tmp/tmux-0/default,1,0"}, false)
	r.Copy("web-1")
	set := ansi.SetSystemClipboard("web-1")
	if got := string(r.Render(Picture{Width: 40, Height: 8})); !strings.HasPrefix(got, set+ansi.TmuxPassthrough(set)) {
		t.Errorf("got %q", got)
	}
}
