package views

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// remoteSearch is a source that finds the pod of a subject, once.
type remoteSearch struct {
	begin remoteBegin
	done  bool
}

// Next implements ui.Source.
func (r *remoteSearch) Next(ctx context.Context) (ui.Msg, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	place, err := remote.Resolve(ctx, r.begin.session.Cluster, r.begin.subject)
	return remotePlace{r.begin, place, err}, nil
}

// remotePlace is what was found.
type remotePlace struct {
	remoteBegin
	place *remote.Place
	err   error
}

// Intent implements ui.Lazy: it goes on where the rules for the pod allow that, and for what it was
// found by.
func (p remotePlace) Intent() ui.Intent {
	if p.err != nil {
		return ui.Say{Text: p.does.name + ": " + p.err.Error(), Role: themes.Failing}
	}
	targets := append(p.targets(), p.session.podTarget(p.place))
	words := p.does.name + " of " + p.place.Where()
	return ui.All{ui.Say{}, p.session.beginRuled(p.does.effect(), words, targets, func(reason string) ui.Intent {
		return allowedPlace{p, reason}
	})}
}

// podTarget is the pod of a place.
func (s *Session) podTarget(place *remote.Place) effects.Target {
	r := Pods(s.Cluster)
	ref := kinds.Ref{GroupKind: r.GroupKind(), Namespace: place.Pod.Namespace, Name: place.Pod.Name}
	return effects.Target{Cluster: s.Cluster, Resource: r, Ref: ref, UID: place.Pod.UID}
}

// allowedPlace is what was found, once the rules allow to go on.
type allowedPlace struct {
	remotePlace
	reason string // for the journal; "" where no rule wants one
}

// Intent implements ui.Lazy: it goes on with a container, or asks which.
func (p allowedPlace) Intent() ui.Intent {
	s := p.session
	if p.does.action == actForward {
		return ui.All{ui.Say{}, s.askPorts(p.subject, p.place, p.reason)}
	}
	candidates := p.place.Running()
	if name := p.subject.Container; name != "" {
		c, known := p.place.Container(name)
		if known && p.does.action != actDebug && !c.Running {
			text := fmt.Sprintf("%s: container %s of %s does not run", p.does.name, name, p.place.Where())
			return ui.Say{Text: text, Role: themes.Degraded}
		}
		if known {
			candidates = []remote.Container{c}
		}
	}
	switch {
	case p.does.action == actDebug:
		target := ""
		if len(candidates) > 0 {
			target = candidates[0].Name
		}
		return ui.All{ui.Say{}, s.debugChoices(p.place, target, p.reason)}
	case len(candidates) == 0:
		return ui.Say{Text: p.does.name + ": no container of " + p.place.Where() + " runs", Role: themes.Degraded}
	case len(candidates) == 1:
		return ui.All{ui.Say{}, p.in(candidates[0])}
	}
	var choices []ui.Choice
	for _, c := range candidates {
		choices = append(choices, ui.Choice{Name: c.Name, Detail: c.Role, Then: p.in(c)})
	}
	return ui.All{ui.Say{}, ui.Choose{Title: p.does.name + " in " + p.place.Where(), Choices: choices}}
}

// in does it in one of the containers.
func (p allowedPlace) in(c remote.Container) ui.Intent {
	s, pod := p.session, p.session.podTarget(p.place)
	begins := func(program *remote.Session) ui.Intent {
		return s.begun(p.does.effect(), program.String(), p.reason, pod, func(begun *effects.Begun) ui.Intent {
			program.Ended = endOf(begun)
			return &remoteProgram{program, s}
		})
	}
	switch p.does.action {
	case actShell:
		return begins(remote.NewShell(s.Cluster, p.place, c))
	case actAttach:
		return begins(remote.NewAttach(s.Cluster, p.place, c))
	}
	return askLater{s, "copy from to (:/path is in " + c.Name + "): ", ":/ .", func(text string) ui.Intent {
		subject := remote.Subject{
			Resource: Pods(s.Cluster), Namespace: p.place.Pod.Namespace, Name: p.place.Pod.Name, Container: c.Name,
		}
		files, err := remote.NewCopy(s.Cluster, subject, c, text)
		if err != nil {
			return ui.Say{Text: "copy: " + err.Error(), Role: themes.Failing}
		}
		return s.begun(p.does.effect(), "copy "+text+" of "+p.place.Where(), p.reason, pod,
			func(begun *effects.Begun) ui.Intent {
				files.Ended = endOf(begun)
				return ui.Open{View: newCopying(s, files)}
			})
	}}
}

