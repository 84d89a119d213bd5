package views

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// Place is a table that was given a name: a kind, where, and which rows in what order.
type Place struct {
	Name     string `json:"name"`
	Resource string `json:"resource"` // "deployments.apps"
	Spaces   string `json:"namespace,omitempty"`
	Filter   string `json:"filter,omitempty"`
	Wrong    bool   `json:"problems,omitempty"` // only problems are shown
	Order    order  `json:"sort"`
}

// Text is the place as the palette takes it.
func (p Place) Text() string {
	kind, _, _ := strings.Cut(p.Resource, ".")
	words := []string{kind}
	if p.Spaces != "" {
		words = append(words, "-n", p.Spaces)
	}
	if p.Wrong {
		words = append(words, "problems only")
	}
	if p.Filter != "" {
		words = append(words, "/"+p.Filter)
	}
	if p.Order.Column != "" {
		words = append(words, "by", p.Order.Column)
	}
	return strings.Join(words, " ")
}

const (
	saveWord   = "save"
	forgetWord = "forget"
	placeName  = 40 // characters at most
)

// saveChoice says how a place is saved.
func saveChoice() ui.Choice {
	return ui.Choice{
		Name: saveWord, Detail: "command: give this table a name: save NAME; forget NAME", Also: []string{forgetWord},
		Then: ui.Say{Text: ": save NAME keeps kind, namespace, filter and sort of a table", Role: themes.Muted},
	}
}

// saveChoices save the table on the screen under a name.
func (s *Session) saveChoices(view ui.View, name string) []ui.Choice {
	name = strings.TrimSpace(name)
	t, is := view.(*table)
	problem := ""
	switch {
	case !is || t.containers():
		problem = "only a table of a kind can be saved"
	case s.KeepPlaces == nil:
		problem = "nothing is kept here"
	case len([]rune(name)) > placeName:
		problem = fmt.Sprintf("a name has %d characters at most", placeName)
	}
	if problem != "" {
		return []ui.Choice{{Name: saveWord + " " + name, Detail: problem, Dim: true, Weak: true}}
	}
	p := t.shown()
	p.Name = name
	detail := "command: save " + p.Text()
	if slices.ContainsFunc(s.Places, p.sameName) {
		detail = "command: save again: " + p.Text()
	}
	change := func(all []Place) []Place { return append(slices.DeleteFunc(all, p.sameName), p) }
	return []ui.Choice{{
		Name: saveWord + " " + name, Detail: detail, Then: s.keep(change, "saved as "+name+"; : and its name lead here"),
	}}
}

func (p Place) sameName(o Place) bool { return strings.EqualFold(p.Name, o.Name) }

// forgetChoices remove the names of places.
func (s *Session) forgetChoices() (out []ui.Choice) {
	for _, p := range s.Places {
		change := func(all []Place) []Place { return slices.DeleteFunc(all, p.sameName) }
		out = append(out, ui.Choice{
			Name: p.Name, Detail: "command: forget this name of " + p.Text(), Then: s.keep(change, "forgot "+p.Name),
		})
	}
	return out
}

// placeChoices lead to the places that have a name.
func (s *Session) placeChoices() (out []ui.Choice) {
	for _, p := range s.Places {
		found := s.Cluster.Resources().Find(p.Resource)
		c := ui.Choice{Name: p.Name, Detail: "place: " + p.Text()}
		if len(found) == 0 {
			c.Dim, c.Detail = true, "place: this cluster has no "+p.Resource
		} else {
			c.Then = goToPlace{s, found[0], p}
		}
		out = append(out, c)
	}
	return out
}

// placesNamed are the places whose names begin with several words.
func (s *Session) placesNamed(words string) (out []ui.Choice) {
	words = strings.ToLower(strings.TrimSpace(words))
	for _, c := range s.placeChoices() {
		if strings.Contains(words, " ") && strings.HasPrefix(strings.ToLower(c.Name), words) {
			out = append(out, c)
		}
	}
	return out
}

// goToPlace opens the table of a place.
type goToPlace struct {
	session  *Session
	resource kube.Resource
	place    Place
}

// Intent implements ui.Lazy.
func (g goToPlace) Intent() ui.Intent { return ui.Open{View: g.view()} }

func (g goToPlace) view() ui.View {
	there := goToKind{session: g.session, resource: g.resource, namespace: g.place.Spaces, order: g.place.Order}
	view := there.view()
	if t, ok := view.(*table); ok {
		t.list.show(g.place.Filter, g.place.Wrong)
	}
	return view
}

// shown is the table as a place without a name.
func (v *table) shown() Place {
	p := Place{Resource: qualified(v.resource), Spaces: v.namespace, Order: v.list.sorting()}
	if v.several != nil {
		p.Spaces = strings.Join(v.several, ",")
	}
	p.Filter, p.Wrong = v.list.rows.Filter()
	return p
}

// keep changes the places that are kept, off the loop.
func (s *Session) keep(change func([]Place) []Place, said string) ui.Intent {
	return ui.Watch{Source: &keeper{session: s, change: change, said: said}}
}

// keeper changes the places that are kept, once.
type keeper struct {
	session *Session
	change  func([]Place) []Place
	said    string
	done    bool
}

// kept is what a keeper did.
type kept struct {
	session *Session
	places  []Place
	said    string
	err     error
}

// Next implements ui.Source.
func (k *keeper) Next(context.Context) (ui.Msg, error) {
	if k.done {
		return nil, io.EOF
	}
	k.done = true
	places, err := k.session.KeepPlaces(k.session.Cluster.Name(), k.change)
	return kept{k.session, places, k.said, err}, nil
}

// Intent implements ui.Lazy.
func (k kept) Intent() ui.Intent {
	if k.err != nil {
		return ui.Say{Text: "not kept: " + k.err.Error(), Role: themes.Failing}
	}
	k.session.Places = k.places
	return ui.Say{Text: k.said, Role: themes.Muted}
}

var (
	_ ui.Lazy = goToPlace{}
	_ ui.Lazy = goToText{}
	_ ui.Lazy = kept{}
)
