package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// withoutCursor is a screen without the cursor, which begins on what came first.
func withoutCursor(screen string) string {
	lines := strings.Split(strings.ReplaceAll(screen, "›", " "), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// linkedPage is the part of an overview that is about other objects, when all of it has come.
func linkedPage(p *person, width int) string {
	screen := ""
	p.wait("the links are complete", func() bool {
		screen = p.draw(width, 80)
		begun := strings.Contains(screen, " USES\n") || strings.Contains(screen, " USED BY\n") ||
			strings.Contains(screen, " LINKS\n")
		screen = withoutCursor(screen)
		return begun && strings.Contains(screen, "● live") && !strings.Contains(screen, "loading")
	})
	if i := strings.Index(screen, " USES\n"); i >= 0 {
		return screen[i:]
	}
	return screen[strings.Index(screen, " USED BY\n"):]
}

// TestWhatIsNearby draws what overviews say of other objects.
func TestWhatIsNearby(t *testing.T) {
	for _, c := range []struct{ name, kind, object string }{
		{"deployment", "deploy", "web"},
		{"pod", "pod", "web-7d9f-x2x9"},
		{"configmap", "cm", "web"},
		{"service", "svc", "web"},
		{"ingress", "ing", "shop"},
		{"budget", "pdb", "web-must-never-be-disrupted-more-than-a-bit"},
		{"account", "sa", "web"},
	} {
		for _, width := range []int{80, 120} {
			t.Run(fmt.Sprintf("%s %d", c.name, width), func(t *testing.T) {
				cluster := newCluster(t, "web.yaml")
				cluster.Refuse("nodes")
				s := newSession(t, cluster, "shop")
				golden.RequireEqual(t, linkedPage(look(t, one(c.kind, c.object)(t, s)), width))
			})
		}
	}
}

// TestNearbyAsksLittle opens a Deployment, of whose namespace and cluster nothing is listed
// that may be long.
func TestNearbyAsksLittle(t *testing.T) {
	cluster := newCluster(t, "web.yaml")
	s := newSession(t, cluster, "shop")
	before := len(cluster.Requests("GET"))
	linkedPage(look(t, one("deploy", "web")(t, s)), 120)
	// Fathom follows what the cluster serves, whatever it shows.
	own := []string{"GET /version", "GET /apis/apiregistration.k8s.io/", "GET /apis/apiextensions.k8s.io/"}
	for _, r := range cluster.Requests("GET")[before:] {
		if slices.ContainsFunc(own, func(prefix string) bool { return strings.HasPrefix(r, prefix) }) {
			continue
		}
		path, query, _ := strings.Cut(strings.TrimPrefix(r, "GET "), "?")
		named := strings.Contains(query, "metadata.name%3D")
		whole := !strings.Contains(path, "/namespaces/shop/")
		if long := slices.ContainsFunc([]string{"/secrets", "/configmaps"}, func(end string) bool {
			return strings.HasSuffix(path, end)
		}); (whole || long) && !named {
			t.Errorf("asks for %s", r)
		}
		if strings.HasSuffix(path, "/pods") && !strings.Contains(query, "labelSelector") {
			t.Errorf("asks for all pods: %s", r)
		}
	}
}

// TestNearbyOpens walks from a Deployment to a Service, and not to what is missing.
func TestNearbyOpens(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	p := look(t, one("deploy", "web")(t, s))
	linkedPage(p, 120)
	open := func(text string) ui.Intent {
		p.press("g")
		for range 60 {
			screen := strings.Split(p.draw(120, 80), "\n")
			i := slices.IndexFunc(screen, func(line string) bool { return strings.HasPrefix(line, "›") })
			if i >= 0 && strings.Contains(screen[i], text) {
				return p.press("enter")
			}
			p.press("j")
		}
		t.Fatalf("the cursor never comes to %q", text)
		return nil
	}
	if opened, ok := open("service web").(ui.Open); !ok || opened.View.(*object).subject.resource.Kind != "Service" {
		t.Errorf("the Service leads to %v", opened)
	}
	if opened, ok := open("ingress shop").(ui.Open); !ok || opened.View.(*object).subject.resource.Kind != "Ingress" {
		t.Errorf("the Ingress leads to %v", opened)
	}
	if said, ok := open("secret db ").(ui.Say); !ok || !strings.Contains(said.Text, "does not exist") {
		t.Errorf("what is missing leads to %v", said)
	}
}

// TestCursorAtTheBottom goes to the end of a page whose last line leads nowhere.
func TestCursorAtTheBottom(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	p := look(t, one("deploy", "web")(t, s))
	linkedPage(p, 80)
	p.draw(80, 24)
	p.press("G")
	if screen := p.draw(80, 24); !strings.Contains(screen, "\n›") {
		t.Errorf("the cursor is out of sight:\n%s", screen)
	}
}

// TestNearbyFollows takes a Service away and brings a Secret.
func TestNearbyFollows(t *testing.T) {
	cluster := newCluster(t, "web.yaml")
	s := newSession(t, cluster, "shop")
	p := look(t, one("deploy", "web")(t, s))
	if page := linkedPage(p, 120); !strings.Contains(page, "secret db ") || !strings.Contains(page, "service web") {
		t.Fatalf("not there:\n%s", page)
	}
	cluster.Apply(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\ndata: {password: aHVudGVyMg==}")
	cluster.Delete(t, kinds.Service.GroupVersionKind, "shop", "web")
	p.wait("the page has followed", func() bool {
		page := linkedPage(p, 120)
		return !strings.Contains(page, "missing:") && !strings.Contains(page, "service web")
	})
}

// TestWhatADumpLacks tells what is missing in a dump from what nobody saved.
func TestWhatADumpLacks(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	s.Saved = "dump 2026-11-23 14:02"
	p := look(t, one("deploy", "web")(t, s))
	check := func(screen string) {
		t.Helper()
		for line := range strings.Lines(screen) {
			switch {
			case strings.Contains(line, "secret db ") && !strings.Contains(line, "not saved"):
				t.Errorf("there are no secrets at all, and it says %q", line)
			case strings.Contains(line, "configmap flags ") && !strings.Contains(line, "missing, optional"):
				t.Errorf("there are ConfigMaps, and it says %q", line)
			}
		}
	}
	settled := func() string {
		screen := ""
		p.wait("all is there", func() bool {
			screen = p.draw(120, 80)
			return strings.Contains(screen, "configmap flags") && !strings.Contains(screen, "loading")
		})
		return screen
	}
	check(settled())
	p.press("t")
	check(settled())
}

// TestWhatATapeLacks tells what was not there from what was not recorded: a tape says which
// kinds and namespaces it has.
func TestWhatATapeLacks(t *testing.T) {
	for _, c := range []struct {
		name  string
		lacks string
		only  []string
		want  string
	}{
		{"all was recorded", "", nil, "missing"},
		{"no Secrets were recorded", "Secret", nil, "not saved"},
		{"another namespace was recorded", "", []string{"other"}, "not saved"},
		{"this namespace was recorded", "", []string{"other", "shop"}, "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSession(t, newCluster(t, "web.yaml"), "shop")
			s.Player, s.Only = &fakePlayer{}, c.only
			s.Holds = func(kind schema.GroupKind) bool { return kind.Kind != c.lacks }
			p := look(t, one("deploy", "web")(t, s))
			said := regexp.MustCompile(`secret db +` + c.want + `\b`)
			p.wait("the page says "+c.want, func() bool { return said.MatchString(p.draw(120, 80)) })
			p.press("t")
			p.wait("the tree says "+c.want, func() bool { return said.MatchString(p.draw(120, 80)) })
		})
	}
}

// TestKindsThatADumpLacks names them where something of theirs might be: above a tree, and on
// the page of an object.
func TestKindsThatADumpLacks(t *testing.T) {
	s := newSession(t, newCluster(t, "web.yaml"), "shop")
	s.Saved = "dump 2026-11-23 14:02"
	s.Holds = func(kind schema.GroupKind) bool { return kind.Kind == "Deployment" || kind.Kind == "Pod" }
	p := look(t, one("deploy", "web")(t, s))
	lacks := regexp.MustCompile(`(?s)not saved: .*networkpolicies.*horizontalpodautoscalers`)
	p.wait("the page names them", func() bool { return lacks.MatchString(p.draw(120, 80)) })
	p.press("t")
	p.wait("the tree names them", func() bool { return lacks.MatchString(p.draw(120, 80)) })
	if screen := p.draw(120, 80); regexp.MustCompile(`not saved: .*(pods|deployments)\b.*\n`).MatchString(screen) {
		t.Errorf("says that something was not saved that was:\n%s", screen)
	}
}

// TestManyUsersOfOneObject has more Deployments use a ConfigMap than are worth a line.
func TestManyUsersOfOneObject(t *testing.T) {
	cluster := newCluster(t, "web.yaml")
	manyUsers(t, cluster, 40)
	s := newSession(t, cluster, "shop")
	p := look(t, one("cm", "web")(t, s))
	if page := linkedPage(p, 120); !strings.Contains(page, fmt.Sprintf("and %d more", 40-nearMax)) {
		t.Errorf("it says\n%s", page)
	}
	p.press("G")
	p.press("k")
	p.press("enter")
	p.wait("the tab shows all", func() bool {
		return strings.Contains(p.draw(120, 80), "app-39")
	})
}

func manyUsers(t *testing.T, cluster *kubetest.Server, count int) {
	for n := range count {
		cluster.Apply(t, fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: app-%02d, namespace: shop}
spec:
  selector: {matchLabels: {app: app-%02d}}
  template: {metadata: {labels: {app: app-%02d}}, spec: {volumes: [{name: v, configMap: {name: web}}], containers: [{name: a, image: a}]}}`,
			n, n, n))
	}
}

// TestNearbySaysWhereToLook holds that what a page leaves to the tree is said so, and that nothing is where it
// leaves nothing.
func TestNearbySaysWhereToLook(t *testing.T) {
	server := newCluster(t, "web.yaml")
	for _, c := range []struct {
		name    string
		passed  []schema.GroupKind
		printed bool
		want    string
	}{
		{"nothing is left out", nil, false, ""},
		{"on a screen", []schema.GroupKind{{Kind: "Secret"}, {Kind: "Pod"}}, false,
			"not looked at here: pods, secrets; t looks"},
		{"printed", []schema.GroupKind{{Kind: "Pod"}}, true, "not looked at here: pods; fathom tree looks"},
	} {
		s := newSession(t, server, "shop")
		s.Printed = c.printed
		n := newNearby(look(t, one("deploy", "web")(t, s)).view.(*object).subject, nil)
		n.linked.near.passed = c.passed
		if got := n.notes(); !strings.HasSuffix(got, c.want) || c.want == "" && strings.Contains(got, "looked") {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}
