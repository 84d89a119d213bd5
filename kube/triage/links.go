package triage

import (
	"fmt"
	"slices"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	// linksMax bounds the links of a finding, and linkedPods the pods that are looked at for
	// them: equal ones use the same.
	linksMax   = 5
	linkedPods = 3
)

// link names what the finding of a row likely has to do with, and does not certainly follow
// from: what it uses that has a finding itself, what refuses its pods.
func (c *court) link(r *row) {
	for _, p := range r.chosen {
		c.linkCauses(r.finding, p)
	}
	c.linkUsed(r.finding)
	r.node = c.onlyNode(r.finding)
}

// linkNodes links findings to the node that all their pods in trouble are on, while others have
// trouble there too. Findings that stand for longer stay as they are.
func (c *court) linkNodes(roots []*row) {
	if c.state.tables[nodeKind].len() < 2 {
		return
	}
	count := map[string]int{}
	for _, r := range roots {
		if r.node != "" {
			count[r.node]++
		}
	}
	for i, r := range roots {
		n := count[r.node]
		if r.node == "" || n < 2 {
			continue
		}
		if f := c.verdict.Findings[i]; r.beside.of != f || r.beside.n != n {
			here := *f
			here.Links = slices.Clip(here.Links)
			here.related(refTo("", "Node", "", r.node),
				fmt.Sprintf("runs all its pods that are in trouble, and those of %d more", n-1))
			r.beside = beside{f, n, &here}
		}
		c.verdict.Findings[i] = r.beside.linked
	}
}

// beside is a finding with its link to the node that so many have in common.
type beside struct {
	of     *Finding
	n      int
	linked *Finding
}

// at is the finding that an object has, or is folded under; nil for none.
func (c *court) at(ref kinds.Ref) *Finding {
	s := c.state
	if !c.troubled[ref.GroupKind] {
		return nil
	}
	r := s.rows[ref]
	if r == nil {
		e := s.entry(ref)
		if e == nil || !e.isSick() {
			return nil
		}
		if r = s.rows[s.topOf(e, ref)]; r == nil || !slices.ContainsFunc(r.chosen, func(p *problem) bool {
			return p.object == ref
		}) {
			return nil
		}
	}
	return r.root().finding
}

func (f *Finding) related(to kinds.Ref, why string) {
	known := func(l Related) bool { return l.To == to }
	if to != f.Object && len(f.Links) < linksMax && !slices.ContainsFunc(f.Links, known) {
		f.Links = append(f.Links, Related{to, why})
	}
}

// linkCauses links to what a problem names as a cause, and what did not turn out as such.
func (c *court) linkCauses(f *Finding, p *problem) {
	for _, by := range p.because {
		ref := by.Ref
		if ref.Kind == webhookName && ref.Group == "" {
			ref = c.state.hookNamed(ref.Name)
		}
		found := c.at(ref)
		if found == nil {
			found = c.at(c.state.workloadOf(ref))
		}
		switch {
		case found != nil && found != f:
			f.related(found.Object, through(by.why, ref, found))
		case found == nil && ref.Name != "" && p.rule == ruleCreate:
			f.related(ref, "this "+by.why+" it")
		}
	}
}

// linkUsed links to the findings about what an object or its pods use.
func (c *court) linkUsed(f *Finding) {
	look := func(ref kinds.Ref) {
		e := c.state.entry(ref)
		if e == nil {
			return
		}
		for _, l := range e.record.Links {
			if !l.ByName() || l.Relation == kinds.OwnedBy || l.Optional {
				continue
			}
			if other := l.To.Namespace; other != "" && other != f.Object.Namespace {
				c.state.docketOf(f.Object.Namespace).reachTo(other)
			}
			if found := c.at(l.To); found != nil && found != f {
				f.related(found.Object, through(l.Relation.String(), l.To, found))
			}
		}
	}
	look(f.Object)
	for i, s := range f.Folded {
		if i == linkedPods {
			break
		}
		look(s.Object)
	}
}

// through is how an object, which is this, hangs on a finding: by its object, or by what is folded
// there.
func through(why string, ref kinds.Ref, found *Finding) string {
	if ref != found.Object {
		return "this " + why + " " + ref.String()
	}
	return "this " + why + " it"
}

// onlyNode is the node that all pods of a finding are on; "" where they are on several.
func (c *court) onlyNode(f *Finding) string {
	only := ""
	look := func(ref kinds.Ref) bool {
		if ref.GroupKind != podKind {
			return true
		}
		e := c.state.entry(ref)
		if e == nil || nodeOf(e.record) == "" || only != "" && nodeOf(e.record) != only {
			return false
		}
		only = nodeOf(e.record)
		return true
	}
	if f.Object.GroupKind == nodeKind || !look(f.Object) {
		return ""
	}
	for _, s := range f.Folded {
		if !look(s.Object) {
			return ""
		}
	}
	return only
}
