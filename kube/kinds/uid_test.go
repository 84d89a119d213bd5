package kinds

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func TestUIDIsTheSameText(t *testing.T) {
	seen := map[UID]types.UID{}
	for _, id := range []types.UID{
		"", "u", "worker-1", "0b7c2c7e-3f60-4d0f-9a57-0f1d4f1f0a11", "0B7C2C7E-3f60-4d0f-9a57-0f1d4f1f0a11",
		"00000000-0000-0000-0000-000000000000", "0b7c2c7e3f604d0f9a570f1d4f1f0a11", "0b7c2c7e-3f60-4d0f-9a57-0f1d4f1f0a1x",
		"0b7c2c7e-3f60-4d0f-9a57-0f1d4f1f0a1-", "\x1b[2J",
	} {
		u := NewUID(id)
		if got := u.String(); got != string(id) {
			t.Errorf("%q became %q", id, got)
		}
		if u != NewUID(id) {
			t.Errorf("%q is not equal to itself", id)
		}
		if other, ok := seen[u]; ok {
			t.Errorf("%q and %q are equal", id, other)
		}
		seen[u] = id
	}
}
