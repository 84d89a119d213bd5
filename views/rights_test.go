package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// bound is a cluster in which accounts are bound in every way that there is.
func bound(t *testing.T) *kubetest.Server {
	t.Helper()
	server := newCluster(t, "shop.yaml")
	const meta = "apiVersion: rbac.authorization.k8s.io/v1\nkind: %s\nmetadata: {name: %s, namespace: %s, uid: %s}\n%s"
	for i, o := range [][4]string{
		{"Role", "reader", "shop", `rules: [{verbs: [get, list], apiGroups: [""], resources: [pods, services]},
{verbs: [get], apiGroups: [""], resources: [secrets], resourceNames: [db]}]`},
		{"ClusterRole", "edit", "", `rules: [{verbs: ["*"], apiGroups: [apps], resources: ["*"]}]`},
		{"ClusterRole", "system:basic-user", "", `rules: [{verbs: [create],
apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews]}]`},
		{"ClusterRole", "health", "", `rules: [{verbs: [get], nonResourceURLs: [/healthz]}]`},
		{"RoleBinding", "web", "shop", `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web}, {kind: User, name: jane}, {kind: User, name: bob}]`},
		{"RoleBinding", "web-there", "payments", `roleRef: {apiGroup: rbac.authorization.k8s.io,
kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]`},
		{"RoleBinding", "gone", "shop", `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gone}
subjects: [{kind: User, name: "system:serviceaccount:shop:web"}]`},
		{"ClusterRoleBinding", "all-of-shop", "", `roleRef: {apiGroup: rbac.authorization.k8s.io,
kind: ClusterRole, name: health}
subjects: [{kind: Group, name: "system:serviceaccounts:shop"}]`},
		{"ClusterRoleBinding", "basic", "", `roleRef: {apiGroup: rbac.authorization.k8s.io,
kind: ClusterRole, name: "system:basic-user"}
subjects: [{kind: Group, name: "system:authenticated"}]`},
	} {
		server.Apply(t, fmt.Sprintf(meta, o[0], `"`+o[1]+`"`, `"`+o[2]+`"`, fmt.Sprint("r", i), o[3]))
	}
	server.Apply(t, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop, uid: s1}")
	server.Apply(t, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: payments, uid: s2}")
	return server
}

// holds reports the texts that a screen does not hold.
func holds(t *testing.T, screen string, texts ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(screen), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			t.Errorf("it does not say %q:\n%s", text, screen)
		}
	}
}

// TestWhatAnAccountMayDo reads the rules on the page of a ServiceAccount, as on that of a user.
func TestWhatAnAccountMayDo(t *testing.T) {
	server := bound(t)
	s := newSession(t, server, "shop")
	p := look(t, one("sa", "web")(t, s))
	screen := p.until(80, 40, "MAY DO", "get, list pods, services", "/healthz", "any verb on any resource of apps",
		"does not exist: it allows nothing", "as every account: system:basic-user")
	holds(t, screen, "in shop role reader get, list pods, services get secrets named db",
		"in payments clusterrole edit any verb on any resource of apps", "in shop role gone does not exist",
		"everywhere clusterrole health get /healthz, as one of system:serviceaccounts:shop")
	if may, _, _ := strings.Cut(screen[strings.Index(screen, "MAY DO"):], "FACTS"); strings.Contains(may, "loading") {
		t.Errorf("something is never read:\n%s", screen)
	}

	// One of the same name elsewhere is bound to nothing of its own.
	p = look(t, openOther(s, "web"))
	if screen := p.until(80, 40, "MAY DO", "as every account: system:basic-user"); strings.Contains(screen, "reader") ||
		strings.Contains(screen, "health") {
		t.Errorf("it has the rights of another:\n%s", screen)
	}

	binding := look(t, one("rolebinding", "web")(t, s))
	binding.until(80, 40, "jane")
	p = look(t, newAccountView(s, account{"User", "", "jane"}))
	holds(t, p.until(80, 24, "user jane", "get, list pods, services", "its credential"), "in shop role reader get, list")
	p.wait("enter opens the role", func() bool { _, ok := p.press("enter").(ui.Open); return ok })
	p = look(t, newAccountView(s, account{"User", "", "nobody"}))
	p.until(80, 24, "nothing is bound to a user of this name")
	p = look(t, newAccountView(s, account{"Group", "", "system:authenticated"}))
	p.until(80, 24, "group system:authenticated", "everywhere", "create selfsubjectaccessreviews")
}

// openOther opens the ServiceAccount of a name in another namespace.
func openOther(s *Session, name string) ui.View {
	r, _ := s.Cluster.Resources().ByKind(kinds.ServiceAccount.GroupKind())
	return newObject(s, r, "payments", name, nil, "")
}

// TestWhatNobodySaysOfAnAccount holds that what may not be read is not nothing.
func TestWhatNobodySaysOfAnAccount(t *testing.T) {
	server := bound(t)
	server.Refuse("clusterrolebindings")
	server.Refuse("roles")
	s := newSession(t, server, "shop")
	p := look(t, one("sa", "web")(t, s))
	screen := p.until(80, 40, "MAY DO", "any verb on any resource of apps", "perhaps more: not known are", "forbidden")
	if strings.Contains(screen, "allows nothing") {
		t.Errorf("a role that may not be read is called missing:\n%s", screen)
	}
}

// TestWhoAmI asks for our own rights, by a word of the palette, and for those of others.
func TestWhoAmI(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, Objects(s, Pods(s.Cluster)))
	for _, word := range []string{"whoami", "can-i", "rights"} {
		if c := Choices(p.view, word)[0]; c.Then != (openView{s, "whoami"}) {
			t.Errorf("%s leads to %+v", word, c)
		}
	}
	for typed, want := range map[string]string{
		"rights web": "serviceaccount shop/web", "can-i sa/web": "serviceaccount shop/web",
		"rights payments/web": "serviceaccount payments/web",
	} {
		if c := Choices(p.view, typed); len(c) == 0 || leadsTo(c[0]) != want {
			t.Errorf("%q: %+v", typed, c)
		}
	}
	jane := openAccount{s, account{"User", "", "jane"}}
	if c := Choices(p.view, "rights user/jane"); len(c) != 1 || c[0].Then != jane {
		t.Errorf("rights user/jane: %+v", c)
	}
	p = look(t, newAccountView(s, account{}))
	p.until(80, 24, "whoami", "MAY DO IN SHOP", "read-only all the same")
	if prompt, ok := p.press("n").(ui.Prompt); !ok || prompt.Label == "" {
		t.Errorf("n leads to %#v", p.intent)
	}
	p.perform(p.view.Update(ui.Entered{Text: "payments"}))
	p.until(80, 24, "MAY DO IN PAYMENTS")
	p.perform(ui.Watch{Source: s.namespaces().Watch()})
	p.wait("the namespaces are listed", func() bool { return s.namespaces().State().Phase == kube.Live })
	say, ok := p.view.Update(ui.Entered{Text: "paymenst"}).(ui.Say)
	if !ok || say.Text != "there is no namespace paymenst" {
		t.Errorf("a namespace that does not exist leads to %#v", say)
	}
	if _, asks := p.view.Update(ui.Entered{Text: "payments"}).(ui.Watch); !asks {
		t.Error("one that exists is not asked about")
	}
	s.Saved = "dump"
	look(t, newAccountView(s, account{})).until(80, 24, "nobody has rights in a file")
}
