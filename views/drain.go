package views

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "drain", help: "the node that is being drained, or was last", also: []string{"drains"},
		open: func(s *Session) rootView { return newDrain(s, nil) },
	})
}

const (
	actBare      ui.Action = "bare-pods"
	actData      ui.Action = "local-data"
	actStopDrain ui.Action = "stop-drain"
)

// noKubectl is said where some pods stay for which kubectl wants a flag.
const noKubectl = "kubectl has no command for this: it evicts all of these pods or none"

// drainView says which pods of a node would go and which would stay, asks whether they shall, and shows how
// far they are. To leave it stops nothing.
type drainView struct {
	screen
	node    *effects.Target // nil where nothing is drained
	source  *drainSource    // asks what would happen; nil once it runs
	plan    *effects.DrainPlan
	options effects.DrainOptions
	running *effects.Draining
	states  []effects.DrainState
	ended   bool
	err     error
	yes     bool
	told    bool // that it has ended
	table   ui.Table
	order   []int // of the pods of the plan, as they are shown
}

// Busy names what goes on until the program ends, or the cluster is left; "" is nothing.
func (s *Session) Busy() string {
	if s.Hands == nil {
		return ""
	}
	if d := s.Hands.Drained(); d != nil && d.GoesOn() {
		return d.String()
	}
	return ""
}

// drain opens the page of a node that is to be drained.
func (s *Session) drain(nodes []effects.Target) ui.Intent {
	if len(nodes) > 1 {
		return ui.Say{Text: "drain one node at a time", Role: themes.Degraded}
	}
	if goesOn := s.Busy(); goesOn != "" {
		return ui.Say{Text: goesOn + " is not over; :drain shows it", Role: themes.Degraded}
	}
	return ui.Open{View: newDrain(s, &nodes[0])}
}

// drained is the node of this cluster that is being drained, or was last; nil for none.
func (s *Session) drained() *effects.Draining {
	if s.Hands == nil {
		return nil
	}
	if d := s.Hands.Drained(); d != nil && d.Plan.Node.Cluster == s.Cluster {
		return d
	}
	return nil
}

// newDrain asks about a node; without one it shows the drain that runs or ran last.
func newDrain(s *Session, node *effects.Target) *drainView {
	v := &drainView{node: node}
	var source []ui.Source
	if node != nil {
		v.source = &drainSource{hands: s.Hands, node: *node}
		source = []ui.Source{v.source}
	} else if d := s.drained(); d != nil {
		v.running, v.plan, v.options = d, &d.Plan, d.Options
		v.node, v.told = &v.plan.Node, !d.GoesOn()
		source = []ui.Source{d.Watch()}
	}
	v.screen = newScreen(s, v, source...)
	v.table.Sorted = -1
	v.table.Empty = "no node is being drained; drain is in the menu of a node, m"
	if node != nil {
		v.table.Empty = "" // The head says what it waits for.
	}
	v.table.SetColumns([]ui.Column{
		{Title: "POD", Fixed: true, Cut: ui.CutMiddle}, {Title: "OWNER", Cut: ui.CutObject, Drop: 1},
		{Title: "WHAT HAPPENS", Half: true},
	})
	v.refresh()
	return v
}

// place implements page.
func (v *drainView) place() []string {
	if v.node == nil {
		return []string{"drain"}
	}
	return []string{v.node.Ref.String(), "drain"}
}

// state implements page.
func (v *drainView) state() kube.State { return kube.State{} }

// empty implements page.
func (v *drainView) empty() bool { return false }

// keys implements page.
func (v *drainView) keys() []ui.Key {
	if v.running == nil && v.node != nil {
		keys := append([]ui.Key{
			{Action: actBare, Keys: []string{"f"}, Help: "bare pods", Group: "Here", Footer: true},
			{Action: actData, Keys: []string{"v"}, Help: "emptyDir pods", Group: "Here", Footer: true},
		}, answerKeys()...)
		return append(keys, withoutSideways(moves(&v.table))...)
	}
	keys := []ui.Key{{Action: actOpen, Keys: []string{"enter"}, Help: "open the pod", Group: "Here", Footer: true}}
	if v.running != nil && !v.ended {
		keys = append(keys, ui.Key{Action: actStopDrain, Keys: []string{"D"}, Help: "stop", Group: "Here", Footer: true})
	}
	return append(keys, moves(&v.table)...)
}

