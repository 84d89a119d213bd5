package ui

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/themes"
)

// drawHeader draws where the view is at the left, and freshness, mode and time at the
// right. What does not fit is left out, the least needed first, but never the
// freshness.
func drawHeader(f Frame, h Header) string {
	left, right := fitHeader(f, h)
	p := painter{theme: f.Theme, row: themes.HeaderBar}
	p.space(min(1, f.Width))
	x := min(1, f.Width)
	x += p.line(left, f.Width-x, 0)
	gap := f.Width - x - right.Width() - 1
	p.space(gap)
	x += max(0, gap)
	x += p.line(right, f.Width-x, 0)
	p.space(f.Width - x)
	return p.done()
}

// headerGap stands between two things in the header.
var headerGap = Span{"  ", themes.Text}

// contextMin is what is left of a context's name before other places go.
const contextMin = 24

// fitHeader leaves out what has no room, in this order: the facts from the first on, the
// clock, a part of the context's name, the places in the middle. In the end both ends of
// the place are cut. What fails and the mode outlive the clock, and that the cluster may be
// changed is always said.
func fitHeader(f Frame, h Header) (left, right Line) {
	facts := slices.Clone(h.Facts)
	clock := f.Now.Format("15:04")
	place := slices.Clone(h.Place)
	for {
		left, right = placeLine(place), factLine(h.Freshness, facts, clock)
		over := left.Width() + right.Width() + 4 - f.Width
		switch {
		case over <= 0:
			return left, right
		case omit(&facts, clock == ""):
		case clock != "":
			clock = ""
		case len(place) > 1 && Width(place[0]) > contextMin:
			place[0] = TruncateMiddle(place[0], max(contextMin, Width(place[0])-over))
		case len(place) > 2:
			place = slices.Delete(place, 1, 2)
		default:
			return cutPlace(place, f.Width-right.Width()-4), right
		}
	}
}

// omit takes away the fact that is needed least, and reports whether there is one: only as the
// last ones what fails, and after it that nothing may be changed.
func omit(facts *Line, last bool) bool {
	needed := func(fact Span) int {
		switch {
		case fact == Mode(true):
			return 3
		case fact == Mode(false):
			return 2
		case fact.Role == themes.Failing:
			return 1
		}
		return 0
	}
	most := 0
	if last {
		most = needed(Mode(false))
	}
	for need := range most + 1 {
		if i := slices.IndexFunc(*facts, func(fact Span) bool { return needed(fact) == need }); i >= 0 {
			*facts = slices.Delete(*facts, i, i+1)
			return true
		}
	}
	return false
}

// Mode returns the fact of a header for what may be changed. If anything may, it
// catches the eye.
func Mode(write bool) Span {
	if write {
		return Span{"WRITE", themes.Failing}
	}
	return Span{"read-only", themes.Muted}
}

func placeLine(place []string) Line {
	var line Line
	for i, name := range place {
		if i > 0 {
			line = append(line, headerGap)
		}
		role := themes.Text
		switch i {
		case len(place) - 1:
			role = themes.Heading
		case 0:
			role = themes.Accent
		}
		line = append(line, Span{name, role})
	}
	return line
}

// cutPlace shortens the names to a width: the first one in its middle, where the
// clusters of one cloud are all alike.
func cutPlace(place []string, width int) Line {
	if len(place) == 0 || width <= 0 {
		return nil
	}
	if len(place) == 1 {
		return placeLine([]string{Truncate(place[0], width)})
	}
	last := Truncate(place[1], max(width*2/3, width-2-Width(place[0])))
	return placeLine([]string{TruncateMiddle(place[0], max(1, width-2-Width(last))), last})
}

func factLine(freshness, facts Line, clock string) Line {
	line := slices.Clone(freshness)
	for _, fact := range append(slices.Clone(facts), Span{clock, themes.Muted}) {
		if fact.Text == "" {
			continue
		}
		if len(line) > 0 {
			line = append(line, headerGap)
		}
		line = append(line, fact)
	}
	return line
}

// nextMinute returns when the header's clock reads differently.
func nextMinute(now time.Time) time.Time { return now.Truncate(time.Minute).Add(time.Minute) }
