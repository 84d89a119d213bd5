package views

import (
	"slices"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const (
	actShell     ui.Action = "shell"
	actAttach    ui.Action = "attach"
	actForward   ui.Action = "forward"
	actCopyFiles ui.Action = "copy-files"
	actDebug     ui.Action = "debug"
)

// remoteAction is one thing that needs a stream to a container.
type remoteAction struct {
	action ui.Action
	key    string // "" for none: the menu has it
	name   string
	help   string
	fits   func(kube.Resource) bool
}

// effect is what the rules of the config call it.
func (a remoteAction) effect() string {
	if a.action == actCopyFiles {
		return "copy"
	}
	return string(a.action)
}

var remoteActions = []remoteAction{
	{actShell, "s", "shell", "shell in a container", runsContainers},
	{actAttach, "a", "attach", "attach to what runs in a container", runsContainers},
	{actForward, "F", "forward", "forward ports to this machine", isForwardable},
	{actCopyFiles, "", "copy files", "copy files or folders in or out", runsContainers},
	{actDebug, "", "debug", "a container with other tools, beside these or on the node", isDebuggable},
}

// rightsFor are rights of which any one is enough for what needs a stream to an object's pods; see the API
// server's subresources of pods.
func (s *Session) rightsFor(a remoteAction, t effects.Target) (rights []kube.Asked) {
	ask := func(verb, subresource string) {
		q := kube.Asked{Verb: verb, Resource: Pods(s.Cluster), Subresource: subresource, Namespace: t.Ref.Namespace}
		if isPods(t.Resource) && subresource != "" {
			q.Name = t.Ref.Name
		}
		if isNodes(t.Resource) {
			q.Namespace = s.debugNamespace()
		}
		rights = append(rights, q)
	}
	subresource := map[ui.Action]string{
		actShell: "exec", actCopyFiles: "exec", actAttach: "attach", actForward: "portforward",
	}[a.action]
	switch {
	case subresource != "":
		ask("get", subresource)
		ask(kube.VerbCreate, subresource)
	case isNodes(t.Resource):
		ask(kube.VerbCreate, "")
	default:
		ask(kube.VerbPatch, "ephemeralcontainers")
		ask(kube.VerbCreate, "")
	}
	return rights
}

// workloads are the kinds whose pods are found by their selector.
var workloads = []string{"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"}

// runsContainers reports whether a kind is pods, a container, or what selects pods.
func runsContainers(r kube.Resource) bool {
	return isPods(r) || r.GroupVersionResource == containersResource.GroupVersionResource ||
		slices.Contains(workloads, r.Kind) && slices.Contains([]string{"", "apps", "batch"}, r.Group) ||
		isScalable(r)
}

func isScalable(r kube.Resource) bool {
	return slices.ContainsFunc(r.Subresources, func(s kube.Subresource) bool { return s.Name == "scale" })
}

func isForwardable(r kube.Resource) bool {
	return runsContainers(r) || r.Group == "" && r.Kind == "Service"
}

func isDebuggable(r kube.Resource) bool { return runsContainers(r) || isNodes(r) }

func isPods(r kube.Resource) bool { return r.Group == "" && r.Resource == "pods" }

func isNodes(r kube.Resource) bool { return r.Group == "" && r.Resource == "nodes" }

// remoteKeys are the keys of what needs a stream, for a kind, without those that are taken. Of
// what can be scaled, the shell's key scales, as in k9s; the menu has the shell.
func (s *Session) remoteKeys(r kube.Resource, taken []ui.Key) []ui.Key {
	if s.Saved != "" || s.Printed {
		return nil
	}
	var out []ui.Key
	r = s.served(r)
	for _, a := range remoteActions {
		free := !slices.ContainsFunc(taken, func(k ui.Key) bool { return slices.Contains(k.Keys, a.key) })
		if a.key != "" && free && a.fits(r) && (a.action != actShell || !isScalable(r)) {
			out = append(out, ui.Key{Action: a.action, Keys: []string{a.key}, Help: a.name, Group: "Object"})
		}
	}
	return out
}

// remoteChoices are the things that need a stream and fit an object, for a menu. In a session
// that may not write, they say what is missing.
func remoteChoices(s *Session, r kube.Resource, ref kinds.Ref) []ui.Choice {
	if s.Saved != "" {
		return nil
	}
	subject := remote.Subject{Resource: r, Namespace: ref.Namespace, Name: ref.Name}
	var out []ui.Choice
	for _, a := range remoteActions {
		if !a.fits(r) {
			continue
		}
		begin := remoteBegin{s, a, subject}
		choice := ui.Choice{Name: a.name, Detail: a.help, Then: begin}
		if why := s.ruleFor(a.effect(), begin.targets()).Deny; why != "" {
			choice.Dim, choice.Detail = true, why
		}
		out = append(out, choice)
	}
	return out
}

// remoteOf begins what an action does with the object of a record; handled is false for an
// action that is none of these.
func (s *Session) remoteOf(action ui.Action, r kube.Resource, record *kinds.Record, container string) (
	intent ui.Intent, handled bool,
) {
	i := slices.IndexFunc(remoteActions, func(a remoteAction) bool { return a.action == action })
	if i < 0 {
		return nil, false
	}
	if record == nil {
		return ui.Say{Text: "nothing selected", Role: themes.Muted}, true
	}
	subject := remote.Subject{Resource: r, Namespace: record.Namespace, Name: record.Name, Container: container}
	if r.GroupVersionResource == containersResource.GroupVersionResource {
		subject.Resource = Pods(s.Cluster)
		subject.Name, subject.Container, _ = kinds.SplitContainer(record)
	}
	return remoteBegin{s, remoteActions[i], subject}.Intent(), true
}

// remoteBegin looks for the pod of a subject, and goes on from there.
type remoteBegin struct {
	session *Session
	does    remoteAction
	subject remote.Subject
}

// targets are the object that a person has named.
func (b remoteBegin) targets() []effects.Target {
	r := b.session.served(b.subject.Resource)
	ref := kinds.Ref{GroupKind: r.GroupKind(), Namespace: b.subject.Namespace, Name: b.subject.Name}
	return []effects.Target{{Cluster: b.session.Cluster, Resource: r, Ref: ref}}
}

// Intent implements ui.Lazy.
func (b remoteBegin) Intent() ui.Intent {
	s := b.session
	if s.Cluster.OnlyLooks() {
		return s.sayReadOnly(b.does.name)
	}
	if !s.Cluster.Writable() {
		return ui.Say{Text: b.does.name + " needs write mode (:write)", Role: themes.Degraded}
	}
	if denied := s.deniedByRule(b.does.effect(), b.targets()); denied != nil {
		return denied
	}
	if isNodes(b.subject.Resource) {
		return debugNode{s, b.subject.Name}
	}
	return ui.All{
		ui.Say{Text: b.does.name + ": looking for the pod ...", Role: themes.Muted},
		ui.Watch{Source: &remoteSearch{begin: b}},
	}
}

// copyWord is the palette's word for copying, which kubectl has.
const copyWord = "cp"

// remoteCommands are the same things for the object under the cursor of a view.
func (s *Session) remoteCommands(view ui.View) []ui.Choice {
	resource, ref, known := under(view)
	if !known {
		return nil
	}
	choices := remoteChoices(s, resource, ref)
	for i := range choices {
		c := &choices[i]
		if !c.Dim {
			c.Detail = "command: " + c.Detail + ", of " + ref.Name
		}
		if c.Then.(remoteBegin).does.action == actCopyFiles {
			c.Name, c.Also = copyWord, []string{"copy"}
		}
	}
	return choices
}

// under is the object that a view is about at this moment.
func under(view ui.View) (resource kube.Resource, ref kinds.Ref, known bool) {
	switch v := view.(type) {
	case *table:
		if r := v.list.current(); r != nil && !v.containers() && !v.held() {
			return v.resource, r.Ref(), true
		}
	case *object:
		if v.subject.record != nil {
			return v.subject.resource, v.subject.ref(), true
		}
	}
	return kube.Resource{}, kinds.Ref{}, false
}
