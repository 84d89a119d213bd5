package triage

import (
	"regexp"
	"time"
)

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

// stays are the reasons of what only somebody's change ends, whatever its rule is patient with: the
// kubelet tries the same again.
var stays = regexp.MustCompile(`(ErrImagePull|ImagePullBackOff), (unauthorized|not built for this platform)\b|` +
	`\bInvalidImageName\b|\bexec: .*: (executable file not found|no such file or directory|permission denied)|` +
	`\bexec format error`)

// Rules are all rules by name.
var Rules = map[string]Rule{}

func rule(name string, settles time.Duration, why, about string) string {
	if _, dup := Rules[name]; dup {
		panic("rule " + name + " is there twice")
	}
	Rules[name] = Rule{Name: name, Settles: settles, Why: why, About: about}
	return name
}