// remoteProgram is a session on the terminal, and what comes after it.
type remoteProgram struct {
	*remote.Session
	session *Session
}

// endOf writes into the journal how a stream ended. A command that failed was a session all the same; how far
// it came where the connection was lost, nobody knows.
func endOf(begun *effects.Begun) func(error) error {
	return func(err error) error {
		if _, exited := errors.AsType[*remote.ExitError](err); exited {
			return errors.Join(err, begun.End(nil, false))
		}
		return begun.End(err, errors.Is(err, remote.ErrLost))
	}
}

// After says how the session ended, and what there is to do where it could not begin.
func (p *remoteProgram) After(err error) ui.Intent {
	exit, exited := errors.AsType[*remote.ExitError](err)
	switch {
	case err == nil && p.Attaches():
		return ui.Say{Text: p.String() + ": left", Role: themes.OK}
	case err == nil:
		return ui.Say{Text: p.String() + ": exit code 0", Role: themes.OK}
	case exited && !errors.Is(err, remote.ErrLeft):
		return ui.Say{Text: p.String() + ": " + exit.Error(), Role: themes.Degraded}
	}
	p.session.Messages.Add("error", p.String()+": "+err.Error())
	if errors.Is(err, remote.ErrNoShell) {
		return ui.Say{Text: "no shell in " + p.Container.Name + "; debug in the menu adds a container that has one",
			Role: themes.Degraded}
	}
	if errors.Is(err, remote.ErrLeft) { // That one is to be removed is more than how it ended.
		return ui.Say{Text: kinds.Clean(err.Error()), Role: themes.Failing}
	}
	// A line has little room: where it was is known.
	return ui.Say{Text: p.Word() + ": " + err.Error(), Role: themes.Failing}
}

// debugImage is offered where nobody said which.
const debugImage = "busybox"

// debugging is a way to debug something: a program on the terminal, and what it makes before.
type debugging struct {
	session *Session
	target  effects.Target
	makes   string // with %s for the image
	reason  string // for the journal; "" where no rule wants one
	program func(image string) *remote.Session
}

// Intent implements ui.Lazy: it asks for the image, and then whether it shall be made.
func (d debugging) Intent() ui.Intent {
	return askLater{d.session, "debug with image: ", debugImage, func(text string) ui.Intent {
		image := strings.TrimSpace(text)
		if image == "" {
			return nil
		}
		words := kinds.Clean(fmt.Sprintf(d.makes, image))
		begin := func(begun *effects.Begun) ui.Intent {
			program := d.program(image)
			program.Ended = endOf(begun)
			return &remoteProgram{program, d.session}
		}
		return ui.Confirm{
			Question: words + "?", Then: d.session.begun(string(actDebug), words, d.reason, d.target, begin),
		}
	}}.Intent()
}

