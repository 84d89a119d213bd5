package term

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Notify rings the bell with the next picture and has the terminal show a notification.
// The text must be clean. Of several only the last one is written.
func (r *Renderer) Notify(title, text string) {
	title = strings.ReplaceAll(title, ";", ",") // It ends at one in OSC 777.
	all := ansi.Notify(title + ": " + text)
	if !r.showsBoth() {
		all += "\x1b]777;notify;" + title + ";" + text + "\x07"
	}
	r.notice = "\x07" + r.toTerminal(all)
}

// showsBoth reports whether a terminal is known to understand OSC 9 and OSC 777: it would
// show the same twice.
func (r *Renderer) showsBoth() bool {
	return slices.ContainsFunc(r.env, func(v string) bool {
		name, value, _ := strings.Cut(v, "=")
		value = strings.ToLower(value)
		return (name == "TERM" || name == "TERM_PROGRAM") && slices.ContainsFunc(
			[]string{"foot", "kitty", "ghostty", "wezterm"}, func(t string) bool { return strings.Contains(value, t) })
	})
}

// toTerminal returns what carries a sequence through tmux, which needs allow-passthrough,
// to the terminal around it.
func (r *Renderer) toTerminal(sequence string) string {
	if !r.InTmux() {
		return sequence
	}
	return ansi.TmuxPassthrough(sequence)
}

// InTmux reports whether the terminal is tmux, here or at the other end of an SSH session.
func (r *Renderer) InTmux() bool {
	return slices.ContainsFunc(r.env, func(v string) bool {
		return strings.HasPrefix(v, "TMUX=") && v != "TMUX=" || strings.HasPrefix(v, "TERM=tmux")
	})
}
