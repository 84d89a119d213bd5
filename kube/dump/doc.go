// Package dump reads what was saved of a cluster, and serves it as a
// Kubernetes API: the output of kubectl cluster-info dump and of kubectl get,
// must-gather and sosreport trees, folders of manifests; from a folder, a tar,
// a zip, a file or standard input.
//
//	files ──> sniff ──> split ──> texts of one object ──> parse (on all cores) ──> collect ──> memapi.API
//	             └────> logs, kept until the pods are known ─────────────────────────┘
//
// Texts are split while they are read, so that no file is ever held as a whole. What
// cannot be read is a Problem, and only that part is lost. What is read may be hostile:
// paths, links, sizes and depths are limited.
//
// It does not watch the files: a dump is what it was when it was opened.
package dump
