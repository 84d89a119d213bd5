package views

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// TestStreamsNeedWriteMode presses the keys in a session that only reads.
func TestStreamsNeedWriteMode(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	s := newSession(t, server, "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	for action, name := range map[ui.Action]string{actShell: "shell", actAttach: "attach", actForward: "forward"} {
		want := ui.Say{Text: name + " needs write mode (:write)", Role: themes.Degraded}
		if got := p.view.Update(ui.Do{Action: action}); fmt.Sprint(got) != fmt.Sprint(want) &&
			!strings.Contains(fmt.Sprint(got), want.Text) {
			t.Errorf("%s: %v", action, got)
		}
	}
	for _, c := range Choices(p.view, "cp") {
		if begin, is := c.Then.(remoteBegin); is && !strings.Contains(fmt.Sprint(begin.Intent()), "needs write mode") {
			t.Errorf("%s: %v", c.Name, begin.Intent())
		}
	}
	if got := server.Requests("/exec"); len(got) > 0 {
		t.Errorf("it sent %q", got)
	}
}

// TestRemoteChoices lists what there is for a kind.
func TestRemoteChoices(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	for kind, want := range map[string][]string{
		"pods":        {"shell", "attach", "forward", "copy files", "debug"},
		"deployments": {"shell", "attach", "forward", "copy files", "debug"},
		"services":    {"forward"},
		"nodes":       {"debug"},
		"configmaps":  nil,
	} {
		var names []string
		for _, c := range remoteChoices(s, served(t, s, kind), kinds.Ref{Namespace: "shop", Name: "x"}) {
			names = append(names, c.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", kind, names, want)
		}
	}
	s.Saved = "dump"
	if got := remoteChoices(s, Pods(s.Cluster), kinds.Ref{}); got != nil {
		t.Errorf("of what was saved: %v", got)
	}
	if got := s.remoteKeys(Pods(s.Cluster), nil); got != nil {
		t.Errorf("keys of what was saved: %v", got)
	}
}

// somePlace is a pod with two containers that run and one that does not.
func somePlace() *remote.Place {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1"}}
	pod.Spec.NodeName = "n1"
	return &remote.Place{Pod: pod, Containers: []remote.Container{
		{Name: "app", Running: true}, {Name: "proxy", Role: "sidecar", Running: true}, {Name: "setup", Role: "init"},
	}}
}

// find looks for an intent of a type among others.
func find[T any](intent ui.Intent) (found T, ok bool) {
	if all, is := intent.(ui.All); is {
		for _, i := range all {
			if found, ok = find[T](i); ok {
				return found, true
			}
		}
	}
	if found, ok = intent.(T); ok {
		return found, true
	}
	if watch, is := intent.(ui.Watch); is {
		if b, is := watch.Source.(*beginning); is { // What comes once it is in the journal.
			return find[T](b.then(nil))
		}
	}
	if lazy, is := intent.(ui.Lazy); is {
		return find[T](lazy.Intent())
	}
	return found, false
}

// TestContainerIsChosen goes on from a pod.
func TestContainerIsChosen(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	begin := func(action ui.Action, container string) remotePlace {
		i := slices.IndexFunc(remoteActions, func(a remoteAction) bool { return a.action == action })
		return remotePlace{remoteBegin{s, remoteActions[i], remote.Subject{Container: container}}, somePlace(), nil}
	}
	choose, ok := find[ui.Choose](begin(actShell, "").Intent())
	if !ok || len(choose.Choices) != 2 || choose.Choices[0].Name != "app" || choose.Choices[1].Detail != "sidecar" {
		t.Errorf("of several: %+v", choose)
	}
	program, ok := find[*remoteProgram](begin(actShell, "proxy").Intent())
	if !ok || program.String() != "shell in shop/web-1, proxy" {
		t.Errorf("of one: %v", program)
	}
	stopped := begin(actAttach, "setup").Intent().(ui.All)[1]
	if said, _ := find[ui.Say](stopped); !strings.Contains(said.Text, "does not run") {
		t.Errorf("of one that does not run: %+v", said)
	}
	debug, ok := find[ui.Choose](begin(actDebug, "").Intent())
	if !ok || len(debug.Choices) != len(remote.Profiles)+2 || debug.Title != "debug shop/web-1, beside app" {
		t.Errorf("to debug: %+v", debug)
	}
	failed := begin(actShell, "")
	failed.err = errors.New("pods \"web-1\" not found")
	if said := fmt.Sprint(failed.Intent()); !strings.Contains(said, "shell: pods \"web-1\" not found") {
		t.Errorf("of a pod that is gone: %s", said)
	}
}

// TestWhatBeginsIsInTheJournal holds that a shell, and whatever else needs a stream, is in the journal before
// it begins, also where no rule wants a reason; what a rule wanted to know stands beside it, and how it ended.
func TestWhatBeginsIsInTheJournal(t *testing.T) {
	s := writableSession(t, newCluster(t, "shop.yaml"))
	s.Hands = hands()
	begin := func(action ui.Action, reason string) ui.Intent {
		i := slices.IndexFunc(remoteActions, func(a remoteAction) bool { return a.action == action })
		found := remotePlace{remoteBegin{s, remoteActions[i], remote.Subject{
			Resource: Pods(s.Cluster), Namespace: "shop", Name: "web", Container: "app",
		}}, somePlace(), nil}
		return allowedPlace{found, reason}.Intent()
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	note := func(intent ui.Intent) {
		watch, ok := find[ui.Watch](intent)
		if !ok {
			t.Fatalf("%v leads to no journal", intent)
		}
		msg, err := watch.Source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if e := s.Hands.Journal.Session()[0]; e.Outcome != "" {
			t.Errorf("%s is %s before it began", e.Words, e.Outcome)
		}
		switch then := msg.(hasBegun).Intent().(type) {
		case *remoteProgram:
			err = then.RunOn(canceled, nil, nil)
		case ui.Open:
			for files := then.View.(*copying).copy; err == nil; {
				_, err = files.Next(canceled)
			}
		case ui.Watch:
			_, err = then.Source.Next(canceled)
		}
		if e := s.Hands.Journal.Session()[0]; e.Outcome != journal.Failed || e.Error == "" {
			t.Errorf("%s is %q with %q, after %v", e.Words, e.Outcome, e.Error, err)
		}
	}
	note(begin(actShell, ""))
	note(begin(actAttach, "the pod hangs"))
	if _, asks := find[ui.Prompt](begin(actCopyFiles, "")); !asks {
		t.Error("a copy asks for no paths")
	}
	note(s.asked(":/tmp/a ./here"))
	if _, asks := find[ui.Prompt](begin(actForward, "")); !asks {
		t.Error("a forward asks for no ports")
	}
	note(s.asked("8080:80"))
	var got []string
	for _, e := range s.Hands.Journal.Session() {
		got = append(got, e.Effect+": "+strings.TrimSuffix(e.Words, " in "+s.Cluster.Name())+": "+e.Reason)
	}
	slices.Reverse(got)
	want := []string{
		"shell: shell in shop/web-1, app: ", "attach: attach to shop/web-1, app: the pod hangs",
		"copy: copy :/tmp/a ./here of shop/web-1: ", "forward: forward 8080:80 of pod shop/web: ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the journal has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestAfterAShell says how one ended.
func TestAfterAShell(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	program := &remoteProgram{remote.NewShell(s.Cluster, somePlace(), remote.Container{Name: "app"}), s}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, "shell in shop/web-1, app: exit code 0"},
		{&remote.ExitError{Code: 137}, "shell in shop/web-1, app: exit code 137 (killed)"},
		{fmt.Errorf("%w: reset", remote.ErrLost), "shell: the connection was lost: reset"},
		{kube.ErrReadOnly, "shell: read-only"},
	} {
		if said, ok := find[ui.Say](program.After(c.err)); !ok || !strings.HasPrefix(said.Text, c.want) {
			t.Errorf("%v: %+v, want %q", c.err, said, c.want)
		}
	}
	said, _ := find[ui.Say](program.After(fmt.Errorf("%w of app", remote.ErrNoShell)))
	if said.Text != "no shell in app; debug in the menu adds a container that has one" {
		t.Errorf("without a shell: %+v", said)
	}
	attached := &remoteProgram{remote.NewAttach(s.Cluster, somePlace(), remote.Container{Name: "app"}), s}
	if said, _ := find[ui.Say](attached.After(nil)); said.Text != "attach to shop/web-1, app: left" {
		t.Errorf("attached: %+v", said)
	}
}

// TestEndOfAStream holds what the journal says of each way in which a stream ends.
func TestEndOfAStream(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Hands = hands()
	for _, c := range []struct {
		err  error
		want journal.Outcome
		says string
	}{
		{nil, journal.Done, ""},
		{&remote.ExitError{Code: 3}, journal.Done, ""},
		{kube.ErrReadOnly, journal.Failed, kube.ErrReadOnly.Error()},
		{fmt.Errorf("%w: reset", remote.ErrLost), journal.Unknown, "the connection was lost: reset"},
	} {
		begun, err := s.Hands.Begin(t.Context(), "shell", "shell in shop/web-1", "", s.podTarget(somePlace()))
		if err != nil {
			t.Fatal(err)
		}
		if err := endOf(begun)(c.err); !errors.Is(err, c.err) {
			t.Errorf("%v became %v", c.err, err)
		}
		if e := s.Hands.Journal.Session()[0]; e.Outcome != c.want || e.Error != c.says {
			t.Errorf("%v: %s with %q, want %s with %q", c.err, e.Outcome, e.Error, c.want, c.says)
		}
	}
}

// TestDebuggingAsksFirst holds that nothing is added to a pod before somebody said yes, and that the journal
// has it.
func TestDebuggingAsksFirst(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Hands = hands()
	for _, c := range s.debugChoices(somePlace(), "app", "").Choices[:1] {
		prompt, ok := c.Then.(ui.Lazy).Intent().(ui.Prompt)
		if !ok {
			t.Fatalf("%s asks for no image", c.Name)
		}
		intent, _ := s.answered(ui.Entered{Prompt: prompt.Name, Text: "busybox"})
		confirm, ok := intent.(ui.Confirm)
		if !ok || confirm.Question != "add a container with busybox to shop/web-1, which stays there until the pod is gone?" {
			t.Fatalf("%s begins with %+v", c.Name, intent)
		}
		msg, err := confirm.Then.(ui.Watch).Source.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := msg.(ui.Lazy).Intent().(*remoteProgram); !ok {
			t.Errorf("yes leads to %+v", msg)
		}
	}
	if all := s.Hands.Journal.Session(); len(all) != 1 || all[0].Effect != "debug" {
		t.Errorf("the journal has %+v", all)
	}
}

// TestPortsAreAskedFor types ports into the prompt, over a table whose filter must not get them.
func TestPortsAreAskedFor(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Hands = hands()
	p := look(t, Objects(s, Pods(s.Cluster)))
	p.until(100, 30, "db-0")
	place := somePlace()
	ports := []corev1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 9090}}
	place.Pod.Spec.Containers = []corev1.Container{{Ports: ports}}
	subject := remote.Subject{Resource: Pods(s.Cluster), Namespace: "shop", Name: "web-1"}
	prompt, ok := s.askPorts(subject, place, "").(ui.Prompt)
	if !ok || prompt.Text != "8080:80,9090:9090" || prompt.Label != "local:remote of pod shop/web-1: " {
		t.Errorf("it asks %+v", prompt)
	}
	p.view.Update(ui.Typed{Prompt: prompt.Name, Text: "zzz"})
	if table := p.view.(*table); table.list.filtered() {
		t.Error("the filter got the ports")
	}
	said, _ := find[ui.Say](p.view.Update(ui.Entered{Prompt: prompt.Name, Text: "80:x:"}))
	if !strings.Contains(said.Text, "write 8080:80") {
		t.Errorf("ports that cannot be read: %+v", said)
	}
	s.askPorts(remote.Subject{}, place, "")
	watch, ok := find[ui.Watch](p.view.Update(ui.Entered{Prompt: prompt.Name, Text: "8080:80"}))
	if !ok {
		t.Fatal("nothing begins")
	}
	noted, err := watch.Source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// It only reads, so nothing is forwarded.
	msg, err := noted.(hasBegun).Intent().(ui.Watch).Source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if said, _ := find[ui.Say](msg.(ui.Lazy).Intent()); !strings.Contains(said.Text, "read-only") {
		t.Errorf("it says %+v", said)
	}
}

