package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plugins"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// pluginAction begins the actions of plugins.
const pluginAction = "plugin-"

// pluginSubject is the object, or the container, that a plugin is run for.
type pluginSubject struct {
	resource  kube.Resource
	ref       kinds.Ref
	record    *kinds.Record // nil where no row is known
	container string
}

// pluginSubject is what the cursor of a view stands on.
func (s *Session) pluginSubject(view ui.View) (on pluginSubject, known bool) {
	switch v := view.(type) {
	case *table:
		r := v.list.current()
		if r == nil || v.held() {
			return on, false
		}
		on = pluginSubject{resource: s.served(v.resource), ref: r.Ref(), record: r}
		if v.containers() {
			on.resource, on.ref.GroupKind = Pods(s.Cluster), kinds.Pod.GroupKind()
			on.ref.Name, on.container, _ = kinds.SplitContainer(r)
		}
		return on, true
	case *object:
		if ref, ok := v.pointed(); ok && ref != v.subject.ref() {
			resource, served := s.Cluster.Resources().ByKind(ref.GroupKind)
			return pluginSubject{resource: resource, ref: ref, record: v.tabs[v.current].(*tree).current().Edge.Record}, served
		}
		if v.subject.record == nil || v.subject.resource.GroupKind() == kinds.HelmRelease.GroupKind() {
			return on, false
		}
		on = pluginSubject{resource: s.served(v.subject.resource), ref: v.subject.ref(), record: v.subject.record}
		if v.subject.alone {
			on.container = v.subject.container
		}
		return on, true
	}
	return on, false
}

// pluginsFor are the plugins that fit what they would be run for.
func (s *Session) pluginsFor(on pluginSubject) (out []plugins.Plugin) {
	if s.Hands == nil { // Nothing that was saved has a server to go to.
		return nil
	}
	for _, p := range s.Plugins {
		if on.container == "" && p.NeedsContainer() {
			continue
		}
		if len(p.Kinds) == 0 || slices.ContainsFunc(p.Kinds, func(name string) bool { return s.isNamed(on, name) }) {
			out = append(out, p)
		}
	}
	return out
}

// isNamed reports whether a name of a kind means what a plugin would be run for.
func (s *Session) isNamed(on pluginSubject, name string) bool {
	if on.container != "" {
		return strings.EqualFold(name, containersResource.Resource) || strings.EqualFold(name, containersResource.Singular)
	}
	return slices.ContainsFunc(s.Cluster.Resources().Find(name), func(r kube.Resource) bool {
		return r.GroupResource() == on.resource.GroupResource()
	})
}

// pluginKeys are the bindings of the plugins that fit what the cursor of a view stands on. Help has
// those without a key by their names.
func (s *Session) pluginKeys(view ui.View) (keys []ui.Key) {
	if len(s.Plugins) == 0 {
		return nil
	}
	on, known := s.pluginSubject(view)
	if !known {
		return nil
	}
	for _, p := range s.pluginsFor(on) {
		k := ui.Key{Action: ui.Action(pluginAction + p.Name), Help: p.Words(), Group: "Plugins"}
		if k.Show = ":" + p.Name; p.Key != "" {
			k.Keys, k.Show = []string{p.Key}, ""
		}
		keys = append(keys, k)
	}
	return keys
}

// plugin begins the plugin that an action names; nil for another action.
func (s *Session) plugin(view ui.View, action ui.Action) ui.Intent {
	name, is := strings.CutPrefix(string(action), pluginAction)
	if !is {
		return nil
	}
	on, _ := s.pluginSubject(view)
	for _, p := range s.pluginsFor(on) {
		if p.Name == name {
			return pluginBegin{s, p, on}.Intent()
		}
	}
	return nil
}

// pluginChoices are the palette's entries for the plugins that fit what the cursor stands on.
func (s *Session) pluginChoices(view ui.View) (out []ui.Choice) {
	on, known := s.pluginSubject(view)
	if !known || len(s.Plugins) == 0 {
		return nil
	}
	for _, p := range s.pluginsFor(on) {
		out = append(out, ui.Choice{
			Name: p.Name, Detail: "plugin: " + p.Words() + ", of " + on.ref.Name, Then: pluginBegin{s, p, on},
		})
	}
	return out
}

