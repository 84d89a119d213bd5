package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// menu lists what may be done with objects, and what of it we may not.
type menu struct {
	screen
	targets []effects.Target
	hidden  []string       // the names of those that the filter hides
	object  map[string]any // of the only target; nil where it is not known
	offers  []effects.Offer
	asked   *kube.AllowedWatch
	answers []kube.Allowed // nil before they came
	reading *objectSource  // reads the object; nil where it is known
	asking  *effects.Offer // whose prompt is open
	first   *effects.Offer // to be chosen when the menu is shown; nil leaves that to the user
	walk    walk
	// leaves is set where the menu only has a prompt: it goes with that, or with the review.
	leaves   bool
	reviewed *review // was opened from here
}

func newMenu(s *Session, targets []effects.Target) *menu {
	v := &menu{targets: slices.Clone(targets)}
	if len(targets) == 1 && targets[0].Record != nil {
		v.object, _ = s.Cluster.Fields(targets[0].Record)
	}
	v.offers = effects.Offers(targets[0].Resource, v.object)
	var sources []ui.Source
	if len(targets) == 1 && v.object == nil {
		v.reading = &objectSource{target: targets[0]}
		sources = append(sources, v.reading)
	}
	var questions []kube.Asked
	for _, o := range v.offers {
		questions = append(questions, v.rights(o)...)
	}
	if len(targets) == 1 {
		questions = append(questions, editRights(targets[0]))
		for _, a := range remoteActions {
			if a.fits(targets[0].Resource) {
				questions = append(questions, s.rightsFor(a, targets[0])...)
			}
		}
	}
	v.asked = s.Cluster.WatchAllowed(questions)
	v.screen = newScreen(s, v, append(sources, v.asked)...)
	return v
}

// know takes the object that the menu is about, once it was read.
func (v *menu) know(object map[string]any) {
	v.object = object
	v.offers = effects.Offers(v.targets[0].Resource, object)
	metadata, _ := object["metadata"].(map[string]any)
	uid, _ := metadata["uid"].(string)
	v.targets[0].UID = types.UID(uid)
}

// place implements page.
func (v *menu) place() []string { return []string{v.what(), "menu"} }

// what names the objects.
func (v *menu) what() string { return whatOf(v.targets) }

func whatOf(targets []effects.Target) string {
	if len(targets) == 1 {
		return targets[0].Ref.String()
	}
	return counted(len(targets), targets[0].Resource.Resource)
}

// state implements page.
func (v *menu) state() kube.State { return kube.State{} }

// empty implements page.
func (v *menu) empty() bool { return false }

// keys implements page.
func (v *menu) keys() []ui.Key {
	keys := walkKeys()
	keys[0].Help = "choose"
	return append(keys, commandKey)
}

// update implements page.
func (v *menu) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		first := v.first
		switch {
		case first != nil && v.reading != nil && v.object == nil: // The prompt holds what is so now.
			return nil
		case first != nil: // Once: when the review is left, so is this.
			v.first, v.leaves = nil, true
			v.walk.goTo("change" + first.Name)
			return v.choose(*first)
		case v.reviewed != nil && (v.leaves || v.reviewed.answered):
			return ui.Back{} // What it was opened for is on its way.
		}
		return nil
	case kube.AllowedOf:
		if msg.From == v.asked {
			v.answers = msg.Answers
		}
		return nil
	case objectRead:
		if msg.from != v.reading {
			return nil
		}
		if v.reading = nil; msg.object != nil {
			v.know(msg.object)
		}
		if v.first != nil {
			return v.update(ui.Shown{})
		}
		return nil
	case choicesRead:
		return v.offerChoices(msg)
	case ui.Entered:
		if v.asking == nil {
			return nil
		}
		offer := *v.asking
		v.asking = nil
		return v.review(offer, msg.Text)
	case ui.Cancelled:
		v.asking = nil
		if v.leaves {
			return ui.Back{}
		}
		return nil
	case offered:
		return v.choose(msg.offer)
	case ui.Do:
		if msg.Action == actCommand {
			return v.copyCommand()
		}
	}
	intent := v.walk.update(msg)
	if c, is := intent.(offered); is {
		return v.choose(c.offer)
	}
	return intent
}

