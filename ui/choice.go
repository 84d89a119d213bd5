package ui

import "github.com/fathom-k8s/fathom/ui/match"

// Choice is one entry of the palette or of a Choose list.
type Choice struct {
	Name   string   // what is matched and shown
	Detail string   // shown beside it, matched last
	Also   []string // other names it is found by
	Then   Intent
}

// Rank returns the choices that a query finds, the best first, as match.Rank
// ranks them.
func Rank(query string, choices []Choice) []Choice {
	return match.Rank(query, choices, func(c *Choice) match.Names {
		return match.Names{Name: c.Name, Also: c.Also, Detail: c.Detail}
	})
}