// TestForwardScreens draws forwards in each of their states.
func TestForwardScreens(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	subject := func(kind, singular, name string) remote.Subject {
		r := kube.Resource{Kind: kind, Singular: singular}
		return remote.Subject{Resource: r, Namespace: "shop", Name: name}
	}
	here := s.Cluster.Name()
	v := newForwards(s)
	v.list = func() []forwardRow {
		return []forwardRow{
			{nil, subject("Deployment", "deployment", "checkout"), here, remote.ForwardStatus{
				State: remote.StateForwarding, Pod: "checkout-7d9f-x2x9",
				Locals:  []string{"127.0.0.1:8080", "127.0.0.1:9090"},
				Remotes: []string{"http", "metrics"}, Sent: 734, Received: 52_428_800, Open: 3, Connections: 1204,
			}},
			{nil, subject("Service", "service", "a-service-with-a-name-that-does-not-end"), here, remote.ForwardStatus{
				State: remote.StateWaiting, Locals: []string{"127.0.0.1:8443"}, Remotes: []string{"443"},
				Problem: "pod web-1 is gone; waiting for a ready one", Sent: 10, Connections: 1, Open: 1,
			}},
			{nil, subject("Pod", "pod", "db-0"), "staging", remote.ForwardStatus{
				State: remote.StateConnecting, Pod: "db-0", Locals: []string{"0.0.0.0:5432"}, Remotes: []string{"5432"},
				Problem: "the connection was lost: unexpected EOF",
			}},
		}
	}
	p := look(t, v)
	p.until(80, 24, "checkout", "v1.36.3")
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			golden.RequireEqual(t, p.draw(size[0], size[1]))
		})
	}
	p.press("j")
	p.until(120, 40, "last error: pod web-1 is gone;")
}
