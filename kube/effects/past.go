package effects

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/journal"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// pastDays is how far back the journal is read for what was done.
const pastDays = 30

// Past is a source that reads from the journal, once, what was done to objects of a cluster. It
// yields Done.
type Past struct {
	hands   *Hands
	cluster *kube.Cluster
	since   time.Time
	keep    func(journal.Object) bool
	// reader ends with whoever it was read for last; nil before.
	reader <-chan struct{}
}

// Done is what was done, the newest first.
type Done struct {
	From    *Past
	Changes []history.Change
}

// Past returns a source of what was done to a cluster since a time, but for the last month at most.
// keep chooses the objects and is called from another goroutine; nil is all. Nil hands have done
// nothing.
func (h *Hands) Past(c *kube.Cluster, since time.Time, keep func(journal.Object) bool) *Past {
	if month := c.Now().AddDate(0, 0, -pastDays); since.Before(month) {
		since = month
	}
	return &Past{hands: h, cluster: c, since: since, keep: keep}
}

// Next reads the journal, once for each context, which can be canceled: whoever comes back to a screen
// may have done something in between.
func (p *Past) Next(ctx context.Context) (any, error) {
	if p.hands == nil || p.reader == ctx.Done() {
		return nil, io.EOF
	}
	p.reader = ctx.Done()
	// What can be read counts: the journal's own view says what cannot.
	entries, _, _ := p.hands.Journal.Read(p.since)
	out := Done{From: p}
	for i := range entries {
		e := &entries[i]
		here := e.Context == p.cluster.Name() && e.Server == p.cluster.Server()
		if !here || e.Outcome != journal.Done || e.At().Before(p.since) || p.keep != nil && !p.keep(e.Object) {
			continue
		}
		if c, changed := changeOf(e, p.hands.Manager(e.User)); changed {
			out.Changes = append(out.Changes, c)
		}
	}
	return out, ctx.Err()
}

// ends are the effects that end an object, and what a change says then.
var ends = map[string]string{
	"delete": deletionBegan, "delete-with": deletionBegan, "delete-grace": deletionBegan,
	"kill": "killed", "evict": "evicted",
}

// deletionBegan is all that is known once the API server has taken a deletion: a finalizer may hold it up.
const deletionBegan = "deletion began"

// changeOf is what an entry of the journal changed, in the words of other changes, by a field manager. A shell changes
// nothing that can be told.
func changeOf(e *journal.Entry, by string) (c history.Change, changed bool) {
	c = history.Change{
		Object: RefOf(e.Object), At: e.At(), Who: by, How: manager, Hand: true, Yours: true,
	}
	if text, ended := ends[e.Effect]; ended {
		c.Text, c.Rank = text, history.Deleted
		return c, true
	}
	if len(e.Changes) == 0 {
		return c, false
	}
	var parts []history.Part
	for _, field := range e.Changes {
		parts = append(parts, partsOf(c.Object, field)...)
	}
	slices.SortStableFunc(parts, func(a, b history.Part) int { return int(a.Rank) - int(b.Rank) })
	c.Text, c.Rank = history.Join(parts), parts[0].Rank
	return c, true
}

// partsOf is a field of the journal in words, each key of a map that only one version has for itself.
// An item of a list has no name here, which only an image does without.
func partsOf(of kinds.Ref, field journal.Change) []history.Part {
	path := strings.Split(strings.TrimPrefix(field.Path, "/"), "/")
	for i := range path {
		path[i] = unescape(path[i])
	}
	var differences []history.Difference
	before, _ := field.Before.(map[string]any)
	after, _ := field.After.(map[string]any)
	switch {
	case field.Hidden:
		differences = []history.Difference{{Path: path, Old: "", New: "", Hidden: true}}
	case field.Before == nil && after != nil, field.After == nil && before != nil:
		for _, f := range compareMaps(nil, "", before, after) {
			below := append(slices.Clip(path), unescape(strings.TrimPrefix(f.Path, "/")))
			differences = append(differences, history.Difference{Path: below, Old: f.Before, New: f.After})
		}
	default:
		differences = []history.Difference{{Path: path, Old: field.Before, New: field.After}}
	}
	parts := history.Describe(of.GroupKind, differences)
	inList := func(part string) bool { _, err := strconv.Atoi(part); return err == nil }
	switch {
	case len(parts) == 0:
		parts = []history.Part{{Rank: history.Spec}}
	case !slices.ContainsFunc(path, inList) || path[len(path)-1] == "image":
		return parts
	}
	parts[0].Text = Field{Path: field.Path, Before: field.Before, After: field.After}.WordsIn(of.Kind)
	return parts[:1]
}

// RefOf names the object of an entry of the journal.
func RefOf(o journal.Object) kinds.Ref {
	return kinds.Ref{
		GroupKind: schema.GroupKind{Group: o.Group, Kind: o.Kind}, Namespace: o.Namespace, Name: o.Name,
	}
}
