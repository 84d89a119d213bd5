package views

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// ruleFor returns what the rules of the config say of an effect on objects.
func (s *Session) ruleFor(effect string, targets []effects.Target) effects.Verdict {
	return s.Rules.For(effect, targets)
}

// checkRules says once, when discovery has come, which rules are for kinds that the cluster does not
// have.
func (s *Session) checkRules() {
	if s.rulesChecked || len(s.Rules) == 0 || !s.Cluster.Resources().Complete() {
		return
	}
	s.rulesChecked = true
	for _, kind := range s.Rules.Unknown(s.Cluster.Name(), s.Cluster.Resources().All()) {
		s.Messages.Add("warning", fmt.Sprintf("config: rules: %s has no kind %q", s.Cluster.Name(), kind))
	}
}

// deniedByRule says why an effect may not be done to objects, nil where it may.
func (s *Session) deniedByRule(effect string, targets []effects.Target) ui.Intent {
	if why := s.ruleFor(effect, targets).Deny; why != "" {
		return ui.Say{Text: effect + ": " + why, Role: themes.Degraded}
	}
	return nil
}

// asking is an effect that goes on once what its verdict wants was said and typed.
type asking struct {
	session  *Session
	verdict  effects.Verdict
	effect   string
	question string // what is asked where a word is to be typed
	word     string // that one
	then     func(reason string) ui.Intent
}

// Intent implements ui.Lazy.
func (a asking) Intent() ui.Intent {
	switch {
	case a.verdict.Deny != "":
		return ui.Say{Text: a.effect + ": " + a.verdict.Deny, Role: themes.Degraded}
	case !a.verdict.Reason:
		return a.typed("")
	}
	return askLater{a.session, "reason for the journal: ", "", func(text string) ui.Intent {
		reason := strings.TrimSpace(kinds.Clean(text))
		if reason == "" {
			return ui.Say{Text: a.effect + ": not done, " + wantsReason, Role: themes.Degraded}
		}
		return a.typed(reason)
	}}
}

func (a asking) typed(reason string) ui.Intent {
	if !a.verdict.Type {
		return a.then(reason)
	}
	return ui.Confirm{Question: a.question + "?", Type: a.word, Then: goOn{a.then, reason}}
}

// goOn is what comes after a word was typed.
type goOn struct {
	then   func(reason string) ui.Intent
	reason string
}

// Intent implements ui.Lazy.
func (g goOn) Intent() ui.Intent { return g.then(g.reason) }

// What the rules want, in words.
const (
	wantsReason = "a rule of the config wants a reason"
	wantsTyped  = "a rule of the config wants %s typed"
)

// ruleNotes say on a review which rules hold.
func ruleNotes(verdict effects.Verdict, targets []effects.Target, width int) (out []ui.Line) {
	if verdict.Deny != "" {
		out = note(verdict.Deny, themes.Failing, width)
	}
	if verdict.Reason {
		out = append(out, note(wantsReason, themes.Degraded, width)...)
	}
	if verdict.Type {
		what := "the object's name"
		if len(targets) > 1 {
			what = "the number of objects"
		}
		out = append(out, note(fmt.Sprintf(wantsTyped, what), themes.Degraded, width)...)
	}
	return out
}

// beginRuled begins something that needs a stream, once what the rules want was said of each object that it is
// done by way of, the last of which it is about. A reason goes into the journal before.
func (s *Session) beginRuled(
	effect, words string, targets []effects.Target, then func(reason string) ui.Intent,
) ui.Intent {
	object := targets[len(targets)-1]
	return asking{
		session: s, verdict: s.Rules.Each(effect, targets), effect: effect, question: words, word: object.Ref.Name,
		then: then,
	}.Intent()
}

// begun writes into the journal that something begins, and why if a rule wanted to know that, and then goes on
// with it. What goes on says how it ended.
func (s *Session) begun(
	effect, words, reason string, target effects.Target, then func(*effects.Begun) ui.Intent,
) ui.Intent {
	return ui.Watch{Source: &beginning{
		hands: s.Hands, effect: effect, words: kinds.Clean(words) + " in " + s.Cluster.Name(), reason: reason,
		target: target, then: then,
	}}
}

// beginning is a source that writes a line into the journal, once.
type beginning struct {
	hands                 *effects.Hands
	effect, words, reason string
	target                effects.Target
	then                  func(*effects.Begun) ui.Intent
	done                  bool
}

// hasBegun is how that went.
type hasBegun struct {
	of    *beginning
	begun *effects.Begun
	err   error
}

// Next implements ui.Source.
func (b *beginning) Next(ctx context.Context) (ui.Msg, error) {
	if b.done {
		return nil, io.EOF
	}
	b.done = true
	begun, err := b.hands.Begin(ctx, b.effect, b.words, b.reason, b.target)
	return hasBegun{b, begun, err}, nil
}

// Intent implements ui.Lazy.
func (h hasBegun) Intent() ui.Intent {
	if h.err != nil {
		return ui.Say{Text: h.of.effect + ": " + h.err.Error(), Role: themes.Failing}
	}
	return h.of.then(h.begun)
}
