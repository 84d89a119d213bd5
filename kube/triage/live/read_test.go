package live

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// TestCoverageOfWhatWasNotSaved holds that nobody takes what a dump lacks for what was not there.
func TestCoverageOfWhatWasNotSaved(t *testing.T) {
	pods := func(kind schema.GroupKind) bool { return kind == kinds.Pod.GroupKind() }
	for _, tt := range []struct {
		name   string
		holds  func(schema.GroupKind) bool
		of     schema.GroupKind
		loaded int
		want   string
	}{
		{"a live cluster without any", nil, kinds.EndpointSlice.GroupKind(), 0, ""},
		{"a dump that lacks the kind", pods, kinds.EndpointSlice.GroupKind(), 0, "not saved"},
		{"what it has", pods, kinds.Pod.GroupKind(), 0, ""},
		{"of another group, but there are some", pods, kinds.Event.GroupKind(), 3, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			triage := &Triage{holds: tt.holds}
			got := triage.coverage(watch{GroupKind: tt.of}, kube.State{Phase: kube.Live, Loaded: tt.loaded})
			if got.Missing != tt.want {
				t.Errorf("missing %q, want %q", got.Missing, tt.want)
			}
		})
	}
}
