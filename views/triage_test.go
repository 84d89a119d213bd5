package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// openHome opens the triage of a server and waits until everything is judged.
func openHome(t *testing.T, s *Session, texts ...string) *person {
	t.Helper()
	p := look(t, newHome(s))
	p.until(120, 40, append(texts, "● live")...)
	return p
}

func TestTriageScreens(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		change     func(*kubetest.Server)
		keys       []string
		until      []string
	}{
		{"broken", "shop.yaml", nil, nil, []string{"CrashLoopBackOff"}},
		{"unfolded", "shop.yaml", nil, []string{"space"}, []string{"pod shop/checkout"}},
		{"as a user with few rights", "shop.yaml", func(s *kubetest.Server) {
			s.Refuse("nodes")
			s.Refuse("leases")
		}, nil, []string{"not judged: leases, nodes (forbidden)"}},
		{"well", "well.yaml", nil, nil, []string{"nothing is broken since", "0% requested", "no metrics-server"}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				server := newCluster(t, tt.file)
				answersChecks(server, goodChecks)
				if tt.change != nil {
					tt.change(server)
				}
				p := openHome(t, newSession(t, server, "shop"))
				for _, key := range tt.keys {
					p.press(key)
				}
				golden.RequireEqual(t, p.until(size[0], size[1], append(tt.until, "● live", "v1.36.3")...))
			})
		}
	}
}

func TestReportScreen(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			server := newCluster(t, "shop.yaml")
			answersChecks(server, goodChecks)
			p := look(t, newReport(newSession(t, server, "shop")))
			golden.RequireEqual(t, p.until(size[0], size[1], "CrashLoopBackOff", "● live", "v1.36.3"))
			p.press("M")
			if masked := p.draw(size[0], size[1]); !strings.Contains(masked, "deployment namespace-1/deployment-1") ||
				strings.Contains(masked, "checkout") {
				t.Errorf("names are left in\n%s", masked)
			}
		})
	}
}

func TestWhyScreens(t *testing.T) {
	for _, tt := range []struct {
		name       string
		kind, what string
		until      []string
	}{
		{"of a cause", "deploy", "checkout", []string{"HOW IT COMES TO THAT", "FOLLOWS FROM IT"}},
		{"of a symptom", "pod", "checkout-7d9f-x2x9", []string{"the cause is"}},
		{"of what is well", "pod", "checkout-7d9f-b7c44", []string{"nothing is known to be wrong", "degraded"}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				server := newCluster(t, "shop.yaml")
				answersChecks(server, goodChecks)
				p := look(t, one(tt.kind, tt.what)(t, newSession(t, server, "shop")))
				p.press("w")
				screen := p.until(size[0], size[1], append(tt.until, "● live", "v1.36.3", "2 failing")...)
				golden.RequireEqual(t, withoutTabs(screen))
			})
		}
	}
}

// TestTriageByTeam asks what to group by and groups by a label of the namespaces.
func TestTriageByTeam(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			server := newCluster(t, "shop.yaml")
			answersChecks(server, goodChecks)
			for namespace, team := range map[string]string{"shop": "storefront", "payments": "money"} {
				server.Apply(t, fmt.Sprintf(`{apiVersion: v1, kind: Namespace,
metadata: {name: %s, labels: {example.org/team: %s}}, status: {phase: Active}}`, namespace, team))
			}
			p := openHome(t, newSession(t, server, "shop"), "CrashLoopBackOff")
			choose, ok := p.press("b").(ui.Choose)
			if !ok {
				t.Fatalf("b leads to %v", p.intent)
			}
			for _, c := range choose.Choices {
				if c.Name == "example.org/team" {
					p.perform(c.Then)
				}
			}
			golden.RequireEqual(t, p.until(size[0], size[1], "TEAM", "storefront", "v1.36.3"))
			p.view.(*home).setFilter("example.org/team=money")
			if screen := p.draw(size[0], size[1]); strings.Contains(screen, "storefront") {
				t.Errorf("the filter leaves\n%s", screen)
			}
		})
	}
}

// TestTriageKeys opens what a row stands for, and filters.
func TestTriageKeys(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	s := newSession(t, server, "shop")
	p := openHome(t, s, "CrashLoopBackOff")
	for key, tab := range map[string]tabID{"enter": tabWhy, "y": "yaml", "t": tabTree} {
		open, ok := p.press(key).(ui.Open)
		if !ok {
			t.Fatalf("%s opens nothing", key)
		}
		if first := open.View.(*object).first; first != tab {
			t.Errorf("%s opens the tab %q, want %q", key, first, tab)
		}
	}
	v := p.view.(*home)
	all := v.rows.Len()
	v.setFilter("!checkout")
	if left := v.rows.Len(); left >= all || strings.Contains(p.until(120, 40, "/!checkout"), "deployment shop/checkout") {
		t.Errorf("!checkout leaves %d of %d rows", left, all)
	}
	v.setFilter("")
	other := look(t, objects("pods")(t, s))
	if text := other.until(120, 40, "failing"); !strings.Contains(strings.SplitN(text, "\n", 2)[0], "2 failing") {
		t.Errorf("the header of another screen does not count:\n%s", text)
	}
	if open, ok := other.press("!").(ui.Open); !ok || open.View.(*home) == nil {
		t.Error("! does not lead to the triage")
	}
}

