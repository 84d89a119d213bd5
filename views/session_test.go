package views

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func TestFreshness(t *testing.T) {
	now := screenNow
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	tests := []struct {
		name   string
		state  kube.State
		health kube.Health
		want   string
	}{
		{"nothing yet", kube.State{Phase: kube.Connecting}, kube.Health{State: kube.Connecting}, "◌ connecting"},
		{"loading, the rest unknown", kube.State{Phase: kube.Loading, Loaded: 120, Remaining: -1}, kube.Health{},
			"◌ loading 120"},
		{"loading, the rest known", kube.State{Phase: kube.Loading, Loaded: 120, Remaining: 80}, kube.Health{},
			"◌ loading 120 of 200"},
		{"live", kube.State{Phase: kube.Live}, kube.Health{State: kube.Live}, "● live"},
		{"a view without a listing", kube.State{}, kube.Health{State: kube.Live}, "● live"},
		{
			"refused",
			kube.State{
				Phase: kube.Stale,
				Since: ago(25 * time.Second),
				Err:   errors.New("list pods: dial tcp 10.0.0.1:6443: connect: connection refused"),
			},
			kube.Health{State: kube.Stale, Since: ago(20 * time.Second)},
			"◐ 20s old, reconnecting (connection refused)",
		},
		{
			"frozen long before it was noticed",
			kube.State{
				Phase: kube.Stale,
				Since: ago(time.Second),
				Err: errors.New(
					`an error on the server ("unable to decode: http2: client connection lost") has prevented the request from succeeding`,
				),
			},
			kube.Health{State: kube.Stale, Since: ago(40 * time.Second)},
			"◐ 40s old, reconnecting (connection lost)",
		},
		{
			"forbidden",
			kube.State{Phase: kube.Denied, Err: errors.New("nodes is forbidden")},
			kube.Health{State: kube.Live},
			"✖ forbidden",
		},
		{
			"signed out",
			kube.State{Phase: kube.Stale},
			kube.Health{State: kube.SignedOut, Err: "GET /api: token expired"},
			"✖ signed out: token expired",
		},
		{"never reached", kube.State{Phase: kube.Connecting}, kube.Health{State: kube.Unreachable}, "✖ unreachable"},
	}
	for _, tt := range tests {
		if got := freshness(now, tt.state, tt.health).String(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWhyAListFails(t *testing.T) {
	tests := []struct {
		name   string
		state  kube.State
		health kube.Health
		want   string
	}{
		{
			"failed",
			kube.State{Phase: kube.Failed, Err: errors.New("watch: unexpected EOF")},
			kube.Health{State: kube.Live},
			"✖ failed (unexpected EOF)",
		},
		{
			"nobody answers",
			kube.State{Phase: kube.Failed, Err: errors.New("dial tcp: connection refused")},
			kube.Health{State: kube.Unreachable},
			"✖ no answer (connection refused)",
		},
		{
			"a redirect",
			kube.State{Phase: kube.Failed, Err: fmt.Errorf("%w: refused redirect to https://other:1", kube.ErrElsewhere)},
			kube.Health{State: kube.Unreachable},
			"✖ failed (refused redirect to https://other:1)",
		},
		{
			"another answer",
			kube.State{Phase: kube.Failed, Err: errors.New("asked for a list, and the API server answered with a Pod")},
			kube.Health{State: kube.Live},
			"✖ failed (answered with a Pod)",
		},
	}
	for _, tt := range tests {
		if got := freshness(screenNow, tt.state, tt.health).String(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestWriteCatchesTheEye holds that a session that may change the cluster does not
// look like one that may not.
func TestWriteCatchesTheEye(t *testing.T) {
	if got := ui.Mode(true); got != (ui.Span{Text: "WRITE", Role: themes.Failing}) {
		t.Errorf("with --write: %+v", got)
	}
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	got := s.header(screenNow, kube.State{}).Facts
	if !slices.Contains(got, ui.Span{Text: "read-only", Role: themes.Muted}) {
		t.Errorf("without: %+v", got)
	}
}

// TestATableIsNotLiveBeforeItWasAskedFor draws a table whose listing nobody has begun to follow.
func TestATableIsNotLiveBeforeItWasAskedFor(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	v := Objects(s, Pods(s.Cluster))
	if got := v.Header(screenNow).Freshness.String(); !strings.Contains(got, "connecting") {
		t.Errorf("it says %q", got)
	}
}

func TestProblem(t *testing.T) {
	for text, want := range map[string]string{
		"no answer from metrics.k8s.io/v1beta1: the server is unable to answer":                  "no answer from metrics.k8s.io/v1beta1",
		"no answer from v1: the API server's answer is too large: discovery, /api/v1, over 8 MB": "discovery, /api/v1, over 8 MB",
		"the API server's answer is too large: /version, over 8 MB":                              "/version, over 8 MB",
	} {
		if got := problem(text); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
