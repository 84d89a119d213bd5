package views

import (
	"context"
	"io"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// asWord looks at the context as somebody else, or no longer with "off".
const asWord = "as"

// asChoices are the palette's entries for looking as somebody else.
func (s *Session) asChoices() []ui.Choice {
	if s.ActAs == nil {
		return nil
	}
	out := []ui.Choice{{
		Name: asWord, Detail: "command: view as another user: as USER, as USER,GROUP", Also: []string{"impersonate"},
		Then: ui.Say{Text: "write as USER or as USER,GROUP,GROUP; as off ends it", Role: themes.Muted},
	}}
	if s.Cluster.OnlyLooks() {
		off := s.asOff()
		off.Detail = "command: " + off.Detail
		return append([]ui.Choice{off}, out...)
	}
	return out
}

func (s *Session) asOff() ui.Choice {
	return ui.Choice{Name: asWord + " off", Detail: "no longer look as " + s.Cluster.ActsAs(), Then: s.actAs(nil)}
}

// modeNamed is what "write off" or "as alice" means while it is typed.
func (s *Session) modeNamed(word, rest string) []ui.Choice {
	switch {
	case strings.EqualFold(word, writeWord):
		return s.writeNamed(rest)
	case rest == "":
		return s.asChoices()
	}
	return s.asNamed(rest)
}

// asNamed is what "as alice,group" means while it is typed.
func (s *Session) asNamed(rest string) []ui.Choice {
	as, err := kube.ParseImpersonated(rest)
	switch {
	case s.ActAs == nil:
		return nil
	case strings.EqualFold(rest, "off") && s.Cluster.OnlyLooks():
		return []ui.Choice{s.asOff()}
	case strings.EqualFold(rest, "off"):
		return []ui.Choice{{
			Name: asWord + " off", Detail: "you are yourself", Dim: true,
			Then: ui.Say{Text: "you are yourself already", Role: themes.Muted},
		}}
	case err != nil:
		return []ui.Choice{{Name: asWord, Detail: err.Error(), Dim: true}}
	}
	return []ui.Choice{{
		Name: asWord + " " + as.String(), Detail: "view " + s.Cluster.Name() + " as them, read-only", Then: s.actAs(as),
	}}
}

func (s *Session) actAs(as *kube.Impersonated) ui.Intent {
	return ui.Watch{Source: &actor{session: s, as: as}}
}

// actor opens the context of a session as somebody else, once.
type actor struct {
	session *Session
	as      *kube.Impersonated
	done    bool
}

// acting is what an actor found.
type acting struct {
	of      *actor
	session *Session
	err     error
}

// Next implements ui.Source.
func (a *actor) Next(ctx context.Context) (ui.Msg, error) {
	if a.done {
		return nil, io.EOF
	}
	a.done = true
	session, err := a.session.ActAs(ctx, a.session.Cluster, a.as)
	return acting{a, session, err}, nil
}

// Intent implements ui.Lazy: it goes to the same table as it is for them, or says why not.
func (a acting) Intent() ui.Intent {
	if a.err != nil {
		return ui.Say{Text: "as: " + a.err.Error(), Role: themes.Failing}
	}
	from, to := a.of.session, a.session
	if stays := from.leave(to.Cluster); stays != nil {
		return stays
	}
	to.GoToSpaces(from.Spaces())
	resource := Pods(to.Cluster)
	if len(from.visited) > 0 {
		if found := from.Cluster.Resources().Find(from.visited[0]); len(found) > 0 {
			resource = found[0]
		}
	}
	said := ui.Say{Text: "viewing as yourself again", Role: themes.OK}
	if who := to.Cluster.ActsAs(); who != "" {
		said = ui.Say{Text: "viewing as " + who, Role: themes.Degraded}
		if a.of.as != nil {
			said.Text += ", read-only; :as off ends it"
		}
	}
	return ui.All{ui.Reset{View: Objects(to, resource)}, said}
}
