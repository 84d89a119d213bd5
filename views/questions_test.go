package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// TestHomeLeadsToPods presses the keys that sort a table of pods while there is none yet.
func TestHomeLeadsToPods(t *testing.T) {
	for key, want := range map[string]string{"T": "RESTARTS▼", "C": "CPU▼", "M": "MEM▼"} {
		file := "usage.yaml"
		if key == "T" {
			file = "shop.yaml"
		}
		s := newSession(t, newCluster(t, file), "shop")
		home := look(t, newHome(s))
		open, ok := home.press(key).(ui.Open)
		if !ok {
			t.Fatalf("%s: got %#v", key, home.intent)
		}
		p := look(t, open.View)
		p.until(120, 24, want, "all namespaces", "● live")
		p.wait("there are rows", func() bool { p.draw(120, 24); return p.view.(*table).list.rows.Len() > 0 })
		if first := p.view.(*table).list.rows.Record(0); strings.HasPrefix(first.Name, "gateway") {
			t.Errorf("%s: the first is %s", key, first.Name)
		}
	}
}

// TestWhatHomeNamesIsKept goes on from home to where its header says that it looks.
func TestWhatHomeNamesIsKept(t *testing.T) {
	pods := func(p *person) (ui.Choice, string) {
		c := Choices(p.view, "po")[0]
		return c, c.Then.(goToKind).namespace
	}
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := openHome(t, s)
	if _, space := pods(p); space != "" {
		t.Errorf("from all namespaces, :po leads to %q", space)
	}
	if len(s.Recent) != 1 || s.Recent[0] != "shop" {
		t.Errorf("the namespace of the context is not the first of the recent ones: %q", s.Recent)
	}

	// A namespace that somebody chose stays, and the palette says so.
	s.useNamespace("payments").(ui.Reset).View.Update(ui.Shown{})
	p = openHome(t, s)
	if c, space := pods(p); space != "payments" || !strings.HasPrefix(c.Detail, "in payments ") {
		t.Errorf("after :ns payments, :po leads to %q, and says %q", space, c.Detail)
	}

	// So does one of the command line.
	s = newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Asked = true
	if c, space := pods(openHome(t, s)); space != "shop" || !strings.HasPrefix(c.Detail, "in shop ") {
		t.Errorf("with -n shop, :po leads to %q, and says %q", space, c.Detail)
	}

	// Who sees one namespace only stays there.
	server := newCluster(t, "shop.yaml")
	server.Refuse("nodes")
	s = newSession(t, server, "shop")
	h := newHome(s)
	h.verdict = &triage.Verdict{Namespace: "shop"}
	s.begin(h.verdict.Namespace)
	if s.Namespace != "shop" {
		t.Errorf("with one namespace, :po leads to %q", s.Namespace)
	}
}

// TestNamedQuestions opens the tables that the palette has for them.
func TestNamedQuestions(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"warnings":  {"shop.yaml", "/type=Warning"},
		"unlimited": {"usage.yaml", "/mem/l=-"},
	} {
		s := newSession(t, newCluster(t, c.file), "")
		choice := Choices(look(t, newHome(s)).view, name[:3])[0]
		if choice.Name != name {
			t.Fatalf("%s finds %s", name[:3], choice.Name)
		}
		p := look(t, choice.Then.(ui.Lazy).Intent().(ui.Open).View)
		p.until(120, 24, c.want, "● live")
		list := p.view.(*table).list
		p.wait("some are found", func() bool { p.draw(120, 24); return list.rows.Len() > 0 })
		if list.rows.Hidden() == 0 {
			t.Errorf("%s hides nothing:\n%s", name, p.draw(120, 24))
		}
	}
}

// TestSecretAtOnce asks for the values of a Secret before there is a page for them.
func TestSecretAtOnce(t *testing.T) {
	const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: shop}\ndata: {password: aHVudGVyMg==}"
	server := newCluster(t, "shop.yaml")
	server.Apply(t, secret)
	s := newSession(t, server, "shop")
	p := look(t, Objects(s, served(t, s, "secrets")))
	p.press("x") // The rows have not come.
	p.wait("the secret opens", func() bool { _, ok := p.intent.(ui.Open); return ok })
	v := p.intent.(ui.Open).View
	overview := look(t, v)
	overview.until(80, 24, "password  hunter2")
	overview.press("d")
	overview.until(80, 24, "password:  7 bytes")
	overview.press("x")
	overview.until(80, 24, "password  hunter2")

	yaml := look(t, newObject(s, served(t, s, "secrets"), "shop", "keys", nil, "yaml"))
	yaml.press("x") // The text has not come.
	yaml.until(120, 24, "# hunter2")
	again := look(t, newObject(s, served(t, s, "secrets"), "shop", "keys", nil, ""))
	if screen := again.until(80, 24, "password  7 B"); strings.Contains(screen, "hunter2") {
		t.Errorf("shown unasked:\n%s", screen)
	}
}

// TestWaitingSaysWhatFails has a claim whose newest event is a warning, and one that was warned
// of before.
func TestWaitingSaysWhatFails(t *testing.T) {
	event := func(name, kind, reason, at string) string {
		return "\n---\napiVersion: v1\nkind: Event\nmetadata: {name: " + name + ", namespace: shop}\n" +
			"involvedObject: {kind: PersistentVolumeClaim, name: data, namespace: shop, uid: c}\ntype: " + kind +
			"\nreason: " + reason + "\nmessage: no class fast\nlastTimestamp: \"" + at + "\""
	}
	const claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop, uid: c}\n" +
		"status: {phase: Pending}"
	warned := event("a", "Warning", "ProvisioningFailed", "2026-05-01T11:50:00Z")
	p := openOne(t, claim+warned, "pvc", "data")
	p.until(80, 24, "degraded", "ProvisioningFailed: no class fast", "as above")
	p = openOne(t, claim+warned+event("b", "Normal", "Provisioning", "2026-05-01T11:59:00Z"), "pvc", "data")
	screen := p.until(80, 24, "waiting", "LAST EVENTS")
	if strings.Contains(screen, "degraded") {
		t.Errorf("what is over is named as the cause:\n%s", screen)
	}
	p = openOne(t, claim+warned, "ev", "a")
	screen = p.until(80, 24, "Warning ProvisioningFailed", "last seen 10m ago")
	if strings.Contains(screen, "degraded") {
		t.Errorf("an event is judged:\n%s", screen)
	}
}

// TestChildrenHaveHeads reads the columns of a Deployment's pods by their heads.
func TestChildrenHaveHeads(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, one("deploy", "checkout")(t, s))
	screen := p.until(80, 40, "checkout-7d9f-x2x9", "PODS 2", "CONDITIONS")
	for line := range strings.Lines(screen) {
		if strings.Contains(line, "PODS 2") {
			for _, column := range []string{"READY", "STATUS", "RESTARTS", "AGE"} {
				if !strings.Contains(line, column) {
					t.Errorf("no head %s in %q", column, line)
				}
			}
		}
		if at := strings.Index(line, "1/1"); at > 0 && strings.Contains(screen, "PODS") {
			head := screen[strings.Index(screen, "PODS 2"):]
			head, _, _ = strings.Cut(head, "\n")
			if got := strings.Index("  "+head, "READY"); ui.Width(line[:at]) != got {
				t.Errorf("the head READY stands at %d, what it heads at %d:\n%s", got, ui.Width(line[:at]), screen)
			}
		}
	}
}