// offered is what a line of the menu leads to; it never reaches the shell.
type offered struct{ offer effects.Offer }

// choose asks what has to be known for an effect, or goes on to its review.
func (v *menu) choose(o effects.Offer) ui.Intent {
	if !v.session.Cluster.Writable() {
		return v.session.sayReadOnly(o.Name)
	}
	if why := v.refused(o); why != "" {
		return ui.Say{Text: o.Name + ": " + why, Role: themes.Degraded}
	}
	if o.Choices != nil && len(v.targets) == 1 {
		return ui.All{
			ui.Say{Text: o.Name + ": asking what there is ...", Role: themes.Muted},
			ui.Watch{Source: &choiceSource{menu: v, offer: o}},
		}
	}
	if o.Ask == "" {
		return v.review(o, "")
	}
	v.asking = &o
	preset := ""
	if o.Preset != nil && v.object != nil {
		preset = o.Preset(v.object)
	}
	// Of an image only the end is typed, a number as a whole.
	_, err := strconv.Atoi(preset)
	return ui.Prompt{Name: "effect", Label: o.Ask + ": ", Text: preset, Edited: err != nil}
}

// review opens the page that says what will happen.
func (v *menu) review(o effects.Offer, text string) ui.Intent {
	if o.Name == "drain" {
		return v.session.drain(v.targets)
	}
	var all []effects.Effect
	for _, t := range v.targets {
		e, err := o.Make(t, text)
		if err != nil {
			return ui.Say{Text: o.Name + ": " + err.Error(), Role: themes.Failing}
		}
		all = append(all, e)
	}
	v.reviewed = newReview(v.session, all)
	v.reviewed.hidden = v.hidden
	return ui.Open{View: v.reviewed}
}

// offerChoices opens the list of what may be chosen for an effect.
func (v *menu) offerChoices(read choicesRead) ui.Intent {
	if read.from.menu != v {
		return nil
	}
	o := read.from.offer
	if read.err != nil {
		return ui.Say{Text: o.Name + ": " + read.err.Error(), Role: themes.Degraded}
	}
	var all []ui.Choice
	for _, c := range read.choices {
		all = append(all, ui.Choice{Name: c.Text, Detail: c.Detail, Then: choiceTaken{v, o, c.Text}})
	}
	return ui.All{ui.Say{}, ui.Choose{Title: o.Name + " " + v.what() + " to", Choices: all}}
}

// choiceTaken goes on to the review of an effect with what was chosen.
type choiceTaken struct {
	menu  *menu
	offer effects.Offer
	text  string
}

// Intent implements ui.Lazy.
func (c choiceTaken) Intent() ui.Intent { return c.menu.review(c.offer, c.text) }

// refused says why an offer may not be taken, "" where it may or that is not known.
func (v *menu) refused(o effects.Offer) string {
	if why := v.session.ruleFor(o.Name, v.targets).Deny; why != "" {
		return why
	}
	asked := v.rights(o)
	for _, q := range asked {
		why := v.mayNot(q)
		if why != "" && len(asked) > 1 {
			why += " in " + kinds.Clean(q.Namespace)
		}
		if why != "" {
			return why
		}
	}
	return ""
}

// rights are what an offer takes, in each namespace that it is for.
func (v *menu) rights(o effects.Offer) (asked []kube.Asked) {
	known := map[string]bool{}
	for _, t := range v.targets {
		if known[t.Ref.Namespace] {
			continue
		}
		known[t.Ref.Namespace] = true
		if q, ok := o.Rights(t); ok {
			asked = append(asked, q)
		}
	}
	return asked
}

