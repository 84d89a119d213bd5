package kinds

import (
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// custom says what a kind without a Go type means beyond the rule that all follow.
type custom struct {
	conditions []Polarity             // types that mean something in this kind
	status     func(o *object) Status // how well an object is that nobody deletes; nil for byRule
	parts      func(o *object) []part // what has conditions of its own
	fields     []fieldLink            // what they point to
	links      func(o *object, r *Record)
}

// object is the fields of an object as JSON has them. What is not there, or is of another
// type, is empty.
type object struct {
	fields map[string]any
	own    []Polarity
}

func readObject(gk schema.GroupKind, fields map[string]any) *object {
	return &object{fields: fields, own: customs[gk].conditions}
}

// at returns the value of a field, nil for none.
func at(fields map[string]any, path ...string) any {
	var value any = fields
	for _, name := range path {
		m, _ := value.(map[string]any)
		value = m[name]
	}
	return value
}

func (o *object) text(path ...string) string { return text(at(o.fields, path...)) }

func (o *object) flag(path ...string) bool { return at(o.fields, path...) == true }

func (o *object) part(path ...string) map[string]any {
	m, _ := at(o.fields, path...).(map[string]any)
	return m
}

// list returns the objects of a list.
func (o *object) list(path ...string) []map[string]any { return objects(at(o.fields, path...)) }

func objects(value any) []map[string]any {
	items, _ := value.([]any)
	var out []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// status is how well an object of a kind is, from what it says of itself. An object that
// says nothing that is known is Quiet.
func (o *object) status(gk schema.GroupKind) Status {
	if deleted := timeIn(o.text("metadata", "deletionTimestamp")); !deleted.IsZero() {
		reason := "Terminating"
		if worst := worst(o.conditions()); worst.Level > Waiting {
			reason += ": " + worst.Reason
		}
		return Status{Waiting, reason, deleted.Time}
	}
	if status := customs[gk].status; status != nil {
		return status(o)
	}
	return o.byRule()
}

// byRule judges an object by what controllers agree on: whether they have seen its newest
// generation, Stalled and Reconciling, then the worst of the conditions that are known.
func (o *object) byRule() Status {
	conditions := o.conditions()
	if s, behind := o.behind(); behind {
		return s
	}
	for _, decisive := range []string{"Stalled", "Reconciling"} {
		if c := find(conditions, decisive); c.Status == "True" {
			return conditionStatus(c, c.Level)
		}
	}
	return worst(conditions)
}

// behind reports whether the controller has yet to see the object as it is now. Those of
// the Gateway API say what they have seen in each condition instead.
func (o *object) behind() (Status, bool) {
	generation, _ := wholeNumber(at(o.fields, "metadata", "generation"))
	if observed, said := wholeNumber(at(o.fields, "status", "observedGeneration")); said {
		return unseen, observed < generation
	}
	return o.behindIn(o.list("status", "conditions"))
}

// behindIn reports the same by what a list of conditions says. One that is newer than the
// others says that the controller has seen the object.
func (o *object) behindIn(conditions []map[string]any) (Status, bool) {
	generation, _ := wholeNumber(at(o.fields, "metadata", "generation"))
	observed, said := int64(0), false
	for _, c := range conditions {
		if n, ok := wholeNumber(c["observedGeneration"]); ok {
			observed, said = max(observed, n), true
		}
	}
	return unseen, said && observed < generation
}

var unseen = Status{Level: Waiting, Reason: "change not seen yet by its controller"}

// wholeNumber reads a number, or a text of one: Argo Rollouts writes its generation so.
func wholeNumber(value any) (int64, bool) {
	switch n := value.(type) {
	case int64:
		return n, true
	case float64:
		return int64(n), true
	case string:
		whole, err := strconv.ParseInt(n, 10, 64)
		return whole, err == nil
	}
	return 0, false
}

// conditions reads status.conditions.
func (o *object) conditions() []Condition {
	return o.conditionsIn(at(o.fields, "status", "conditions"))
}

// conditionsIn reads a list of conditions, and skips what does not look like one.
func (o *object) conditionsIn(list any) []Condition {
	var out []Condition
	for _, c := range objects(list) {
		kind, status := text(c["type"]), text(c["status"])
		if kind == "" {
			continue
		}
		read := condition(kind, status, text(c["reason"]), text(c["message"]), timeIn(text(c["lastTransitionTime"])))
		read.Level = levelIn(kind, status, o.own, userPolarities, polarities)
		out = append(out, read)
	}
	return out
}

// timeIn reads a time; what is not one is zero.
func timeIn(s string) (t metav1.Time) {
	_ = t.UnmarshalQueryParameter(s)
	return t
}

// find returns the condition of a type, or one without anything.
func find(conditions []Condition, kind string) Condition {
	for _, c := range conditions {
		if c.Type == kind {
			return c
		}
	}
	return Condition{}
}

// worst is the worst of the conditions whose meaning is known. Nothing is called failing
// for a condition that is not there yet: many controllers start with Ready=False.
func worst(conditions []Condition) Status { return worstUpTo(Degraded, conditions) }

// worstUpTo is the same with a level that False stands for at most.
func worstUpTo(most Level, conditions []Condition) (s Status) {
	for _, c := range conditions {
		level := c.Level
		switch c.Status {
		case "Unknown":
			level = min(level, Waiting)
		case "False":
			level = min(level, most)
		}
		s = worse(s, conditionStatus(c, level))
	}
	return s
}

// worse is the worse of two, a when they are as bad.
func worse(a, b Status) Status {
	if b.Level > a.Level {
		return b
	}
	return a
}

// conditionStatus is the status that a condition stands for.
func conditionStatus(c Condition, level Level) Status {
	if level <= OK {
		return Status{Level: level}
	}
	return Status{level, because(c.Type+"="+c.Status, c.Why()), c.Changed.Time}
}
