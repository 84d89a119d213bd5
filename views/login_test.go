package views

import (
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
)

// TestFreshnessNamesTheCredentialPlugin says what is waited for, unless what is on the
// screen is live all the same.
func TestFreshnessNamesTheCredentialPlugin(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		listing kube.Phase
		health  kube.Health
		want    string
	}{
		{
			"at first", kube.Connecting,
			kube.Health{State: kube.Connecting, Plugin: "aws", PluginSince: now.Add(-200 * time.Millisecond)},
			"◌ waiting for the credential plugin aws",
		},
		{
			"later", kube.Connecting,
			kube.Health{State: kube.Connecting, Plugin: "aws", PluginSince: now.Add(-12 * time.Second)},
			"◌ waiting for the credential plugin aws (12s)",
		},
		{
			"a new try", kube.Failed,
			kube.Health{State: kube.SignedOut, Err: "exit code 1", Plugin: "aws", PluginSince: now.Add(-90 * time.Second)},
			"◌ waiting for the credential plugin aws (1m30s)",
		},
		{
			"a quick try", kube.Failed,
			kube.Health{State: kube.SignedOut, Err: "exit code 1", Plugin: "aws", PluginSince: now.Add(-time.Millisecond)},
			"✖ signed out: exit code 1",
		},
		{
			"a renewal", kube.Live, kube.Health{State: kube.Live, Plugin: "aws", PluginSince: now.Add(-12 * time.Second)},
			"● live",
		},
		{"none", kube.Connecting, kube.Health{State: kube.Connecting}, "◌ connecting"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := freshness(now, kube.State{Phase: tt.listing}, tt.health)[0].Text; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
