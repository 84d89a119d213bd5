package views

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// TestFirstScreenOfWhy holds that the cause, its evidence and what changed before it are seen
// without scrolling at 80x24, however long the way to the cause and its words are.
func TestFirstScreenOfWhy(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	ref := func(kind *kinds.Kind, name string) kinds.Ref {
		return kinds.Ref{GroupKind: kind.GroupKind(), Namespace: "a-namespace-with-a-name", Name: name}
	}
	cause := ref(kinds.ValidatingWebhookConfiguration, "policies-of-the-platform-team")
	long := strings.Repeat("failed calling the webhook, because nothing listens there; ", 6)
	f := &triage.Finding{Object: cause, Severity: triage.Failing, Since: now.Add(-time.Minute), Reason: long}
	for i := range 9 {
		f.Chain = append(f.Chain, triage.Step{Word: "symptom", Object: ref(kinds.Deployment, fmt.Sprint("w", i)), Text: long})
	}
	for i := range 3 {
		text := fmt.Sprint("evidence ", i, " ", long)
		f.Chain = append(f.Chain, triage.Step{Word: "because", Object: cause, Text: text})
		f.Evidence = append(f.Evidence, triage.Evidence{Object: cause, Field: "webhooks", Text: text})
		f.Changes = append(f.Changes, triage.Change{Object: ref(kinds.Service, fmt.Sprint("changed", i)),
			At: now.Add(-2 * time.Minute), Who: "by hand (kubectl)", Text: "selector app=guard → app=gaurd"})
	}
	symptom := &triage.Symptom{Object: ref(kinds.Deployment, "w0"), Reason: long, Why: "is refused by", Under: cause}
	for _, s := range []*triage.Symptom{nil, symptom} {
		const header, tabs = 1, 1
		frame := ui.Frame{Width: 80, Height: 24 - header - tabs, Now: now}
		page := (&why{}).broken(frame, f, s)
		var first strings.Builder
		for _, e := range page[:frame.Height] {
			if width := e.line.Width(); width > 79 {
				t.Errorf("%d wide: %s", width, e.line)
			}
			first.WriteString(e.line.String() + "\n")
		}
		for _, want := range []string{"policies-of-the-platform-team", "failing since", "evidence 2", "WHAT CHANGED BEFORE",
			"changed0", "app=gaurd"} {
			if !strings.Contains(first.String(), want) {
				t.Errorf("no %q in\n%s", want, first.String())
			}
		}
	}
}

// TestWhyShowsTheWayOfItsOwn holds that of many objects that follow from one cause the page of each shows
// how it comes to that one.
func TestWhyShowsTheWayOfItsOwn(t *testing.T) {
	ref := func(name string) kinds.Ref {
		return kinds.Ref{GroupKind: kinds.Deployment.GroupKind(), Namespace: "shop", Name: name}
	}
	cause := kinds.Ref{GroupKind: kinds.ValidatingWebhookConfiguration.GroupKind(), Name: "guard"}
	f := &triage.Finding{Object: cause, Chain: []triage.Step{{Word: "symptom", Object: ref("roll"), Text: "refused"}}}
	symptom := triage.Symptom{Object: ref("slow"), Reason: "refused", Why: "is refused by", Under: cause}
	f.Folded = []triage.Symptom{symptom}
	for want, s := range map[string]*triage.Symptom{"deployment shop/roll": nil, "deployment shop/slow": &symptom} {
		if rows := chainRows(f, s); rows[0].cells[1].Text != want {
			t.Errorf("it begins with %v, want %s", rows[0].cells, want)
		}
	}
}

// TestPrintedWhyAwaitsTheLog holds that what is printed is not printed before the log of the run that
// crashed has come, and that a log which never ends ends the waiting.
func TestPrintedWhyAwaitsTheLog(t *testing.T) {
	l, other := &lastLog{source: &kube.Logs{}}, &kube.Logs{}
	if l.end(ui.Ended{Source: other}); !l.awaited() {
		t.Error("the end of another log is taken for its own")
	}
	if l.end(ui.Ended{Source: l.source}); l.awaited() {
		t.Error("it is awaited after its end")
	}
	if (*lastLog)(nil).awaited() {
		t.Error("what was never asked for is awaited")
	}
}

