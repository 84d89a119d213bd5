package kube

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// openedLogs are the pods whose logs somebody has read, in the order of the first time.
// The zero value is none.
type openedLogs struct {
	mu   sync.Mutex
	pods []types.NamespacedName
	seen map[types.NamespacedName]bool
	more chan struct{} // closed when there is another one; nil while nobody waits
}

func (o *openedLogs) add(pod types.NamespacedName) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[pod] {
		return
	}
	if o.seen == nil {
		o.seen = map[types.NamespacedName]bool{}
	}
	o.seen[pod] = true
	o.pods = append(o.pods, pod)
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
}

// OpenedLogs returns the pods whose logs were read through Logs and MergedLogs, from the
// n-th on, and a channel that is closed when there is another one. Any goroutine may call it.
func (c *Cluster) OpenedLogs(n int) (pods []types.NamespacedName, more <-chan struct{}) {
	o := &c.openedLogs
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return o.pods[min(n, len(o.pods)):], o.more
}
