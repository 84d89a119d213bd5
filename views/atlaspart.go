package views

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// part is one line of the atlas: a part of the cluster.
type part struct {
	level kinds.Level
	sight sight
	name  string
	does  string    // what it is for, in a few words; "" for what its name says
	bar   string    // drawn before the words
	says  []ui.Span // where it runs and how it is
	how   string    // how that is known
	then  ui.Intent
}

// sight is why a part can be seen, or cannot.
type sight uint8

const (
	isSeen     sight = iota
	isLoading        // not known yet
	isHidden         // the user's rights do not cover it
	isNotShown       // the cluster does not show it, or what was saved of it does not hold it
)

// layer is one of the five, and the groups of its parts.
type layer struct {
	title, does string
	groups      []partGroup
}

type partGroup struct {
	title string
	how   string // how what its parts say is known, where that is the same for all
	parts []part
}

// say adds a text in the look of a level.
func (p *part) say(level kinds.Level, text string) {
	if text == "" {
		return
	}
	p.level = max(p.level, level)
	role := themes.Text
	if level >= kinds.Waiting {
		role = levelRole(level)
	}
	p.says = append(p.says, ui.Span{Text: text, Role: role})
}

// note adds what is beside the point.
func (p *part) note(text string) {
	if text != "" {
		p.says = append(p.says, ui.Span{Text: text, Role: themes.Muted})
	}
}

// unseen makes the part one that cannot be seen.
func (p part) unseen(why sight, text string) part {
	p.level, p.sight, p.how = kinds.Quiet, why, ""
	p.says = []ui.Span{{Text: text, Role: themes.Muted}}
	return p
}

// mark is the sign in front of a part; its words say the same.
func (p *part) mark() ui.Span {
	switch p.sight {
	case isLoading:
		if p.level < kinds.Degraded {
			return ui.Span{Text: "◌", Role: themes.Muted}
		}
	case isHidden:
		return ui.Span{Text: "○", Role: themes.Muted}
	case isNotShown:
		return ui.Span{Text: "–", Role: themes.Muted}
	case isSeen:
	}
	switch p.level {
	case kinds.Failing:
		return ui.Span{Text: "✖", Role: themes.Failing}
	case kinds.Degraded:
		return ui.Span{Text: "▲", Role: themes.Degraded}
	case kinds.Waiting:
		return ui.Span{Text: "◌", Role: themes.Waiting}
	case kinds.OK:
		return ui.Span{Text: "●", Role: themes.OK}
	case kinds.Quiet:
	}
	return ui.Span{Text: separator, Role: themes.Muted}
}

func levelRole(level kinds.Level) themes.Role {
	switch level {
	case kinds.OK:
		return themes.OK
	case kinds.Waiting:
		return themes.Waiting
	case kinds.Degraded:
		return themes.Degraded
	case kinds.Failing:
		return themes.Failing
	case kinds.Quiet:
	}
	return themes.Text
}

// separator stands between what a part says.
const separator = "·"

// text is the part's words with what separates them.
func (p *part) text() (out []ui.Span) {
	if p.bar != "" {
		out = append(out, ui.Span{Text: p.bar, Role: levelRole(p.level)})
	}
	says := p.says
	if p.does != "" {
		says = append([]ui.Span{{Text: p.does, Role: themes.Muted}}, says...)
	}
	for i, s := range says {
		if i > 0 {
			out = append(out, ui.Span{Text: separator, Role: themes.Muted})
		}
		out = append(out, s)
	}
	if p.how != "" {
		out = append(out, ui.Span{Text: "(" + p.how + ")", Role: themes.Muted})
	}
	return out
}

// atlasWriter writes the parts of all layers from what is known at one time.
type atlasWriter struct {
	feeds   *atlasFeeds
	session *Session
	frame   ui.Frame
	wake    time.Time // when an age reads differently
}

// layers are the five, in their order.
func (w *atlasWriter) layers() []layer {
	return []layer{
		{"physical", "what it runs on", []partGroup{
			{"control plane", "", w.controlPlane()},
			{"nodes", "what their kubelets report" + w.ofNodes(), w.nodes()},
			{"load of the nodes", "█ used ▒ requested ░ free · kept back" + w.ofNodes(), w.loads()},
			{"add-ons", "found by their usual labels", w.addons()},
		}},
		{"logical", "what it runs", w.logical()},
		{"interface", "what can be asked for", w.interfaces()},
		{"function", "how it is divided and joined", w.functions()},
		{"security", "who may do what", w.security()},
	}
}

// now is the time of the API server.
func (w *atlasWriter) now() time.Time { return w.feeds.now(w.frame.Now) }

// wakeAt asks to be drawn again at a time.
func (w *atlasWriter) wakeAt(at time.Time) {
	at = at.Add(w.frame.Now.Sub(w.now()))
	if at.After(w.frame.Now) && (w.wake.IsZero() || at.Before(w.wake)) {
		w.wake = at
	}
}

// ago is how long a time is past.
func (w *atlasWriter) ago(at time.Time) string {
	if at.IsZero() {
		return "an unknown time"
	}
	now := w.now()
	w.wakeAt(kinds.NextCoarseAge(at, now))
	return kinds.CoarseAge(now.Sub(at))
}

