package effects

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Hands does effects and keeps a journal of them. Its methods may be called from any
// goroutine.
type Hands struct {
	Journal *journal.Journal
	// Anonymous leaves the user out of the name of the field manager.
	Anonymous bool

	mu      sync.Mutex
	drained *Draining // nil for none
}

// managerMax is the longest name of a field manager that the API server takes
// (k8s.io/apimachinery/pkg/apis/meta/v1/validation).
const managerMax = 128

// manager is the name of the field manager, or its beginning.
const manager = "fathom"

// Manager is who is named as the manager of the fields that a user changes. It has no
// version: each name has its own entry in managedFields.
func (h *Hands) Manager(user string) string {
	if user == "" || h.Anonymous {
		return manager
	}
	name := []rune(manager + ":" + kinds.Clean(user))
	return string(name[:min(len(name), managerMax/4)])
}

// Plan asks the API server what an effect would do; see Effect.Plan.
func (h *Hands) Plan(ctx context.Context, e Effect) Plan {
	p := e.Plan(ctx, h.Manager(e.Cluster.User(ctx)))
	if d := h.drainEndedBy(p); d != nil {
		p.Notes = append(p.Notes, "stops the drain of "+d.Plan.Node.Ref.String()+", which is still running")
	}
	return p
}

// Ready is an effect that was looked at and may be run.
type Ready struct {
	Plan
	Reason string // why it is done, for the journal; "" where nobody asked
	hands  *Hands
}

// Ready makes a plan an effect to run.
func (h *Hands) Ready(p Plan) Ready { return Ready{Plan: p, hands: h} }

// Begin writes into the journal that something begins without a plan, such as a shell, and why. What the
// journal cannot take must not begin.
func (h *Hands) Begin(ctx context.Context, effect, words, reason string, t Target) (*Begun, error) {
	entry := entryOf(t, effect, words, reason)
	entry.User = t.Cluster.User(ctx)
	entry, err := h.Journal.Begin(entry)
	return &Begun{h.Journal, entry}, err
}

// Begun is what has begun without a plan.
type Begun struct {
	journal *journal.Journal
	entry   journal.Entry
}

// End writes how it ended, see [journal.Journal.End]. Any goroutine may call it, once.
func (b *Begun) End(err error, unknown bool) error { return b.journal.End(b.entry, err, unknown) }

// Run does it and writes it into the journal, before and after. What the journal cannot take
// is not done.
func (r Ready) Run(ctx context.Context) error {
	entry, err := r.hands.Journal.Begin(r.entry())
	if err != nil {
		return err
	}
	out := r.Plan.Run(ctx)
	if d := r.hands.drainEndedBy(r.Plan); d != nil && (out.Err == nil || out.Unknown) {
		d.Stop() // Or it would go on to evict what may come back.
	}
	entry.Changes = journaled(r.Ref, out.Fields)
	entry.Undoes = r.Undoes && len(entry.Changes) > 0 && !hidden(entry.Changes)
	return r.hands.Journal.End(entry, out.Err, out.Unknown)
}

func (r Ready) entry() journal.Entry {
	entry := entryOf(r.Target, r.Name, r.String(), r.Reason)
	entry.User = r.User
	return entry
}

func entryOf(t Target, effect, words, reason string) journal.Entry {
	res := t.Resource
	return journal.Entry{
		Context: t.Cluster.Name(), Server: t.Cluster.Server(), Effect: effect, Words: words, Reason: reason,
		Object: journal.Object{
			Group: res.Group, Version: res.Version, Resource: res.Resource, Kind: t.Ref.Kind,
			Namespace: t.Ref.Namespace, Name: t.Ref.Name, UID: string(t.UID),
		},
	}
}

// journaled are changes without values of Secrets.
func journaled(ref kinds.Ref, fields []Field) []journal.Change {
	out := make([]journal.Change, len(fields))
	for i, f := range fields {
		out[i] = journal.Change{Path: f.Path, Before: f.Before, After: f.After}
		if isSecretValue(ref.Kind, f.Path) {
			out[i] = journal.Change{Path: f.Path, Hidden: true}
		}
	}
	return out
}

func hidden(changes []journal.Change) bool {
	return slices.ContainsFunc(changes, func(c journal.Change) bool { return c.Hidden })
}

// Undo returns the effect that takes an entry of the journal back. It fails where the fields
// have other values by now.
func Undo(t Target, e journal.Entry) (Effect, error) {
	if e.Outcome != journal.Done || !e.Undoes {
		return Effect{}, fmt.Errorf("%s cannot be taken back", e.Effect)
	}
	sub := ""
	if e.Effect == "scale" {
		sub = "scale"
	}
	return Effect{
		Target: t, Name: e.Effect, Do: "take back", Said: "take back: " + e.Words, Undoes: true,
		act: patch{sub: sub, mutate: func(object map[string]any) error { return takeBack(object, e.Changes) }},
	}, nil
}

func takeBack(object map[string]any, changes []journal.Change) error {
	for _, c := range slices.Backward(changes) {
		if now := at(object, c.Path); !equal(now, c.After) {
			return fmt.Errorf("it has changed since: %s", Field{c.Path, c.After, now}.WordsIn(textAt(object, "kind")))
		}
		if err := put(object, c.Path, c.Before); err != nil {
			return err
		}
	}
	return nil
}

// put sets the value at a JSON pointer whose parents are there; nil removes it.
func put(object map[string]any, path string, value any) error {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	last := unescape(parts[len(parts)-1])
	parent := any(object)
	if len(parts) > 1 {
		parent = at(object, "/"+strings.Join(parts[:len(parts)-1], "/"))
	}
	switch p := parent.(type) {
	case map[string]any:
		if value == nil {
			delete(p, last)
		} else {
			p[last] = value
		}
		return nil
	case []any:
		for i := range p {
			if fmt.Sprint(i) == last && value != nil {
				p[i] = value
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not there any more", fieldName(path))
}
