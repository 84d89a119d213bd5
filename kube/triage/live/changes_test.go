package live

import (
	"context"
	"fmt"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/triage"
)

// TestExplain holds that a finding says nothing of changes before they were looked for, and that
// they are as soon as somebody looks at it, however many are worse.
func TestExplain(t *testing.T) {
	server := kubetest.New(t, noon)
	for i := range explained + 5 {
		server.Apply(t, fmt.Sprintf(`
apiVersion: batch/v1
kind: Job
metadata: {name: job-%02d, namespace: shop, creationTimestamp: "2026-11-30T11:50:00Z"}
spec: {template: {spec: {containers: [{name: app, image: a}]}}}
status:
  failed: 1
  conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, lastTransitionTime: "2026-11-30T11:55:00Z"}]
`, i))
	}
	s := look(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	watch := s.triage.Watch()
	v := s.next(ctx, watch, "what changed before the worst", func(v *triage.Verdict) bool {
		return v.Complete && len(v.Findings) == explained+5 && v.Findings[explained-1].Looked
	})
	for i, f := range v.Findings {
		if looked := i < explained; f.Looked != looked || looked != (len(f.Changes) == 1) {
			t.Errorf("%d: looked is %v, changes %v", i, f.Looked, f.Changes)
		}
	}
	last := v.Findings[explained+4].ID
	s.triage.Explain(last)
	v = s.next(ctx, watch, "what changed before the last", func(v *triage.Verdict) bool {
		return v.Findings[explained+4].Looked
	})
	if f := v.Findings[explained+4]; f.ID != last || len(f.Changes) != 1 || f.Changes[0].Text != "created" {
		t.Errorf("before %s: %v", f.ID, f.Changes)
	}
	if f := v.Findings[explained]; f.Looked {
		t.Errorf("%s was looked at by nobody", f.ID)
	}
}
