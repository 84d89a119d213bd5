package ui

import "github.com/fathom-k8s/fathom/ui/match"

// Choice is one entry of the palette or of a Choose list.
type Choice struct {
	Name   string   // what is matched and shown
	Detail string   // shown beside it, matched last
	Also   []string // other names it is found by
	Then   Intent
	Weak   bool // found by little: chosen only when the user moves to it
	Dim    bool // greyed: there is nothing behind it
}

// search returns the choices that a text finds; what it means itself comes first.
func (c Choose) search(text string) []Choice {
	found := Rank(text, c.Choices)
	if c.Typed == nil || text == "" {
		return found
	}
	return append(c.Typed(text), found...)
}

// Rank returns the choices that a query finds, the best first, as match.Rank
// ranks them.
func Rank(query string, choices []Choice) []Choice {
	found, strong := match.Rank(query, choices, func(c *Choice) match.Names {
		return match.Names{Name: c.Name, Also: c.Also, Detail: c.Detail}
	})
	for i := range found[strong:] {
		found[strong+i].Weak = true
	}
	return found
}
