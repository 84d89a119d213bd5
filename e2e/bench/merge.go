package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// loadAll reads the results of several runs, separated by commas, and merges them.
func loadAll(paths string) (*Results, error) {
	var all *Results
	for path := range strings.SplitSeq(paths, ",") {
		results, err := loadResults(path)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = results
			continue
		}
		if err := all.merge(results); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return all, nil
}

// merge adds what another run has found. Figures from other machines or binaries cannot
// be compared.
func (r *Results) merge(other *Results) error {
	if r.Machine != other.Machine {
		return fmt.Errorf("measured on another machine: %+v, not %+v", other.Machine, r.Machine)
	}
	if r.Window != other.Window {
		return fmt.Errorf("measured with windows of %s, not %s", other.Window, r.Window)
	}
	for _, program := range other.Programs {
		i := slices.IndexFunc(r.Programs, func(p Tested) bool { return p.Name == program.Name })
		if i < 0 {
			r.Programs = append(r.Programs, program)
		} else if r.Programs[i].Sum != program.Sum {
			return fmt.Errorf("%s is another binary: %s (%.12s), not %s (%.12s)", program.Name, program.Version, program.Sum,
				r.Programs[i].Version, r.Programs[i].Sum)
		}
	}
	if other.Began.Before(r.Began) {
		r.Began = other.Began
	}
	for _, size := range other.Sizes {
		if !slices.ContainsFunc(r.Sizes, func(s SizeResult) bool { return s.Name == size.Name }) {
			r.Sizes = append(r.Sizes, size)
		}
	}
	slices.SortFunc(r.Sizes, func(a, b SizeResult) int { return cmp.Compare(a.Pods, b.Pods) })
	for _, name := range other.Links {
		if !slices.Contains(r.Links, name) {
			r.Links = append(r.Links, name)
		}
	}
	for _, f := range other.Figures {
		own := r.figure(f.Program, f.Size, f.Link, f.Metric)
		own.Values = append(own.Values, f.Values...)
		own.Without = cmp.Or(own.Without, f.Without)
	}
	for _, g := range other.Guards {
		r.hold(g)
	}
	r.Missing = slices.DeleteFunc(r.Missing, func(name string) bool {
		return slices.ContainsFunc(r.Programs, func(p Tested) bool { return p.Name == name })
	})
	r.Failures = append(r.Failures, other.Failures...)
	r.Soak = cmp.Or(r.Soak, other.Soak)
	return nil
}

// hold notes a guard once for all runs; one that fails once has failed.
func (r *Results) hold(guard Guard) {
	for i := range r.Guards {
		g := &r.Guards[i]
		if g.Program == guard.Program && g.Size == guard.Size && g.Name == guard.Name {
			if g.OK && !guard.OK {
				*g = guard
			}
			return
		}
	}
	if guard.OK {
		guard.Detail = ""
	}
	r.Guards = append(r.Guards, guard)
}
