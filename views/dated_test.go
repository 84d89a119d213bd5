package views

import (
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

func TestDatedFacts(t *testing.T) {
	const day = 24 * time.Hour
	at := func(d time.Duration) time.Time { return screenNow.Add(d) }
	for name, c := range map[string]struct {
		fact kinds.Fact
		want string
		wake bool
	}{
		"without times": {kinds.Fact{Value: "x"}, "x ()", false},
		"valid":         {kinds.Fact{Begins: at(-30 * day)}, "2026-04-01T12:00:00Z, 30d ago ()", true},
		"not valid yet": {kinds.Fact{Begins: at(day)}, "2026-05-02T12:00:00Z, in 1d, not valid yet (failing)", true},
		"expires later": {kinds.Fact{Ends: at(30 * day)}, "2026-05-31T12:00:00Z, in 30d ()", true},
		"expires soon":  {kinds.Fact{Ends: at(6 * day)}, "2026-05-07T12:00:00Z, in 6d (degraded)", true},
		"expired":       {kinds.Fact{Ends: at(-3 * day)}, "2026-04-28T12:00:00Z, 3d ago, expired (failing)", true},
		"expires now":   {kinds.Fact{Ends: at(0)}, "2026-05-01T12:00:00Z, 0s ago, expired (failing)", true},
		"something expires": {
			kinds.Fact{Value: "CN=a", Ends: at(9 * day)}, "CN=a, expires 2026-05-10T12:00:00Z, in 9d ()", true,
		},
		"damaged, expires soon": {
			kinds.Fact{Level: kinds.Failing, Ends: at(day)}, "2026-05-02T12:00:00Z, in 1d (failing)", true,
		},
	} {
		v := &overview{}
		v.dated(&c.fact, screenNow)
		if got := c.fact.Value + " (" + c.fact.Level.String() + ")"; got != c.want || v.wake.IsZero() == c.wake {
			t.Errorf("%s: %s, %v; want %s", name, got, v.wake, c.want)
		}
	}
}