// list returns a list's objects. When there are none, ok is false, and the part says why
// if it cannot be seen: of what kind it is in words ("nodes").
func (w *atlasWriter) list(id feedID, p part, what string) (entries []kube.DigestEntry, out part, ok bool) {
	entries, state := w.feeds.entries(id)
	switch {
	case state.Phase == kube.Denied:
		return nil, p.unseen(isHidden, "hidden: you may not list "+what), false
	case len(entries) > 0:
		switch state.Phase {
		case kube.Stale:
			p.note("as of " + w.ago(state.Since) + " ago")
		case kube.Loading:
			p.sight = isLoading
			p.note(readSoFar(state))
		default:
		}
		return entries, p, true
	case state.Phase == kube.Failed:
		return nil, p.unseen(isNotShown, "no answer: "+short(stateProblem(state))), false
	case state.Phase == kube.Live:
		return nil, p, false
	}
	if _, served := w.feeds.served(feedSpecs[id].GroupKind); !served && w.session.Cluster.Resources().Complete() {
		return nil, p.unseen(isNotShown, "not served by this "+w.source()), false
	}
	return nil, p.unseen(isLoading, "loading ..."), false
}

// readSoFar is how much of a list is there while it loads: what a part says then is of that.
func readSoFar(state kube.State) string {
	read := numberText(int64(state.Loaded))
	if state.Remaining > 0 {
		read += " of " + numberText(int64(state.Loaded)+state.Remaining)
	}
	return read + " read so far"
}

// source is what is looked at, in a word.
func (w *atlasWriter) source() string {
	word, _, _ := strings.Cut(w.session.Saved, " ")
	switch {
	case w.session.Player != nil:
		return "tape"
	case word == "":
		return "cluster"
	}
	return word
}

// none says that there is nothing of a kind: in a cluster, or in what was saved of it.
func (w *atlasWriter) none(what string) string {
	if !w.session.isSaved() {
		return "no " + what
	}
	return "no " + what + " in this " + w.source()
}

// toTable leads to the objects of a kind in a namespace; "" is all.
func (w *atlasWriter) toTable(gk schema.GroupKind, namespace string) ui.Intent {
	r, ok := w.feeds.served(gk)
	if !ok {
		return nil
	}
	return goToKind{session: w.session, resource: r, namespace: namespace}
}

// toList leads to the objects of a list, in the namespace that it was counted in.
func (w *atlasWriter) toList(id feedID) ui.Intent {
	namespace := feedSpecs[id].namespace
	if f := w.feeds.lists[id]; f != nil {
		namespace = f.scope.Namespace
	}
	return w.toTable(feedSpecs[id].GroupKind, namespace)
}

// toObject leads to an object.
func (w *atlasWriter) toObject(gk schema.GroupKind, namespace, name string) ui.Intent {
	r, ok := w.feeds.served(gk)
	if !ok || name == "" {
		return nil
	}
	return goToObject{w.session, r, namespace, name, ""}
}

func (w *atlasWriter) toRecord(r *kinds.Record) ui.Intent {
	return w.toObject(r.Kind.GroupKind(), r.Namespace, r.Name)
}

// summary is what is wrong with the parts that can be seen, the worst first, and how
// many cannot. What was saved of a cluster was so then.
func summary(layers []layer, saved string) []part {
	var bad []part
	head, known, unknown := part{level: kinds.OK}, 0, map[sight]int{}
	for _, l := range layers {
		for _, g := range l.groups {
			for _, p := range g.parts {
				unknown[p.sight]++
				if p.level >= kinds.Degraded {
					bad = append(bad, p)
				}
				if p.level > kinds.Quiet {
					known++
				}
			}
		}
	}
	if saved != "" {
		head.note("as of " + saved)
	}
	slices.SortStableFunc(bad, func(a, b part) int { return int(b.level) - int(a.level) })
	switch {
	case len(bad) > 0:
		head.level = bad[0].level
		head.say(head.level, "not well: "+joinNames(bad))
		head.then = bad[0].then
	case known == 0:
		head = head.unseen(isLoading, "nothing is known yet")
	case unknown[isLoading] > 0:
		// Most of them may be to come.
		head.sight = isLoading
		head.say(kinds.Quiet, counted(known, "parts")+" well so far")
	default:
		head.say(kinds.OK, "all parts that can be judged are well ("+counted(known, "parts")+")")
	}
	for _, u := range []struct {
		sight sight
		text  string
	}{{isHidden, "hidden by your rights"}, {isNotShown, "not shown"}, {isLoading, "loading"}} {
		if n := unknown[u.sight]; n > 0 && (known > 0 || len(bad) > 0) {
			head.note(counted(n, "parts") + " " + u.text)
		}
	}
	return []part{head}
}

// joinNames are the names of the first few parts.
func joinNames(parts []part) string {
	const most = 4
	var names []string
	for _, p := range parts[:min(len(parts), most)] {
		names = append(names, p.name)
	}
	if n := len(parts) - most; n > 0 {
		names = append(names, counted(n, "others"))
	}
	return strings.Join(names, ", ")
}
