package memapi_test

import (
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// TestOnlyKindsWithoutAFileArePrinted holds that a kind has one printer: a file of
// kube/kinds takes the place of the one here.
func TestOnlyKindsWithoutAFileArePrinted(t *testing.T) {
	for _, kind := range memapi.PrintedKinds() {
		if _, has := kinds.For(kind); has {
			t.Errorf("%s is printed here and by its file in kube/kinds: remove the printer here", kind)
		}
	}
}