// mayNot says that we have none of some rights, each of which would do; "" where we have one, or that is not known.
func (v *menu) mayNot(rights ...kube.Asked) string {
	var verbs, lacks []string
	for i, q := range rights {
		denied := func(a kube.Allowed) bool { return a.Is(q) && !a.May && a.Err == nil }
		if !slices.ContainsFunc(v.answers, denied) {
			return ""
		}
		what := q.Resource.Resource
		if q.Subresource != "" {
			what += "/" + q.Subresource
		}
		verbs = append(verbs, q.Verb)
		if next := i + 1; next == len(rights) || rights[next].Subresource != q.Subresource {
			lacks, verbs = append(lacks, strings.Join(verbs, " or ")+" "+what), nil
		}
	}
	return "you may not " + strings.Join(lacks, " or ")
}

// Draw implements ui.View.
func (v *menu) Draw(f ui.Frame) string {
	page := []entry{
		{line: ui.Line{
			{Text: v.what(), Role: themes.Heading}, {Text: "  in " + v.session.Cluster.Name(), Role: themes.Muted},
		}},
		{line: ui.Line{v.mode()}},
	}
	for _, line := range hiddenNote(v.hidden, f.Width-walkGutter) {
		page = append(page, entry{line: line})
	}
	var change, remove []row
	for _, o := range v.offers {
		r := v.row(o)
		if strings.HasPrefix(o.Name, "delete") || o.Name == "kill" || o.Name == "evict" {
			remove = append(remove, r)
		} else {
			change = append(change, r)
		}
	}
	if len(v.targets) == 1 && effects.CanEdit(v.targets[0].Resource) {
		why := cmp.Or(v.session.ruleFor("edit", v.targets).Deny, v.mayNot(editRights(v.targets[0])))
		change = append(change, menuRow("edit", "its YAML in your editor", why, editTarget{v.session, v.targets[0]}))
	}
	var streams, programs []row
	if len(v.targets) == 1 {
		programs = v.session.pluginRows(v.targets[0])
		for _, c := range remoteChoices(v.session, v.targets[0].Resource, v.targets[0].Ref) {
			why := v.mayNot(v.session.rightsFor(c.Then.(remoteBegin).does, v.targets[0])...)
			if c.Dim {
				why = c.Detail
			}
			streams = append(streams, menuRow(c.Name, c.Detail, why, c.Then))
		}
	}
	in := inside(f)
	page = append(page, section("change", change, in.Width)...)
	page = append(page, section("inside", streams, in.Width)...)
	page = append(page, section("plugins", programs, in.Width)...)
	page = append(page, section("remove", remove, in.Width)...)
	return v.walk.draw(f, page)
}

// mode says what stands in the way of all effects.
func (v *menu) mode() ui.Span {
	switch c := v.session.Cluster; {
	case c.Never():
		return ui.Span{Text: "read-only: the config says that this cluster is never changed", Role: themes.Degraded}
	case c.OnlyLooks():
		return ui.Span{Text: "read-only, :as off ends that: you are viewing as " + c.ActsAs(), Role: themes.Degraded}
	case !c.Writable():
		return ui.Span{Text: "read-only: :write switches to write mode", Role: themes.Degraded}
	}
	return ui.Span{Text: "nothing happens before you have seen what will happen", Role: themes.Muted}
}

// hiddenNote names the objects that nobody sees in the table at the moment.
func hiddenNote(hidden []string, width int) []ui.Line {
	if len(hidden) == 0 {
		return nil
	}
	return note(counted(len(hidden), "marked objects")+" hidden by the filter: "+fewOf(hidden, 10), themes.Degraded, width)
}

func (v *menu) row(o effects.Offer) row {
	return menuRow(o.Name, o.Help, v.refused(o), offered{o})
}

// menuRow is a line of a menu; why says that it may not be chosen, "" where it may.
func menuRow(name, help, why string, then ui.Intent) row {
	r := row{id: name, then: then, cells: []ui.Span{{Text: name, Role: themes.Text}, {Text: help, Role: themes.Muted}}}
	if why != "" {
		r.cells[0].Role, r.cells[1] = themes.Muted, ui.Span{Text: why, Role: themes.Degraded}
	}
	return r
}

// Wake implements ui.View.
func (v *menu) Wake(time.Time) time.Time { return time.Time{} }
