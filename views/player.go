package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Player moves a session through the time of a recording. None of its methods blocks.
// Watch returns a source that yields something when the state has changed; it ends with
// its context.
type Player interface {
	State() PlayerState
	Toggle()
	Faster()
	Slower()
	NextChange()
	PreviousChange()
	NextFinding()
	PreviousFinding()
	Seek(time.Time)
	Watch() ui.Source
}

// PlayerState is where a Player is.
type PlayerState struct {
	Start, End, Position time.Time
	Speed                int // seconds of the recording per second
	Paused, AtEnd        bool
	Cut                  bool   // the recording does not end but breaks off at End
	Mark                 string // words about this moment; usually ""
	Step                 string // what changed where a key has led; "" anywhere else
	Err                  error  // why it cannot go on
}

// The actions of a recording.
const (
	actPlay            ui.Action = "play"
	actFaster          ui.Action = "play-faster"
	actSlower          ui.Action = "play-slower"
	actNextChange      ui.Action = "next-change"
	actPreviousChange  ui.Action = "previous-change"
	actNextFinding     ui.Action = "next-finding"
	actPreviousFinding ui.Action = "previous-finding"
)

var playerKeys = []ui.Key{
	{Action: actPlay, Keys: []string{"space"}, Help: "play, pause", Group: "Recording", Footer: true},
	{Action: actPreviousChange, Keys: []string{","}, Help: "previous change", Group: "Recording"},
	{Action: actNextChange, Keys: []string{"."}, Help: "next change", Group: "Recording"},
	{Action: actPreviousFinding, Keys: []string{"<"}, Help: "previous problem", Group: "Recording"},
	{Action: actNextFinding, Keys: []string{">"}, Help: "next problem", Group: "Recording"},
	{Action: actFaster, Keys: []string{"+"}, Help: "faster", Group: "Recording"},
	{Action: actSlower, Keys: []string{"-"}, Help: "slower", Group: "Recording"},
}

// keys are a view's keys and, in a recording, those that move it: these come first, and
// no other action shares their keys.
func (s *Session) keys(own []ui.Key) []ui.Key {
	if s.Player == nil {
		return own
	}
	keys := slices.Clone(playerKeys)
	keys[0].Help = "pause"
	if s.Player.State().Paused {
		keys[0].Help = "play"
	}
	for _, k := range own {
		left := slices.DeleteFunc(slices.Clone(k.Keys), func(key string) bool {
			return slices.ContainsFunc(playerKeys, func(p ui.Key) bool { return p.Keys[0] == key })
		})
		if len(left) > 0 {
			if len(left) < len(k.Keys) {
				k.Keys, k.Show = left, ""
			}
			keys = append(keys, k)
		}
	}
	return keys
}

// played is the intent of an action of a recording; nil for any other action,
// and where nothing is played.
func (s *Session) played(action ui.Action) ui.Intent {
	if s.Player == nil || !slices.ContainsFunc(playerKeys, func(k ui.Key) bool { return k.Action == action }) {
		return nil
	}
	return play{s.Player, action}
}

// shortTape is how long a recording is whose minutes alone say little.
const shortTape = 3 * time.Minute

// line is where the recording is, in words that need no colour.
func (p PlayerState) line() ui.Line {
	at, clock := p.Position, "15:04"
	if p.End.Sub(p.Start) < shortTape {
		clock = time.TimeOnly
	}
	text := "■ tape " + p.Start.Format(clock) + "–" + p.End.Format(clock) + " at " + at.Format(time.TimeOnly)
	if !sameDay(p.Start, p.End) {
		text = "■ tape " + p.Start.Format(
			"Jan 2 15:04",
		) + "–" + p.End.Format(
			"Jan 2 15:04",
		) + " at " + at.Format(
			"Jan 2 15:04:05",
		)
	}
	switch {
	case p.Err != nil:
		return ui.Line{{Text: "✖ tape at " + at.Format("15:04:05") + reason(p.Err), Role: themes.Failing}}
	case p.AtEnd && p.Cut:
		text += " cut here"
	case p.AtEnd:
		text += " end"
	case p.Paused:
		text += " paused"
	}
	if p.Speed != 1 {
		text += fmt.Sprintf(" ×%d", p.Speed)
	}
	return ui.Line{{Text: text, Role: themes.Accent}}
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// breaksOff says where a recording was cut; "" if it was not.
func (p PlayerState) breaksOff() string {
	if !p.Cut || p.AtEnd {
		return ""
	}
	return "cut at " + p.End.Format("15:04:05")
}

// isSaved reports whether what is looked at is a file: a dump or a recording.
func (s *Session) isSaved() bool { return s.Saved != "" || s.Player != nil }

// saved says how old the screen of a dump or a recording is; nil while something goes
// wrong or is still being read, which matters more.
func (s *Session) saved(state kube.State) ui.Line {
	if state.Phase != kube.Live && state.Phase != kube.Idle {
		return nil
	}
	switch {
	case s.Player != nil:
		return s.Player.State().line()
	case s.Saved != "":
		return ui.Line{{Text: "■ " + s.Saved, Role: themes.Accent}}
	}
	return nil
}

var clockTime = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$`)

// Time is the moment of the recording that a time of the clock means, such as
// "13:55" or "13:55:58": on its first day, or its second when it was recorded over
// a midnight. ok is false for any other text. It may lie outside the recording.
func (p PlayerState) Time(clock string) (at time.Time, ok bool) {
	if !clockTime.MatchString(clock) {
		return time.Time{}, false
	}
	layout := "15:04:05"
	if strings.Count(clock, ":") == 1 {
		layout = "15:04"
	}
	of, err := time.Parse(layout, clock)
	if err != nil {
		return time.Time{}, false
	}
	at = dayTime(p.Start, of)
	if at.Before(p.Start.Truncate(time.Minute)) && !sameDay(p.Start, p.End) {
		at = dayTime(p.Start.AddDate(0, 0, 1), of)
	}
	return at, true
}

// timeChoices is the palette's entry for a time of the recording.
func (s *Session) timeChoices(query string) []ui.Choice {
	query = strings.TrimSpace(query)
	if s.Player == nil {
		return nil
	}
	state := s.Player.State()
	at, ok := state.Time(query)
	if !ok {
		return nil
	}
	detail := "go to this time of the tape"
	if at.Before(state.Start) || at.After(state.End) {
		detail = "the tape goes from " + state.Start.Format("15:04:05") + " to " + state.End.Format("15:04:05")
	}
	return []ui.Choice{{Name: query, Detail: detail, Then: seek{s.Player, at}}}
}

// dayTime is a time of the clock on the day of another time.
func dayTime(day, of time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), of.Hour(), of.Minute(), of.Second(), 0, day.Location())
}