// debugChoices are the ways to debug a pod.
func (s *Session) debugChoices(place *remote.Place, target, reason string) ui.Choose {
	var choices []ui.Choice
	add := func(name, detail, makes string, program func(image string) *remote.Session) {
		choices = append(choices, ui.Choice{
			Name: name, Detail: detail, Then: debugging{s, s.podTarget(place), makes, reason, program},
		})
	}
	for _, p := range remote.Profiles {
		makes := "add a container with %s to " + place.Where() + ", which stays there until the pod is gone"
		add(p.Name, p.Help, makes, func(image string) *remote.Session {
			return remote.NewDebugContainer(s.Cluster, place, remote.Debug{Image: image, Target: target, Profile: p})
		})
	}
	title := "debug " + place.Where()
	if target != "" {
		title += ", beside " + target
	}
	makes := "make a copy of " + place.Where() + " with %s, and remove it at the end"
	add("copy", "in a copy of the pod; removed at the end", makes, func(image string) *remote.Session {
		return remote.NewDebugCopy(s.Cluster, place, remote.Debug{Image: image, Profile: remote.ProfileNamed("general")})
	})
	if name := kinds.Clean(place.Pod.Spec.NodeName); name != "" {
		choices = append(choices, ui.Choice{
			Name: "node", Detail: "a pod on " + name + "; removed at the end", Then: debugNode{s, place.Pod.Spec.NodeName},
		})
	}
	return ui.Choose{Title: title, Choices: choices}
}

func (s *Session) debugNodeChoices(node, reason string) ui.Choose {
	var choices []ui.Choice
	for _, p := range remote.Profiles {
		choices = append(choices, ui.Choice{Name: p.Name, Detail: p.Help, Then: debugging{
			session: s, target: s.nodeTarget(node), reason: reason,
			makes: "make a pod with %s on node " + node + ", and remove it at the end",
			program: func(image string) *remote.Session {
				return remote.NewDebugNode(s.Cluster, node, s.debugNamespace(), remote.Debug{Image: image, Profile: p})
			},
		}})
	}
	return ui.Choose{Title: "debug node " + kinds.Clean(node), Choices: choices}
}

// debugNode asks how to debug a node.
type debugNode struct {
	session *Session
	name    string
}

// Intent implements ui.Lazy.
func (d debugNode) Intent() ui.Intent {
	s, target := d.session, d.session.nodeTarget(d.name)
	// The pod is made where rules may hold for pods.
	pods := effects.Target{Cluster: s.Cluster, Resource: Pods(s.Cluster), Ref: kinds.Ref{
		GroupKind: kinds.Pod.GroupKind(), Namespace: s.debugNamespace(),
	}}
	return s.beginRuled(string(actDebug), "debug "+target.Ref.String(), []effects.Target{pods, target},
		func(reason string) ui.Intent { return s.debugNodeChoices(d.name, reason) })
}

func (s *Session) nodeTarget(name string) effects.Target {
	r, ok := s.Cluster.Resources().ByKind(kinds.Node.GroupKind())
	if !ok { // Whoever sees pods only: the node is named by its pod.
		r = kube.Resource{GroupVersionResource: kinds.Node.GVR(), Kind: kinds.Node.Kind, Singular: "node"}
	}
	return effects.Target{Cluster: s.Cluster, Resource: r, Ref: kinds.Ref{GroupKind: kinds.Node.GroupKind(), Name: name}}
}

// debugNamespace is where a pod goes that is on a node for a while.
func (s *Session) debugNamespace() string {
	if s.Namespace != "" {
		return s.Namespace
	}
	return s.Cluster.Namespace()
}

// remotePrompt names the prompts of this file.
const remotePrompt = "remote"

// askLater asks for a line, whatever view is on top.
type askLater struct {
	session     *Session
	label, text string
	then        func(text string) ui.Intent
}

// Intent implements ui.Lazy.
func (a askLater) Intent() ui.Intent {
	a.session.asked = a.then
	return ui.Prompt{Name: remotePrompt, Label: a.label, Text: a.text}
}

// answered takes what was typed into one of these prompts; handled is false for another.
func (s *Session) answered(msg ui.Msg) (intent ui.Intent, handled bool) {
	switch msg := msg.(type) {
	case ui.Typed:
		return nil, msg.Prompt == remotePrompt
	case ui.Cancelled:
		return nil, msg.Prompt == remotePrompt
	case ui.Entered:
		if msg.Prompt != remotePrompt {
			return nil, false
		}
		then := s.asked
		s.asked = nil
		if then == nil {
			return nil, true
		}
		return then(msg.Text), true
	}
	return nil, false
}
