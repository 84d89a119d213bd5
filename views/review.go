package views

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// review is the last page before an effect: what the API server says will happen, and the
// question whether it shall. The cursor is on No.
type review struct {
	screen
	document
	effects []effects.Effect
	verdict effects.Verdict // of the rules of the config
	hidden  []string        // the names of those objects that the filter hides
	source  *planSource
	plans   []effects.Plan // as many as have come
	yes     bool
	// answered is set once it was said that it shall be done.
	answered bool
	// again leads back to where the effect comes from, with what is wrong with it; nil leads
	// nowhere.
	again func(problem string) ui.Intent
	// failed is what follows where the effect fails after all; nil is nothing.
	failed func(error) ui.Intent
}

// followed is an effect that is not over when it has failed.
type followed struct {
	ui.Effect
	failed func(error) ui.Intent
}

// After is what the shell does when it has ended.
func (f followed) After(err error) ui.Intent {
	if err == nil {
		return nil
	}
	return f.failed(err)
}

func newReview(s *Session, all []effects.Effect) *review {
	v := &review{effects: all, source: &planSource{hands: s.Hands, effects: all}}
	v.screen = newScreen(s, v, v.source)
	v.document = document{text: lines{}, file: all[0].Name + ".diff"}
	v.verdict = s.ruleFor(all[0].Name, targetsOf(all))
	return v
}

// place implements page.
func (v *review) place() []string { return []string{v.effects[0].Name, "review"} }

// state implements page.
func (v *review) state() kube.State { return kube.State{} }

// empty implements page.
func (v *review) empty() bool { return false }

// keys implements page.
func (v *review) keys() []ui.Key {
	keys := answerKeys()
	if len(v.plans) == len(v.effects) && !v.ready() { // There is nothing to choose.
		keys = keys[len(keys)-1:]
	}
	if v.again != nil {
		again := ui.Key{Action: actEdit, Keys: []string{"e"}, Help: "edit again", Group: "Here", Footer: true}
		keys = slices.Insert(keys, 0, again)
	}
	return append(keys, withoutSideways(v.document.keys())...)
}

// withoutSideways are the keys of a page whose left and right choose an answer.
func withoutSideways(keys []ui.Key) []ui.Key {
	return slices.DeleteFunc(keys, func(k ui.Key) bool { return k.Action == ui.Left || k.Action == ui.Right })
}

// answerKeys are the keys of a page that ends with a question.
func answerKeys() []ui.Key {
	return []ui.Key{
		{Action: actChoice, Keys: []string{"tab", "left", "right"}, Help: "no or yes", Group: "Here", Footer: true},
		{Action: actYes, Keys: []string{"y"}, Help: "choose yes", Group: "Here", Footer: true},
		{Action: actOpen, Keys: []string{"enter"}, Help: "answer", Group: "Here", Footer: true},
		commandKey,
	}
}

// update implements page.
func (v *review) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case planned:
		if msg.from == v.source {
			v.plans = append(v.plans, msg.plan)
			v.arrange()
		}
		return nil
	case ui.Ended:
		return nil
	case ui.Do:
		switch msg.Action {
		case actChoice:
			v.yes = !v.yes && v.ready()
			return nil
		case actYes:
			v.yes = v.ready()
			return nil
		case actOpen:
			return v.answer()
		case actEdit:
			problem := ""
			if len(v.plans) > 0 && v.plans[0].Err != nil {
				problem = v.plans[0].Err.Error()
			}
			return ui.All{ui.Back{}, v.again(problem)}
		case actCommand:
			return copyCommands(v.effects)
		}
	}
	return v.document.update(msg)
}

// ready reports whether all is known, and something can be done.
func (v *review) ready() bool {
	return len(v.plans) == len(v.effects) && v.possible() > 0 && v.verdict.Deny == ""
}

// possible is how many effects the API server would take.
func (v *review) possible() (n int) {
	for i := range v.plans {
		if v.plans[i].Err == nil {
			n++
		}
	}
	return n
}

// typedFrom is the number of objects from which a person types it.
const typedFrom = 10

