package triage

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStepText(t *testing.T) {
	for _, tt := range []struct{ field, text, want string }{
		{"spec.storageClassName", "fast", "storageclass fast"},
		{"spec.ingressClassName", "nginx", "ingressclass nginx"},
		{"spec.serviceName", "checkout", "service checkout"},
		{"spec.selector", "app=web,tier=db", "selector app=web,tier=db"},
		{"spec.selector", "none", "selector none"},
		{"spec.paused", "true", "paused true"},
		{"status.phase", "Lost", "phase Lost"},
		{"status.disruptionsAllowed", "0", "disruptionsAllowed 0"},
		{"status.containerStatuses[app.v1].ready", "false", "ready false"},
		{"spec.rules", "service shop/checkout", "service shop/checkout"},
		{"spec.rules old.shop.test/cart", "cart:80", "old.shop.test/cart → cart:80"},
		{"spec.rules default backend", "cart:80", "default backend → cart:80"},
		{"spec.schedule", "*/5 * * * *", "*/5 * * * *"},
		{"status.conditions[Ready]", "KubeletNotReady", "KubeletNotReady"},
		{"status.conditions", "Denied", "Denied"},
		{"status.readyReplicas", "1/3 ready", "1/3 ready"},
		{"status", "down", "down"},
		{"spec.paused", "", ""},
		{"", "checkout", "checkout"},
		{"log", "panic:", "panic:"},
		{"event FailedMount", "gone", "gone"},
		{"termination message", "EOF", "EOF"},
	} {
		if got := stepText(tt.field, tt.text); got != tt.want {
			t.Errorf("%s, %q: got %q, want %q", tt.field, tt.text, got, tt.want)
		}
	}
}

// TestTwoTroubles holds that of an object with several troubles each is there, with its reason.
func TestTwoTroubles(t *testing.T) {
	const missing = "failing ingress shop/shop: routes shop.test/ to service gone, which does not exist"
	const since = " (since ?)"
	tls := func(names string) string { return ingress("gone", 80, "tls: ["+names+"]") }
	checkAll(t, []situation{
		{"a certificate that has expired", []string{tls("{secretName: tls}"), certificate(t, -90*24*time.Hour, -2*time.Hour)},
			missing + "; the certificate in TLS secret shop/tls expired at 2026-11-30T10:00:00Z" + since},
		{"a certificate that will", []string{tls("{secretName: tls}"), certificate(t, -90*24*time.Hour, 2*time.Hour)},
			missing + since},
		{"Secrets that are not there", []string{tls("{secretName: a}, {secretName: b}, {secretName: c}")},
			missing + "; TLS secret shop/a does not exist; and 2 more" + since},
		{"the same twice", []string{tls("{secretName: a}, {secretName: a}")},
			missing + "; TLS secret shop/a does not exist" + since},
	})
	s := newScene(t).put(tls("{secretName: tls}"), certificate(t, -90*24*time.Hour, -2*time.Hour))
	var said []string
	for _, step := range s.state.Judge(s.now).Findings[0].Chain {
		said = append(said, step.Text)
	}
	const want = "shop.test/ → gone:80\nthe certificate in TLS secret shop/tls expired at 2026-11-30T10:00:00Z"
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("the way is\n%s\nnot\n%s", got, want)
	}
}

// TestChainTo holds that the way to a cause of which much follows begins with what somebody looks at.
func TestChainTo(t *testing.T) {
	refused := condition("ReplicaFailure", "True", "FailedCreate",
		"failed calling webhook \"guard.shop.test\": refused", "@-3m")
	s := newScene(t).put(webhook("guard", "Fail"), service("web"), slice("web", "web-1-a not"))
	for _, name := range []string{"roll", "slow", "web"} {
		s.put(deployment(name, 1, 0, refused))
	}
	f := s.state.Judge(s.now).Findings[0]
	way := func(steps []Step) string {
		var out []string
		for _, step := range steps {
			if step.Word == "symptom" {
				out = append(out, step.Object.String())
			}
		}
		return strings.Join(out, ", ")
	}
	if got := way(f.Chain); got != "service shop/web, deployment shop/roll" {
		t.Errorf("%s: the way is %q", f.Object, got)
	}
	for object, want := range map[string]string{
		"deployment shop/roll": "deployment shop/roll", "deployment shop/slow": "deployment shop/slow",
		"service shop/web": "service shop/web, deployment shop/web",
	} {
		i := slices.IndexFunc(f.Folded, func(s Symptom) bool { return s.Object.String() == object })
		if i < 0 {
			t.Errorf("%s does not follow: %s", object, s.says())
			continue
		}
		to := f.ChainTo(f.Folded[i])
		if got := way(to); got != want || to[len(to)-1] != f.Chain[len(f.Chain)-1] {
			t.Errorf("%s: the way is %v, want %s", object, to, want)
		}
	}
}

// TestLatest holds that of several troubles that a finding names the newest says until when a change may
// be a cause.
func TestLatest(t *testing.T) {
	routes := func(age string) string {
		both := strings.Replace(ingress("nope", 80), "paths: [", "paths: [{path: /z, pathType: Prefix, backend: {service: "+
			"{name: zed, port: {number: 80}}}}, ", 1)
		return wrote(both, "kubectl-edit", age)
	}
	zed := []string{deployment("zed", 1, 1), service("zed"), slice("zed", "zed-1-a ready")}
	for _, c := range []struct {
		name          string
		first         []string
		gone          []string // a minute later
		since, latest time.Duration
	}{
		{"a second Service goes", append(zed, routes("-5m")), []string{"service shop/zed"}, 6 * time.Minute, 0},
		{"the only one goes", append(zed, wrote(ingress("zed", 80), "kubectl-edit", "-5m")),
			[]string{"service shop/zed"}, 0, 0},
		{"two were never there", []string{routes("-5m")}, nil, 6 * time.Minute, 6 * time.Minute},
		{"one was never there", append(zed, routes("-5m")), nil, 6 * time.Minute, 6 * time.Minute},
		{"a second one goes, and nothing says how old the first trouble is", append(zed, routes("-5h")),
			[]string{"service shop/zed"}, 0, 0},
		{"nothing says how old any is", []string{routes("-5h")}, nil, -1, -1},
	} {
		s := newScene(t).put(c.first...).watching().wait(time.Minute).remove(c.gone...)
		f := s.state.Judge(s.now).Findings[0]
		ago := func(at time.Time) time.Duration {
			if at.IsZero() {
				return -1
			}
			return s.now.Sub(at)
		}
		if f.Object.Name != "shop" || ago(f.Since) != c.since || ago(f.Latest) != c.latest {
			t.Errorf("%s: %s since %s, latest %s, want %s and %s", c.name, f.Reason, ago(f.Since), ago(f.Latest), c.since,
				c.latest)
		}
	}
}

// TestChainSaysNothingTwice holds that what is scaled to 0 is said to be that, and not that its Service
// has no endpoints, which is the symptom.
func TestChainSaysNothingTwice(t *testing.T) {
	got := newScene(t).put(deployment("web", 0, 0), service("web"), slice("web"), ingress("web", 80)).becauses()
	const want = "symptom ingress shop/shop: routes here\nsymptom service shop/web: 0 of 0 endpoints ready\n" +
		"because deployment shop/web: scaled to 0"
	if got != want {
		t.Errorf("%s\n\nnot\n%s", got, want)
	}
}