func TestSparkline(t *testing.T) {
	for _, tt := range []struct {
		in   []int
		want string
		sum  int
	}{
		{nil, "", 0}, {[]int{0, 0}, "", 0}, {[]int{1}, "█", 1}, {[]int{0, 1, 8}, "·▁█", 9}, {[]int{4, 4}, "██", 8},
	} {
		if bars, sum := sparkline(tt.in); bars != tt.want || sum != tt.sum {
			t.Errorf("%v: %q %d, want %q %d", tt.in, bars, sum, tt.want, tt.sum)
		}
	}
}

// TestFindingsByGroup keeps the findings of a namespace together, and those of a team,
// which may stand at the namespace.
func TestFindingsByGroup(t *testing.T) {
	var all []*triage.Finding
	for _, at := range []string{"shop a", "prod", "shop", " a", "prod b"} {
		namespace, team, _ := strings.Cut(at, " ")
		f := &triage.Finding{Object: kinds.Ref{Namespace: namespace, Name: "x"}}
		if team != "" {
			f.Labels[0] = []kinds.Label{{Key: "team", Value: team}, {Key: "pod-template-hash", Value: "1"}}
		}
		if namespace == "prod" {
			f.Labels[1] = []kinds.Label{{Key: "kubernetes.io/metadata.name", Value: "prod"}, {Key: "Team", Value: "c"}}
		}
		all = append(all, f)
	}
	for label, want := range map[string]string{
		groupNamespace: "shop shop prod prod ", "team": "a a c  b", "TEAM": "a a c  b", "none": "    ",
	} {
		var got []string
		for _, f := range byGroup(all, label) {
			got = append(got, groupOf(f, label))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("by %s they come as %q, want %q", label, text, want)
		}
	}
	if got := strings.Join(groupLabels(all), " "); got != "team Team" {
		t.Errorf("they can be grouped by %q", got)
	}
}

func TestMatchesFinding(t *testing.T) {
	f := &triage.Finding{
		Object:   kinds.Ref{GroupKind: kinds.Deployment.GroupKind(), Namespace: "shop", Name: "web"},
		Severity: triage.Degraded, Reason: "1/3 ready: app CrashLoopBackOff, exit=3",
		Labels: [2][]kinds.Label{
			{{Key: "app.kubernetes.io/name", Value: "Web"}}, {{Key: "team", Value: "checkout"}, {Key: "empty", Value: ""}},
		},
	}
	for filter, want := range map[string]bool{
		"": true, "web": true, "WEB crash": true, "!web": false, "api": false, "!api": true,
		"severity>=degraded": true, "severity>degraded": false, "severity=failing": false, "severity<failing": true,
		"severity!=notice": true, "severity>=nonsense": false, "severity": false, "severity~x": false,
		"severity>=deg": true, "severity==degraded": true, "severity>=degraded namespace=prod": false,
		"namespace=shop": true, "ns=prod": false, "!ns=prod": true, "ns!=shop": false, "ns!=prod": true,
		"team=checkout": true, "TEAM=Checkout": true, "team=shop": false, "team!=shop": true, "!team=checkout": false,
		"app.kubernetes.io/name=web": true, "tier=web": false, "tier!=web": true, "team=": false, "empty=": true,
		"team>a": false, "exit=3": true, "exit=4": false, "team=checkout severity>=degraded crash": true,
		"nosuch|web": true, "web|nosuch": true, "nosuch|other": false, "!nosuch|web": false, "!a1|b2": true,
		"status=degraded": true, "status=failing": false, "name=web": true, "name=we": false, `"1/3 ready"`: true,
		"/crash.*exit/": true, "/^deploy.*web/": true, "/web|nosuch/": true, "/x{3/": false, "/": true,
		"kind=pod,deploy":           true,
		"severity=failing|degraded": true, "severity!=notice,failing": true, "severity!=notice,degraded": false,
		"kind=deployment": true, "kind=deploy": true, "kind=deployments": true, "kind=pod": false, "kind!=pod": true,
	} {
		if got := matchesFinding(f, filter); got != want {
			t.Errorf("%q: %v, want %v", filter, got, want)
		}
	}
}

// TestFindingsComeAndGo shows a row while its object is in trouble and takes it away after.
func TestFindingsComeAndGo(t *testing.T) {
	server := newCluster(t, "well.yaml")
	answersChecks(server, goodChecks)
	p := openHome(t, newSession(t, server, "shop"), "nothing is broken")
	server.Apply(t, `{apiVersion: v1, kind: Pod, metadata: {name: lone, namespace: shop}, spec: {nodeName: n1,
containers: [{name: app}]}, status: {phase: Pending, containerStatuses: [{name: app, image: x, imageID: "", ready: false,
restartCount: 0, state: {waiting: {reason: CreateContainerConfigError, message: 'configmap "conf" not found'}}}]}}`)
	p.until(120, 40, "pod shop/lone", `configmap "conf" not found`)
	server.Delete(t, kinds.Pod.GroupVersionKind, "shop", "lone")
	p.until(120, 40, "nothing is broken")
	if quiet := p.view.(*home).verdict.Quiet; quiet.IsZero() {
		t.Error("it does not know since when nothing is broken")
	}
}