// update implements page.
func (v *drainView) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case drainPlanned:
		if msg.from == v.source {
			v.plan = &msg.plan
			v.keep()
			v.refresh()
		}
	case effects.DrainChanged:
		if msg.Of == v.running {
			return v.changed()
		}
	case ui.Clicked:
		v.table.Clicked(msg, v)
	case ui.Wheel:
		v.table.Wheel(msg.Lines, v)
	case ui.Do:
		return v.do(msg)
	}
	return nil
}

func (v *drainView) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actChoice:
		v.yes = !v.yes && v.ready()
	case actYes:
		v.yes = v.ready()
	case actBare:
		v.options.Bare = !v.options.Bare
		v.refresh()
	case actData:
		v.options.Data = !v.options.Data
		v.refresh()
	case actStopDrain:
		v.running.Stop()
		return ui.Say{Text: "stopping: no more pods are evicted", Role: themes.Degraded}
	case actCommand:
		switch {
		case v.plan == nil:
		case v.plan.Kubectl(v.options) == "":
			return ui.Say{Text: noKubectl, Role: themes.Muted}
		default:
			return ui.Copy{Text: v.plan.Kubectl(v.options), What: "command"}
		}
	case actOpen:
		return v.enter()
	default:
		v.table.Do(msg, v)
	}
	return nil
}

// enter answers the question, or opens the pod once there is none.
func (v *drainView) enter() ui.Intent {
	switch {
	case v.running != nil || v.node == nil:
		i := v.table.Current(v)
		if i < 0 || i >= len(v.order) {
			return nil
		}
		p := &v.plan.Pods[v.order[i]]
		return ui.Open{View: newObject(v.session, p.Resource, p.Ref.Namespace, p.Ref.Name, nil, "")}
	case v.plan == nil:
		return ui.Say{Text: "the API server has not answered yet", Role: themes.Muted}
	case !v.yes || !v.ready():
		return ui.Back{}
	}
	return asking{
		session: v.session, verdict: v.verdict(), effect: "drain", question: "drain " + v.node.Ref.String(),
		word: v.node.Ref.Name, then: v.begin,
	}.Intent()
}

func (v *drainView) begin(reason string) ui.Intent {
	running, err := v.session.Hands.Drain(*v.plan, v.options, reason, v.session.Now)
	if err != nil {
		return ui.Say{Text: err.Error() + "; :drain shows it", Role: themes.Degraded}
	}
	v.running = running
	v.refresh()
	return ui.Watch{Source: v.running.Watch()}
}

// verdict is what the rules of the config say of the drain, and of the evictions that it is made of.
func (v *drainView) verdict() effects.Verdict {
	var pods []effects.Target
	for i := range v.plan.Pods {
		if p := &v.plan.Pods[i]; p.Stays(v.options) == "" {
			pods = append(pods, p.Target)
		}
	}
	node := []effects.Target{*v.node}
	verdict := v.session.ruleFor("drain", node).And(v.session.ruleFor("evict", pods))
	if !effects.IsNothing(v.plan.Cordon.Err) {
		verdict = verdict.And(v.session.ruleFor("cordon", node))
	}
	return verdict
}

// keep has the pods stay whose eviction a rule denies.
func (v *drainView) keep() {
	for i := range v.plan.Pods {
		p := &v.plan.Pods[i]
		if why := v.session.ruleFor("evict", []effects.Target{p.Target}).Deny; why != "" {
			p.Keep(why)
		}
	}
}

// changed takes how far it is.
func (v *drainView) changed() ui.Intent {
	v.refresh()
	if !v.ended || v.told {
		return nil
	}
	v.told = true
	role := themes.OK
	if v.err != nil || v.count(effects.DrainFailed)+v.count(effects.DrainStopped) > 0 {
		role = themes.Degraded
	}
	return ui.Say{Text: v.running.String() + ": " + v.sum(), Role: role}
}

func (v *drainView) ready() bool {
	return v.plan != nil && v.plan.Err == nil && v.verdict().Deny == ""
}

