package main

import "regexp"

// areas are the scenarios in their order; those that stop what everybody needs come last.
var areas = []struct {
	name      string
	scenarios []Scenario
}{
	{"containers", containers},
	{"pods", pods},
	{"workloads", workloads},
	{"service path", services},
	{"storage", storage},
	{"nodes", nodes},
	{"control plane", controlPlane},
	{"two at the same time", pairs},
	{"seldom", seldom},
}

// scenarios are all of them.
func scenarios() []Scenario {
	var all []Scenario
	for _, area := range areas {
		for _, scenario := range area.scenarios {
			scenario.Area = area.name
			all = append(all, scenario)
		}
	}
	return all
}

// compiled compiles the pattern of a scenario, which is part of the program.
func compiled(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }
