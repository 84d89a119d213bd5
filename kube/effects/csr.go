package effects

import (
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

var approve = Offer{
	Name: "approve", Help: "it: the signer may issue the certificate",
	Make: decide("approve", "Approved"), fits: undecided,
}

var deny = Offer{
	Name: "deny", Help: "it: no certificate is issued",
	Make: decide("deny", "Denied"), fits: undecided,
}

func undecided(r kube.Resource, object map[string]any) bool {
	if !of(kinds.CertificateSigningRequest)(r, object) {
		return false
	}
	return !slices.ContainsFunc(itemsAt(object, "/status/conditions"), func(c map[string]any) bool {
		return c["type"] == "Approved" || c["type"] == "Denied"
	})
}

// decide makes an effect that adds a condition, as kubectl certificate does
// (k8s.io/kubectl/pkg/cmd/certificates/certificates.go).
func decide(do, condition string) func(Target, string) (Effect, error) {
	return func(t Target, _ string) (Effect, error) {
		now := t.Cluster.Now().UTC().Format(time.RFC3339)
		return Effect{
			Target: t, Name: do, Do: do, Command: []string{"certificate", do, t.Ref.Name}, Grave: do == "approve",
			act: patch{sub: "approval", status: true, mutate: func(object map[string]any) error {
				status := inner(object, "status")
				list, _ := status["conditions"].([]any)
				status["conditions"] = append(slices.Clone(list), map[string]any{
					"type": condition, "status": "True", "reason": "FathomDecision",
					"message": "decided by hand in fathom", "lastUpdateTime": now, "lastTransitionTime": now,
				})
				return nil
			}},
		}, nil
	}
}
