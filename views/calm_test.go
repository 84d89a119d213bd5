package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/ui"
)

// TestCalm draws home while nothing is broken: what there is, how full it is, warnings, and
// what has changed meanwhile.
func TestCalm(t *testing.T) {
	for _, notice := range []bool{false, true} {
		for _, size := range sizes {
			name := fmt.Sprintf("%dx%d", size[0], size[1])
			if notice {
				name = "with a notice " + name
			}
			t.Run(name, func(t *testing.T) {
				server := newCluster(t, "calm.yaml")
				answersChecks(server, goodChecks)
				p := openHome(t, newSession(t, server, "shop"), "nothing is broken since", "requested", "used", "none since fathom")
				server.Apply(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: shop, uid: c1},
data: {level: debug}}`)
				p.until(120, 40, "info → debug")
				if notice {
					server.Apply(t, `{apiVersion: v1, kind: ResourceQuota, metadata: {name: compute, namespace: shop, uid: q1},
spec: {hard: {pods: "10"}}, status: {hard: {pods: "10"}, used: {pods: "9"}}}`)
					p.until(120, 40, "1 notice", "quota shop/compute  created")
				}
				screen := p.until(size[0], size[1], "level", "v1.36.3")
				golden.RequireEqual(t, screen)
				if notice {
					return
				}
				p.press("G")
				open, ok := p.press("enter").(ui.Open)
				if place := open.View.Header(screenNow).Place; !ok || place[len(place)-1] != "configmap web" {
					t.Errorf("the last change leads to %v", place)
				}
			})
		}
	}
}

// TestCalmWithoutEvents holds that warnings that may not be read are not none.
func TestCalmWithoutEvents(t *testing.T) {
	server := newCluster(t, "calm.yaml")
	server.Refuse("events")
	p := openHome(t, newSession(t, server, "shop"), "nothing is broken in what could be looked at",
		"not judged: events (forbidden)", "not known: events forbidden")
	if screen := p.draw(80, 24); strings.Contains(screen, "none in 15 minutes") {
		t.Errorf("it says that there are none:\n%s", screen)
	}
}

func TestTotalsWords(t *testing.T) {
	for _, tt := range []struct {
		totals []triage.Total
		want   string
	}{
		{nil, "nothing that could be looked at"},
		{[]triage.Total{{Kind: "pods"}}, "nothing that could be looked at"},
		{[]triage.Total{{Kind: "nodes", All: 1, Well: 1}, {Kind: "pods", All: 3, Well: 2}}, "1 node · 2 of 3 pods well"},
	} {
		if got := totalsWords(&triage.Verdict{Totals: tt.totals}); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.totals, got, tt.want)
		}
	}
}
