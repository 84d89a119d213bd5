// Package badserver is an API server on loopback that answers as none should: too much,
// without end, in circles, something else, from somewhere else.
//
//	test ──> Start(t, scenario) ──> Server ──Kubeconfig──> program
//	test <── Requests, Elsewhere ──┘
//
// A Scenario changes some answers of a small cluster that is otherwise as it should be:
// one pod, and no other resource.
package badserver
