// Package triage says what is broken in a cluster, why, and what follows from what. It is
// pure: records, objects and the time go in, a Verdict comes out.
//
//	records, objects ──> State ──judge each object──> problems ──fold, rank──> Verdict
//
// A rule looks at one kind of object (pods.go, workloads.go, ...) and yields problems: what
// is wrong by what the cluster itself says, and which other objects, if they are in
// trouble, are the cause of it. A verdict puts the problems of a workload's pods into one
// finding about the workload, folds what follows from something else under it, and sorts
// by the harm that is done.
package triage