// TestWhyOfWhatIsHeld holds that why says of an object of a kind that triage does not read since when
// it is being deleted, and by what it is held.
func TestWhyOfWhatIsHeld(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	answersChecks(server, goodChecks)
	server.Apply(t, `{apiVersion: v1, kind: ServiceAccount, metadata: {name: held, namespace: shop, uid: h,
creationTimestamp: "2026-05-01T11:00:00Z", deletionTimestamp: "2026-05-01T11:54:00Z", finalizers: [acme.test/hold, b.test/b]}}`)
	p := look(t, one("sa", "held")(t, newSession(t, server, "shop")))
	p.press("w")
	p.until(80, 24, "held  waiting since 11:54:00, 6m", "Terminating: finalizer acme.test/hold, b.test/b")
}

// TestWhyInAnotherNamespace holds that an object is judged in its own namespace, whichever the session
// looks at, and that what the header counts is named.
func TestWhyInAnotherNamespace(t *testing.T) {
	for name, looked := range map[string]string{"another": "payments", "all of them first": ""} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, newCluster(t, "shop.yaml"), "shop")
			s.Triage = s.NewTriage(looked, looked)
			p := look(t, one("pod", "checkout-7d9f-x2x9")(t, s))
			if err := ShowWhy(p.view); err != nil {
				t.Fatal(err)
			}
			if looked == "" { // As when it turns out that only one namespace may be looked at.
				s.Triage = s.NewTriage("payments", "payments")
			}
			screen := p.until(120, 40, "failing since", "CrashLoopBackOff", "WHAT CHANGED BEFORE")
			if strings.Contains(screen, "nothing is known to be wrong") {
				t.Errorf("it is called well:\n%s", screen)
			}
		})
	}
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	s.Triage = s.NewTriage("shop", "shop")
	openHome(t, s, "CrashLoopBackOff")
	for namespace, want := range map[string]string{"shop": "failing", "payments": "failing in shop"} {
		facts := s.headerIn(namespace, s.Now(), kube.State{}).Facts
		if last := facts[len(facts)-1].Text; !strings.HasSuffix(last, want) {
			t.Errorf("on a screen of %s: %q, want %q", namespace, last, want)
		}
	}
}

// TestWhyNamesThePolicy holds that a policy that lets nothing in is said of the Service, of the workload and
// of the pods behind it, and one beside others that let somebody in of nothing.
func TestWhyNamesThePolicy(t *testing.T) {
	const labelled = `labels: {app: shut}`
	shut := `
{apiVersion: v1, kind: Service, metadata: {name: shut, namespace: shop, creationTimestamp: "2026-05-01T11:00:00Z"},
  spec: {selector: {app: shut}, ports: [{port: 80}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: shut, namespace: shop, creationTimestamp: "2026-05-01T11:00:00Z"},
  spec: {replicas: 1, selector: {matchLabels: {app: shut}}, template: {metadata: {` + labelled + `},
    spec: {containers: [{name: app, image: a}]}}}, status: {replicas: 1, updatedReplicas: 1, readyReplicas: 1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: shut-1, namespace: shop, ` + labelled + `}, spec: {containers: [{name: app}]},
  status: {phase: Running, conditions: [{type: Ready, status: "True"}],
    containerStatuses: [{name: app, ready: true, state: {running: {}}}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: shut-x, namespace: shop,
  labels: {kubernetes.io/service-name: shut}}, ports: [{port: 80}],
  endpoints: [{addresses: [10.0.0.9], conditions: {ready: true}, targetRef: {kind: Pod, namespace: shop, name: shut-1}}]}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: shut-out, namespace: shop,
  creationTimestamp: "2026-05-01T11:00:00Z"}, spec: {podSelector: {matchLabels: {app: shut}}, policyTypes: [Ingress]}}
`
	const says = "lets nothing in"
	for _, c := range []struct{ kind, name, more, want string }{
		{"svc", "shut", "", "networkpolicy shut-out " + says},
		{"deploy", "shut", "", "networkpolicy shut-out  " + says},
		{"pod", "shut-1", "", "networkpolicy shut-out  " + says},
		{"netpol", "shut-out", "", says},
		{"deploy", "shut", `---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: let-in, namespace: shop},
  spec: {podSelector: {matchLabels: {app: shut}}, ingress: [{}]}}
`, "networkpolicy shut-out"},
	} {
		server := newCluster(t, "shop.yaml")
		answersChecks(server, goodChecks)
		for object := range strings.SplitSeq(shut+c.more, "---\n") {
			server.Apply(t, object)
		}
		p := look(t, one(c.kind, c.name)(t, newSession(t, server, "shop")))
		p.press("w")
		screen := p.until(160, 40, c.want)
		if named := strings.Contains(screen, says); named != (c.more == "") {
			t.Errorf("%s/%s: %t, with the policies%s\n%s", c.kind, c.name, named, c.more, screen)
		}
	}
}
