package triage

import "time"

// Rule is what there is to know of a rule.
type Rule struct {
	Name string
	// Settles is how long such a thing may last before it counts as settled, and Why so.
	Settles time.Duration
	Why     string
	About   string // what it finds, for the documentation
}

// The graces. What cannot heal by itself has none to speak of; the outer bound is what the
// alerts of kubernetes-mixin wait for.
const (
	atOnce   = 10 * time.Second
	soon     = time.Minute
	start    = 5 * time.Minute
	patience = 15 * time.Minute
)

// Rules are all rules by name.
var Rules = map[string]Rule{}

func rule(name string, settles time.Duration, why, about string) string {
	if _, dup := Rules[name]; dup {
		panic("rule " + name + " is there twice")
	}
	Rules[name] = Rule{Name: name, Settles: settles, Why: why, About: about}
	return name
}
