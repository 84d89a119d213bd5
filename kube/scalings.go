package kube

import (
	"context"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// scalings selects the events that say that a Deployment was scaled. They are Normal, so that the list
// of Warnings has none of them, and of a scaling by hand they can be all that is left
// (k8s.io/kubernetes/pkg/controller/deployment/sync.go, scaleReplicaSet).
const scalings = "reason=ScalingReplicaSet"

// Scalings returns the listing of the events about the scaling of Deployments in a namespace, or in all
// (""), and keeps it up to date until the context ends. What changed is then told from it too. Any
// goroutine may call it.
func (c *Cluster) Scalings(ctx context.Context, namespace string) *Listing {
	l := c.Listing(Scope{GroupVersionResource: kinds.Event.GVR(), Namespace: namespace, Fields: scalings})
	watch := l.Watch()
	c.options.Messages.Start("watching "+l.scope.String(), func() {
		for {
			if _, err := watch.Next(ctx); err != nil {
				return
			}
		}
	})
	return l
}

// heldScalings returns the events of Scalings about an object, as far as listings hold them.
func (c *Cluster) heldScalings(r *kinds.Record) (out []*kinds.Record) {
	if r.Kind != kinds.Deployment {
		return nil
	}
	seen := map[kinds.UID]bool{}
	for _, l := range c.allListings() {
		if l.scope.Fields != scalings {
			continue
		}
		for _, event := range l.pointingAt(r, kinds.About) {
			if !seen[event.UID] {
				seen[event.UID] = true
				out = append(out, event)
			}
		}
	}
	return out
}

// allScalings returns the events of Scalings that any listing holds, each once.
func (c *Cluster) allScalings() (out []*kinds.Record) {
	seen := map[kinds.UID]bool{}
	for _, l := range c.allListings() {
		if l.scope.Fields != scalings {
			continue
		}
		for _, event := range l.Since(0).Changed {
			if !seen[event.UID] {
				seen[event.UID] = true
				out = append(out, event)
			}
		}
	}
	return out
}
