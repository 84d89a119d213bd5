package openapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// describe fills in what a field says of its values.
func (p parts) describe(f *Field) {
	f.Description = p.description()
	generated := false
	for _, s := range p.all {
		generated = generated || s.Ref != ""
		if f.Default == "" {
			f.Default = compact(s.Default)
		}
		if f.Enum == nil {
			for _, value := range s.Enum {
				f.Enum = append(f.Enum, unquoted(value))
			}
		}
		for _, rule := range s.Rules {
			f.Rules = append(f.Rules, Rule{kinds.Clean(rule.Rule), kinds.Clean(rule.Message)})
		}
		for _, words := range s.notes() {
			if !slices.Contains(f.Notes, words) {
				f.Notes = append(f.Notes, words)
			}
		}
	}
	if saysNothing(f.Default, f.Required, generated) {
		f.Default = ""
	}
	if unchangeable(f.Rules) {
		f.Notes = append([]string{"cannot be changed once it is set"}, f.Notes...)
	}
}

// saysNothing reports whether a default is only how Go writes that there is none: the
// generator of the built-in schemas gives one to each field that is not a pointer.
func saysNothing(value string, required, generated bool) bool {
	switch value {
	case `null`, `""`:
		return true
	case `{}`:
		return generated
	case `0`, `false`:
		return required
	}
	return false
}

// unchangeable reports whether a rule says so of the field itself. What a description
// says of that is about the kind that the schema was written for: "Cannot be updated" is
// true of a pod's containers, and not of those in a Deployment's template.
func unchangeable(rules []Rule) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool {
		rule := strings.ReplaceAll(r.Rule, " ", "")
		return rule == "self==oldSelf" || rule == "oldSelf==self"
	})
}

// notes says in words what else holds for the values of a schema.
func (s *schema) notes() (all []string) {
	add := func(before, text string) {
		if text != "" {
			all = append(all, before+kinds.Clean(text))
		}
	}
	switch s.ListType {
	case "map":
		add("list with one item for each ", strings.Join(s.ListMapKeys, " and "))
	case "set":
		add("", "list without duplicates")
	case "atomic":
		add("", "list that is replaced as a whole")
	}
	if s.MapType == "atomic" {
		add("", "replaced as a whole")
	}
	if s.PreserveUnknown {
		add("", "takes any fields")
	}
	if s.Embedded {
		add("", "a whole object, with apiVersion, kind and metadata")
	}
	if s.Nullable {
		add("", "may be null")
	}
	add("format ", s.Format)
	add("", bounds(s.Minimum, s.Maximum, s.ExclusiveMinimum, s.ExclusiveMaximum))
	add("length ", bounds(s.MinLength, s.MaxLength, false, false))
	add("number of items ", bounds(s.MinItems, s.MaxItems, false, false))
	add("matches ", s.Pattern)
	return all
}

// bounds says between which numbers something is; "" for no bounds.
func bounds(least, most json.RawMessage, above, below bool) string {
	low, high := compact(least), compact(most)
	from, to := "at least ", "at most "
	if above {
		from = "more than "
	}
	if below {
		to = "less than "
	}
	switch {
	case low == "" && high == "":
		return ""
	case high == "":
		return from + low
	case low == "":
		return to + high
	case above || below:
		return from + low + ", " + to + high
	case low == high:
		return "exactly " + low
	}
	return low + " to " + high
}

// compact is a JSON value on one line.
func compact(value json.RawMessage) string {
	var b bytes.Buffer
	if len(value) == 0 || json.Compact(&b, value) != nil {
		return ""
	}
	return kinds.Clean(b.String())
}

// unquoted is a JSON value as one would write it in YAML; "" stays visible.
func unquoted(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil && text != "" {
		return kinds.Clean(text)
	}
	return compact(value)
}
