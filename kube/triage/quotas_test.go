package triage

import (
	"fmt"
	"strings"
	"testing"
)

// TestQuotaCountsNow holds that a quota that refuses pods is said with what it has used now, and that what the
// API server said when it refused is evidence, with its time.
func TestQuotaCountsNow(t *testing.T) {
	hard := func(hard, used string) string {
		return fmt.Sprintf(`
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop, creationTimestamp: @-24h}
spec: {hard: {%[1]s}}
status: {hard: {%[1]s}, used: {%[2]s}}
`, hard, used)
	}
	const stale = `pods "web-1-abcde" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=2`
	refused := func(message string) string {
		return deployment("web", 2, 1, condition("ReplicaFailure", "True", "FailedCreate", message, "@-30m"))
	}
	say := func(reason string) string {
		return "degraded resourcequota shop/q: " + reason + " (since -30m0s)\n\t\t\t  deployment shop/web"
	}
	checkAll(t, []situation{
		{"the numbers have changed", []string{refused(stale), hard(`pods: "2"`, `pods: "2"`)},
			say("quota exceeded: pods 2/2 used, requested pods=1")},
		{"there is room again", []string{refused(stale), hard(`pods: "9"`, `pods: "2"`)},
			say("quota exceeded: pods 2/9 used, requested pods=1")},
		{"several resources", []string{refused(`pods "web-1-a" is forbidden: exceeded quota: q, requested: ` +
			`limits.memory=1Gi,pods=1, used: limits.memory=3Gi,pods=5, limited: limits.memory=2Gi,pods=2`),
			hard(`pods: "2", limits.memory: 2Gi, secrets: "9"`, `pods: "2", limits.memory: 1536Mi, secrets: "1"`)},
			say("quota exceeded: limits.memory 1536Mi/2Gi used, pods 2/2 used, requested limits.memory=1Gi,pods=1")},
		{"the quota is about something else now", []string{refused(stale), hard(`secrets: "9"`, `secrets: "1"`)},
			say("FailedCreate: pods are forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=2")},
		{"nothing was counted", []string{
			refused(`pods "web-1-a" is forbidden: failed quota: q: must specify limits.cpu for: app`), hard(`limits.cpu: "2"`, `limits.cpu: "1"`)},
			say("FailedCreate: pods are forbidden: failed quota: q: must specify limits.cpu for: app")},
	})
	full := hard(`pods: "2"`, `pods: "2"`)
	for name, c := range map[string]struct{ object, said, want string }{
		"a condition": {refused(stale), "because deployment shop/web: FailedCreate: " + stale, "11:30:00"},
		"an event": {database(2, 1, 1) + "\n---\n" +
			warns("StatefulSet db", "FailedCreate", "create Pod db-1 failed: "+stale),
			"because statefulset shop/db: create Pod db-1 failed: " + stale, "11:59:00"},
	} {
		got := newScene(t).put(c.object, full).becauses()
		if want := c.said + " (at 2026-11-30T" + c.want + "Z)"; !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", name, want, got)
		}
		if now := "because resourcequota shop/q: pods 2/2 used"; !strings.Contains(got, now) {
			t.Errorf("%s: no %q in\n%s", name, now, got)
		}
	}
}