// pluginRows are the lines of a menu.
func (s *Session) pluginRows(t effects.Target) (out []row) {
	on := pluginSubject{resource: t.Resource, ref: t.Ref, record: t.Record}
	for _, p := range s.pluginsFor(on) {
		why := ""
		switch {
		case p.Reads:
		case !s.Cluster.Writable():
			why = "needs write mode"
		default:
			why = s.ruleFor("plugin", []effects.Target{t}).Deny
		}
		r := menuRow(p.Name, p.Words(), why, pluginBegin{s, p, on})
		r.id = pluginAction + p.Name // An effect may have that name.
		out = append(out, r)
	}
	return out
}

// pluginBegin prepares a plugin for an object, and asks where it may change something.
type pluginBegin struct {
	session *Session
	plugin  plugins.Plugin
	on      pluginSubject
}

// commandMax is the longest command that a question shows whole on a small screen.
const commandMax = 600

// Intent implements ui.Lazy.
func (b pluginBegin) Intent() ui.Intent {
	s, p := b.session, b.plugin
	if !p.Reads && !s.Cluster.Writable() {
		return s.sayReadOnly("plugin " + p.Name)
	}
	run, err := plugins.New(s.Cluster, s.Hands.Journal, p, s.pluginValues(b.on), b.on.journaled())
	if err != nil {
		return ui.Say{Text: "plugin " + p.Name + ": " + err.Error(), Role: themes.Degraded}
	}
	run.Runs = s.Runs
	var then ui.Intent = pluginOpen{s, run}
	if p.Terminal {
		then = pluginProgram{run}
	}
	if p.Reads {
		return then
	}
	if n := ui.Width(run.CommandLine()); n > commandMax {
		return ui.Say{
			Text: fmt.Sprintf("plugin %s: its command has %d characters; a question shows %d", p.Name, n, commandMax),
			Role: themes.Degraded,
		}
	}
	as := ""
	if user := run.User(); user != "" {
		as = " as " + user
	}
	question := ui.Confirm{
		Question: fmt.Sprintf("Run plugin %s for %s in context %s, cluster %s%s? It may change anything that you may. "+
			"Command: %s", p.Name, b.on.ref, s.Cluster.Name(), s.Cluster.Server(), as, run.CommandLine()),
		Then: then,
	}
	target := effects.Target{Cluster: s.Cluster, Resource: b.on.resource, Ref: b.on.ref}
	words := "run plugin " + p.Name + " for " + b.on.ref.String()
	return s.beginRuled("plugin", words, []effects.Target{target}, func(reason string) ui.Intent {
		run.Reason = reason
		return question
	})
}

// pluginValues are what the variables of a command stand for.
func (s *Session) pluginValues(on pluginSubject) plugins.Values {
	v := plugins.Values{
		Name: on.ref.Name, Namespace: on.ref.Namespace, Kind: on.ref.Kind, Resource: on.resource.Resource,
		Group: on.resource.Group, Version: on.resource.Version, Container: on.container,
	}
	if on.record != nil {
		v.Column = func(name string) (string, bool) {
			cell, known := s.cellOf(on, name)
			return cell.Format(s.Now(), kinds.CoarseAge), known
		}
	}
	return v
}

// cellOf is the cell of a column by its name, of the user's own columns too.
func (s *Session) cellOf(on pluginSubject, name string) (cell kinds.Cell, known bool) {
	if rule := s.columnRule(on.resource, []string{on.ref.Namespace}); rule != nil && on.container == "" {
		for _, c := range rule.Columns {
			if c.Own == nil || !strings.EqualFold(c.Name, name) {
				continue
			}
			cells, err := s.Cluster.Cells(on.record, []*kinds.CustomColumn{c.Own})
			if err != nil || len(cells) == 0 {
				return cell, false
			}
			return cells[0], true
		}
	}
	if i := on.record.Kind.Column(name); i >= 0 && i < len(on.record.Cells) {
		return on.record.Cells[i], true
	}
	return cell, false
}

// journaled is the object as the journal names it.
func (on pluginSubject) journaled() journal.Object {
	out := journal.Object{
		Group: on.resource.Group, Version: on.resource.Version, Resource: on.resource.Resource, Kind: on.ref.Kind,
		Namespace: on.ref.Namespace, Name: on.ref.Name,
	}
	if on.record != nil && on.container == "" {
		out.UID = string(on.record.GetUID())
	}
	return out
}
