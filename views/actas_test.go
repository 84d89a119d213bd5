package views

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/ui"
)

// sessionAs is a session that looks at a server as somebody else.
func sessionAs(t *testing.T, server *kubetest.Server, user string) *Session {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	address, cache := server.Listen(t).URL, t.TempDir()
	flags := genericclioptions.NewConfigFlags(false)
	flags.APIServer, flags.CacheDir = &address, &cache
	messages := kube.NewMessages()
	cluster, err := kube.Open(kube.Options{Flags: flags, As: &kube.Impersonated{User: user}, Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	actAs := func(context.Context, *kube.Cluster, *kube.Impersonated) (*Session, error) { return nil, nil }
	return &Session{Cluster: cluster, Now: server.Clock().Now, Messages: messages, Hands: hands(), ActAs: actAs}
}

// TestAsScreens draws tables of somebody else, whose name may be long.
func TestAsScreens(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	for name, user := range map[string]string{
		"user": "alice", "service account": "system:serviceaccount:a-rather-long-namespace:default",
	} {
		s := sessionAs(t, server, user)
		s.Namespace = "shop"
		p := look(t, Objects(s, Pods(s.Cluster)))
		p.until(200, 40, "db-0", "● live", "v1.36.3")
		menu := look(t, newMenu(s, mustTargets(t, p)))
		menu.until(200, 24, "you are viewing as", "v1.36.3")
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, address.ReplaceAllString(p.draw(size[0], size[1]), "127.0.0.1:PORT"))
			})
		}
		t.Run(name+" menu 80x24", func(t *testing.T) {
			golden.RequireEqual(t, address.ReplaceAllString(menu.draw(80, 24), "127.0.0.1:PORT"))
		})
	}
}

func mustTargets(t *testing.T, p *person) []effects.Target {
	t.Helper()
	targets, _ := p.view.(*table).targets()
	if len(targets) == 0 {
		t.Fatal("no targets")
	}
	return targets
}

// TestAsChoices types what there is to type after "as".
func TestAsChoices(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	own, other := writableSession(t, server), sessionAs(t, server, "alice")
	own.ActAs = other.ActAs
	view := Objects(own, Pods(own.Cluster))
	for _, c := range []struct {
		session *Session
		query   string
		want    []string
	}{
		{own, "as alice", []string{"as alice"}}, {own, "AS  alice", []string{"as alice"}},
		{own, "as alice,ops, dev", []string{"as alice in ops, dev"}},
		{own, "as system:serviceaccount:shop:default", []string{"as system:serviceaccount:shop:default"}},
		{own, "as a/b", []string{"as a/b"}},
		{own, "as ,ops", []string{"as"}}, {own, "as off", []string{"as off"}},
		{other, "as off", []string{"as off"}}, {other, "as OFF", []string{"as off"}}, {other, "as bob", []string{"as bob"}},
		{own, "as ", []string{"as"}}, {other, "as ", []string{"as off", "as"}},
	} {
		var names []string
		view.(*table).session = c.session
		for _, choice := range Choices(view, c.query) {
			names = append(names, choice.Name)
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%q: %q, want %q", c.query, names, c.want)
		}
	}
	if choices := (&Session{Cluster: own.Cluster}).modeNamed("as", "alice"); choices != nil {
		t.Errorf("of what was saved: %+v", choices)
	}
	if said, ok := own.asNamed("off")[0].Then.(ui.Say); !ok || said.Text != "you are yourself already" {
		t.Errorf("off without as: %+v", said)
	}
	if choices := own.asChoices(); len(choices) != 1 || choices[0].Name != "as" {
		t.Errorf("as oneself: %+v", choices)
	}
	if off := other.asChoices()[0]; off.Name != "as off" || off.Detail != "command: no longer look as alice" {
		t.Errorf("as alice: %+v", off)
	}
}

// TestActingAs goes to the table that one looked at, as somebody else and back.
func TestActingAs(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	own, other := writableSession(t, server), sessionAs(t, server, "alice")
	own.GoToSpaces("shop,kube-system")
	look(t, Objects(own, deployments)).until(100, 30, "checkout")
	own.ActAs = func(_ context.Context, from *kube.Cluster, as *kube.Impersonated) (*Session, error) {
		if from != own.Cluster || as.User != "alice" {
			return nil, errors.New("you may not act as " + as.String())
		}
		return other, nil
	}
	next := func(intent ui.Intent) (ui.Reset, ui.Say) {
		t.Helper()
		watch, ok := find[ui.Watch](intent)
		if !ok {
			t.Fatalf("nothing is opened: %+v", intent)
		}
		msg, err := watch.Source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		reset, _ := find[ui.Reset](msg.(ui.Lazy).Intent())
		said, _ := find[ui.Say](msg.(ui.Lazy).Intent())
		return reset, said
	}
	reset, said := next(own.asNamed("bob")[0].Then)
	if reset.View != nil || said.Text != "as: you may not act as bob" || !own.Cluster.Writable() {
		t.Errorf("refused: %+v, %+v, write mode %v", reset, said, own.Cluster.Writable())
	}
	reset, said = next(own.asNamed("alice")[0].Then)
	there, ok := reset.View.(*table)
	if !ok || there.resource.Resource != "deployments" || there.session.Spaces() != "shop,kube-system" {
		t.Errorf("it goes to %+v", reset.View)
	}
	if said.Text != "viewing as alice, read-only; :as off ends it" || own.Cluster.Writable() {
		t.Errorf("it says %q, write mode %v", said.Text, own.Cluster.Writable())
	}
	other.ActAs = func(_ context.Context, _ *kube.Cluster, as *kube.Impersonated) (*Session, error) {
		if as != nil {
			t.Errorf("off leads to %v", as)
		}
		return own, nil
	}
	if reset, said = next(other.asNamed("off")[0].Then); reset.View == nil || said.Text != "viewing as yourself again" {
		t.Errorf("back: %+v, %+v", reset, said)
	}
}

// TestNoWriteModeAsSomebodyElse asks for it in each way.
func TestNoWriteModeAsSomebodyElse(t *testing.T) {
	s := sessionAs(t, newCluster(t, "shop.yaml"), "alice")
	said, ok := (askWritable{s}).Intent().(ui.Say)
	if !ok || !strings.Contains(said.Text, "is only viewed as alice, without write mode") || s.Cluster.Writable() {
		t.Errorf(":write says %+v", said)
	}
	for name, intent := range map[string]ui.Intent{
		"delete": s.sayReadOnly("delete"),
		"shell":  remoteBegin{s, remoteActions[0], remote.Subject{Resource: Pods(s.Cluster), Name: "web-1"}},
	} {
		want := name + " needs write mode, and you are viewing as alice: :as off ends that"
		if said, _ := find[ui.Say](intent); said.Text != want {
			t.Errorf("%s: %+v", name, said)
		}
	}
}