func (v *drainView) refresh() {
	if v.plan == nil {
		return
	}
	if v.running != nil {
		v.states, v.ended, v.err = v.running.States()
	}
	if len(v.order) != len(v.plan.Pods) {
		v.order = make([]int, len(v.plan.Pods))
		for i := range v.order {
			v.order[i] = i
		}
	}
	slices.SortStableFunc(v.order, func(a, b int) int {
		return cmp.Or(v.rank(a)-v.rank(b), strings.Compare(v.plan.Pods[a].Ref.String(), v.plan.Pods[b].Ref.String()))
	})
	v.table.Update(v)
	v.table.Redraw()
}

// head says what will be done, where, and as whom.
func (v *drainView) head(width int) []ui.Line {
	if v.node == nil {
		return nil
	}
	c := v.session.Cluster
	title := "drain " + v.node.Ref.String() + " in " + c.Name()
	if v.running == nil {
		title += "?"
	}
	out := note(title, themes.Heading, width)
	where := "on " + c.Server()
	if v.plan != nil && v.plan.Cordon.User != "" {
		where += " as " + v.plan.Cordon.User
	}
	out = append(out, ui.Line{{Text: where, Role: themes.Muted}}.Truncate(width))
	switch {
	case v.plan == nil:
		return append(out, ui.Line{{Text: "asking the API server what would happen ...", Role: themes.Muted}})
	case v.plan.Err != nil:
		return append(out, note("cannot be done: "+v.plan.Err.Error(), themes.Failing, width)...)
	}
	out = append(out, v.progress(width)...)
	if v.running == nil {
		out = append(out, ruleNotes(v.verdict(), []effects.Target{*v.node}, width)...)
		for _, n := range v.plan.Notes {
			out = append(out, note(n, themes.Degraded, width)...)
		}
		out = append(out, note(cmp.Or(v.plan.Kubectl(v.options), noKubectl), themes.Muted, width)...)
	}
	return append(out, ui.Line{})
}

// progress says how many pods go, and what of the node.
func (v *drainView) progress(width int) []ui.Line {
	cordoned := effects.IsNothing(v.plan.Cordon.Err)
	text := v.sum()
	switch {
	case v.err != nil:
		return note(text, themes.Failing, width)
	case v.running == nil && cordoned:
		text += "; no new ones come: it is cordoned already"
	case v.running == nil:
		text += "; it is cordoned first, so that no new ones come"
	case v.ended:
		text += "; uncordon it when pods may come again"
	}
	return note(text, themes.Text, width)
}

// Draw implements ui.View.
func (v *drainView) Draw(f ui.Frame) string {
	var out []string
	for _, line := range v.head(f.Width) {
		out = append(out, ui.PaintLine(f, line, f.Width, 0))
	}
	asks := v.node != nil && v.running == nil
	rows := f
	rows.Height -= len(out)
	if asks {
		rows.Height -= 2
	}
	if rows.Height = max(1, rows.Height); len(v.order) > 0 || v.node == nil {
		out = append(out, v.table.Draw(rows, v))
	}
	body := strings.Join(out, "\n")
	if !asks {
		return body
	}
	answer := drawAnswer(f, v.yes, v.ready())
	return body + strings.Repeat("\n", max(1, f.Height-1-strings.Count(body, "\n"))) + answer
}

// Wake implements ui.View.
func (v *drainView) Wake(now time.Time) time.Time {
	if v.running == nil || v.ended {
		return time.Time{}
	}
	v.table.Redraw() // Its words count seconds.
	return now.Add(time.Second)
}

// drainSource asks what a drain would do, and yields drainPlanned.
type drainSource struct {
	hands *effects.Hands
	node  effects.Target
	done  bool
}

// drainPlanned is what the API server says.
type drainPlanned struct {
	from *drainSource
	plan effects.DrainPlan
}

// Next implements ui.Source.
func (d *drainSource) Next(ctx context.Context) (ui.Msg, error) {
	if d.done {
		return nil, io.EOF
	}
	d.done = true
	plan := d.hands.PlanDrain(ctx, d.node)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return drainPlanned{d, plan}, nil
}
