package kube

import (
	"fmt"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// derivedBatch is how many pods are read before their containers are shown.
const derivedBatch = 200

// deriveContainers keeps a listing of containers in step with that of their pods: what
// they are is in the pods' bodies, which are read once for each version.
func (f *reflectorRun) deriveContainers() {
	scope := f.listing.scope
	scope.GroupVersionResource = kinds.Pod.GVR()
	pods := f.listing.cluster.Listing(scope)
	watch := pods.Watch()
	version, of := uint64(0), map[Key][]Key{}
	for {
		if _, err := watch.Next(f.ctx); err != nil {
			return
		}
		state := pods.State()
		delta := pods.Since(version)
		version = delta.Version
		if delta.Reset {
			of = map[Key][]Key{}
			f.write((*Listing).dropRows)
		}
		f.replaceContainers(of, nil, delta.Gone)
		for changed := delta.Changed; len(changed) > 0 && f.ctx.Err() == nil; {
			n := min(len(changed), derivedBatch)
			f.replaceContainers(of, changed[:n], nil)
			changed = changed[n:]
		}
		f.write(func(l *Listing) {
			l.synced = state.Phase == Live
			l.setPhase(state.Phase, state.Err)
			l.state.Remaining = state.Remaining
		})
	}
}

// replaceContainers replaces the containers of some pods, and removes those of pods that
// are gone. of has the containers of each pod.
func (f *reflectorRun) replaceContainers(of map[Key][]Key, changed []*kinds.Record, gone []Key) {
	added := map[Key]*kinds.Record{}
	removed := map[Key]bool{}
	drop := func(pod Key) {
		for _, key := range of[pod] {
			removed[key] = true
		}
		delete(of, pod)
	}
	for _, pod := range gone {
		drop(pod)
	}
	lost := 0
	for _, pod := range changed {
		key := Key{pod.Namespace, pod.Name}
		obj, err := f.listing.cluster.Decode(pod)
		drop(key)
		if err != nil {
			lost++
			continue
		}
		for _, r := range kinds.ContainerRecords(obj, pod) {
			own := Key{r.Namespace, r.Name}
			of[key] = append(of[key], own)
			added[own] = r
		}
	}
	if lost > 0 {
		f.messages().Add("warning", fmt.Sprintf("%s: the containers of %d pods are missing: the pods are no longer in memory", f.listing.scope, lost))
	}
	f.write(func(l *Listing) {
		for key := range removed {
			if added[key] == nil {
				delete(l.rows, key)
				l.changes.add(key)
			}
		}
		for _, r := range added {
			l.put(r)
		}
		l.changed.Notify()
	})
}
