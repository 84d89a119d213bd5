package kube

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// fieldsMost bounds how many objects are requested for their field sets: where tools write
	// all the time, more was written than anybody reads.
	fieldsMost = 100
	// fieldsAtATime is how many are requested at a time.
	fieldsAtATime = 4
)

// fieldSets are those of objects that somebody wrote before they were watched: listings keep
// none.
type fieldSets struct {
	read signal.Signal

	mu      sync.Mutex
	asked   map[written]bool // whether the answer has come
	owned   map[written][]history.Owned
	waiting []written
	readers int
}

// written is a write to an object.
type written struct {
	object kinds.Ref
	at     time.Time
}

// NameFields says of writes of which only a manager's entry is left which fields that manager set:
// it changes the texts of such changes, the first ones first. Objects whose field sets are not known
// yet are requested in the background; awaited is set while some of them are, and FieldsRead
// notified as they come. Any goroutine may call it.
func (h *History) NameFields(changes []history.Change) (awaited bool) {
	s := &h.fields
	for i := range changes {
		c := &changes[i]
		if !c.Vague() {
			continue
		}
		w := written{c.Object, c.At}
		s.mu.Lock()
		come, asked := s.asked[w]
		owned := s.owned[w]
		if !asked && len(s.asked) < fieldsMost {
			if s.asked == nil {
				s.asked, s.owned = map[written]bool{}, map[written][]history.Owned{}
			}
			s.asked[w], asked = false, true
			s.waiting = append(s.waiting, w)
			if s.readers < fieldsAtATime {
				s.readers++
				h.cluster.options.Messages.Start("reading who set which field", h.readFields)
			}
		}
		s.mu.Unlock()
		history.Narrow(changes[i:i+1], owned)
		awaited = awaited || asked && !come
	}
	return awaited
}

// FieldsRead is notified when NameFields may say more.
func (h *History) FieldsRead() *signal.Signal { return &h.fields.read }

// readFields requests objects until none waits.
func (h *History) readFields() {
	s := &h.fields
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.readers-- }()
	for len(s.waiting) > 0 {
		w := s.waiting[0]
		s.waiting = slices.Delete(s.waiting, 0, 1)
		s.mu.Unlock()
		owned := h.fieldsOf(w.object)
		s.mu.Lock()
		s.asked[w], s.owned[w] = true, owned
		s.read.Notify()
		h.changed.Notify()
	}
}

// fieldsOf requests an object; none without an answer, and then its writes stay vague. A panic must not
// leave while readFields has let go of its lock.
func (h *History) fieldsOf(ref kinds.Ref) (owned []history.Owned) {
	var err error
	defer h.cluster.options.Messages.Recover("reading who set which field", &err)
	if r := h.cluster.heldRecord(ref); r != nil {
		owned, _ = h.cluster.blame(context.Background(), r)
	}
	return owned
}
