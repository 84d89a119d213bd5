package views

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/ui"
)

// ruledSession is a session under rules, over the deployments of the shop.
func ruledSession(t *testing.T, rules ...effects.Rule) (*Session, *person, []effects.Target) {
	t.Helper()
	server := newCluster(t, "shop.yaml")
	dryRuns(t, server)
	s := writableSession(t, server)
	s.Namespace, s.Rules = "shop", rules
	rows := look(t, Objects(s, deployments))
	rows.until(100, 30, "checkout")
	targets, _ := rows.view.(*table).targets()
	return s, rows, targets
}

const platformOnly = "a rule of the config denies it: platform team only"

// TestDeniedEffects chooses what a rule denies in every way that leads to it.
func TestDeniedEffects(t *testing.T) {
	s, rows, targets := ruledSession(t, effects.Rule{Deny: true, Why: "platform team only"})
	s.Edit = func(string, string) Editor { t.Error("the editor opens"); return nil }
	refused := func(what, effect string, intent ui.Intent) {
		t.Helper()
		if said, ok := find[ui.Say](intent); !ok || said.Text != effect+": "+platformOnly {
			t.Errorf("%s: %+v", what, intent)
		}
	}
	for action, effect := range map[ui.Action]string{
		actDelete: "delete", actRestart: "restart", actScale: "scale", actEdit: "edit",
	} {
		refused(string(action), effect, rows.view.Update(ui.Do{Action: action}))
	}
	menu := newMenu(s, targets)
	for _, o := range menu.offers {
		refused("menu", o.Name, menu.choose(o))
	}
	resource, pod := Pods(s.Cluster), kinds.Ref{GroupKind: kinds.Pod.GroupKind(), Namespace: "shop", Name: "db-0"}
	for i, c := range remoteChoices(s, resource, pod) {
		if effect := remoteActions[i].effect(); !c.Dim || c.Detail != platformOnly {
			t.Errorf("menu: %+v", c)
		} else {
			refused("menu", effect, c.Then)
		}
	}
	refused("a node", "debug", debugNode{s, "n1"})
	journaled := newJournalView(s)
	refused("take back", "pause", journaled.undo(journal.Entry{
		Effect: "pause", Outcome: journal.Done, Undoes: true,
		Object: journal.Object{
			Group: "apps", Resource: "deployments", Kind: "Deployment", Namespace: "shop", Name: "checkout",
		},
	}))
}

// TestRulesForPodsHoldForTheirOwners opens a shell by a Deployment where a rule names pods.
func TestRulesForPodsHoldForTheirOwners(t *testing.T) {
	s, _, targets := ruledSession(t, effects.Rule{
		Kinds: []string{"pods"}, Effects: []string{"shell"}, Deny: true, Why: "platform team only",
	})
	begin := remoteBegin{s, remoteActions[0], remote.Subject{
		Resource: targets[0].Resource, Namespace: "shop", Name: "checkout",
	}}
	if _, watches := find[ui.Watch](begin.Intent()); !watches {
		t.Error("the Deployment itself is denied")
	}
	said, _ := find[ui.Say](remotePlace{begin, somePlace(), nil}.Intent().(ui.All)[1])
	if said.Text != "shell: "+platformOnly {
		t.Errorf("its pod: %+v", said)
	}
	if why := s.ruleFor("shell", targets).Deny; why != "" {
		t.Errorf("the menu of the Deployment says %q", why)
	}
}

// TestTooManyMarked asks for more objects at once than a rule allows.
func TestTooManyMarked(t *testing.T) {
	s, _, targets := ruledSession(t, effects.Rule{Effects: []string{"delete", "scale"}, Most: 1})
	targets = append(targets, targets[0])
	for _, action := range []ui.Action{actDelete, actScale} {
		want := string(action) + ": a rule of the config allows 1 at once, not 2"
		if said, _ := find[ui.Say](s.hand(action, targets)); said.Text != want {
			t.Errorf("%s: %+v", action, said)
		}
	}
	if _, ok := s.hand(actDelete, targets[:1]).(ui.Open); !ok {
		t.Error("one is refused")
	}
}

