package views

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/helm"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// object is one object, seen through tabs. Every tab that was opened stays
// alive until the view is left, so that going back and forth costs nothing.
type object struct {
	screen
	subject *subject
	specs   []tabSpec
	tabs    []tab // as specs; nil until first shown
	current int
	row     ui.Tabs // of their titles
	noted   int     // lines between them and the tab
	first   tabID   // the tab to begin with, once the kind is known
}

// newObject opens an object at a tab ("" is the first). record is the version
// that the user pointed at, or nil when only the name is known.
func newObject(s *Session, resource kube.Resource, namespace, name string, record *kinds.Record, tab tabID) ui.View {
	v := &object{subject: newSubject(s, resource, namespace, name, record), first: tab}
	v.screen = newScreen(s, v, v.subject.listing.Watch())
	v.fit()
	return v
}

// kind is how the object is read, or nil while that is not known.
func (v *object) kind() *kinds.Kind {
	if v.subject.record != nil {
		return v.subject.record.Kind
	}
	return v.subject.listing.Kind()
}

// fit chooses the tabs that fit the kind; before the kind is known, those that
// fit every kind.
func (v *object) fit() {
	if v.specs != nil && v.kind() == nil {
		return
	}
	shown := v.first
	if v.specs != nil {
		shown = v.specs[v.current].id
	}
	old, oldTabs := v.specs, v.tabs
	v.specs, v.tabs, v.current = nil, nil, 0
	for _, s := range tabSpecs {
		if !s.isFor(v.kind()) {
			continue
		}
		var opened tab
		if i := slices.IndexFunc(old, func(o tabSpec) bool { return o.id == s.id }); i >= 0 {
			opened = oldTabs[i]
		}
		if s.id == shown {
			v.current = len(v.specs)
		}
		v.specs, v.tabs = append(v.specs, s), append(v.tabs, opened)
	}
}

// Header implements ui.View.
func (v *object) Header(now time.Time) ui.Header {
	h := v.screen.Header(now)
	if deleted := v.subject.deleted; v.subject.asOf != nil && v.specs[v.current].goesBack != "" {
		h.Freshness = ui.Line{{Text: "■ " + v.subject.asOfWords(now), Role: themes.Degraded}}
	} else if !deleted.IsZero() {
		h.Freshness = ui.Line{{Text: "■ deleted at " + deleted.Format("15:04:05"), Role: themes.Degraded}}
	}
	return h
}

// place implements page.
func (v *object) place() []string {
	name := strings.ToLower(v.subject.resource.Kind) + " " + strings.TrimPrefix(v.subject.name, helm.Prefix)
	if v.subject.alone {
		name += " " + v.subject.container
	}
	if v.subject.namespace != "" {
		return []string{v.subject.namespace, name}
	}
	return []string{name}
}

// state implements page.
func (v *object) state() kube.State { return viewed(v.subject.listing.State()) }

// empty implements page.
func (v *object) empty() bool { return v.subject.record == nil }

const (
	actNextTab ui.Action = "next-tab"
	actPrevTab ui.Action = "previous-tab"
)

// keys implements page.
func (v *object) keys() []ui.Key {
	var keys []ui.Key
	if t := v.tabs[v.current]; t != nil {
		keys = append(keys, t.Keys()...)
	}
	if v.revealsElsewhere() {
		keys = append(keys, ui.Key{Action: actReveal, Keys: []string{"x"}, Help: "show values", Group: "Object"})
	}
	keys = append(keys,
		ui.Key{Action: actNextTab, Keys: []string{"tab"}, Help: "next tab", Group: "Object", Footer: true},
		ui.Key{Action: actPrevTab, Keys: []string{"shift+tab"}, Help: "previous tab", Group: "Object"},
		ownerKey)
	if !v.subject.alone && v.subject.asOf == nil && v.subject.resource.GroupKind() != kinds.HelmRelease.GroupKind() {
		keys = append(keys, freeKeys(v.session.handKeys(v.subject.resource), keys)...)
	}
	keys = append(keys,
		ui.Key{Action: actCopyName, Keys: []string{"Y"}, Help: "copy the name", Group: "Object"},

		ui.Key{Action: actPreviousChange, Keys: []string{","}, Help: "version before", Group: "Object"},
		ui.Key{Action: actNextChange, Keys: []string{"."}, Help: "version after", Group: "Object"})
	if v.subject.asOf == nil {
		keys = append(keys, v.session.remoteKeys(v.subject.resource, keys)...)
	}
	for i, s := range v.specs {
		if i != v.current {
			keys = append(keys, s.keys()...)
		}
	}
	return keys
}

