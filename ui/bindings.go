package ui

import (
	"slices"
	"strings"
)

// The actions that widgets understand. A view names its own.
const (
	Up            Action = "up"
	Down          Action = "down"
	Top           Action = "top"
	Bottom        Action = "bottom"
	PageUp        Action = "page-up"
	PageDown      Action = "page-down"
	HalfUp        Action = "half-up"
	HalfDown      Action = "half-down"
	Left          Action = "left"
	Right         Action = "right"
	Mark          Action = "mark"
	MarkRange     Action = "mark-range"
	MarkNone      Action = "mark-none"
	NextMatch     Action = "next-match"
	PreviousMatch Action = "previous-match"
)

// The actions that the shell carries out if the view does not use their keys.
const (
	GoPalette Action = "palette"
	GoHelp    Action = "help"
	GoBack    Action = "back"
	GoForward Action = "forward-again"
	GoQuit    Action = "quit"
	GoSuspend Action = "suspend"
	GoRedraw  Action = "redraw"
	OpenTab   Action = "open-tab"
	ShutTab   Action = "close-tab"
	LeftTab   Action = "left-tab"
	RightTab  Action = "right-tab"
)

// globals are the shell's own bindings.
var globals = []Key{
	{Action: GoPalette, Keys: []string{":"}, Help: "go to", Group: "Everywhere", Footer: true},
	{Action: GoHelp, Keys: []string{"?"}, Help: "help", Group: "Everywhere", Footer: true},
	{Action: GoBack, Keys: []string{"esc", "q", "["}, Help: "back; q quits from home", Group: "Everywhere"},
	{Action: GoForward, Keys: []string{"]"}, Help: "forward again", Group: "Everywhere"},
	{Action: OpenTab, Keys: []string{"ctrl+t"}, Help: "new tab", Group: "Everywhere"},
	{Action: RightTab, Keys: []string{"}"}, Help: "tab to the right", Group: "Everywhere"},
	{Action: LeftTab, Keys: []string{"{"}, Help: "tab to the left", Group: "Everywhere"},
	{Action: ShutTab, Keys: []string{"ctrl+x"}, Help: "close the tab", Group: "Everywhere"},
	{Action: GoQuit, Keys: []string{"ctrl+c"}, Help: "quit", Group: "Everywhere"},
	{Action: GoSuspend, Keys: []string{"ctrl+z"}, Help: "suspend", Group: "Everywhere"},
	{Action: GoRedraw, Keys: []string{"ctrl+l"}, Help: "redraw", Group: "Everywhere"},
}

// Globals are the bindings that work on every screen, for documentation.
func Globals() []Key { return slices.Clone(globals) }

// rebound applies the user's bindings. A key given to one action is taken from all
// others.
func rebound(keys []Key, rebind map[Action][]string) []Key {
	if len(rebind) == 0 {
		return keys
	}
	taken := map[string]bool{}
	for _, wanted := range rebind {
		for _, key := range wanted {
			taken[key] = true
		}
	}
	out := make([]Key, 0, len(keys))
	for _, k := range keys {
		if wanted, ok := rebind[k.Action]; ok {
			k.Keys, k.Show = wanted, ""
		} else if slices.ContainsFunc(k.Keys, func(key string) bool { return taken[key] }) {
			k.Keys = slices.DeleteFunc(slices.Clone(k.Keys), func(key string) bool { return taken[key] })
			k.Show = ""
		}
		out = append(out, k)
	}
	return out
}

// actionFor returns the action that a key is bound to.
func actionFor(keys []Key, key string) (Action, bool) {
	for _, k := range keys {
		if slices.Contains(k.Keys, key) {
			return k.Action, true
		}
	}
	return "", false
}

var keyGlyphs = strings.NewReplacer(
	"enter", "↵", "pgdown", "pgdn", "pgup", "pgup", "left", "←", "right", "→", "up", "↑", "down", "↓",
)

var keyWords = strings.NewReplacer("pgdown", "pgdn")

// showKey returns a key as the footer and the help write it.
func showKey(f Frame, key string) string {
	if f.ASCII {
		return keyWords.Replace(key)
	}
	return keyGlyphs.Replace(key)
}

// showKeys returns all keys of a binding.
func (k Key) showKeys(f Frame) string {
	if k.Show != "" {
		return k.Show
	}
	shown := make([]string, len(k.Keys))
	for i, key := range k.Keys {
		shown[i] = showKey(f, key)
	}
	return strings.Join(shown, " ")
}

// showFirst returns the one key that the footer has room for.
func (k Key) showFirst(f Frame) string {
	if k.Show != "" || len(k.Keys) == 0 {
		return k.Show
	}
	return showKey(f, k.Keys[0])
}
