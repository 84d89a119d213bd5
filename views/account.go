package views

import (
	"cmp"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "whoami", help: "who you are here, and what you may do", also: rightsWords[1:],
		open: func(s *Session) rootView { return newAccountView(s, account{}) },
	})
}

// rightsWords stand before whose rights are asked for; alone they are ours.
var rightsWords = []string{"whoami", "rights", "can-i", "rbac"}

// rightsOf are the accounts that a name may mean: "web", "sa/web", "shop/web", "user/jane".
func (s *Session) rightsOf(name string) []ui.Choice {
	var out []ui.Choice
	kind, rest, named := strings.Cut(name, "/")
	if r, ok := s.Cluster.Resources().ByKind(kinds.ServiceAccount.GroupKind()); ok {
		space, short := cmp.Or(s.Namespace, s.Cluster.Namespace()), name
		if named {
			short = rest
		}
		if named && kind != "sa" && kind != r.Singular && kind != r.Resource {
			space = kind
		}
		if nameable(r, short) && kind != "user" && kind != "group" {
			out = append(out, ui.Choice{
				Name: r.Singular + " " + short, Detail: "what it may do, in " + space, Then: goToObject{s, r, space, short, ""},
			})
		}
	}
	for _, k := range []string{"User", "Group"} {
		word, short := strings.ToLower(k), name
		if kind == word {
			short = rest
		}
		if kind == word || !named {
			out = append(out, ui.Choice{
				Name: word + " " + short, Detail: "what it may do", Then: openAccount{s, account{k, "", short}},
			})
		}
	}
	return out
}

// openAccount opens the rights of a user or of a group: those are not objects of the API.
type openAccount struct {
	session *Session
	of      account
}

// Intent implements ui.Lazy.
func (o openAccount) Intent() ui.Intent { return ui.Open{View: newAccountView(o.session, o.of)} }

// accountView is what a user or a group may do, as far as bindings say; or, without a name,
// what we may do, as the API server says.
type accountView struct {
	screen
	of     account
	rights *rights             // nil for us
	asked  *kube.IdentityWatch // nil for others
	space  string              // the namespace that is asked about
	who    *kube.Identified    // nil before the answer
	walk   walk
}

func newAccountView(s *Session, of account) *accountView {
	v := &accountView{of: of}
	if of.name != "" {
		v.rights = newRights(s, of)
	}
	v.screen = newScreen(s, v)
	return v
}

// ask asks what we may do in a namespace.
func (v *accountView) ask(namespace string) ui.Intent {
	v.space, v.who, v.asked = namespace, nil, v.session.Cluster.WatchIdentity(namespace)
	return ui.Watch{Source: v.asked}
}

// place implements page.
func (v *accountView) place() []string {
	if v.rights == nil {
		return []string{"whoami"}
	}
	return []string{"rights of " + strings.ToLower(v.of.kind) + " " + v.of.name}
}

// state implements page.
func (v *accountView) state() kube.State { return kube.State{} }

// empty implements page: what cannot be seen is named.
func (v *accountView) empty() bool { return false }

// keys implements page.
func (v *accountView) keys() []ui.Key {
	keys := walkKeys()
	if v.rights == nil {
		keys = append(keys, ui.Key{
			Action: actRights, Keys: []string{"n"}, Help: "your rights in a namespace", Group: "Cluster", Footer: true,
		})
	}
	return keys
}

// update implements page.
func (v *accountView) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown:
		switch {
		case v.rights != nil:
			return v.rights.follow()
		case v.session.isSaved() || v.asked != nil:
			return nil
		}
		return v.ask(cmp.Or(v.session.Namespace, v.session.Cluster.Namespace()))
	case kube.ListingChanged:
		if v.rights != nil {
			return v.rights.update(msg)
		}
	case kube.Identified:
		if msg.From == v.asked {
			v.who = &msg
		}
	case ui.Entered:
		namespace := strings.TrimSpace(msg.Text)
		if len(validation.IsDNS1123Label(namespace)) > 0 {
			return ui.Say{Text: "not the name of a namespace: " + kinds.Clean(namespace), Role: themes.Degraded}
		}
		// Of one that does not exist the API server answers all the same.
		if all := v.session.namespaces(); all.State().Phase == kube.Live && all.Get("", namespace) == nil {
			return ui.Say{Text: "there is no namespace " + namespace, Role: themes.Degraded}
		}
		return v.ask(namespace)
	case ui.Do:
		if msg.Action == actRights {
			return ui.Prompt{Name: rightsPrompt, Label: "your rights in namespace: "}
		}
	}
	intent := v.walk.update(msg)
	if to, ok := intent.(goTo); ok {
		return v.session.openRef(to.ref, "")
	}
	return intent
}

// Draw implements ui.View.
func (v *accountView) Draw(f ui.Frame) string {
	in := inside(f)
	title := func(text string) []entry { return []entry{{line: ui.Line{{Text: text, Role: themes.Heading}}}} }
	say := func(text string, role themes.Role) []entry {
		var out []entry
		for _, line := range note(text, role, in.Width-2) {
			out = append(out, entry{line: line})
		}
		return out
	}
	switch {
	case v.rights != nil:
		return v.walk.draw(f, append(title(strings.ToLower(v.of.kind)+" "+v.of.name), v.rights.section(in.Width)...))
	case v.session.isSaved():
		return v.walk.draw(f, say("nobody has rights in a file", themes.Muted))
	case v.who == nil:
		return v.walk.draw(f, say("asking ...", themes.Muted))
	}
	who := v.who.Identity
	out := title(who.User)
	if who.Err != nil {
		out = say("who you are, the API server does not say: "+short(who.Err.Error()), themes.Degraded)
	} else if len(who.Groups) > 0 {
		out = append(out, say("groups "+strings.Join(who.Groups, ", "), themes.Text)...)
	}
	if who.By != "" {
		out = append(out, say("signed in by "+who.By, themes.Muted)...)
	}
	may := v.who.Rights
	lines := rightsLines(&may)
	if may.Err != nil {
		lines = "the API server does not say: " + short(may.Err.Error())
	}
	out = append(append(out, entry{}), title(strings.ToUpper("may do in "+may.Namespace))...)
	for line := range strings.Lines(lines) {
		out = append(out, say(strings.TrimSpace(line), themes.Text)...)
	}
	if !v.session.Cluster.Writable() {
		out = append(append(out, entry{}), say("fathom is read-only all the same", themes.Muted)...)
	}
	return v.walk.draw(f, out)
}

// Wake implements ui.View.
func (v *accountView) Wake(time.Time) time.Time { return time.Time{} }