// freeKeys are the bindings whose keys no other has.
func freeKeys(wanted, taken []ui.Key) []ui.Key {
	return slices.DeleteFunc(wanted, func(k ui.Key) bool {
		return slices.ContainsFunc(taken, func(t ui.Key) bool { return slices.Contains(t.Keys, k.Keys[0]) })
	})
}

// revealsElsewhere reports whether the values of a Secret are asked for on a tab that has
// no place for them.
func (v *object) revealsElsewhere() bool {
	id := v.specs[v.current].id
	return v.subject.secret() && id != "overview" && id != "yaml"
}

// What a tab may ask of the object view, as intents that never reach the
// shell.
type (
	// showLogs shows the logs of one container of the subject, or of its
	// default one ("").
	showLogs struct {
		container string
		previous  bool
	}
	// openRecord opens one of the subject's children.
	openRecord struct {
		child  kinds.Child
		record *kinds.Record
	}
	// goTo opens another object by its name.
	goTo struct{ ref kinds.Ref }
	// showTab shows another tab of the subject.
	showTab struct{ id tabID }
)

// update implements page.
func (v *object) update(msg ui.Msg) ui.Intent { return v.resolve(v.handle(msg)) }

// resolve replaces what a tab asked of the object view by what the shell is to
// do, wherever it stands among other intents.
func (v *object) resolve(intent ui.Intent) ui.Intent {
	s := v.subject
	switch intent := intent.(type) {
	case ui.All:
		var all ui.All // The tab may keep its own slice.
		for _, i := range intent {
			if resolved := v.resolve(i); resolved != nil {
				all = append(all, resolved)
			}
		}
		return all
	case showLogs:
		s.container, s.previous = intent.container, intent.previous
		i := v.index(tabLogs)
		if i < 0 {
			return nil
		}
		if opened, ok := v.tabs[i].(*logs); ok {
			return v.resolve(ui.All{v.show(i), opened.choose(intent.container, intent.previous)})
		}
		return v.resolve(v.show(i))
	case openRecord:
		resource, ok := s.session.Cluster.Resources().ByKind(intent.record.Kind.GroupKind())
		if !ok {
			return nil
		}
		return ui.Open{View: newObject(s.session, resource, intent.record.Namespace, intent.record.Name, intent.record, "")}
	case openContainer:
		return ui.Open{View: newContainer(s.session, s.namespace, s.name, intent.name, s.record, "")}
	case goTo:
		return s.session.openRef(intent.ref, "")
	case showTab:
		if i := v.index(intent.id); i >= 0 {
			return v.resolve(v.show(i))
		}
		return nil
	}
	return intent
}

// leaveSilence goes on to describe, once, where the overview has nothing to say.
func (v *object) leaveSilence() {
	i := v.index("describe")
	if v.subject.record == nil || v.first != "" || v.current != 0 || i < 0 || v.session.Printed {
		return
	}
	v.first = v.specs[0].id
	obj, err := v.session.Cluster.Decode(v.subject.record)
	if err == nil && v.subject.record.Kind.Details(obj).Silent {
		v.current = i
	}
}

func (v *object) handle(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		v.leaveSilence()
		return v.show(v.current)
	case kube.ListingChanged:
		intents := v.updateTabs(msg)
		if msg.Listing == v.subject.listing && v.subject.refresh() {
			v.fit()
			v.leaveSilence()
			if v.tabs[v.current] == nil {
				intents = append(intents, v.show(v.current))
			}
			intents = append(intents, v.updateTabs(subjectChanged{})...)
		}
		return intents
	case ui.Do:
		return v.do(msg)
	case ui.Clicked:
		return v.clicked(msg)
	case ui.Wheel, ui.Typed, ui.Entered, ui.Cancelled:
		return v.tabs[v.current].Update(msg)
	}
	return v.updateTabs(msg)
}

// updateTabs passes a message to every tab that was opened.
func (v *object) updateTabs(msg ui.Msg) ui.All {
	var intents ui.All
	for _, t := range v.tabs {
		if t != nil {
			intents = append(intents, t.Update(msg))
		}
	}
	return intents
}

// show brings a tab to the front and tells it so; the first time, it is opened.
func (v *object) show(i int) ui.Intent {
	v.current = i
	if v.tabs[i] == nil {
		v.tabs[i] = v.specs[i].open(v.subject)
	}
	return v.tabs[i].Update(ui.Shown{})
}

// targeting is a tab whose cursor stands on objects: keys that open a tab open it of the
// object under the cursor.
type targeting interface {
	tab
	// target reports whether the cursor stands on another object than the subject.
	target() bool
}

