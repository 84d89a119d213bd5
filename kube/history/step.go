package history

import "time"

// Step is two versions of one object that follow each other, decoded.
type Step struct {
	Old, New             *Version       // nil before it was created and after it was deleted
	OldObject, NewObject map[string]any // their fields, as JSON has them
	At                   time.Time      // when it was seen
	Secret               bool           // the objects are Secrets
}

// Change says what a step changed, and reports whether that means anything.
func (s *Step) Change() (c Change, ok bool) {
	c = Change{At: s.At, Old: s.Old, New: s.New}
	switch {
	case s.Old == nil && s.New == nil:
		return c, false
	case s.Old == nil:
		c.Controlled = controlled(s.NewObject)
		c.Object, c.Text, c.Rank = s.New.Ref(), "created", Created
		c.by(Author(nil, s.NewObject, false))
		return c, true
	case s.New == nil:
		c.Controlled = controlled(s.OldObject)
		c.Object, c.Text, c.Rank = s.Old.Ref(), Gone, Deleted
		return c, true
	}
	c.Object, c.Controlled = s.New.Ref(), controlled(s.NewObject)
	replaced := s.Old.UID != s.New.UID
	older, newer := s.OldObject, s.NewObject
	if replaced {
		older, newer = withoutStatus(older), withoutStatus(newer)
	}
	parts := Describe(c.Object.GroupKind, Compare(older, newer, s.Secret))
	switch {
	case replaced && len(parts) == 0:
		c.Text, c.Rank = "deleted and created again, as it was", Created
	case len(parts) == 0:
		return c, false
	case replaced:
		c.Text, c.Rank = "deleted and created again: "+Join(parts), min(parts[0].Rank, Deleted)
	default:
		c.Text, c.Rank = Join(parts), parts[0].Rank
	}
	if replaced {
		older = nil
	}
	c.by(Author(older, newer, c.Rank == Status))
	return c, true
}

// by says who made the change. The API server's time is better than when the change was
// seen: other times in the cluster, such as those of conditions, are by the same clock.
func (c *Change) by(m Manager, moved bool) {
	if !moved && c.At.Sub(m.At).Abs() > unmovedSlack {
		return // It wrote at another time: something that leaves no entry did this.
	}
	c.Who = m.Name
	c.How, c.Hand = m.Tool()
	if early := c.At.Sub(m.At); moved && early > 0 && early < authorAge {
		c.At = m.At
	}
}

// unmovedSlack is how far an entry that did not move may be from a change that is its
// manager's all the same.
const unmovedSlack = 3 * time.Second

// authorAge is how old an entry of managedFields may be that dates a change. Changes are
// seen much sooner, so an older one is of another clock.
const authorAge = time.Minute

func withoutStatus(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for k, v := range object {
		if k != "status" {
			out[k] = v
		}
	}
	return out
}

// controlled reports whether another object controls an object.
func controlled(object map[string]any) bool {
	for _, owner := range asList(asMap(object["metadata"])["ownerReferences"]) {
		if asMap(owner)["controller"] == true {
			return true
		}
	}
	return false
}
