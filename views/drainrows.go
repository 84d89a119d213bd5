package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// rank has what keeps a node from being empty first.
func (v *drainView) rank(i int) int {
	if v.running != nil {
		order := []effects.DrainStep{
			effects.DrainFailed, effects.DrainBlocked, effects.DrainStopped, effects.DrainWaits, effects.DrainEnds,
			effects.DrainStays, effects.DrainGone,
		}
		return slices.Index(order, v.states[i].Step)
	}
	p := &v.plan.Pods[i]
	blocked, _ := p.Blocked()
	switch stays := p.Stays(v.options) != ""; {
	case !stays && blocked != "":
		return 0
	case p.Bare || p.Data:
		return 1
	case !stays:
		return 2
	}
	return 3
}

// happens says what is or will be with a pod.
func (v *drainView) happens(i int, now time.Time) (text string, role themes.Role) {
	p := &v.plan.Pods[i]
	if v.running != nil {
		return drainWords(v.states[i], now)
	}
	blocked, passes := p.Blocked()
	switch stays := p.Stays(v.options); {
	case stays != "" && (p.Bare || p.Data):
		return "stays: " + stays, themes.Degraded
	case stays != "":
		return "stays: " + stays, themes.Muted
	case p.Ending:
		return "already terminating", themes.Waiting
	case passes:
		return "blocked now: " + blocked, themes.Degraded
	case blocked != "":
		return "refused: " + blocked, themes.Failing
	case p.Bare && p.Data:
		return "goes for good, with what is in its emptyDir volumes", themes.Failing
	case p.Bare:
		return "goes for good", themes.Failing
	case p.Data:
		return "goes, with what is in its emptyDir volumes", themes.Failing
	}
	return "goes", themes.Text
}

func drainWords(s effects.DrainState, now time.Time) (text string, role themes.Role) {
	since := kinds.CoarseAge(now.Sub(s.Since))
	switch s.Step {
	case effects.DrainWaits:
		return "waits", themes.Waiting
	case effects.DrainBlocked:
		return "blocked for " + since + ", asked every 5s: " + s.Said, themes.Degraded
	case effects.DrainEnds:
		return "evicted " + since + " ago, its containers end", themes.Waiting
	case effects.DrainGone:
		return "gone", themes.OK
	case effects.DrainStays:
		return "stays: " + s.Said, themes.Muted
	case effects.DrainStopped:
		return "not evicted", themes.Degraded
	case effects.DrainFailed:
	}
	return "✖ " + s.Said, themes.Failing
}

func (v *drainView) count(step effects.DrainStep) (n int) {
	for _, s := range v.states {
		if s.Step == step {
			n++
		}
	}
	return n
}

// sum says how many pods go, stay and are held up.
func (v *drainView) sum() string {
	if v.err != nil {
		return "nothing was evicted: " + v.err.Error()
	}
	var words []string
	add := func(n int, what string) {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, what))
		}
	}
	if v.running != nil {
		going := len(v.states) - v.count(effects.DrainStays)
		words = append(words, fmt.Sprintf("%d of %s gone", v.count(effects.DrainGone), counted(going, "pods")))
		add(v.count(effects.DrainEnds), "ending")
		add(v.count(effects.DrainBlocked), "blocked")
		add(v.count(effects.DrainStays), "stay")
		add(v.count(effects.DrainFailed), "failed")
		add(v.count(effects.DrainStopped), "not evicted")
		add(v.running.Came(), "came meanwhile, drain again")
		return strings.Join(words, ", ")
	}
	stay, blocked, refused := 0, 0, 0
	for i := range v.plan.Pods {
		p := &v.plan.Pods[i]
		switch why, passes := p.Blocked(); {
		case p.Stays(v.options) != "":
			stay++
		case passes:
			blocked++
		case why != "":
			refused++
		}
	}
	words = append(words, counted(len(v.plan.Pods)-stay, "pods")+" to go")
	add(blocked, "of them blocked now")
	add(refused, "of them refused")
	add(stay, "to stay")
	return strings.Join(words, ", ")
}

// Len implements ui.Rows.
func (v *drainView) Len() int { return len(v.order) }

// ID implements ui.Rows.
func (v *drainView) ID(i int) string { return v.plan.Pods[v.order[i]].Ref.String() }

// Find implements ui.Rows.
func (v *drainView) Find(id string) int {
	return slices.IndexFunc(v.order, func(i int) bool { return v.plan.Pods[i].Ref.String() == id })
}

// Version implements ui.Rows.
func (v *drainView) Version(int) any { return nil }

// RowRole implements ui.Rows.
func (v *drainView) RowRole(int) themes.Role { return themes.Text }

// Row implements ui.Rows.
func (v *drainView) Row(i int, now time.Time, cells []ui.TableCell) (until time.Time) {
	p := &v.plan.Pods[v.order[i]]
	text, role := v.happens(v.order[i], now)
	copy(cells, []ui.TableCell{
		{Text: p.Ref.Namespace + "/" + p.Ref.Name, Role: themes.Text},
		{Text: p.Owner, Role: themes.Muted}, {Text: text, Role: role},
	})
	return time.Time{}
}