// answer does what the cursor is on.
func (v *review) answer() ui.Intent {
	switch {
	case v.yes && v.ready():
	case !v.ready() && len(v.plans) < len(v.effects):
		return ui.Say{Text: "the API server has not answered yet", Role: themes.Muted}
	default:
		return ui.Back{}
	}
	var all []effects.Ready
	grave := false
	for _, p := range v.plans {
		if p.Err == nil {
			all = append(all, v.session.Hands.Ready(p))
			grave = grave || p.Grave
		}
	}
	ask := asking{
		session: v.session, verdict: v.verdict, effect: v.effects[0].Name,
		question: oneEffect(all).String(), word: all[0].Ref.Name,
		then: func(reason string) ui.Intent {
			for i := range all {
				all[i].Reason = reason
			}
			effect := oneEffect(all)
			if v.failed != nil {
				effect = followed{effect, v.failed}
			}
			return ui.All{markAnswered{v}, ui.Back{}, ui.Later{Effect: effect, Wait: v.session.UndoWait}}
		},
	}
	if len(all) > 1 {
		ask.word = fmt.Sprint(len(all))
	}
	ask.verdict.Type = ask.verdict.Type || grave || len(all) > typedFrom
	return ask.Intent()
}

// markAnswered notes that a review is answered, once its question was.
type markAnswered struct{ review *review }

// Execute implements ui.Command.
func (m markAnswered) Execute() { m.review.answered = true }

// arrange makes the lines of what will happen.
func (v *review) arrange() {
	var text lines
	if len(v.plans) == 1 && len(v.effects) == 1 {
		text = diffOf(&v.plans[0])
	} else {
		for i := range v.plans {
			text = append(text, briefly(&v.plans[i])...)
		}
	}
	v.text = text
	v.pager.Replaced(v.text)
}

// diffOf is what differs between the object as it is and as it will be; of one that is made,
// all of it.
func diffOf(p *effects.Plan) lines {
	var text lines
	switch {
	case p.Err != nil, p.After == nil:
		return nil
	case p.Before == nil:
		for _, l := range compareYAML(nil, effects.Shown(p.After, p.Ref.Kind)) {
			text = append(text, l.draw())
		}
		return text
	}
	all := compareYAML(effects.Shown(p.Before, p.Ref.Kind), effects.Shown(p.After, p.Ref.Kind))
	hidden := 0
	flush := func() {
		if hidden > 0 {
			text = append(text, ui.Line{{Text: "  ··· " + counted(hidden, "equal lines"), Role: themes.Muted}})
		}
		hidden = 0
	}
	kept := keptLines(all)
	for i, l := range all {
		if !kept[i] {
			hidden++
			continue
		}
		flush()
		text = append(text, l.draw())
	}
	flush()
	return text
}

// briefly is one of several effects: a line, and what differs below it.
func briefly(p *effects.Plan) lines {
	if p.Err != nil {
		return lines{
			{{Text: " ✖ ", Role: themes.Failing}, {Text: p.Ref.String(), Role: themes.Text}},
			{{Text: "   " + p.Err.Error(), Role: themes.Failing}},
		}
	}
	out := lines{{{Text: "   " + p.Ref.String(), Role: themes.Text}}}
	for _, f := range p.Fields {
		out = append(out, ui.Line{{Text: "     " + f.WordsIn(p.Ref.Kind), Role: themes.Muted}})
	}
	for _, n := range append(p.Goes, p.Notes...) {
		out = append(out, ui.Line{{Text: "     " + n, Role: themes.Degraded}})
	}
	return out
}

// head says what will be done, where, and as whom.
func (v *review) head(width int) []ui.Line {
	e := v.effects[0]
	title := e.String() + "?"
	if n := len(v.effects); n > 1 {
		title = fmt.Sprintf("%s %s in %s?", e.Do, whatOf(targetsOf(v.effects)), e.Cluster.Name())
	}
	out := note(title, themes.Heading, width)
	where := "on " + e.Cluster.Server()
	if len(v.plans) > 0 && v.plans[0].User != "" {
		where += " as " + v.plans[0].User
	}
	out = append(out, ui.Line{{Text: where, Role: themes.Muted}}.Truncate(width))
	out = append(out, hiddenNote(v.hidden, width)...)
	if left := len(v.effects) - len(v.plans); left > 0 {
		words := "asking the API server what would happen ..."
		if len(v.effects) > 1 {
			words = fmt.Sprintf("%s %d of %d", words, len(v.plans), len(v.effects))
		}
		return append(out, ui.Line{{Text: words, Role: themes.Muted}})
	}
	out = append(out, ruleNotes(v.verdict, targetsOf(v.effects), width)...)
	if len(v.effects) > 1 {
		return append(out, v.sum(width)...)
	}
	return append(out, facts(&v.plans[0], width)...)
}