// TestReasonAndNameAreAskedFor answers a review under a rule that wants both.
func TestReasonAndNameAreAskedFor(t *testing.T) {
	s, _, targets := ruledSession(t, effects.Rule{Type: true, Reason: true})
	label, _ := effects.Named("label")
	e, err := label.Make(targets[0], "tier=front")
	if err != nil {
		t.Fatal(err)
	}
	view := newReview(s, []effects.Effect{e})
	p := look(t, view)
	p.until(80, 24, "tier: front", wantsReason, fmt.Sprintf(wantsTyped, "the object's name"))
	p.press("y")
	for _, typed := range []string{"", "  ", "incident\x1b[31m 7 "} {
		prompt, ok := find[ui.Prompt](view.Update(ui.Do{Action: actOpen}))
		if !ok {
			t.Fatal("it does not ask for a reason")
		}
		intent := view.Update(ui.Entered{Prompt: prompt.Name, Text: typed})
		if strings.TrimSpace(typed) == "" {
			said, _ := find[ui.Say](intent)
			if said.Text != "label: not done, a rule of the config wants a reason" || view.answered {
				t.Errorf("without a reason: %+v", intent)
			}
			continue
		}
		confirm, ok := find[ui.Confirm](intent)
		if !ok || confirm.Type != targets[0].Ref.Name || view.answered {
			t.Fatalf("after the reason: %+v", intent)
		}
		later, ok := find[ui.Later](confirm.Then)
		if ready, is := later.Effect.(effects.Ready); !ok || !is || ready.Reason != strings.TrimSpace(kinds.Clean(typed)) {
			t.Errorf("after the name: %+v", later)
		}
	}
}

// TestNumberIsTyped answers a review of two objects.
func TestNumberIsTyped(t *testing.T) {
	s, _, targets := ruledSession(t, effects.Rule{Type: true, Namespaces: []string{"shop"}})
	label, _ := effects.Named("label")
	var all []effects.Effect
	for range 2 {
		e, err := label.Make(targets[0], "tier=front")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	view := newReview(s, all)
	p := look(t, view)
	p.until(80, 24, "would take all 2", fmt.Sprintf(wantsTyped, "the number of objects"))
	p.press("y")
	if confirm, ok := find[ui.Confirm](view.Update(ui.Do{Action: actOpen})); !ok || confirm.Type != "2" {
		t.Errorf("it asks %+v", confirm)
	}
}

// TestReasonOfAShell begins a shell under a rule that wants a reason, and where the journal cannot be
// written.
func TestReasonOfAShell(t *testing.T) {
	s, _, _ := ruledSession(t, effects.Rule{Effects: []string{"shell"}, Reason: true, Type: true})
	pod := remote.Subject{Resource: Pods(s.Cluster), Namespace: "shop", Name: "web-1", Container: "app"}
	place := remotePlace{remoteBegin{s, remoteActions[0], pod}, somePlace(), nil}
	intent := func(reason string) ui.Intent {
		if _, ok := find[ui.Prompt](place.Intent().(ui.All)[1]); !ok {
			t.Fatal("it does not ask for a reason")
		}
		next, _ := s.answered(ui.Entered{Prompt: remotePrompt, Text: reason})
		return next
	}
	if said, _ := find[ui.Say](intent("")); !strings.Contains(said.Text, wantsReason) {
		t.Errorf("without a reason: %+v", said)
	}
	begins := func() ui.Intent {
		confirm, ok := find[ui.Confirm](intent("incident 7"))
		if !ok || confirm.Type != "web-1" || confirm.Question != "shell of shop/web-1?" {
			t.Fatalf("after the reason: %+v", confirm)
		}
		watch, ok := find[ui.Watch](confirm.Then)
		if !ok {
			t.Fatal("the reason goes nowhere")
		}
		msg, err := watch.Source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return msg.(ui.Lazy).Intent()
	}
	if _, ok := find[*remoteProgram](begins()); !ok {
		t.Error("no shell begins")
	}
	entries := s.Hands.Journal.Session()
	if len(entries) != 1 || entries[0].Effect != "shell" || entries[0].Reason != "incident 7" {
		t.Errorf("journal: %+v", entries)
	}
	s.Hands.Journal = journal.Open("/dev/null/none", s.Now)
	if said, ok := find[ui.Say](begins()); !ok || !strings.Contains(said.Text, "shell: the journal cannot be written") {
		t.Errorf("without a journal: %+v", said)
	}
}

// TestUnknownKindOfARule is a message, once.
func TestUnknownKindOfARule(t *testing.T) {
	s, rows, _ := ruledSession(t,
		effects.Rule{Kinds: []string{"deploymnts"}, Deny: true}, effects.Rule{Kinds: []string{"pod"}})
	if err := s.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(errors.Unwrap(err))
	}
	rows.view.Update(ui.Shown{})
	rows.view.Update(ui.Shown{})
	var said []string
	for _, m := range s.Messages.All() {
		if strings.Contains(m.Text, "rules") {
			said = append(said, m.Text)
		}
	}
	if want := "config: rules: " + s.Cluster.Name() + ` has no kind "deploymnts"`; !slices.Equal(said, []string{want}) {
		t.Errorf("%q", said)
	}
}
