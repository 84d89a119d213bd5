package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Alias is a word of the user's that stands for something to type in the palette.
type Alias struct{ Name, Text string }

// Hotkey is a key that goes where a text in the palette does.
type Hotkey struct {
	Key, Text string
	Help      string // what it is for; "" is the text
}

// Expand puts what an alias stands for in the place of the first word of a text. An alias may
// begin with another one.
func (s *Session) Expand(text string) string {
	text = strings.TrimLeft(text, " ")
	for nth := range len(s.Aliases) {
		first, rest, more := strings.Cut(text, " ")
		i := slices.IndexFunc(s.Aliases, func(a Alias) bool { return strings.EqualFold(a.Name, first) })
		if i < 0 {
			break
		}
		expanded := s.Aliases[i].Text
		if more {
			expanded += " " + rest
		}
		if word, _, _ := strings.Cut(expanded, " "); strings.EqualFold(word, first) { // As in "pods: pods -A".
			if nth > 0 { // The other alias means the kind.
				return text
			}
			return expanded
		}
		text = expanded
	}
	return text
}

// aliasChoices are the aliases, for who has not typed all of one.
func (s *Session) aliasChoices(view ui.View) (out []ui.Choice) {
	for _, a := range s.Aliases {
		out = append(out, ui.Choice{
			Name: a.Name, Detail: "alias: " + a.Text, Then: goToText{s, view, a.Name},
		})
	}
	return out
}

// goToText goes where the palette's first choice for a text leads.
type goToText struct {
	session *Session
	view    ui.View
	text    string
}

// Intent implements ui.Lazy.
func (g goToText) Intent() ui.Intent {
	found := Choices(g.view, g.text)
	if len(found) == 0 || found[0].Weak || found[0].Dim || found[0].Then == nil {
		return ui.Say{Text: fmt.Sprintf("%s: the palette finds nothing for it", g.text), Role: themes.Degraded}
	}
	return found[0].Then
}

// Go returns the view that a text in the palette leads to from a first view; nil where it leads
// to none.
func Go(first ui.View, text string) ui.View {
	intent := goToText{SessionOf(first), first, text}.Intent()
	for {
		switch next := intent.(type) {
		case ui.Lazy:
			intent = next.Intent()
			continue
		case ui.Open:
			return next.View
		case ui.Reset:
			return next.View
		case ui.Watch: // Whether the object exists, its page says.
			if k, is := next.Source.(*seeker); is {
				intent = k.to
				continue
			}
		}
		return nil
	}
}

// hotkeyAction begins the actions of hotkeys.
const hotkeyAction = "go-"

// hotkeys are the bindings of the hotkeys.
func (s *Session) hotkeys() (keys []ui.Key) {
	for _, h := range s.Hotkeys {
		keys = append(keys, ui.Key{
			Action: ui.Action(hotkeyAction + h.Key), Keys: []string{h.Key}, Help: cmp.Or(h.Help, h.Text), Group: "Cluster",
		})
	}
	return keys
}

// hotkey goes where a hotkey leads from a view; nil for another action.
func (s *Session) hotkey(view ui.View, action ui.Action) ui.Intent {
	for _, h := range s.Hotkeys {
		if action == ui.Action(hotkeyAction+h.Key) {
			return goToText{s, view, h.Text}
		}
	}
	return nil
}