// sum says of several effects how many can be done.
func (v *review) sum(width int) []ui.Line {
	if n := v.possible(); n < len(v.plans) {
		return note(fmt.Sprintf("the API server would take %d of %d; the others are left out", n, len(v.plans)),
			themes.Failing, width)
	}
	return note(fmt.Sprintf("the API server would take all %d", len(v.plans)), themes.OK, width)
}

// facts say what the API server answered to one effect.
func facts(p *effects.Plan, width int) (out []ui.Line) {
	if p.Err != nil {
		out = note("cannot be done: "+p.Err.Error(), themes.Failing, width)
	}
	for _, g := range p.Goes {
		out = append(out, note("takes along: "+g, themes.Failing, width)...)
	}
	if p.Ref.Kind == "Secret" { // Its diff shows how long values are, not what they are.
		for _, f := range p.Fields {
			out = append(out, note("changes "+f.WordsIn(p.Ref.Kind), themes.Text, width)...)
		}
	}
	for _, n := range p.Notes {
		out = append(out, note(n, themes.Degraded, width)...)
	}
	if line := p.Kubectl(); line != "" {
		out = append(out, note(line, themes.Muted, width)...)
	}
	return out
}

func targetsOf(all []effects.Effect) []effects.Target {
	out := make([]effects.Target, len(all))
	for i, e := range all {
		out[i] = e.Target
	}
	return out
}

// Draw implements ui.View.
func (v *review) Draw(f ui.Frame) string {
	answer := drawAnswer(f, v.yes, v.ready())
	f.Height -= 2
	body := v.document.draw(f, v.head(f.Width)...)
	return body + strings.Repeat("\n", max(1, f.Height-strings.Count(body, "\n"))) + answer
}

// drawAnswer draws No and Yes, the latter once it can be answered.
func drawAnswer(f ui.Frame, yes, ready bool) string {
	first, second := ui.Span{Text: "[ No ]", Role: themes.Cursor}, ui.Span{Text: "  Yes  ", Role: themes.Text}
	if yes {
		first, second = ui.Span{Text: "  No  ", Role: themes.Text}, ui.Span{Text: "[ Yes ]", Role: themes.Cursor}
	}
	line := ui.Line{{Text: "  ", Role: themes.Text}, first, {Text: "  ", Role: themes.Text}}
	if ready {
		line = append(line, second)
	}
	return ui.PaintLine(f, line, f.Width, 0)
}

// Wake implements ui.View.
func (v *review) Wake(now time.Time) time.Time { return v.document.wake(now) }

// planSource asks for the plans of effects, one after another, and yields planned.
type planSource struct {
	hands   *effects.Hands
	effects []effects.Effect
	next    int
}

// planned is one plan.
type planned struct {
	from *planSource
	plan effects.Plan
}

// Next implements ui.Source.
func (p *planSource) Next(ctx context.Context) (ui.Msg, error) {
	if p.next == len(p.effects) {
		return nil, io.EOF
	}
	e := p.effects[p.next]
	p.next++
	plan := p.hands.Plan(ctx, e)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return planned{p, plan}, nil
}

// several are effects that are done one after another.
type several []effects.Ready

// oneEffect is one effect of one or more.
func oneEffect(all []effects.Ready) ui.Effect {
	if len(all) == 1 {
		return all[0]
	}
	return several(all)
}

// String is "delete 3 pods in prod-eu".
func (s several) String() string {
	return fmt.Sprintf("%s %s in %s", s[0].Do, counted(len(s), s[0].Resource.Resource), s[0].Cluster.Name())
}

// Timeout is how long all may take.
func (s several) Timeout() time.Duration { return time.Duration(len(s)+1) * 10 * time.Second }

// Run implements ui.Effect. One that fails does not keep the others from being done.
func (s several) Run(ctx context.Context) error {
	var failed []string
	for _, r := range s {
		if err := r.Run(ctx); err != nil {
			failed = append(failed, r.Ref.Name+": "+err.Error())
		}
	}
	if failed == nil {
		return nil
	}
	return errors.New(fmt.Sprintf("%d of %d failed: ", len(failed), len(s)) + strings.Join(failed, "; "))
}
