package triage

import (
	"strings"
	"testing"
)

// TestMissingPullSecrets holds that a pull secret that does not exist is named where a pull fails for
// want of access, and nowhere else.
func TestMissingPullSecrets(t *testing.T) {
	const (
		missing = `pulls with secret "regcred", which does not exist`
		event   = "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
		with    = "imagePullSecrets: [{name: regcred}]"
	)
	pulling := func(message string, more ...string) string {
		return pod("a", "", starting("", waits("ImagePullBackOff", message)), more...)
	}
	other := "apiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: shop, creationTimestamp: @-1h}"
	regcred := strings.Replace(other, "other", "regcred", 1)
	said := warns("Pod a", noPullSecret, event)
	for _, c := range []struct {
		name    string
		objects []string
		hidden  bool
		want    string // what is said of the secret
	}{
		{"unauthorized", []string{pulling("401 Unauthorized", with), said, other}, false, missing},
		{"the last of all Secrets", []string{pulling("401 Unauthorized", with)}, false, missing},
		{"hidden from those without access", []string{pulling("a/b:1: not found", with)}, false, missing},
		{"no words of the registry yet", []string{pulling("", with)}, false, missing},
		{"it is there", []string{pulling("401 Unauthorized", with), said, regcred}, false, ""},
		{"it names none", []string{pulling("401 Unauthorized"), other}, false, ""},
		{"the registry is not there", []string{pulling("dial tcp: connect: connection refused", with), said}, false, ""},
		{"Secrets are hidden", []string{pulling("401 Unauthorized", with), said}, true, event},
		{"Secrets are hidden, and nothing is said", []string{pulling("401 Unauthorized", with)}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			if c.hidden {
				s.unknown(secretKind)
			}
			got := s.put(c.objects...).becauses()
			steps := strings.Split(got, "\n")
			if c.want == "" && strings.Contains(got, "secret") ||
				c.want != "" && (len(steps) < 2 || steps[1] != "because pod shop/a: "+c.want) {
				t.Errorf("not %q:\n%s", c.want, got)
			}
		})
	}
	newScene(t).put(pod("a", "", well, with)).check(``)
	s := newScene(t).put(pulling("401 Unauthorized", with))
	if !strings.Contains(s.becauses(), missing) || strings.Contains(s.put(regcred).becauses(), missing) {
		t.Error("a Secret that came is missing still")
	}
	if !strings.Contains(s.remove("secret shop/regcred").becauses(), missing) {
		t.Error("a Secret that went is not missing")
	}
}

// TestGoneQuota holds that a quota that refused pods and is gone is not blamed any more, though they
// are still missing.
func TestGoneQuota(t *testing.T) {
	refused := deployment("web", 3, 1, condition("ReplicaFailure", "True", "FailedCreate", full, "@-3m"))
	s := newScene(t).put(refused, quota(4))
	s.remove("resourcequota shop/pods").check(`
			failing deployment shop/web: 1/3 ready: FailedCreate: resourcequota pods no longer exists: its controller tries again (since -3m0s)`)
	const step = "because deployment shop/web: resourcequota pods no longer exists: its controller tries again"
	if got := s.becauses(); !strings.Contains(got, step) {
		t.Errorf("not %q:\n%s", step, got)
	}
	if links := s.state.Judge(s.now).Findings[0].Links; len(links) > 0 {
		t.Errorf("it is linked with %v", links)
	}
	s.put(quota(4)).check(`
			failing resourcequota shop/pods: quota exceeded: pods 4/4 used, requested pods=1 (since -3m0s)
			  deployment shop/web`)
	newScene(t).unknown(quotaKind).put(refused).check(`
			failing deployment shop/web: 1/3 ready: FailedCreate: pods are forbidden: exceeded quota: pods, requested: pods=1, used: pods=4, limited: pods=4 (since -3m0s)`)
	db := "create Pod db-0 in StatefulSet db failed error: " + full
	newScene(t).put(database(2, 0, 0), warns("StatefulSet db", "FailedCreate", db)).check(`
			failing statefulset shop/db: 0/2 ready: FailedCreate: resourcequota pods no longer exists: its controller tries again (at least 3m0s)`)
}