func (v *object) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actNextTab:
		return v.show((v.current + 1) % len(v.specs))
	case actPrevTab:
		return v.show((v.current + len(v.specs) - 1) % len(v.specs))
	case actOwner:
		return v.owner()
	case actPreviousChange:
		return v.step(1)
	case actNextChange:
		return v.step(-1)
	}
	if isHand(msg.Action) {
		return v.hand(msg.Action)
	}
	container := ""
	if v.subject.alone {
		container = v.subject.container
	}
	if intent, ok := v.session.remoteOf(msg.Action, v.subject.resource, v.subject.record, container); ok {
		return intent
	}
	if msg.Action == actPrevious && v.specs[v.current].id != tabLogs {
		return showLogs{previous: true}
	}
	if msg.Action == actReveal && v.revealsElsewhere() {
		v.subject.reveal = true
		return v.show(max(0, v.index("overview")))
	}
	if t, ok := v.tabs[v.current].(targeting); ok && t.target() {
		return t.Update(msg)
	}
	if id, ok := tabOf(msg.Action); ok && v.index(id) >= 0 {
		return v.show(v.index(id))
	}
	if msg.Action == actCopyName {
		return ui.Copy{Text: v.subject.shownName(), What: "name"}
	}
	return v.tabs[v.current].Update(msg)
}

// hand does something with the subject, or with what the cursor of its tree stands on.
func (v *object) hand(action ui.Action) ui.Intent {
	if ref, ok := v.pointed(); ok && ref != v.subject.ref() {
		return v.session.handRef(action, ref)
	}
	if v.subject.record == nil || !v.subject.deleted.IsZero() {
		return ui.Say{Text: "the object is not there", Role: themes.Muted}
	}
	return v.session.hand(action, []effects.Target{v.session.target(v.subject.resource, v.subject.record)})
}

// owner opens what owns the subject, or the object under the cursor of its tree. The owner
// of a container is its pod.
func (v *object) owner() ui.Intent {
	if t, is := v.tabs[v.current].(*tree); is && t.target() {
		return v.subject.session.follow(t.current().Edge.Record, actOwner)
	}
	if v.subject.alone {
		return v.subject.session.openRef(v.subject.ref(), "")
	}
	return v.subject.session.follow(v.subject.record, actOwner)
}

// index is the place of a tab, or -1 for one that does not fit the kind.
func (v *object) index(id tabID) int {
	return slices.IndexFunc(v.specs, func(s tabSpec) bool { return s.id == id })
}

func (v *object) titles() []string {
	out := make([]string, len(v.specs))
	for i, s := range v.specs {
		out[i] = string(s.id)
	}
	return out
}

func (v *object) clicked(msg ui.Clicked) ui.Intent {
	if msg.Y > 0 {
		msg.Y -= 1 + v.noted
		return v.tabs[v.current].Update(msg)
	}
	if i := v.row.Clicked(msg); i >= 0 {
		return v.show(i)
	}
	return nil
}

// Draw implements ui.View.
func (v *object) Draw(f ui.Frame) string {
	if f.Still && v.tabs[v.current] != nil {
		return v.tabs[v.current].Draw(f)
	}
	parts := []string{v.row.Draw(f, v.titles(), v.current)}
	f.Height--
	v.noted = 0
	for _, line := range v.asOfNote(f) {
		if f.Height > 1 {
			parts = append(parts, ui.PaintLine(f, line.Truncate(f.Width), f.Width, 0))
			f.Height--
			v.noted++
		}
	}
	if v.tabs[v.current] != nil && f.Height > 0 {
		parts = append(parts, v.tabs[v.current].Draw(f))
	}
	return strings.Join(parts, "\n")
}

// Wake implements ui.View.
func (v *object) Wake(now time.Time) time.Time {
	if t := v.tabs[v.current]; t != nil {
		return t.Wake(now)
	}
	return time.Time{}
}

// Problem is why a view could not show what it is about, or nil.
func Problem(view ui.View) error {
	switch v := view.(type) {
	case *table:
		return v.problem()
	case *printedTop:
		return v.metrics.State().Err
	case *printedExplain:
		return v.problem()
	case *object:
		if err := v.subject.listing.State().Err; err != nil {
			return err
		}
		if v.subject.record == nil {
			return errors.New(v.subject.ref().String() + " does not exist")
		}
	}
	return nil
}

// awaited implements awaiting: the tab that is printed may be waiting.
func (v *object) awaited() bool {
	t, ok := v.tabs[v.current].(awaiting)
	return ok && t.awaited()
}

// awaiting is a view or a tab that is printed and waits for more than listings.
type awaiting interface{ awaited() bool }

// Awaited reports whether a view that is to be printed waits for an answer.
func Awaited(view ui.View) bool {
	v, ok := view.(awaiting)
	return ok && v.awaited()
}
