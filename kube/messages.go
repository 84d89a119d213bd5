package kube

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// messagesMax is how many messages a ring keeps.
const messagesMax = 500

// Message is one line that does not deserve a place on the screen: an API warning, a
// line of klog, what a credential plugin wrote to its standard error.
type Message struct {
	Time  time.Time // of the last, when Count > 1
	Level string    // "info", "warning", "error"
	Text  string    // clean, one line
	Count int       // how often it came in a row
}

// Messages is a ring of the last 500 messages. All methods may be called from
// any goroutine.
type Messages struct {
	mu    sync.Mutex
	all   []Message
	added signal.Signal
}

// NewMessages returns an empty ring.
func NewMessages() *Messages { return &Messages{} }

// Noted is what the source of a ring yields: there are new messages.
type Noted struct{ Messages *Messages }

// Add appends a message. A text that repeats the last one only counts it up.
func (m *Messages) Add(level, text string) {
	if m == nil {
		return
	}
	text = kinds.Clean(text)
	m.mu.Lock()
	if n := len(m.all); n > 0 && m.all[n-1].Text == text && m.all[n-1].Level == level {
		m.all[n-1].Count++
		m.all[n-1].Time = time.Now()
	} else {
		if n == messagesMax {
			m.all = slices.Delete(m.all, 0, 1)
		}
		m.all = append(m.all, Message{Time: time.Now(), Level: level, Text: text, Count: 1})
	}
	m.mu.Unlock()
	m.added.Notify()
}

// All returns the messages, the oldest first.
func (m *Messages) All() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all)
}

// MessagesWatch is a source that yields Noted.
type MessagesWatch struct {
	messages     *Messages
	subscription signal.Subscription
}

// Watch returns a source that yields Noted when messages were added.
func (m *Messages) Watch() *MessagesWatch { return &MessagesWatch{messages: m} }

// Next waits for new messages; the first call returns at once.
func (w *MessagesWatch) Next(ctx context.Context) (any, error) {
	if err := w.subscription.Next(ctx, &w.messages.added, nil); err != nil {
		return nil, err
	}
	return Noted{w.messages}, nil
}
