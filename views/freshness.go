package views

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// header begins a header line: the context, how fresh the listing is, and what is known
// about the cluster.
func (s *Session) header(now time.Time, state kube.State) ui.Header {
	return s.headerIn(s.Namespace, now, state)
}

// headerIn is the header of a screen of a namespace.
func (s *Session) headerIn(namespace string, now time.Time, state kube.State) ui.Header {
	facts := ui.Line{{Text: s.Cluster.Version(), Role: themes.Muted}, ui.Mode(s.Cluster.Writable())}
	if s.drained() != nil && s.Busy() != "" { // It goes on whatever is looked at.
		facts = append(ui.Line{{Text: "draining", Role: themes.Failing}}, facts...)
	}
	if s.notify != nil {
		facts = append(ui.Line{{Text: "notify", Role: themes.Muted}}, facts...)
	}
	if s.Lost > 0 {
		facts = append(facts, ui.Span{Text: fmt.Sprintf("%d not read", s.Lost), Role: themes.Degraded})
	}
	health := s.Cluster.Health(now)
	if health.Problem != "" {
		facts = append(facts, ui.Span{Text: problem(health.Problem), Role: themes.Degraded})
	}
	if s.Cluster.Recording() != nil {
		facts = append(facts, ui.Span{Text: "recording", Role: themes.Accent})
	}
	facts = append(facts, s.failing(namespace))
	var note string
	if s.Player != nil {
		played := s.Player.State()
		facts, note = append(facts, ui.Span{Text: played.breaksOff(), Role: themes.Degraded}), played.Mark
		if !s.stepRead {
			note = cmp.Or(played.Step, note)
		}
	}
	h := ui.Header{
		Place:     []string{s.Cluster.Name()},
		Freshness: s.saved(state),
		Facts:     slices.DeleteFunc(facts, func(fact ui.Span) bool { return fact.Text == "" }),
		Note:      note,
	}
	if h.Freshness == nil {
		h.Freshness = freshness(now, state, health)
		if health.Plugin != "" {
			h.Until = health.PluginSince.Add(now.Sub(health.PluginSince).Truncate(time.Second) + time.Second)
		}
		h.Note = cmp.Or(h.Note, s.loginNote(now, state, health))
	}
	if who := s.Cluster.ActsAs(); who != "" { // It is never left out, where facts are.
		h.Freshness = append(h.Freshness, ui.Span{Text: "  ", Role: themes.Text},
			ui.Span{Text: "as " + ui.TruncateMiddle(who, actsAsMax), Role: themes.Degraded})
	}
	return h
}

// actsAsMax is how much of a user's name stands in the header, in cells.
const actsAsMax = 36

// loginNote says what to do when a credential plugin keeps the screen from being fresh.
func (s *Session) loginNote(now time.Time, state kube.State, health kube.Health) string {
	login := s.Cluster.Login()
	switch {
	case login == nil || state.Phase == kube.Live || state.Phase == kube.Loading:
		return ""
	case waitsForPlugin(now, state, health):
		return ":login runs " + login.Program() + " in this terminal; :cancel-login ends it"
	case health.State == kube.SignedOut:
		return ":login runs " + login.Program() + " in this terminal; ctrl+r tries again without"
	}
	return ""
}

// pluginPatience is how long a credential plugin may run before it hides what was known
// before.
const pluginPatience = time.Second

// waitsForPlugin reports whether a credential plugin is what there is to wait for.
func waitsForPlugin(now time.Time, state kube.State, health kube.Health) bool {
	return health.Plugin != "" && state.Phase != kube.Live && state.Phase != kube.Loading &&
		(health.State == kube.Connecting || now.Sub(health.PluginSince) >= pluginPatience)
}

// problem is a Health's problem in a few words: of a group that does not answer, its name.
func problem(text string) string {
	group, _, found := strings.Cut(text, ": ")
	if found && strings.HasPrefix(group, "no answer from ") && !strings.Contains(text, kube.ErrTooLarge.Error()) {
		return ui.Truncate(group, 40)
	}
	return short(text)
}

// viewed is the state of a listing on the screen: an idle one has not been asked
// for yet, so it counts as connecting.
func viewed(state kube.State) kube.State {
	if state.Phase == kube.Idle {
		state.Phase = kube.Connecting
	}
	return state
}

// freshness says how old what is shown is, and what is being done about it.
func freshness(now time.Time, state kube.State, health kube.Health) ui.Line {
	one := func(role themes.Role, text string) ui.Line { return ui.Line{{Text: text, Role: role}} }
	switch {
	case waitsForPlugin(now, state, health):
		return one(themes.Waiting, "◌ waiting for the credential plugin "+health.Plugin+waitedFor(now, health.PluginSince))
	case health.State == kube.SignedOut:
		return one(themes.Failing, "✖ signed out: "+short(health.Err))
	case state.Phase == kube.Denied:
		return one(themes.Failing, "✖ forbidden")
	case state.Phase == kube.Stale:
		return one(themes.Degraded, "◐ "+kinds.CoarseAge(now.Sub(lastWord(state,
			health)))+" old, reconnecting"+reason(state.Err))
	case state.Phase == kube.Failed:
		what := "✖ no answer"
		if health.State == kube.Live || errors.Is(state.Err, kube.ErrElsewhere) {
			what = "✖ failed"
		}
		return one(themes.Failing, what+reason(state.Err))
	case state.Phase == kube.Loading:
		return one(themes.Waiting, "◌ loading "+progress(state))
	case state.Phase == kube.Live, state.Phase == kube.Idle && health.State == kube.Live:
		return one(themes.OK, "● live")
	case health.State == kube.Unreachable:
		return one(themes.Failing, "✖ unreachable")
	case health.State == kube.Stale:
		return one(themes.Degraded, "◐ "+kinds.CoarseAge(now.Sub(health.Since))+" old, reconnecting")
	}
	return one(themes.Waiting, "◌ connecting")
}

// waitedFor is a time in brackets, in seconds.
func waitedFor(now, since time.Time) string {
	if waited := now.Sub(since).Truncate(time.Second); waited > 0 {
		return " (" + waited.String() + ")"
	}
	return ""
}

// progress is how far a first load has come: "1200 of 5000".
func progress(state kube.State) string {
	if state.Remaining > 0 {
		return fmt.Sprintf("%d of %d", state.Loaded, int64(state.Loaded)+state.Remaining)
	}
	return fmt.Sprint(state.Loaded)
}

// reason is the cause of an error in few words, in brackets.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return " (" + short(err.Error()) + ")"
}

// lastWord returns the last time when what is shown was certainly true: a server that
// froze was silent for some time before anybody noticed.
func lastWord(state kube.State, health kube.Health) time.Time {
	if !health.Since.IsZero() && health.Since.Before(state.Since) {
		return health.Since
	}
	return state.Since
}
